//! Products of a matrix with packed weights, on all cores.

use rayon::prelude::*;

use super::aligned::Aligned;
use super::disjoint_slice::DisjointSlice;
use super::gemm::{Matrix, PANEL, ROWS, multiply};
use super::panels::Panels;

/// Depth that is summed before the next part of the weights is taken, so that a panel's part stays in the second cache.
pub(super) const DEPTH: usize = 2048;
/// Numbers of the left matrix that a task takes at a time; they are read anew for each panel.
const LEFT: usize = 1 << 19;

/// Weights in panels of [`PANEL`] outputs.
pub(in crate::ops) trait Weights: Sync {
    /// The type that their rows are multiplied with, of four bytes.
    type Left: Copy + Sync;

    fn outputs(&self) -> usize;

    /// Length of a row of [`Weights::Left`].
    fn depth(&self) -> usize;

    /// All rows of `left` with one panel into `scratch.sums`, `[rows, PANEL]`.
    fn multiply_panel(&self, left: Matrix<'_, Self::Left>, panel: usize, scratch: &mut Scratch);
}

/// Buffers of a task, reused by the next.
#[derive(Debug, Default)]
pub(in crate::ops) struct Scratch {
    pub(super) sums: Aligned,
    pub(super) wide: Aligned,
}

/// `left · weightᵀ`, where `left` has the weights' depth. `finish` is given each part of a row of the result: its row, its first
/// column, the sums and the place they go to.
pub(in crate::ops) fn product<W: Weights>(
    left: Matrix<'_, W::Left>,
    weight: &W,
    output: &mut [f32],
    finish: impl Fn(usize, usize, &[f32], &mut [f32]) + Sync,
) {
    let (outputs, depth) = (weight.outputs(), weight.depth());
    let count = outputs.div_ceil(PANEL);
    assert!(output.len() >= left.rows * outputs, "the result is too small");
    let chunk = (LEFT / depth.clamp(1, DEPTH) / ROWS).clamp(1, 16) * ROWS;
    let chunks = left.rows.div_ceil(chunk);
    let wanted = 8 * rayon::current_num_threads();
    let groups = wanted.div_ceil(chunks.max(1)).clamp(1, count);
    let group = count.div_ceil(groups);
    let output = DisjointSlice::new(output);
    let tasks = chunks * count.div_ceil(group);
    (0..tasks).into_par_iter().for_each_init(Scratch::default, |scratch, task| {
        let (group_index, chunk_index) = (task / chunks, task % chunks);
        let (first, rows) = (chunk_index * chunk, chunk.min(left.rows - chunk_index * chunk));
        let part = Matrix { values: &left.values[first * left.stride..], rows, stride: left.stride };
        for panel in group_index * group..((group_index + 1) * group).min(count) {
            weight.multiply_panel(part, panel, scratch);
            let column = panel * PANEL;
            let width = PANEL.min(outputs - column);
            for row in 0..rows {
                let at = (first + row) * outputs + column;
                // SAFETY: no other task has these rows and these columns.
                #[allow(unsafe_code)]
                let place = unsafe { output.part(at, width) };
                finish(first + row, column, &scratch.sums.as_slice()[row * PANEL..][..width], place);
            }
        }
    });
}

impl Weights for Panels {
    type Left = f32;

    fn outputs(&self) -> usize {
        self.outputs()
    }

    fn depth(&self) -> usize {
        self.depth()
    }

    fn multiply_panel(&self, left: Matrix<'_>, panel: usize, scratch: &mut Scratch) {
        let sums = scratch.sums.at_least(left.rows * PANEL);
        for from in (0..self.depth()).step_by(DEPTH) {
            let depth = DEPTH.min(self.depth() - from);
            let right = self.rows(panel, from, depth, &mut scratch.wide);
            let left = Matrix { values: &left.values[from..], ..left };
            multiply(left, depth, right, sums, PANEL, from > 0);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(in crate::ops) mod tests {
    use super::*;
    use crate::ops::cpu::Bf16Panels;
    use candle_core::{DType, Device, Tensor};

    /// Whole numbers that all formats know.
    fn numbers(rows: usize, columns: usize) -> Tensor {
        let values = (0..rows * columns).map(|i| ((i * 7 + i / 5) % 17) as f32 - 8.);
        Tensor::from_iter(values, &Device::Cpu).unwrap().reshape((rows, columns)).unwrap()
    }

    #[test]
    pub(in crate::ops) fn products_with_blocks_are_near_those_with_what_was_rounded() {
        // Depths beyond what is summed at a time, and of blocks that are not full.
        for (rows, depth, outputs) in [(1, 1, 1), (13, 7, 33), (25, 2050, 5), (200, 45, 70), (3, 4100, 64)] {
            let left = Tensor::randn(0f32, 1., (rows, depth), &Device::Cpu).unwrap();
            let weight = Tensor::randn(0f32, 1., (outputs, depth), &Device::Cpu).unwrap();
            let values = left.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let matrix = Matrix { values: &values, rows, stride: depth };
            let mut result = vec![f32::NAN; rows * outputs];
            let copy = |_: usize, _: usize, sums: &[f32], place: &mut [f32]| place.copy_from_slice(sums);
            product(matrix, &Panels::pack_blocks(&weight).unwrap(), &mut result, copy);
            let result = Tensor::from_vec(result, (rows, outputs), &Device::Cpu).unwrap();
            let expected = left.matmul(&weight.t().unwrap()).unwrap();
            let norm = |x: &Tensor| x.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap().sqrt();
            let error = norm(&(result - &expected).unwrap()) / norm(&expected);
            // A block of normal numbers has its largest at about 2.1, and rounding to a 127th of it an error of 0.29 steps.
            assert!(error < 0.012, "{rows} × {depth} × {outputs}: {error}");
        }
    }

    #[test]
    pub(in crate::ops) fn products_are_exact_for_whole_numbers_of_any_shape() {
        for (rows, depth, outputs) in
            [(1, 1, 1), (13, 7, 33), (12, 32, 32), (25, 2050, 5), (200, 18, 70), (1, 4100, 64)]
        {
            let (left, weight) = (numbers(rows, depth), numbers(outputs, depth));
            let expected = left.matmul(&weight.t().unwrap()).unwrap().to_vec2::<f32>().unwrap();
            let values = left.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let left = Matrix { values: &values, rows, stride: depth };
            let copy = |_: usize, _: usize, sums: &[f32], place: &mut [f32]| place.copy_from_slice(sums);
            let mut result = vec![f32::NAN; rows * outputs];
            for dtype in [DType::F32, DType::BF16, DType::F16] {
                let weight = weight.to_dtype(dtype).unwrap();
                product(left, &Panels::pack(&weight).unwrap(), &mut result, copy);
                assert_eq!(result, expected.concat(), "{rows} × {depth} × {outputs} in {dtype:?}");
                // Only where the processor can.
                if let Some(pairs) = Bf16Panels::pack(&weight).unwrap() {
                    assert_eq!(dtype, DType::BF16);
                    result.fill(f32::NAN);
                    pairs.product(left, &mut result, copy);
                    assert_eq!(result, expected.concat(), "{rows} × {depth} × {outputs} in pairs");
                }
            }
        }
    }
}
