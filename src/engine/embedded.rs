//! The miniature model that is compiled into the program.

use crate::kandinsky::ModelFiles;

#[cfg(feature = "miniature")]
macro_rules! embed {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/", $path)))),*]
    };
}

#[cfg(feature = "miniature")]
static FILES: &[(&str, &[u8])] = embed![
    "kandinsky.json",
    "kandinsky-2-1-prior/image_encoder/config.json",
    "kandinsky-2-1-prior/image_encoder/model.safetensors",
    "kandinsky-2-1-prior/image_processor/preprocessor_config.json",
    "kandinsky-2-1-prior/prior/config.json",
    "kandinsky-2-1-prior/prior/diffusion_pytorch_model.safetensors",
    "kandinsky-2-1-prior/scheduler/scheduler_config.json",
    "kandinsky-2-1-prior/text_encoder/config.json",
    "kandinsky-2-1-prior/text_encoder/model.safetensors",
    "kandinsky-2-1-prior/tokenizer/merges.txt",
    "kandinsky-2-1-prior/tokenizer/tokenizer_config.json",
    "kandinsky-2-1-prior/tokenizer/vocab.json",
    "kandinsky-2-1-inpaint/movq/config.json",
    "kandinsky-2-1-inpaint/movq/diffusion_pytorch_model.safetensors",
    "kandinsky-2-1-inpaint/scheduler/scheduler_config.json",
    "kandinsky-2-1-inpaint/text_encoder/config.json",
    "kandinsky-2-1-inpaint/text_encoder/model.safetensors",
    "kandinsky-2-1-inpaint/tokenizer/tokenizer.json",
    "kandinsky-2-1-inpaint/tokenizer/tokenizer_config.json",
    "kandinsky-2-1-inpaint/unet/config.json",
    "kandinsky-2-1-inpaint/unet/diffusion_pytorch_model.safetensors",
];

/// The embedded miniature; `None` in a build without it.
#[cfg(feature = "miniature")]
#[expect(clippy::unnecessary_wraps, reason = "a build without the miniature has none")]
pub(super) fn files() -> Option<ModelFiles> {
    Some(ModelFiles::embedded(FILES))
}

/// The embedded miniature; `None` in a build without it.
#[cfg(not(feature = "miniature"))]
pub(super) fn files() -> Option<ModelFiles> {
    None
}

/// The embedded upscaler; `None` in a build without the miniature.
#[cfg(feature = "miniature")]
#[expect(clippy::unnecessary_wraps, reason = "a build without the miniature has none")]
pub(super) fn upscaler() -> Option<&'static [u8]> {
    Some(include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/upscaler.safetensors")))
}

/// The embedded upscaler; `None` in a build without the miniature.
#[cfg(not(feature = "miniature"))]
pub(super) fn upscaler() -> Option<&'static [u8]> {
    None
}
