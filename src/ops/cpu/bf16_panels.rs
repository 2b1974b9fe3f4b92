//! Products of bf16 numbers by the processor's own instruction for them (AVX512-BF16), which takes two at a time and sums in
//! f32: up to twice as fast as f32. What the weights are multiplied with is rounded to bf16, too.

use candle_core::{DType, Result, Tensor};
use half::bf16;

use super::aligned::Aligned;
use super::gemm::{Matrix, PANEL};
use super::product::{DEPTH, Scratch, Weights, product};

/// A bf16 matrix `[outputs, depth]` cut into panels of [`PANEL`] outputs, each stored `[depth / 2, PANEL, 2]`. The last panel is
/// filled up with zeros.
#[derive(Debug, Clone)]
pub(in crate::ops) struct Bf16Panels {
    /// Two neighbours of a row in each.
    storage: Aligned<u32>,
    outputs: usize,
    pairs: usize,
}

impl Bf16Panels {
    /// Packs `weight`, `[outputs, depth]`; None if it is not bf16, if its depth is odd or if the processor can not do it.
    pub(in crate::ops) fn pack(weight: &Tensor) -> Result<Option<Self>> {
        let (outputs, depth) = weight.dims2()?;
        if weight.dtype() != DType::BF16 || !depth.is_multiple_of(2) || depth == 0 || !kernel::is_there() {
            return Ok(None);
        }
        let pairs = depth / 2;
        let mut storage = Aligned::default();
        let packed = storage.at_least(outputs.div_ceil(PANEL) * pairs * PANEL);
        for (output, row) in weight.contiguous()?.flatten_all()?.to_vec1::<bf16>()?.chunks_exact(depth).enumerate() {
            let start = output / PANEL * pairs * PANEL + output % PANEL;
            for (k, pair) in row.chunks_exact(2).enumerate() {
                packed[start + k * PANEL] = u32::from(pair[0].to_bits()) | u32::from(pair[1].to_bits()) << 16;
            }
        }
        Ok(Some(Self { storage, outputs, pairs }))
    }

    pub(in crate::ops) fn depth(&self) -> usize {
        2 * self.pairs
    }

    pub(in crate::ops) fn outputs(&self) -> usize {
        self.outputs
    }

    /// As [`product`], of f32 numbers that are rounded first.
    pub(in crate::ops) fn product(
        &self,
        left: Matrix<'_>,
        output: &mut [f32],
        finish: impl Fn(usize, usize, &[f32], &mut [f32]) + Sync,
    ) {
        let mut rounded = vec![0u32; left.rows * self.pairs];
        kernel::round(left, &mut rounded);
        product(Matrix { values: &rounded, rows: left.rows, stride: self.pairs }, self, output, finish);
    }
}

impl Weights for Bf16Panels {
    type Left = u32;

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn depth(&self) -> usize {
        self.pairs
    }

