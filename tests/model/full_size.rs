//! The model at its published size, compared with the reference.
//!
//! `tests/reference/full_size.py` writes the folder (random weights in f16, 9 GB) and what PyTorch says in f32. It is loaded as
//! the program does it, in f32: part by part for the comparison, which takes 6 GB of memory, and then all of it, which takes
//! 14 GB:
//!
//! ```sh
//! KANDINSKY_FULL_SIZE=/tmp/full cargo test --release --test model full_size:: -- --ignored --nocapture --test-threads 1
//! ```

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use kandinsky_bot::kandinsky::{Kandinsky21, ModelFiles, NumberFormat, PartName, PriorText, Rules, Tokens, UNet};
use serde::Deserialize;

/// Bound on ‖a − b‖₂ / ‖b‖₂.
const BOUND: f64 = 1e-3;

#[derive(Deserialize)]
struct Case {
    prompt: String,
    timestep: f32,
}

/// What was asked, what the reference said, and how far from it this program is.
struct Comparison {
    case: Case,
    inputs: HashMap<String, Tensor>,
    expected: HashMap<String, Tensor>,
    errors: Vec<(String, f64)>,
}

impl Comparison {
    fn read(folder: &Path) -> Self {
        let tensors = |name: &str| candle_core::safetensors::load(folder.join(name), &Device::Cpu).unwrap();
        Self {
            case: serde_json::from_slice(&std::fs::read(folder.join("case.json")).unwrap()).unwrap(),
            inputs: tensors("inputs.safetensors"),
            expected: tensors("expected.safetensors"),
            errors: Vec::new(),
        }
    }

    fn input(&self, name: &str) -> Tensor {
        self.inputs[name].clone()
    }

    fn compare(&mut self, name: &str, value: &Tensor) {
        let expected = self.expected.remove(name).unwrap_or_else(|| panic!("the reference said nothing of {name}"));
        assert_eq!(value.dims(), expected.dims(), "{name}");
        let (value, expected) = (value.to_dtype(DType::F64).unwrap(), expected.to_dtype(DType::F64).unwrap());
        self.note(name, norm(&(value - &expected).unwrap()) / norm(&expected));
    }

    fn compare_tokens(&mut self, name: &str, tokens: &Tokens) {
        let expected = self.expected.remove(name).unwrap().squeeze(0).unwrap().to_vec1::<i64>().unwrap();
        let wrong = expected.iter().zip(&tokens.ids).filter(|(expected, id)| **expected != i64::from(**id)).count();
        self.note(name, wrong as f64);
    }

    fn note(&mut self, name: &str, error: f64) {
        println!("  {name:<22} {error:.2e}");
        self.errors.push((name.to_string(), error));
    }
}

fn norm(tensor: &Tensor) -> f64 {
    tensor.sqr().unwrap().sum_all().unwrap().to_scalar::<f64>().unwrap().sqrt()
}

/// Runs `ask` and tells how long it took.
fn timed<T>(what: &str, ask: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let answer = ask();
    println!("{what}: {:.1} s", started.elapsed().as_secs_f64());
    answer
}

/// The most memory this process has had, where the system tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.map_or("unknown".to_string(), |line| line["VmHWM:".len()..].trim().to_string())
}

fn texts(model: &Kandinsky21, comparison: &mut Comparison) {
    let prompt = comparison.case.prompt.clone();
    comparison.compare_tokens("clip_text.tokens", &model.clip_tokenizer().encode(&prompt, Rules::Diffusers).unwrap());
    comparison.compare_tokens("xlmr.tokens", &model.multilingual_tokenizer().encode(&prompt).unwrap());
    let encoded = timed("text encoders", || model.encode_text(&prompt).unwrap());
    comparison.compare("clip_text.hidden", &encoded.clip.hidden);
    comparison.compare("clip_text.embeds", &encoded.clip.embeds);
    comparison.compare("xlmr.hidden", &encoded.hidden);
    comparison.compare("xlmr.pooled", &encoded.pooled);
}

