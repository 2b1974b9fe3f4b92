//! The engine: a loaded model that draws recipes.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use image::RgbImage;

use super::batch_limits::BatchLimits;
use super::description::DescriptionLabels;
use super::device::{check_precision, open_device, set_threads};
use super::embedded;
use super::error::EngineError;
use super::generation::DrawnPicture;
use super::image_plan::ImagePlan;
use super::memory::Residency;
use super::options::EngineOptions;
use super::preview::{ColourMap, Preview, Progress};
use super::safety_labels::SafetyLabels;
use super::translating::Translating;
use super::upscaling::Upscalers;
use super::vocabulary::Vocabulary;
use crate::kandinsky::{Kandinsky21, LoadProgress, ModelError, ModelFiles, PartName, Rules, Upscaler, model_defaults};
use crate::pictures::Picture;
use crate::recipe::Recipe;

/// A loaded model that draws recipes.
#[derive(Debug)]
pub struct Engine {
    model: Kandinsky21,
    pub(super) residency: Residency,
    pub(super) batch_limits: BatchLimits,
    /// Fitted for the first preview; `None` if that failed.
    pub(super) colour_map: OnceLock<Option<ColourMap>>,
    has_safety_checker: bool,
    pub(super) rules: Rules,
    /// Encoded for the first check; `None` if the model does not know the words.
    pub(super) safety_labels: OnceLock<Option<SafetyLabels>>,
    /// Encoded for the first picture that is described.
    pub(super) description_labels: OnceLock<DescriptionLabels>,
    /// What the model knows, if it is a small one.
    pub(super) vocabulary: Option<Vocabulary>,
    translating: Translating,
    upscalers: Upscalers,
}