    fn multiply_panel(&self, left: Matrix<'_, u32>, panel: usize, scratch: &mut Scratch) {
        let sums = scratch.sums.at_least(left.rows * PANEL);
        for from in (0..self.pairs).step_by(DEPTH) {
            let pairs = DEPTH.min(self.pairs - from);
            let right = &self.storage.as_slice()[(panel * self.pairs + from) * PANEL..][..pairs * PANEL];
            let left = Matrix { values: &left.values[from..], ..left };
            kernel::multiply(left, right, sums, from > 0);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod kernel {
    use std::arch::x86_64::{
        __m512, __m512bh, __m512i, _mm512_add_ps, _mm512_cvtneps_pbh, _mm512_dpbf16_ps, _mm512_loadu_ps,
        _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_ps, _mm512_storeu_ps,
    };

    use half::bf16;
    use rayon::prelude::*;

    use super::super::gemm::PANEL;
    use super::super::gemm::{Matrix, ROWS};

    /// Numbers that are rounded at a time.
    const LANES: usize = 16;

    /// Whether the processor has the instruction.
    pub(super) fn is_there() -> bool {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bf16")
    }

    /// Rows of f32 to rows of pairs without gaps.
    pub(super) fn round(left: Matrix<'_>, rounded: &mut [u32]) {
        assert!(is_there(), "weights are only packed where the instruction is");
        let pairs = rounded.len() / left.rows.max(1);
        rounded.par_chunks_mut(pairs.max(1)).enumerate().for_each(|(row, rounded)| {
            // SAFETY: the processor has the instruction.
            #[allow(unsafe_code)]
            unsafe {
                round_row(&left.values[row * left.stride..][..2 * pairs], rounded);
            }
        });
    }

    /// # Safety
    /// The processor must have the instruction.
    #[allow(unsafe_code)]
    #[target_feature(enable = "avx512f,avx512bf16")]
    unsafe fn round_row(values: &[f32], rounded: &mut [u32]) {
        let whole = values.len() / LANES * LANES;
        for (values, rounded) in values.chunks_exact(LANES).zip(rounded.chunks_exact_mut(LANES / 2)) {
            // SAFETY: 16 numbers of four bytes are read, 16 of two are written.
            unsafe {
                let narrow = _mm512_cvtneps_pbh(_mm512_loadu_ps(values.as_ptr()));
                rounded
                    .as_mut_ptr()
                    .cast::<[u32; LANES / 2]>()
                    .write_unaligned(std::mem::transmute::<std::arch::x86_64::__m256bh, [u32; LANES / 2]>(narrow));
            }
        }
        let bits = |value: f32| u32::from(bf16::from_f32(value).to_bits());
        for (pair, rounded) in values[whole..].chunks_exact(2).zip(&mut rounded[whole / 2..]) {
            *rounded = bits(pair[0]) | bits(pair[1]) << 16;
        }
    }

    /// `left · right` into `sums`, `[rows, PANEL]`, or added to what is there; `right` is `[pairs, PANEL]`.
    pub(super) fn multiply(left: Matrix<'_, u32>, right: &[u32], sums: &mut [f32], accumulate: bool) {
        let pairs = right.len() / PANEL;
        let Matrix { values, rows, stride } = left;
        assert!(is_there(), "weights are only packed where the instruction is");
        assert!(rows == 0 || values.len() >= (rows - 1) * stride + pairs, "the left matrix is too small");
        assert!(sums.len() >= rows * PANEL, "the sums are too small");
        let mut row = 0;
        while row < rows {
            let count = ROWS.min(rows - row);
            let block = Block {
                left: values[row * stride..].as_ptr(),
                stride,
                right: right.as_ptr(),
                sums: sums[row * PANEL..].as_mut_ptr(),
                pairs,
                accumulate,
            };
            // SAFETY: the slices are long enough for `count` rows, and the instruction is there, as asserted above.
            #[allow(unsafe_code)]
            unsafe {
                match count {
                    12 => block.run::<12>(),
                    11 => block.run::<11>(),
                    10 => block.run::<10>(),
                    9 => block.run::<9>(),
                    8 => block.run::<8>(),
                    7 => block.run::<7>(),
                    6 => block.run::<6>(),
                    5 => block.run::<5>(),
                    4 => block.run::<4>(),
                    3 => block.run::<3>(),
                    2 => block.run::<2>(),
                    _ => block.run::<1>(),
                }
            }
            row += count;
        }
    }

    /// Some rows by a panel.
    struct Block {
        left: *const u32,
        stride: usize,
        right: *const u32,
        sums: *mut f32,
        pairs: usize,
        accumulate: bool,
    }

    impl Block {
        /// # Safety
        /// `left` must be good for `R` rows of `pairs` pairs, `right` for as many rows of a panel, `sums` for `R` rows of a panel, and
        /// the processor must have the instruction.
        #[allow(unsafe_code)]
        #[target_feature(enable = "avx512f,avx512bf16")]
        unsafe fn run<const R: usize>(&self) {
            let mut sums = [[_mm512_setzero_ps(); 2]; R];
            // SAFETY: all addresses are within what the caller promises; all three vector types are 64 plain bytes.
            unsafe {
                for k in 0..self.pairs {
                    let right = self.right.add(k * PANEL);
                    let first = bf16s(_mm512_loadu_si512(right.cast()));
                    let second = bf16s(_mm512_loadu_si512(right.add(PANEL / 2).cast()));
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let left = bf16s(_mm512_set1_epi32((*self.left.add(row * self.stride + k)).cast_signed()));
                        sums[0] = _mm512_dpbf16_ps(sums[0], left, first);
                        sums[1] = _mm512_dpbf16_ps(sums[1], left, second);
                    }
                }
                for (row, [first, second]) in sums.into_iter().enumerate() {
                    let place = self.sums.add(row * PANEL);
                    store(place, first, self.accumulate);
                    store(place.add(PANEL / 2), second, self.accumulate);
                }
            }
        }
    }

    /// # Safety
    /// The processor must have AVX-512.
    #[allow(unsafe_code)]
    #[inline]
    #[target_feature(enable = "avx512f,avx512bf16")]
    unsafe fn bf16s(bits: __m512i) -> __m512bh {
        // SAFETY: both are 64 plain bytes.
        unsafe { std::mem::transmute(bits) }
    }

    /// # Safety
    /// `place` must be good for 16 numbers, and the processor must have AVX-512.
    #[allow(unsafe_code)]
    #[inline]
    #[target_feature(enable = "avx512f,avx512bf16")]
    unsafe fn store(place: *mut f32, sums: __m512, accumulate: bool) {
        // SAFETY: as the caller promises.
        unsafe {
            let sums = if accumulate { _mm512_add_ps(sums, _mm512_loadu_ps(place)) } else { sums };
            _mm512_storeu_ps(place, sums);
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod kernel {
    use super::super::gemm::Matrix;

    pub(super) fn is_there() -> bool {
        false
    }

    pub(super) fn round(_: Matrix<'_>, _: &mut [u32]) {
        unreachable!("weights are only packed where the instruction is");
    }

    pub(super) fn multiply(_: Matrix<'_, u32>, _: &[u32], _: &mut [f32], _: bool) {
        unreachable!("weights are only packed where the instruction is");
    }
}
