//! The safety checker: compares a picture with text labels for unsafe and for safe content, by the model's own CLIP. It costs
//! one call of the image encoder for each picture.
//!
//! A CLIP that does not know the words of the labels can not tell. The miniature's is one: in it, labels of different things lie
//! as near to each other as labels of one thing. With such a model, every picture passes.

use image::RgbImage;

use super::safety_labels::SafetyLabels;
use super::{Engine, EngineError};
use crate::kandinsky::PartName;

impl Engine {
    /// Encoded at the first call; `None` if the model does not know the words.
    pub(super) fn safety_labels(&self) -> Result<Option<&SafetyLabels>, EngineError> {
        if let Some(labels) = self.safety_labels.get() {
            return Ok(labels.as_ref());
        }
        let encoded = SafetyLabels::encode(self.model())?;
        self.release(&[PartName::ClipText]);
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
            if labels.matches_unsafe(&self.image_embedding_of(picture)?)? {
                found.push(index);
            }
        }
        self.release(&[PartName::ClipImage]);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{DeviceKind, EngineOptions, MemoryPlan, Preview};
    use crate::recipe::Size;

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
        let embedding = engine.image_embedding_of(&preview.cells).unwrap();
        engine.safety_labels.set(Some(SafetyLabels::unsafe_like(&embedding).unwrap())).unwrap();
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
        let labels = SafetyLabels::encode(engine.model()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/references.safetensors");
        let references = candle_core::safetensors::load(path, &candle_core::Device::Cpu).unwrap();
        let pictures = references["objects"].to_dtype(candle_core::DType::F32).unwrap();
        let count = pictures.dims()[0];
        assert!(count >= 80);
        let is_unsafe = |index: &usize| {
            let picture = pictures.narrow(0, *index, 1).unwrap();
            labels.as_ref().is_some_and(|labels| labels.matches_unsafe(&picture).unwrap())
        };
        assert_eq!((0..count).filter(is_unsafe).count(), 0);
        assert!(labels.is_none(), "the miniature does not know these words");
        let skin = RgbImage::from_pixel(128, 128, image::Rgb([230, 190, 170]));
        assert!(engine.unsafe_pictures(&[skin]).unwrap().is_empty());
    }
}
