//! A picture on its way to its larger one.

use candle_core::{DType, Device, Result as CandleResult, Tensor};
use image::{DynamicImage, GenericImage, GenericImageView, GrayImage, Rgb, RgbImage, Rgba, RgbaImage};

use super::tiles::{Tile, TileSize};
use crate::engine::error::EngineError;
use crate::kandinsky::Upscaler;
use crate::pictures::{Filter, Picture, is_within_limits, resample};
use crate::recipe::{SCALES, Size};

/// A picture on its way to its larger one. One tile is drawn at a time.
#[derive(Debug)]
pub struct Upscaling {
    picture: Picture,
    scale: u32,
    /// Known with the first tile; the next one last.
    tiles: Option<Vec<Tile>>,
    count: usize,
    drawn: RgbImage,
    /// No network drew it.
    is_resampled: bool,
}

/// A larger picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upscaled {
    /// Its colours; what is transparent lies on white.
    pub rgb: RgbImage,
    /// Opacity, where some pixel is not opaque.
    pub opacity: Option<GrayImage>,
}

impl Upscaled {
    /// The picture, transparent where its source was.
    #[must_use]
    pub fn with_transparency(&self) -> DynamicImage {
        match &self.opacity {
            Some(opacity) => with_opacity(&self.rgb, opacity).into(),
            None => self.rgb.clone().into(),
        }
    }
}

impl Upscaling {
    /// Starts a picture. Nothing is computed.
    ///
    /// # Errors
    /// [`EngineError::UpscaledSize`] if the result would be larger than pictures that are read, and [`EngineError::Scale`].
    pub fn begin(picture: &Picture, scale: u32) -> Result<Self, EngineError> {
        let Size { width, height } = Self::size_of_result(picture, scale)?;
        let (picture, drawn) = (picture.clone(), RgbImage::new(width, height));
        Ok(Self { picture, scale, tiles: None, count: 1, drawn, is_resampled: false })
    }

    /// The size of the larger picture.
    ///
    /// # Errors
    /// As [`Upscaling::begin`].
    pub fn size_of_result(picture: &Picture, scale: u32) -> Result<Size, EngineError> {
        if !SCALES.contains(&scale) {
            return Err(EngineError::Scale { scale });
        }
        let (width, height) = picture.rgb.dimensions();
        let (width, height) = (width.saturating_mul(scale), height.saturating_mul(scale));
        match is_within_limits(width, height) && width > 0 {
            true => Ok(Size { width, height }),
            false => Err(EngineError::UpscaledSize { width, height }),
        }
    }

    /// Draws the next tile; without an upscaler, resizes the whole picture by Lanczos.
    ///
    /// # Errors
    /// If a computation fails; the same tile can be drawn again.
    pub fn step(&mut self, upscaler: Option<&Upscaler>) -> Result<(), EngineError> {
        let Some(upscaler) = upscaler else {
            self.drawn = resample(&self.picture.rgb, self.drawn.width(), self.drawn.height(), Filter::Lanczos);
            self.tiles = Some(Vec::new());
            self.is_resampled = true;
            return Ok(());
        };
        if self.tiles.is_none() {
            self.cut(TileSize::of(upscaler.shape()));
        }
        let Some(tile) = self.tiles.as_ref().and_then(|tiles| tiles.last().cloned()) else { return Ok(()) };
        self.draw(&tile, upscaler)?;
        self.tiles.as_mut().and_then(Vec::pop);
        Ok(())
    }

    /// Cuts the picture into tiles.
    pub(super) fn cut(&mut self, size: TileSize) {
        let (width, height) = self.picture.rgb.dimensions();
        let mut tiles = size.tiles(width, height);
        tiles.reverse();
        self.count = tiles.len();
        self.tiles = Some(tiles);
    }

