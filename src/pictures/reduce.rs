//! Averages over boxes of whole pixels, as Pillow's `Image.reduce` computes them (`src/libImaging/Reduce.c`).

use image::{ImageBuffer, Pixel};

/// Every box of `factors` (width × height, both at least 1) as one pixel; at the right and lower edge the boxes may be smaller.
pub(super) fn reduce<P>(picture: &ImageBuffer<P, Vec<u8>>, factors: (u32, u32)) -> ImageBuffer<P, Vec<u8>>
where
    P: Pixel<Subpixel = u8>,
{
    if factors == (1, 1) {
        return picture.clone();
    }
    let (width, height) = picture.dimensions();
    let span = |index: u32, factor: u32, length: u32| index * factor..((index + 1) * factor).min(length);
    ImageBuffer::from_fn(width.div_ceil(factors.0), height.div_ceil(factors.1), |x, y| {
        let (columns, rows) = (span(x, factors.0, width), span(y, factors.1, height));
        let count = (columns.len() * rows.len()) as u32;
        let mut average = *picture.get_pixel(columns.start, rows.start);
        for (channel, value) in average.channels_mut().iter_mut().enumerate() {
            let row_sum =
                |y| columns.clone().map(|x| u32::from(picture.get_pixel(x, y).channels()[channel])).sum::<u32>();
            *value = divided(rows.clone().map(row_sum).sum(), count);
        }
        average
    })
}

/// `sum / count`, rounded as Pillow does it: by a multiplication with 24 bits behind the point.
fn divided(sum: u32, count: u32) -> u8 {
    let reciprocal = (16_777_216f32 / count as f32) as u64;
    ((u64::from(sum + count / 2) * reciprocal) >> 24).min(255) as u8
}
