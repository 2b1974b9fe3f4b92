//! Opens the device that computes.

use candle_core::Device;
use candle_core::utils::cuda_is_available;

use super::error::EngineError;
use super::options::DeviceKind;
use crate::kandinsky::{NumberFormat, Precision};
#[cfg(feature = "cuda")]
use crate::ops::open_cuda;

/// Opens a device.
///
/// # Errors
/// [`EngineError::Device`] if the program was built without it or the machine lacks it.
pub(super) fn open_device(kind: DeviceKind) -> Result<Device, EngineError> {
    let cuda = || open_cuda(0).map_err(EngineError::Device);
    match kind {
        DeviceKind::Cpu => Ok(Device::Cpu),
        DeviceKind::Cuda => cuda(),
        DeviceKind::Auto if cuda_is_available() => Ok(cuda().unwrap_or_else(|error| {
            tracing::warn!(%error, "no GPU is used");
            Device::Cpu
        })),
        DeviceKind::Auto => Ok(Device::Cpu),
    }
}

/// Says that this build has no GPUs.
#[cfg(not(feature = "cuda"))]
fn open_cuda(ordinal: usize) -> candle_core::Result<Device> {
    Device::new_cuda(ordinal)
}

/// Checks that a device can compute in a precision.
///
/// # Errors
/// [`EngineError::Q8OnGpu`].
pub(super) fn check_precision(precision: Precision, device: &Device) -> Result<(), EngineError> {
    match !device.is_cpu() && [precision.encoders, precision.prior].contains(&NumberFormat::Q8_0) {
        true => Err(EngineError::Q8OnGpu),
        false => Ok(()),
    }
}

/// Sets the number of processor threads; 0 leaves it to rayon. A second call changes nothing.
pub(super) fn set_threads(threads: usize) {
    if threads > 0 {
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
}