/// Receives the progress between two steps and decides whether to go on.
pub(super) type Watch<'a> = &'a mut dyn FnMut(Progress<'_>) -> ControlFlow<()>;

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
        let vocabulary = Vocabulary::read(files)?;
        let residency = Residency::choose(options.memory, model.bytes(), &device);
        let reads_russian = model.defaults().reads("ru");
        let translating = Translating::open(options, reads_russian, model.device(), residency)?;
        Ok(Self {
            model,
            residency,
            batch_limits: BatchLimits::new(options.batch),
            colour_map: OnceLock::new(),
            has_safety_checker: options.safety_checker,
            rules: options.rules,
            safety_labels: OnceLock::new(),
            description_labels: OnceLock::new(),
            vocabulary,
            translating,
            upscalers: Upscalers::new(options),
        })
    }

    /// Loads all that stays in memory anyway.
    pub(super) fn load_resident(&self) -> Result<(), EngineError> {
        if self.residency == Residency::All {
            self.model.load_all(|progress: LoadProgress| tracing::debug!(part = %progress.part, "loading"))?;
        }
        Ok(())
    }

    /// Computes now what is computed once: the colour map of previews and the labels of the safety checker. Where not all of the
    /// model stays in memory, the first preview and the first check still compute it.
    #[must_use]
    pub fn warmed_up(self) -> Self {
        if self.residency == Residency::All {
            self.colour_map();
            if self.has_safety_checker
                && let Err(error) = self.safety_labels()
            {
                tracing::warn!(%error, "the labels of the safety checker can not be encoded; the first check tries again");
            }
        }
        self
    }

    /// The recipe with the English texts by which this model draws it. Texts that it has already are kept.
    ///
    /// # Errors
    /// [`EngineError`] if the translator can not be loaded or a computation fails.
    pub fn translated(&self, recipe: &Recipe) -> Result<Recipe, EngineError> {
        self.translating.translated(recipe)
    }

    /// Whether Russian texts are translated: the model reads none, and a translator is there.
    #[must_use]
    pub fn translates(&self) -> bool {
        self.translating.is_possible()
    }

    /// Whether a recipe has a Russian text that this model does not read and nothing translates, unless it is to be drawn as it was
    /// written.
    #[must_use]
    pub fn lacks_translation(&self, recipe: &Recipe) -> bool {
        self.translating.is_missing_for(recipe)
    }

    /// How many generations may be in flight at a time. It changes with what the engine measures.
    #[must_use]
    pub fn batch_capacity(&self) -> usize {
        self.batch_limits.capacity(self.residency, self.model.device())
    }

    /// So many generations could not share a step, and each could take it alone.
    pub fn shrink_batch_capacity(&self, generations: usize) {
        self.batch_limits.shrink(generations);
    }

    /// Whether pictures are checked.
    #[must_use]
    pub fn has_safety_checker(&self) -> bool {
        self.has_safety_checker
    }

    /// The loaded networks.
    #[must_use]
    pub fn model(&self) -> &Kandinsky21 {
        &self.model
    }

    /// Whose program is followed.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Whether a preview may be shown: one that the safety checker finds unsafe may not.
    #[must_use]
    pub fn may_show_preview(&self, preview: &Preview) -> bool {
        match (self.has_safety_checker, self.residency) {
            (false, _) => true,
            // Memory does not hold the image encoder beside the UNet.
            (true, Residency::ByStage) => false,
            (true, Residency::All) => {
                self.unsafe_pictures(std::slice::from_ref(&preview.cells)).is_ok_and(|found| found.is_empty())
            }
        }
    }

    /// A note for the user if the picture is larger than the model draws.
    ///
    /// # Errors
    /// [`EngineError`] if the inputs do not fit the recipe.
    pub fn enlargement(&self, recipe: &Recipe, inputs: &[Picture]) -> Result<Option<String>, EngineError> {
        let plan = ImagePlan::new(recipe, inputs, self.model.defaults(), self.rules)?;
        let (working, size) = (plan.working_size, plan.size());
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

    /// Draws all pictures of a recipe, one after the other; `done` receives each with its index as soon as it is finished.
    /// `report` is called with the progress before every step.
    ///
    /// Each picture equals the one drawn alone with its seed.
    ///
    /// # Errors
    /// [`EngineError::Stopped`] if `report` returned [`ControlFlow::Break`], else what is wrong with the inputs or what failed.
    pub fn draw_each(
        &self,
        recipe: &Recipe,
        inputs: &[Picture],
        report: Watch<'_>,
        done: &mut dyn FnMut(u32, RgbImage),
    ) -> Result<(), EngineError> {
        self.draw_all(recipe, inputs, report, &mut |drawn| done(drawn.index, drawn.finish()))
    }

    /// The same, with each picture as it was drawn: what is left to do is up to `done`.
    ///
    /// # Errors
    /// Those of [`Engine::draw_each`].
    pub fn draw_all(
        &self,
        recipe: &Recipe,
        inputs: &[Picture],
        report: Watch<'_>,
        done: &mut dyn FnMut(&DrawnPicture),
    ) -> Result<(), EngineError> {
        let mut generation = self.begin(recipe, inputs)?;
        while !generation.is_finished() {
            let preview = || self.preview(&generation);
            if report(Progress::with_preview(generation.progress(), &preview)).is_break() {
                return Err(EngineError::Stopped);
            }
            self.step(&mut [&mut generation])?;
            generation.take_drawn().iter().for_each(&mut *done);
        }
        Ok(())
    }

    /// Whether there is an upscaler for this scale; else pictures are enlarged by plain resampling.
    ///
    /// # Errors
    /// [`EngineError`] says what is wrong with the only ones that there are.
    pub fn has_upscaler(&self, scale: u32) -> Result<bool, EngineError> {
        Ok(self.upscalers.file(scale)?.is_some())
    }

    /// The upscaler for a scale, if there is one. It is loaded for the first picture.
    pub(super) fn upscaler(&self, scale: u32) -> Result<Option<Arc<Upscaler>>, EngineError> {
        self.upscalers.get(scale, self.model.device())
    }

    /// Unloads upscalers after a picture, where memory is short.
    pub(super) fn release_upscaler(&self) {
        if self.residency == Residency::ByStage {
            self.upscalers.unload();
        }
    }

    /// Unloads networks that the next stage does not need, where memory is short.
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
