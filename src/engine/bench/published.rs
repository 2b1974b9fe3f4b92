//! The published model without its weights: configurations of the same widths and depths, random weights in place of files.

use std::sync::LazyLock;

use crate::engine::embedded;
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

/// All of it; the tokenizers are the miniature's, whose ids lie within the larger vocabularies.
static FILES: LazyLock<Vec<(&str, &[u8])>> = LazyLock::new(|| {
    let tokenizers = embedded::FILES.iter().filter(|(path, _)| path.contains("/tokenizer/"));
    let tokenizers = tokenizers.map(|&(path, content)| match path {
        "kandinsky-2-1-inpaint/tokenizer/tokenizer.json" => ("kandinsky-2-1/tokenizer/tokenizer.json", content),
        "kandinsky-2-1-inpaint/tokenizer/tokenizer_config.json" => {
            ("kandinsky-2-1/tokenizer/tokenizer_config.json", content)
        }
        _ => (path, content),
    });
    CONFIGURATIONS.iter().chain(&WEIGHTS).copied().chain(tokenizers).collect()
});

/// A model of the published size with random weights.
pub(super) fn files() -> ModelFiles {
    ModelFiles::embedded(&FILES)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::kandinsky::Kandinsky21;

    #[test]
    fn it_is_a_whole_model_of_the_published_size() {
        let model = Kandinsky21::open(&files(), &Device::Cpu, DType::F32).unwrap();
        assert_eq!((model.embedding_dim(), model.clip_image_size(), model.scale()), (768, 224, 8));
        assert_eq!(model.latent_size(768, 768), (96, 96));
        // The smallest network really is made of random numbers.
        assert_eq!(model.movq().unwrap().config().block_out_channels, [128, 256, 256, 512]);
    }
}
