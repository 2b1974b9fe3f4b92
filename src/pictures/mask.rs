//! Masks: which pixels are drawn anew.

use std::ops::RangeInclusive;

use image::{GrayImage, Luma};

/// How much the proportions of a mask may differ from the picture's, when it is scaled to it.
const TOLERANCE: f64 = 0.01;

/// One byte for each pixel: 255 is drawn anew, 0 is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask(GrayImage);

/// Why a mask can not be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
    /// Its proportions are not those of the picture.
    #[error("the mask has {}×{} pixels and the picture {}×{}; make them the same size", mask.0, mask.1, picture.0, picture.1)]
    Size {
        /// Width and height of the mask.
        mask: (u32, u32),
        /// Width and height of the picture.
        picture: (u32, u32),
    },
    /// Part of it is transparent, and it can not be told whether that part or the other is meant.
    #[error("the mask is partly transparent, and it can not be told which part is meant; paint it white on black")]
    Unclear,
    /// It keeps every pixel.
    #[error("the mask is all black, so there is nothing to draw; paint white what shall be drawn anew")]
    Empty,
    /// It marks next to nothing.
    #[error("the mask marks next to nothing")]
    TooSmall,
    /// It marks nearly everything: usually because it is another picture.
    #[error("the mask marks nearly everything")]
    TooLarge,
}

/// Fractions of the picture between which a mask is accepted.
const ACCEPTED_COVERAGE: RangeInclusive<f64> = 0.001..=0.95;

impl Mask {
    /// Of a rule that says which pixels are drawn anew.
    pub fn from_fn(width: u32, height: u32, is_drawn: impl Fn(u32, u32) -> bool) -> Self {
        Self(GrayImage::from_fn(width, height, |x, y| Luma([if is_drawn(x, y) { 255 } else { 0 }])))
    }

    /// Width and height.
    #[must_use]
    pub fn dimensions(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    /// Whether the pixel is drawn anew; false outside.
    #[must_use]
    pub fn is_drawn(&self, x: u32, y: u32) -> bool {
        self.0.get_pixel_checked(x, y).is_some_and(|pixel| pixel.0[0] > 0)
    }

    /// Keeps what was drawn anew, and the other way round.
    #[must_use]
    pub fn inverted(&self) -> Self {
        let (width, height) = self.dimensions();
        Self::from_fn(width, height, |x, y| !self.is_drawn(x, y))
    }

    /// Fraction of the pixels that are drawn anew, 0 to 1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        let drawn = self.0.iter().filter(|value| **value > 0).count();
        drawn as f64 / self.0.len().max(1) as f64
    }

    /// The mask, if it marks neither next to nothing nor nearly everything.
    ///
    /// # Errors
    /// [`MaskError::TooSmall`] and [`MaskError::TooLarge`].
    pub fn checked(self) -> Result<Self, MaskError> {
        match self.coverage() {
            coverage if coverage < *ACCEPTED_COVERAGE.start() => Err(MaskError::TooSmall),
            coverage if coverage > *ACCEPTED_COVERAGE.end() => Err(MaskError::TooLarge),
            _ => Ok(self),
        }
    }

    /// The mask grown by so many pixels on all sides.
    #[must_use]
    pub fn widened(&self, pixels: u32) -> Self {
        let (width, height) = self.dimensions();
        let grown = self.softened(pixels);
        Self::from_fn(width, height, |x, y| grown.get_pixel(x, y).0[0] > 0)
    }

    /// The mask shrunk by so many pixels on all sides.
    #[must_use]
    pub fn narrowed(&self, pixels: u32) -> Self {
        self.inverted().widened(pixels).inverted()
    }

    /// Without marks of fewer connected pixels (by their edges) than `smallest`.
    #[must_use]
    pub fn without_specks(&self, smallest: usize) -> Self {
        let (width, height) = self.dimensions();
        let (mut kept, mut seen) = (self.clone(), vec![false; self.0.len()]);
        let index = |x: u32, y: u32| (y as usize) * (width as usize) + x as usize;
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            if seen[index(x, y)] || !self.is_drawn(x, y) {
                continue;
            }
            seen[index(x, y)] = true;
            let (mut mark, mut next) = (vec![(x, y)], 0);
            while let Some(&(x, y)) = mark.get(next) {
                next += 1;
                let around = [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)];
                for (x, y) in around.into_iter().filter(|&(x, y)| self.is_drawn(x, y)) {
                    if !std::mem::replace(&mut seen[index(x, y)], true) {
                        mark.push((x, y));
                    }
                }
            }
            if mark.len() < smallest {
                mark.into_iter().for_each(|(x, y)| kept.0.put_pixel(x, y, Luma([0])));
            }
        }
        kept
    }

    /// As a picture: white is drawn anew, black is kept.
    #[must_use]
    pub fn picture(&self) -> image::RgbImage {
        let (width, height) = self.dimensions();
        image::RgbImage::from_fn(width, height, |x, y| image::Rgb([self.0.get_pixel(x, y).0[0]; 3]))
    }

    /// The mask for a picture of that size: scaled where only the scale differs.
    ///
    /// # Errors
    /// [`MaskError`] if its proportions are others, or nothing is to be drawn.
    pub fn fit(&self, width: u32, height: u32) -> Result<Self, MaskError> {
        let (own_width, own_height) = self.dimensions();
        if !has_proportions_of((own_width, own_height), (width, height)) {
            return Err(MaskError::Size { mask: (own_width, own_height), picture: (width, height) });
        }
        if self.0.iter().all(|&value| value == 0) {
            return Err(MaskError::Empty);
        }
        Ok(self.scaled(width, height))
    }

    /// At another size: a pixel is drawn anew if any of those it stands for is.
    #[must_use]
    pub fn scaled(&self, width: u32, height: u32) -> Self {
        let (own_width, own_height) = self.dimensions();
        let span = |index: u32, length: u32, own: u32| {
            let at = |index: u32| u64::from(index) * u64::from(own);
            let first = at(index) / u64::from(length);
            let last = at(index + 1).div_ceil(u64::from(length)).max(first + 1);
            first as u32..last as u32
        };
        Self::from_fn(width, height, |x, y| {
            let columns = span(x, width, own_width);
            span(y, height, own_height).any(|y| columns.clone().any(|x| self.is_drawn(x, y)))
        })
    }

    /// Opacity of the new pixels: 255 inside, falling to 0 over `radius` pixels beyond the edge.
    ///
    /// The distance is that of the square neighbourhood: the larger of the two along the axes.
    #[must_use]
    pub fn softened(&self, radius: u32) -> GrayImage {
        let (width, height) = self.dimensions();
        let far = radius + 1;
        let mut distance: Vec<u32> = self.0.iter().map(|&value| if value > 0 { 0 } else { far }).collect();
        let (columns, rows) = (width as usize, height as usize);
        for row in distance.chunks_exact_mut(columns) {
            spread(row.iter_mut(), far);
            spread(row.iter_mut().rev(), far);
        }
        for column in 0..columns {
            let mut line: Vec<u32> = (0..rows).map(|row| distance[row * columns + column]).collect();
            spread_square(&mut line, far);
            line.into_iter().enumerate().for_each(|(row, value)| distance[row * columns + column] = value);
        }
        let opacity = |distance: u32| ((far - distance.min(far)) * 255 / far) as u8;
        GrayImage::from_fn(width, height, |x, y| Luma([opacity(distance[y as usize * columns + x as usize])]))
    }
}

