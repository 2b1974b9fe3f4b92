//! The whole model.

use std::sync::OnceLock;

use candle_core::{DType, Device, Tensor};

use super::clip_image::ClipImage;
use super::clip_text::ClipText;
use super::clip_tokenizer::ClipTokenizer;
use super::config::{
    ClipTextConfig, ClipVisionConfig, Config, DdimConfig, Defaults, MovqConfig, MultilingualClipConfig, PriorConfig,
    PriorSamplerConfig, UNetConfig,
};
use super::denoising::Denoising;
use super::error::ModelError;
use super::files::ModelFiles;
use super::layout::Layout;
use super::movq::Movq;
use super::multilingual_clip::MultilingualClip;
use super::prior::{Prior, PriorText};
use super::prior_sampler::PriorSampler;
use super::prior_sampling::PriorSampling;
use super::sampler::SamplerKind;
use super::unet::{Conditioning, UNet};
use super::xlm_roberta_tokenizer::XlmRobertaTokenizer;

type Result<T> = std::result::Result<T, ModelError>;

/// Parts that [`Kandinsky21::load`] reports, in order.
const PARTS: [&str; 6] =
    ["text encoder of the prior", "image encoder", "prior", "text encoder of the decoder", "UNet", "MoVQ"];

/// How far loading has come: reported before each part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadProgress {
    /// What is being loaded now.
    pub part: &'static str,
    /// Parts loaded before it.
    pub done: usize,
    /// Parts in all.
    pub total: usize,
}

/// All parts of a model, loaded.
#[derive(Debug)]
pub struct Kandinsky21 {
    clip_tokenizer: ClipTokenizer,
    clip_text: ClipText,
    clip_image: ClipImage,
    prior: Prior,
    prior_sampler: PriorSamplerConfig,
    multilingual_tokenizer: XlmRobertaTokenizer,
    multilingual_clip: MultilingualClip,
    unet: UNet,
    /// Loaded when first asked for, unless `unet` serves.
    inpaint_unet: OnceLock<UNet>,
    ddim: DdimConfig,
    movq: Movq,
    defaults: Defaults,
    zero_image_embedding: Tensor,
    files: ModelFiles,
    layout: Layout,
    device: Device,
    dtype: DType,
}

/// A text as both encoders read it: everything the prior and the decoder ever need of it. One row in each tensor.
#[derive(Debug, Clone)]
pub struct EncodedPrompt {
    /// For the prior.
    pub clip: PriorText,
    /// States of the multilingual encoder, `[1, 77, hidden]`.
    pub hidden: Tensor,
    /// Its pooled output, `[1, embedding]`.
    pub pooled: Tensor,
    /// Whether the end of the text did not fit CLIP's 77 tokens, and the prior does not know it.
    pub truncated_for_prior: bool,
    /// Whether the end of the text did not fit the decoder's 77 tokens.
    pub truncated_for_decoder: bool,
}

