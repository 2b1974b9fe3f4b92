//! Options of the engine.

use std::num::NonZeroU8;
use std::path::PathBuf;

use super::batch_size::BatchSize;
use crate::kandinsky::{Precision, Rules};

/// Which model is loaded, where it computes, and how much memory it may take.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Folder of a Kandinsky 2.1 model; `None` takes the miniature model that is compiled in (feature `miniature`).
    pub model: Option<PathBuf>,
    /// File of an upscaler; `None`: one in the model folder, if there is one.
    pub upscaler: Option<PathBuf>,
    /// Where to compute.
    pub device: DeviceKind,
    /// Number format of each network.
    pub precision: Precision,
    /// Which networks stay in memory.
    pub memory: MemoryPlan,
    /// Processor threads; 0 takes all cores. Only the first engine of a process sets them.
    pub threads: usize,
    /// How many pictures share the steps of the networks.
    pub batch: BatchSize,
    /// Whether finished pictures and previews are compared with descriptions of unsafe content.
    pub safety_checker: bool,
    /// Whose program is followed where the published ones differ.
    pub rules: Rules,
    /// Which texts are translated for a model that reads no Russian.
    pub translate: Translate,
    /// Folder of the translator; `None` takes the folder `opus-mt-ru-en` inside of the model folder, if there is one.
    pub translator: Option<PathBuf>,
}

/// For which part of a model that reads no Russian Russian texts are translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Translate {
    /// For all of it.
    #[default]
    Auto,
    /// For none.
    Off,
    /// For the prior; the decoder reads what was written.
    Prior,
}

impl Default for EngineOptions {
    /// The embedded miniature on the best device, one picture at a time, unchecked.
    fn default() -> Self {
        Self {
            model: None,
            upscaler: None,
            device: DeviceKind::Auto,
            precision: Precision::default(),
            memory: MemoryPlan::Auto,
            threads: 0,
            batch: BatchSize::AtMost(NonZeroU8::MIN),
            safety_checker: false,
            rules: Rules::Sound,
            translate: Translate::Auto,
            translator: None,
        }
    }
}

/// A device to compute on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceKind {
    /// A GPU where the program was built for one and finds one, else the CPU.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA GPU (needs a build with the feature `cuda`).
    Cuda,
}

/// How much of the model stays in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryPlan {
    /// [`MemoryPlan::High`] if all of it fits, else [`MemoryPlan::Low`].
    #[default]
    Auto,
    /// Only the networks of the running stage; slower, since they are loaded anew for every picture.
    Low,
    /// All of it.
    High,
}
