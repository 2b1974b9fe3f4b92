use std::path::Path;

use candle_core::Device;
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

use super::tiles::TileSize;
use super::*;
use crate::engine::{BatchKey, Engine, EngineOptions, MemoryPlan};
use crate::kandinsky::{CompactShape, ModelError, RrdbShape, UpscalerShape};
use crate::pictures::{Filter, Transparency, resample};
use crate::recipe::{Recipe, Task};

fn rrdb(scale: usize) -> Upscaler {
    let shape = UpscalerShape::Rrdb(RrdbShape { scale, features: 16, growth: 16, blocks: 2 });
    Upscaler::random(shape, &Device::Cpu).unwrap()
}

fn compact(scale: usize) -> Upscaler {
    Upscaler::random(UpscalerShape::Compact(CompactShape { scale, features: 16, layers: 2 }), &Device::Cpu).unwrap()
}

/// Soft shapes with an edge through them, as in drawings.
fn picture(width: u32, height: u32) -> Picture {
    let value = |x: u32, y: u32, turn: f32| {
        let wave = ((x as f32 / 7. + turn).sin() + (y as f32 / 5. - turn).cos()) * 40.;
        (128. + wave + if x + y > (width + height) / 2 { 30. } else { -30. }) as u8
    };
    RgbImage::from_fn(width, height, |x, y| Rgb([0., 1., 2.].map(|turn| value(x, y, turn)))).into()
}

fn upscaled(upscaler: &Upscaler, picture: &Picture, scale: u32, tiles: Option<TileSize>) -> (Upscaled, usize) {
    let mut run = Upscaling::begin(picture, scale).unwrap();
    if let Some(size) = tiles {
        run.cut(size);
    }
    let mut steps = 0;
    while !run.is_finished() {
        assert!(run.progress() < 1.0);
        run.step(Some(upscaler)).unwrap();
        steps += 1;
    }
    (run.finish(), steps)
}

fn difference(one: &RgbImage, other: &RgbImage) -> u8 {
    assert_eq!(one.dimensions(), other.dimensions());
    one.iter().zip(other.iter()).map(|(one, other)| one.abs_diff(*other)).max().unwrap()
}

/// The same without a network.
fn resampled(picture: &Picture) -> Upscaled {
    let mut run = Upscaling::begin(picture, 2).unwrap();
    run.step(None).unwrap();
    assert!(run.is_finished());
    run.finish()
}

#[test]
fn tiles_equal_the_whole() {
    let picture = picture(61, 47);
    // Of RRDBNet ×2 the overlap is in pixels of the picture, which its maps halve.
    let cases = [(compact(4), 4, 8), (compact(4), 2, 8), (compact(2), 2, 8), (rrdb(4), 4, 16), (rrdb(2), 2, 16)];
    for (upscaler, scale, overlap) in cases {
        let (whole, steps) = upscaled(&upscaler, &picture, scale, None);
        assert_eq!((steps, whole.rgb.dimensions()), (1, (61 * scale, 47 * scale)));
        let (tiled, steps) = upscaled(&upscaler, &picture, scale, Some(TileSize { side: 44, overlap }));
        assert!(steps >= 4, "{steps}");
        let difference = difference(&whole.rgb, &tiled.rgb);
        assert!(difference <= 1, "{:?} to ×{scale}: {difference}", upscaler.shape());
    }
}

#[test]
fn twice_as_large_is_the_half_of_four_times() {
    let (picture, upscaler) = (picture(20, 14), compact(4));
    let (four, _) = upscaled(&upscaler, &picture, 4, None);
    let (two, _) = upscaled(&upscaler, &picture, 2, None);
    assert_eq!(two.rgb, resample(&four.rgb, 40, 28, Filter::Lanczos));
}

#[test]
fn one_pixel_and_thin_pictures_are_drawn() {
    for (width, height) in [(1, 1), (1, 9), (33, 1), (2, 3)] {
        for upscaler in [compact(4), rrdb(2), rrdb(4)] {
            let (larger, _) = upscaled(&upscaler, &picture(width, height), 2, None);
            assert_eq!(larger.rgb.dimensions(), (2 * width, 2 * height));
        }
    }
}