impl Kandinsky21 {
    /// Loads every part needed to draw from text; weights are cast to `dtype`.
    ///
    /// Where both decoders are there, the inpainting network is loaded when first asked for.
    ///
    /// # Errors
    /// [`ModelError`] that names the file at fault.
    pub fn load(
        files: &ModelFiles,
        device: &Device,
        dtype: DType,
        mut progress: impl FnMut(LoadProgress),
    ) -> Result<Self> {
        let layout = Layout::find(files)?;
        let mut parts = PARTS.iter().zip(0..);
        let mut next = || {
            if let Some((part, done)) = parts.next() {
                progress(LoadProgress { part, done, total: PARTS.len() });
            }
        };
        let part = PartLoader { files, device, dtype };
        next();
        let clip_tokenizer = ClipTokenizer::load(files, &layout.prior("tokenizer"))?;
        let clip_text: (ClipTextConfig, _) = part.load(&layout.prior("text_encoder"), ClipText::load)?;
        next();
        let clip_image: (ClipVisionConfig, _) = part.load(&layout.prior("image_encoder"), ClipImage::load)?;
        next();
        let prior: (PriorConfig, _) = part.load(&layout.prior("prior"), Prior::load)?;
        let prior_sampler = part.scheduler(&layout.prior("scheduler"))?;
        next();
        let tokenizer = layout.decoder("tokenizer");
        let multilingual_tokenizer = XlmRobertaTokenizer::load(files, &tokenizer)?;
        let multilingual_clip: (MultilingualClipConfig, _) =
            part.load(&layout.decoder("text_encoder"), MultilingualClip::load)?;
        next();
        let unet: (UNetConfig, _) = part.load(&layout.decoder("unet"), UNet::load)?;
        next();
        let movq: (MovqConfig, _) = part.load(&layout.decoder("movq"), Movq::load)?;
        let widths = Widths {
            clip_text: &clip_text.0,
            clip_image: &clip_image.0,
            prior: &prior.0,
            multilingual: &multilingual_clip.0,
            unet: &unet.0,
            movq: &movq.0,
        };
        widths.check().map_err(|reason| ModelError::Config { file: files.name(), reason })?;
        Ok(Self {
            zero_image_embedding: clip_image.1.zero()?.to_dtype(DType::F32)?,
            clip_tokenizer,
            clip_text: clip_text.1,
            clip_image: clip_image.1,
            prior: prior.1,
            prior_sampler,
            multilingual_tokenizer,
            multilingual_clip: multilingual_clip.1,
            unet: unet.1,
            inpaint_unet: OnceLock::new(),
            ddim: part.scheduler(&layout.decoder("scheduler"))?,
            movq: movq.1,
            defaults: defaults(files)?,
            files: files.clone(),
            layout,
            device: device.clone(),
            dtype,
        })
    }

    /// Native size and default settings.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// The device the model is on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Type the networks compute in.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Width of an image embedding: 768 in the published model.
    pub fn embedding_dim(&self) -> usize {
        self.prior.embedding_dim()
    }

    /// Side of the square picture that [`Kandinsky21::image_embedding`] takes, pixels.
    pub fn clip_image_size(&self) -> usize {
        self.clip_image.image_size()
    }

    /// Pixels along the side of one latent cell: 8 in the published model.
    pub fn scale(&self) -> usize {
        self.movq.config().scale()
    }

    /// Channels of a latent.
    pub fn latent_channels(&self) -> usize {
        self.unet.config().latent_channels()
    }

    /// Height and width of the latent for a picture of `height` × `width` pixels.
    ///
    /// Rounded up to what the UNet can halve often enough, so that the decoded picture covers the one asked for and may
    /// be larger: in the published model sides are multiples of 64 pixels.
    pub fn latent_size(&self, height: usize, width: usize) -> (usize, usize) {
        let multiple = self.unet.config().latent_multiple();
        let side = |pixels: usize| pixels.max(1).div_ceil(self.scale() * multiple) * multiple;
        (side(height), side(width))
    }

