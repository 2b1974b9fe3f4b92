//! Resizing compared with Pillow, bit for bit: `tests/reference/make_pictures.py` wrote what it does.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use image::RgbImage;
use kandinsky_bot::pictures::{Filter, resample, resample_reduced};

fn picture(tensor: &Tensor) -> RgbImage {
    let (height, width, _) = tensor.dims3().unwrap();
    let bytes = tensor.flatten_all().unwrap().to_vec1::<u8>().unwrap();
    RgbImage::from_vec(width as u32, height as u32, bytes).unwrap()
}

fn tensors() -> HashMap<String, Tensor> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/pictures/pictures.safetensors");
    candle_core::safetensors::load(file, &Device::Cpu).unwrap()
}

#[test]
fn pictures_are_resized_as_pillow_does() {
    let tensors = tensors();
    let mut compared = 0;
    for index in 0.. {
        let Some(source) = tensors.get(&format!("resize.{index}.source")) else { break };
        for (name, filter) in
            [("bilinear", Filter::Bilinear), ("bicubic", Filter::Bicubic), ("lanczos", Filter::Lanczos)]
        {
            let expected = picture(&tensors[&format!("resize.{index}.{name}")]);
            let (width, height) = expected.dimensions();
            let resized = resample(&picture(source), width, height, filter);
            assert!(resized == expected, "{name} of picture {index} to {width}×{height} differs");
            compared += 1;
        }
    }
    assert_eq!(compared, 24);
}

/// What `prepare_image` of the published programs asks of Pillow.
#[test]
fn boxes_are_averaged_first_as_pillow_does_with_a_reducing_gap() {
    let tensors = tensors();
    let mut compared = 0;
    while let Some(source) = tensors.get(&format!("reduced.{compared}.source")) {
        let expected = picture(&tensors[&format!("reduced.{compared}.bicubic")]);
        let (width, height) = expected.dimensions();
        let resized = resample_reduced(&picture(source), width, height, Filter::Bicubic);
        assert!(resized == expected, "picture {compared} to {width}×{height} differs");
        compared += 1;
    }
    assert_eq!(compared, 8);
}
