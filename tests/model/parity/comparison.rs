//! Errors of one case against their bounds.

use std::collections::HashSet;
use std::fmt;

use candle_core::{DType, Tensor};
use kandinsky_bot::kandinsky::Tokens;

use super::case::Case;

/// For masks.
pub(crate) const EXACT: f64 = 0.;
/// Bound on the difference of any value of a picture that is prepared for a network.
pub(crate) const PREPARED: f64 = 1e-5;
/// Bound on ‖a − b‖₂ / ‖b‖₂ of everything one network says at once.
pub(crate) const ONE_PASS: f64 = 1e-4;
/// The same for latents after all steps.
pub(crate) const ALL_STEPS: f64 = 1e-3;
/// Bound on the difference of any pixel.
pub(crate) const PIXELS: f64 = 2. / 255.;

/// One line of the table.
struct Row {
    tensor: String,
    error: f64,
    bound: f64,
}

/// What a case gave, compared with the reference.
pub(crate) struct Comparison<'a> {
    case: &'a Case,
    rows: Vec<Row>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(case: &'a Case) -> Self {
        let rows = Vec::new();
        Self { case, rows }
    }

    /// Relative error of a whole tensor.
    pub(crate) fn relative(&mut self, tensor: &str, value: &Tensor, bound: f64) {
        let expected = self.case.expected(tensor);
        let error = if value.dims() == expected.dims() {
            norm(&(f64s(value) - f64s(expected)).unwrap()) / norm(&f64s(expected))
        } else {
            f64::INFINITY
        };
        self.add(tensor, error, bound);
    }

    /// Largest difference of any one value.
    pub(crate) fn largest(&mut self, tensor: &str, value: &Tensor, bound: f64) {
        let expected = self.case.expected(tensor);
        let error = if value.dims() == expected.dims() {
            let difference = (f64s(value) - f64s(expected)).unwrap().abs().unwrap();
            let largest = difference.flatten_all().unwrap().max(0).unwrap();
            largest.to_scalar().unwrap()
        } else {
            f64::INFINITY
        };
        self.add(tensor, error, bound);
    }

    /// Token ids must be equal: the error is the number that are not.
    pub(crate) fn tokens(&mut self, tensor: &str, tokens: &Tokens) {
        let expected = self.case.expected(tensor).to_dtype(DType::I64).unwrap();
        let expected: Vec<i64> = expected.flatten_all().unwrap().to_vec1().unwrap();
        let pairs = expected.iter().zip(&tokens.ids);
        let wrong = pairs.filter(|&(&expected, &id)| expected != i64::from(id));
        let wrong = wrong.count() + expected.len().abs_diff(tokens.ids.len());
        self.add(tensor, wrong as f64, 0.);
    }

    fn add(&mut self, tensor: &str, error: f64, bound: f64) {
        self.rows.push(Row { tensor: tensor.to_string(), error, bound });
    }

    /// One line for each tensor out of bounds, and for each that was not looked at.
    pub(crate) fn failures(&self) -> Vec<String> {
        let name = &self.case.name;
        // A NaN is not within any bound.
        let bad = self.rows.iter().filter(|row| !row.is_within());
        let mut failures: Vec<String> =
            bad.map(|row| format!("case {name}, {}: {:e} > {:e}", row.tensor, row.error, row.bound)).collect();
        let seen: HashSet<&String> = self.rows.iter().map(|row| &row.tensor).collect();
        let forgotten = self.case.expected_names().filter(|tensor| !seen.contains(tensor));
        failures.extend(forgotten.map(|tensor| format!("case {name}, {tensor}: not compared")));
        failures
    }
}

impl Row {
    fn is_within(&self) -> bool {
        self.error <= self.bound
    }
}

impl fmt::Display for Comparison<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.case.name)?;
        for row in &self.rows {
            let verdict = if row.is_within() { "" } else { "  FAILED" };
            let Row { tensor, error, bound } = row;
            writeln!(f, "  {tensor:<28} {error:>9.2e}  (bound {bound:.0e}){verdict}")?;
        }
        Ok(())
    }
}

fn f64s(tensor: &Tensor) -> Tensor {
    tensor.to_dtype(DType::F64).unwrap()
}

fn norm(tensor: &Tensor) -> f64 {
    let sum = tensor.sqr().unwrap().sum_all().unwrap();
    sum.to_scalar::<f64>().unwrap().sqrt()
}
