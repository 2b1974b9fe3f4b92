//! Upscalers compared with spandrel: `tests/reference/make_upscaling.py` wrote what it draws.

use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use kandinsky_bot::kandinsky::Upscaler;
use serde::Deserialize;

/// Bound on ‖a − b‖₂ / ‖b‖₂.
const BOUND: f64 = 1e-5;

#[derive(Debug, Deserialize)]
struct Description {
    network: String,
    scale: usize,
}

/// The folders with a case: those of `KANDINSKY_CASES`, if there are any, else those of the repository.
fn cases() -> Vec<PathBuf> {
    let inside = |root: &Path| {
        let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
        let mut found: Vec<_> =
            entries.map(|entry| entry.path()).filter(|path| path.join("upscaling.json").is_file()).collect();
        found.sort();
        found
    };
    let named = std::env::var_os("KANDINSKY_CASES").map_or_else(Vec::new, |root| inside(Path::new(&root)));
    if !named.is_empty() {
        return named;
    }
    inside(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/upscaling"))
}

fn relative_error(a: &Tensor, b: &Tensor) -> f64 {
    let norm = |x: &Tensor| f64::from(x.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap()).sqrt();
    norm(&(a - b).unwrap()) / norm(b)
}

#[test]
fn upscalers_draw_what_spandrel_draws() {
    let cases = cases();
    assert!(cases.len() >= 4, "{cases:?}");
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let description: Description =
            serde_json::from_slice(&std::fs::read(case.join("upscaling.json")).unwrap()).unwrap();
        let suffix = if description.network == "rrdb" { "pth" } else { "safetensors" };
        let upscaler = Upscaler::open(&case.join("upscaler").with_extension(suffix), &Device::Cpu).unwrap();
        assert_eq!(upscaler.scale(), description.scale, "{name}");
        let tensors = candle_core::safetensors::load(case.join("tensors.safetensors"), &Device::Cpu).unwrap();
        let (pixels, expected) = (&tensors["pixels"], &tensors["expected"]);
        let error = relative_error(&upscaler.forward(pixels).unwrap(), expected);
        println!("{name:<16} {:?} {description:?}: {error:.1e}", pixels.dims());
        assert!(error <= BOUND, "{name}: {error}");
    }
}
