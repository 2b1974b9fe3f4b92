//! The numbers of a tensor on a CPU.

use candle_core::{CpuStorage, DType, Device, Layout, Result, Storage, Tensor};

use super::widen::widen;

/// The type in which operations on a device compute and give their results, for weights of type `weights`.
///
/// On a CPU that is always f32: nothing between two operations is rounded.
pub fn compute_dtype(weights: DType, device: &Device) -> DType {
    if device.is_cpu() { DType::F32 } else { weights }
}

/// Stands for Q8_0, 8-bit numbers in blocks with a scale each: the format of the weights of linear layers, where a network is
/// loaded in it. candle has no type of tensors for it; the type that gives it its name here is one that no network computes in.
pub const Q8_0: DType = DType::F8E4M3;

/// The type of the tensors that are not in blocks in a network of type `weights`: embeddings, biases and norms stay f16 beside
/// [`Q8_0`].
pub fn dtype_beside_blocks(weights: DType) -> DType {
    if weights == Q8_0 { DType::F16 } else { weights }
}

/// Hands over the numbers of a tensor on a CPU, in order and as f32.
pub(super) fn with_values<T>(x: &Tensor, use_them: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let x = widen(x)?.contiguous()?;
    let (storage, layout) = x.storage_and_layout();
    Ok(use_them(slice(&x, &storage, layout)?))
}

/// As [`with_values`], of a tensor that may be missing.
pub(super) fn with_optional<T>(x: Option<&Tensor>, use_them: impl FnOnce(Option<&[f32]>) -> T) -> Result<T> {
    match x {
        Some(x) => with_values(x, |values| use_them(Some(values))),
        None => Ok(use_them(None)),
    }
}

/// As [`with_values`], of several tensors.
pub(super) fn with_all<T>(tensors: &[&Tensor], use_them: impl FnOnce(&[&[f32]]) -> T) -> Result<T> {
    let wide: Vec<Tensor> = tensors.iter().map(|x| widen(x)?.contiguous()).collect::<Result<_>>()?;
    let held: Vec<_> = wide.iter().map(Tensor::storage_and_layout).collect();
    let slices = wide.iter().zip(&held).map(|(x, (storage, layout))| slice(x, storage, layout));
    Ok(use_them(&slices.collect::<Result<Vec<_>>>()?))
}

/// The numbers of a contiguous f32 tensor on a CPU.
fn slice<'a>(x: &Tensor, storage: &'a Storage, layout: &Layout) -> Result<&'a [f32]> {
    match storage {
        Storage::Cpu(CpuStorage::F32(values)) => Ok(&values[layout.start_offset()..][..x.elem_count()]),
        _ => candle_core::bail!("{:?} on {:?} is not f32 on a CPU", x.dtype(), x.device()),
    }
}
