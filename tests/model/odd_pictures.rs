//! Picture files that are unlike what a camera or a browser usually sends: each is read, or refused with a reason.
//!
//! `tests/reference/make_odd_pictures.py` wrote the files that Rust can not write. They all show the same quarters.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use kandinsky_bot::pictures::{Picture, PictureError, read_recipe};
use rand::{Rng, SeedableRng};

/// Width and height of the picture in every file.
const SIZE: (u32, u32) = (24, 16);
/// The colours of its quarters, row by row.
const QUARTERS: [[u8; 3]; 4] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/odd_pictures")
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

/// Every committed file that can be read, with its name.
fn files() -> Vec<(String, Vec<u8>)> {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !name.ends_with(".gif")).collect();
    names.sort();
    assert_eq!(names.len(), 15);
    names.into_iter().map(|name| (name.clone(), file(&name))).collect()
}

fn quarters() -> RgbImage {
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        Rgb(QUARTERS[usize::from(x >= SIZE.0 / 2) + 2 * usize::from(y >= SIZE.1 / 2)])
    })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Asserts that a picture shows the quarters, away from their edges, up to a distance of each channel.
fn assert_shows_quarters(picture: &Picture, distance: u8, name: &str) {
    assert_eq!(picture.rgb.dimensions(), SIZE, "{name}");
    for (x, y, pixel) in picture.rgb.enumerate_pixels() {
        let is_near_an_edge = x.abs_diff(SIZE.0 / 2) < 2 || y.abs_diff(SIZE.1 / 2) < 2;
        let expected = quarters().get_pixel(x, y).0;
        let is_alike = pixel.0.iter().zip(expected).all(|(value, wanted)| value.abs_diff(wanted) <= distance);
        assert!(is_alike || is_near_an_edge, "{name}: {pixel:?} at {x} {y} should be {expected:?}");
    }
}

#[test]
fn every_file_shows_the_same_upright_and_in_its_colours() {
    for (name, bytes) in files() {
        let picture = Picture::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Of animations the first frame; the others stand on their heads. JPEG and lossy WebP lose a little.
        let is_exact = name.ends_with(".png") || name.ends_with(".webp") && name != "lossy.webp";
        assert_shows_quarters(&picture, if is_exact { 0 } else { 12 }, &name);
        assert_eq!(picture.alpha, None, "{name}");
    }
}

#[test]
fn a_gif_is_refused_with_what_to_send_instead() {
    let error = Picture::decode(&file("animated.gif")).unwrap_err();
    assert!(matches!(error, PictureError::Format), "{error}");
    assert!(error.to_string().contains("send a PNG, JPEG or WebP file"), "{error}");
}

#[test]
fn every_kind_of_png_becomes_eight_bit_rgb() {
    let rgb = DynamicImage::ImageRgb8(quarters());
    for picture in [rgb.clone(), rgb.to_rgb16().into(), rgb.to_rgba8().into(), rgb.to_rgba16().into()] {
        let name = format!("{:?}", picture.color());
        assert_shows_quarters(&Picture::decode(&encoded(picture, ImageFormat::Png)).unwrap(), 0, &name);
    }
    let grey = rgb.to_luma_alpha16();
    let picture = Picture::decode(&encoded(grey.clone(), ImageFormat::Png)).unwrap();
    let expected = (grey.get_pixel(0, 0).0[0] >> 8) as u8;
    assert!(picture.rgb.get_pixel(0, 0).0.iter().all(|value| value.abs_diff(expected) <= 1));
    assert_eq!(picture.rgb.get_pixel(23, 15).0, [255; 3]);
}

#[test]
fn a_palette_with_transparency_and_single_bits_are_understood() {
    let (width, height) = SIZE;
    let index = |x: u32, y: u32| u8::from(x >= width / 2) + 2 * u8::from(y >= height / 2);
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| index(x, y)));
    let png = png_file(png::ColorType::Indexed, png::BitDepth::Eight, &rows.collect::<Vec<_>>(), |encoder| {
        encoder.set_palette(QUARTERS.concat());
        encoder.set_trns(&[255, 255, 255, 0][..]);
    });
    let picture = Picture::decode(&png).unwrap();
    assert_shows_quarters(&picture, 0, "palette");
    let opacity = picture.alpha.unwrap().opacity;
    assert_eq!([opacity.get_pixel(0, 0).0[0], opacity.get_pixel(23, 15).0[0]], [255, 0]);

    let bits = vec![0b1111_0000; 3 * height as usize];
    let picture = Picture::decode(&png_file(png::ColorType::Grayscale, png::BitDepth::One, &bits, |_| {})).unwrap();
    assert_eq!([0, 4].map(|x| picture.rgb.get_pixel(x, 0).0), [[255; 3], [0; 3]]);
}

/// A PNG of [`SIZE`] from packed rows.
fn png_file(
    colour: png::ColorType,
    depth: png::BitDepth,
    rows: &[u8],
    prepare: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIZE.0, SIZE.1);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    prepare(&mut encoder);
    encoder.write_header().unwrap().write_image_data(rows).unwrap();
    bytes
}

#[test]
fn a_file_that_is_cut_short_is_told_so_or_shows_all_the_same() {
    let whole = |name: &str, bytes: &[u8]| Picture::decode(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    for (name, bytes) in files() {
        let picture = whole(&name, &bytes);
        for length in 0..bytes.len() {
            match Picture::decode(&bytes[..length]) {
                // What comes behind the pixels may be missing.
                Ok(cut) => assert!(cut == picture, "{name} cut to {length} of {} bytes", bytes.len()),
                Err(PictureError::Damaged { .. } | PictureError::Format) => {}
                Err(error) => panic!("{name} cut to {length} bytes: {error}"),
            }
        }
        let half = Picture::decode(&bytes[..bytes.len() / 2]).unwrap_err();
        assert!(half.to_string().contains("damaged or cut short"), "{name}: {half}");
    }
}

#[test]
fn damaged_bytes_are_no_danger() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let mut refused = 0;
    for (_, bytes) in files() {
        for _ in 0..300 {
            let mut bytes = bytes.clone();
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
            refused += u32::from(Picture::decode(&bytes).is_err());
            assert!(read_recipe(&bytes).is_none());
        }
    }
    assert!(refused > 1000, "only {refused} of 4500 were noticed");
}

#[test]
fn headers_that_promise_too_much_are_refused_by_their_sizes() {
    let mut jpeg = encoded(RgbImage::new(8, 8), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
    let mut webp = encoded(RgbImage::new(8, 8), ImageFormat::WebP);
    let stream = webp.windows(4).position(|name| name == b"VP8L").unwrap();
    // 14 bits each of width - 1 and height - 1.
    webp[stream + 9..stream + 13].copy_from_slice(&(16_382u32 | 16_382 << 14).to_le_bytes());
    for (name, bytes, side) in [("jpeg", jpeg, 65_500), ("webp", webp, 16_383)] {
        match Picture::decode(&bytes) {
            Err(PictureError::Pixels { width, height }) => assert_eq!((width, height), (side, side), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn the_narrowest_and_the_smallest_are_pictures() {
    for (width, height) in [(1, 1), (1, 3000), (3000, 1), (16_383, 1)] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let picture = RgbImage::from_pixel(width, height, Rgb([255; 3]));
            let decoded = Picture::decode(&encoded(picture.clone(), format)).unwrap();
            assert_eq!(decoded.rgb, picture, "{width}×{height} {format:?}");
        }
    }
}
