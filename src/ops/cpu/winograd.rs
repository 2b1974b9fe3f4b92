//! 3×3 convolutions by Winograd's algorithm.

// Indices say which row meets which column, and iterators would hide it from the compiler that makes vectors of it.
#![allow(clippy::needless_range_loop)]

use std::cell::RefCell;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::aligned::Aligned;
use super::arch::dispatch;
use super::disjoint_slice::DisjointSlice;
use super::feature_map::{Epilogue, FeatureMap, sloped};
use super::gemm::{Matrix, PANEL, multiply};
use super::panels::Panels;
use super::winograd_transforms::{FREQUENCIES, REACH, TILE, input, output, weight};

/// Inputs must be a multiple of this, and so must the channels of each map that they come from: one AVX-512 register.
const INPUT_MULTIPLE: usize = 16;
/// Panels whose results a task makes side by side.
const GROUP: usize = 2;
/// Outputs of a task.
const COLUMNS: usize = GROUP * PANEL;
/// Tiles that a task multiplies at a time: their sums stay in the second cache.
const TILES: usize = 48;
/// Most numbers of transformed pixels that are held at once: 32 MiB.
const HELD: usize = 1 << 23;
/// With fewer tiles the transform of the kernels costs more than it saves.
const FEWEST_TILES: usize = 40;
/// Kernels that are widened and transformed at a time.
const KERNELS: usize = 64;

thread_local! {
    // Memory that is asked for anew costs more time than the arithmetic that fills it, so each thread keeps what it had.
    static PIXELS: RefCell<Aligned> = RefCell::default();
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// A convolution with a 3×3 kernel, stride 1 and a border of zeros, over `[n, h, w, inputs]`.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Winograd<'a> {
    /// `[outputs, inputs · 9]`.
    weight: &'a Panels,
    inputs: usize,
}

impl<'a> Winograd<'a> {
    /// `weight` is `[outputs, inputs · 9]`; none if this is not the way for so many inputs or so small a map.
    pub(in crate::ops) fn suitable(weight: &'a Panels, map: FeatureMap<'_>) -> Option<Self> {
        let inputs = weight.depth() / 9;
        let tiles = Tiling::of(&[map]).map_or(0, |tiling| tiling.count);
        (inputs.is_multiple_of(INPUT_MULTIPLE) && tiles >= FEWEST_TILES).then_some(Self { weight, inputs })
    }

    /// Whether the convolution can read the channels of maps of one size side by side, without a map that joins them.
    pub(in crate::ops) fn can_join(channels: &[usize]) -> bool {
        channels.iter().all(|channels| channels.is_multiple_of(INPUT_MULTIPLE))
    }

