//! Previews: the latents that the network predicts, through a linear map to colours.
//!
//! A decoder at full size takes seconds, a linear map no time at all, and between latents and the average colours of their
//! cells it is a good approximation. No map is published for Kandinsky 2.1, and every model has its own, so it is fitted
//! once to the model at hand: patches of random latents are decoded at a tiny size, and the averages of their cells are
//! what the map has to meet as well as it can (least squares).

use candle_core::{IndexOp, Result, Tensor};
use image::{Rgb, RgbImage};

use super::noise::{Noise, NoiseStream};
use super::resizing::resized;
use crate::kandinsky::{Kandinsky21, ModelError};
use crate::recipe::Size;

/// Long side of a preview, pixels.
const PREVIEW_SIDE: u32 = 384;
/// Patches along a side of what is decoded for the fit, and latent cells along a side of a patch.
const PATCHES: usize = 4;
const CELLS: usize = 2;
/// How many pictures are decoded for the fit: 32 patches for five unknowns, and together a seventieth of decoding a picture of 768×768.
/// The miniature's previews end 9 to 12 of 255 away from their pictures; with eight times the work it would be 7 to 9.
const FIT_ROUNDS: u64 = 2;
/// Keeps the equations solvable where channels are alike (ridge regression).
const RIDGE: f64 = 1e-3;

/// A preview of an unfinished picture: one pixel for each latent cell.
#[derive(Debug, Clone)]
pub struct Preview {
    pub(super) cells: RgbImage,
    /// The size of the picture.
    pub(super) size: Size,
}

impl Preview {
    /// Enlarged to 384 pixels along the long side. It takes longer than the rest of a preview, and needs no device.
    #[must_use]
    pub fn enlarged(&self) -> RgbImage {
        let Size { width, height } = self.size;
        let long = u64::from(width.max(height).max(1));
        let side = |side: u32| ((u64::from(side) * u64::from(PREVIEW_SIDE)).div_ceil(long).max(1)) as u32;
        resized(&self.cells, Size { width: side(width), height: side(height) })
    }
}

/// The progress of a drawing.
#[derive(Clone, Copy)]
pub struct Progress<'a> {
    /// How much is done, 0 to 1.
    pub fraction: f64,
    preview: &'a dyn Fn() -> Option<Preview>,
}

impl<'a> Progress<'a> {
    pub(super) fn with_preview(fraction: f64, preview: &'a dyn Fn() -> Option<Preview>) -> Self {
        Self { fraction, preview }
    }

    /// A small picture of the expected result, made now; `None` before there is one.
    #[must_use]
    pub fn preview(&self) -> Option<RgbImage> {
        (self.preview)().map(|preview| preview.enlarged())
    }
}

impl std::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").field("fraction", &self.fraction).finish_non_exhaustive()
    }
}

/// From the channels of a latent cell to its average colour: a row of weights for each channel, and one for the constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColourMap(Vec<[f64; 3]>);

impl ColourMap {
    /// Fits the map to a model's decoder.
    ///
    /// # Errors
    /// If the decoder can not be loaded or a computation fails.
    pub(super) fn fit(model: &Kandinsky21) -> std::result::Result<Self, ModelError> {
        let mut equations = Equations::new(model.latent_channels() + 1);
        for round in 0..FIT_ROUNDS {
            let shape = (1, model.latent_channels(), PATCHES, PATCHES);
            let patches = Noise::new(round, NoiseStream::DecoderStart).tensor(shape)?;
            let latents = patches.upsample_nearest2d(PATCHES * CELLS, PATCHES * CELLS)?;
            let colours = model.decode(&latents)?.avg_pool2d(model.scale())?;
            for (cell, colour) in rows(&latents)?.into_iter().zip(rows(&colours)?) {
                equations.add(&with_constant(cell), &colour);
            }
        }
        Ok(Self(equations.solve()))
    }

    /// The picture of latents `[channels, h, w]`, one pixel for each cell.
    fn picture(&self, latents: &Tensor) -> Result<RgbImage> {
        let (_, height, width) = latents.dims3()?;
        let colours = rows(&latents.unsqueeze(0)?)?.into_iter().map(|cell| self.colour(&with_constant(cell)));
        let bytes = colours.flatten().collect();
        RgbImage::from_vec(width as u32, height as u32, bytes)
            .ok_or_else(|| candle_core::Error::Msg("the map gave no RGB picture".to_owned()))
    }

