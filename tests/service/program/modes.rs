//! `mix`, `vary`, `change`, `inpaint` and `outpaint` at the command line, on the embedded model.

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use tempfile::TempDir;

use crate::support::program::{complaint, run};

/// A folder with a picture and a mask, and few steps for speed.
struct WorkFolder(TempDir);

impl WorkFolder {
    fn new() -> Self {
        let work = Self(tempfile::tempdir().unwrap());
        speckled(128, 128).save(work.path("picture.png")).unwrap();
        corner(128, 128).save(work.path("corner.png")).unwrap();
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command whose files lie here; the picture that it wrote.
    fn draws(&self, arguments: &[&str]) -> RgbImage {
        let output = self.runs(arguments);
        assert!(output.status.success(), "{}", complaint(&output));
        image::open(self.path("out.png")).unwrap().into_rgb8()
    }

    /// The one line that a command is refused with.
    fn is_refused(&self, arguments: &[&str]) -> String {
        let output = self.runs(arguments);
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        let complaint = complaint(&output);
        assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
        complaint
    }

    fn runs(&self, arguments: &[&str]) -> std::process::Output {
        let placed = |argument: &&str| {
            let file = self.path(argument);
            if file.exists() || argument.ends_with(".gone") { name(&file) } else { (*argument).to_owned() }
        };
        let mut arguments: Vec<String> = arguments.iter().map(placed).collect();
        arguments.extend(["--steps", "4", "--prior-steps", "3", "--seed", "5", "-o"].map(str::to_owned));
        arguments.push(name(&self.path("out.png")));
        run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn name(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A picture of which no two pixels near each other are alike, so that a kept pixel can not be a drawn one.
fn speckled(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 37 % 251) as u8, (y * 53 % 241) as u8, ((x + y) * 29 % 239) as u8])
    })
}

/// A mask whose upper left quarter is white.
fn corner(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([if x < width / 2 && y < height / 2 { 255 } else { 0 }; 3]))
}

#[test]
fn pictures_and_texts_are_mixed_by_their_weights() {
    let work = WorkFolder::new();
    let halves = work.draws(&["mix", "picture.png", "a lemon on a green background"]);
    let mostly_lemon = work.draws(&["mix", "picture.png", "a lemon on a green background", "--weights", "1,9"]);
    assert_eq!(halves.dimensions(), (128, 128));
    assert_ne!(halves, mostly_lemon);
    let same_share = work.draws(&["mix", "picture.png", "a lemon on a green background", "--weights", "2,18"]);
    assert_eq!(mostly_lemon, same_share, "weights are divided by their sum");

    assert!(work.is_refused(&["mix", "picture.png", "holiday.jpg"]).contains("there is no picture holiday.jpg"));
    assert!(work.is_refused(&["mix", "picture.png", "--weights", "1,2"]).contains("give one for each"));
    assert!(work.is_refused(&["mix", "picture.png", "cat", "--weights", "0,0"]).contains("not all 0"));
}

#[test]
fn variations_come_closer_with_closeness() {
    let work = WorkFolder::new();
    let distance = |closeness: &str| {
        let drawn = work.draws(&["vary", "picture.png", "--closeness", closeness, "--size", "128x128"]);
        let pairs = drawn.iter().zip(work.draws(&["vary", "picture.png", "--closeness", "0.97"]).into_raw());
        pairs.map(|(&a, b)| f64::from(a.abs_diff(b))).sum::<f64>()
    };
    assert!(distance("0.5") < distance("0"));
    assert!(work.is_refused(&["vary", "picture.png", "--closeness", "1"]).contains("less than 1"));
    assert!(work.is_refused(&["vary", "no.gone"]).contains("can not be read"));
}

#[test]
fn a_changed_picture_keeps_its_shape() {
    let work = WorkFolder::new();
    speckled(300, 151).save(work.path("wide.png")).unwrap();
    let changed = work.draws(&["change", "wide.png", "a lemon on a green background", "--strength", "0.4"]);
    assert_eq!(changed.dimensions(), (300, 151));
    assert!(work.is_refused(&["change", "wide.png", "a lemon", "--strength", "0"]).contains("more than 0"));
}

