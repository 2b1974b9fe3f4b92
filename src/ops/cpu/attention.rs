//! Scaled dot-product attention without ever holding all scores: keys are looked at in blocks, and what was summed before is
//! scaled down whenever a larger score turns up (Milakov and Gimelshein, <https://arxiv.org/abs/1805.02867>; Dao et al.,
//! <https://arxiv.org/abs/2205.14135>).

// Two slices are read at one index, in the way that the compiler makes vectors of.
#![allow(clippy::needless_range_loop)]

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::aligned::Aligned;
use super::arch::dispatch;
use super::disjoint_slice::DisjointSlice;
use super::elementary::exp;
use super::gemm::{Matrix, PANEL, ROWS, multiply};

/// Queries that a task takes: with a block of keys and the sums they fit the second cache.
const QUERIES: usize = 8 * ROWS;
/// Numbers in a block of keys.
const BLOCK: usize = 1 << 15;

/// Tokens of several heads side by side, `[n, tokens, heads · width]`.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct HeadTokens<'a> {
    pub(in crate::ops) values: &'a [f32],
    pub(in crate::ops) tokens: usize,
}

/// A bias of the scores, `[n or 1, queries or 1, keys]`.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Mask<'a> {
    pub(in crate::ops) values: &'a [f32],
    pub(in crate::ops) batch: usize,
    pub(in crate::ops) queries: usize,
}

impl<'a> Mask<'a> {
    fn row(&self, picture: usize, query: usize, keys: usize) -> &'a [f32] {
        let row = (picture % self.batch) * self.queries + query % self.queries;
        &self.values[row * keys..][..keys]
    }
}

/// Queries, keys and values.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Attention<'a> {
    pub(in crate::ops) batch: usize,
    pub(in crate::ops) heads: usize,
    /// Of one head.
    pub(in crate::ops) width: usize,
    pub(in crate::ops) queries: HeadTokens<'a>,
    /// Keys and values, one set after the other.
    pub(in crate::ops) seen: &'a [(HeadTokens<'a>, HeadTokens<'a>)],
    pub(in crate::ops) mask: Option<Mask<'a>>,
}

/// Keys and values of all heads in panels.
struct Packed {
    /// For each picture and head `[keys / PANEL][width][PANEL]`, scaled.
    keys: Aligned,
    /// For each picture and head `[width / PANEL][keys][PANEL]`.
    values: Aligned,
}

/// Buffers of a task, reused by the next.
#[derive(Default)]
struct Scratch {
    scores: Aligned,
    sums: Aligned,
    running: Vec<Running>,
}

/// Of one query: its largest score so far and the sum of the weights below it.
#[derive(Debug, Clone, Copy)]
struct Running {
    largest: f32,
    sum: f32,
}

const NOTHING_SEEN: Running = Running { largest: f32::NEG_INFINITY, sum: 0. };

