//! Small versions of pictures: what a browser shows and paints on. They are made when they are asked for; the latest are kept in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbaImage, imageops};

use super::error::{EditorError, EditorResult};
use super::state::EditorState;
use crate::pictures::{Filter, Picture, resample_reduced};

/// The longest side of a view: a canvas of it takes 16 MB, which every phone has.
pub(super) const VIEW_SIDE: u32 = 2048;
/// The shorter side of a view has at least so many pixels, where the picture has them: a thinner one could not be painted on.
const SHORT_SIDE: u32 = 64;
/// The longest side of a thumbnail.
const THUMB_SIDE: u32 = 256;
const VIEW_QUALITY: u8 = 90;
const THUMB_QUALITY: u8 = 80;
/// Bytes of views in memory.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// How long a picture waits until others are decoded.
const TURN: Duration = Duration::from_secs(10);

/// A small version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    View,
    Thumb,
}

impl Variant {
    /// The size of the small version of a picture.
    pub(super) fn size(self, width: u32, height: u32) -> (u32, u32) {
        let (long, short) = (f64::from(width.max(height).max(1)), f64::from(width.min(height).max(1)));
        let scale = match self {
            Self::View => (f64::from(VIEW_SIDE) / long).max(short.min(f64::from(SHORT_SIDE)) / short),
            Self::Thumb => f64::from(THUMB_SIDE) / long,
        };
        let side = |length: u32| (f64::from(length) * scale.min(1.0)).round().max(1.0) as u32;
        (side(width), side(height))
    }

    /// The small version: JPEG, or PNG where something is transparent.
    pub(super) fn encode(self, picture: &Picture) -> Option<Bytes> {
        let (width, height) = self.size(picture.rgb.width(), picture.rgb.height());
        let mut bytes = Vec::new();
        match &picture.alpha {
            None => {
                let small = resample_reduced(&picture.rgb, width, height, Filter::Lanczos);
                let quality = if self == Self::View { VIEW_QUALITY } else { THUMB_QUALITY };
                JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&small).ok()?;
            }
            Some(_) => {
                let small = imageops::thumbnail(&rgba(picture), width, height);
                small.write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
            }
        }
        Some(bytes.into())
    }
}

/// A picture with its transparency.
pub(super) fn rgba(picture: &Picture) -> RgbaImage {
    match &picture.alpha {
        None => DynamicImage::ImageRgb8(picture.rgb.clone()).into_rgba8(),
        Some(alpha) => RgbaImage::from_fn(picture.rgb.width(), picture.rgb.height(), |x, y| {
            let [r, g, b] = alpha.colours.get_pixel(x, y).0;
            image::Rgba([r, g, b, alpha.opacity.get_pixel(x, y).0[0]])
        }),
    }
}

/// The views that were asked for lately.
#[derive(Debug, Default)]
pub(super) struct ViewCache(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    views: HashMap<String, (Bytes, u64)>,
    bytes: usize,
    uses: u64,
}

impl ViewCache {
    /// A view, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.uses += 1;
        let uses = cached.uses;
        let (bytes, used) = cached.views.get_mut(name)?;
        *used = uses;
        Some(bytes.clone())
    }

    /// Keeps a view; those that were not asked for the longest make room.
    pub(super) fn put(&self, name: String, view: Bytes) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.uses += 1;
        let uses = cached.uses;
        cached.bytes += view.len();
        if let Some((old, _)) = cached.views.insert(name, (view, uses)) {
            cached.bytes -= old.len();
        }
        while cached.bytes > CACHE_BYTES {
            let Some(oldest) = cached.views.iter().min_by_key(|(_, (_, used))| *used).map(|(name, _)| name.clone())
            else {
                return;
            };
            if let Some((old, _)) = cached.views.remove(&oldest) {
                cached.bytes -= old.len();
            }
        }
    }

    /// Drops the views of a picture.
    pub(super) fn remove(&self, prefix: &str) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut freed = 0;
        cached.views.retain(|name, (bytes, _)| {
            let is_kept = !name.starts_with(prefix);
            freed += if is_kept { 0 } else { bytes.len() };
            is_kept
        });
        cached.bytes -= freed;
    }
}

