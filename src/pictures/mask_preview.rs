//! A mask over its picture, to be looked at before it is used.

use image::{Rgb, RgbImage};

use super::mask::Mask;
use super::resample::within;

/// Long side of the preview, pixels.
const PREVIEW_SIDE: u32 = 1280;
/// Width of a stripe of the hatching, and of the line around it, in pixels.
const STRIPE: u32 = 8;
const LINE: u32 = 2;

/// The picture with the mask, at most 1280 pixels along the long side: what will be drawn is hatched in red with a dashed line around it,
/// what stays is pale. On a red thing, too, one sees which is which.
#[must_use]
pub fn mask_preview(picture: &RgbImage, mask: &Mask) -> RgbImage {
    let mut shown = within(picture, PREVIEW_SIDE);
    let (width, height) = shown.dimensions();
    let scaled = |at: u32, side: u32, of: u32| (u64::from(at) * u64::from(of) / u64::from(side)) as u32;
    let is_drawn =
        |x: u32, y: u32| mask.is_drawn(scaled(x, width, picture.width()), scaled(y, height, picture.height()));
    let is_edge = |x: u32, y: u32| {
        let columns = [x.saturating_sub(LINE), (x + LINE).min(width - 1)];
        let rows = [y.saturating_sub(LINE), (y + LINE).min(height - 1)];
        columns.iter().any(|&column| !is_drawn(column, y)) || rows.iter().any(|&row| !is_drawn(x, row))
    };
    for (x, y, pixel) in shown.enumerate_pixels_mut() {
        *pixel = match is_drawn(x, y) {
            false => pale(*pixel),
            true if is_edge(x, y) => dash((x + y) / STRIPE),
            true => hatched(*pixel, (x + y) / STRIPE),
        };
    }
    shown
}

/// Halfway to a light grey.
fn pale(Rgb([r, g, b]): Rgb<u8>) -> Rgb<u8> {
    let [r, g, b] = [r, g, b].map(u16::from);
    let grey = (r + g + b) / 3;
    Rgb([r, g, b].map(|value| ((value + grey + 2 * 225) / 4) as u8))
}

/// Red, with every second stripe lighter.
fn hatched(Rgb([r, g, b]): Rgb<u8>, stripe: u32) -> Rgb<u8> {
    let [r, g, b] = [r, g, b].map(u16::from);
    let [red, other] = if stripe.is_multiple_of(2) { [230, 30] } else { [255, 110] };
    Rgb([((r + 3 * red) / 4) as u8, ((g + 3 * other) / 4) as u8, ((b + 3 * other) / 4) as u8])
}

fn dash(stripe: u32) -> Rgb<u8> {
    if stripe.is_multiple_of(2) { Rgb([255, 255, 255]) } else { Rgb([20, 20, 20]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::Area;

    fn distance(Rgb(one): Rgb<u8>, Rgb(other): Rgb<u8>) -> u32 {
        one.iter().zip(other).map(|(&one, other)| u32::from(one.abs_diff(other))).sum()
    }

    #[test]
    fn what_will_be_drawn_is_told_from_what_stays_on_any_colour() {
        for colour in [[90, 90, 90], [230, 20, 20], [255, 255, 255], [0, 0, 0], [20, 20, 230]] {
            let picture = RgbImage::from_pixel(400, 200, Rgb(colour));
            let shown = mask_preview(&picture, &Area::Left.mask(400, 200));
            let mean = |columns: std::ops::Range<u32>| {
                let pixels: Vec<_> = columns.flat_map(|x| (20..180).map(move |y| (x, y))).collect();
                let sum = |channel: usize| {
                    pixels.iter().map(|&(x, y)| u32::from(shown.get_pixel(x, y)[channel])).sum::<u32>()
                };
                Rgb([0, 1, 2].map(|channel| (sum(channel) / pixels.len() as u32) as u8))
            };
            assert!(distance(mean(20..180), mean(220..380)) > 100, "{colour:?}");
            let [r, g, b] = mean(20..180).0;
            assert!(r > g + 40 && r > b + 40, "red: {colour:?}");
        }
    }

    #[test]
    fn a_line_goes_around_what_will_be_drawn() {
        let picture = RgbImage::from_pixel(100, 100, Rgb([90, 90, 90]));
        let shown = mask_preview(&picture, &Area::Left.mask(100, 100));
        let line: Vec<_> = (10..90).map(|y| *shown.get_pixel(49, y)).collect();
        assert!(line.contains(&Rgb([255, 255, 255])) && line.contains(&Rgb([20, 20, 20])));
    }

    #[test]
    fn a_large_picture_is_shown_smaller() {
        let picture = RgbImage::new(4000, 1000);
        assert_eq!(mask_preview(&picture, &Area::Left.mask(4000, 1000)).dimensions(), (1280, 320));
    }
}
