//! Group normalisation of channels-last maps.

// Two slices are read at one index, in the way that the compiler makes vectors of.
#![allow(clippy::needless_range_loop)]

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::arch::dispatch;
use super::elementary::silu;

/// Pixels that are looked at together.
const RUN: usize = 64;

/// Maps to normalise, `[n, pixels, channels]`.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Maps {
    pub(in crate::ops) channels: usize,
    /// Pixels of one map.
    pub(in crate::ops) pixels: usize,
    pub(in crate::ops) groups: usize,
    pub(in crate::ops) eps: f64,
}

/// Steps after the division by the deviation.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Modulation<'a> {
    /// `[n, channels]`.
    pub(in crate::ops) gain: &'a [f32],
    /// `[n, channels]`.
    pub(in crate::ops) offset: &'a [f32],
    pub(in crate::ops) spatial: Option<Spatial<'a>>,
    pub(in crate::ops) silu: bool,
}

/// A gain and an offset for each place, from smaller maps `[n, height, width, channels]` whose pixels are repeated.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Spatial<'a> {
    pub(in crate::ops) gain: &'a [f32],
    pub(in crate::ops) offset: &'a [f32],
    pub(in crate::ops) size: (usize, usize),
    /// Height and width of the normalised map.
    pub(in crate::ops) map: (usize, usize),
}

impl Spatial<'_> {
    /// Where the channels of the small maps begin for a pixel of a picture.
    fn at(&self, picture: usize, pixel: usize, channels: usize) -> usize {
        let (y, x) = (pixel / self.map.1, pixel % self.map.1);
        let (y, x) = (y * self.size.0 / self.map.0, x * self.size.1 / self.map.1);
        ((picture * self.size.0 + y) * self.size.1 + x) * channels
    }
}

impl Maps {
    /// Normalises all maps into `result`; without `values`, those that stand there.
    pub(in crate::ops) fn normalise(&self, values: Option<&[f32]>, modulation: Modulation<'_>, result: &mut [f32]) {
        let size = self.channels * self.pixels;
        let run = RUN * self.channels;
        for (picture, result) in result.chunks_exact_mut(size).enumerate() {
            let values = values.map(|values| &values[picture * size..][..size]);
            let channels = picture * self.channels..(picture + 1) * self.channels;
            let (gain, offset) = (&modulation.gain[channels.clone()], &modulation.offset[channels]);
            let factors = &self.factors(values.unwrap_or(result), gain, offset);
            let apply = |(index, result): (usize, &mut [f32])| {
                let values = values.map(|values| &values[index * run..][..result.len()]);
                let place = (picture, index * RUN);
                dispatch(Apply { values, result, factors, modulation, channels: self.channels, place });
            };
            result.par_chunks_mut(run).enumerate().for_each(apply);
        }
    }

    /// Factor and offset of each channel.
    fn factors(&self, map: &[f32], gain: &[f32], offset: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let width = self.channels / self.groups;
        let groups = self.moments(map).into_iter().map(|moments| moments.normalising(self.eps));
        let each = groups.flat_map(|group| std::iter::repeat_n(group, width));
        let factors = each.zip(gain.iter().zip(offset)).map(|((mean, inverse), (gain, offset))| {
            let factor = inverse * gain;
            (factor, offset - mean * factor)
        });
        factors.unzip()
    }

    /// Mean and spread of each group of a map.
    fn moments(&self, map: &[f32]) -> Vec<Moments> {
        let runs = map.par_chunks(RUN * self.channels).map(|run| self.run_moments(run));
        let none = || vec![Moments::default(); self.groups];
        runs.reduce(none, |a, b| a.into_iter().zip(b).map(|(a, b)| a.and(b)).collect())
    }

