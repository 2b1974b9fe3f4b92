//! Files that the command line writes: where, and in which format.

use std::path::Path;

use image::{GenericImageView, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::TempDir;

use crate::support::program::{complaint, run};

const QUICK: [&str; 4] = ["--steps", "2", "--prior-steps", "2"];

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// The one line with which a command is refused.
fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    let complaint = complaint(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {complaint}");
    assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
    complaint
}

#[test]
fn a_place_that_can_not_be_written_is_told_before_the_model_is_even_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let picture = path(&folder, "picture.png");
    RgbImage::from_pixel(20, 20, Rgb([9, 99, 199])).save(&picture).unwrap();
    let place = folder.path().to_str().unwrap();
    let no_folder = path(&folder, "picture.png/new.png");
    let no_model = ["--model", "/no/such/model", "-o"];
    for command in [
        &["draw", "a cat"][..],
        &["mix", "a cat", "a dog"],
        &["vary", &picture],
        &["change", &picture, "a cat"],
        &["outpaint", &picture, "--left", "8"],
    ] {
        let refused = |output: &str| refusal(&[command, &no_model, &[output]].concat());
        assert!(refused(place).contains("is a folder; name a file in it"), "{command:?}");
        assert!(refused(&no_folder).contains("can not be made"), "{command:?}");
        assert!(refused(&path(&folder, "cat.gif")).contains("are not written as .gif"), "{command:?}");
    }
    // What else can be known before.
    let mask = path(&folder, "mask.png");
    RgbImage::from_pixel(20, 10, Rgb([255; 3])).save(&mask).unwrap();
    let wrong_mask = refusal(&["inpaint", &picture, "--mask", &mask, "--model", "/no/such/model"]);
    assert!(wrong_mask.contains("mask.png: the mask has 20×10 pixels"), "{wrong_mask}");
    let too_wide = refusal(&["outpaint", &picture, "--left", "20000", "--model", "/no/such/model"]);
    assert!(too_wide.contains("20020×20 pixels"), "{too_wide}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left behind");
}

#[test]
fn the_ending_of_the_name_is_the_format() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in [
        ("a.jpg", ImageFormat::Jpeg),
        ("a.JPEG", ImageFormat::Jpeg),
        ("a.webp", ImageFormat::WebP),
        ("a", ImageFormat::Png),
    ] {
        let file = path(&folder, name);
        let output = run(&[&["draw", "a lemon", "-o", &file], &QUICK[..]].concat());
        assert!(output.status.success(), "{}", complaint(&output));
        assert_eq!(image::guess_format(&std::fs::read(&file).unwrap()).unwrap(), format, "{name}");
    }
}

#[test]
fn a_dash_is_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = crate::support::program::program();
    command.current_dir(folder.path()).args(["draw", "a lemon", "-o", "-"]).args(QUICK);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
    assert_eq!(image::guess_format(&output.stdout).unwrap(), ImageFormat::Png);
    image::load_from_memory(&output.stdout).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file of that name");
    assert!(refusal(&["draw", "a lemon", "-o", "-", "--count", "2"]).contains("stdout takes one picture"));
}

#[test]
fn a_mistyped_name_of_a_picture_is_not_drawn_as_words() {
    let folder = tempfile::tempdir().unwrap();
    let picture = path(&folder, "a.png");
    RgbImage::from_pixel(20, 20, Rgb([9, 99, 199])).save(&picture).unwrap();
    for name in ["IMG_1234.HEIC", "photo.avif", "x.heif", "x.jfif", "x.tiff", "x.bmp", "x.gif", "x.NEF", "./cat"] {
        let refused = refusal(&["mix", &picture, name, "--model", "/no/such/model"]);
        assert!(refused.contains(&format!("there is no picture {name}")), "{refused}");
    }
    let forgotten = refusal(&["outpaint", &picture, "out.png", "--left", "8", "--model", "/no/such/model"]);
    assert!(forgotten.contains("out.png is the name of a picture"), "{forgotten}");
    let heic = path(&folder, "photo.heic");
    std::fs::write(&heic, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap();
    let refused = refusal(&["mix", &picture, &heic]);
    assert!(refused.contains("photo.heic: HEIC files can not be read; save it as PNG, JPEG or WebP"), "{refused}");
}

#[test]
fn whatever_text_is_cut_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (file, long) = (path(&folder, "a.png"), "a cat very ".repeat(150));
    let long = &long[..990];
    let notes = |arguments: &[&str]| {
        let output = run(&[arguments, &["-o", &file], &QUICK[..]].concat());
        assert!(output.status.success(), "{}", complaint(&output));
        complaint(&output)
    };
    let of_prompt = notes(&["draw", long]);
    assert!(of_prompt.contains("note: the prompt is too long") && of_prompt.contains("the end: "), "{of_prompt}");
    let of_negative = notes(&["draw", "a cat", "--negative", long]);
    assert!(of_negative.contains("note: the negative prompt is too long"), "{of_negative}");
    let of_mix = notes(&["mix", "a cat", long, long]);
    assert!(of_mix.contains("text 2 of the mix") && of_mix.contains("text 3 of the mix"), "{of_mix}");
    assert!(!notes(&["draw", "a cat"]).contains("too long"));
}

#[test]
fn a_transparent_picture_stays_transparent_where_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (picture, mask, out) = (path(&folder, "in.png"), path(&folder, "mask.png"), path(&folder, "out.png"));
    let sticker = RgbaImage::from_fn(80, 80, |x, _| Rgba([200, 40, 90, if x < 20 { 0 } else { 255 }]));
    sticker.save(&picture).unwrap();
    RgbImage::from_fn(80, 80, |x, y| Rgb([if x > 40 && y > 40 { 255 } else { 0 }; 3])).save(&mask).unwrap();
    let opened = |name: &str| image::open(Path::new(name)).unwrap();
    let succeeds = |arguments: &[&str]| {
        let output = run(&[arguments, &QUICK[..]].concat());
        assert!(output.status.success(), "{}", complaint(&output));
    };
    succeeds(&["inpaint", &picture, "--mask", &mask, "a lemon", "-o", &out]);
    let drawn = opened(&out);
    assert_eq!(drawn.get_pixel(5, 5), Rgba([200, 40, 90, 0]));
    assert_eq!((drawn.get_pixel(30, 5), drawn.get_pixel(60, 60).0[3]), (Rgba([200, 40, 90, 255]), 255));
    succeeds(&["outpaint", &picture, "--left", "16", "-o", &out]);
    let drawn = opened(&out);
    assert_eq!((drawn.dimensions(), drawn.get_pixel(2, 5).0[3], drawn.get_pixel(28, 5).0[3]), ((96, 80), 255, 0));
    // JPEG has no transparency: there it lies on white.
    let jpeg = path(&folder, "out.jpg");
    succeeds(&["inpaint", &picture, "--mask", &mask, "a lemon", "-o", &jpeg]);
    assert!(opened(&jpeg).get_pixel(5, 5).0.iter().all(|&value| value > 245));
}
