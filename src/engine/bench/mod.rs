//! How long the parts of the model take, and how much memory.

mod published;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use candle_core::{Shape, Tensor};
use image::{Rgb, RgbImage};

use super::memory::peak_memory;
use super::noise::{Noise, NoiseStream};
use super::options::EngineOptions;
use super::pipeline::model_files;
use super::upscaling::PictureUpscaler;
use super::{Engine, EngineError};
use crate::kandinsky::{CONTEXT_TOKENS, NumberFormat, Precision, PriorText, Upscaler, UpscalerShape};
use crate::pictures::Picture;
use crate::recipe::{Recipe, Size};
use crate::translation::TranslatorBench;

/// The text for both text encoders.
const PROMPT: &str = "a red apple on a blue background, watercolour";
/// In the middle of the noise schedule.
const TIMESTEP: f32 = 500.;

/// A part of the model that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BenchPart {
    /// One evaluation of the UNet.
    Unet,
    /// Latents to pixels.
    Movq,
    /// One evaluation of the prior.
    Prior,
    /// Texts through both text encoders.
    Text,
    /// Whole pictures, from text to pixels.
    Picture,
    /// A Russian text of 15 tokens to English; always at the published size, with random weights.
    Translate,
    /// A picture drawn twice as large by RRDBNet of the published size, on random weights.
    Rrdb,
    /// The same by SRVGGNetCompact.
    Compact,
}

/// How a part is measured.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// Side of the square picture, pixels.
    pub size: u32,
    /// Tensor rows: a picture with guidance has two.
    pub batch: u32,
    /// How often it is done.
    pub runs: u32,
    /// Denoising steps of a whole picture; the model's own number without it.
    pub steps: Option<u32>,
}

/// The result of a measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The number formats that were computed in.
    pub dtype: String,
    /// The device, `cpu` or `cuda`.
    pub device: &'static str,
    /// Time of each run.
    pub times: Vec<Duration>,
    /// The most memory that the process has had resident, mapped pages included, bytes; None where the system does not tell.
    pub peak_bytes: Option<u64>,
}

/// A model to measure. Parts are loaded when they are needed.
#[derive(Debug)]
pub struct Bench {
    engine: Engine,
    precision: Precision,
}

impl Bench {
    /// The model that the options name, or one of the published size with random weights.
    ///
    /// # Errors
    /// [`EngineError`] names the file and what is wrong with it, or what is wrong with the device.
    pub fn open(options: &EngineOptions) -> Result<Self, EngineError> {
        let folder = options.model.as_deref();
        let files = folder.map_or_else(|| Ok(published::files()), |folder| model_files(Some(folder)))?;
        let engine = Engine::open(&files, options)?;
        let precision = options.precision.resolve(engine.model().device());
        Ok(Self { engine, precision })
    }

    /// Measures one part.
    ///
    /// # Errors
    /// [`EngineError`] if it can not be loaded or a computation fails.
    pub fn measure(&self, part: BenchPart, workload: &Workload) -> Result<Measurement, EngineError> {
        let times = match part {
            BenchPart::Unet => self.unet(workload),
            BenchPart::Movq => self.movq(workload),
            BenchPart::Prior => self.prior(workload),
            BenchPart::Text => self.text(workload),
            BenchPart::Picture => self.picture(workload),
            BenchPart::Translate => self.translate(workload),
            BenchPart::Rrdb => self.upscaler(UpscalerShape::published_rrdb(2), workload),
            BenchPart::Compact => self.upscaler(UpscalerShape::published_compact(2), workload),
        }?;
        let Precision { encoders, prior, unet, movq } = self.precision;
        let dtype = match part {
            BenchPart::Unet => unet.to_string(),
            BenchPart::Movq => movq.to_string(),
            BenchPart::Prior => prior.to_string(),
            BenchPart::Text => encoders.to_string(),
            BenchPart::Picture => self.precision.to_string(),
            BenchPart::Translate => NumberFormat::F32.to_string(),
            BenchPart::Rrdb | BenchPart::Compact => {
                if self.engine.model().device().is_cpu() { "f32" } else { "f16" }.to_owned()
            }
        };
        let device = if self.engine.model().device().is_cpu() { "cpu" } else { "cuda" };
        Ok(Measurement { dtype, device, times, peak_bytes: peak_memory() })
    }

