//! In which form a picture is sent: what the platform takes is known before anything is uploaded
//! (<https://core.telegram.org/bots/api#sending-files>).

use std::io::Cursor;
use std::ops::Range;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::api::ALBUM_LIMIT;
use crate::jobs::PictureInfo;

/// The most bytes of a photo.
const PHOTO_BYTES: u64 = 10_000_000;
/// Width and height of a photo together, in pixels.
const PHOTO_SIDES: u32 = 10_000;
/// How many times as long as the other a side of a photo may be.
const PHOTO_RATIO: u32 = 20;
/// The most bytes of a file. A request with several files holds no more either.
const FILE_BYTES: u64 = 50_000_000;
/// JPEG qualities, the best first; what is too large in all of them is made smaller.
const QUALITIES: [u8; 4] = [95, 88, 75, 60];

/// A form in which a picture is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is, shown in the chat.
    Photo,
    /// As it is, as a file.
    File,
    /// Every pixel, as a JPEG file.
    JpegFile,
    /// Shown in the chat, smaller where that is needed.
    JpegPhoto,
}

impl Form {
    /// The forms for a picture, in the order in which they are tried.
    pub(super) fn of(info: &PictureInfo) -> Vec<Self> {
        let fitting = [(Self::Photo, fits_photo(info)), (Self::File, info.size <= FILE_BYTES)];
        let fitting = fitting.into_iter().filter(|(_, fits)| *fits).map(|(form, _)| form);
        fitting.chain([Self::JpegFile, Self::JpegPhoto]).collect()
    }

    /// The forms for a picture that must be covered: files are shown uncovered.
    pub(super) fn of_covered(info: &PictureInfo) -> Vec<Self> {
        Self::of(info).into_iter().filter(|form| form.is_photo()).collect()
    }

    /// Whether it is shown in the chat: photos and files have rights of their own.
    pub(super) fn is_photo(self) -> bool {
        matches!(self, Self::Photo | Self::JpegPhoto)
    }
}

/// Whether the platform takes a picture as a photo; one of unknown size is tried.
pub(super) fn fits_photo(info: &PictureInfo) -> bool {
    let (short, long) = (info.width.min(info.height), info.width.max(info.height));
    info.size <= PHOTO_BYTES
        && info.width.saturating_add(info.height) <= PHOTO_SIDES
        && long <= short.saturating_mul(PHOTO_RATIO)
}

/// The albums of some photos: nearly equally many in each, and none of one alone where that can be avoided.
pub(super) fn albums(infos: &[PictureInfo]) -> Vec<Range<usize>> {
    let count = infos.len().div_ceil(ALBUM_LIMIT).max(1);
    let size = infos.len().div_ceil(count).max(1);
    let albums = (0..infos.len()).step_by(size).map(|first| first..(first + size).min(infos.len()));
    albums.flat_map(|album| within_a_request(infos, album)).collect()
}

/// Halves an album until each part fits into one request.
fn within_a_request(infos: &[PictureInfo], album: Range<usize>) -> Vec<Range<usize>> {
    let bytes: u64 = infos[album.clone()].iter().map(|info| info.size).sum();
    if bytes <= FILE_BYTES || album.len() < 2 {
        return vec![album];
    }
    let middle = album.start + album.len().div_ceil(2);
    [album.start..middle, middle..album.end].into_iter().flat_map(|half| within_a_request(infos, half)).collect()
}

/// A picture as JPEG, as a file or as a photo, on a thread for blocking work; `None` if it can not be opened.
pub(super) async fn jpeg(bytes: Bytes, as_photo: bool) -> Option<Bytes> {
    tokio::task::spawn_blocking(move || {
        let picture = image::load_from_memory_with_format(&bytes, ImageFormat::Png).ok()?;
        smallest_loss(on_white(picture), as_photo).map(Bytes::from)
    })
    .await
    .ok()
    .flatten()
}

/// The colours of a picture, with white behind what is transparent.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, alpha] = picture.get_pixel(x, y).0.map(u32::from);
        Rgb([r, g, b].map(|value| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}

fn smallest_loss(mut picture: RgbImage, as_photo: bool) -> Option<Vec<u8>> {
    let limit = if as_photo { PHOTO_BYTES } else { FILE_BYTES };
    let sides = |picture: &RgbImage| picture.width() + picture.height();
    while as_photo && sides(&picture) > PHOTO_SIDES {
        picture = halved(&picture);
    }
    loop {
        for quality in QUALITIES {
            let encoded = encode(&picture, quality)?;
            if encoded.len() as u64 <= limit {
                return Some(encoded);
            }
        }
        picture = halved(&picture);
    }
}

fn encode(picture: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).ok()?;
    Some(bytes.into_inner())
}

fn halved(picture: &RgbImage) -> RgbImage {
    resize(picture, picture.width().div_ceil(2), picture.height().div_ceil(2), FilterType::Triangle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(width: u32, height: u32, size: u64) -> PictureInfo {
        PictureInfo { width, height, size }
    }

    #[test]
    fn every_size_has_a_way() {
        let first = |width, height, size| Form::of(&info(width, height, size))[0];
        assert_eq!(first(768, 768, 1_000_000), Form::Photo);
        assert_eq!(first(4000, 3000, 13_000_000), Form::File);
        assert_eq!(first(9000, 1200, 50_000), Form::File);
        assert_eq!((first(2000, 100, 9_000), first(2001, 100, 9_000)), (Form::Photo, Form::File));
        assert_eq!(first(8000, 6000, 70_000_000), Form::JpegFile);
        assert_eq!(first(0, 0, 9), Form::Photo, "one that can not be measured is tried");
    }

    #[test]
    fn eleven_pictures_are_two_albums_and_each_fits_into_a_request() {
        let of = |count: usize, size: u64| -> Vec<usize> {
            albums(&vec![info(768, 768, size); count]).into_iter().map(|album| album.len()).collect()
        };
        assert_eq!((of(11, 1), of(10, 1), of(2, 1), of(0, 1)), (vec![6, 5], vec![10], vec![2], vec![]));
        assert_eq!((of(4, 9_900_000), of(10, 9_900_000)), (vec![4], vec![5, 5]));
    }

    #[tokio::test]
    async fn what_is_transparent_is_white_as_jpeg() {
        // A red left half; nothing on the right, whose colour is black.
        let half =
            image::RgbaImage::from_fn(32, 16, |x, _| image::Rgba(if x < 16 { [220, 30, 40, 255] } else { [0; 4] }));
        let mut png = Cursor::new(Vec::new());
        half.write_to(&mut png, ImageFormat::Png).unwrap();
        for as_photo in [false, true] {
            let jpeg = jpeg(png.get_ref().clone().into(), as_photo).await.unwrap();
            let picture = image::load_from_memory(&jpeg).unwrap().into_rgb8();
            let is_near = |x, colour: [u8; 3]| {
                picture.get_pixel(x, 8).0.iter().zip(colour).all(|(value, meant)| value.abs_diff(meant) < 16)
            };
            assert!(is_near(3, [220, 30, 40]) && is_near(28, [255; 3]), "{:?}", picture.get_pixel(28, 8));
        }
    }

    #[test]
    fn a_photo_is_made_to_fit() {
        let jpeg = smallest_loss(RgbImage::new(9000, 1500), true).unwrap();
        let picture = image::load_from_memory(&jpeg).unwrap();
        assert_eq!((picture.width(), picture.height()), (4500, 750));
    }
}
