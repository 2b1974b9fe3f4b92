//! The numbers of a tensor on a CPU.

use candle_core::{CpuStorage, DType, Device, Result, Storage, Tensor};

use super::widen::widen;

/// The type in which operations on a device compute and give their results, for weights of type `weights`.
///
/// On a CPU that is always f32: 16-bit weights are widened as they are used, and nothing between two operations is rounded.
pub fn compute_dtype(weights: DType, device: &Device) -> DType {
    if device.is_cpu() { DType::F32 } else { weights }
}

/// Hands over the numbers of a tensor on a CPU, in order and as f32.
pub(super) fn with_values<T>(x: &Tensor, use_them: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let x = widen(x)?.contiguous()?;
    let (storage, layout) = x.storage_and_layout();
    let range = layout.start_offset()..layout.start_offset() + x.elem_count();
    match &*storage {
        Storage::Cpu(CpuStorage::F32(values)) => Ok(use_them(&values[range])),
        _ => candle_core::bail!("{:?} on {:?} is not f32 on a CPU", x.dtype(), x.device()),
    }
}

/// As [`with_values`], of a tensor that may be missing.
pub(super) fn with_optional<T>(x: Option<&Tensor>, use_them: impl FnOnce(Option<&[f32]>) -> T) -> Result<T> {
    match x {
        Some(x) => with_values(x, |values| use_them(Some(values))),
        None => Ok(use_them(None)),
    }
}
