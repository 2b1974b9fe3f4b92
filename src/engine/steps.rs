//! The engine advances paintings, one step at a time.

use candle_core::IndexOp;

use super::frame::to_image;
use super::meaning::Meaning;
use super::noise::{Noise, Use};
use super::painting::{Canvas, Ground, Likeness, Painting, Stage, Strokes};
use super::preview::{ColourMap, Preview};
use super::scene::Scene;
use super::{Engine, EngineError};
use crate::kandinsky::{Beginning, Conditioning, DecoderSampling, Denoising, PartName, Rules, SamplerKind, UNet};
use crate::pictures::Picture;
use crate::recipe::{Recipe, SamplerName};

impl Engine {
    /// Takes a recipe up: see [`Painting::begin`].
    ///
    /// # Errors
    /// [`EngineError`] if the pictures do not fit the recipe.
    pub fn begin(&self, recipe: &Recipe, inputs: &[Picture]) -> Result<Painting, EngineError> {
        Painting::begin(recipe, inputs.to_vec(), self.model().defaults())
    }

    /// Takes one step of each painting. Where all have the same [`Painting::likeness`], one call of the prior or of the UNet does
    /// it for all of them; they may be at different steps. Otherwise each takes its own step, in their order.
    ///
    /// # Errors
    /// [`EngineError`] if a computation fails. Paintings that were to share the step can be stepped again, alone or together;
    /// a step that was taken already is not taken back.
    pub fn step(&self, paintings: &mut [&mut Painting]) -> Result<(), EngineError> {
        let likeness = paintings.first().and_then(|first| first.likeness());
        match likeness.filter(|_| paintings.iter().all(|painting| painting.likeness() == likeness)) {
            Some(Likeness::Prior) => self.think_together(paintings),
            Some(Likeness::UNet(canvas)) => self.denoise(canvas, paintings),
            None => paintings.iter_mut().try_for_each(|painting| self.advance(painting)),
        }
    }

    /// A small picture of what a painting will be like; none while there is nothing to see, or if it can not be made, which
    /// is no reason not to draw on.
    pub fn preview(&self, painting: &Painting) -> Option<Preview> {
        let Stage::Denoising(strokes) = &painting.stage else { return None };
        let latents = strokes.denoising.predicted()?;
        let preview = self.colours()?.preview(latents, painting.scene.working, self.model().scale());
        preview.inspect_err(|error| tracing::debug!(%error, "a preview can not be made")).ok()
    }

    /// Fitted when it is first wanted.
    pub(super) fn colours(&self) -> Option<&ColourMap> {
        let colours = self.colours.get_or_init(|| {
            let fitted = ColourMap::fit(self.model());
            self.release(&[PartName::Movq]);
            fitted.inspect_err(|error| tracing::warn!(%error, "there will be no previews")).ok()
        });
        colours.as_ref()
    }

    /// A step that a painting takes alone. If it fails, nothing more can come of the painting.
    fn advance(&self, painting: &mut Painting) -> Result<(), EngineError> {
        match painting.likeness() {
            Some(Likeness::Prior) => return self.think_together(&mut [painting]),
            Some(Likeness::UNet(canvas)) => return self.denoise(canvas, &mut [painting]),
            None => {}
        }
        let stage = std::mem::replace(&mut painting.stage, Stage::Finished);
        painting.stage = match stage {
            Stage::Reading(inputs) => {
                Stage::Thinking(Box::new(self.read(&painting.recipe, &inputs, &painting.scene)?)).leave_thinking()
            }
            Stage::Preparing(meaning) => {
                let ground = self.prepare(painting, meaning)?;
                Stage::Denoising(Box::new(self.begin_picture(painting, ground, 0)?))
            }
            Stage::Decoding(strokes) => self.decode(painting, *strokes)?,
            stage @ (Stage::Thinking(_) | Stage::Denoising(_) | Stage::Finished) => stage,
        };
        Ok(())
    }

    /// Takes a step of paintings that all wait for the prior.
    fn think_together(&self, paintings: &mut [&mut Painting]) -> Result<(), EngineError> {
        let mut thoughts = Vec::with_capacity(paintings.len());
        for painting in paintings.iter_mut() {
            if let Stage::Thinking(thought) = &mut painting.stage {
                thoughts.push((&painting.recipe, &mut **thought));
            }
        }
        self.think(&mut thoughts)?;
        for painting in paintings {
            painting.stage = std::mem::replace(&mut painting.stage, Stage::Finished).leave_thinking();
        }
        Ok(())
    }

    /// Takes a step of paintings that are all at denoising, with as few calls of the UNet as memory allows.
    fn denoise(&self, canvas: Canvas, paintings: &mut [&mut Painting]) -> Result<(), EngineError> {
        let unet = if canvas.takes_inpaint_unet { self.model().inpaint_unet() } else { self.model().unet() }?;
        let (mut left, device) = (&mut *paintings, self.model().device());
        while !left.is_empty() {
            let rows: Vec<usize> = left.iter().map(|painting| painting.rows()).collect();
            let count = self.room.of_next_call(canvas, &rows, device);
            let (now, later) = std::mem::take(&mut left).split_at_mut(count);
            let rows = rows[..count].iter().sum();
            self.room.measured(canvas, rows, device, || call(&unet, now))?;
            left = later;
        }
        drop(unet);
        paintings.iter_mut().for_each(|painting| self.leave_denoising(painting));
        Ok(())
    }

