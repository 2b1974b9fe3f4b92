//! What a picture shows: its embedding is compared with those of names for objects, places and styles.
//!
//! The names are encoded for the first picture, a few in each step, and kept.

mod labels;
mod word_list;

use image::RgbImage;

use super::error::EngineError;
use super::vocabulary::Vocabulary;
use crate::kandinsky::Kandinsky21;
use crate::pictures::Picture;
pub(super) use labels::DescriptionLabels;
use labels::LabelEncoder;
use word_list::WordList;

/// Progress at which all names are encoded.
const LABELS_PROGRESS: f64 = 0.95;

/// A picture on its way to its description.
#[derive(Debug)]
pub(super) struct Describing {
    picture: RgbImage,
    /// Encodes the names, if that has begun for this picture.
    encoder: Option<LabelEncoder>,
}

impl Describing {
    pub(super) fn begin(picture: &Picture) -> Self {
        Self { picture: picture.rgb.clone(), encoder: None }
    }

    pub(super) fn picture(&self) -> &RgbImage {
        &self.picture
    }

    /// How much of the work is done, 0 to 1.
    pub(super) fn progress(&self) -> f64 {
        self.encoder.as_ref().map_or(0.0, |encoder| encoder.progress() * LABELS_PROGRESS)
    }

    /// Encodes some of the names; all of them after the last. If that fails, the same can be encoded again.
    pub(super) fn encode_labels(
        &mut self,
        model: &Kandinsky21,
        vocabulary: Option<&Vocabulary>,
    ) -> Result<Option<DescriptionLabels>, EngineError> {
        let encoder = self.encoder.get_or_insert_with(|| LabelEncoder::new(WordList::of(vocabulary)));
        encoder.step(model)?;
        Ok(self.encoder.take_if(|encoder| encoder.is_finished()).map(LabelEncoder::finish))
    }
}
