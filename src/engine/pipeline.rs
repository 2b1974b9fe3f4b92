//! The engine: a loaded model that draws recipes.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;

use image::RgbImage;

use super::device::{check_precision, open_device, set_threads};
use super::doubt::Descriptions;
use super::embedded;
use super::memory::Residency;
use super::options::EngineOptions;
use super::preview::{ColourMap, Preview, Progress};
use super::room::Room;
use super::scene::Scene;
use crate::kandinsky::{Kandinsky21, LoadProgress, ModelError, ModelFiles, PartName, model_defaults};
use crate::pictures::{MaskError, Picture, PictureError};
use crate::recipe::{Recipe, RecipeError};

/// A loaded model that draws recipes.
#[derive(Debug)]
pub struct Engine {
    model: Kandinsky21,
    pub(super) residency: Residency,
    pub(super) room: Room,
    /// Fitted when it is first wanted; None: it can not be.
    pub(super) colours: OnceLock<Option<ColourMap>>,
    checks_pictures: bool,
    /// Read when the first picture is checked; None: the model does not know the words.
    pub(super) descriptions: OnceLock<Option<Descriptions>>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The model can not be loaded, or a computation failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The device can not be used.
    #[error(
        "the GPU can not be used: {0}; use --device cpu, or a build with --features cuda on a machine with an NVIDIA driver"
    )]
    Device(candle_core::Error),
    /// 8-bit weights on a GPU.
    #[error("q8_0 runs on a CPU only; write --dtype bf16, or --device cpu")]
    Q8OnGpu,
    /// A computation failed, for instance for want of memory.
    #[error("the computation failed: {0}")]
    Compute(#[from] candle_core::Error),
    /// Not as many pictures as the recipe speaks of.
    #[error("the recipe takes {expected} pictures, and {given} were given")]
    Inputs {
        /// What it takes.
        expected: usize,
        /// What there is.
        given: usize,
    },
    /// The canvas would be too large.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The mask does not serve.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// The recipe can not be.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The progress callback returned [`ControlFlow::Break`].
    #[error("drawing was stopped")]
    Stopped,
}

