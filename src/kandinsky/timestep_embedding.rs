//! Sinusoidal embedding of the timestep and the small network behind it, shared by the prior and the UNet.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use crate::ops::Linear;

/// Slowest wave: its period is 2π times this.
const MAX_PERIOD: f32 = 10000.;

/// Cosines, then sines, of each timestep at `width / 2` frequencies: `[timesteps, width]` in f32.
///
/// `sine_first` swaps the halves (diffusers' `flip_sin_to_cos: false`); `frequency_shift` is diffusers' `freq_shift`.
/// All in f32, as the reference does it: at t = 999 the rounding of the frequencies is visible in the fifth digit.
pub(in crate::kandinsky) fn sinusoid(
    timesteps: &[f32],
    width: usize,
    sine_first: bool,
    frequency_shift: f64,
    device: &Device,
) -> Result<Tensor> {
    let half = width / 2;
    let denominator = (half as f64 - frequency_shift) as f32;
    let frequencies: Vec<f32> = (0..half).map(|i| (-MAX_PERIOD.ln() * i as f32 / denominator).exp()).collect();
    let mut values = Vec::with_capacity(timesteps.len() * width);
    for &t in timesteps {
        let cosines = frequencies.iter().map(|frequency| (t * frequency).cos());
        let sines = frequencies.iter().map(|frequency| (t * frequency).sin());
        if sine_first {
            values.extend(sines.chain(cosines));
        } else {
            values.extend(cosines.chain(sines));
        }
    }
    Tensor::from_vec(values, (timesteps.len(), 2 * half), device)
}

/// Linear, SiLU, Linear; in f32 whatever the rest of the network computes in, as in the original decoder.
#[derive(Debug)]
pub(in crate::kandinsky) struct TimestepEmbedding {
    linear_1: Linear,
    linear_2: Linear,
}

impl TimestepEmbedding {
    /// Reads `linear_1` and `linear_2`: `inputs` to `outputs` to `outputs`.
    pub(in crate::kandinsky) fn load(inputs: usize, outputs: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let vb = vb.set_dtype(DType::F32);
        Ok(Self {
            linear_1: Linear::load(inputs, outputs, vb.pp("linear_1"))?,
            linear_2: Linear::load(outputs, outputs, vb.pp("linear_2"))?,
        })
    }

    /// `[n, inputs]` to `[n, outputs]`, both f32.
    pub(in crate::kandinsky) fn forward(&self, sinusoid: &Tensor) -> Result<Tensor> {
        let hidden = self.linear_1.forward(sinusoid)?;
        self.linear_2.forward(&hidden.silu()?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn cosines_come_first_and_have_the_known_values() {
        let values = sinusoid(&[500.], 384, false, 0., &Device::Cpu).unwrap();
        let values = values.squeeze(0).unwrap().to_vec1::<f32>().unwrap();
        for (index, expected) in
            [(0, -0.883849), (1, 0.588866), (191, 0.998624), (192, -0.467772), (193, -0.808231), (383, 0.052433)]
        {
            let value: f32 = values[index];
            assert!((value - expected).abs() < 2e-5, "{index}: {value}");
        }
    }

    #[test]
    fn the_network_behind_computes_in_f32_among_16_bits() {
        let tensors = ["linear_1.weight", "linear_1.bias", "linear_2.weight", "linear_2.bias"].map(|name| {
            let shape: &[usize] = if name.ends_with("bias") { &[8] } else { &[8, 8] };
            let values = Tensor::randn(0f32, 1., shape, &Device::Cpu).unwrap();
            (name.to_string(), values.to_dtype(DType::BF16).unwrap())
        });
        let load = |dtype| {
            let weights = VarBuilder::from_tensors(tensors.clone().into_iter().collect(), dtype, &Device::Cpu);
            TimestepEmbedding::load(8, 8, weights).unwrap()
        };
        let waves = sinusoid(&[999.], 8, false, 0., &Device::Cpu).unwrap();
        let embed = |dtype| load(dtype).forward(&waves).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(embed(DType::BF16), embed(DType::F32));
    }

    #[test]
    fn sines_can_come_first() {
        let values = sinusoid(&[500.], 4, true, 0., &Device::Cpu).unwrap();
        let values = values.squeeze(0).unwrap().to_vec1::<f32>().unwrap();
        assert!((values[0] - 500f32.sin()).abs() < 1e-6 && (values[2] - 500f32.cos()).abs() < 1e-6);
    }
}
