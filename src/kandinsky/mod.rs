//! Kandinsky 2.1: networks, samplers, tokenizers and weights. A library by itself.
//!
//! Kandinsky 2.1 (Razzhigaev et al., <https://arxiv.org/abs/2310.03502>) draws in two stages. The *prior* turns a text,
//! as CLIP reads it, into the CLIP embedding of a picture. The *decoder* draws the picture of that embedding: a *UNet*,
//! which also reads the text through a multilingual encoder, removes noise from a latent step by step, and *MoVQ* turns
//! the latent into pixels.
//!
//! ```text
//! prompt ─ ClipTokenizer ─ ClipText ─ Prior ──────────────┐ image embedding
//! picture ─────────────── ClipImage ──────────────────────┤
//! prompt ─ XlmRobertaTokenizer ─ MultilingualClip ─┐      │
//!                                                  UNet ◄─┘  (Denoising: one step at a time)
//!                                                   │ latents
//!                                                  Movq ─ pixels
//! ```
//!
//! [`Kandinsky21`] holds the parts. Everything random comes from outside, everything long is advanced step by step
//! from outside, and every width comes from the model's configuration files. Weights may be stored as f32, f16 or bf16
//! and are cast to the type chosen at load; norms' statistics, softmax and the samplers' states stay f32.
//!
//! Conventions of the published model that are easily got wrong: embeddings are never normalised; "no picture" is the
//! embedding of a tensor of zeros; padding in the decoder's text is attended to; latents have no scale factor.

mod clip_encoder;
mod clip_image;
mod clip_text;
mod config;
mod convert;
mod error;
mod file_reading;
mod files;
mod inpaint_input;
mod kandinsky21;
mod layout;
mod lazy_part;
mod loading;
mod movq;
mod multilingual_clip;
mod original;
mod part_folders;
mod precision;
mod prior;
mod repositories;
mod samplers;
mod timestep_embedding;
mod tokenizers;
mod unet;
mod upscaler;
mod verify;
mod weight_names;
mod weights;
mod widths;
mod xlm_roberta;

pub use clip_image::ClipImage;
pub use clip_text::{ClipText, ClipTextOutput};
pub use config::{
    BetaSchedule, ClipActivation, ClipTextConfig, ClipVisionConfig, Config, DdimConfig, Defaults, MovqConfig,
    MultilingualClipConfig, PredictionType, PriorConfig, PriorSamplerConfig, TimestepSpacing, UNetConfig,
};
pub use convert::convert;
pub use error::{ModelError, without_backtrace};
pub use files::{EmbeddedFiles, ModelFiles};
pub use inpaint_input::{inpaint_input, kept_cells, nearest_pixel};
pub use kandinsky21::{DenoisingStart, EncodedPrompt, FitsContext, Kandinsky21, defaults as model_defaults};
pub use loading::{LoadProgress, PartName};
pub use movq::Movq;
pub use multilingual_clip::{MultilingualClip, MultilingualClipOutput};
pub use part_folders::{PartFolder, Shapes, is_unused, part_folders};
pub use precision::{NumberFormat, Precision, PrecisionError};
pub use prior::{Prior, PriorText};
pub use samplers::{
    DecoderSampling, Denoising, Mode, NegativeUse, NoiseSchedule, Paste, Prediction, PriorOptions, PriorSampler,
    PriorSamplerKind, PriorSampling, Rules, Sampled, Sampler, SamplerKind, Start, UnknownSampler,
};
pub use tokenizers::{CONTEXT_TOKENS, ClipTokenizer, Tokens, XlmRobertaTokenizer};
pub use unet::{Conditioning, UNet};
pub use upscaler::{CompactShape, RrdbShape, Upscaler, UpscalerContents, UpscalerShape};
pub use verify::{Flaw, PartContents};
pub use weights::{RANDOM_WEIGHTS, Stored, Weights};