#[test]
fn opacity_is_kept_and_white_does_not_shine_through() {
    // A red disc with a soft edge on nothing, as it lies on white.
    let opacity = |x: u32, y: u32| {
        let distance = ((x as f32 - 12.).powi(2) + (y as f32 - 12.).powi(2)).sqrt();
        ((10. - distance) * 60.).clamp(0., 255.) as u8
    };
    let opacity_map = GrayImage::from_fn(24, 24, |x, y| Luma([opacity(x, y)]));
    let on_white = |x, y| {
        let white = 255 - opacity(x, y);
        Rgb([200 / 51 * (opacity(x, y) / 5) + white, white, white])
    };
    let rgb = RgbImage::from_fn(24, 24, on_white);
    let transparency = Transparency { opacity: opacity_map.clone(), colours: RgbImage::new(24, 24) };
    let picture = Picture { rgb, alpha: Some(transparency) };
    let larger = resampled(&picture);
    let expected = resample(&opacity_map, 48, 48, Filter::Lanczos);
    let DynamicImage::ImageRgba8(found) = larger.with_transparency() else { panic!("it is opaque") };
    for (pixel, opacity) in found.pixels().zip(expected.iter()) {
        assert_eq!(pixel.0[3], *opacity);
        assert!(pixel.0[3] < 128 || (pixel.0[1] < 110 && pixel.0[0] > 130), "{pixel:?}");
    }
    assert_eq!(larger.rgb.get_pixel(0, 0).0, [255; 3], "without transparency it lies on white");
    let (by_network, _) = upscaled(&compact(4), &picture, 2, None);
    assert_eq!(by_network.opacity, Some(expected));
    assert!(matches!(resampled(&picture.rgb.into()).with_transparency(), DynamicImage::ImageRgb8(_)));
}

#[test]
fn without_a_network_a_picture_is_resized_by_lanczos() {
    let picture = picture(20, 14);
    let plain = PictureUpscaler::load(&UpscalerOptions::default(), 4).unwrap();
    assert!(!plain.is_network());
    let larger = plain.upscale(&picture, 4, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(larger.rgb, resample(&picture.rgb, 80, 56, Filter::Lanczos));
}

#[test]
fn a_picture_can_be_stopped_between_tiles() {
    let upscaler = PictureUpscaler(Some(compact(4)));
    let mut asked = 0;
    let stopped = upscaler.upscale(&picture(1100, 8), 2, &mut |progress| {
        asked += 1;
        if progress > 0.5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(EngineError::Stopped)));
    assert_eq!(asked, 3, "after two of three tiles");
}

#[test]
fn what_would_be_too_large_is_refused_before_anything_is_computed() {
    let error = |width, height, scale| Upscaling::begin(&RgbImage::new(width, height).into(), scale).unwrap_err();
    for (width, height, scale) in [(2000, 1600, 4), (5000, 1, 4), (8193, 2, 2)] {
        let error = error(width, height, scale);
        assert!(matches!(error, EngineError::UpscaledSize { .. }), "{error}");
        assert!(error.to_string().contains("smaller"), "{error}");
    }
    assert!(Upscaling::begin(&RgbImage::new(1760, 1760).into(), 4).is_ok());
    assert!(matches!(error(8, 8, 3), EngineError::Scale { scale: 3 }));
}

/// A model folder with upscalers that the tests have.
fn model_folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("Real-ESRGAN")).unwrap();
    for (case, name) in files {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/upscaling");
        std::fs::copy(cases.join(case), folder.path().join("Real-ESRGAN").join(name)).unwrap();
    }
    folder
}

