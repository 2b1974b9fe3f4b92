//! Pictures that are hard to bear, at the command line: drawn, or refused in one line.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use tempfile::TempDir;

use crate::support::program::{complaint, run};

/// Memory for a command that is to refuse its input, kB: more than the program has to begin with, less than a bomb takes.
const LITTLE_MEMORY: u32 = 300_000;

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

fn assert_refused(output: &Output, words: &str) {
    let complaint = complaint(output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
    assert!(complaint.contains(words), "{words:?} is not in: {complaint}");
}

#[test]
fn the_narrowest_pictures_are_drawn_from() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(&folder, "out.png");
    for (width, height) in [(1, 1), (1, 3000)] {
        let picture = path(&folder, "narrow.png");
        RgbImage::from_pixel(width, height, Rgb([200, 30, 40])).save(&picture).unwrap();
        let mask = path(&folder, "mask.png");
        RgbImage::from_pixel(width, height, Rgb([255; 3])).save(&mask).unwrap();
        let (wide, high) = (width + 70, height);
        for (arguments, size) in [
            (&["vary", &picture][..], None),
            (&["change", &picture, "a lemon"], None),
            (&["inpaint", &picture, "a lemon", "--mask", &mask], Some((width, height))),
            (&["outpaint", &picture, "--left", "70"], Some((wide, high))),
        ] {
            let output = run(&[arguments, &["--steps", "2", "--prior-steps", "2", "-o", &out]].concat());
            assert!(output.status.success(), "{arguments:?} of {width}×{height}: {}", complaint(&output));
            let drawn = image::image_dimensions(&out).unwrap();
            assert!(size.is_none_or(|size| drawn == size), "{arguments:?} of {width}×{height} gave {drawn:?}");
            std::fs::remove_file(&out).unwrap();
        }
    }
}

#[test]
fn what_can_not_be_read_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let odd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/odd_pictures");
    let gif = odd.join("animated.gif");
    assert_refused(&run(&["vary", gif.to_str().unwrap()]), "GIF files can not be read; save it as PNG, JPEG or WebP");
    for name in ["cmyk.jpg", "animated.png", "animated.webp"] {
        let bytes = std::fs::read(odd.join(name)).unwrap();
        let cut = path(&folder, name);
        std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
        assert_refused(&run(&["change", &cut, "a lemon"]), &format!("{name}: the picture is damaged or cut short"));
    }
    assert_refused(&run(&["vary", folder.path().to_str().unwrap()]), "can not be read");
    let empty = path(&folder, "empty.png");
    std::fs::write(&empty, "").unwrap();
    assert_refused(&run(&["vary", &empty]), "empty.png: this is no picture");
}

#[cfg(target_os = "linux")]
#[test]
fn bombs_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let packed = packed_zeros(1 << 29);
    let with = |kind: &[u8; 4], name: &[u8]| png(4, 4, Some((*kind, [name, &packed].concat())), &packed_zeros(1 << 10));
    let gone = "gone.png can not be read";
    for (name, bytes, words) in [
        ("sides.png", png(20_000, 20_000, None, &packed), "20000×20000 pixels; at most 50 million"),
        ("pixels.png", png(10_000, 10_000, None, &packed), "10000×10000 pixels; at most 50 million"),
        ("bytes.png", vec![0; 257 << 20], "the file has 269 MB; at most 268 MB are read"),
        // These are pictures of 4×4 pixels, so that it is the mask that can not be read.
        ("long.png", png(4, 4, None, &packed), gone),
        ("profile.png", with(b"iCCP", b"profile\0\0"), gone),
        ("text.png", with(b"zTXt", b"words\0\0"), gone),
    ] {
        let file = path(&folder, name);
        std::fs::write(&file, bytes).unwrap();
        let limited = format!("ulimit -v {LITTLE_MEMORY} && exec \"$0\" inpaint \"$1\" --mask gone.png");
        let output = Command::new("sh").args(["-c", &limited, env!("CARGO_BIN_EXE_kandinsky-bot"), &file]).output();
        assert_refused(&output.unwrap(), words);
    }
}

/// A grey PNG whose header promises those sides, with one more chunk before its packed pixels.
fn png(width: u32, height: u32, more: Option<([u8; 4], Vec<u8>)>, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    for (kind, data) in more.iter().map(|(kind, data)| (*kind, &data[..])).chain([(*b"IDAT", pixels)]) {
        writer.write_chunk(png::chunk::ChunkType(kind), data).unwrap();
    }
    drop(writer);
    bytes
}

fn packed_zeros(length: usize) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![0; length.min(1 << 20)];
    for _ in 0..length / block.len() {
        packed.write_all(&block).unwrap();
    }
    packed.finish().unwrap()
}
