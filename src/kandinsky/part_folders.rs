//! The networks of a model and their folders.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Error, Result as CandleResult, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};

use super::clip_image::ClipImage;
use super::clip_text::ClipText;
use super::config::{
    ClipTextConfig, ClipVisionConfig, Config, MovqConfig, MultilingualClipConfig, PriorConfig, UNetConfig,
};
use super::error::ModelError;
use super::files::ModelFiles;
use super::layout::Layout;
use super::loading::PartName;
use super::movq::Movq;
use super::multilingual_clip::MultilingualClip;
use super::prior::Prior;
use super::unet::UNet;

/// Tensors that published files hold and no picture needs, which are not worth a note: the codebook, which sampling skips, the pooler, which M-CLIP does not
/// use, and numbered positions that old files store.
const UNUSED: [&str; 4] =
    ["quantize.embedding.weight", "transformer.pooler.dense.", "embeddings.position_ids", "logit_scale"];

/// A network of so many numbers (256 MiB in f32) is recorded, whatever the file holds. A larger one may be so many times as large as
/// its file: a wrong number in `config.json` must not take all memory.
const ALWAYS_RECORDED: u64 = 1 << 26;
const TIMES_THE_FILE: u64 = 4;

/// One network of a model, and the folder that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFolder {
    /// Which network.
    pub part: PartName,
    /// Path inside the model.
    pub folder: String,
}

/// Names and shapes of tensors.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// The networks of a model in the order of use; the inpainting UNet comes last where it is one more.
///
/// # Errors
/// [`ModelError::MissingFile`] where the prior or both decoders are missing.
pub fn part_folders(files: &ModelFiles) -> Result<Vec<PartFolder>, ModelError> {
    let layout = Layout::find(files)?;
    let of = |part, folder| PartFolder { part, folder };
    let mut parts = vec![
        of(PartName::ClipText, layout.prior("text_encoder")),
        of(PartName::ClipImage, layout.prior("image_encoder")),
        of(PartName::Prior, layout.prior("prior")),
        of(PartName::MultilingualClip, layout.decoder("text_encoder")),
        of(PartName::UNet, layout.decoder("unet")),
        of(PartName::Movq, layout.decoder("movq")),
    ];
    if let Ok(folder) = layout.inpaint_unet(files)
        && !layout.one_unet()
    {
        parts.push(of(PartName::UNet, folder));
    }
    Ok(parts)
}

/// Whether a tensor is one that published files hold without need.
pub fn is_unused(name: &str) -> bool {
    UNUSED.iter().any(|unused| name.contains(unused))
}

impl PartFolder {
    /// The tensors that the network reads, by its `config.json`. No numbers are read for it.
    ///
    /// # Errors
    /// If the configuration is missing or describes something unknown, or if the weights can not be opened.
    pub fn expected(&self, files: &ModelFiles) -> Result<Shapes, ModelError> {
        match self.part {
            PartName::ClipText => self.requested(files, |c: &ClipTextConfig, vb| ClipText::load(c, vb)),
            PartName::ClipImage => self.requested(files, |c: &ClipVisionConfig, vb| ClipImage::load(c, vb)),
            PartName::Prior => self.requested(files, |c: &PriorConfig, vb| Prior::load(c, vb)),
            PartName::MultilingualClip => {
                self.requested(files, |c: &MultilingualClipConfig, vb| MultilingualClip::load(c, vb))
            }
            PartName::UNet => self.requested(files, |c: &UNetConfig, vb| UNet::load(c, vb)),
            PartName::Movq => self.requested(files, |c: &MovqConfig, vb| Movq::load(c, vb)),
        }
    }

    /// Builds the network without weights and records the tensors that it requests.
    fn requested<C: Config, N>(
        &self,
        files: &ModelFiles,
        load: impl Fn(&C, VarBuilder<'_>) -> CandleResult<N>,
    ) -> Result<Shapes, ModelError> {
        let config = files.config(&format!("{}/config.json", self.folder))?;
        let stored = files.weights(&self.folder)?.tensors();
        let numbers = stored.iter().map(|(_, stored)| stored.elements()).fold(0, u64::saturating_add);
        let recording = RecordingBackend {
            most: numbers.saturating_mul(TIMES_THE_FILE).max(ALWAYS_RECORDED),
            found: Arc::new(stored.into_iter().map(|(name, stored)| (name, stored.shape)).collect()),
            ..RecordingBackend::default()
        };
        load(&config, VarBuilder::from_backend(Box::new(recording.clone()), DType::F32, Device::Cpu))
            .map_err(|source| files.broken(&self.folder, source))?;
        let shapes = recording.requested.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(shapes.clone())
    }
}

/// Records the tensors that a network requests, and returns zeros. These take no memory until a layer packs them, so their number is
/// bounded.
#[derive(Debug, Clone, Default)]
struct RecordingBackend {
    requested: Arc<Mutex<Shapes>>,
    /// The numbers in them so far, and the most that there may be.
    numbers: Arc<AtomicU64>,
    most: u64,
    /// The shapes in the file.
    found: Arc<Shapes>,
}

impl SimpleBackend for RecordingBackend {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> CandleResult<Tensor> {
        let numbers = shape.dims().iter().fold(1, |product: u64, &dim| product.saturating_mul(dim as u64));
        let before = self.numbers.fetch_add(numbers.min(self.most), Ordering::Relaxed);
        if before.saturating_add(numbers) > self.most {
            return Err(Error::Msg(format!(
                "config.json describes a far larger network than the file holds; the first tensor too many is {name} {:?}",
                shape.dims()
            )));
        }
        self.requested.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_string(), shape.dims().to_vec());
        Tensor::zeros((), dtype, device)?.broadcast_as(shape)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> CandleResult<Tensor> {
        let shape = self.found.get(name).ok_or_else(|| Error::CannotFindTensor { path: name.to_string() })?;
        self.get(Shape::from(shape.as_slice()), name, Init::default(), dtype, device)
    }

    /// As the file has it, so that a network that reads one of several names is checked by the one that it will read.
    fn contains_tensor(&self, name: &str) -> bool {
        self.found.contains_key(name)
    }
}
