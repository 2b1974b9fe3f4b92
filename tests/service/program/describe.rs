//! `describe` at the command line, by the miniature.

use image::{Rgb, RgbImage};

use crate::support::program::{complaint, run};

#[test]
fn a_drawn_lemon_is_recognized() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lemon.png");
    let file = file.to_str().unwrap();
    assert!(run(&["draw", "a lemon on a blue background", "--seed", "7", "-o", file]).status.success());
    let output = run(&["describe", file]);
    assert!(output.status.success(), "{}", complaint(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("objects: a lemon (") && lines[0].ends_with(" %)"), "{text}");
    assert!(lines[1].starts_with("background: on a blue background ("), "{text}");
    assert_eq!(lines[2..], ["prompt: a lemon on a blue background", "prompt (ru): лимон на синем фоне"]);
}

#[test]
fn what_can_not_be_described_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("text.png"), "hello").unwrap();
    RgbImage::from_pixel(8, 8, Rgb([9, 9, 9])).save(path("dark.png")).unwrap();
    for (name, words) in [("gone.png", "gone.png can not be read"), ("text.png", "text.png: this is no picture")] {
        let output = run(&["describe", &path(name)]);
        assert!(!output.status.success() && output.stdout.is_empty(), "{name}");
        assert!(complaint(&output).contains(words), "{}", complaint(&output));
    }
    assert!(run(&["describe", &path("dark.png")]).status.success(), "a tiny one is looked at all the same");
}
