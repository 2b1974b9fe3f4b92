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
    labels: Labels,
}

/// How far the names are.
#[derive(Debug)]
enum Labels {
    /// Nothing was encoded for this picture; all may be known from an earlier one.
    Unasked,
    /// Some are encoded.
    Encoding(LabelEncoder),
    /// All are.
    Encoded,
}

impl Describing {
    pub(super) fn begin(picture: &Picture) -> Self {
        Self { picture: picture.rgb.clone(), labels: Labels::Unasked }
    }

    pub(super) fn picture(&self) -> &RgbImage {
        &self.picture
    }

    /// How much of the work is done, 0 to 1.
    pub(super) fn progress(&self) -> f64 {
        match &self.labels {
            Labels::Unasked => 0.0,
            Labels::Encoding(encoder) => encoder.progress() * LABELS_PROGRESS,
            Labels::Encoded => LABELS_PROGRESS,
        }
    }

    /// Encodes some of the names; all of them after the last. If that fails, the same can be encoded again.
    pub(super) fn encode_labels(
        &mut self,
        model: &Kandinsky21,
        vocabulary: Option<&Vocabulary>,
    ) -> Result<Option<DescriptionLabels>, EngineError> {
        let mut encoder = match std::mem::replace(&mut self.labels, Labels::Unasked) {
            Labels::Encoding(encoder) => encoder,
            Labels::Unasked | Labels::Encoded => LabelEncoder::new(WordList::of(vocabulary)),
        };
        let stepped = encoder.step(model);
        if encoder.is_finished() {
            self.labels = Labels::Encoded;
            return Ok(Some(encoder.finish()));
        }
        self.labels = Labels::Encoding(encoder);
        stepped.map(|()| None)
    }
}