/// Does what takes a processor for a while away from the threads that serve others, a few at a time.
///
/// # Errors
/// That of the work, or too many others wait.
pub(super) async fn decoding<T: Send + 'static>(
    editor: &EditorState,
    work: impl FnOnce() -> EditorResult<T> + Send + 'static,
) -> EditorResult<T> {
    let turn = tokio::time::timeout(TURN, Arc::clone(&editor.decoding).acquire_owned()).await;
    let permit = turn.ok().and_then(Result::ok).ok_or_else(EditorError::busy)?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    done.await.map_err(|error| {
        tracing::error!(%error, "a picture in the editor can not be read");
        EditorError::internal()
    })?
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;
    use crate::pictures::{Mask, Transparency};

    #[test]
    fn a_view_is_small_and_never_too_thin_to_paint_on() {
        let view = |width, height| Variant::View.size(width, height);
        assert_eq!(view(4000, 3000), (2048, 1536));
        assert_eq!(view(300, 200), (300, 200), "nothing is enlarged");
        assert_eq!(view(1, 1), (1, 1));
        assert_eq!(view(16_384, 300), (3495, 64));
        assert_eq!(view(10_000, 101), (6337, 64));
        assert_eq!(view(16_384, 1), (16_384, 1));
        assert_eq!(Variant::Thumb.size(4000, 3000), (256, 192));
        assert_eq!(Variant::Thumb.size(16_384, 1), (256, 1));
    }

    #[test]
    fn a_mask_of_the_view_fits_the_picture_however_thin_it_is() {
        for (width, height) in [(16_384, 300), (10_000, 101), (300, 16_384), (16_384, 3), (4001, 2999), (2049, 2047)] {
            let (view_width, view_height) = Variant::View.size(width, height);
            let mask = Mask::from_fn(view_width, view_height, |x, _| x < view_width / 2);
            assert!(mask.fit(width, height).is_ok(), "{width}×{height}: {view_width}×{view_height}");
        }
    }

    #[test]
    fn what_is_transparent_stays_so() {
        let alpha = Transparency {
            opacity: GrayImage::from_fn(4000, 40, |x, _| Luma([if x < 2000 { 0 } else { 255 }])),
            colours: RgbImage::from_pixel(4000, 40, Rgb([9, 8, 7])),
        };
        let picture = Picture { rgb: RgbImage::from_pixel(4000, 40, Rgb([255; 3])), alpha: Some(alpha) };
        let view = image::load_from_memory(&Variant::View.encode(&picture).unwrap()).unwrap().to_rgba8();
        assert_eq!(view.dimensions(), Variant::View.size(4000, 40));
        assert_eq!((view.get_pixel(10, 10).0[3], view.get_pixel(view.width() - 5, 5).0), (0, [9, 8, 7, 255]));
        let opaque = Variant::Thumb.encode(&Picture::from(picture.rgb)).unwrap();
        assert_eq!(image::guess_format(&opaque).unwrap(), ImageFormat::Jpeg);
    }

    #[test]
    fn memory_for_views_is_bounded() {
        let cache = ViewCache::default();
        let view = Bytes::from(vec![0; CACHE_BYTES / 4]);
        for name in ["a.1", "a.2", "b.1"] {
            cache.put(name.to_owned(), view.clone());
        }
        assert!(cache.get("a.1").is_some());
        cache.put("c".to_owned(), view.clone());
        cache.put("d".to_owned(), view.clone());
        assert!(cache.get("a.1").is_some() && cache.get("a.2").is_none(), "the one that nobody asked for went");
        cache.remove("a.");
        assert!(cache.get("a.1").is_none() && cache.get("b.1").is_some());
        assert_eq!(cache.0.lock().unwrap().bytes, 3 * view.len());
        cache.put("b.1".to_owned(), Bytes::new());
        assert_eq!(cache.0.lock().unwrap().bytes, 2 * view.len());
    }
}