    /// Reads a text with both encoders. The empty text is what an absent negative prompt stands for.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn encode_text(&self, text: &str) -> Result<EncodedPrompt> {
        let clip_tokens = self.clip_tokenizer.encode(text)?;
        let clip = self.clip_text.forward(&[&clip_tokens.ids])?;
        let tokens = self.multilingual_tokenizer.encode(text)?;
        let multilingual = self.multilingual_clip.forward(&[&tokens.ids], &[&tokens.mask])?;
        let mask = Tensor::new(clip_tokens.mask.as_slice(), &self.device)?;
        Ok(EncodedPrompt {
            clip: PriorText {
                hidden: clip.hidden,
                embeds: clip.embeds,
                mask: mask.to_dtype(DType::F32)?.unsqueeze(0)?,
            },
            hidden: multilingual.hidden,
            pooled: multilingual.pooled,
            truncated_for_prior: clip_tokens.truncated,
            truncated_for_decoder: tokens.truncated,
        })
    }

    /// What pictures are about: `[n, 3, side, side]`, normalised with CLIP's mean and deviation, to `[n, embedding]` f32.
    ///
    /// # Errors
    /// If the shape does not fit or a computation fails.
    pub fn image_embedding(&self, pixels: &Tensor) -> Result<Tensor> {
        Ok(self.clip_image.forward(pixels)?.to_dtype(DType::F32)?)
    }

    /// The embedding that stands for "no picture", `[1, embedding]` f32: that of a tensor of zeros.
    pub fn zero_image_embedding(&self) -> &Tensor {
        &self.zero_image_embedding
    }

    /// Starts the prior: from noise `[n, embedding]` (f32, on any device) to `n` image embeddings of `text`.
    ///
    /// `against` is the encoded negative prompt, or the encoded empty text. The embedding to guide the decoder against
    /// is [`Kandinsky21::zero_image_embedding`] without a negative prompt; with one it is the prior's own for the
    /// negative prompt against itself, from the same noise.
    ///
    /// # Errors
    /// [`ModelError::Steps`], or if the shapes do not fit.
    pub fn prior_sampling(
        &self,
        text: &EncodedPrompt,
        against: &EncodedPrompt,
        steps: usize,
        guidance: f64,
        initial: &Tensor,
    ) -> Result<PriorSampling> {
        let sampler = PriorSampler::new(&self.prior_sampler, steps)?;
        let initial = initial.to_device(&self.device)?.to_dtype(DType::F32)?;
        Ok(PriorSampling::new(sampler, &text.clip, &against.clip, guidance, initial)?)
    }

    /// Takes one step of the prior, with `noise` of the initial shape where
    /// [`needs_noise`](PriorSampling::needs_noise) says so.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn prior_step(&self, sampling: &mut PriorSampling, noise: Option<&Tensor>) -> Result<()> {
        let noise = noise.map(|noise| noise.to_device(&self.device));
        sampling.step(&self.prior, noise.transpose()?.as_ref())?;
        Ok(())
    }

    /// The image embeddings of a finished run, `[n, embedding]` f32.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn prior_embeddings(&self, sampling: &PriorSampling) -> Result<Tensor> {
        Ok(sampling.embeddings(&self.prior)?)
    }

    /// What the UNet is told of `n` pictures of one text: image embeddings are `[n, embedding]`.
    ///
    /// # Errors
    /// If the shapes do not fit or a computation fails.
    pub fn condition(&self, text: &EncodedPrompt, image_embeddings: &Tensor) -> Result<Conditioning> {
        let count = image_embeddings.dim(0)?;
        let hidden = text.hidden.repeat((count, 1, 1))?;
        let pooled = text.pooled.repeat((count, 1))?;
        Ok(self.unet.condition(&hidden, &pooled, image_embeddings)?)
    }

    /// Starts denoising from noise `[n, channels, h, w]` (f32, on any device; see [`Kandinsky21::latent_size`]).
    ///
    /// # Errors
    /// [`ModelError::Steps`], or if the noise cannot be moved to the device.
    pub fn denoising(
        &self,
        sampler: SamplerKind,
        steps: usize,
        conditional: Conditioning,
        unconditional: Conditioning,
        guidance: f64,
        initial: &Tensor,
    ) -> Result<Denoising> {
        let sampler = sampler.build(&self.ddim, steps)?;
        let initial = initial.to_device(&self.device)?.to_dtype(DType::F32)?;
        Ok(Denoising::new(sampler, conditional, unconditional, guidance, initial))
    }

    /// Takes one step of each denoising with one call of the UNet: see [`Denoising::step_together`].
    ///
    /// # Errors
    /// If a computation fails.
    pub fn denoise_step(&self, denoisings: &mut [&mut Denoising]) -> Result<()> {
        Ok(Denoising::step_together(&self.unet, denoisings)?)
    }

    /// Latents `[n, channels, h, w]` to pixels `[n, 3, scale · h, scale · w]` from 0 to 1, f32.
    ///
    /// Pictures are decoded one by one: memory does not grow with their number, and each equals itself drawn alone.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn decode(&self, latents: &Tensor) -> Result<Tensor> {
        let latents = latents.to_device(&self.device)?;
        let pictures = (0..latents.dim(0)?).map(|picture| {
            let pixels = self.movq.decode(&latents.narrow(0, picture, 1)?)?;
            ((pixels * 0.5)? + 0.5)?.clamp(0f32, 1f32)
        });
        let pictures = pictures.collect::<candle_core::Result<Vec<_>>>()?;
        Ok(Tensor::cat(&pictures, 0)?)
    }

    /// Pixels `[n, 3, h, w]` from 0 to 1 to latents `[n, channels, h / scale, w / scale]`, f32.
    ///
    /// # Errors
    /// If the sides are not multiples of [`Kandinsky21::scale`] or a computation fails.
    pub fn encode(&self, pixels: &Tensor) -> Result<Tensor> {
        let pixels = pixels.to_device(&self.device)?;
        let pictures = (0..pixels.dim(0)?).map(|picture| {
            let pixels = pixels.narrow(0, picture, 1)?.to_dtype(DType::F32)?;
            self.movq.encode(&((pixels * 2.)? - 1.)?)
        });
        let pictures = pictures.collect::<candle_core::Result<Vec<_>>>()?;
        Ok(Tensor::cat(&pictures, 0)?)
    }

    /// The network that fills holes; loaded at the first call where it is not the one that draws from text.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] where the model has none, or what loading it says.
    pub fn inpaint_unet(&self) -> Result<&UNet> {
        if self.layout.one_unet() {
            return Ok(&self.unet);
        }
        if let Some(unet) = self.inpaint_unet.get() {
            return Ok(unet);
        }
        let folder = self.layout.inpaint_unet(&self.files)?;
        let part = PartLoader { files: &self.files, device: &self.device, dtype: self.dtype };
        let (_, unet): (UNetConfig, _) = part.load(&folder, UNet::load)?;
        Ok(self.inpaint_unet.get_or_init(|| unet))
    }

    /// The parts by themselves, for comparisons and tools.
    pub fn prior(&self) -> &Prior {
        &self.prior
    }

    /// The UNet that draws from text.
    pub fn unet(&self) -> &UNet {
        &self.unet
    }

    /// The autoencoder.
    pub fn movq(&self) -> &Movq {
        &self.movq
    }

    /// The tokenizer of the prior.
    pub fn clip_tokenizer(&self) -> &ClipTokenizer {
        &self.clip_tokenizer
    }

    /// The tokenizer of the decoder.
    pub fn multilingual_tokenizer(&self) -> &XlmRobertaTokenizer {
        &self.multilingual_tokenizer
    }
}

