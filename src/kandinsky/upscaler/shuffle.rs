//! Pixels to channels and back, over channels-last maps.

use candle_core::{Result, Tensor};

/// Each square of 2×2 pixels as one with four times the channels; channel `4c + 2y + x` has channel `c` of pixel `(y, x)`, as
/// `torch.pixel_unshuffle` has it. Both sides must be even.
pub(super) fn unshuffle(x: &Tensor) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let squares = x.reshape((batch, height / 2, 2, width / 2, 2, channels))?;
    squares.permute((0, 1, 3, 5, 2, 4))?.contiguous()?.reshape((batch, height / 2, width / 2, 4 * channels))
}

/// The other way with squares of `scale`, from maps to pixels `[b, channels, scale · h, scale · w]`: `torch.pixel_shuffle`.
pub(super) fn shuffled_pixels(x: &Tensor, scale: usize) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let channels = channels / (scale * scale);
    let squares = x.reshape((batch, height, width, channels, scale, scale))?;
    squares.permute((0, 3, 1, 4, 2, 5))?.contiguous()?.reshape((batch, channels, scale * height, scale * width))
}

/// Pixels `[b, c, h, w]`, with one more row or column where a side is odd: the last but one, as in a mirror.
pub(super) fn padded_to_even(pixels: &Tensor) -> Result<Tensor> {
    [2, 3].into_iter().try_fold(pixels.clone(), |pixels, dimension| {
        let side = pixels.dim(dimension)?;
        match side % 2 {
            0 => Ok(pixels),
            _ => Tensor::cat(&[&pixels, &pixels.narrow(dimension, side.saturating_sub(2), 1)?], dimension),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ops::{from_maps, to_maps};
    use candle_core::Device;

    #[test]
    fn channels_become_pixels_as_in_pytorch() {
        let x = Tensor::arange(0f32, 2. * 12. * 3. * 5., &Device::Cpu).unwrap().reshape((2, 12, 3, 5)).unwrap();
        let expected = candle_nn::ops::pixel_shuffle(&x, 2).unwrap();
        let pixels = shuffled_pixels(&to_maps(&x).unwrap(), 2).unwrap();
        let values = |x: &Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(values(&pixels), values(&expected));
        let back = from_maps(&unshuffle(&to_maps(&pixels).unwrap()).unwrap()).unwrap();
        assert_eq!(values(&back), values(&x));
    }

    #[test]
    fn an_odd_side_gets_a_mirrored_line() {
        let x = Tensor::arange(0f32, 15., &Device::Cpu).unwrap().reshape((1, 1, 3, 5)).unwrap();
        let padded = padded_to_even(&x).unwrap();
        assert_eq!(padded.dims(), [1, 1, 4, 6]);
        let rows = padded.reshape((4, 6)).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(rows[0], [0., 1., 2., 3., 4., 3.]);
        assert_eq!(rows[3], rows[1]);
        let dot = Tensor::zeros((1, 1, 1, 1), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert_eq!(padded_to_even(&dot).unwrap().dims(), [1, 1, 2, 2]);
    }
}
