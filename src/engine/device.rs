//! Which device computes, and in which number format.

use candle_core::utils::cuda_is_available;
use candle_core::{DType, Device};

use super::EngineError;
use crate::config::{DeviceName, DtypeName};

/// The device of that name.
///
/// # Errors
/// [`EngineError::Device`] if the program was built without it or the machine lacks it.
pub(super) fn device(name: DeviceName) -> Result<Device, EngineError> {
    let cuda = || Device::new_cuda(0).map_err(EngineError::Device);
    match name {
        DeviceName::Cpu => Ok(Device::Cpu),
        DeviceName::Cuda => cuda(),
        DeviceName::Auto if cuda_is_available() => cuda(),
        DeviceName::Auto => Ok(Device::Cpu),
    }
}

/// The format of that name on the device.
///
/// # Errors
/// [`EngineError::NoBf16`] on a CPU, where candle has no such products.
pub(super) fn dtype(name: DtypeName, device: &Device) -> Result<DType, EngineError> {
    match name {
        DtypeName::F32 => Ok(DType::F32),
        DtypeName::F16 => Ok(DType::F16),
        DtypeName::Bf16 if device.is_cpu() => Err(EngineError::NoBf16),
        DtypeName::Auto if device.is_cpu() => Ok(DType::F32),
        DtypeName::Bf16 | DtypeName::Auto => Ok(DType::BF16),
    }
}

/// Sets the number of processor threads; 0 leaves it to rayon. A second call changes nothing.
pub(super) fn set_threads(threads: usize) {
    if threads > 0 {
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
}
