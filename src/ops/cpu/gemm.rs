//! Products of rows with a panel.

use pulp::{Simd, WithSimd};

use super::arch::dispatch;

/// Outputs side by side in a panel: two AVX-512 registers.
pub(in crate::ops) const PANEL: usize = 32;

/// Rows that the micro-kernel takes at a time; with two AVX-512 registers a row, 24 of the 32 hold sums.
pub(super) const ROWS: usize = 12;

/// Rows of equal length in a larger slice.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Matrix<'a, T = f32> {
    pub(in crate::ops) values: &'a [T],
    pub(in crate::ops) rows: usize,
    /// Distance between the beginnings of two rows.
    pub(in crate::ops) stride: usize,
}

/// `left[.., ..depth] · right` into `sums` with `stride` between rows, or added to what is there; `right` is `[depth, PANEL]`.
pub(super) fn multiply(
    left: Matrix<'_>,
    depth: usize,
    right: &[f32],
    sums: &mut [f32],
    stride: usize,
    accumulate: bool,
) {
    dispatch(Multiply { left, depth, right, sums, stride, accumulate });
}

struct Multiply<'a> {
    left: Matrix<'a>,
    depth: usize,
    right: &'a [f32],
    sums: &'a mut [f32],
    stride: usize,
    accumulate: bool,
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Matrix { values, rows, stride } = self.left;
        if rows == 0 || self.depth == 0 {
            return;
        }
        assert!(values.len() >= (rows - 1) * stride + self.depth, "the left matrix is too small");
        assert!(self.right.len() >= self.depth * PANEL, "the panel is too small");
        assert!(self.sums.len() >= (rows - 1) * self.stride + PANEL, "the sums are too small");
        // Registers decide: AVX-512 has 32 of them and two make a panel's row, the others have 16 or take smaller bites.
        let most = if S::F32_LANES == 16 { ROWS } else { ROWS / 2 };
        let mut row = 0;
        while row < rows {
            let count = most.min(rows - row);
            for column in (0..PANEL).step_by(2 * S::F32_LANES) {
                let block = Block {
                    left: values[row * stride..].as_ptr(),
                    left_stride: stride,
                    right: self.right[column..].as_ptr(),
                    sums: self.sums[row * self.stride + column..].as_mut_ptr(),
                    sums_stride: self.stride,
                    depth: self.depth,
                    accumulate: self.accumulate,
                };
                // SAFETY: the three slices are long enough for `count` rows, as asserted above.
                #[allow(unsafe_code)]
                unsafe {
                    match count {
                        12 => block.run::<S, 12>(simd),
                        11 => block.run::<S, 11>(simd),
                        10 => block.run::<S, 10>(simd),
                        9 => block.run::<S, 9>(simd),
                        8 => block.run::<S, 8>(simd),
                        7 => block.run::<S, 7>(simd),
                        6 => block.run::<S, 6>(simd),
                        5 => block.run::<S, 5>(simd),
                        4 => block.run::<S, 4>(simd),
                        3 => block.run::<S, 3>(simd),
                        2 => block.run::<S, 2>(simd),
                        _ => block.run::<S, 1>(simd),
                    }
                }
            }
            row += count;
        }
    }
}

/// Some rows by two registers' columns.
struct Block {
    left: *const f32,
    left_stride: usize,
    right: *const f32,
    sums: *mut f32,
    sums_stride: usize,
    depth: usize,
    accumulate: bool,
}

impl Block {
    /// # Safety
    /// `left` must be good for `R` rows of `depth` numbers, `right` for `depth` rows of a panel's two registers, `sums` for `R`
    /// rows of them.
    #[allow(unsafe_code)]
    #[inline(always)]
    unsafe fn run<S: Simd, const R: usize>(&self, simd: S) {
        let lanes = S::F32_LANES;
        let zero = simd.splat_f32s(0.);
        let mut sums = [[zero; 2]; R];
        // SAFETY: all addresses are within what the caller promises.
        unsafe {
            for k in 0..self.depth {
                let right = self.right.add(k * PANEL);
                let first: S::f32s = right.cast::<S::f32s>().read_unaligned();
                let second: S::f32s = right.add(lanes).cast::<S::f32s>().read_unaligned();
                for (row, sums) in sums.iter_mut().enumerate() {
                    let left = simd.splat_f32s(*self.left.add(row * self.left_stride + k));
                    sums[0] = simd.mul_add_e_f32s(left, first, sums[0]);
                    sums[1] = simd.mul_add_e_f32s(left, second, sums[1]);
                }
            }
            for (row, [first, second]) in sums.into_iter().enumerate() {
                let place = self.sums.add(row * self.sums_stride);
                let (low, high) = (place.cast::<S::f32s>(), place.add(lanes).cast::<S::f32s>());
                let (first, second) = if self.accumulate {
                    (simd.add_f32s(first, low.read_unaligned()), simd.add_f32s(second, high.read_unaligned()))
                } else {
                    (first, second)
                };
                low.write_unaligned(first);
                high.write_unaligned(second);
            }
        }
    }
}