#[test]
fn the_model_folder_is_looked_through_for_the_scale() {
    let (two, four) = (("rrdb-x2/upscaler.pth", "b.pth"), ("compact-x4/upscaler.safetensors", "a.safetensors"));
    let name = |folder: &tempfile::TempDir, scale| match upscaler_file(Some(folder.path()), None, scale) {
        Ok(Some(path)) => path.file_name().unwrap().to_string_lossy().into_owned(),
        other => format!("{other:?}"),
    };
    let both = model_folder(&[two, four]);
    assert_eq!((name(&both, 2), name(&both, 4)), ("b.pth".to_owned(), "a.safetensors".to_owned()));
    let large = model_folder(&[four]);
    assert_eq!(name(&large, 2), "a.safetensors", "a larger one will do");
    let small = model_folder(&[two]);
    assert!(matches!(upscaler_file(Some(small.path()), None, 4), Ok(None)), "none of that scale");
    std::fs::write(small.path().join("Real-ESRGAN/c.pth"), "short").unwrap();
    assert_eq!(name(&small, 2), "b.pth", "a broken one beside does no harm");
    let refusal = upscaler_file(Some(small.path()), None, 4).unwrap_err();
    assert!(matches!(refusal, EngineError::Model(ModelError::Upscaler { .. })), "{refusal}");
    assert!(matches!(upscaler_file(None, None, 4), Ok(None)));
}

#[test]
fn an_engine_draws_it_as_a_job_and_a_step_that_fails_is_not_the_end() {
    let options = |upscaler: Option<&str>| EngineOptions {
        device: DeviceKind::Cpu,
        upscaler: upscaler.map(PathBuf::from),
        memory: MemoryPlan::Low,
        ..EngineOptions::default()
    };
    let (recipe, picture) = (Recipe::new(Task::upscale(2).unwrap(), 0), picture(20, 14));
    let engine = Engine::load(&options(None)).unwrap();
    assert!(!engine.has_upscaler(4).unwrap());
    let mut generation = engine.begin(&recipe, std::slice::from_ref(&picture)).unwrap();
    assert_eq!(generation.batch_key(), Some(BatchKey::Upscale), "it takes turns with other jobs");
    engine.step(&mut [&mut generation]).unwrap();
    assert!(generation.is_finished());
    let drawn = generation.take_drawn();
    assert!(drawn[0].is_resampled());
    assert_eq!(drawn[0].finish(), resampled(&picture).rgb);

    let folder = model_folder(&[("compact-x4/upscaler.safetensors", "a.safetensors")]);
    let file = folder.path().join("Real-ESRGAN/a.safetensors");
    let engine = Engine::load(&options(file.to_str())).unwrap();
    assert!(engine.has_upscaler(4).unwrap());
    let mut generation = engine.begin(&recipe, std::slice::from_ref(&picture)).unwrap();
    engine.step(&mut [&mut generation]).unwrap();
    let network = UpscalerOptions { file: Some(file), device: DeviceKind::Cpu, ..UpscalerOptions::default() };
    let network = PictureUpscaler::load(&network, 2).unwrap();
    let expected = network.upscale(&picture, 2, &mut |_| ControlFlow::Continue(())).unwrap();
    let drawn = generation.take_drawn();
    assert!(!drawn[0].is_resampled());
    assert_eq!(drawn[0].finish(), expected.rgb);

    let engine = Engine::load(&options(Some("gone.pth"))).unwrap();
    let mut generation = engine.begin(&recipe, &[picture]).unwrap();
    for _ in 0..2 {
        let error = engine.step(&mut [&mut generation]).unwrap_err().to_string();
        assert!(error.contains("gone.pth"), "{error}");
        assert!(!generation.is_finished() && generation.progress() < 1.0);
    }
}

#[test]
fn an_upscaler_that_draws_too_small_is_refused() {
    let folder = model_folder(&[("rrdb-x2/upscaler.pth", "b.pth")]);
    let file = Some(folder.path().join("Real-ESRGAN/b.pth"));
    let options = UpscalerOptions { file, device: DeviceKind::Cpu, ..UpscalerOptions::default() };
    assert!(PictureUpscaler::load(&options, 2).is_ok());
    let refusal = PictureUpscaler::load(&options, 4).unwrap_err().to_string();
    assert!(refusal.contains("RRDBNet ×2") && refusal.contains("×4 is asked for"), "{refusal}");
}
