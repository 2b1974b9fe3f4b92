//! Colour profiles: the numbers of a picture become those of sRGB, as every viewer shows them.
//!
//! A picture says what its numbers mean by an ICC profile, or in a PNG by cICP, sRGB, gAMA and cHRM
//! (<https://www.w3.org/TR/png-3/#11addnlcolinfo>, in this order of precedence). One that says nothing is sRGB.

use std::io::Cursor;

use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{
    Chromaticity, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, Layout, MatrixCoefficients, ToneReprCurve,
    TransformOptions, XyY,
};
use png::{ScaledFloat, SourceChromaticities};

/// The largest profile that is read, bytes. A profile may be packed a thousandfold.
const PROFILE_LIMIT: usize = 4 * 1024 * 1024;
/// Colours that differ by no more are the same: profiles of sRGB round differently, and such pictures are kept as they are.
const SAME_COLOUR: u8 = 2;
/// Exponents that a PNG may be encoded with. 0.45455 stands for sRGB.
const ENCODING_EXPONENTS: std::ops::RangeInclusive<f32> = 0.1..=1.5;
/// The exponent that PNG files in sRGB give …
const SRGB_EXPONENT: f32 = 0.454_55;
/// … and how far from it others still mean it.
const EXPONENT_TOLERANCE: f32 = 0.02;
/// The sum of a colour's two chromaticities is at most 1; that of a pure red is 1, up to rounding.
const MAX_SUM: f32 = 1.001;
/// Transfer characteristics of brightness beyond that of a screen (ITU-T H.273): no conversion to sRGB is right for all.
const HIGH_DYNAMIC_RANGE: [u8; 2] = [16, 18];

/// The profile in an ICC file; `None` if it is broken, too large or of another use.
pub(super) fn of_icc(bytes: &[u8]) -> Option<ColorProfile> {
    let profile = (bytes.len() <= PROFILE_LIMIT).then(|| ColorProfile::new_from_slice(bytes).ok()).flatten()?;
    matches!(profile.color_space, DataColorSpace::Rgb | DataColorSpace::Gray).then_some(profile)
}

/// What a PNG file says about its colours; `None` for sRGB.
pub(super) fn of_png(bytes: &[u8]) -> Option<ColorProfile> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: PROFILE_LIMIT });
    decoder.set_ignore_text_chunk(true);
    let reader = decoder.read_info().ok()?;
    let info = reader.info();
    if let Some(points) = &info.coding_independent_code_points {
        return of_code_points(points.color_primaries, points.transfer_function);
    }
    if let Some(profile) = &info.icc_profile {
        return of_icc(profile);
    }
    if info.srgb.is_some() {
        return None;
    }
    of_exponent(info.gama_chunk.map(ScaledFloat::into_value), info.chrm_chunk)
}

fn of_code_points(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    if HIGH_DYNAMIC_RANGE.contains(&transfer) {
        return None;
    }
    let code_points = CicpProfile {
        color_primaries: primaries.try_into().ok()?,
        transfer_characteristics: transfer.try_into().ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    };
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry_from_cicp(code_points).then_some(profile)
}

/// Of gAMA and cHRM. Without the first, the curve is that of sRGB; without the second, the primaries are.
fn of_exponent(exponent: Option<f32>, primaries: Option<SourceChromaticities>) -> Option<ColorProfile> {
    let exponent = exponent.filter(|exponent| (exponent - SRGB_EXPONENT).abs() > EXPONENT_TOLERANCE);
    if exponent.is_none() && primaries.is_none() {
        return None;
    }
    let mut profile = ColorProfile::new_srgb();
    if let Some(primaries) = primaries {
        let point = |(x, y): (ScaledFloat, ScaledFloat)| {
            let (x, y) = (x.into_value(), y.into_value());
            (x > 0.0 && y > 0.0 && x + y < MAX_SUM).then_some(Chromaticity { x, y })
        };
        let (red, green, blue) = (point(primaries.red)?, point(primaries.green)?, point(primaries.blue)?);
        let white = point(primaries.white)?;
        let white = XyY { x: f64::from(white.x), y: f64::from(white.y), yb: 1.0 };
        profile.update_rgb_colorimetry(white, ColorPrimaries { red, green, blue });
    }
    if let Some(exponent) = exponent {
        let decoding = ENCODING_EXPONENTS.contains(&exponent).then_some(1.0 / exponent)?;
        let curve = Some(ToneReprCurve::Parametric(vec![decoding]));
        (profile.red_trc, profile.green_trc, profile.blue_trc) = (curve.clone(), curve.clone(), curve);
        profile.cicp = None;
    }
    Some(profile)
}

