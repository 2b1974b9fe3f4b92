//! Which latent cells a mask keeps.

use candle_core::{Result, Tensor};

use crate::kandinsky::{Rules, kept_cells, nearest_pixel};
use crate::pictures::Mask;

/// The cells that a mask keeps, `[1, 1, height, width]`, 1 = keep, of latents whose cells are `scale` pixels wide.
///
/// The mask has the size that the network works at. By the original's rules it may have any: one pixel of it stands for each cell.
///
/// # Errors
/// If memory is short.
pub fn kept_cells_of(mask: &Mask, cells: (usize, usize), scale: usize, rules: Rules) -> Result<Tensor> {
    let ((height, width), (mask_width, mask_height)) = (cells, mask.dimensions());
    let nearest = |at: usize, cells: usize, pixels: u32| nearest_pixel(at / scale, cells, pixels as usize) as u32;
    let is_drawn = |x: usize, y: usize| match rules {
        Rules::Sound | Rules::Diffusers => mask.is_drawn(x as u32, y as u32),
        Rules::Original => mask.is_drawn(nearest(x, width, mask_width), nearest(y, height, mask_height)),
    };
    kept_cells(is_drawn, cells, scale, rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_takes_a_mask_of_any_size() {
        // The right half of a mask that is twice as wide as the picture.
        let mask = Mask::from_fn(64, 16, |x, _| x >= 32);
        let kept = kept_cells_of(&mask, (2, 4), 8, Rules::Original).unwrap();
        let kept: Vec<f32> = kept.flatten_all().unwrap().to_vec1().unwrap();
        // The hole is widened by one cell to the left, as the original does it.
        assert_eq!(kept, [1., 0., 0., 0., 1., 0., 0., 0.]);
    }
}
