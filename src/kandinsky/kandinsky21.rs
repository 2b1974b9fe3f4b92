//! The whole model.

mod encoding;

use std::sync::{Arc, OnceLock};

use candle_core::{DType, Device, Tensor};

use super::clip_image::ClipImage;
use super::clip_text::ClipText;
use super::config::{
    ClipTextConfig, ClipVisionConfig, DdimConfig, Defaults, MovqConfig, MultilingualClipConfig, PriorConfig,
    PriorSamplerConfig, UNetConfig,
};
use super::error::ModelError;
use super::files::ModelFiles;
use super::layout::Layout;
use super::lazy_part::LazyPart;
use super::loading::{LoadProgress, PARTS, PartName};
use super::movq::Movq;
use super::multilingual_clip::MultilingualClip;
use super::precision::Precision;
use super::prior::Prior;
use super::samplers::{DecoderSampling, Denoising, Paste, PriorOptions, PriorSampler, PriorSampling};
use super::tokenizers::{ClipTokenizer, XlmRobertaTokenizer};
use super::unet::{Conditioning, UNet};
use super::widths::Widths;

pub use encoding::{EncodedPrompt, FitsContext};

type Result<T> = std::result::Result<T, ModelError>;

/// A model's parts. Each is loaded when it is first needed, or all at once by [`Kandinsky21::load_all`], and can be
/// [released](Kandinsky21::release).
#[derive(Debug)]
pub struct Kandinsky21 {
    clip_tokenizer: ClipTokenizer,
    clip_text: LazyPart<ClipTextConfig, ClipText>,
    clip_image: LazyPart<ClipVisionConfig, ClipImage>,
    prior: LazyPart<PriorConfig, Prior>,
    prior_sampler: PriorSamplerConfig,
    multilingual_tokenizer: XlmRobertaTokenizer,
    multilingual_clip: LazyPart<MultilingualClipConfig, MultilingualClip>,
    unet: LazyPart<UNetConfig, UNet>,
    /// None where `unet` serves, or where the folder has no inpainting network.
    inpaint_unet: Option<LazyPart<UNetConfig, UNet>>,
    ddim: DdimConfig,
    movq: LazyPart<MovqConfig, Movq>,
    defaults: Defaults,
    zero_image_embedding: OnceLock<Tensor>,
    files: ModelFiles,
    layout: Layout,
    device: Device,
}

/// The start of a denoising.
#[derive(Debug, Clone)]
pub struct DenoisingStart<'a> {
    /// Standard normal noise, `[n, channels, h, w]`, f32.
    pub noise: &'a Tensor,
    /// Latents of the picture that is changed, for a sampling with a strength.
    pub init_latents: Option<&'a Tensor>,
    /// What is known of a picture of which a part is drawn anew: see [`inpaint_input`](super::inpaint_input). The network is told
    /// it in every step. Without it an inpainting network draws from text alone.
    pub known: Option<&'a Tensor>,
}

impl<'a> DenoisingStart<'a> {
    /// From noise alone.
    #[must_use]
    pub fn noise(noise: &'a Tensor) -> Self {
        Self { noise, init_latents: None, known: None }
    }
}

impl Kandinsky21 {
    /// Loads every part needed to draw from text; weights are cast to the given precision.
    ///
    /// Where both decoders are there, the inpainting network is loaded when first asked for.
    ///
    /// # Errors
    /// [`ModelError`] that names the file at fault.
    pub fn load(
        files: &ModelFiles,
        device: &Device,
        precision: impl Into<Precision>,
        progress: impl FnMut(LoadProgress),
    ) -> Result<Self> {
        let model = Self::open(files, device, precision)?;
        model.load_all(progress)?;
        Ok(model)
    }