    /// Of a short run the mean first, then the squares around it: in f32 nothing cancels.
    fn run_moments(&self, run: &[f32]) -> Vec<Moments> {
        let width = self.channels / self.groups;
        let count = (run.len() / self.groups) as f64;
        let mut sums = vec![0f32; self.channels];
        dispatch(Sum { run, sums: &mut sums, around: None });
        let per_group = |sums: &[f32]| -> Vec<f64> {
            sums.chunks_exact(width).map(|sums| sums.iter().map(|&sum| f64::from(sum)).sum()).collect()
        };
        let means: Vec<f64> = per_group(&sums).into_iter().map(|sum| sum / count).collect();
        let centres: Vec<f32> = means.iter().flat_map(|&mean| std::iter::repeat_n(mean as f32, width)).collect();
        sums.fill(0.);
        dispatch(Sum { run, sums: &mut sums, around: Some(&centres) });
        let squares = per_group(&sums).into_iter();
        means.into_iter().zip(squares).map(|(mean, squares)| Moments { count, mean, squares }).collect()
    }
}

/// How many numbers, their mean, and the sum of squares around it.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Of both together (Chan, Golub and LeVeque, 1979).
    fn and(self, other: Self) -> Self {
        let count = self.count + other.count;
        if count == 0. {
            return self;
        }
        let apart = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + apart * other.count / count,
            squares: self.squares + other.squares + apart * apart * self.count * other.count / count,
        }
    }

    /// The mean and 1/√(variance + eps).
    fn normalising(self, eps: f64) -> (f32, f32) {
        (self.mean as f32, (1. / (self.squares / self.count.max(1.) + eps).sqrt()) as f32)
    }
}

/// The sum over the pixels of a run for each channel, or that of the squares around something.
struct Sum<'a> {
    run: &'a [f32],
    sums: &'a mut [f32],
    around: Option<&'a [f32]>,
}

impl WithSimd for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let channels = self.sums.len();
        let (sums, tail) = S::as_mut_simd_f32s(self.sums);
        for pixel in self.run.chunks_exact(channels) {
            let (pixel, rest) = S::as_simd_f32s(pixel);
            match self.around {
                None => {
                    for index in 0..sums.len() {
                        sums[index] = simd.add_f32s(sums[index], pixel[index]);
                    }
                    for index in 0..tail.len() {
                        tail[index] += rest[index];
                    }
                }
                Some(around) => {
                    let (around, around_rest) = S::as_simd_f32s(around);
                    for index in 0..sums.len() {
                        let apart = simd.sub_f32s(pixel[index], around[index]);
                        sums[index] = simd.mul_add_e_f32s(apart, apart, sums[index]);
                    }
                    for index in 0..tail.len() {
                        tail[index] += (rest[index] - around_rest[index]).powi(2);
                    }
                }
            }
        }
    }
}

/// A run of pixels to its result.
struct Apply<'a> {
    /// None: what stands in the result.
    values: Option<&'a [f32]>,
    result: &'a mut [f32],
    factors: &'a (Vec<f32>, Vec<f32>),
    modulation: Modulation<'a>,
    channels: usize,
    /// Picture and first pixel.
    place: (usize, usize),
}

impl WithSimd for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (picture, first) = self.place;
        for (index, to) in self.result.chunks_exact_mut(self.channels).enumerate() {
            let from = self.values.map(|values| &values[index * self.channels..][..self.channels]);
            for channel in (0..self.channels).step_by(S::F32_LANES) {
                let end = (channel + S::F32_LANES).min(self.channels);
                let value = match from {
                    Some(from) => simd.partial_load_f32s(&from[channel..end]),
                    None => simd.partial_load_f32s(&to[channel..end]),
                };
                let factor = simd.partial_load_f32s(&self.factors.0[channel..end]);
                let term = simd.partial_load_f32s(&self.factors.1[channel..end]);
                let mut value = simd.mul_add_e_f32s(value, factor, term);
                if let Some(spatial) = self.modulation.spatial {
                    let at = spatial.at(picture, first + index, self.channels);
                    let gain = simd.partial_load_f32s(&spatial.gain[at + channel..at + end]);
                    let offset = simd.partial_load_f32s(&spatial.offset[at + channel..at + end]);
                    value = simd.mul_add_e_f32s(value, gain, offset);
                }
                if self.modulation.silu {
                    value = silu(simd, value);
                }
                simd.partial_store_f32s(&mut to[channel..end], value);
            }
        }
    }
}
