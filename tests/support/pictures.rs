//! Encoded pictures.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use rand::RngCore;

/// A picture as a file.
pub(crate) fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A picture as a PNG file.
pub(crate) fn png(picture: &RgbImage) -> Vec<u8> {
    encoded(picture, ImageFormat::Png)
}

/// A picture that can not be compressed: three bytes a pixel.
pub(crate) fn noise(width: u32, height: u32) -> RgbImage {
    let mut pixels = vec![0; (width * height * 3) as usize];
    rand::rng().fill_bytes(&mut pixels);
    RgbImage::from_raw(width, height, pixels).unwrap()
}

/// A picture in which every pixel has another colour, as a PNG file.
pub(crate) fn gradient_png(width: u32, height: u32) -> Vec<u8> {
    png(&RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90])))
}