    /// Reads configurations and tokenizers; weights are loaded when they are needed.
    ///
    /// # Errors
    /// [`ModelError`] that names the file at fault.
    pub fn open(files: &ModelFiles, device: &Device, precision: impl Into<Precision>) -> Result<Self> {
        let layout = Layout::find(files)?;
        let Precision { encoders, prior, unet, movq } = precision.into();
        let [encoders, prior, unet, movq] = [encoders, prior, unet, movq].map(|format| format.dtype(device));
        let scheduler = |folder: String| format!("{folder}/scheduler_config.json");
        let inpaint_unet = match layout.inpaint_unet(files) {
            Ok(folder) if !layout.one_unet() => Some(LazyPart::open(files, folder, device, unet, UNet::load)?),
            _ => None,
        };
        let model = Self {
            clip_tokenizer: ClipTokenizer::load(files, &layout.prior("tokenizer"))?,
            clip_text: LazyPart::open(files, layout.prior("text_encoder"), device, encoders, ClipText::load)?,
            clip_image: LazyPart::open(files, layout.prior("image_encoder"), device, encoders, ClipImage::load)?,
            prior: LazyPart::open(files, layout.prior("prior"), device, prior, Prior::load)?,
            prior_sampler: files.config(&scheduler(layout.prior("scheduler")))?,
            multilingual_tokenizer: XlmRobertaTokenizer::load(files, &layout.decoder("tokenizer"))?,
            multilingual_clip: LazyPart::open(
                files,
                layout.decoder("text_encoder"),
                device,
                encoders,
                MultilingualClip::load,
            )?,
            unet: LazyPart::open(files, layout.decoder("unet"), device, unet, UNet::load)?,
            inpaint_unet,
            ddim: files.config(&scheduler(layout.decoder("scheduler")))?,
            movq: LazyPart::open(files, layout.decoder("movq"), device, movq, Movq::load)?,
            defaults: defaults(files)?,
            zero_image_embedding: OnceLock::new(),
            files: files.clone(),
            layout,
            device: device.clone(),
        };
        model.widths().check().map_err(|reason| ModelError::Config { file: files.name(), reason })?;
        Ok(model)
    }