fn pictures(model: &Kandinsky21, comparison: &mut Comparison) {
    let pixels = comparison.input("clip_image.pixels");
    comparison.compare("clip_image.embeds", &timed("image encoder", || model.image_embedding(&pixels).unwrap()));
    let (movq, pixels, latents) =
        (model.movq().unwrap(), comparison.input("movq.pixels"), comparison.input("movq.latents"));
    comparison.compare("movq.encoded", &timed("MoVQ encoder", || movq.encode(&pixels).unwrap()));
    comparison.compare("movq.decoded", &timed("MoVQ decoder", || movq.decode(&latents).unwrap()));
}

fn prior(model: &Kandinsky21, comparison: &mut Comparison) {
    let input = |name: &str| comparison.input(&format!("prior.{name}"));
    let text = PriorText { hidden: input("hidden"), embeds: input("embeds"), mask: input("mask") };
    let (prior, sample, timestep) = (model.prior().unwrap(), input("sample"), comparison.case.timestep);
    comparison
        .compare("prior.predicted", &timed("prior, one step", || prior.forward(&sample, timestep, &text).unwrap()));
}

fn unet(unet: &UNet, name: &str, comparison: &mut Comparison) {
    let input = |field: &str| comparison.input(&format!("{name}.{field}"));
    let latents = input("latents");
    let conditioning = unet.condition(&input("hidden"), &input("pooled"), &input("image")).unwrap();
    let timesteps = vec![comparison.case.timestep; latents.dim(0).unwrap()];
    let what = format!("{name}, one step on latents {:?}", latents.dims());
    let output = timed(&what, || unet.forward(&latents, &timesteps, &conditioning).unwrap());
    comparison.compare(&format!("{name}.output"), &output);
}

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("KANDINSKY_FULL_SIZE").expect("KANDINSKY_FULL_SIZE names the folder"))
}

fn open(folder: &Path, format: NumberFormat) -> Kandinsky21 {
    Kandinsky21::open(&ModelFiles::folder(folder).unwrap(), &Device::Cpu, format).unwrap()
}

fn release(model: &Kandinsky21, parts: &[PartName]) {
    parts.iter().for_each(|&part| model.release(part));
}

#[test]
#[ignore = "needs a folder of 9 GB; see the top of this file"]
fn each_part_agrees_with_the_reference() {
    let folder = folder();
    let mut comparison = Comparison::read(&folder.join("reference"));
    let model = open(&folder, NumberFormat::F32);
    texts(&model, &mut comparison);
    release(&model, &[PartName::ClipText, PartName::MultilingualClip]);
    pictures(&model, &mut comparison);
    release(&model, &[PartName::ClipImage, PartName::Movq]);
    prior(&model, &mut comparison);
    release(&model, &[PartName::Prior]);
    unet(&timed("loading the UNet", || model.unet().unwrap()), "unet", &mut comparison);
    println!("peak memory: {}", peak_memory());
    release(&model, &[PartName::UNet]);
    if comparison.inputs.contains_key("inpaint_unet.latents") {
        unet(&model.inpaint_unet().unwrap(), "inpaint_unet", &mut comparison);
    }
    assert!(comparison.expected.is_empty(), "not compared: {:?}", comparison.expected.keys());
    // A NaN is not within any bound.
    let failures: Vec<_> = comparison.errors.iter().filter(|(_, error)| error.is_nan() || *error > BOUND).collect();
    assert!(failures.is_empty(), "above {BOUND}: {failures:?}");
}

#[test]
#[ignore = "needs a folder of 9 GB and 14 GB of memory; see the top of this file"]
fn everything_is_loaded_at_once() {
    let model = open(&folder(), NumberFormat::F32);
    timed("loading all parts", || model.load_all(|_| ()).unwrap());
    println!("weights {} MB, peak memory {}", model.bytes() / 1_000_000, peak_memory());
}
