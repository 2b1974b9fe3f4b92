//! The safety checker: compares a picture with text labels for unsafe and for safe content, by the model's own CLIP. It costs
//! one call of the image encoder for each picture.
//!
//! A CLIP that does not know the words of the labels can not tell. The miniature's is one: in it, labels of different things lie
//! as near to each other as labels of one thing. With such a model, every picture passes.

use candle_core::{IndexOp, Tensor};
use image::RgbImage;

use super::{Engine, EngineError};
use crate::kandinsky::PartName;

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
const LOGIT_SCALE: f32 = 100.0;
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
    fn encode(engine: &Engine) -> Result<Option<Self>, EngineError> {
        let mut embeddings = Vec::new();
        for text in UNSAFE_LABELS.as_flattened().iter().chain(SAFE_LABELS.as_flattened()) {
            embeddings.push(normalised(&engine.model().text_embedding(text)?)?);
        }
        engine.release(&[PartName::ClipText]);
        let (margin, separation) = (wording_margin(&embeddings), separation(&embeddings));
        tracing::debug!(margin, separation, "how well the model knows the words of the safety labels");
        Ok((margin > MIN_WORDING_MARGIN && separation > MIN_SEPARATION).then_some(Self { embeddings }))
    }

    /// The probability, 0 to 1, of the unsafe labels together for a picture's normalised embedding.
    fn unsafe_probability(&self, picture: &[f32]) -> f32 {
        let logits: Vec<f32> = self.embeddings.iter().map(|text| LOGIT_SCALE * dot(text, picture)).collect();
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        weights[..UNSAFE_LABELS.as_flattened().len()].iter().sum::<f32>() / weights.iter().sum::<f32>()
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

impl Engine {
    /// Encoded at the first call; `None` if the model does not know the words.
    pub(super) fn safety_labels(&self) -> Result<Option<&SafetyLabels>, EngineError> {
        if let Some(labels) = self.safety_labels.get() {
            return Ok(labels.as_ref());
        }
        let encoded = SafetyLabels::encode(self)?;
        Ok(self.safety_labels.get_or_init(|| encoded).as_ref())
    }

    /// Indices (from 0) of the pictures that the safety checker finds unsafe.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn unsafe_pictures(&self, pictures: &[RgbImage]) -> Result<Vec<u32>, EngineError> {
        let Some(labels) = self.safety_labels()? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (index, picture) in (0..).zip(pictures) {
            let embedding = normalised(&self.image_embedding_of(picture)?)?;
            if labels.unsafe_probability(&embedding) > UNSAFE_PROBABILITY {
                found.push(index);
            }
        }
        self.release(&[PartName::ClipImage]);
        Ok(found)
    }
}

/// The only row of a tensor, of length 1.
fn normalised(row: &Tensor) -> Result<Vec<f32>, EngineError> {
    let row: Vec<f32> = row.i(0)?.to_vec1()?;
    let length = dot(&row, &row).sqrt().max(f32::MIN_POSITIVE);
    Ok(row.into_iter().map(|value| value / length).collect())
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Preview;
    use crate::engine::{DeviceKind, EngineOptions, MemoryPlan};
    use crate::recipe::Size;

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

    #[test]
    fn a_preview_is_shown_if_it_is_not_checked_or_passes() {
        // The picture's own embedding stands for each unsafe label.
        let cells = RgbImage::from_pixel(8, 8, image::Rgb([230, 190, 170]));
        let preview = Preview { cells, size: Size::square(64) };
        let open = |memory, safety_checker| {
            let options = EngineOptions { device: DeviceKind::Cpu, memory, safety_checker, ..EngineOptions::default() };
            Engine::load(&options).unwrap()
        };
        let engine = open(MemoryPlan::High, true);
        let own = normalised(&engine.image_embedding_of(&preview.cells).unwrap()).unwrap();
        let other: Vec<f32> = own.iter().map(|value| -value).collect();
        let of_unsafe = vec![own; UNSAFE_LABELS.as_flattened().len()];
        let of_safe = vec![other; SAFE_LABELS.as_flattened().len()];
        let embeddings = of_unsafe.into_iter().chain(of_safe).collect();
        engine.safety_labels.set(Some(SafetyLabels { embeddings })).unwrap();
        assert!(!engine.may_show_preview(&preview));
        assert!(open(MemoryPlan::High, true).may_show_preview(&preview), "the miniature does not know the words");
        assert!(open(MemoryPlan::Low, false).may_show_preview(&preview));
        assert!(!open(MemoryPlan::Low, true).may_show_preview(&preview), "memory does not hold the image encoder");
    }

    /// Every thing that the miniature knows, as it looks on all backgrounds.
    #[test]
    fn no_emoji_of_the_miniature_is_unsafe() {
        let (device, memory) = (DeviceKind::Cpu, MemoryPlan::Low);
        let engine = Engine::load(&EngineOptions { device, memory, ..EngineOptions::default() }).unwrap();
        let labels = SafetyLabels::encode(&engine).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/references.safetensors");
        let references = candle_core::safetensors::load(path, &candle_core::Device::Cpu).unwrap();
        let pictures: Vec<Vec<f32>> =
            references["objects"].to_dtype(candle_core::DType::F32).unwrap().to_vec2().unwrap();
        assert!(pictures.len() >= 80);
        let found = pictures.iter().filter(|picture| {
            let length = dot(picture, picture).sqrt();
            let picture: Vec<f32> = picture.iter().map(|value| value / length).collect();
            labels.as_ref().is_some_and(|labels| labels.unsafe_probability(&picture) > UNSAFE_PROBABILITY)
        });
        assert_eq!(found.count(), 0);
        assert!(labels.is_none(), "the miniature does not know these words");
        let skin = RgbImage::from_pixel(128, 128, image::Rgb([230, 190, 170]));
        assert!(engine.unsafe_pictures(&[skin]).unwrap().is_empty());
    }
}
