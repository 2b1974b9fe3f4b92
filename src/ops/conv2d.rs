//! Two-dimensional convolution.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::widen::{is_narrow, narrow, widen};

/// Convolution over `[batch, channels, height, width]` with a square kernel.
#[derive(Debug, Clone)]
pub struct Conv2d {
    /// `[out, in, k, k]`; `[out, in]` when the kernel is 1×1.
    weight: Tensor,
    /// `[1, out, 1, 1]`.
    bias: Option<Tensor>,
    padding: usize,
    stride: usize,
}

impl Conv2d {
    /// Reads `weight` and `bias` of a stride-1 convolution that keeps the size: `kernel` must be odd.
    pub fn load(inputs: usize, outputs: usize, kernel: usize, vb: VarBuilder<'_>) -> Result<Self> {
        Self::load_with(inputs, outputs, kernel, 1, kernel / 2, vb)
    }

    /// As [`Conv2d::load`] with `stride` and zero `padding` given.
    pub fn load_with(
        inputs: usize,
        outputs: usize,
        kernel: usize,
        stride: usize,
        padding: usize,
        vb: VarBuilder<'_>,
    ) -> Result<Self> {
        let weight = vb.get((outputs, inputs, kernel, kernel), "weight")?;
        let weight = if kernel == 1 { weight.reshape((outputs, inputs))? } else { weight };
        let bias = vb.get(outputs, "bias")?.reshape((1, outputs, 1, 1))?;
        Ok(Self { weight, bias: Some(bias), padding, stride })
    }

    /// Reads only `weight`, of a convolution that cuts its input into squares of `kernel` pixels.
    pub fn load_patches(inputs: usize, outputs: usize, kernel: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((outputs, inputs, kernel, kernel), "weight")?;
        Ok(Self { weight, bias: None, padding: 0, stride: kernel })
    }

    /// `[b, in, h, w]` to `[b, out, h', w']`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if !is_narrow(x) {
            return self.apply(x);
        }
        let bias = self.bias.as_ref().map(widen).transpose()?;
        let wide = Self { weight: widen(&self.weight)?, bias, ..*self };
        narrow(&wide.apply(&widen(x)?)?, x.dtype())
    }

    fn apply(&self, x: &Tensor) -> Result<Tensor> {
        let y = if self.weight.rank() == 2 {
            self.pointwise(x)?
        } else {
            x.conv2d(&self.weight, self.padding, self.stride, 1, 1)?
        };
        match &self.bias {
            Some(bias) => y.broadcast_add(bias),
            None => Ok(y),
        }
    }

    /// A 1×1 convolution is one matrix product per picture: candle's own path would copy the input element by element.
    fn pointwise(&self, x: &Tensor) -> Result<Tensor> {
        let (batch, _, height, width) = x.dims4()?;
        let outputs = self.weight.dim(0)?;
        let weight = self.weight.broadcast_left(batch)?;
        weight.matmul(&x.contiguous()?.flatten_from(2)?)?.reshape((batch, outputs, height, width))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};
    use std::collections::HashMap;

    fn builder(weight: Tensor, bias: Tensor) -> VarBuilder<'static> {
        let tensors = HashMap::from([("weight".to_string(), weight), ("bias".to_string(), bias)]);
        VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu)
    }

    #[test]
    fn a_pointwise_convolution_equals_the_general_one() {
        let device = Device::Cpu;
        let x = Tensor::randn(0f32, 1., (2, 3, 5, 4), &device).unwrap();
        let weight = Tensor::randn(0f32, 1., (6, 3, 1, 1), &device).unwrap();
        let bias = Tensor::randn(0f32, 1., 6, &device).unwrap();
        let expected =
            x.conv2d(&weight, 0, 1, 1, 1).unwrap().broadcast_add(&bias.reshape((1, 6, 1, 1)).unwrap()).unwrap();
        let conv = Conv2d::load(3, 6, 1, builder(weight, bias)).unwrap();
        let difference = (conv.forward(&x).unwrap() - expected).unwrap().abs().unwrap();
        let worst = difference.flatten_all().unwrap().max(0).unwrap();
        assert!(worst.to_scalar::<f32>().unwrap() < 1e-5);
    }

    #[test]
    fn sixteen_bit_data_is_summed_in_f32() {
        let device = Device::Cpu;
        let x = Tensor::randn(0f32, 1., (1, 300, 9, 7), &device).unwrap();
        for (kernel, dtype) in [(3, DType::BF16), (3, DType::F16), (1, DType::BF16), (1, DType::F16)] {
            let weight = Tensor::randn(0f32, 1., (5, 300, kernel, kernel), &device).unwrap();
            let bias = Tensor::randn(0f32, 1., 5, &device).unwrap();
            let vb = builder(weight.to_dtype(dtype).unwrap(), bias.to_dtype(dtype).unwrap());
            let x = x.to_dtype(dtype).unwrap();
            let y = Conv2d::load(300, 5, kernel, vb.clone().set_dtype(dtype)).unwrap().forward(&x).unwrap();
            let wide = Conv2d::load(300, 5, kernel, vb).unwrap().forward(&x.to_dtype(DType::F32).unwrap()).unwrap();
            let values = |x: &Tensor| x.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(values(&y), values(&wide.to_dtype(dtype).unwrap()));
        }
    }

    #[test]
    fn a_three_by_three_kernel_sums_its_neighbourhood() {
        let device = Device::Cpu;
        let ones = |shape: &[usize]| Tensor::ones(shape, DType::F32, &device).unwrap();
        let conv = Conv2d::load(1, 1, 3, builder(ones(&[1, 1, 3, 3]), ones(&[1]))).unwrap();
        let y = conv.forward(&ones(&[1, 1, 3, 3])).unwrap();
        let y = y.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(y, [5., 7., 5., 7., 10., 7., 5., 7., 5.]);
    }
}
