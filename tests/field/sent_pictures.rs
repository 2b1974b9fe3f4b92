//! Pictures as phones, cameras and editors make them.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::TempDir;

use crate::support::pictures::encoded;
use crate::support::program::{complaint, run};
use crate::support::test_server::TestServer;

const QUICK: [&str; 4] = ["--steps", "2", "--prior-steps", "2"];

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

fn succeeds(arguments: &[&str]) {
    let output = run(&[arguments, &QUICK[..]].concat());
    assert!(output.status.success(), "{}", complaint(&output));
}

/// Which pixels of a grey picture of 80×80 the command line draws anew with a mask.
fn drawn_anew(mask: &RgbaImage) -> Result<Vec<(u32, u32)>, String> {
    let folder = tempfile::tempdir().unwrap();
    let (picture, mask_file, out) = (path(&folder, "in.png"), path(&folder, "mask.png"), path(&folder, "out.png"));
    let grey = Rgb([128; 3]);
    RgbImage::from_pixel(80, 80, grey).save(&picture).unwrap();
    mask.save(&mask_file).unwrap();
    let output = run(&[&["inpaint", &picture, "--mask", &mask_file, "a red lemon", "-o", &out], &QUICK[..]].concat());
    if !output.status.success() {
        return Err(complaint(&output));
    }
    let drawn = image::open(&out).unwrap().into_rgb8();
    Ok(drawn.enumerate_pixels().filter(|(_, _, pixel)| **pixel != grey).map(|(x, y, _)| (x, y)).collect())
}

fn square(inside: [u8; 4], outside: [u8; 4]) -> RgbaImage {
    let is_inside = |x: u32, y: u32| (30..50).contains(&x) && (30..50).contains(&y);
    RgbaImage::from_fn(80, 80, |x, y| Rgba(if is_inside(x, y) { inside } else { outside }))
}

#[test]
fn white_painted_on_an_empty_layer_is_drawn_anew() {
    let nearly_opaque = {
        let mut mask = square([255; 4], [0, 0, 0, 255]);
        mask.put_pixel(0, 0, Rgba([0, 0, 0, 254]));
        mask
    };
    for mask in [square([255; 4], [0; 4]), nearly_opaque, square([0; 4], [0, 0, 0, 255])] {
        let drawn = drawn_anew(&mask).unwrap();
        assert!(drawn.len() > 300, "{}", drawn.len());
        // With the soft edge around it.
        assert!(drawn.iter().all(|&(x, y)| (27..53).contains(&x) && (27..53).contains(&y)), "{drawn:?}");
    }
    let refusal = drawn_anew(&square([0, 0, 0, 255], [0; 4])).unwrap_err();
    assert!(
        refusal.contains("mask.png: the mask is partly transparent") && refusal.contains("white on black"),
        "{refusal}"
    );
}

#[test]
fn an_untouched_photo_of_a_phone_does_not_look_duller() {
    let folder = tempfile::tempdir().unwrap();
    let (photo, out) = (path(&folder, "photo.png"), path(&folder, "out.png"));
    // The red of sRGB, as a phone with a wide screen writes it.
    let red_of_p3 = RgbImage::from_pixel(64, 64, Rgb([234, 51, 35]));
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(moxcms::ColorProfile::new_display_p3().encode().unwrap()).unwrap();
    encoder.write_image(&red_of_p3, 64, 64, ExtendedColorType::Rgb8).unwrap();
    std::fs::write(&photo, bytes).unwrap();
    succeeds(&["outpaint", &photo, "--right", "32", "-o", &out]);
    let pixel = image::open(&out).unwrap().into_rgb8().get_pixel(10, 30).0;
    assert!(pixel.iter().zip([255, 0, 0]).all(|(value, red)| value.abs_diff(red) <= 6), "{pixel:?}");
}

#[test]
fn a_photo_with_a_stray_byte_that_every_viewer_opens_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (photo, out) = (path(&folder, "photo.jpg"), path(&folder, "out.png"));
    let jpeg = encoded(&RgbImage::from_pixel(64, 64, Rgb([200, 30, 40])), ImageFormat::Jpeg);
    let tables = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC4]).unwrap();
    std::fs::write(&photo, [&jpeg[..tables], b"\0", &jpeg[tables..]].concat()).unwrap();
    succeeds(&["vary", &photo, "-o", &out]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mask_that_can_be_meant_either_way_is_asked_about_in_the_chat() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.sends_photo(&RgbImage::from_pixel(80, 80, Rgb([9, 99, 199])), "/inpaint").await;
    let how = anna.reads("Как отметить").await;
    anna.presses(&how, "Прислать маску").await;
    anna.reads("Пришлите маску того же размера").await;
    let mut mask = std::io::Cursor::new(Vec::new());
    square([0, 0, 0, 255], [0; 4]).write_to(&mut mask, ImageFormat::Png).unwrap();
    anna.sends_file("mask.png", "image/png", mask.get_ref(), "").await;
    anna.reads("Часть маски прозрачная").await;
    server.bot.stop().await;
}
