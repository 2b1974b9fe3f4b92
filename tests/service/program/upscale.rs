//! `upscale` at the command line, without an upscaler and with files.

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage, Rgba, RgbaImage};
use kandinsky_bot::pictures::read_recipe;
use kandinsky_bot::recipe::Task;
use tempfile::TempDir;

use crate::support::program::{complaint, program, run};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/upscaling");

/// A folder with a picture.
struct WorkFolder(TempDir);

impl WorkFolder {
    fn new() -> Self {
        let work = Self(tempfile::tempdir().unwrap());
        RgbImage::from_fn(30, 20, |x, y| Rgb([x as u8 * 8, y as u8 * 12, 90])).save(work.path("cat.png")).unwrap();
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Runs `upscale` of a file here; the name that it writes on stdout.
    fn upscales(&self, file: &str, arguments: &[&str]) -> String {
        let output = run(&[&["upscale", &self.name(file)], arguments].concat());
        assert!(output.status.success(), "{}", complaint(&output));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The one line that it is refused with.
    fn is_refused(&self, file: &str, arguments: &[&str]) -> String {
        let output = run(&[&["upscale", &self.name(file)], arguments].concat());
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        let complaint = complaint(&output);
        assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
        complaint
    }
}

fn size(path: &str) -> (u32, u32) {
    image::image_dimensions(path).unwrap()
}

#[test]
fn a_picture_is_drawn_twice_as_large_beside_itself() {
    let work = WorkFolder::new();
    let written = work.upscales("cat.png", &[]);
    assert_eq!(written, work.name("cat-x2.png"));
    assert_eq!(size(&written), (60, 40));
    let larger = work.upscales("cat.png", &["--scale", "4", "-o", &work.name("new/large.png")]);
    assert_eq!(size(&larger), (120, 80));
    let by_name = work.upscales("cat.png", &["-o", &work.name("cat.webp")]);
    assert!(std::fs::read(by_name).unwrap().starts_with(b"RIFF"), "the name says the format");
    let again = work.upscales("cat.png", &["-o", &work.name("again.png")]);
    assert_eq!(std::fs::read(again).unwrap(), std::fs::read(written).unwrap(), "the same bytes every time");
}

#[test]
fn the_larger_picture_remembers_what_it_came_from() {
    let work = WorkFolder::new();
    let drawn = work.name("star.png");
    let short = ["--seed", "3", "--steps", "2", "--prior-steps", "2", "-o", &drawn];
    assert!(run(&[&["draw", "a yellow star"], &short[..]].concat()).status.success());
    let written = work.upscales("star.png", &[]);
    let recipe = read_recipe(&std::fs::read(written).unwrap()).unwrap();
    let Task::Upscale { scale: 2, source: Some(source) } = recipe.task else { panic!("{recipe:?}") };
    assert_eq!((source.prompt(), source.seed), ("a yellow star", 3));
    let of_photo = read_recipe(&std::fs::read(work.upscales("cat.png", &[])).unwrap()).unwrap();
    assert_eq!(of_photo.task, Task::upscale(2).unwrap());
}

#[test]
fn what_is_transparent_stays_so() {
    let work = WorkFolder::new();
    let half = RgbaImage::from_fn(20, 10, |x, _| Rgba([200, 30, 30, if x < 10 { 0 } else { 255 }]));
    half.save(work.path("half.png")).unwrap();
    let larger = image::open(work.upscales("half.png", &[])).unwrap().into_rgba8();
    assert_eq!((larger.get_pixel(4, 10).0[3], larger.get_pixel(36, 10).0[3]), (0, 255));
    let as_webp = image::open(work.upscales("half.png", &["-o", &work.name("half.webp")])).unwrap();
    assert_eq!(as_webp.into_rgba8(), larger);
    let as_jpeg = image::open(work.upscales("half.png", &["-o", &work.name("half.jpg")])).unwrap().into_rgb8();
    assert!(as_jpeg.get_pixel(4, 10).0.iter().all(|value| *value > 245), "a JPEG lies on white");
}

#[test]
fn without_an_upscaler_it_is_said_that_the_picture_is_resampled() {
    let work = WorkFolder::new();
    let notes = |arguments: &[&str]| {
        let output = run(&[&["upscale", &work.name("cat.png")], arguments].concat());
        assert!(output.status.success(), "{}", complaint(&output));
        String::from_utf8(output.stderr).unwrap()
    };
    let note = "note: no upscaler network: enlarged by plain resampling; `model fetch` brings one\n";
    assert_eq!(notes(&[]), note);
    assert_eq!(notes(&["--upscaler", &format!("{CASES}/rrdb-x2/upscaler.pth")]), "");
    std::fs::create_dir_all(work.path("model/Real-ESRGAN")).unwrap();
    let model = work.name("model");
    assert_eq!(notes(&["--model", &model]), note);
    std::fs::copy(format!("{CASES}/rrdb-x2/upscaler.pth"), work.path("model/Real-ESRGAN/RealESRGAN_x2.pth")).unwrap();
    assert_eq!(notes(&["--model", &model]), "");
    assert_eq!(notes(&["--model", &model, "--scale", "4"]), note);
}

#[test]
fn an_upscaler_can_be_named_or_lie_in_the_model_folder() {
    let work = WorkFolder::new();
    let rrdb = format!("{CASES}/rrdb-x2/upscaler.pth");
    let named = std::fs::read(work.upscales("cat.png", &["--upscaler", &rrdb])).unwrap();
    let resampled = std::fs::read(work.upscales("cat.png", &[])).unwrap();
    assert_ne!(named, resampled);
    let mut command = program();
    let output = command.args(["upscale", &work.name("cat.png")]).env("KANDINSKY_UPSCALER", &rrdb).output().unwrap();
    assert!(output.status.success());
    assert_eq!(std::fs::read(work.path("cat-x2.png")).unwrap(), named);

    let model = work.name("model");
    std::fs::create_dir_all(work.path("model/Real-ESRGAN")).unwrap();
    std::fs::copy(&rrdb, work.path("model/Real-ESRGAN/RealESRGAN_x2.pth")).unwrap();
    assert_eq!(std::fs::read(work.upscales("cat.png", &["--model", &model])).unwrap(), named);
}

#[test]
fn what_can_not_be_done_is_told_in_one_line() {
    let work = WorkFolder::new();
    assert!(work.is_refused("cat.png", &["--scale", "3"]).contains("2 or 4 times as large"));
    assert!(work.is_refused("gone.png", &[]).contains("gone.png can not be read"));
    let rrdb = format!("{CASES}/rrdb-x2/upscaler.pth");
    let refusal = work.is_refused("cat.png", &["--upscaler", &rrdb, "--scale", "4"]);
    assert!(refusal.contains("RRDBNet ×2") && refusal.contains("×4 is asked for"), "{refusal}");
    let unet = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/models/mini/kandinsky-2-1-inpaint/unet/diffusion_pytorch_model.safetensors"
    );
    let refusal = work.is_refused("cat.png", &["--upscaler", unet]);
    assert!(refusal.contains("it is a UNet; expected is RRDBNet or SRVGGNetCompact"), "{refusal}");
    let malicious = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/pickles/malicious.bin");
    assert!(work.is_refused("cat.png", &["--upscaler", malicious]).contains("nothing was executed"));
    assert!(!Path::new("/tmp/it-was-executed").exists());
    std::fs::write(work.path("text.png"), "hello").unwrap();
    assert!(work.is_refused("text.png", &[]).contains("text.png: this is no picture"));
    RgbImage::new(4100, 1).save(work.path("wide.png")).unwrap();
    let refusal = work.is_refused("wide.png", &["--scale", "4"]);
    assert!(refusal.contains("16400×4") && refusal.contains("smaller"), "{refusal}");
}
