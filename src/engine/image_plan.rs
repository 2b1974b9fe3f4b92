//! The plan of an image job: the size that the network works at, the init image, the mask, and how a drawn picture becomes the
//! finished one.

use std::ops::RangeInclusive;

use candle_core::Tensor;
use image::{DynamicImage, RgbImage, RgbaImage};

use super::error::EngineError;
use super::known_cells::kept_cells_of;
use super::resizing::{changed_size, prepared, resized, size_of, to_tensor, working_size, working_size_of};
use super::upscaling::Upscaling;
use super::window_canvas::WindowCanvas;
use crate::kandinsky::{Defaults, Kandinsky21, Mode, Rules, inpaint_input};
use crate::pictures::{
    Mask, MaskError, Picture, Transparency, composite, composite_transparent, extend, extend_transparency, fill_hole,
};
use crate::recipe::{Recipe, Size, Task, Window};

/// The soft edge around inpainted pixels is the long side divided by this …
const FEATHER_DIVISOR: u32 = 100;
/// … within these bounds, pixels.
const FEATHER_PIXELS: RangeInclusive<u32> = 2..=24;

/// A task as the decoder needs it. No network has been run for it.
#[derive(Debug)]
pub(super) struct ImagePlan {
    /// The size that the network works at, rounded up to a multiple of its own; the rest is cut off.
    pub(super) working_size: Size,
    /// The input picture at the working size.
    init_image: Option<RgbImage>,
    /// Fraction of the init image that changes, 0 < s ≤ 1; `None`: denoising starts at pure noise.
    pub(super) strength: Option<f64>,
    /// The pixels that are inpainted, at the working size; by the original's rules at the size of the input picture.
    mask: Option<Mask>,
    rules: Rules,
    /// The init image with the masked pixels filled from their edge: without a prompt, its embedding guides the decoder.
    pub(super) unmasked: Option<RgbImage>,
    output: Output,
}

/// How a drawn picture becomes the finished one.
#[derive(Debug)]
enum Output {
    Resize(Size),
    Composite {
        original: RgbImage,
        /// Of the original, if it has any.
        transparency: Option<Transparency>,
        mask: Mask,
    },
    /// A part of a canvas.
    Part {
        canvas: WindowCanvas,
        part: Box<Output>,
    },
}

impl ImagePlan {
    /// # Errors
    /// [`EngineError`] if input pictures are missing or the mask does not fit.
    pub(super) fn new(
        recipe: &Recipe,
        inputs: &[Picture],
        defaults: &Defaults,
        rules: Rules,
    ) -> Result<Self, EngineError> {
        let expected = recipe.task.inputs();
        if inputs.len() != expected {
            return Err(EngineError::Inputs { expected, given: inputs.len() });
        }
        match (&recipe.task, inputs) {
            (Task::Change { strength, .. }, [picture]) => {
                Ok(Self::changed(recipe, picture, *strength, defaults, rules))
            }
            (Task::Variation { closeness }, [picture]) if *closeness > 0.0 => {
                Ok(Self::changed(recipe, picture, 1.0 - closeness, defaults, rules))
            }
            (Task::Inpaint { window: Some(window), .. }, [picture, mask]) => {
                Self::through_window(recipe, *window, (picture, mask), defaults, rules)
            }
            (Task::Inpaint { window: None, .. }, [picture, mask]) => {
                let mask = Mask::from_picture(mask)?.fit(picture.rgb.width(), picture.rgb.height())?;
                Ok(Self::inpainted(recipe, picture.clone(), mask, defaults, rules))
            }
            (Task::Outpaint { margins, .. }, [picture]) => {
                let margins = (margins.left, margins.top, margins.right, margins.bottom);
                let (canvas, mask) = extend(&picture.rgb, margins)?;
                let alpha = picture.alpha.as_ref().map(|alpha| extend_transparency(alpha, margins));
                Ok(Self::inpainted(recipe, Picture { rgb: canvas, alpha }, mask, defaults, rules))
            }
            (Task::Upscale { scale, .. }, [picture]) => {
                Ok(Self::of_size(Upscaling::size_of_result(picture, *scale)?, None, rules))
            }
            (Task::Describe, [picture]) => Ok(Self::of_size(size_of(&picture.rgb), None, rules)),
            _ => {
                let size = recipe.settings.size.unwrap_or(Size::square(defaults.size));
                Ok(Self::of_size(size, defaults.largest, rules))
            }
        }
    }