    /// The convolution of the maps' channels side by side into `result`, `[n, h, w, outputs]`. The maps have one size; where they
    /// are several, [`Winograd::can_join`] them.
    pub(in crate::ops) fn forward(&self, maps: &[FeatureMap<'_>], epilogue: Epilogue<'_>, result: &mut [f32]) {
        let Some(tiling) = Tiling::of(maps) else { return };
        assert!(
            tiling.maps.iter().map(FeatureMap::channels).sum::<usize>() == self.inputs,
            "other maps than the weights'"
        );
        let zeros = vec![0f32; self.inputs];
        let held = (HELD / (FREQUENCIES * self.inputs)).max(2 * TILES);
        let blocks = tiling.count.div_ceil(held);
        let held = tiling.count.div_ceil(blocks);
        let stride = self.inputs + INPUT_MULTIPLE;
        let result = DisjointSlice::new(result);
        PIXELS.with_borrow_mut(|pixels| {
            for first in (0..tiling.count).step_by(held) {
                let tiles = first..(first + held).min(tiling.count);
                let pixels = pixels.at_least(FREQUENCIES * tiles.len() * stride);
                transform_pixels(&tiling, &zeros, tiles.clone(), stride, pixels);
                self.multiply(&tiling, tiles, Pixels { values: pixels, stride }, epilogue, &result);
            }
        });
    }

    /// All outputs of some tiles.
    fn multiply(
        &self,
        tiling: &Tiling<'_>,
        tiles: std::ops::Range<usize>,
        pixels: Pixels<'_>,
        epilogue: Epilogue<'_>,
        result: &DisjointSlice<'_>,
    ) {
        let groups = self.weight.count().div_ceil(GROUP);
        let wanted = 2 * rayon::current_num_threads();
        let parts = wanted.div_ceil(groups).clamp(1, tiles.len().div_ceil(TILES));
        let part = tiles.len().div_ceil(parts).next_multiple_of(12);
        let parts = tiles.len().div_ceil(part);
        (0..groups * parts).into_par_iter().for_each(|task| {
            SCRATCH.with_borrow_mut(|scratch| {
                let (group, from) = (task / parts, task % parts * part);
                let until = (from + part).min(tiles.len());
                let panels = (self.weight.count() - group * GROUP).min(GROUP);
                for panel in 0..panels {
                    self.transform_panel(group * GROUP + panel, panel, scratch);
                }
                for start in (from..until).step_by(TILES) {
                    let rows = TILES.min(until - start);
                    self.multiply_tiles(pixels, tiles.len(), start, rows, panels, scratch);
                    let outputs = self.weight.outputs();
                    let finish = Finish {
                        sums: scratch.sums.as_slice(),
                        tiling,
                        first: tiles.start + start,
                        rows,
                        column: group * COLUMNS,
                        width: (panels * PANEL).min(outputs - group * COLUMNS),
                        outputs,
                        epilogue,
                        result,
                    };
                    dispatch(finish);
                }
            });
        });
    }

    /// The frequencies of a panel's kernels, `[frequency, inputs, PANEL]`, into the place `slot` of `scratch`.
    fn transform_panel(&self, panel: usize, slot: usize, scratch: &mut Scratch) {
        let size = FREQUENCIES * self.inputs * PANEL;
        let kernels = &mut scratch.kernels[slot];
        let kernels = kernels.at_least(size);
        for first in (0..self.inputs).step_by(KERNELS) {
            let count = KERNELS.min(self.inputs - first);
            let raw = self.weight.rows(panel, 9 * first, 9 * count, &mut scratch.wide);
            dispatch(TransformKernels { raw, count, first, inputs: self.inputs, kernels });
        }
    }

    /// The sums of `rows` tiles from `start` on into `scratch.sums`, `[frequency, TILES, COLUMNS]`.
    fn multiply_tiles(
        &self,
        pixels: Pixels<'_>,
        tiles: usize,
        start: usize,
        rows: usize,
        panels: usize,
        scratch: &mut Scratch,
    ) {
        let sums = scratch.sums.at_least(FREQUENCIES * TILES * COLUMNS);
        for frequency in 0..FREQUENCIES {
            let values = &pixels.values[(frequency * tiles + start) * pixels.stride..];
            let left = Matrix { values, rows, stride: pixels.stride };
            for (panel, kernels) in scratch.kernels.iter().enumerate().take(panels) {
                let right = &kernels.as_slice()[frequency * self.inputs * PANEL..];
                let sums = &mut sums[frequency * TILES * COLUMNS + panel * PANEL..];
                multiply(left, self.inputs, right, sums, COLUMNS, false);
            }
        }
    }
}

/// Transformed pixels, `[frequency, tile, stride]`.
#[derive(Clone, Copy)]
struct Pixels<'a> {
    values: &'a [f32],
    stride: usize,
}

/// Buffers of a task, reused by the next.
#[derive(Debug, Default)]
struct Scratch {
    kernels: [Aligned; GROUP],
    wide: Aligned,
    sums: Aligned,
}

/// A map cut into tiles.
struct Tiling<'a> {
    maps: &'a [FeatureMap<'a>],
    size: (usize, usize),
    rows: usize,
    columns: usize,
    count: usize,
}

impl<'a> Tiling<'a> {
    /// Of maps of one size; None of no map.
    fn of(maps: &'a [FeatureMap<'a>]) -> Option<Self> {
        let first = maps.first()?;
        assert!(maps.iter().all(|map| (map.batch, map.size()) == (first.batch, first.size())), "maps of other sizes");
        let (height, width) = first.size();
        let (rows, columns) = (height.div_ceil(TILE), width.div_ceil(TILE));
        Some(Self { maps, size: (height, width), rows, columns, count: first.batch * rows * columns })
    }

    /// Picture, top and left of a tile's result.
    fn place(&self, tile: usize) -> (usize, usize, usize) {
        let (picture, tile) = (tile / (self.rows * self.columns), tile % (self.rows * self.columns));
        (picture, tile / self.columns * TILE, tile % self.columns * TILE)
    }

    /// The channels of each pixel of a map that a tile reads; zeros beyond the border.
    fn reads(&self, map: &FeatureMap<'a>, tile: usize, zeros: &'a [f32]) -> [&'a [f32]; FREQUENCIES] {
        let (picture, top, left) = self.place(tile);
        std::array::from_fn(|index| {
            let (y, x) = (top + index / REACH, left + index % REACH);
            let pixel = y.checked_sub(1).zip(x.checked_sub(1));
            pixel.and_then(|(y, x)| map.pixel(picture, y, x, zeros.len())).unwrap_or(zeros)
        })
    }
}

