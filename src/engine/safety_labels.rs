//! The text labels of the safety checker.

use candle_core::{IndexOp, Tensor};

use super::error::EngineError;
use crate::kandinsky::Kandinsky21;

/// Labels of unsafe content, each in two wordings.
const UNSAFE_LABELS: [[&str; 2]; 4] = [
    ["a photo of a naked person", "a nude person without clothes"],
    ["explicit sexual content", "pornography, a sexual act"],
    ["a bloody mutilated corpse", "gore, a dead body covered in blood"],
    ["a nude woman", "an erotic picture of a naked woman"],
];

/// Labels of what a picture may show instead.
const SAFE_LABELS: [[&str; 2]; 8] = [
    ["a landscape", "mountains, a forest or the sea"],
    ["an animal", "a cute cat or dog"],
    ["a portrait of a person in clothes", "the face of a dressed person"],
    ["food on a table", "a dish or a fruit"],
    ["a building", "a street in a city"],
    ["an object on a plain background", "an icon of a thing"],
    ["an abstract painting", "colourful shapes and patterns"],
    ["a flower", "plants in a garden"],
];

/// CLIP's temperature: similarities times this are logits.
pub(super) const LOGIT_SCALE: f32 = 100.0;
/// A picture is unsafe if the unsafe labels together have more than this probability.
const UNSAFE_PROBABILITY: f32 = 0.8;
/// A model knows the words if two wordings of one label are more similar than different labels, by this much on average (the
/// miniature: 0.08) …
const MIN_WORDING_MARGIN: f32 = 0.1;
/// … and if for this fraction of the labels the nearest other one is on the same side, unsafe or safe. Chance alone gives a
/// half.
const MIN_SEPARATION: f32 = 0.85;

/// Embeddings of the labels.
#[derive(Debug)]
pub(super) struct SafetyLabels {
    /// Normalised, unsafe ones first.
    embeddings: Vec<Vec<f32>>,
}

impl SafetyLabels {
    /// Encodes the labels; `None` if the model does not know the words.
    pub(super) fn encode(model: &Kandinsky21) -> Result<Option<Self>, EngineError> {
        let mut embeddings = Vec::new();
        for text in UNSAFE_LABELS.as_flattened().iter().chain(SAFE_LABELS.as_flattened()) {
            embeddings.push(normalised(&model.text_embedding(text)?)?);
        }
        let (margin, separation) = (wording_margin(&embeddings), separation(&embeddings));
        tracing::debug!(margin, separation, "how well the model knows the words of the safety labels");
        Ok((margin > MIN_WORDING_MARGIN && separation > MIN_SEPARATION).then_some(Self { embeddings }))
    }

    /// Whether a picture with this embedding, `[1, embedding]`, is unsafe.
    pub(super) fn matches_unsafe(&self, embedding: &Tensor) -> Result<bool, EngineError> {
        Ok(self.unsafe_probability(&normalised(embedding)?) > UNSAFE_PROBABILITY)
    }

    /// The probability, 0 to 1, of the unsafe labels together for a picture's normalised embedding.
    fn unsafe_probability(&self, picture: &[f32]) -> f32 {
        let logits: Vec<f32> = self.embeddings.iter().map(|text| LOGIT_SCALE * dot(text, picture)).collect();
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        weights[..UNSAFE_LABELS.as_flattened().len()].iter().sum::<f32>() / weights.iter().sum::<f32>()
    }
}

#[cfg(test)]
impl SafetyLabels {
    /// Labels of which every unsafe one looks like a picture with this embedding, and no safe one does.
    pub(super) fn unsafe_like(embedding: &Tensor) -> Result<Self, EngineError> {
        let own = normalised(embedding)?;
        let other: Vec<f32> = own.iter().map(|value| -value).collect();
        let unsafe_labels = vec![own; UNSAFE_LABELS.as_flattened().len()];
        let safe_labels = vec![other; SAFE_LABELS.as_flattened().len()];
        Ok(Self { embeddings: unsafe_labels.into_iter().chain(safe_labels).collect() })
    }
}

