//! What users do in the chat page, one file for each thing that can be done, in both languages.

mod after_a_picture;
mod cards;
mod changing;
mod describing;
mod enlarging;
mod extending;
mod groups;
mod mixing;
mod repainting;
mod sharing;
mod varying;

use image::{Rgb, RgbImage};
use serde_json::Value;

/// A photo of something: a disc on a plain ground.
fn photo(disc: [u8; 3], ground: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(256, 192, |x, y| {
        let (dx, dy) = (f64::from(x) - 128.0, f64::from(y) - 96.0);
        Rgb(if dx.hypot(dy) < 60.0 { disc } else { ground })
    })
}

/// The mean colour of a part of a picture: left, top, width, height.
fn mean(picture: &RgbImage, (left, top, width, height): (u32, u32, u32, u32)) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for y in top..top + height {
        for x in left..left + width {
            sum.iter_mut().zip(picture.get_pixel(x, y).0).for_each(|(sum, value)| *sum += f64::from(value));
        }
    }
    sum.map(|sum| sum / f64::from(width * height))
}

fn difference(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn number(message: &Value) -> i64 {
    message["message_id"].as_i64().unwrap()
}
