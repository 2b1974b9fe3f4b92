//! The extra input of an inpainting UNet: which latent cells are kept, and their latents.

use candle_core::{Device, Result, Tensor};

use super::samplers::Rules;

/// Which of `height` × `width` latent cells of `scale` × `scale` pixels are kept, `[1, 1, height, width]`, f32 on the CPU: 1 = keep.
///
/// `is_drawn` says of a pixel (x, y) whether it is to be drawn anew. A cell is a hole if any of its pixels is; the originals
/// look at the first one only. Holes are then widened as in the originals.
///
/// # Errors
/// If memory is short.
pub fn kept_cells(
    is_drawn: impl Fn(usize, usize) -> bool,
    (height, width): (usize, usize),
    scale: usize,
    rules: Rules,
) -> Result<Tensor> {
    let reach = if rules == Rules::Sound { scale } else { 1 };
    let is_hole = |x: usize, y: usize| {
        let (left, top) = (x * scale, y * scale);
        (top..top + reach).any(|y| (left..left + reach).any(|x| is_drawn(x, y)))
    };
    let holes: Vec<bool> = (0..height * width).map(|cell| is_hole(cell % width, cell / width)).collect();
    let kept: Vec<f32> = widened(&holes, width).into_iter().map(|is_hole| if is_hole { 0. } else { 1. }).collect();
    Tensor::from_vec(kept, (1, 1, height, width), &Device::Cpu)
}

/// Latents `[n, channels, h, w]` with the holes at zero, and the cells that are [kept](kept_cells):
/// `[n, channels + 1, h, w]`, for [`DenoisingStart`](super::DenoisingStart).
///
/// # Errors
/// If the shapes do not fit.
pub fn inpaint_input(latents: &Tensor, kept: &Tensor) -> Result<Tensor> {
    let kept = kept.to_device(latents.device())?;
    let (pictures, _, height, width) = latents.dims4()?;
    Tensor::cat(&[&latents.broadcast_mul(&kept)?, &kept.broadcast_as((pictures, 1, height, width))?], 1)
}

/// Which of `pixels` stands for one of `cells`, both counted along the same side, as PyTorch's nearest-neighbour interpolation
/// chooses it: in f32.
#[must_use]
pub fn nearest_pixel(cell: usize, cells: usize, pixels: usize) -> usize {
    let pixel = (cell as f32 * (pixels as f32 / cells as f32)) as usize;
    pixel.min(pixels.saturating_sub(1))
}

/// Every hole with six of its neighbours: all but the two on the rising diagonal (`prepare_mask` of the original, which the
/// inpainting network was trained with).
fn widened(holes: &[bool], width: usize) -> Vec<bool> {
    let height = holes.len() / width.max(1);
    let mut wide = holes.to_vec();
    for (cell, _) in holes.iter().enumerate().filter(|(_, is_hole)| **is_hole) {
        let (x, y) = ((cell % width) as isize, (cell / width) as isize);
        for (dx, dy) in [(0, -1), (-1, 0), (-1, -1), (0, 1), (1, 0), (1, 1)] {
            let (x, y) = (x + dx, y + dy);
            if (0..width as isize).contains(&x) && (0..height as isize).contains(&y) {
                wide[y as usize * width + x as usize] = true;
            }
        }
    }
    wide
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_widened_over_six_neighbours() {
        let mut holes = [false; 25];
        holes[2 * 5 + 2] = true;
        let wide: Vec<(usize, usize)> =
            widened(&holes, 5).into_iter().enumerate().filter(|(_, hole)| *hole).map(|(i, _)| (i / 5, i % 5)).collect();
        assert_eq!(wide, [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3)]);
    }

    #[test]
    fn a_dot_inside_a_cell_is_seen_unless_the_originals_are_asked() {
        let dot = |x, y| (x, y) == (13, 3);
        let kept = |rules| kept_cells(dot, (1, 4), 8, rules).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(kept(Rules::Sound), [0., 0., 0., 1.]);
        assert_eq!(kept(Rules::Original), [1.; 4]);
        assert_eq!(kept(Rules::Diffusers), [1.; 4]);
    }

    #[test]
    fn a_mask_of_any_size_has_a_nearest_pixel_for_each_cell() {
        assert_eq!([0, 1, 15].map(|cell| nearest_pixel(cell, 16, 128)), [0, 8, 120]);
        assert_eq!([0, 1, 15].map(|cell| nearest_pixel(cell, 16, 171)), [0, 10, 160]);
        assert_eq!([0, 1, 2].map(|cell| nearest_pixel(cell, 3, 2)), [0, 0, 1]);
    }

    #[test]
    fn what_is_known_has_no_latents_in_the_hole() {
        let kept = kept_cells(|x, _| x < 8, (1, 3), 8, Rules::Sound).unwrap();
        let latents = Tensor::new(&[[[[1f32, 2., 3.]]], [[[4., 5., 6.]]]], &Device::Cpu).unwrap();
        let known = inpaint_input(&latents, &kept).unwrap();
        assert_eq!(known.dims(), [2, 2, 1, 3]);
        let values = known.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(values, [0., 0., 3., 0., 0., 1., 0., 0., 6., 0., 0., 1.]);
    }
}