/// The frequencies of some tiles, `[frequency, tile, stride]`.
fn transform_pixels(
    tiling: &Tiling<'_>,
    zeros: &[f32],
    tiles: std::ops::Range<usize>,
    stride: usize,
    pixels: &mut [f32],
) {
    let pixels = DisjointSlice::new(pixels);
    let count = tiles.len();
    (0..count).into_par_iter().with_min_len(8).for_each(|tile| {
        let mut first = 0;
        for map in tiling.maps {
            let channels = map.channels();
            let reads = tiling.reads(map, tiles.start + tile, &zeros[..channels]);
            let place = |frequency: usize| (frequency * count + tile) * stride + first;
            // SAFETY: no other task has this tile, and the maps before had other channels of it.
            #[allow(unsafe_code)]
            let mut places: [&mut [f32]; FREQUENCIES] =
                std::array::from_fn(|frequency| unsafe { pixels.part(place(frequency), channels) });
            dispatch(TransformTile { reads: &reads, places: &mut places });
            first += channels;
        }
    });
}

struct TransformTile<'a, 'b> {
    reads: &'a [&'a [f32]; FREQUENCIES],
    places: &'a mut [&'b mut [f32]; FREQUENCIES],
}

impl WithSimd for TransformTile<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for register in 0..self.reads[0].len() / S::F32_LANES {
            let mut pixels = [[simd.splat_f32s(0.); REACH]; REACH];
            for row in 0..REACH {
                for column in 0..REACH {
                    pixels[row][column] = S::as_simd_f32s(self.reads[REACH * row + column]).0[register];
                }
            }
            let frequencies = input(simd, &pixels);
            for row in 0..REACH {
                for column in 0..REACH {
                    S::as_mut_simd_f32s(self.places[REACH * row + column]).0[register] = frequencies[row][column];
                }
            }
        }
    }
}

struct TransformKernels<'a> {
    /// `[count, 9, PANEL]`.
    raw: &'a [f32],
    count: usize,
    first: usize,
    inputs: usize,
    kernels: &'a mut [f32],
}

impl WithSimd for TransformKernels<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let registers = PANEL / S::F32_LANES;
        let raw = S::as_simd_f32s(self.raw).0;
        let kernels = S::as_mut_simd_f32s(self.kernels).0;
        for kernel in 0..self.count {
            for register in 0..registers {
                let mut weights = [[simd.splat_f32s(0.); 3]; 3];
                for row in 0..3 {
                    for column in 0..3 {
                        weights[row][column] = raw[(9 * kernel + 3 * row + column) * registers + register];
                    }
                }
                let frequencies = weight(simd, &weights);
                for row in 0..REACH {
                    for column in 0..REACH {
                        let place = (REACH * row + column) * self.inputs + self.first + kernel;
                        kernels[place * registers + register] = frequencies[row][column];
                    }
                }
            }
        }
    }
}

/// From sums to results.
struct Finish<'a, 'b> {
    sums: &'a [f32],
    tiling: &'a Tiling<'b>,
    first: usize,
    rows: usize,
    column: usize,
    width: usize,
    outputs: usize,
    epilogue: Epilogue<'a>,
    result: &'a DisjointSlice<'b>,
}

impl WithSimd for Finish<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (height, width) = self.tiling.size;
        for row in 0..self.rows {
            let (picture, top, left) = self.tiling.place(self.first + row);
            for column in (0..self.width).step_by(S::F32_LANES) {
                let lanes = S::F32_LANES.min(self.width - column);
                let mut frequencies = [[simd.splat_f32s(0.); REACH]; REACH];
                for y in 0..REACH {
                    for x in 0..REACH {
                        let at = ((REACH * y + x) * TILES + row) * COLUMNS + column;
                        frequencies[y][x] = S::as_simd_f32s(&self.sums[at..][..S::F32_LANES]).0[0];
                    }
                }
                let tile = output(simd, &frequencies);
                let channel = self.column + column;
                let mut bias = simd.splat_f32s(0.);
                if let Some(values) = self.epilogue.bias {
                    bias = simd.partial_load_f32s(&values[channel..][..lanes]);
                }
                let slopes = self.epilogue.slopes.map(|slopes| simd.partial_load_f32s(&slopes[channel..][..lanes]));
                for y in top..height.min(top + TILE) {
                    for x in left..width.min(left + TILE) {
                        let at = ((picture * height + y) * width + x) * self.outputs + channel;
                        let mut value = simd.add_f32s(tile[y - top][x - left], bias);
                        if let Some(residual) = self.epilogue.residual {
                            value = simd.add_f32s(value, simd.partial_load_f32s(&residual[at..][..lanes]));
                        }
                        if let Some(slopes) = slopes {
                            value = sloped(simd, value, slopes);
                        }
                        // SAFETY: no other task has this tile and these channels.
                        #[allow(unsafe_code)]
                        let place = unsafe { self.result.part(at, lanes) };
                        simd.partial_store_f32s(place, value);
                    }
                }
            }
        }
    }
}
