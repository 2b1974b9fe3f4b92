//! The transforms of Winograd's convolution F(4×4, 3×3).
//!
//! A tile of 6×6 pixels gives 4×4 results with 36 products per pair of channels in place of 144 (Lavin and Gray,
//! <https://arxiv.org/abs/1509.09308>). The points of interpolation are 0, ±√½, ±√2 and ∞: their powers stay nearer to 1 than
//! those of the usual 0, ±1, ±2, and f32 loses about half as much.

// Indices say which row meets which column, and iterators would hide it from the compiler that makes vectors of it.
#![allow(clippy::needless_range_loop)]

use pulp::Simd;

/// Side of a tile's result.
pub(super) const TILE: usize = 4;
/// Side of a tile's input.
pub(super) const REACH: usize = TILE + 2;
/// Products per tile and pair of channels.
pub(super) const FREQUENCIES: usize = REACH * REACH;

const A: f32 = std::f32::consts::FRAC_1_SQRT_2;
const B: f32 = std::f32::consts::SQRT_2;

/// `x · y + z`. A function and not a closure: closures are not compiled for the processor's vectors.
#[inline(always)]
fn fused<S: Simd>(simd: S, x: f32, y: S::f32s, z: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(simd.splat_f32s(x), y, z)
}

/// Six pixels of a line to six frequencies.
#[inline(always)]
fn input_line<S: Simd>(simd: S, d: [S::f32s; 6]) -> [S::f32s; 6] {
    let near = (fused(simd, -2., d[2], d[4]), fused(simd, -2., d[1], d[3]));
    let far = (fused(simd, -0.5, d[2], d[4]), fused(simd, -0.5, d[1], d[3]));
    [
        simd.add_f32s(fused(simd, -2.5, d[2], d[0]), d[4]),
        fused(simd, A, near.1, near.0),
        fused(simd, -A, near.1, near.0),
        fused(simd, B, far.1, far.0),
        fused(simd, -B, far.1, far.0),
        simd.add_f32s(fused(simd, -2.5, d[3], d[1]), d[5]),
    ]
}

/// Three weights of a line to six frequencies.
#[inline(always)]
fn weight_line<S: Simd>(simd: S, g: [S::f32s; 3]) -> [S::f32s; 6] {
    let near = fused(simd, 0.5, g[2], g[0]);
    let far = fused(simd, 2., g[2], g[0]);
    [
        g[0],
        simd.mul_f32s(simd.splat_f32s(-2. / 3.), fused(simd, A, g[1], near)),
        simd.mul_f32s(simd.splat_f32s(-2. / 3.), fused(simd, -A, g[1], near)),
        simd.mul_f32s(simd.splat_f32s(1. / 6.), fused(simd, B, g[1], far)),
        simd.mul_f32s(simd.splat_f32s(1. / 6.), fused(simd, -B, g[1], far)),
        g[2],
    ]
}

/// Six frequencies to four results of a line.
#[inline(always)]
fn output_line<S: Simd>(simd: S, m: [S::f32s; 6]) -> [S::f32s; 4] {
    let (near, near_odd) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
    let (far, far_odd) = (simd.add_f32s(m[3], m[4]), simd.sub_f32s(m[3], m[4]));
    [
        simd.add_f32s(simd.add_f32s(m[0], near), far),
        fused(simd, A, near_odd, simd.mul_f32s(simd.splat_f32s(B), far_odd)),
        fused(simd, 0.5, near, simd.mul_f32s(simd.splat_f32s(2.), far)),
        fused(simd, 0.5 * A, near_odd, fused(simd, 2. * B, far_odd, m[5])),
    ]
}

/// A tile of pixels to its frequencies, `[row][column]` both.
#[inline(always)]
pub(super) fn input<S: Simd>(simd: S, pixels: &[[S::f32s; 6]; 6]) -> [[S::f32s; 6]; 6] {
    let mut half = [[simd.splat_f32s(0.); 6]; 6];
    for column in 0..REACH {
        let mut line = [simd.splat_f32s(0.); 6];
        for row in 0..REACH {
            line[row] = pixels[row][column];
        }
        let line = input_line(simd, line);
        for row in 0..REACH {
            half[row][column] = line[row];
        }
    }
    for line in &mut half {
        *line = input_line(simd, *line);
    }
    half
}

/// A kernel of 3×3 weights to its frequencies.
#[inline(always)]
pub(super) fn weight<S: Simd>(simd: S, weights: &[[S::f32s; 3]; 3]) -> [[S::f32s; 6]; 6] {
    let mut half = [[simd.splat_f32s(0.); 3]; 6];
    for column in 0..3 {
        let line = weight_line(simd, [weights[0][column], weights[1][column], weights[2][column]]);
        for row in 0..REACH {
            half[row][column] = line[row];
        }
    }
    let mut whole = [[simd.splat_f32s(0.); 6]; 6];
    for row in 0..REACH {
        whole[row] = weight_line(simd, half[row]);
    }
    whole
}

/// Frequencies to a tile of results.
#[inline(always)]
pub(super) fn output<S: Simd>(simd: S, frequencies: &[[S::f32s; 6]; 6]) -> [[S::f32s; 4]; 4] {
    let mut half = [[simd.splat_f32s(0.); 6]; 4];
    for column in 0..REACH {
        let mut line = [simd.splat_f32s(0.); 6];
        for row in 0..REACH {
            line[row] = frequencies[row][column];
        }
        let line = output_line(simd, line);
        for row in 0..TILE {
            half[row][column] = line[row];
        }
    }
    let mut whole = [[simd.splat_f32s(0.); 4]; 4];
    for row in 0..TILE {
        whole[row] = output_line(simd, half[row]);
    }
    whole
}
