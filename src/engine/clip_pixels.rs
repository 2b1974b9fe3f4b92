//! Pictures as CLIP's image encoder takes them.

use candle_core::{Device, Result, Tensor};
use image::RgbImage;
use image::imageops::crop_imm;

use crate::kandinsky::Rules;
use crate::pictures::{Filter, resample};

/// Mean and deviation of each channel over CLIP's training pictures (`preprocessor_config.json` of every CLIP ViT-L/14).
const MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
const DEVIATION: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];

/// Shorter side to `side` pixels (bicubic), the middle square, normalised: `[1, 3, side, side]`, f32, on the CPU. Where an odd
/// number of pixels is cut off, the rules say on which side the odd one is.
///
/// # Errors
/// If memory is short.
pub fn clip_pixels(picture: &RgbImage, side: u32, rules: Rules) -> Result<Tensor> {
    let short = picture.width().min(picture.height()).max(1);
    let scaled = |length: u32| (u64::from(length) * u64::from(side) / u64::from(short)) as u32;
    let resized = resample(picture, scaled(picture.width()), scaled(picture.height()), Filter::Bicubic);
    let offset = |length: u32| rules.crop_offset(length.saturating_sub(side));
    let (left, top) = (offset(resized.width()), offset(resized.height()));
    let square = crop_imm(&resized, left, top, side, side).to_image();
    let side = side as usize;
    let bytes = Tensor::from_vec(square.into_raw(), (side, side, 3), &Device::Cpu)?;
    let pixels = (bytes.permute((2, 0, 1))?.to_dtype(candle_core::DType::F32)? / 255.0)?;
    let channel = |values: [f32; 3]| Tensor::new(&values, &Device::Cpu)?.reshape((3, 1, 1));
    pixels.broadcast_sub(&channel(MEAN)?)?.broadcast_div(&channel(DEVIATION)?)?.unsqueeze(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_square_is_taken_and_normalised() {
        let picture =
            RgbImage::from_fn(
                40,
                20,
                |x, _| if (10..30).contains(&x) { image::Rgb([255; 3]) } else { image::Rgb([0; 3]) },
            );
        let pixels = clip_pixels(&picture, 20, Rules::Sound).unwrap();
        assert_eq!(pixels.dims(), [1, 3, 20, 20]);
        let values: Vec<f32> = pixels.flatten_all().unwrap().to_vec1().unwrap();
        for (channel, values) in values.chunks(400).enumerate() {
            let white = (1.0 - MEAN[channel]) / DEVIATION[channel];
            assert!(values.iter().all(|value| (value - white).abs() < 1e-5));
        }
    }

    /// Of 43 columns 20 are taken, and 23 are left: 11 or 12 of them at the left.
    #[test]
    fn the_middle_of_an_odd_margin_is_where_torchvision_has_it() {
        let picture = RgbImage::from_fn(43, 20, |x, _| image::Rgb([x as u8 * 5; 3]));
        let first = |rules| {
            let pixels = clip_pixels(&picture, 20, rules).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            ((pixels[0] * DEVIATION[0] + MEAN[0]) * 255.0 / 5.0).round()
        };
        assert_eq!(first(Rules::Original), 12.);
        assert_eq!(first(Rules::Sound), 12.);
        assert_eq!(first(Rules::Diffusers), 11.);
    }

    /// `tests/reference/make_pictures.py` wrote what `CLIPImageProcessorPil` of transformers makes of pictures.
    #[test]
    fn pictures_are_prepared_as_transformers_does() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/pictures/pictures.safetensors");
        let tensors = candle_core::safetensors::load(file, &Device::Cpu).unwrap();
        let mut compared = 0;
        while let Some(source) = tensors.get(&format!("clip.{compared}.source")) {
            let (height, width, _) = source.dims3().unwrap();
            let bytes = source.flatten_all().unwrap().to_vec1().unwrap();
            let picture = RgbImage::from_vec(width as u32, height as u32, bytes).unwrap();
            let difference = (clip_pixels(&picture, 28, Rules::Diffusers).unwrap()
                - &tensors[&format!("clip.{compared}.pixels")])
                .unwrap();
            let largest: f32 = difference.abs().unwrap().max_all().unwrap().to_scalar().unwrap();
            assert!(largest < 1e-5, "picture {compared} of {width}×{height} differs by {largest}");
            compared += 1;
        }
        assert_eq!(compared, 5);
    }
}
