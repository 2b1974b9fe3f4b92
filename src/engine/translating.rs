//! Russian texts of a recipe to English, for a model that reads no Russian.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::Device;

use super::EngineError;
use super::memory::Residency;
use super::options::{EngineOptions, Translate};
use crate::recipe::Recipe;
use crate::translation::{TRANSLATOR_FOLDER, Translator, is_cyrillic};

/// Texts that are remembered. People draw one text again and again with other seeds and styles.
const REMEMBERED: usize = 256;

/// The translator of an engine, if it has one.
#[derive(Debug)]
pub(super) struct Translating {
    /// `None` where nothing is to be translated, or nothing can be.
    translator: Option<LazyTranslator>,
    /// Whether the model reads no Russian, texts are to be translated, and there is no translator.
    is_missing: bool,
    only_for_prior: bool,
}

/// A translator that is loaded when it is needed.
#[derive(Debug)]
struct LazyTranslator {
    folder: PathBuf,
    device: Device,
    /// Where memory is short, it is loaded anew for each new text.
    stays_loaded: bool,
    loaded: Mutex<Option<Arc<Translator>>>,
    /// English texts by the texts that were written.
    known: Mutex<HashMap<String, String>>,
}

impl Translating {
    /// For a model that does not read Russian: the translator that the options name, or the one beside the model. It is loaded
    /// where it stays in memory.
    ///
    /// # Errors
    /// If the translator that the options name can not be loaded. Without one, or if the one beside the model is broken, the log
    /// says so.
    pub(super) fn open(
        options: &EngineOptions,
        reads_russian: bool,
        device: &Device,
        residency: Residency,
    ) -> Result<Self, EngineError> {
        let only_for_prior = options.translate == Translate::Prior;
        let nothing = |is_missing| Self { translator: None, is_missing, only_for_prior };
        if reads_russian || options.translate == Translate::Off || options.model.is_none() {
            return Ok(nothing(false));
        }
        let Some(folder) = translator_folder(options.translator.as_deref(), options.model.as_deref()) else {
            tracing::warn!(
                "this model reads no Russian and there is no translator: Russian texts will give poor pictures; \
                 `kandinsky-bot model fetch` brings one, --translate off silences this"
            );
            return Ok(nothing(true));
        };
        let stays_loaded = residency == Residency::All;
        let device = if stays_loaded { device.clone() } else { Device::Cpu };
        let translator =
            LazyTranslator { folder, device, stays_loaded, loaded: Mutex::default(), known: Mutex::default() };
        match translator.load() {
            Ok(_) => Ok(Self { translator: Some(translator), is_missing: false, only_for_prior }),
            Err(error) if options.translator.is_some() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the translator can not be used: Russian texts will give poor pictures");
                Ok(nothing(true))
            }
        }
    }

    /// Whether Russian texts are translated.
    pub(super) fn is_possible(&self) -> bool {
        self.translator.is_some()
    }

    /// Whether a translator would be needed for what this recipe describes.
    pub(super) fn is_missing_for(&self, recipe: &Recipe) -> bool {
        let lacks = |text: &&str| is_cyrillic(text) && !recipe.translation.texts.contains_key(*text);
        self.is_missing && recipe.task.texts().iter().any(lacks)
    }

    /// The recipe with the English texts that it lacks.
    pub(super) fn translated(&self, recipe: &Recipe) -> Result<Recipe, EngineError> {
        let Some(translator) = &self.translator else { return Ok(recipe.clone()) };
        let mut translation = recipe.translation.clone();
        let is_new = translation.is_empty();
        for text in recipe.texts().into_iter().filter(|text| is_cyrillic(text)) {
            if !translation.texts.contains_key(text) {
                translation.texts.insert(text.to_owned(), translator.english(text)?);
            }
        }
        translation.only_for_prior = if is_new { self.only_for_prior } else { translation.only_for_prior };
        Ok(recipe.with_translation(translation))
    }
}

impl LazyTranslator {
    fn english(&self, text: &str) -> Result<String, EngineError> {
        if let Some(english) = lock(&self.known).get(text) {
            return Ok(english.clone());
        }
        let english = self.load()?.translate(text)?;
        let mut known = lock(&self.known);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(text.to_owned(), english.clone());
        Ok(english)
    }

    fn load(&self) -> Result<Arc<Translator>, EngineError> {
        let mut loaded = lock(&self.loaded);
        if let Some(translator) = &*loaded {
            return Ok(Arc::clone(translator));
        }
        let translator = Arc::new(Translator::load(&self.folder, &self.device)?);
        if self.stays_loaded {
            *loaded = Some(Arc::clone(&translator));
        }
        Ok(translator)
    }
}

/// What a panic left half done is a text that is not remembered.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder of the translator: the one that is named, or the one inside of the model folder if there is one.
#[must_use]
pub fn translator_folder(named: Option<&Path>, model: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| {
        let beside = model?.join(TRANSLATOR_FOLDER);
        beside.is_dir().then_some(beside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For a model that reads no Russian, in a folder without a translator.
    fn open(translate: Translate, translator: Option<&str>) -> Translating {
        let translator = translator.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        let options =
            EngineOptions { model: Some("nowhere".into()), translate, translator, ..EngineOptions::default() };
        Translating::open(&options, false, &Device::Cpu, Residency::ByStage).unwrap()
    }

    #[test]
    fn a_translator_is_missing_where_one_would_be_used() {
        let russian = Recipe::text_to_image("рыжий кот", 1).unwrap();
        let english = Recipe::text_to_image("a ginger cat", 1).unwrap();
        let without = open(Translate::Auto, None);
        assert!(!without.is_possible() && without.is_missing_for(&russian));
        assert!(!without.is_missing_for(&english));
        assert!(!without.is_missing_for(&russian.as_written()), "its user wants it so");
        let off = open(Translate::Off, None);
        assert!(!off.is_possible() && !off.is_missing_for(&russian), "its owner wants it so");
    }

    #[test]
    fn a_text_that_stands_for_itself_is_not_translated() {
        let with = open(Translate::Auto, Some("tests/reference/cases/translation/small"));
        let recipe =
            Recipe { negative: Some("шум".to_owned()), ..Recipe::text_to_image("рыжий кот", 1).unwrap() };
        assert!(with.is_possible() && !with.is_missing_for(&recipe));
        assert_eq!(with.translated(&recipe).unwrap().translation.texts.len(), 2);
        assert_eq!(with.translated(&recipe.as_written()).unwrap(), recipe.as_written());
    }
}