/// `kandinsky.json`, or the published model's settings.
fn defaults(files: &ModelFiles) -> Result<Defaults> {
    if files.has_file("kandinsky.json") {
        return files.config("kandinsky.json");
    }
    Ok(Defaults::default())
}

/// Loads parts that are a folder with `config.json` and weights.
#[derive(Clone, Copy)]
struct PartLoader<'a> {
    files: &'a ModelFiles,
    device: &'a Device,
    dtype: DType,
}

impl PartLoader<'_> {
    fn load<C: Config, T>(
        self,
        folder: &str,
        load: impl FnOnce(&C, candle_nn::VarBuilder<'_>) -> candle_core::Result<T>,
    ) -> Result<(C, T)> {
        let config: C = self.files.config(&format!("{folder}/config.json"))?;
        let part = self.files.part(folder, self.dtype, self.device, |vb| load(&config, vb))?;
        Ok((config, part))
    }

    fn scheduler<C: Config>(self, folder: &str) -> Result<C> {
        self.files.config(&format!("{folder}/scheduler_config.json"))
    }
}

/// Widths of one part that another depends on.
struct Widths<'a> {
    clip_text: &'a ClipTextConfig,
    clip_image: &'a ClipVisionConfig,
    prior: &'a PriorConfig,
    multilingual: &'a MultilingualClipConfig,
    unet: &'a UNetConfig,
    movq: &'a MovqConfig,
}

impl Widths<'_> {
    /// Whether the parts belong together.
    fn check(&self) -> std::result::Result<(), String> {
        let embedding = self.prior.embedding_dim;
        let pairs = [
            ("hidden_size of the prior's text encoder", self.clip_text.hidden_size, embedding),
            ("projection_dim of the prior's text encoder", self.clip_text.projection_dim, embedding),
            ("projection_dim of the image encoder", self.clip_image.projection_dim, embedding),
            ("cross_attention_dim of the UNet", self.unet.cross_attention_dim, embedding),
            ("numDims of the decoder's text encoder", self.multilingual.num_dims, embedding),
            ("encoder_hid_dim of the UNet", self.unet.text_width(), self.multilingual.hidden_size),
            ("vq_embed_dim of MoVQ", self.movq.latent_width(), self.unet.latent_channels()),
        ];
        match pairs.iter().find(|(_, value, expected)| value != expected) {
            Some((name, value, expected)) => {
                Err(format!("{name} is {value} where the other parts need {expected}: the parts are not of one model"))
            }
            None => Ok(()),
        }
    }
}