/// How much more similar two wordings of one label are than different labels, on average.
fn wording_margin(embeddings: &[Vec<f32>]) -> f32 {
    let (mut same, mut different) = (Vec::new(), Vec::new());
    for (index, one) in embeddings.iter().enumerate() {
        for (other_index, other) in embeddings.iter().enumerate().skip(index + 1) {
            let pairs = if index / 2 == other_index / 2 { &mut same } else { &mut different };
            pairs.push(dot(one, other));
        }
    }
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len().max(1) as f32;
    mean(&same) - mean(&different)
}

/// The fraction of the labels whose nearest other one is on the same side.
fn separation(embeddings: &[Vec<f32>]) -> f32 {
    let unsafe_labels = UNSAFE_LABELS.as_flattened().len();
    let nearest = |index: usize| {
        let others = (0..embeddings.len()).filter(|other| *other != index);
        others.max_by(|one, other| {
            let near = |which: usize| dot(&embeddings[index], &embeddings[which]);
            near(*one).total_cmp(&near(*other))
        })
    };
    let is_separate =
        |index: &usize| nearest(*index).is_some_and(|other| (other < unsafe_labels) == (*index < unsafe_labels));
    (0..embeddings.len()).filter(is_separate).count() as f32 / embeddings.len().max(1) as f32
}

/// The only row of a tensor, of length 1.
pub(super) fn normalised(row: &Tensor) -> Result<Vec<f32>, EngineError> {
    let row: Vec<f32> = row.i(0)?.to_vec1()?;
    let length = dot(&row, &row).sqrt().max(f32::MIN_POSITIVE);
    Ok(row.into_iter().map(|value| value / length).collect())
}

pub(super) fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One direction for each label, the same for its two wordings.
    fn distinct_labels() -> SafetyLabels {
        let things = (UNSAFE_LABELS.as_flattened().len() + SAFE_LABELS.as_flattened().len()) / 2;
        let embedding = |thing: usize| (0..things).map(|axis| f32::from(u8::from(axis == thing))).collect::<Vec<_>>();
        SafetyLabels { embeddings: (0..things).flat_map(|thing| [embedding(thing), embedding(thing)]).collect() }
    }

    #[test]
    fn the_nearest_labels_decide() {
        let labels = distinct_labels();
        let picture = |thing: usize| labels.embeddings[2 * thing].clone();
        assert!(
            labels.unsafe_probability(&picture(0)) > UNSAFE_PROBABILITY
                && labels.unsafe_probability(&picture(3)) > UNSAFE_PROBABILITY
        );
        assert!(
            labels.unsafe_probability(&picture(4)) < 1.0 - UNSAFE_PROBABILITY
                && labels.unsafe_probability(&picture(11)) < 1.0 - UNSAFE_PROBABILITY
        );
        // As near to one as to the other.
        let between: Vec<f32> = picture(0).iter().zip(picture(4)).map(|(one, other)| (one + other) * 0.7).collect();
        assert!(labels.unsafe_probability(&between) < UNSAFE_PROBABILITY);
    }

    #[test]
    fn a_model_that_does_not_know_the_words_is_not_asked() {
        let known = distinct_labels().embeddings;
        assert!(wording_margin(&known) > MIN_WORDING_MARGIN && separation(&known) > MIN_SEPARATION);
        let alike: Vec<Vec<f32>> = (0..24).map(|index| vec![1.0, 0.01 * (index % 5) as f32]).collect();
        assert!(wording_margin(&alike) < MIN_WORDING_MARGIN);
        // Each unsafe label beside a safe one.
        let mixed: Vec<Vec<f32>> = (0..24_usize)
            .map(|index| (0..8).map(|axis| f32::from(u8::from(index % 8 == axis)) - index as f32 * 1e-3).collect())
            .collect();
        assert!(separation(&mixed) < MIN_SEPARATION, "{}", separation(&mixed));
    }
}
