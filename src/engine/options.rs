//! Options of the engine.

use std::num::NonZeroU8;
use std::path::PathBuf;

use super::batch_size::BatchSize;
use crate::kandinsky::Precision;

/// Which model is loaded, where it computes, and how much memory it may take.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Folder of a Kandinsky 2.1 model; `None` takes the miniature model that is compiled in (feature `miniature`).
    pub model: Option<PathBuf>,
    /// File of an upscaler; `None`: one in the model folder, or without a model folder the embedded one.
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
