//! Weights in blocks of eight-bit numbers: Q8_0, as ggml calls it
//! (<https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-common.h>, `block_q8_0`).

use half::f16;
use half::slice::HalfFloatSliceExt;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::arch::dispatch;
use super::gemm::PANEL;

/// Neighbours of a row that share a scale.
const BLOCK: usize = 32;
/// The largest eight-bit number.
const LARGEST: f32 = 127.;

/// A matrix in panels, as [`Panels`](super::Panels) cuts it: 8.5 bits for each number.
#[derive(Debug, Clone)]
pub(super) struct Q8Blocks {
    /// `[panel, depth, PANEL]`.
    values: Vec<i8>,
    /// The scale of each block, `[panel, depth / BLOCK, PANEL]`.
    scales: Vec<f16>,
    depth: usize,
}

impl Q8Blocks {
    /// Rounds `weight`, `[outputs, depth]`: each number by at most a 254th of the largest in its block.
    pub(super) fn pack(weight: &[f32], depth: usize) -> Self {
        let depth = depth.max(1);
        let panels = (weight.len() / depth).div_ceil(PANEL);
        let blocks = depth.div_ceil(BLOCK);
        let mut values = vec![0i8; panels * depth * PANEL];
        let mut scales = vec![f16::ZERO; panels * blocks * PANEL];
        let parts = values.par_chunks_mut(depth * PANEL).zip(scales.par_chunks_mut(blocks * PANEL));
        parts.zip(weight.par_chunks(depth * PANEL)).for_each(|((values, scales), rows)| {
            for (output, row) in rows.chunks_exact(depth).enumerate() {
                for (block, numbers) in row.chunks(BLOCK).enumerate() {
                    let scale = numbers.iter().fold(0f32, |most, x| most.max(x.abs())) / LARGEST;
                    scales[block * PANEL + output] = f16::from_f32(scale);
                    let inverse = if scale == 0. { 0. } else { scale.recip() };
                    for (k, x) in numbers.iter().enumerate() {
                        // Within the range by the choice of the scale.
                        #[allow(clippy::cast_possible_truncation)]
                        let rounded = (x * inverse).round() as i8;
                        values[(block * BLOCK + k) * PANEL + output] = rounded;
                    }
                }
            }
        });
        Self { values, scales, depth }
    }

    /// Rows `from..` of a panel as f32, as many as `wide` has room for. `from` must be the beginning of a block.
    pub(super) fn widen(&self, panel: usize, from: usize, wide: &mut [f32]) {
        assert!(from.is_multiple_of(BLOCK), "a block is not cut");
        let values = &self.values[(panel * self.depth + from) * PANEL..];
        let scales = &self.scales[(panel * self.depth.div_ceil(BLOCK) + from / BLOCK) * PANEL..];
        let blocks = wide.chunks_mut(BLOCK * PANEL).zip(values.chunks(BLOCK * PANEL)).zip(scales.chunks_exact(PANEL));
        blocks.for_each(|((wide, values), scales)| dispatch(Widen { wide, values, scales }));
    }
}

/// Some rows of a panel that share their scales.
struct Widen<'a> {
    wide: &'a mut [f32],
    values: &'a [i8],
    scales: &'a [f16],
}

impl WithSimd for Widen<'_> {
    type Output = ();

    /// Plain loops, of which the compiler makes vectors of the kind that was chosen.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut scales = [0f32; PANEL];
        self.scales.convert_to_f32_slice(&mut scales);
        let (rows, values) = (self.wide.as_chunks_mut::<PANEL>().0, self.values.as_chunks::<PANEL>().0);
        for (wide, values) in rows.iter_mut().zip(values) {
            for lane in 0..PANEL {
                wide[lane] = f32::from(values[lane]) * scales[lane];
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{DType, Device, Tensor};

    #[test]
    fn they_hold_what_candles_own_blocks_hold() {
        let (outputs, depth) = (70, 96);
        let weight = Tensor::randn(0f32, 1., (outputs, depth), &Device::Cpu).unwrap();
        // A row of zeros has no scale.
        let zeros = Tensor::zeros((1, depth), DType::F32, &Device::Cpu).unwrap();
        let weight = Tensor::cat(&[&weight.narrow(0, 1, outputs - 1).unwrap(), &zeros], 0).unwrap();
        let expected = QTensor::quantize(&weight, GgmlDType::Q8_0).unwrap().dequantize(&Device::Cpu).unwrap();
        let expected = expected.to_vec2::<f32>().unwrap();
        let blocks = Q8Blocks::pack(&weight.flatten_all().unwrap().to_vec1::<f32>().unwrap(), depth);
        for from in [0, 32] {
            let mut wide = vec![f32::NAN; (depth - from) * PANEL];
            for panel in 0..outputs.div_ceil(PANEL) {
                blocks.widen(panel, from, &mut wide);
                for (at, &value) in wide.iter().enumerate() {
                    let (k, output) = (from + at / PANEL, panel * PANEL + at % PANEL);
                    let expected = expected.get(output).map_or(0., |row| row[k]);
                    assert_eq!(value, expected, "output {output}, depth {k}");
                }
            }
        }
    }
}