/// The picture in sRGB with 8 bits a channel; as it was where it is in sRGB already, or the profile does not fit it.
pub(super) fn to_srgb(picture: DynamicImage, profile: &ColorProfile) -> DynamicImage {
    let is_grey = profile.color_space == DataColorSpace::Gray;
    if is_grey && picture.color().has_color() || is_srgb(profile, is_grey) {
        return picture;
    }
    let (width, height, has_alpha) = (picture.width(), picture.height(), picture.color().has_alpha());
    let (numbers, from) = match (is_grey, has_alpha) {
        (true, false) => (picture.into_luma8().into_raw(), Layout::Gray),
        (true, true) => (picture.into_luma_alpha8().into_raw(), Layout::GrayAlpha),
        (false, false) => (picture.into_rgb8().into_raw(), Layout::Rgb),
        (false, true) => (picture.into_rgba8().into_raw(), Layout::Rgba),
    };
    let to = if has_alpha { Layout::Rgba } else { Layout::Rgb };
    let pixels = converted(profile, from, &numbers, to).unwrap_or(numbers);
    let picture = if has_alpha {
        RgbaImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8)
    } else {
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
    };
    picture.unwrap_or_default()
}

fn converted(profile: &ColorProfile, from: Layout, numbers: &[u8], to: Layout) -> Option<Vec<u8>> {
    let options = TransformOptions { allow_use_cicp_transfer: false, ..TransformOptions::default() };
    let transform = profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, options).ok()?;
    let mut pixels = vec![0; numbers.len() / from.channels() * to.channels()];
    transform.transform(numbers, &mut pixels).ok()?;
    Some(pixels)
}

