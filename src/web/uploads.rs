//! Pictures that clients send: decoded within limits, a few at a time, before a job is made of them. What is stored is the file as it
//! came; a mask is stored as black and white.

use std::sync::Arc;

use bytes::Bytes;

use super::error::{ApiError, ApiResult};
use super::picture_data::PICTURE_BYTES;
use super::state::Api;
use crate::jobs::EncodedPicture;
use crate::pictures::{Mask, MaskError, Picture, PictureError, encode_plain_png};

/// Opacity below which a pixel counts as transparent.
const OPAQUE: u8 = 128;
/// A smaller fraction of transparent pixels is an accident of an editor.
const MIN_TRANSPARENT: f64 = 0.001;

/// What a mask marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MaskCustom {
    /// OpenAI's: what is transparent is drawn anew; without transparency, what is white.
    Transparent,
    /// A1111's: what is white is drawn anew, whatever its transparency; or everything else.
    White { inverted: bool },
}

/// Checks pictures.
pub(super) async fn check_pictures(api: &Arc<Api>, pictures: Vec<Bytes>) -> ApiResult<Vec<EncodedPicture>> {
    blocking(api, move || {
        pictures.iter().try_for_each(|bytes| decode(bytes, "image").map(drop))?;
        Ok(pictures.into_iter().map(EncodedPicture::new).collect())
    })
    .await
}

/// A picture and its mask, for inpainting.
pub(super) async fn check_masked(
    api: &Arc<Api>,
    picture: Bytes,
    mask: Bytes,
    custom: MaskCustom,
) -> ApiResult<Vec<EncodedPicture>> {
    blocking(api, move || {
        let (decoded, mask) = (decode(&picture, "image")?, decode(&mask, "mask")?);
        masked(picture, &decoded, &read_mask(&mask, custom))
    })
    .await
}

/// A picture that has a transparent part, with that part as its mask; the picture alone if it has none.
pub(super) async fn check_transparent(api: &Arc<Api>, picture: Bytes) -> ApiResult<Vec<EncodedPicture>> {
    blocking(api, move || {
        let decoded = decode(&picture, "image")?;
        match transparent_part(&decoded).filter(|mask| mask.coverage() >= MIN_TRANSPARENT) {
            Some(mask) => masked(picture, &decoded, &mask),
            None => Ok(vec![EncodedPicture::new(picture)]),
        }
    })
    .await
}

fn masked(picture: Bytes, decoded: &Picture, mask: &Mask) -> ApiResult<Vec<EncodedPicture>> {
    let (width, height) = decoded.rgb.dimensions();
    let refused = |error: MaskError| ApiError::picture("mask", error.to_string());
    let mask = mask.fit(width, height).map_err(refused)?.checked().map_err(refused)?;
    let mask = encode_plain_png(&mask.picture()).map_err(|error| {
        tracing::error!(%error, "a mask can not be stored");
        ApiError::internal()
    })?;
    Ok(vec![EncodedPicture::new(picture), EncodedPicture::new(mask)])
}

fn read_mask(mask: &Picture, custom: MaskCustom) -> Mask {
    let white = |picture: &image::RgbImage| {
        let (width, height) = picture.dimensions();
        let is_white = |x, y| image::Pixel::to_luma(picture.get_pixel(x, y)).0[0] >= 128;
        Mask::from_fn(width, height, is_white)
    };
    match custom {
        MaskCustom::Transparent => {
            let transparent = transparent_part(mask).filter(|mask| mask.coverage() > 0.0);
            transparent.unwrap_or_else(|| white(&mask.rgb))
        }
        MaskCustom::White { inverted } => {
            let mask = white(mask.alpha.as_ref().map_or(&mask.rgb, |alpha| &alpha.colours));
            if inverted { mask.inverted() } else { mask }
        }
    }
}

fn transparent_part(picture: &Picture) -> Option<Mask> {
    let opacity = &picture.alpha.as_ref()?.opacity;
    Some(Mask::from_fn(opacity.width(), opacity.height(), |x, y| opacity.get_pixel(x, y).0[0] < OPAQUE))
}

fn decode(bytes: &[u8], name: &str) -> ApiResult<Picture> {
    Picture::decode(bytes).map_err(|error| match error {
        PictureError::Bytes { .. } => ApiError::too_large(PICTURE_BYTES),
        error => ApiError::picture(name, error.to_string()),
    })
}

/// Does what takes a processor for a while away from the threads that serve others, a few at a time.
async fn blocking<T: Send + 'static>(
    api: &Arc<Api>,
    work: impl FnOnce() -> ApiResult<T> + Send + 'static,
) -> ApiResult<T> {
    let turn = tokio::time::timeout(api.timing.turn_within, api.decoding.clone().acquire_owned()).await;
    let permit = turn.ok().and_then(Result::ok).ok_or_else(ApiError::busy)?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    done.await.map_err(|error| {
        tracing::error!(%error, "a picture of a client can not be read");
        ApiError::internal()
    })?
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;
    use crate::pictures::Transparency;

    /// Left half white; right half black and transparent.
    fn half() -> Picture {
        let colours = RgbImage::from_fn(8, 4, |x, _| Rgb(if x < 4 { [255; 3] } else { [0; 3] }));
        let opacity = GrayImage::from_fn(8, 4, |x, _| Luma([if x < 4 { 255 } else { 0 }]));
        Picture { rgb: RgbImage::from_pixel(8, 4, Rgb([255; 3])), alpha: Some(Transparency { opacity, colours }) }
    }

    #[test]
    fn a_mask_is_read_by_the_custom_of_its_dialect() {
        let is_drawn = |custom| {
            let mask = read_mask(&half(), custom);
            (mask.is_drawn(0, 0), mask.is_drawn(7, 0))
        };
        assert_eq!(is_drawn(MaskCustom::Transparent), (false, true));
        assert_eq!(is_drawn(MaskCustom::White { inverted: false }), (true, false));
        assert_eq!(is_drawn(MaskCustom::White { inverted: true }), (false, true));
        let opaque = Picture::from(half().alpha.unwrap().colours);
        assert!(read_mask(&opaque, MaskCustom::Transparent).is_drawn(0, 0), "without transparency, what is white");
    }
}
