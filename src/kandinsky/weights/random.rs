//! Random weights for measuring speed and memory: made when a network asks for them, of the shape it asks for.
//!
//! Each layer keeps the scale of what passes through it, so that values stay finite in every format.

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use rayon::prelude::*;

use crate::ops::dtype_beside_blocks;

/// The content of a weight file in a model with random weights.
pub const RANDOM_WEIGHTS: &[u8] = b"random weights";

/// Numbers that one core makes at a time.
const CHUNK: usize = 1 << 16;

/// Length of the one tensor whose shape the network reads from the file: ten picture tokens, 768 wide each.
const PICTURE_TOKENS_BIAS: (&str, usize) = ("encoder_hid_proj.image_embeds.bias", 10 * 768);

/// Weights without a file.
pub(in crate::kandinsky) fn builder(dtype: DType, device: &Device) -> VarBuilder<'static> {
    VarBuilder::from_backend(Box::new(RandomWeights), dtype, device.clone())
}

struct RandomWeights;

impl SimpleBackend for RandomWeights {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let dtype = dtype_beside_blocks(dtype);
        let inputs: usize = shape.dims().iter().skip(1).product();
        match (shape.rank(), name.rsplit('.').next()) {
            (_, Some("bias" | "clip_mean")) => Tensor::zeros(shape, dtype, device),
            (1, Some("weight")) | (_, Some("clip_std")) => Tensor::ones(shape, dtype, device),
            // Uniform numbers of this range have the variance 1 / inputs.
            _ => uniform(shape, (3. / inputs as f32).sqrt(), seed(name), dtype)?.to_device(device),
        }
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let (known, length) = PICTURE_TOKENS_BIAS;
        if name != known {
            candle_core::bail!("the shape of {name} is not known");
        }
        self.get(length.into(), name, Init::Const(0.), dtype, device)
    }

    /// The names of today; older files have others for the same tensors.
    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

/// FNV-1a, so that each tensor has its own numbers.
fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn uniform(shape: Shape, range: f32, seed: u64, dtype: DType) -> Result<Tensor> {
    let count = shape.elem_count();
    match dtype {
        DType::F32 => {
            let numbers = chunks(count, |chunk, numbers| fill(numbers, range, seed ^ chunk));
            Tensor::from_vec(numbers, shape, &Device::Cpu)
        }
        DType::BF16 => Tensor::from_vec(narrow::<bf16>(count, range, seed), shape, &Device::Cpu),
        DType::F16 => Tensor::from_vec(narrow::<f16>(count, range, seed), shape, &Device::Cpu),
        other => candle_core::bail!("networks do not compute in {other:?}"),
    }
}

fn narrow<T: Default + Clone + Send>(count: usize, range: f32, seed: u64) -> Vec<T>
where
    [T]: HalfFloatSliceExt,
{
    chunks(count, |chunk, numbers| {
        let mut wide = vec![0f32; numbers.len()];
        fill(&mut wide, range, seed ^ chunk);
        numbers.convert_from_f32_slice(&wide);
    })
}

fn chunks<T: Default + Clone + Send>(count: usize, fill: impl Fn(u64, &mut [T]) + Sync) -> Vec<T> {
    let mut numbers = vec![T::default(); count];
    numbers.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, numbers)| fill(chunk as u64, numbers));
    numbers
}

/// Uniform numbers from −`range` to `range`: splitmix64, of which the high 24 bits are taken.
fn fill(numbers: &mut [f32], range: f32, seed: u64) {
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    for number in numbers {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        *number = ((mixed >> 40) as f32 / (1u64 << 23) as f32 - 1.) * range;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn they_keep_the_scale_and_differ_by_name() {
        for dtype in [DType::F32, DType::BF16, DType::F16] {
            let weights = builder(dtype, &Device::Cpu);
            let get = |name: &str| weights.get((500, 400), name).unwrap().to_dtype(DType::F32).unwrap();
            let tensor = get("conv.weight");
            let square = tensor.sqr().unwrap().mean_all().unwrap().to_scalar::<f32>().unwrap();
            assert!((square * 400. - 1.).abs() < 0.02, "{square}");
            assert!(tensor.mean_all().unwrap().to_scalar::<f32>().unwrap().abs() < 1e-3);
            let other = get("conv2.weight");
            let product = (tensor * other).unwrap().mean_all().unwrap().to_scalar::<f32>().unwrap();
            assert!((product * 400.).abs() < 0.02, "{product}");
        }
    }
}
