//! 16-bit floats to f32 and back, on all cores.
//!
//! On a CPU candle has no convolutions in bf16, and its products of 16-bit numbers are rounded on the way. There an
//! operation on 16-bit data widens what it reads, computes in f32 and narrows its result once: weights and maps take half
//! the memory, and the only loss is that of storing them so.

use candle_core::{CpuStorage, DType, Result, Storage, Tensor};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use rayon::prelude::*;

/// Numbers that one core converts at a time.
const CHUNK: usize = 1 << 16;

/// Whether an operation on this tensor is to be computed in f32.
pub(super) fn is_narrow(x: &Tensor) -> bool {
    x.device().is_cpu() && matches!(x.dtype(), DType::BF16 | DType::F16)
}

/// As f32; an f32 tensor is returned as it is.
pub(super) fn widen(x: &Tensor) -> Result<Tensor> {
    if !is_narrow(x) {
        return x.to_dtype(DType::F32);
    }
    let x = x.contiguous()?;
    let (storage, layout) = x.storage_and_layout();
    let range = layout.start_offset()..layout.start_offset() + x.elem_count();
    let values = match &*storage {
        Storage::Cpu(CpuStorage::BF16(values)) => wide(&values[range]),
        Storage::Cpu(CpuStorage::F16(values)) => wide(&values[range]),
        _ => candle_core::bail!("{:?} is no 16-bit float", x.dtype()),
    };
    Tensor::from_vec(values, x.shape(), x.device())
}

/// An f32 tensor rounded to `dtype`.
pub(super) fn narrow(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if !x.device().is_cpu() || x.dtype() != DType::F32 {
        return x.to_dtype(dtype);
    }
    let x = x.contiguous()?;
    let (storage, layout) = x.storage_and_layout();
    let range = layout.start_offset()..layout.start_offset() + x.elem_count();
    let Storage::Cpu(CpuStorage::F32(values)) = &*storage else {
        return x.to_dtype(dtype);
    };
    match dtype {
        DType::BF16 => Tensor::from_vec(narrowed::<bf16>(&values[range]), x.shape(), x.device()),
        DType::F16 => Tensor::from_vec(narrowed::<f16>(&values[range]), x.shape(), x.device()),
        _ => x.to_dtype(dtype),
    }
}

fn wide<T: Sync>(values: &[T]) -> Vec<f32>
where
    [T]: HalfFloatSliceExt,
{
    let mut result = vec![0f32; values.len()];
    let pairs = values.par_chunks(CHUNK).zip(result.par_chunks_mut(CHUNK));
    pairs.for_each(|(from, to)| from.convert_to_f32_slice(to));
    result
}

fn narrowed<T: Default + Clone + Send>(values: &[f32]) -> Vec<T>
where
    [T]: HalfFloatSliceExt,
{
    let mut result = vec![T::default(); values.len()];
    let pairs = values.par_chunks(CHUNK).zip(result.par_chunks_mut(CHUNK));
    pairs.for_each(|(from, to)| to.convert_from_f32_slice(from));
    result
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn both_ways_equal_candles_own() {
        // More than a chunk, and a part of a larger tensor, so that the offset counts.
        let x = Tensor::randn(0f32, 10., (3, 50_000), &Device::Cpu).unwrap();
        for dtype in [DType::BF16, DType::F16] {
            let narrowed = narrow(&x, dtype).unwrap().narrow(0, 1, 2).unwrap();
            let expected = x.to_dtype(dtype).unwrap().narrow(0, 1, 2).unwrap().to_dtype(DType::F32).unwrap();
            let widened = widen(&narrowed).unwrap().to_vec2::<f32>().unwrap();
            assert_eq!(widened, expected.to_vec2::<f32>().unwrap());
        }
    }
}
