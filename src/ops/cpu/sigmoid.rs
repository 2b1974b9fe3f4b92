//! SiLU on vectors.

use pulp::Simd;

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
    let mut above = simd.splat_f32s(NUMERATOR[0]);
    for factor in &NUMERATOR[1..] {
        above = simd.mul_add_e_f32s(above, square, simd.splat_f32s(*factor));
    }
    let mut below = simd.splat_f32s(DENOMINATOR[0]);
    for factor in &DENOMINATOR[1..] {
        below = simd.mul_add_e_f32s(below, square, simd.splat_f32s(*factor));
    }
    simd.div_f32s(simd.mul_f32s(x, above), below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    struct Each<'a>(&'a mut [f32]);

    impl WithSimd for Each<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (body, tail) = S::as_mut_simd_f32s(self.0);
            for value in body {
                *value = silu(simd, *value);
            }
            assert!(tail.is_empty());
        }
    }

    #[test]
    fn it_is_the_logistic_function_times_its_argument() {
        let inputs: Vec<f32> = (-1600..1600).map(|i| i as f32 / 40.).collect();
        let mut outputs = inputs.clone();
        Arch::new().dispatch(Each(&mut outputs));
        for (&x, &y) in inputs.iter().zip(&outputs) {
            let exact = f64::from(x) / (1. + (-f64::from(x)).exp());
            assert!(
                (f64::from(y) - exact).abs() <= 1e-6 * f64::from(x.abs()).max(0.1),
                "silu({x}) is {exact}, not {y}"
            );
        }
    }
}