/// Whether two sizes have the same proportions: nearly, or as nearly as whole pixels of the smaller one can have them.
fn has_proportions_of(own: (u32, u32), other: (u32, u32)) -> bool {
    let [(own_width, own_height), (width, height)] = [own, other].map(|(w, h)| (f64::from(w), f64::from(h)));
    let ratio = own_width * height / (own_height * width);
    let (small, large) = if own_width * own_height <= width * height {
        ((own_width, own_height), (width, height))
    } else {
        ((width, height), (own_width, own_height))
    };
    let is_rounded = |a: f64, b: f64| (a - b).abs() <= 1.0;
    (ratio - 1.0).abs() <= TOLERANCE
        || is_rounded(small.0, large.0 * small.1 / large.1)
        || is_rounded(small.1, large.1 * small.0 / large.0)
}

/// Distance along a line to what lies before.
fn spread<'a>(line: impl Iterator<Item = &'a mut u32>, far: u32) {
    let mut nearest = far;
    for value in line {
        nearest = (nearest + 1).min(*value);
        *value = nearest.min(far);
    }
}

/// The larger of the two distances, down a column whose values are distances along the rows.
fn spread_square(line: &mut [u32], far: u32) {
    let along_rows = line.to_vec();
    for (at, value) in line.iter_mut().enumerate() {
        let reach = far as usize;
        let window = at.saturating_sub(reach)..(at + reach + 1).min(along_rows.len());
        *value = window.map(|other| along_rows[other].max(other.abs_diff(at) as u32)).min().unwrap_or(far).min(far);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_of_another_scale_is_scaled_and_one_of_another_shape_refused() {
        let corner = Mask::from_fn(10, 10, |x, y| x == 9 && y == 9);
        let large = corner.fit(40, 40).unwrap();
        assert!(large.is_drawn(36, 39) && !large.is_drawn(35, 39));
        assert!(corner.scaled(5, 5).is_drawn(4, 4), "no hole is lost when shrinking");
        assert_eq!(corner.fit(20, 10), Err(MaskError::Size { mask: (10, 10), picture: (20, 10) }));
        assert_eq!(Mask::from_fn(4, 4, |_, _| false).fit(4, 4), Err(MaskError::Empty));
    }

    #[test]
    fn a_thin_mask_fits_as_nearly_as_whole_pixels_can() {
        let fits =
            |own: (u32, u32), other: (u32, u32)| Mask::from_fn(own.0, own.1, |_, _| true).fit(other.0, other.1).is_ok();
        assert!(fits((2048, 38), (16_384, 300)) && fits((2048, 21), (10_000, 101)) && fits((38, 2048), (300, 16_384)));
        assert!(!fits((2048, 40), (16_384, 300)) && !fits((512, 500), (512, 512)));
    }

    #[test]
    fn the_edge_falls_evenly_outside_the_hole() {
        let soft = Mask::from_fn(9, 9, |x, y| x == 0 && y == 0).softened(3);
        assert_eq!([0, 1, 2, 3, 4].map(|x| soft.get_pixel(x, 0).0[0]), [255, 191, 127, 63, 0]);
        assert_eq!(soft.get_pixel(2, 3).0[0], 63, "the larger of both distances counts");
        let hard = Mask::from_fn(3, 1, |x, _| x == 1).softened(0);
        assert_eq!(hard.as_raw(), &[0, 255, 0]);
    }

    #[test]
    fn wider_is_wider_on_all_sides() {
        let mask = Mask::from_fn(20, 20, |x, y| x == 10 && y == 10);
        let wider = mask.widened(2);
        assert_eq!((wider.coverage() * 400.0).round() as u32, 25);
        assert!(wider.is_drawn(8, 12) && !wider.is_drawn(7, 10));
        assert_eq!(wider.narrowed(2).coverage(), mask.coverage());
    }
}
