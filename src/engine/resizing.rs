//! The size that the network works at for the size that is asked for, and pictures to tensors and back.

use candle_core::{DType, Device, Error, Result, Tensor};
use image::{Rgb, RgbImage};

use crate::kandinsky::Rules;
use crate::pictures::{Filter, resample, resample_reduced};
use crate::recipe::Size;

/// The longest side that the published model draws, pixels.
const MAX_SIDE: u32 = Size::MAX;

/// The working size of a picture drawn from noise: the requested one, or, where the model knows only one scale, the same shape
/// with the long side `largest`.
pub(super) fn working_size(requested: Size, largest: Option<u32>) -> Size {
    match largest {
        None => requested,
        Some(largest) => scaled(requested, largest),
    }
}

/// The working size for an input picture: its shape, with the long side between the model's native one and the longest that it
/// can draw, or `bound` where the recipe sets one.
pub(super) fn working_size_of(picture: Size, native: u32, largest: Option<u32>, bound: Option<Size>) -> Size {
    let long = picture.width.max(picture.height);
    let target = bound.map_or(long.clamp(native.min(MAX_SIDE), MAX_SIDE), |bound| bound.width.max(bound.height));
    scaled(picture, largest.unwrap_or(target))
}

/// The size of a changed picture: its own, if the long side is at most 1024, and never smaller than what was drawn.
pub(super) fn changed_size(picture: Size, working: Size) -> Size {
    let long = picture.width.max(picture.height);
    let drawn = working.width.max(working.height);
    scaled(picture, long.min(MAX_SIDE).max(drawn))
}

fn scaled(size: Size, long: u32) -> Size {
    let own = u64::from(size.width.max(size.height).max(1));
    let side = |side: u32| (u64::from(side) * u64::from(long)).div_ceil(own).max(1) as u32;
    Size { width: side(size.width), height: side(size.height) }
}

pub(super) fn size_of(picture: &RgbImage) -> Size {
    Size { width: picture.width(), height: picture.height() }
}

/// At another size, both sides at least 1: Lanczos, as Pillow does it.
#[must_use]
pub fn resized(picture: &RgbImage, size: Size) -> RgbImage {
    resample(picture, size.width, size.height, Filter::Lanczos)
}

/// At the size that the network works at, both sides at least 1: Lanczos, or as the published programs, which average whole pixels
/// first and shrink the rest bicubically.
#[must_use]
pub fn prepared(picture: &RgbImage, size: Size, rules: Rules) -> RgbImage {
    match rules {
        Rules::Sound => resized(picture, size),
        Rules::Diffusers | Rules::Original => resample_reduced(picture, size.width, size.height, Filter::Bicubic),
    }
}

/// Pixels `[1, 3, height, width]` from 0 to 1, with the last row and column repeated up to that size: an
/// edge of black would show in the encoded latents.
///
/// # Errors
/// If memory is short.
pub fn to_tensor(picture: &RgbImage, (height, width): (usize, usize)) -> Result<Tensor> {
    let (last_x, last_y) = (picture.width().saturating_sub(1), picture.height().saturating_sub(1));
    let padded = RgbImage::from_fn(width as u32, height as u32, |x, y| {
        picture.get_pixel_checked(x.min(last_x), y.min(last_y)).copied().unwrap_or(Rgb([0; 3]))
    });
    let bytes = Tensor::from_vec(padded.into_raw(), (height, width, 3), &Device::Cpu)?;
    bytes.permute((2, 0, 1))?.to_dtype(DType::F32)?.affine(1.0 / 255.0, 0.0)?.unsqueeze(0)
}

/// Pixels `[3, h, w]` from 0 to 1 as an 8-bit picture, cut to the working size.
pub(super) fn to_image(pixels: &Tensor, size: Size) -> Result<RgbImage> {
    let pixels = pixels.narrow(1, 0, size.height as usize)?.narrow(2, 0, size.width as usize)?;
    let bytes: Vec<f32> = (pixels.permute((1, 2, 0))? * 255.0)?.flatten_all()?.to_vec1()?;
    let bytes = bytes.into_iter().map(|value| value.round() as u8).collect();
    RgbImage::from_vec(size.width, size.height, bytes)
        .ok_or_else(|| Error::Msg("the decoder gave no RGB picture".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(size: Size) -> (u32, u32) {
        (size.width, size.height)
    }

    #[test]
    fn the_full_model_draws_what_is_asked() {
        let asked = Size { width: 1024, height: 576 };
        assert_eq!(working_size(asked, None), asked);
    }

    #[test]
    fn the_miniature_keeps_the_shape_at_its_own_scale() {
        let working = |width, height| sides(working_size(Size { width, height }, Some(128)));
        assert_eq!(working(512, 512), (128, 128));
        assert_eq!(working(768, 512), (128, 86));
        assert_eq!(working(64, 1024), (8, 128));
    }

    #[test]
    fn a_given_picture_is_worked_on_at_a_scale_that_the_model_knows() {
        let working = |width, height| sides(working_size_of(Size { width, height }, 768, None, None));
        assert_eq!(working(4000, 3000), (1024, 768));
        assert_eq!(working(300, 200), (768, 512));
        assert_eq!(working(900, 900), (900, 900));
        assert_eq!(working(1, 1), (768, 768));
        assert_eq!(working(16_000, 1), (1024, 1));
        let bound = Some(Size::square(512));
        assert_eq!(sides(working_size_of(Size { width: 4000, height: 2000 }, 768, None, bound)), (512, 256));
    }

    #[test]
    fn a_changed_picture_keeps_its_shape_up_to_1024() {
        let changed = |width, height, native, largest| {
            let size = Size { width, height };
            sides(changed_size(size, working_size_of(size, native, largest, None)))
        };
        assert_eq!(changed(2048, 1024, 768, None), (1024, 512));
        assert_eq!(changed(300, 200, 768, None), (768, 512));
        assert_eq!(changed(500, 400, 128, Some(128)), (500, 400));
    }

    #[test]
    fn a_picture_is_padded_with_its_edge_and_cut_again() {
        let picture = RgbImage::from_fn(3, 2, |x, y| Rgb([x as u8 * 50, y as u8 * 100, 7]));
        let tensor = to_tensor(&picture, (8, 8)).unwrap();
        assert_eq!(tensor.dims(), [1, 3, 8, 8]);
        let far = tensor.get(0).unwrap().to_vec3::<f32>().unwrap();
        assert!((far[0][7][7] - 100. / 255.).abs() < 1e-6 && (far[1][7][7] - 100. / 255.).abs() < 1e-6);
        assert_eq!(to_image(&tensor.get(0).unwrap(), size_of(&picture)).unwrap(), picture);
    }
}
