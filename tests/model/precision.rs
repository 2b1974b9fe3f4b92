//! The embedded miniature in 16-bit floats and in 8-bit blocks, compared with itself in f32: each network, and whole pictures.
//!
//! ```sh
//! cargo test --test model precision:: -- --nocapture
//! ```
//!
//! The bounds lie a little above what was measured. On a processor only weights are rounded, and with AVX512-BF16 what they are
//! multiplied with in linear layers.

use std::ops::ControlFlow;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use clap::Parser;
use image::RgbImage;
use kandinsky_bot::config::ModelArgs;
use kandinsky_bot::engine::Engine;
use kandinsky_bot::kandinsky::{Kandinsky21, ModelFiles, NumberFormat, Precision};
use kandinsky_bot::recipe::Recipe;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    model: ModelArgs,
}

const PROMPT: &str = "красное яблоко на синем фоне";

fn draw(dtype: &str) -> RgbImage {
    let engine = Engine::load(&(&Arguments::parse_from(["precision", "--dtype", dtype]).model).into()).unwrap();
    let mut recipe = Recipe::text_to_image(PROMPT, 3).unwrap();
    recipe.settings.steps = Some(10);
    engine.draw(&recipe, &[], &mut |_| ControlFlow::Continue(())).unwrap()
}

/// Mean absolute and root mean square difference of the pixels' values, 0 to 255.
fn difference(picture: &RgbImage, other: &RgbImage) -> (f64, f64) {
    assert_eq!(picture.dimensions(), other.dimensions());
    let differences =
        picture.as_raw().iter().zip(other.as_raw()).map(|(&a, &b)| f64::from(a) - f64::from(b)).collect::<Vec<_>>();
    let mean = |f: fn(&f64) -> f64| differences.iter().map(f).sum::<f64>() / differences.len() as f64;
    (mean(|d| d.abs()), mean(|d| d * d).sqrt())
}

#[test]
fn pictures_of_narrow_weights_are_those_of_f32() {
    let reference = draw("f32");
    let (mean, square) = difference(&draw("bf16"), &reference);
    println!("bf16 mean difference {mean:.3} of 255, PSNR {:.1} dB", 20. * (255. / square).log10());
    assert!(mean > 0. && mean <= 0.4, "{mean}");
    let (mean, square) = difference(&draw("encoders=q8_0,prior=q8_0"), &reference);
    println!("q8_0 mean difference {mean:.3} of 255, PSNR {:.1} dB", 20. * (255. / square).log10());
    assert!(mean > 0. && mean <= 0.4, "{mean}");
    // In which the miniature is stored.
    assert_eq!(draw("f16"), reference);
}

fn model(precision: impl Into<Precision>) -> Kandinsky21 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/mini");
    Kandinsky21::open(&ModelFiles::folder(folder).unwrap(), &Device::Cpu, precision).unwrap()
}

/// Numbers from −1.7 to 1.7 that are the same in every run.
fn numbers(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let wave = |i: usize| ((i as f64 * 0.618_033_988_75).fract() as f32 - 0.5) * 3.4;
    Tensor::from_iter((0..count).map(wave), &Device::Cpu).unwrap().reshape(shape).unwrap()
}

/// What each network says of the same inputs.
fn answers(precision: impl Into<Precision>) -> Vec<(&'static str, Tensor)> {
    let model = model(precision);
    let text = model.encode_text(PROMPT).unwrap();
    let side = model.clip_image_size();
    let (unet, prior) = (model.unet().unwrap(), model.prior().unwrap());
    let width = model.embedding_dim();
    // The other networks are given the same in every format.
    let exact = self::model(NumberFormat::F32).encode_text(PROMPT).unwrap();
    let conditioning = unet.condition(&exact.hidden, &exact.pooled, &numbers(&[1, width])).unwrap();
    let latents = numbers(&[1, unet.config().in_channels, 16, 16]);
    vec![
        ("CLIP text", text.clip.hidden),
        ("CLIP image", model.image_embedding(&numbers(&[1, 3, side, side])).unwrap()),
        ("M-CLIP", text.hidden),
        ("prior", prior.forward(&numbers(&[1, width]), 999., &exact.clip).unwrap()),
        ("UNet", unet.forward(&latents, &[999.], &conditioning).unwrap()),
        ("MoVQ decoder", model.movq().unwrap().decode(&numbers(&[1, 4, 16, 16])).unwrap()),
        ("MoVQ encoder", model.movq().unwrap().encode(&numbers(&[1, 3, 128, 128])).unwrap()),
    ]
}

/// ‖a − b‖₂ / ‖b‖₂.
fn relative_error(a: &Tensor, b: &Tensor) -> f64 {
    let norm = |x: Tensor| x.sqr().unwrap().sum_all().unwrap().to_scalar::<f64>().unwrap().sqrt();
    let (a, b) = (a.to_dtype(DType::F64).unwrap(), b.to_dtype(DType::F64).unwrap());
    norm((a - &b).unwrap()) / norm(b)
}

/// Whether the processor has AVX512-BF16.
fn multiplies_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

#[test]
fn each_network_in_16_bits_is_near_f32() {
    let bounds = match multiplies_bf16() {
        true => [0.0023, 0.005, 0.0017, 0.0025, 0.0015, 0.0027, 0.004],
        false => [0.002, 0.005, 0.0017, 0.002, 0.0015, 0.0023, 0.004],
    };
    let (reference, mut failures) = (answers(NumberFormat::F32), Vec::new());
    for dtype in [NumberFormat::Bf16, NumberFormat::F16] {
        for (((name, answer), (_, expected)), bound) in answers(dtype).iter().zip(&reference).zip(bounds) {
            let error = relative_error(answer, expected);
            println!("{dtype:?} {name:<13} {error:.5}");
            // The miniature is stored in f16 and only its weights are narrow, so that f16 loses nothing at all. 0 in bf16
            // would mean that it was f32. A NaN is not within any bounds.
            let range = if dtype == NumberFormat::F16 { 0.0..=0.0 } else { f64::MIN_POSITIVE..=bound };
            if !range.contains(&error) {
                failures.push(format!("{dtype:?} {name}: {error}, bound {bound}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("; "));
}

#[test]
fn encoders_and_prior_in_8_bits_are_near_f32() {
    let narrow = Precision { encoders: NumberFormat::Q8_0, prior: NumberFormat::Q8_0, ..NumberFormat::F32.into() };
    let answers = answers(narrow).into_iter().zip(answers(NumberFormat::F32));
    let mut failures = Vec::new();
    for (((name, answer), (_, expected)), bound) in answers.zip([0.004, 0.009, 0.0016, 0.004]) {
        let error = relative_error(&answer, &expected);
        println!("Q8_0 {name:<13} {error:.5}");
        if !(f64::MIN_POSITIVE..=bound).contains(&error) {
            failures.push(format!("{name}: {error}, bound {bound}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("; "));
}
