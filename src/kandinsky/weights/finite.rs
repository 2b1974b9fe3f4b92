//! Looks for numbers that are not finite.

use candle_core::{CpuStorage, Result, Storage, Tensor};
use rayon::prelude::*;

/// How many numbers of a contiguous tensor on the CPU are NaN or infinite.
///
/// # Errors
/// If the tensor is on another device.
pub(super) fn count_others(tensor: &Tensor) -> Result<usize> {
    let (storage, _) = tensor.storage_and_layout();
    match &*storage {
        // A number is not finite when all bits of its exponent are set.
        Storage::Cpu(CpuStorage::F32(values)) => Ok(count(values, |value| !value.is_finite())),
        Storage::Cpu(CpuStorage::F16(values)) => Ok(count(values, |value| value.to_bits() & 0x7c00 == 0x7c00)),
        Storage::Cpu(CpuStorage::BF16(values)) => Ok(count(values, |value| value.to_bits() & 0x7f80 == 0x7f80)),
        Storage::Cpu(CpuStorage::F64(values)) => Ok(count(values, |value| !value.is_finite())),
        Storage::Cpu(_) => Ok(0),
        _ => candle_core::bail!("the tensor is not on the CPU"),
    }
}

fn count<T: Sync>(values: &[T], is_other: impl Fn(&T) -> bool + Sync) -> usize {
    values.par_chunks(1 << 16).map(|values| values.iter().filter(|value| is_other(value)).count()).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};

    #[test]
    fn every_type_is_looked_through() {
        let values = [0., 1., f32::NAN, -f32::INFINITY, 65504., -1e-8];
        let tensor = Tensor::new(&values, &Device::Cpu).unwrap();
        for dtype in [DType::F32, DType::F64, DType::F16, DType::BF16] {
            assert_eq!(count_others(&tensor.to_dtype(dtype).unwrap()).unwrap(), 2, "{dtype:?}");
        }
        assert_eq!(count_others(&Tensor::new(&[1u8], &Device::Cpu).unwrap()).unwrap(), 0);
    }
}
