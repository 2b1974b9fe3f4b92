//! Feature maps as convolutions read them, and the epilogue of products and convolutions.

use pulp::{Simd, WithSimd};

use super::arch::dispatch;

/// A feature map, `[n, h, w, channels]`.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct FeatureMap<'a> {
    pub(in crate::ops) values: &'a [f32],
    pub(in crate::ops) batch: usize,
    pub(in crate::ops) height: usize,
    pub(in crate::ops) width: usize,
    /// Whether each pixel stands for 2×2: convolutions then see `[n, 2h, 2w, channels]`.
    pub(in crate::ops) enlarged: bool,
}

impl<'a> FeatureMap<'a> {
    /// Height and width as convolutions see them.
    pub(in crate::ops) fn size(&self) -> (usize, usize) {
        let factor = if self.enlarged { 2 } else { 1 };
        (factor * self.height, factor * self.width)
    }

    /// How many channels it has.
    pub(super) fn channels(&self) -> usize {
        self.values.len() / (self.batch * self.height * self.width).max(1)
    }

    /// The channels of a pixel as convolutions see it; None beyond the bottom and the right.
    pub(super) fn pixel(&self, picture: usize, y: usize, x: usize, channels: usize) -> Option<&'a [f32]> {
        let (height, width) = self.size();
        if y >= height || x >= width {
            return None;
        }
        let shift = usize::from(self.enlarged);
        let pixel = (picture * self.height + (y >> shift)) * self.width + (x >> shift);
        Some(&self.values[pixel * channels..][..channels])
    }
}

/// What is done to the sums of a convolution or a product before they are written: bias and residual are added, then negative
/// numbers are multiplied by their channel's slope.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Epilogue<'a> {
    /// `[outputs]`.
    pub(in crate::ops) bias: Option<&'a [f32]>,
    /// As large as the result.
    pub(in crate::ops) residual: Option<&'a [f32]>,
    /// `[outputs]`: leaky ReLU and PReLU.
    pub(in crate::ops) slopes: Option<&'a [f32]>,
}

impl<'a> Epilogue<'a> {
    /// Writes the results from `sums` of the columns from `column` on into `place`; `row` is where the row begins.
    pub(in crate::ops) fn finish(&self, row: usize, column: usize, sums: &[f32], place: &mut [f32]) {
        let of_channels = |values: Option<&'a [f32]>| values.map(|values| &values[column..][..place.len()]);
        let (bias, slopes) = (of_channels(self.bias), of_channels(self.slopes));
        let residual = self.residual.map(|residual| &residual[row + column..][..place.len()]);
        dispatch(Finish { sums, bias, residual, slopes, place });
    }
}

/// Slices of one length.
struct Finish<'a> {
    sums: &'a [f32],
    bias: Option<&'a [f32]>,
    residual: Option<&'a [f32]>,
    slopes: Option<&'a [f32]>,
    place: &'a mut [f32],
}

impl WithSimd for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sums, bias, residual, slopes, place } = self;
        let (sums, sums_tail) = S::as_simd_f32s(sums);
        let (bias, bias_tail) = S::as_simd_f32s(bias.unwrap_or(&[]));
        let (residual, residual_tail) = S::as_simd_f32s(residual.unwrap_or(&[]));
        let (slopes, slopes_tail) = S::as_simd_f32s(slopes.unwrap_or(&[]));
        let (place, place_tail) = S::as_mut_simd_f32s(place);
        for (index, place) in place.iter_mut().enumerate() {
            let mut value = sums[index];
            if let Some(bias) = bias.get(index) {
                value = simd.add_f32s(value, *bias);
            }
            if let Some(residual) = residual.get(index) {
                value = simd.add_f32s(value, *residual);
            }
            if let Some(slope) = slopes.get(index) {
                value = sloped(simd, value, *slope);
            }
            *place = value;
        }
        for (index, place) in place_tail.iter_mut().enumerate() {
            let of = |tail: &[f32]| tail.get(index).copied().unwrap_or(0.);
            let value = sums_tail[index] + of(bias_tail) + of(residual_tail);
            *place = slopes_tail.get(index).map_or(value, |slope| value.max(0.) + slope * value.min(0.));
        }
    }
}

/// Each number, or where it is negative its product with the slope.
#[inline(always)]
pub(super) fn sloped<S: Simd>(simd: S, value: S::f32s, slope: S::f32s) -> S::f32s {
    let zero = simd.splat_f32s(0.);
    simd.mul_add_e_f32s(slope, simd.min_f32s(value, zero), simd.max_f32s(value, zero))
}