    /// A picture of this size, drawn from nothing that was given.
    fn of_size(size: Size, largest: Option<u32>, rules: Rules) -> Self {
        Self {
            working_size: working_size(size, largest),
            init_image: None,
            strength: None,
            mask: None,
            rules,
            unmasked: None,
            output: Output::Resize(size),
        }
    }

    fn changed(recipe: &Recipe, picture: &Picture, strength: f64, defaults: &Defaults, rules: Rules) -> Self {
        let size = size_of(&picture.rgb);
        let working = working_size_of(size, defaults.size, defaults.largest, recipe.settings.size);
        Self {
            working_size: working,
            init_image: Some(prepared(&picture.rgb, working, rules)),
            strength: Some(strength),
            mask: None,
            rules,
            unmasked: None,
            output: Output::Resize(changed_size(size, working)),
        }
    }

    fn inpainted(recipe: &Recipe, original: Picture, mask: Mask, defaults: &Defaults, rules: Rules) -> Self {
        let Picture { rgb: original, alpha: transparency } = original;
        let working = working_size_of(size_of(&original), defaults.size, defaults.largest, recipe.settings.size);
        let init_image = prepared(&original, working, rules);
        let working_mask = mask.scaled(working.width, working.height);
        if rules != Rules::Sound {
            // The published programs give back what the decoder draws, and need a prompt.
            return Self {
                working_size: working,
                unmasked: None,
                init_image: Some(init_image),
                strength: None,
                mask: Some(if rules == Rules::Original { mask } else { working_mask }),
                rules,
                output: Output::Resize(size_of(&original)),
            };
        }
        Self {
            working_size: working,
            unmasked: Some(fill_hole(&init_image, &working_mask)),
            init_image: Some(init_image),
            strength: None,
            mask: Some(working_mask),
            rules,
            output: Output::Composite { original, transparency, mask },
        }
    }

    /// What is masked or missing in a window.
    fn through_window(
        recipe: &Recipe,
        window: Window,
        (picture, mask): (&Picture, &Picture),
        defaults: &Defaults,
        rules: Rules,
    ) -> Result<Self, EngineError> {
        let (width, height) = picture.rgb.dimensions();
        let mask = match Mask::from_picture(mask)?.fit(width, height) {
            // What is missing may be all that is drawn.
            Err(MaskError::Empty) => Mask::from_fn(width, height, |_, _| false),
            fitted => fitted?,
        };
        let canvas = WindowCanvas::new(picture, window)?;
        let (part, hole) = canvas.part(&mask);
        let plan = match hole.coverage() {
            coverage if coverage <= 0.0 => return Err(MaskError::Empty.into()),
            // Nothing is known there: a picture of its own.
            coverage if coverage >= 1.0 => {
                let size = size_of(&part.rgb);
                let working = working_size_of(size, defaults.size, defaults.largest, recipe.settings.size);
                Self { working_size: working, output: Output::Resize(size), ..Self::of_size(size, None, rules) }
            }
            _ => Self::inpainted(recipe, part, hole, defaults, rules),
        };
        Ok(Self { output: Output::Part { canvas, part: Box::new(plan.output) }, ..plan })
    }

    /// The size of the finished picture.
    pub(super) fn size(&self) -> Size {
        self.output.size()
    }

    /// Whether only masked pixels are drawn.
    pub(super) fn is_inpainting(&self) -> bool {
        self.mask.is_some()
    }

