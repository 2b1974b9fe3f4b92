//! Convolutions of any kernel and stride: patches laid out as rows, then one product.

use std::cell::RefCell;

use rayon::prelude::*;

use super::aligned::Aligned;
use super::feature_map::{Epilogue, FeatureMap};
use super::gemm::Matrix;
use super::panels::Panels;
use super::product::product;

/// Most numbers of patches that are held at once: 32 MiB.
const HELD: usize = 1 << 23;

thread_local! {
    static PATCHES: RefCell<Aligned> = RefCell::default();
}

/// How a square kernel moves over a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::ops) struct Window {
    pub(in crate::ops) kernel: usize,
    pub(in crate::ops) stride: usize,
    /// Zeros at the top and the left.
    pub(in crate::ops) before: usize,
    /// Zeros at the bottom and the right.
    pub(in crate::ops) after: usize,
}

impl Window {
    /// Height and width of the result.
    pub(in crate::ops) fn result(&self, (height, width): (usize, usize)) -> (usize, usize) {
        let side = |side: usize| (side + self.before + self.after).saturating_sub(self.kernel) / self.stride + 1;
        (side(height), side(width))
    }

    /// The convolution of `map` with `weight`, `[outputs, inputs · kernel²]`, into `result`, `[n, h, w, outputs]`.
    pub(in crate::ops) fn convolve(
        &self,
        map: FeatureMap<'_>,
        weight: &Panels,
        epilogue: Epilogue<'_>,
        result: &mut [f32],
    ) {
        let (height, width) = self.result(map.size());
        let (depth, outputs) = (weight.depth(), weight.outputs());
        let rows = map.batch * height * width;
        let held = (HELD / depth).max(1);
        let zeros = vec![0f32; depth / (self.kernel * self.kernel)];
        for (first, result) in (0..rows).step_by(held).zip(result.chunks_mut(held * outputs)) {
            let rows = held.min(rows - first);
            PATCHES.with_borrow_mut(|patches| {
                let patches = patches.at_least(rows * depth);
                patches.par_chunks_mut(depth).enumerate().for_each(|(row, patch)| {
                    let (picture, pixel) = ((first + row) / (height * width), (first + row) % (height * width));
                    self.lay_out(map, picture, (pixel / width, pixel % width), &zeros, patch);
                });
                let left = Matrix { values: patches, rows, stride: depth };
                product(left, weight, result, |row, column, sums, place| {
                    epilogue.finish((first + row) * outputs, column, sums, place);
                });
            });
        }
    }

    /// The kernel's input at one position: `[inputs, kernel²]`, zeros beyond the border.
    fn lay_out(
        &self,
        map: FeatureMap<'_>,
        picture: usize,
        (row, column): (usize, usize),
        zeros: &[f32],
        patch: &mut [f32],
    ) {
        let taps = self.kernel * self.kernel;
        let (top, left) = (row * self.stride, column * self.stride);
        let pixel = |tap: usize| {
            let y = (top + tap / self.kernel).checked_sub(self.before)?;
            let x = (left + tap % self.kernel).checked_sub(self.before)?;
            map.pixel(picture, y, x, zeros.len())
        };
        let pixels: Vec<&[f32]> = (0..taps).map(|tap| pixel(tap).unwrap_or(zeros)).collect();
        for (input, places) in patch.chunks_exact_mut(taps).enumerate() {
            for (place, pixel) in places.iter_mut().zip(&pixels) {
                *place = pixel[input];
            }
        }
    }
}
