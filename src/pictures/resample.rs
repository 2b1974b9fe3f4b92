//! Resizing as Pillow does it, bit for bit on 8-bit channels: the reference implementations prepare pictures with Pillow.
//!
//! Separable convolution, horizontal pass first; the filter widens when shrinking; coefficients are fixed-point with 22 bits and
//! each pass rounds to 8 bits (Pillow, `src/libImaging/Resample.c`; its version 13 takes the vertical pass first where that
//! is less work, earlier ones never).

use image::{ImageBuffer, Pixel};

use super::reduce::reduce;

/// Bits after the point of a coefficient: 32 for the sum, less 8 for the pixel and 2 for overshoot.
const PRECISION: u32 = 32 - 8 - 2;

/// A resampling filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Linear interpolation; support 1.
    Bilinear,
    /// Cubic convolution with a = −0.5; support 2.
    Bicubic,
    /// Lanczos with three lobes; support 3.
    Lanczos,
}

impl Filter {
    fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let distance = x.abs();
        match self {
            Self::Bilinear => (1.0 - distance).max(0.0),
            Self::Bicubic if distance < 1.0 => ((1.5 * distance - 2.5) * distance) * distance + 1.0,
            Self::Bicubic if distance < 2.0 => (((distance - 5.0) * distance + 8.0) * distance - 4.0) * -0.5,
            Self::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Self::Bicubic | Self::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let x = x * std::f64::consts::PI;
    x.sin() / x
}

/// The weights of one output pixel: coefficients for the input pixels from `first` on.
struct Window {
    first: usize,
    coefficients: Vec<i32>,
}

/// A picture of `width` × `height` pixels, both at least 1.
#[must_use]
pub fn resample<P>(
    picture: &ImageBuffer<P, Vec<u8>>,
    width: u32,
    height: u32,
    filter: Filter,
) -> ImageBuffer<P, Vec<u8>>
where
    P: Pixel<Subpixel = u8>,
{
    let extent = (f64::from(picture.width()), f64::from(picture.height()));
    resample_part(picture, extent, width, height, filter)
}

/// As [`resample`], but where it shrinks to a half and less, boxes of whole pixels are averaged first: Pillow with a
/// `reducing_gap` of 1, which is how the published programs prepare pictures. Faster, and a little softer.
#[must_use]
pub fn resample_reduced<P>(
    picture: &ImageBuffer<P, Vec<u8>>,
    width: u32,
    height: u32,
    filter: Filter,
) -> ImageBuffer<P, Vec<u8>>
where
    P: Pixel<Subpixel = u8>,
{
    let factor = |own: u32, wanted: u32| (own / wanted.max(1)).max(1);
    let factors = (factor(picture.width(), width), factor(picture.height(), height));
    // The last box may be cut by the edge; it counts for as much as is left of it.
    let extent =
        (f64::from(picture.width()) / f64::from(factors.0), f64::from(picture.height()) / f64::from(factors.1));
    resample_part(&reduce(picture, factors), extent, width, height, filter)
}

/// Of the part from the top left corner to `extent`, which may end within a pixel.
fn resample_part<P>(
    picture: &ImageBuffer<P, Vec<u8>>,
    extent: (f64, f64),
    width: u32,
    height: u32,
    filter: Filter,
) -> ImageBuffer<P, Vec<u8>>
where
    P: Pixel<Subpixel = u8>,
{
    let (width, height) = (width.max(1), height.max(1));
    let channels = usize::from(P::CHANNEL_COUNT);
    let mut pixels = picture.as_raw().clone();
    if width != picture.width() || f64::from(width) != extent.0 {
        let windows = windows(picture.width(), extent.0, width, filter);
        pixels = horizontal(&pixels, picture.width() as usize * channels, &windows, channels);
    }
    if height != picture.height() || f64::from(height) != extent.1 {
        let windows = windows(picture.height(), extent.1, height, filter);
        pixels = vertical(&pixels, width as usize * channels, &windows);
    }
    ImageBuffer::from_raw(width, height, pixels).unwrap_or_else(|| ImageBuffer::new(width, height))
}

/// The first `extent` of `from` pixels as `to` pixels.
fn windows(from: u32, extent: f64, to: u32, filter: Filter) -> Vec<Window> {
    let scale = extent / f64::from(to);
    let widening = scale.max(1.0);
    let support = filter.support() * widening;
    let window = |index: u32| {
        let center = (f64::from(index) + 0.5) * scale;
        let first = (center - support + 0.5).max(0.0) as usize;
        let last = ((center + support + 0.5) as usize).min(from as usize);
        let weights = (first..last).map(|x| filter.weight((x as f64 - center + 0.5) * (1.0 / widening)));
        let weights: Vec<f64> = weights.collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |weight: f64| {
            let weight = if sum == 0.0 { weight } else { weight / sum };
            (weight * f64::from(1 << PRECISION) + 0.5f64.copysign(weight)) as i32
        };
        Window { first, coefficients: weights.into_iter().map(fixed).collect() }
    };
    (0..to).map(window).collect()
}

fn horizontal(pixels: &[u8], stride: usize, windows: &[Window], channels: usize) -> Vec<u8> {
    let mut resized = Vec::with_capacity(pixels.len() / stride.max(1) * windows.len() * channels);
    for row in pixels.chunks_exact(stride) {
        for window in windows {
            for channel in 0..channels {
                let inputs = row[window.first * channels + channel..].iter().step_by(channels);
                resized.push(weigh(&window.coefficients, inputs));
            }
        }
    }
    resized
}

fn vertical(pixels: &[u8], stride: usize, windows: &[Window]) -> Vec<u8> {
    let mut resized = Vec::with_capacity(windows.len() * stride);
    for window in windows {
        for column in 0..stride {
            let inputs = pixels[window.first * stride + column..].iter().step_by(stride);
            resized.push(weigh(&window.coefficients, inputs));
        }
    }
    resized
}

fn weigh<'a>(coefficients: &[i32], inputs: impl Iterator<Item = &'a u8>) -> u8 {
    let half = 1 << (PRECISION - 1);
    let sum = coefficients.iter().zip(inputs).fold(half, |sum, (&weight, &value)| sum + weight * i32::from(value));
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// The picture with its longer side at most so long.
#[must_use]
pub fn within(picture: &image::RgbImage, longest: u32) -> image::RgbImage {
    let (width, height) = picture.dimensions();
    let scale = f64::from(longest) / f64::from(width.max(height));
    if scale >= 1.0 {
        return picture.clone();
    }
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    resample(picture, side(width), side(height), Filter::Bilinear)
}
