//! The published model without its weights: configurations of the same widths and depths, random weights in place of files.

use std::sync::LazyLock;

use crate::kandinsky::{ModelFiles, RANDOM_WEIGHTS};

macro_rules! published {
    ($($path:literal: $file:literal),* $(,)?) => {
        [$(($path, include_bytes!(concat!("published/", $file)).as_slice())),*]
    };
}

static CONFIGURATIONS: [(&str, &[u8]); 8] = published![
    "kandinsky-2-1-prior/image_encoder/config.json": "clip_image.json",
    "kandinsky-2-1-prior/prior/config.json": "prior.json",
    "kandinsky-2-1-prior/scheduler/scheduler_config.json": "unclip.json",
    "kandinsky-2-1-prior/text_encoder/config.json": "clip_text.json",
    "kandinsky-2-1/movq/config.json": "movq.json",
    "kandinsky-2-1/scheduler/scheduler_config.json": "ddim.json",
    "kandinsky-2-1/text_encoder/config.json": "multilingual_clip.json",
    "kandinsky-2-1/unet/config.json": "unet.json",
];

static WEIGHTS: [(&str, &[u8]); 6] = [
    ("kandinsky-2-1-prior/image_encoder/model.safetensors", RANDOM_WEIGHTS),
    ("kandinsky-2-1-prior/prior/diffusion_pytorch_model.safetensors", RANDOM_WEIGHTS),
    ("kandinsky-2-1-prior/text_encoder/model.safetensors", RANDOM_WEIGHTS),
    ("kandinsky-2-1/movq/diffusion_pytorch_model.safetensors", RANDOM_WEIGHTS),
    ("kandinsky-2-1/text_encoder/model.safetensors", RANDOM_WEIGHTS),
    ("kandinsky-2-1/unet/diffusion_pytorch_model.safetensors", RANDOM_WEIGHTS),
];

macro_rules! tokenizers {
    ($($path:literal: $file:literal),* $(,)?) => {
        [$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/", $file)).as_slice())),*]
    };
}

/// The miniature's tokenizers, whose ids lie within the larger vocabularies.
static TOKENIZERS: [(&str, &[u8]); 5] = tokenizers![
    "kandinsky-2-1-prior/tokenizer/merges.txt": "kandinsky-2-1-prior/tokenizer/merges.txt",
    "kandinsky-2-1-prior/tokenizer/tokenizer_config.json": "kandinsky-2-1-prior/tokenizer/tokenizer_config.json",
    "kandinsky-2-1-prior/tokenizer/vocab.json": "kandinsky-2-1-prior/tokenizer/vocab.json",
    "kandinsky-2-1/tokenizer/tokenizer.json": "kandinsky-2-1-inpaint/tokenizer/tokenizer.json",
    "kandinsky-2-1/tokenizer/tokenizer_config.json": "kandinsky-2-1-inpaint/tokenizer/tokenizer_config.json",
];

static FILES: LazyLock<Vec<(&str, &[u8])>> =
    LazyLock::new(|| CONFIGURATIONS.iter().chain(&WEIGHTS).chain(&TOKENIZERS).copied().collect());

/// A model of the published size with random weights.
pub(super) fn files() -> ModelFiles {
    ModelFiles::embedded(&FILES)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::kandinsky::{Kandinsky21, NumberFormat};

    #[test]
    fn it_is_a_whole_model_of_the_published_size() {
        let model = Kandinsky21::open(&files(), &Device::Cpu, NumberFormat::F32).unwrap();
        assert_eq!((model.embedding_dim(), model.clip_image_size(), model.scale()), (768, 224, 8));
        assert_eq!(model.latent_size(768, 768), (96, 96));
        // The smallest network really is made of random numbers.
        assert_eq!(model.movq().unwrap().config().block_out_channels, [128, 256, 256, 512]);
    }
}