/// Whether the numbers are those of sRGB, up to rounding; also where the profile can not be used.
fn is_srgb(profile: &ColorProfile, is_grey: bool) -> bool {
    let levels = || (0..=255u8).step_by(17);
    let greys = levels().flat_map(|level| [level; 3]);
    let colours = levels().flat_map(|r| levels().flat_map(move |g| levels().flat_map(move |b| [r, g, b])));
    let (numbers, in_srgb, from): (Vec<u8>, Vec<u8>, Layout) = if is_grey {
        (levels().collect(), greys.collect(), Layout::Gray)
    } else {
        (colours.clone().collect(), colours.collect(), Layout::Rgb)
    };
    converted(profile, from, &numbers, Layout::Rgb)
        .is_none_or(|pixels| pixels.iter().zip(&in_srgb).all(|(a, b)| a.abs_diff(*b) <= SAME_COLOUR))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::codecs::png::PngEncoder;
    use image::codecs::webp::WebPEncoder;
    use image::{ExtendedColorType, GrayImage, ImageEncoder, Luma, Rgb};

    use super::*;
    use crate::pictures::Picture;

    /// Linear light of the primaries of Display P3 and of Adobe RGB to that of sRGB (CSS Color 4, section 18).
    const P3_TO_SRGB: [[f64; 3]; 3] = [
        [1.224_940_176_280_559_8, -0.224_940_176_280_559_8, 0.0],
        [-0.042_056_954_709_688_16, 1.042_056_954_709_688, 0.0],
        [-0.019_637_554_590_334_43, -0.078_636_045_550_631_9, 1.098_273_600_140_966_3],
    ];
    const ADOBE_TO_SRGB: [[f64; 3]; 3] = [
        [1.398_355_739_960_722_5, -0.398_355_739_960_722_5, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, -0.042_928_992_915_699_4, 1.042_928_992_915_699_4],
    ];

    fn colours() -> RgbImage {
        RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 4) as u8, (y * 4) as u8, ((x + y) * 2) as u8]))
    }

    fn srgb_decode(value: f64) -> f64 {
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    }

    fn srgb_encode(value: f64) -> u8 {
        let value = value.clamp(0.0, 1.0);
        let encoded = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0).round() as u8
    }

    fn expected(picture: &RgbImage, decode: impl Fn(f64) -> f64, matrix: [[f64; 3]; 3]) -> RgbImage {
        let mut expected = picture.clone();
        for pixel in expected.pixels_mut() {
            let linear = pixel.0.map(|value| decode(f64::from(value) / 255.0));
            pixel.0 = matrix.map(|row| srgb_encode(row.iter().zip(linear).map(|(a, b)| a * b).sum()));
        }
        expected
    }

    /// Mean and largest difference of a channel.
    fn difference(a: &RgbImage, b: &RgbImage) -> (f64, u8) {
        let differences = || a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b));
        (differences().map(f64::from).sum::<f64>() / a.len() as f64, differences().max().unwrap())
    }

    fn with_profile(mut encoder: impl ImageEncoder, picture: &RgbImage, profile: &ColorProfile) {
        encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
        encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
    }

    fn png_with(picture: &RgbImage, profile: &ColorProfile) -> Vec<u8> {
        let mut bytes = Vec::new();
        with_profile(PngEncoder::new(&mut bytes), picture, profile);
        bytes
    }

    #[test]
    fn photos_of_phones_and_cameras_keep_their_colours() {
        let gamma = |value: f64| value.powf(2.199_218_75);
        for (profile, expected) in [
            (ColorProfile::new_display_p3(), expected(&colours(), srgb_decode, P3_TO_SRGB)),
            (ColorProfile::new_adobe_rgb(), expected(&colours(), gamma, ADOBE_TO_SRGB)),
        ] {
            let picture = Picture::decode(&png_with(&colours(), &profile)).unwrap();
            let (mean, largest) = difference(&picture.rgb, &expected);
            assert!(mean < 0.6 && largest <= 6, "{mean} {largest}");
            let mut webp = Vec::new();
            with_profile(WebPEncoder::new_lossless(&mut webp), &colours(), &profile);
            assert_eq!(Picture::decode(&webp).unwrap(), picture);
            let mut jpeg = Vec::new();
            with_profile(JpegEncoder::new_with_quality(&mut jpeg, 100), &colours(), &profile);
            let (mean, _) = difference(&Picture::decode(&jpeg).unwrap().rgb, &expected);
            assert!(mean < 2.5, "{mean}");
        }
    }

    #[test]
    fn what_is_in_srgb_stays_bit_for_bit() {
        let mut with_gamma = ColorProfile::new_srgb();
        with_gamma.cicp = None;
        for profile in [ColorProfile::new_srgb(), with_gamma] {
            assert_eq!(Picture::decode(&png_with(&colours(), &profile)).unwrap().rgb, colours());
        }
    }

    #[test]
    fn grey_profiles_are_of_grey_pictures() {
        let grey = GrayImage::from_fn(256, 1, |x, _| Luma([x as u8]));
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(ColorProfile::new_gray_with_gamma(1.8).encode().unwrap()).unwrap();
        encoder.write_image(&grey, 256, 1, ExtendedColorType::L8).unwrap();
        let picture = Picture::decode(&bytes).unwrap().rgb;
        for (x, _, pixel) in picture.enumerate_pixels() {
            let expected = srgb_encode((f64::from(x) / 255.0).powf(1.8));
            assert!(pixel.0.iter().all(|value| value.abs_diff(expected) <= 2), "{x}: {pixel:?} is not {expected}");
        }
        let of_grey = ColorProfile::new_gray_with_gamma(1.8);
        assert_eq!(Picture::decode(&png_with(&colours(), &of_grey)).unwrap().rgb, colours());
    }

    #[test]
    fn a_broken_profile_is_ignored() {
        let mut profile = ColorProfile::new_display_p3().encode().unwrap();
        for length in [0, 3, 127, 128, profile.len() / 2] {
            let mut bytes = Vec::new();
            let mut encoder = PngEncoder::new(&mut bytes);
            encoder.set_icc_profile(profile[..length].to_vec()).unwrap();
            encoder.write_image(&colours(), 64, 64, ExtendedColorType::Rgb8).unwrap();
            assert_eq!(Picture::decode(&bytes).unwrap().rgb, colours(), "{length}");
        }
        // Any byte may be wrong: whatever comes of it, it is a picture.
        for at in 0..profile.len() {
            for flip in [0x01, 0x80, 0xFF] {
                profile[at] ^= flip;
                if let Some(profile) = of_icc(&profile) {
                    to_srgb(RgbImage::from_pixel(2, 2, Rgb([1, 128, 255])).into(), &profile);
                }
                profile[at] ^= flip;
            }
        }
    }

    #[test]
    fn exponent_and_primaries_of_a_png_count_where_nothing_else_is_said() {
        let encoded = |gamma: Option<f32>, primaries: Option<SourceChromaticities>, srgb: bool| {
            let mut bytes = Vec::new();
            let mut info = png::Info::with_size(64, 64);
            info.color_type = png::ColorType::Rgb;
            info.bit_depth = png::BitDepth::Eight;
            info.source_gamma = gamma.map(ScaledFloat::new);
            info.source_chromaticities = primaries;
            info.srgb = srgb.then_some(png::SrgbRenderingIntent::Perceptual);
            let encoder = png::Encoder::with_info(&mut bytes, info).unwrap();
            encoder.write_header().unwrap().write_image_data(&colours()).unwrap();
            Picture::decode(&bytes).unwrap().rgb
        };
        let p3 = SourceChromaticities::new((0.3127, 0.329), (0.68, 0.32), (0.265, 0.69), (0.15, 0.06));
        let of_srgb = SourceChromaticities::new((0.3127, 0.329), (0.64, 0.33), (0.3, 0.6), (0.15, 0.06));
        assert_eq!(encoded(Some(0.45455), Some(of_srgb), false), colours());
        assert_eq!(encoded(Some(0.45455), None, false), colours());
        assert_eq!(encoded(Some(1.0), Some(p3), true), colours());
        let (mean, _) =
            difference(&encoded(Some(0.45455), Some(p3), false), &expected(&colours(), srgb_decode, P3_TO_SRGB));
        assert!(mean < 0.6, "{mean}");
        let same = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let (mean, _) = difference(&encoded(Some(1.0), None, false), &expected(&colours(), |value| value, same));
        assert!(mean < 0.6, "{mean}");
        let nonsense = SourceChromaticities::new((0.0, 0.0), (0.0, 0.0), (0.9, 0.9), (0.0, 0.0));
        assert_eq!(encoded(Some(0.45455), Some(nonsense), false), colours());
        assert_eq!(encoded(Some(0.0), None, false), colours());
    }
}