    fn draw(&mut self, tile: &Tile, upscaler: &Upscaler) -> Result<(), EngineError> {
        let (scale, (columns, rows)) = (self.scale, &tile.read);
        let (width, height) = (columns.len() as u32, rows.len() as u32);
        let part = self.picture.rgb.view(columns.start, rows.start, width, height).to_image();
        let larger = picture_of(&upscaler.forward(&tensor_of(&part)?)?)?;
        let larger = match larger.width() == width * scale {
            true => larger,
            false => resample(&larger, width * scale, height * scale, Filter::Lanczos),
        };
        let (x, y) = &tile.drawn;
        let inside = larger.view(
            (x.start - columns.start) * scale,
            (y.start - rows.start) * scale,
            x.len() as u32 * scale,
            y.len() as u32 * scale,
        );
        let failed = |error: image::ImageError| EngineError::Compute(candle_core::Error::Msg(error.to_string()));
        self.drawn.copy_from(&*inside, x.start * scale, y.start * scale).map_err(failed)
    }

    /// Whether it was enlarged by plain resampling.
    pub(in crate::engine) fn is_resampled(&self) -> bool {
        self.is_resampled
    }

    /// How many times as large the picture is drawn.
    pub(in crate::engine) fn scale(&self) -> u32 {
        self.scale
    }

    /// How much is done, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        let left = self.tiles.as_ref().map_or(self.count, Vec::len);
        1.0 - left as f64 / self.count as f64
    }

    /// Whether all tiles are drawn.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.tiles.as_ref().is_some_and(Vec::is_empty)
    }

    /// The larger picture; what was not drawn is black.
    #[must_use]
    pub fn finish(self) -> Upscaled {
        let (rgb, transparency) = (self.drawn, self.picture.alpha);
        let larger = |opacity: &GrayImage| resample(opacity, rgb.width(), rgb.height(), Filter::Lanczos);
        Upscaled { opacity: transparency.map(|transparency| larger(&transparency.opacity)), rgb }
    }
}

/// A picture that lies on white, with this opacity and without the white.
pub(in crate::engine) fn with_opacity(on_white: &RgbImage, opacity: &GrayImage) -> RgbaImage {
    let mut picture = RgbaImage::new(on_white.width(), on_white.height());
    for ((pixel, &Rgb(mut colour)), &alpha) in picture.pixels_mut().zip(on_white.pixels()).zip(opacity.iter()) {
        without_white(&mut colour, alpha);
        let [r, g, b] = colour;
        *pixel = Rgba([r, g, b, alpha]);
    }
    picture
}

/// A colour that lies on white with this opacity, without the white.
fn without_white(colour: &mut [u8; 3], alpha: u8) {
    if (1..255).contains(&alpha) {
        let (white, alpha) = (255 - i32::from(alpha), i32::from(alpha));
        *colour = colour.map(|value| (((i32::from(value) - white) * 255 + alpha / 2) / alpha).clamp(0, 255) as u8);
    }
}

/// Pixels `[1, 3, h, w]` from 0 to 1.
fn tensor_of(picture: &RgbImage) -> CandleResult<Tensor> {
    let (width, height) = picture.dimensions();
    let bytes = Tensor::from_slice(picture.as_raw(), (height as usize, width as usize, 3), &Device::Cpu)?;
    bytes.permute((2, 0, 1))?.contiguous()?.to_dtype(DType::F32)?.affine(1.0 / 255.0, 0.0)?.unsqueeze(0)
}

/// The picture of pixels `[1, 3, h, w]`.
fn picture_of(pixels: &Tensor) -> CandleResult<RgbImage> {
    let (_, _, height, width) = pixels.dims4()?;
    let values = pixels.to_device(&Device::Cpu)?.flatten_all()?.to_vec1::<f32>()?;
    let plane = height * width;
    let mut picture = RgbImage::new(width as u32, height as u32);
    for (index, pixel) in picture.pixels_mut().enumerate() {
        // A cast stops at 0 and at 255.
        pixel.0 = std::array::from_fn(|colour| (values[colour * plane + index] * 255.0).round() as u8);
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_taken_out_of_colours() {
        for (colour, alpha) in [([200u8, 0, 90], 128u8), ([0, 255, 7], 10), ([3, 4, 5], 255)] {
            let on_white = |value: u8| {
                let (value, alpha) = (u32::from(value), u32::from(alpha));
                ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
            };
            let mut found = colour.map(on_white);
            without_white(&mut found, alpha);
            assert_eq!(found.map(on_white), colour.map(on_white), "{found:?}");
        }
        let mut clear = [255; 3];
        without_white(&mut clear, 0);
        assert_eq!(clear, [255; 3]);
    }
}
