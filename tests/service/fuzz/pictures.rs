//! Damaged pictures.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use kandinsky_bot::pictures::{Mask, Picture, encode_png, read_recipe};
use kandinsky_bot::recipe::Recipe;
use rand::seq::IndexedRandom;

use super::Fuzz;
use super::mutation::damaged;

fn seeds() -> Vec<Vec<u8>> {
    let picture = RgbImage::from_fn(61, 47, |x, y| Rgb([(x * 4) as u8, (y * 5) as u8, (x ^ y) as u8]));
    let transparent = DynamicImage::ImageRgb8(picture.clone()).into_rgba8();
    let mut seeds = vec![encode_png(&picture, &Recipe::text_to_image("a cat", 1).unwrap()).unwrap()];
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        seeds.push(bytes.into_inner());
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    transparent.write_to(&mut bytes, ImageFormat::Png).unwrap();
    seeds.push(bytes.into_inner());
    seeds
}

#[test]
#[ignore = "random input, for as long as FUZZ_SECONDS says"]
fn fuzz_pictures() {
    let mut fuzz = Fuzz::begin();
    let seeds = seeds();
    while fuzz.goes_on() {
        let seed = seeds.choose(&mut fuzz.random).unwrap();
        let bytes = damaged(&mut fuzz.random, seed);
        assert!(read_recipe(&bytes).is_none_or(|recipe| recipe.check().is_ok()), "seed {}", fuzz.seed);
        if let Ok(picture) = Picture::decode(&bytes) {
            let _ = Mask::from_picture(&picture);
        }
    }
    fuzz.end("pictures");
}