    /// What the decoder starts from.
    pub(super) fn mode(&self) -> Mode {
        match (&self.mask, self.strength) {
            (Some(_), _) => Mode::Inpaint,
            (None, Some(_)) => Mode::Change,
            (None, None) => Mode::Draw,
        }
    }

    /// Latents of the init image, `[1, channels, h, w]`.
    pub(super) fn init_latents(&self, model: &Kandinsky21) -> Result<Option<Tensor>, EngineError> {
        let Some(init_image) = &self.init_image else { return Ok(None) };
        let (height, width) = self.latent_size(model);
        let pixels = to_tensor(init_image, (height * model.scale(), width * model.scale()))?;
        Ok(Some(model.encode(&pixels)?))
    }

    /// The extra input of an inpainting UNet: the latents with masked cells at zero, and the mask; `[1, channels + 1, h, w]`.
    pub(super) fn inpaint_input(&self, model: &Kandinsky21, latents: &Tensor) -> Result<Option<Tensor>, EngineError> {
        let Some(mask) = &self.mask else { return Ok(None) };
        let kept = kept_cells_of(mask, self.latent_size(model), model.scale(), self.rules)?;
        Ok(Some(inpaint_input(latents, &kept)?))
    }

    /// Height and width of the latents.
    pub(super) fn latent_size(&self, model: &Kandinsky21) -> (usize, usize) {
        model.latent_size(self.working_size.height as usize, self.working_size.width as usize)
    }

    /// A drawn picture, composited into the init image where it was inpainted; at the working size.
    pub(super) fn composited(&self, drawn: &RgbImage) -> RgbImage {
        match (self.output.part(), &self.init_image, &self.mask) {
            (Output::Composite { .. }, Some(init_image), Some(mask)) => {
                composite(init_image, drawn, mask, *FEATHER_PIXELS.start())
            }
            _ => drawn.clone(),
        }
    }

    /// The finished picture, from a drawn one of the working size.
    pub(super) fn finish(&self, drawn: &RgbImage) -> RgbImage {
        self.output.finish(drawn)
    }

    /// The same with the original's transparency where it was kept; `None` where there is none.
    pub(super) fn finish_transparent(&self, drawn: &RgbImage) -> Option<RgbaImage> {
        self.output.finish_transparent(drawn)
    }
}

impl Output {
    fn size(&self) -> Size {
        match self {
            Self::Resize(size) => *size,
            Self::Composite { original, .. } => size_of(original),
            Self::Part { canvas, .. } => canvas.size(),
        }
    }

    /// What happens to the drawn picture before it becomes a part of something larger.
    fn part(&self) -> &Self {
        match self {
            Self::Part { part, .. } => part.part(),
            output => output,
        }
    }

    fn finish(&self, drawn: &RgbImage) -> RgbImage {
        match self {
            Self::Resize(size) if *size == size_of(drawn) => drawn.clone(),
            Self::Resize(size) => resized(drawn, *size),
            Self::Composite { original, mask, .. } => {
                composite(original, &resized(drawn, size_of(original)), mask, feather(original))
            }
            Self::Part { canvas, part } => canvas.with(&part.finish(drawn)),
        }
    }

    fn finish_transparent(&self, drawn: &RgbImage) -> Option<RgbaImage> {
        match self {
            Self::Composite { original, transparency: Some(transparency), mask } => {
                let drawn = resized(drawn, size_of(original));
                Some(composite_transparent(transparency, &drawn, mask, feather(original)))
            }
            Self::Part { canvas, part } => canvas.with_transparency(|| {
                part.finish_transparent(drawn).unwrap_or_else(|| DynamicImage::from(part.finish(drawn)).into_rgba8())
            }),
            _ => None,
        }
    }
}

/// The soft edge around the inpainted pixels of a picture, pixels.
fn feather(original: &RgbImage) -> u32 {
    let long_side = original.width().max(original.height());
    (long_side / FEATHER_DIVISOR).clamp(*FEATHER_PIXELS.start(), *FEATHER_PIXELS.end())
}

#[cfg(test)]
mod tests;