    /// Loads every part needed to draw from text. `progress` is called before each; on a processor they are loaded at the same
    /// time.
    ///
    /// # Errors
    /// [`ModelError`] that names the file at fault.
    pub fn load_all(&self, mut progress: impl FnMut(LoadProgress)) -> Result<()> {
        let mut tell = |part, done| progress(LoadProgress { part, done, total: PARTS.len() });
        if !self.device.is_cpu() {
            return PARTS.into_iter().zip(0..).try_for_each(|(part, done)| {
                tell(part, done);
                self.load_part(part)
            });
        }
        std::thread::scope(|scope| {
            let loading = PARTS.map(|part| (part, scope.spawn(move || self.load_part(part))));
            loading.into_iter().zip(0..).try_for_each(|((part, loading), done)| {
                tell(part, done);
                loading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })
    }

    fn load_part(&self, part: PartName) -> Result<()> {
        match part {
            PartName::ClipText => self.clip_text.get().map(drop),
            PartName::ClipImage => self.clip_image.get().map(drop),
            PartName::Prior => self.prior.get().map(drop),
            PartName::MultilingualClip => self.multilingual_clip.get().map(drop),
            PartName::UNet => self.unet.get().map(drop),
            PartName::Movq => self.movq.get().map(drop),
        }
    }

    /// Lets the weights of a part go, so that their memory is free for the next stage. They are loaded again when they
    /// are needed.
    pub fn release(&self, part: PartName) {
        match part {
            PartName::ClipText => self.clip_text.release(),
            PartName::ClipImage => self.clip_image.release(),
            PartName::Prior => self.prior.release(),
            PartName::MultilingualClip => self.multilingual_clip.release(),
            PartName::UNet => {
                self.unet.release();
                self.inpaint_unet.iter().for_each(LazyPart::release);
            }
            PartName::Movq => self.movq.release(),
        }
    }

    /// Memory that all weights take when everything needed to draw from text is loaded, bytes.
    pub fn bytes(&self) -> u64 {
        let encoders = self.clip_text.bytes() + self.clip_image.bytes() + self.multilingual_clip.bytes();
        encoders + self.prior.bytes() + self.unet.bytes() + self.movq.bytes()
    }

    fn widths(&self) -> Widths<'_> {
        Widths {
            clip_text: self.clip_text.config(),
            clip_image: self.clip_image.config(),
            prior: self.prior.config(),
            multilingual: self.multilingual_clip.config(),
            unet: self.unet.config(),
            movq: self.movq.config(),
        }
    }

    /// Native size and default settings.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// The device the model is on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Width of an image embedding: 768 in the published model.
    pub fn embedding_dim(&self) -> usize {
        self.prior.config().embedding_dim
    }

    /// Side of the square picture that [`Kandinsky21::image_embedding`] takes, pixels.
    pub fn clip_image_size(&self) -> usize {
        self.clip_image.config().image_size
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
        options: &PriorOptions,
        initial: &Tensor,
    ) -> Result<PriorSampling> {
        let PriorOptions { kind, steps, guidance, rules } = *options;
        let sampler = PriorSampler::new(&self.prior_sampler, kind, steps, rules)?;
        let initial = initial.to_device(&self.device)?.to_dtype(DType::F32)?;
        Ok(PriorSampling::new(sampler, &text.clip, &against.clip, rules.guided(guidance), initial)?)
    }

    /// The conditioning of a UNet for `n` pictures of one text; image embeddings are `[n, embedding]`.
    ///
    /// # Errors
    /// If the shapes do not fit or a computation fails.
    pub fn condition(&self, unet: &UNet, text: &EncodedPrompt, image_embeddings: &Tensor) -> Result<Conditioning> {
        let count = image_embeddings.dim(0)?;
        let hidden = text.hidden.repeat((count, 1, 1))?;
        let pooled = text.pooled.repeat((count, 1))?;
        Ok(unet.condition(&hidden, &pooled, image_embeddings)?)
    }

    /// Starts denoising from noise `[n, channels, h, w]` (f32, on any device; see [`Kandinsky21::latent_size`]), or from
    /// a picture's latents of that shape, noised with it.
    ///
    /// # Errors
    /// [`ModelError::Steps`], or if the shapes do not fit.
    pub fn denoising(
        &self,
        sampling: &DecoderSampling,
        conditional: Conditioning,
        unconditional: Conditioning,
        guidance: f64,
        start: &DenoisingStart<'_>,
    ) -> Result<Denoising> {
        let paste = start.known.filter(|_| sampling.rules.lays_known_in());
        let paste = paste.map(|known| Paste::of_input(known, self.latent_channels())).transpose()?;
        let (sampler, levels) = sampling.build(&self.ddim, paste)?;
        let noise = start.noise.to_device(&self.device)?.to_dtype(DType::F32)?;
        let initial = match start.init_latents {
            Some(latents) => (latents * levels.signal)?.broadcast_add(&(noise * levels.noise)?)?,
            None => noise,
        };
        let guidance = sampling.rules.guided(guidance);
        let denoising = Denoising::new(sampler, conditional, unconditional, guidance, initial);
        Ok(match start.known {
            Some(known) => denoising.with_inpaint_input(known.clone()),
            None => denoising,
        })
    }

    /// Latents `[n, channels, h, w]` to pixels `[n, 3, scale · h, scale · w]` from 0 to 1, f32.
    ///
    /// Pictures are decoded one by one: memory does not grow with their number, and each equals itself drawn alone.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn decode(&self, latents: &Tensor) -> Result<Tensor> {
        let latents = latents.to_device(&self.device)?;
        let movq = self.movq.get()?;
        let pictures = (0..latents.dim(0)?).map(|picture| {
            let pixels = movq.decode(&latents.narrow(0, picture, 1)?)?;
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
        let movq = self.movq.get()?;
        let pictures = (0..pixels.dim(0)?).map(|picture| {
            let pixels = pixels.narrow(0, picture, 1)?.to_dtype(DType::F32)?;
            movq.encode(&((pixels * 2.)? - 1.)?)
        });
        let pictures = pictures.collect::<candle_core::Result<Vec<_>>>()?;
        Ok(Tensor::cat(&pictures, 0)?)
    }

    /// Whether the network that fills holes is another one than [the one that draws from text](Kandinsky21::unet).
    pub fn has_two_unets(&self) -> bool {
        self.inpaint_unet.is_some()
    }

    /// The network that fills holes.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] where the model has none, or what loading it says.
    pub fn inpaint_unet(&self) -> Result<Arc<UNet>> {
        match &self.inpaint_unet {
            Some(part) => part.get(),
            None if self.layout.one_unet() => self.unet.get(),
            None => self.layout.inpaint_unet(&self.files).and_then(|_| self.unet.get()),
        }
    }

    /// The network that draws from text.
    ///
    /// # Errors
    /// If it can not be loaded.
    pub fn unet(&self) -> Result<Arc<UNet>> {
        self.unet.get()
    }

    /// The prior.
    ///
    /// # Errors
    /// If it can not be loaded.
    pub fn prior(&self) -> Result<Arc<Prior>> {
        self.prior.get()
    }

    /// The autoencoder.
    ///
    /// # Errors
    /// If it can not be loaded.
    pub fn movq(&self) -> Result<Arc<Movq>> {
        self.movq.get()
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
///
/// # Errors
/// When the file can not be read.
pub fn defaults(files: &ModelFiles) -> Result<Defaults> {
    if files.has_file("kandinsky.json") {
        return files.config("kandinsky.json");
    }
    Ok(Defaults::default())
}
