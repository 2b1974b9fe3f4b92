//! Elementary functions of vectors.

use pulp::{Simd, WithSimd};

use super::arch::dispatch;
use rayon::prelude::*;

/// Numbers that a task computes.
const RUN: usize = 1 << 14;

/// An activation function after a linear layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `x · Φ(x)` with the normal distribution's Φ (Hendrycks and Gimpel, <https://arxiv.org/abs/1606.08415>).
    Gelu,
    /// `x · σ(1.702 x)`, which OpenAI's CLIP has in its place.
    QuickGelu,
    /// `x · σ(x)`, also called Swish.
    Silu,
    /// `max(x, 0)`.
    Relu,
}

/// The factor in QuickGELU.
pub(in crate::ops) const QUICK: f32 = 1.702;

impl Activation {
    /// Each number in its place.
    pub(in crate::ops) fn apply(self, values: &mut [f32]) {
        values.par_chunks_mut(RUN).for_each(|values| dispatch(Activate { activation: self, values }));
    }
}

struct Activate<'a> {
    activation: Activation,
    values: &'a mut [f32],
}

impl WithSimd for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (body, tail) = S::as_mut_simd_f32s(self.values);
        let last = simd.partial_load_f32s(tail);
        match self.activation {
            Activation::Gelu => {
                for value in body {
                    *value = gelu(simd, *value);
                }
                simd.partial_store_f32s(tail, gelu(simd, last));
            }
            Activation::QuickGelu => {
                for value in body {
                    *value = quick_gelu(simd, *value);
                }
                simd.partial_store_f32s(tail, quick_gelu(simd, last));
            }
            Activation::Silu => {
                for value in body {
                    *value = silu(simd, *value);
                }
                simd.partial_store_f32s(tail, silu(simd, last));
            }
            Activation::Relu => {
                let zero = simd.splat_f32s(0.);
                for value in body {
                    *value = simd.max_f32s(*value, zero);
                }
                simd.partial_store_f32s(tail, simd.max_f32s(last, zero));
            }
        }
    }
}

/// `c₀ xⁿ + c₁ xⁿ⁻¹ + …`
#[inline(always)]
fn polynomial<S: Simd>(simd: S, x: S::f32s, coefficients: &[f32]) -> S::f32s {
    let mut sum = simd.splat_f32s(0.);
    for &coefficient in coefficients {
        sum = simd.mul_add_e_f32s(sum, x, simd.splat_f32s(coefficient));
    }
    sum
}

/// The rest of the division by ln 2 is small enough for these terms of eˣ.
const POWERS: [f32; 7] = [1. / 720., 1. / 120., 1. / 24., 1. / 6., 0.5, 1., 1.];
/// ln 2 in two parts, of which the first has so few digits that its multiples are exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
/// 1.5 · 2²³: a number that it is added to is rounded to a whole one, which then stands in the lowest bits.
const ROUNDING: f32 = 12_582_912.;

/// `eˣ`, off by less than 3 · 10⁻⁷ of it; below −87 as at −87, so 10⁻³⁸ instead of less.
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let x = simd.max_f32s(simd.min_f32s(x, simd.splat_f32s(88.)), simd.splat_f32s(-87.));
    let rounding = simd.splat_f32s(ROUNDING);
    let rounded = simd.mul_add_e_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E), rounding);
    let whole = simd.sub_f32s(rounded, rounding);
    let rest = simd.mul_add_e_f32s(whole, simd.splat_f32s(-LN_2.0), x);
    let rest = simd.mul_add_e_f32s(whole, simd.splat_f32s(-LN_2.1), rest);
    let exponent = simd.add_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(127));
    let power = simd.transmute_f32s_u32s(simd.wrapping_dyn_shl_u32s(exponent, simd.splat_u32s(23)));
    simd.mul_f32s(polynomial(simd, rest, &POWERS), power)
}

/// Beyond this tanh is ±1 in f32.
const FLAT: f32 = 7.905_311;
/// Numerator and denominator of tanh(x) / x and 1 in x²: the rational minimax approximation of Eigen's `ptanh`.
const NUMERATOR: [f32; 7] =
    [-2.760_768_4e-16, 2.000_188e-13, -8.604_672e-11, 5.122_297e-8, 1.485_722_4e-5, 6.372_619e-4, 4.893_525e-3];
const DENOMINATOR: [f32; 4] = [1.198_258_4e-6, 1.185_347e-4, 2.268_434_6e-3, 4.893_525e-3];

/// `x / (1 + e⁻ˣ)`, as ½x · (1 + tanh ½x): off by less than 10⁻⁶ of x.
#[inline(always)]
pub(super) fn silu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let half = simd.mul_f32s(x, simd.splat_f32s(0.5));
    simd.mul_add_e_f32s(half, tanh(simd, half), half)
}

#[inline(always)]
fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let x = simd.max_f32s(simd.min_f32s(x, simd.splat_f32s(FLAT)), simd.splat_f32s(-FLAT));
    let square = simd.mul_f32s(x, x);
    let above = polynomial(simd, square, &NUMERATOR);
    let below = polynomial(simd, square, &DENOMINATOR);
    simd.div_f32s(simd.mul_f32s(x, above), below)
}

