//! Which device computes, and in which number format.

use candle_core::utils::cuda_is_available;
use candle_core::{DType, Device};

use super::EngineError;
use crate::config::{DeviceName, DtypeName, Dtypes};
use crate::kandinsky::Precision;
use crate::ops::Q8_0;
#[cfg(feature = "cuda")]
use crate::ops::open_cuda;

/// The device of that name.
///
/// # Errors
/// [`EngineError::Device`] if the program was built without it or the machine lacks it.
pub(super) fn device(name: DeviceName) -> Result<Device, EngineError> {
    let cuda = || open_cuda(0).map_err(EngineError::Device);
    match name {
        DeviceName::Cpu => Ok(Device::Cpu),
        DeviceName::Cuda => cuda(),
        DeviceName::Auto if cuda_is_available() => Ok(cuda().unwrap_or_else(|error| {
            tracing::warn!(%error, "no GPU is used");
            Device::Cpu
        })),
        DeviceName::Auto => Ok(Device::Cpu),
    }
}

/// Says that this build has no GPUs.
#[cfg(not(feature = "cuda"))]
fn open_cuda(ordinal: usize) -> candle_core::Result<Device> {
    Device::new_cuda(ordinal)
}

/// The formats of those names on the device: none is `auto`.
pub(super) fn resolve(names: Dtypes, device: &Device) -> Dtypes {
    let resolve = |name| match name {
        DtypeName::Auto if device.is_cpu() => DtypeName::F32,
        DtypeName::Auto => DtypeName::Bf16,
        name => name,
    };
    let Dtypes { encoders, prior, unet, movq } = names;
    Dtypes { encoders: resolve(encoders), prior: resolve(prior), unet: resolve(unet), movq: resolve(movq) }
}

/// The same in candle's words.
///
/// # Errors
/// [`EngineError::Blocks`] on a GPU.
pub(super) fn precision(names: Dtypes, device: &Device) -> Result<Precision, EngineError> {
    let dtype = |name| match name {
        DtypeName::F16 => DType::F16,
        DtypeName::Bf16 => DType::BF16,
        DtypeName::Q8_0 => Q8_0,
        DtypeName::F32 | DtypeName::Auto => DType::F32,
    };
    let Dtypes { encoders, prior, unet, movq } = resolve(names, device);
    if !device.is_cpu() && [encoders, prior].contains(&DtypeName::Q8_0) {
        return Err(EngineError::Blocks);
    }
    Ok(Precision { encoders: dtype(encoders), prior: dtype(prior), unet: dtype(unet), movq: dtype(movq) })
}

/// Sets the number of processor threads; 0 leaves it to rayon. A second call changes nothing.
pub(super) fn set_threads(threads: usize) {
    if threads > 0 {
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
}
