//! Pictures of the embedded miniature in 16-bit floats, compared with those in f32.
//!
//! ```sh
//! cargo test --test precision -- --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used)]

use clap::Parser;
use image::RgbImage;
use kandinsky_bot::config::ModelArgs;
use kandinsky_bot::engine::{Engine, Flow};
use kandinsky_bot::recipe::Recipe;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    model: ModelArgs,
}

const PROMPTS: [&str; 2] = ["красное яблоко на синем фоне", "a lemon on a green background"];

fn draw(dtype: &str) -> Vec<RgbImage> {
    let engine = Engine::load(&Arguments::parse_from(["precision", "--dtype", dtype]).model).unwrap();
    let draw = |(prompt, seed)| {
        let recipe = Recipe::text_to_image(prompt, seed).unwrap();
        engine.draw(&recipe, &[], &mut |_| Flow::Continue).unwrap()
    };
    PROMPTS.into_iter().zip(3..).map(draw).collect()
}

/// Mean absolute and root mean square difference of the pixels' values, 0 to 255.
fn difference(pictures: &[RgbImage], others: &[RgbImage]) -> (f64, f64) {
    let values =
        |pictures: &[RgbImage]| pictures.iter().flat_map(|picture| picture.as_raw().clone()).collect::<Vec<_>>();
    let (a, b) = (values(pictures), values(others));
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(&b).map(|(&a, &b)| f64::from(a) - f64::from(b));
    let count = a.len() as f64;
    let mean = differences.clone().map(f64::abs).sum::<f64>() / count;
    (mean, (differences.map(|d| d * d).sum::<f64>() / count).sqrt())
}

#[test]
fn sixteen_bit_pictures_are_those_of_f32() {
    let reference = draw("f32");
    for (dtype, bound) in [("bf16", 255.), ("f16", 255.), ("unet=bf16", 255.), ("movq=bf16", 255.)] {
        let (mean, square) = difference(&draw(dtype), &reference);
        let psnr = 20. * (255. / square).log10();
        println!("{dtype:<12} mean difference {mean:.3} of 255, PSNR {psnr:.1} dB");
        assert!(mean <= bound, "{dtype}: {mean} > {bound}");
        assert!(mean > 0., "{dtype} computed in f32");
    }
}
