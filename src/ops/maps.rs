//! Feature maps: channels last, `[batch, height, width, channels]`.

use candle_core::{DType, Result, Tensor};

/// From the pictures' `[batch, channels, height, width]`.
pub fn to_maps(x: &Tensor) -> Result<Tensor> {
    x.permute((0, 2, 3, 1))?.contiguous()
}

/// Back to the pictures' `[batch, channels, height, width]`.
pub fn from_maps(x: &Tensor) -> Result<Tensor> {
    x.permute((0, 3, 1, 2))?.contiguous()
}

/// Every pixel repeated to 2×2.
pub fn enlarge(x: &Tensor) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let doubled = x.reshape((batch, height, 1, width, 1, channels))?;
    let doubled = doubled.broadcast_as((batch, height, 2, width, 2, channels))?.contiguous()?;
    doubled.reshape((batch, 2 * height, 2 * width, channels))
}

/// Means of 2×2 pixels, in f32. Both sides must be even.
pub fn halve(x: &Tensor) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let rows = x.to_dtype(DType::F32)?.reshape((batch * height / 2, 2, width / 2, 2 * channels))?;
    let rows = (rows.narrow(1, 0, 1)? + rows.narrow(1, 1, 1)?)?;
    let sums = (rows.narrow(3, 0, channels)? + rows.narrow(3, channels, channels)?)?;
    (sums * 0.25)?.reshape((batch, height / 2, width / 2, channels))?.to_dtype(x.dtype())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn sizes_change_as_those_of_pictures() {
        let x = Tensor::randn(0f32, 1., (2, 3, 6, 4), &Device::Cpu).unwrap();
        let values = |x: Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let maps = to_maps(&x).unwrap();
        assert_eq!(values(from_maps(&maps).unwrap()), values(x.clone()));
        let enlarged = from_maps(&enlarge(&maps).unwrap()).unwrap();
        assert_eq!(values(enlarged), values(x.upsample_nearest2d(12, 8).unwrap()));
        let halved = values(from_maps(&halve(&maps).unwrap()).unwrap());
        let expected = values(x.avg_pool2d(2).unwrap());
        assert!(halved.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