impl Attention<'_> {
    /// `softmax(q · kᵀ / √width + mask) · v` into `result`, `[n, queries, heads · width]`.
    pub(in crate::ops) fn attend(&self, result: &mut [f32]) {
        let channels = self.heads * self.width;
        assert_eq!(result.len(), self.batch * self.queries.tokens * channels, "the result is of another size");
        let packed = self.pack();
        let blocks = self.queries.tokens.div_ceil(QUERIES);
        let result = DisjointSlice::new(result);
        (0..self.batch * self.heads * blocks).into_par_iter().for_each_init(Scratch::default, |scratch, task| {
            let (head, first) = (task / blocks, task % blocks * QUERIES);
            let rows = QUERIES.min(self.queries.tokens - first);
            self.attend_some(head, first, rows, &packed, scratch);
            for row in 0..rows {
                let place = self.place(head, first + row, self.queries.tokens);
                // SAFETY: no other task has these queries of this head.
                #[allow(unsafe_code)]
                let place = unsafe { result.part(place, self.width) };
                let factor = 1. / scratch.running[row].sum;
                let sums = &scratch.sums.as_slice()[row * self.padded_width()..];
                for i in 0..place.len() {
                    place[i] = sums[i] * factor;
                }
            }
        });
    }

    /// Where a token's numbers for a head begin; heads are counted through all pictures.
    fn place(&self, head: usize, token: usize, tokens: usize) -> usize {
        ((head / self.heads * tokens + token) * self.heads + head % self.heads) * self.width
    }

    fn padded_width(&self) -> usize {
        self.width.next_multiple_of(PANEL)
    }

    fn keys(&self) -> usize {
        self.seen.iter().map(|(keys, _)| keys.tokens).sum()
    }

    /// Room for the keys of a head.
    fn key_room(&self) -> usize {
        self.keys().next_multiple_of(PANEL) * self.width
    }

    /// Room for the values of a head.
    fn value_room(&self) -> usize {
        self.keys() * self.padded_width()
    }

    /// Keys that are looked at together.
    fn block(&self) -> usize {
        (BLOCK / self.width).next_multiple_of(PANEL).min(16 * PANEL).min(self.keys().next_multiple_of(PANEL))
    }

    fn pack(&self) -> Packed {
        let heads = self.batch * self.heads;
        let (mut keys, mut values) = (Aligned::default(), Aligned::default());
        let key_places = keys.at_least(heads * self.key_room()).par_chunks_mut(self.key_room().max(1));
        let value_places = values.at_least(heads * self.value_room()).par_chunks_mut(self.value_room().max(1));
        key_places.zip(value_places).enumerate().for_each(|(head, (keys, values))| self.pack_head(head, keys, values));
        Packed { keys, values }
    }

    fn pack_head(&self, head: usize, packed_keys: &mut [f32], packed_values: &mut [f32]) {
        let (all, width) = (self.keys(), self.width);
        let scale = (width as f32).sqrt().recip();
        let mut key = 0;
        for (keys, values) in self.seen {
            for token in 0..keys.tokens {
                let from = &keys.values[self.place(head, token, keys.tokens)..][..width];
                let to = &mut packed_keys[key / PANEL * width * PANEL + key % PANEL..];
                for i in 0..width {
                    to[i * PANEL] = from[i] * scale;
                }
                let from = &values.values[self.place(head, token, values.tokens)..][..width];
                for (panel, from) in from.chunks(PANEL).enumerate() {
                    packed_values[(panel * all + key) * PANEL..][..from.len()].copy_from_slice(from);
                }
                key += 1;
            }
        }
    }

    /// Some queries of a head: their weighted sums of values and the sums of the weights are left in `scratch`.
    fn attend_some(&self, head: usize, first: usize, rows: usize, packed: &Packed, scratch: &mut Scratch) {
        let (all, width, block) = (self.keys(), self.width, self.block());
        let keys = &packed.keys.as_slice()[head * self.key_room()..][..self.key_room()];
        let values = &packed.values.as_slice()[head * self.value_room()..][..self.value_room()];
        let left = Matrix {
            values: &self.queries.values[self.place(head, first, self.queries.tokens)..],
            rows,
            stride: self.heads * width,
        };
        scratch.running.clear();
        scratch.running.resize(rows, NOTHING_SEEN);
        for from in (0..all).step_by(block) {
            let length = block.min(all - from);
            let scores = scratch.scores.at_least(rows * block);
            for panel in 0..length.div_ceil(PANEL) {
                let right = &keys[(from / PANEL + panel) * width * PANEL..][..width * PANEL];
                multiply(left, width, right, &mut scores[panel * PANEL..], block, false);
            }
            let sums = scratch.sums.at_least(rows * self.padded_width());
            for row in 0..rows {
                let scores = &mut scores[row * block..][..length];
                if let Some(mask) = &self.mask {
                    let mask = &mask.row(head / self.heads, first + row, all)[from..][..length];
                    for i in 0..length {
                        scores[i] += mask[i];
                    }
                }
                let sums = &mut sums[row * self.padded_width()..][..self.padded_width()];
                dispatch(Weigh { scores, sums, running: &mut scratch.running[row] });
            }
            let weights = Matrix { values: scores, rows, stride: block };
            for panel in 0..self.padded_width() / PANEL {
                let right = &values[(panel * all + from) * PANEL..][..length * PANEL];
                multiply(weights, length, right, &mut sums[panel * PANEL..], self.padded_width(), from > 0);
            }
        }
    }
}

/// Scores of one query to weights, relative to the largest score up to now; sums of earlier blocks are brought to it.
struct Weigh<'a> {
    scores: &'a mut [f32],
    sums: &'a mut [f32],
    running: &'a mut Running,
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { scores, sums, running } = self;
        let (body, tail) = S::as_mut_simd_f32s(scores);
        let mut largest = simd.splat_f32s(running.largest);
        for score in body.iter() {
            largest = simd.max_f32s(largest, *score);
        }
        let mut most = simd.reduce_max_f32s(largest);
        for score in tail.iter() {
            most = most.max(*score);
        }
        let shift = simd.splat_f32s(most);
        let mut total = simd.splat_f32s(0.);
        for score in body {
            *score = exp(simd, simd.sub_f32s(*score, shift));
            total = simd.add_f32s(total, *score);
        }
        let last = exp(simd, simd.sub_f32s(simd.partial_load_f32s(tail), shift));
        simd.partial_store_f32s(tail, last);
        let mut sum = simd.reduce_sum_f32s(total);
        for weight in tail.iter() {
            sum += *weight;
        }
        // Before the first block there is nothing to bring along: e^−∞ is 0.
        let factor = (running.largest - most).exp();
        *running = Running { largest: most, sum: running.sum * factor + sum };
        if factor != 1. {
            for value in sums {
                *value *= factor;
            }
        }
    }
}