/// `x · σ(1.702 x)`, off by less than 10⁻⁶ of x.
#[inline(always)]
fn quick_gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.mul_f32s(silu(simd, simd.mul_f32s(x, simd.splat_f32s(QUICK))), simd.splat_f32s(1. / QUICK))
}

/// 1 − erf(x) as a polynomial in 1 / (1 + 0.3275911 x), times e^(−x²): Abramowitz and Stegun, *Handbook of Mathematical
/// Functions*, 7.1.26.
const TAIL: [f32; 6] = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6, 0.];

/// `x · Φ(x)`, off by less than 10⁻⁶ of x.
#[inline(always)]
fn gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.);
    let size = simd.mul_f32s(simd.abs_f32s(x), simd.splat_f32s(std::f32::consts::FRAC_1_SQRT_2));
    let inverse = simd.div_f32s(one, simd.mul_add_e_f32s(size, simd.splat_f32s(0.327_591_1), one));
    let density = exp(simd, simd.neg_f32s(simd.mul_f32s(size, size)));
    // Half of what is left of the curve beyond |x|: Φ(−|x|).
    let beyond = simd.mul_f32s(simd.mul_f32s(polynomial(simd, inverse, &TAIL), density), simd.splat_f32s(0.5));
    let probability =
        simd.select_f32s(simd.less_than_or_equal_f32s(simd.splat_f32s(0.), x), simd.sub_f32s(one, beyond), beyond);
    simd.mul_f32s(x, probability)
}

#[cfg(test)]
pub(in crate::ops) mod tests {
    use super::*;

    /// −40 to 40 in steps of 1/40.
    fn inputs() -> Vec<f32> {
        (-1600..=1600).map(|i| i as f32 / 40.).collect()
    }

    fn assert_close(x: f32, y: f32, exact: f64, bound: f64) {
        assert!((f64::from(y) - exact).abs() <= bound, "f({x}) is {exact}, not {y}");
    }

    struct Each<'a, F>(&'a mut [f32], F);

    trait Function {
        fn of<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s;
    }

    struct Silu;
    struct Exp;

    impl Function for Silu {
        #[inline(always)]
        fn of<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
            silu(simd, x)
        }
    }

    impl Function for Exp {
        #[inline(always)]
        fn of<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
            exp(simd, x)
        }
    }

    impl<F: Function> WithSimd for Each<'_, F> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (body, tail) = S::as_mut_simd_f32s(self.0);
            for value in body {
                *value = self.1.of(simd, *value);
            }
            let last = simd.partial_load_f32s(tail);
            simd.partial_store_f32s(tail, self.1.of(simd, last));
        }
    }

    #[test]
    pub(in crate::ops) fn silu_is_the_logistic_function_times_its_argument() {
        let mut outputs = inputs();
        dispatch(Each(&mut outputs, Silu));
        for (x, y) in inputs().into_iter().zip(outputs) {
            let exact = f64::from(x) / (1. + (-f64::from(x)).exp());
            assert_close(x, y, exact, 1e-6 * f64::from(x.abs()).max(0.1));
        }
    }

    #[test]
    pub(in crate::ops) fn exp_is_the_exponential_function() {
        let inputs: Vec<f32> = (-8700..=8800).map(|i| i as f32 / 100.).collect();
        let mut outputs = inputs.clone();
        dispatch(Each(&mut outputs, Exp));
        for (&x, y) in inputs.iter().zip(outputs) {
            let exact = f64::from(x).exp();
            assert_close(x, y, exact, 3e-7 * exact);
        }
        let mut masked = [f32::MIN, f32::NEG_INFINITY, -1e4];
        dispatch(Each(&mut masked, Exp));
        assert!(masked.iter().all(|&y| y < 1e-37), "{masked:?}");
    }

    #[test]
    pub(in crate::ops) fn activations_are_what_they_are_called() {
        for activation in [Activation::Gelu, Activation::QuickGelu, Activation::Silu, Activation::Relu] {
            let mut outputs = inputs();
            activation.apply(&mut outputs);
            for (x, y) in inputs().into_iter().zip(outputs) {
                let wide = f64::from(x);
                let factor = match activation {
                    Activation::Gelu => normal_distribution(wide),
                    Activation::QuickGelu => 1. / (1. + (-1.702 * wide).exp()),
                    Activation::Silu => 1. / (1. + (-wide).exp()),
                    Activation::Relu => f64::from(u8::from(wide > 0.)),
                };
                assert_close(x, y, wide * factor, 1e-6 * wide.abs().max(0.1));
            }
        }
    }

    /// Φ by Simpson's rule.
    fn normal_distribution(x: f64) -> f64 {
        let (to, steps) = (x.clamp(-9., 9.), 2000);
        let width = to / f64::from(steps);
        let density = |t: f64| (-t * t / 2.).exp() / (2. * std::f64::consts::PI).sqrt();
        let inner = (1..steps).map(|i| f64::from(2 + 2 * (i % 2)) * density(f64::from(i) * width)).sum::<f64>();
        0.5 + (density(0.) + inner + density(to)) * width / 3.
    }
}
