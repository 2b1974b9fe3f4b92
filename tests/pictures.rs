//! Resizing compared with Pillow, bit for bit: `tests/reference/make_pictures.py` wrote what it does.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use candle_core::{Device, Tensor};
use image::RgbImage;
use kandinsky_bot::pictures::{Filter, resample};

fn picture(tensor: &Tensor) -> RgbImage {
    let (height, width, _) = tensor.dims3().unwrap();
    let bytes = tensor.flatten_all().unwrap().to_vec1::<u8>().unwrap();
    RgbImage::from_vec(width as u32, height as u32, bytes).unwrap()
}

#[test]
fn pictures_are_resized_as_pillow_does() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/pictures/pictures.safetensors");
    let tensors = candle_core::safetensors::load(file, &Device::Cpu).unwrap();
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