#[test]
fn inpainting_changes_nothing_outside_of_the_mask() {
    let work = WorkFolder::new();
    for (width, height) in [(128, 128), (203, 97)] {
        let picture = speckled(width, height);
        picture.save(work.path("picture.png")).unwrap();
        corner(width, height).save(work.path("corner.png")).unwrap();
        let drawn = work.draws(&["inpaint", "picture.png", "--mask", "corner.png", "a lemon"]);
        assert_eq!(drawn.dimensions(), (width, height));
        let feather = 2 + width.max(height) / 100;
        for (x, y, pixel) in drawn.enumerate_pixels() {
            if x >= width / 2 + feather || y >= height / 2 + feather {
                assert_eq!(pixel, picture.get_pixel(x, y), "{x} {y} of {width}×{height}");
            }
        }
        let same = drawn
            .enumerate_pixels()
            .filter(|(x, y, pixel)| *x < width / 2 && *y < height / 2 && *pixel == picture.get_pixel(*x, *y));
        assert!(same.count() < 100, "the corner is drawn anew");
    }
}

#[test]
fn a_mask_that_does_not_serve_is_told_so() {
    let work = WorkFolder::new();
    corner(128, 64).save(work.path("flat.png")).unwrap();
    let complaint = work.is_refused(&["inpaint", "picture.png", "--mask", "flat.png"]);
    assert!(complaint.contains("128×64") && complaint.contains("128×128"), "{complaint}");
    RgbImage::new(64, 64).save(work.path("black.png")).unwrap();
    assert!(work.is_refused(&["inpaint", "picture.png", "--mask", "black.png"]).contains("all black"));
    std::fs::write(work.path("words.png"), "no picture").unwrap();
    assert!(work.is_refused(&["inpaint", "words.png", "--mask", "corner.png"]).contains("PNG, JPEG or WebP"));
}

#[test]
fn outpainting_adds_exactly_the_margins() {
    let work = WorkFolder::new();
    let drawn = work.draws(&["outpaint", "picture.png", "--left", "40", "--bottom", "7"]);
    assert_eq!(drawn.dimensions(), (168, 135));
    let picture = speckled(128, 128);
    for (x, y, pixel) in picture.enumerate_pixels() {
        if x >= 4 && y < 124 {
            assert_eq!(pixel, drawn.get_pixel(x + 40, y), "{x} {y}");
        }
    }
    assert!(work.is_refused(&["outpaint", "picture.png"]).contains("nothing to add"));
    assert!(work.is_refused(&["outpaint", "picture.png", "--left", "60000"]).contains("are read"));
}

#[test]
fn every_sampler_draws_and_each_its_own_way() {
    let work = WorkFolder::new();
    let mut drawn = Vec::new();
    for sampler in ["ddim", "plms", "p_sampler", "dpm++"] {
        let picture = work.draws(&["draw", "a lemon on a green background", "--sampler", sampler]);
        assert!(!drawn.contains(&picture), "{sampler}");
        drawn.push(picture);
    }
    for sampler in ["ddim", "fast"] {
        let picture = work.draws(&["draw", "a lemon on a green background", "--prior-sampler", sampler]);
        assert!(!drawn.contains(&picture), "prior: {sampler}");
    }
    let refused = complaint(&work.runs(&["draw", "a lemon", "--sampler", "dpm"]));
    assert!(refused.contains("there is: ddim, p_sampler, plms, dpm++"), "{refused}");
}

#[test]
fn with_little_memory_the_same_picture_is_drawn() {
    let work = WorkFolder::new();
    let high = work.draws(&["draw", "a lemon on a green background", "--memory", "high"]);
    assert_eq!(high, work.draws(&["draw", "a lemon on a green background", "--memory", "low"]));
}
