//! Pictures that may not be for everybody's eyes, told by the CLIP that draws: which of some descriptions a picture is
//! nearest to. It costs one look of the image encoder at each picture.
//!
//! A model that does not know the words of the descriptions can not be asked. The miniature is one: for it, descriptions of
//! different things lie as near to each other as those of one thing. Such a model marks nothing.

use candle_core::{IndexOp, Tensor};
use image::RgbImage;

use super::{Engine, EngineError};
use crate::kandinsky::PartName;

/// What is doubtful, each in more than one way of saying it.
const DOUBTFUL: [[&str; 2]; 4] = [
    ["a photo of a naked person", "a nude person without clothes"],
    ["explicit sexual content", "pornography, a sexual act"],
    ["a bloody mutilated corpse", "gore, a dead body covered in blood"],
    ["a nude woman", "an erotic picture of a naked woman"],
];

/// What a picture may show instead.
const HARMLESS: [[&str; 2]; 8] = [
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
const SCALE: f32 = 100.0;
/// A picture is doubtful if the doubtful descriptions together have more than this share.
const SHARE: f32 = 0.8;
/// A model knows the words if two ways of saying one thing are nearer to each other than descriptions of different things, by
/// this much on average (the miniature: 0.08) …
const NEARER: f32 = 0.1;
/// … and if of this share of the descriptions the nearest other one is on the same side, doubtful or harmless. Chance alone
/// gives a half.
const KEPT_APART: f32 = 0.85;

/// The descriptions as the model reads them.
#[derive(Debug)]
pub(super) struct Descriptions {
    /// Normalised, doubtful ones first.
    embeddings: Vec<Vec<f32>>,
}

impl Descriptions {
    /// Reads the descriptions; `None` if the model does not know the words.
    fn read(engine: &Engine) -> Result<Option<Self>, EngineError> {
        let mut embeddings = Vec::new();
        for text in DOUBTFUL.as_flattened().iter().chain(HARMLESS.as_flattened()) {
            embeddings.push(normalised(&engine.model().text_embedding(text)?)?);
        }
        engine.release(&[PartName::ClipText]);
        let (nearer, kept_apart) = (nearer_twins(&embeddings), kept_apart(&embeddings));
        tracing::debug!(nearer, kept_apart, "how well the model knows the words for doubtful pictures");
        Ok((nearer > NEARER && kept_apart > KEPT_APART).then_some(Self { embeddings }))
    }

    /// The share of the doubtful descriptions in what a picture looks like.
    fn share(&self, picture: &[f32]) -> f32 {
        let logits: Vec<f32> = self.embeddings.iter().map(|text| SCALE * dot(text, picture)).collect();
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        weights[..DOUBTFUL.as_flattened().len()].iter().sum::<f32>() / weights.iter().sum::<f32>()
    }
}

/// How much nearer two ways of saying one thing are than descriptions of different things, on average.
fn nearer_twins(embeddings: &[Vec<f32>]) -> f32 {
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

/// The share of the descriptions whose nearest other one is on the same side.
fn kept_apart(embeddings: &[Vec<f32>]) -> f32 {
    let doubtful = DOUBTFUL.as_flattened().len();
    let nearest = |index: usize| {
        let others = (0..embeddings.len()).filter(|other| *other != index);
        others.max_by(|one, other| {
            let near = |which: usize| dot(&embeddings[index], &embeddings[which]);
            near(*one).total_cmp(&near(*other))
        })
    };
    let is_kept = |index: &usize| nearest(*index).is_some_and(|other| (other < doubtful) == (*index < doubtful));
    (0..embeddings.len()).filter(is_kept).count() as f32 / embeddings.len().max(1) as f32
}

impl Engine {
    /// Read when they are first needed.
    pub(super) fn descriptions(&self) -> Result<Option<&Descriptions>, EngineError> {
        if let Some(descriptions) = self.descriptions.get() {
            return Ok(descriptions.as_ref());
        }
        let read = Descriptions::read(self)?;
        Ok(self.descriptions.get_or_init(|| read).as_ref())
    }

    /// Which of some pictures (from 0) may not be for everybody's eyes.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn doubtful(&self, pictures: &[RgbImage]) -> Result<Vec<u32>, EngineError> {
        let Some(descriptions) = self.descriptions()? else { return Ok(Vec::new()) };
        let mut doubtful = Vec::new();
        for (index, picture) in (0..).zip(pictures) {
            if descriptions.share(&normalised(&self.picture_embedding(picture)?)?) > SHARE {
                doubtful.push(index);
            }
        }
        self.release(&[PartName::ClipImage]);
        Ok(doubtful)
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
    use crate::engine::{DeviceKind, EngineOptions, MemoryPlan};
    use crate::engine::Preview;
    use crate::recipe::Size;

    /// One direction for each thing; two ways of saying it lie close together.
    fn told_apart() -> Descriptions {
        let things = (DOUBTFUL.as_flattened().len() + HARMLESS.as_flattened().len()) / 2;
        let embedding = |thing: usize| (0..things).map(|axis| f32::from(u8::from(axis == thing))).collect::<Vec<_>>();
        Descriptions { embeddings: (0..things).flat_map(|thing| [embedding(thing), embedding(thing)]).collect() }
    }

    #[test]
    fn the_nearest_descriptions_decide() {
        let descriptions = told_apart();
        let picture = |thing: usize| descriptions.embeddings[2 * thing].clone();
        assert!(descriptions.share(&picture(0)) > SHARE && descriptions.share(&picture(3)) > SHARE);
        assert!(descriptions.share(&picture(4)) < 1.0 - SHARE && descriptions.share(&picture(11)) < 1.0 - SHARE);
        // As near to one as to the other: not doubtful enough.
        let between: Vec<f32> = picture(0).iter().zip(picture(4)).map(|(one, other)| (one + other) * 0.7).collect();
        assert!(descriptions.share(&between) < SHARE);
    }

    #[test]
    fn a_model_that_tells_nothing_apart_is_not_asked() {
        let known = told_apart().embeddings;
        assert!(nearer_twins(&known) > NEARER && kept_apart(&known) > KEPT_APART);
        let alike: Vec<Vec<f32>> = (0..24).map(|index| vec![1.0, 0.01 * (index % 5) as f32]).collect();
        assert!(nearer_twins(&alike) < NEARER);
        // Each doubtful description beside a harmless one.
        let mixed: Vec<Vec<f32>> = (0..24_usize)
            .map(|index| (0..8).map(|axis| f32::from(u8::from(index % 8 == axis)) - index as f32 * 1e-3).collect())
            .collect();
        assert!(kept_apart(&mixed) < KEPT_APART, "{}", kept_apart(&mixed));
    }

    #[test]
    fn an_unfinished_picture_is_shown_if_it_is_not_looked_at_or_passes() {
        // A picture is all that the descriptions are compared with: its own embedding stands for each doubtful one.
        let cells = RgbImage::from_pixel(8, 8, image::Rgb([230, 190, 170]));
        let preview = Preview { cells, size: Size::square(64) };
        let open = |memory, safety_checker| {
            let options =
                EngineOptions { device: DeviceKind::Cpu, memory, safety_checker, ..EngineOptions::default() };
            Engine::load(&options).unwrap()
        };
        let engine = open(MemoryPlan::High, true);
        let own = normalised(&engine.picture_embedding(&preview.cells).unwrap()).unwrap();
        let other: Vec<f32> = own.iter().map(|value| -value).collect();
        let doubtful = vec![own; DOUBTFUL.as_flattened().len()];
        let harmless = vec![other; HARMLESS.as_flattened().len()];
        let embeddings = doubtful.into_iter().chain(harmless).collect();
        engine.descriptions.set(Some(Descriptions { embeddings })).unwrap();
        assert!(!engine.may_be_shown(&preview));
        assert!(open(MemoryPlan::High, true).may_be_shown(&preview), "the miniature can not be asked");
        assert!(open(MemoryPlan::Low, false).may_be_shown(&preview));
        assert!(!open(MemoryPlan::Low, true).may_be_shown(&preview), "there is no room for looking");
    }

    /// Every thing that the miniature knows, as it looks on all backgrounds.
    #[test]
    fn no_emoji_of_the_miniature_is_doubtful() {
        let (device, memory) = (DeviceKind::Cpu, MemoryPlan::Low);
        let engine = Engine::load(&EngineOptions { device, memory, ..EngineOptions::default() }).unwrap();
        let descriptions = Descriptions::read(&engine).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/references.safetensors");
        let references = candle_core::safetensors::load(path, &candle_core::Device::Cpu).unwrap();
        let pictures: Vec<Vec<f32>> =
            references["objects"].to_dtype(candle_core::DType::F32).unwrap().to_vec2().unwrap();
        assert!(pictures.len() >= 80);
        let doubtful = pictures.iter().filter(|picture| {
            let length = dot(picture, picture).sqrt();
            let picture: Vec<f32> = picture.iter().map(|value| value / length).collect();
            descriptions.as_ref().is_some_and(|descriptions| descriptions.share(&picture) > SHARE)
        });
        assert_eq!(doubtful.count(), 0);
        assert!(descriptions.is_none(), "the miniature does not know these words");
        let skin = RgbImage::from_pixel(128, 128, image::Rgb([230, 190, 170]));
        assert!(engine.doubtful(&[skin]).unwrap().is_empty());
    }
}