    fn colour(&self, cell: &[f64]) -> [u8; 3] {
        let mut colour = [0.0; 3];
        for (value, weights) in cell.iter().zip(&self.0) {
            for (sum, weight) in colour.iter_mut().zip(weights) {
                *sum += value * weight;
            }
        }
        // Casting keeps it between 0 and 255, and turns what is no number into 0.
        colour.map(|value| (value * 255.0).round() as u8)
    }

    /// A preview of latents `[1, channels, h, w]`, cut to the working size.
    ///
    /// # Errors
    /// If the latents can not be read.
    pub(super) fn preview(&self, latents: &Tensor, working: Size, scale: usize) -> Result<Preview> {
        let cells = self.picture(&latents.i(0)?)?;
        let scale = scale as u32;
        let (width, height) = (working.width.div_ceil(scale), working.height.div_ceil(scale));
        let cells = RgbImage::from_fn(width.min(cells.width()), height.min(cells.height()), |x, y| {
            cells.get_pixel_checked(x, y).copied().unwrap_or(Rgb([0; 3]))
        });
        Ok(Preview { cells, size: working })
    }
}

/// The cells of `[1, channels, h, w]`, row by row.
fn rows(tensor: &Tensor) -> Result<Vec<Vec<f32>>> {
    let (_, channels, height, width) = tensor.dims4()?;
    tensor.i(0)?.permute((1, 2, 0))?.reshape((height * width, channels))?.to_vec2()
}

fn with_constant(cell: Vec<f32>) -> Vec<f64> {
    cell.into_iter().map(f64::from).chain([1.0]).collect()
}

/// The normal equations of a least-squares fit with three results.
struct Equations {
    /// Products of inputs with each other, then with the results.
    rows: Vec<Vec<f64>>,
}

impl Equations {
    fn new(unknowns: usize) -> Self {
        let mut rows = vec![vec![0.0; unknowns + 3]; unknowns];
        rows.iter_mut().enumerate().for_each(|(index, row)| row[index] = RIDGE);
        Self { rows }
    }

    fn add(&mut self, input: &[f64], result: &[f32]) {
        for (row, &factor) in self.rows.iter_mut().zip(input) {
            let terms = input.iter().copied().chain(result.iter().map(|&value| f64::from(value)));
            row.iter_mut().zip(terms).for_each(|(sum, term)| *sum += factor * term);
        }
    }

    /// Gauss and Jordan; the diagonal is never zero, as the matrix is positive definite.
    fn solve(mut self) -> Vec<[f64; 3]> {
        let unknowns = self.rows.len();
        for pivot in 0..unknowns {
            let divisor = self.rows[pivot][pivot];
            self.rows[pivot].iter_mut().for_each(|value| *value /= divisor);
            let row = self.rows[pivot].clone();
            for (_, other) in self.rows.iter_mut().enumerate().filter(|(index, _)| *index != pivot) {
                let factor = other[pivot];
                other.iter_mut().zip(&row).for_each(|(value, term)| *value -= factor * term);
            }
        }
        self.rows.iter().map(|row| [row[unknowns], row[unknowns + 1], row[unknowns + 2]]).collect()
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn a_linear_map_is_found_again() {
        let weights = [[0.5, -0.25, 0.0], [0.125, 1.0, -2.0], [0.75, 0.5, 0.25]];
        let mut equations = Equations::new(3);
        for (a, b) in (-20..20).flat_map(|a| (-20..20).map(move |b| (f64::from(a), f64::from(b)))) {
            let input = [a, b, 1.0];
            let result = |colour: usize| input.iter().zip(weights).map(|(x, w)| x * w[colour]).sum::<f64>() as f32;
            equations.add(&input, &[result(0), result(1), result(2)]);
        }
        for (found, expected) in equations.solve().iter().flatten().zip(weights.iter().flatten()) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
    }

    #[test]
    fn a_preview_has_the_shape_of_the_picture_and_its_colours() {
        let map = ColourMap(vec![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.5]]);
        let latents = Tensor::from_vec(vec![1f32, 1., 9., 0., 0., 9.], (1, 2, 1, 3), &Device::Cpu).unwrap();
        // The third cell lies outside of the working size.
        let preview = map.preview(&latents, Size { width: 16, height: 5 }, 8).unwrap().enlarged();
        assert_eq!(preview.dimensions(), (384, 120));
        assert_eq!(preview.get_pixel(200, 60), &Rgb([255, 0, 128]));
    }
}