    fn unet(&self, workload: &Workload) -> Result<Vec<Duration>, EngineError> {
        let model = self.engine.model();
        let unet = model.unet()?;
        let rows = workload.batch as usize;
        let (height, width) = model.latent_size(workload.size as usize, workload.size as usize);
        let config = unet.config();
        let mut noise = self.noise();
        let latents = noise((rows, config.in_channels, height, width).into())?;
        let context = config.cross_attention_dim;
        let conditioning = unet.condition(
            &noise((rows, CONTEXT_TOKENS, config.text_width()).into())?,
            &noise((rows, context).into())?,
            &noise((rows, context).into())?,
        )?;
        let timesteps = vec![TIMESTEP; rows];
        self.time(workload.runs, || Ok(unet.forward(&latents, &timesteps, &conditioning)?))
    }

    fn movq(&self, workload: &Workload) -> Result<Vec<Duration>, EngineError> {
        let model = self.engine.model();
        model.movq()?;
        let (height, width) = model.latent_size(workload.size as usize, workload.size as usize);
        let latents = self.noise()((workload.batch as usize, model.latent_channels(), height, width).into())?;
        self.time(workload.runs, || Ok(model.decode(&latents)?))
    }

    fn prior(&self, workload: &Workload) -> Result<Vec<Duration>, EngineError> {
        let prior = self.engine.model().prior()?;
        let (rows, embedding) = (workload.batch as usize, prior.embedding_dim());
        let mut noise = self.noise();
        let text = PriorText {
            hidden: noise((rows, CONTEXT_TOKENS, embedding).into())?,
            embeds: noise((rows, embedding).into())?,
            mask: noise((rows, CONTEXT_TOKENS).into())?.ones_like()?,
        };
        let sample = noise((rows, embedding).into())?;
        self.time(workload.runs, || Ok(prior.forward(&sample, TIMESTEP, &text)?))
    }

    fn text(&self, workload: &Workload) -> Result<Vec<Duration>, EngineError> {
        let model = self.engine.model();
        // Loads both encoders.
        model.encode_text(PROMPT)?;
        self.time(workload.runs, || {
            let encoded = (0..workload.batch).map(|_| Ok(model.encode_text(PROMPT)?.pooled));
            Ok(Tensor::cat(&encoded.collect::<Result<Vec<_>, EngineError>>()?, 0)?)
        })
    }

    fn picture(&self, workload: &Workload) -> Result<Vec<Duration>, EngineError> {
        self.engine.load_resident()?;
        let mut recipe = Recipe::text_to_image(PROMPT, 1)?.with_count(workload.batch.div_ceil(2))?;
        recipe.settings.size = Some(Size::square(workload.size));
        recipe.settings.steps = workload.steps;
        let draw = || {
            let started = Instant::now();
            self.engine.draw_each(&recipe, &[], &mut |_| ControlFlow::Continue(()), &mut |_, _| ())?;
            Ok(started.elapsed())
        };
        (0..workload.runs).map(|_| draw()).collect()
    }

    fn translate(&self, workload: &Workload) -> Result<Vec<Duration>, EngineError> {
        let translator = TranslatorBench::of_published_size(self.engine.model().device())?;
        translator.translate()?;
        let once = || {
            let started = Instant::now();
            translator.translate()?;
            Ok(started.elapsed())
        };
        (0..workload.runs).map(|_| once()).collect()
    }

    fn upscaler(&self, shape: UpscalerShape, workload: &Workload) -> Result<Vec<Duration>, EngineError> {
        let upscaler = PictureUpscaler::measured(Upscaler::random(shape, self.engine.model().device())?);
        let picture: Picture =
            RgbImage::from_fn(workload.size, workload.size, |x, y| Rgb([x, y, x ^ y].map(|value| (value % 256) as u8)))
                .into();
        let draw = || {
            let started = Instant::now();
            upscaler.upscale(&picture, 2, &mut |_| ControlFlow::Continue(()))?;
            Ok(started.elapsed())
        };
        (0..workload.runs).map(|_| draw()).collect()
    }

    /// Times `compute` and waits for its result. The first time on a GPU, when kernels are loaded, does not count.
    fn time(&self, runs: u32, compute: impl Fn() -> Result<Tensor, EngineError>) -> Result<Vec<Duration>, EngineError> {
        let once = || {
            let started = Instant::now();
            compute()?.device().synchronize()?;
            Ok(started.elapsed())
        };
        if !self.engine.model().device().is_cpu() {
            once()?;
        }
        (0..runs).map(|_| once()).collect()
    }

    /// Standard normal numbers on the device.
    fn noise(&self) -> impl FnMut(Shape) -> Result<Tensor, EngineError> {
        let mut noise = Noise::new(1, NoiseStream::DecoderStart);
        let device = self.engine.model().device().clone();
        move |shape| Ok(noise.tensor(shape)?.to_device(&device)?)
    }
}