/// Receives the progress between two steps and decides whether to go on.
type Watch<'a> = &'a mut dyn FnMut(Progress<'_>) -> ControlFlow<()>;

impl Engine {
    /// Loads the model that the options name.
    ///
    /// # Errors
    /// [`EngineError`] names the file and what is wrong with it, or what is wrong with the device.
    pub fn load(options: &EngineOptions) -> Result<Self, EngineError> {
        let engine = Self::open(&model_files(options.model.as_deref())?, options)?;
        engine.load_resident()?;
        Ok(engine)
    }

    /// Opens a model; its weights are loaded when they are needed.
    pub(super) fn open(files: &ModelFiles, options: &EngineOptions) -> Result<Self, EngineError> {
        set_threads(options.threads);
        let device = open_device(options.device)?;
        check_precision(options.precision, &device)?;
        let model = Kandinsky21::open(files, &device, options.precision)?;
        let residency = Residency::choose(options.memory, model.bytes(), &device);
        Ok(Self {
            model,
            residency,
            room: Room::new(options.batch),
            colours: OnceLock::new(),
            checks_pictures: options.safety_checker,
            descriptions: OnceLock::new(),
        })
    }

    /// Loads all that stays in memory anyway.
    pub(super) fn load_resident(&self) -> Result<(), EngineError> {
        if self.residency == Residency::All {
            self.model.load_all(|progress: LoadProgress| tracing::debug!(part = %progress.part, "loading"))?;
        }
        Ok(())
    }

    /// The engine that has learned what it learns once, so that it keeps nobody waiting for it later: the colours of previews,
    /// and what doubtful pictures look like. Where not all of the model stays in memory, that still comes when it is needed.
    #[must_use]
    pub fn warmed_up(self) -> Self {
        if self.residency == Residency::All {
            self.colours();
            if self.checks_pictures
                && let Err(error) = self.descriptions()
            {
                tracing::warn!(%error, "what doubtful pictures look like can not be read; it is tried again");
            }
        }
        self
    }

    /// Whether pictures are to be looked at.
    #[must_use]
    pub fn checks_pictures(&self) -> bool {
        self.checks_pictures
    }

    /// The loaded networks.
    #[must_use]
    pub fn model(&self) -> &Kandinsky21 {
        &self.model
    }

    /// Whether an unfinished picture may be shown: what would be covered when it is finished is not shown before.
    #[must_use]
    pub fn may_be_shown(&self, preview: &Preview) -> bool {
        match (self.checks_pictures, self.residency) {
            (false, _) => true,
            // Looking takes the image encoder, for which there is no room beside the UNet.
            (true, Residency::ByStage) => false,
            (true, Residency::All) => {
                self.doubtful(std::slice::from_ref(&preview.cells)).is_ok_and(|doubtful| doubtful.is_empty())
            }
        }
    }

    /// A word to the person whose picture is larger than the model draws.
    ///
    /// # Errors
    /// [`EngineError`] if the inputs do not fit the recipe.
    pub fn enlargement(&self, recipe: &Recipe, inputs: &[Picture]) -> Result<Option<String>, EngineError> {
        let scene = Scene::new(recipe, inputs, self.model.defaults())?;
        let (working, size) = (scene.working, scene.size());
        Ok((working.width < size.width)
            .then(|| format!("this model draws {working}; the picture is enlarged to {size}")))
    }

    /// Draws the first picture of a recipe: see [`Engine::draw_each`].
    ///
    /// # Errors
    /// Those of [`Engine::draw_each`].
    pub fn draw(&self, recipe: &Recipe, inputs: &[Picture], report: Watch<'_>) -> Result<RgbImage, EngineError> {
        let mut drawn = None;
        self.draw_each(&recipe.single(0), inputs, report, &mut |_, picture| drawn = Some(picture))?;
        drawn.ok_or(EngineError::Stopped)
    }

    /// Draws all pictures of a recipe, stage by stage: what they are about first, then one after the other, each of which
    /// is handed to `done` with its index. `report` is told how far it is between the steps.
    ///
    /// Each picture equals the one drawn alone with its seed.
    ///
    /// # Errors
    /// [`EngineError::Stopped`] if a report was answered so, else what is wrong with the inputs or what failed.
    pub fn draw_each(
        &self,
        recipe: &Recipe,
        inputs: &[Picture],
        report: Watch<'_>,
        done: &mut dyn FnMut(u32, RgbImage),
    ) -> Result<(), EngineError> {
        let mut painting = self.begin(recipe, inputs)?;
        while !painting.is_finished() {
            let preview = || self.preview(&painting);
            if report(Progress::with_preview(painting.share(), &preview)).is_break() {
                return Err(EngineError::Stopped);
            }
            self.step(&mut [&mut painting])?;
            painting.take_drawn().iter().for_each(|drawn| done(drawn.index, drawn.finish()));
        }
        Ok(())
    }

    /// Lets parts go that the next stage does not need, where memory is short.
    pub(super) fn release(&self, parts: &[PartName]) {
        if self.residency == Residency::ByStage {
            parts.iter().for_each(|&part| self.model.release(part));
        }
    }
}

/// The files of the model in a folder, or without one those of the embedded model.
///
/// # Errors
/// [`ModelError::NoFolder`], and [`ModelError::NotEmbedded`] in a build without the feature `miniature`.
pub fn model_files(folder: Option<&Path>) -> Result<ModelFiles, ModelError> {
    folder.map_or_else(|| embedded::files().ok_or(ModelError::NotEmbedded), ModelFiles::folder)
}

/// The side of the square pictures that a model draws best, in pixels.
///
/// # Errors
/// When its `kandinsky.json` can not be read.
pub fn native_size(folder: Option<&Path>) -> Result<u32, EngineError> {
    Ok(model_defaults(&model_files(folder)?)?.size)
}