    /// After its last step a picture is decoded; after the last picture's, the UNet has done its work.
    fn leave_denoising(&self, painting: &mut Painting) {
        let stage = std::mem::replace(&mut painting.stage, Stage::Finished);
        painting.stage = match stage {
            Stage::Denoising(strokes) if strokes.denoising.is_finished() => {
                if strokes.index + 1 >= painting.recipe.count {
                    self.release(&[PartName::UNet]);
                }
                Stage::Decoding(strokes)
            }
            stage => stage,
        };
    }

    /// Encodes what the decoder is given of a picture.
    fn prepare(&self, painting: &Painting, meaning: Meaning) -> Result<Ground, EngineError> {
        let scene = &painting.scene;
        let latents = scene.latents(self.model())?;
        let known = latents.as_ref().map(|latents| scene.known(self.model(), latents)).transpose()?.flatten();
        Ok(Ground { meaning, latents, known })
    }

    /// From noise (and the latents of a picture) towards the latents of a picture of the recipe.
    fn begin_picture(&self, painting: &Painting, ground: Ground, index: u32) -> Result<Strokes, EngineError> {
        let (model, scene) = (self.model(), &painting.scene);
        let canvas = Canvas {
            takes_inpaint_unet: scene.repaints() && model.has_two_unets(),
            latent_size: scene.latent_size(model),
        };
        let (conditional, unconditional) = self.conditions(scene, &ground.meaning, index)?;
        let ((height, width), seed) = (canvas.latent_size, painting.recipe.seed_of(index));
        let noise = Noise::new(seed, Use::DecoderStart).tensor((1, model.latent_channels(), height, width))?;
        let picture = ground.latents.as_ref().filter(|_| scene.strength.is_some());
        let beginning = Beginning { noise: &noise, picture, paste: None };
        let guidance = painting.recipe.settings.guidance.unwrap_or(model.defaults().guidance);
        let mut denoising =
            model.denoising(&self.sampling(painting), conditional, unconditional, guidance, &beginning)?;
        if let Some(known) = &ground.known {
            denoising = denoising.with_known(known.clone());
        }
        Ok(Strokes { ground, index, denoising, noise: Noise::new(seed, Use::DecoderSteps), canvas })
    }

    /// What the UNet is guided to and away from.
    fn conditions(
        &self,
        scene: &Scene,
        meaning: &Meaning,
        index: u32,
    ) -> Result<(Conditioning, Conditioning), EngineError> {
        let model = self.model();
        let unet = if scene.repaints() { model.inpaint_unet()? } else { model.unet()? };
        let Some((wanted, unwanted)) = meaning.embeddings.get(index as usize) else {
            return Err(candle_core::Error::Msg(format!("the prior thought of no picture {index}")).into());
        };
        Ok((model.condition(&unet, &meaning.text, wanted)?, model.condition(&unet, &meaning.against, unwanted)?))
    }

    fn sampling(&self, painting: &Painting) -> DecoderSampling {
        let (defaults, settings) = (self.model().defaults(), &painting.recipe.settings);
        DecoderSampling {
            kind: settings.sampler.map_or(defaults.sampler, sampler),
            steps: settings.steps.map_or(defaults.steps, |steps| steps as usize),
            strength: painting.scene.strength,
            rules: Rules::Sound,
        }
    }

    /// Latents to the picture, and on to the next one of the recipe.
    fn decode(&self, painting: &mut Painting, strokes: Strokes) -> Result<Stage, EngineError> {
        let pixels = self.model().decode(strokes.denoising.latents())?.i(0)?;
        painting.add(strokes.index, to_image(&pixels, painting.scene.working)?);
        let next = strokes.index + 1;
        if next < painting.recipe.count {
            return Ok(Stage::Denoising(Box::new(self.begin_picture(painting, strokes.ground, next)?)));
        }
        self.release(&[PartName::Movq]);
        Ok(Stage::Finished)
    }
}

impl Stage {
    /// When the prior has thought of everything, the decoder is prepared.
    fn leave_thinking(self) -> Self {
        match self {
            Self::Thinking(thought) if thought.is_finished() => Self::Preparing(thought.into_meaning()),
            stage => stage,
        }
    }
}

/// One call of the UNet for all.
fn call(unet: &UNet, paintings: &mut [&mut Painting]) -> Result<(), EngineError> {
    let mut denoisings = Vec::with_capacity(paintings.len());
    for painting in paintings {
        if let Stage::Denoising(strokes) = &mut painting.stage {
            let Strokes { denoising, noise, .. } = &mut **strokes;
            if denoising.needs_noise() {
                denoising.give_noise(&noise.tensor(denoising.latents().shape())?)?;
            }
            denoisings.push(denoising);
        }
    }
    Ok(Denoising::step_together(unet, &mut denoisings)?)
}

fn sampler(name: SamplerName) -> SamplerKind {
    match name {
        SamplerName::Ddim => SamplerKind::Ddim,
        SamplerName::PSampler => SamplerKind::PSampler,
        SamplerName::Plms => SamplerKind::Plms,
        SamplerName::DpmSolver => SamplerKind::DpmSolver,
    }
}

#[cfg(test)]
mod tests;
