//! Noise from a picture's seed.
//!
//! It is drawn on the host, one stream of ChaCha8 for each purpose, so that neither the batch, nor the device, nor the number of steps
//! of another stage changes what a picture gets.

use candle_core::{Device, Result, Shape, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// The purpose of the noise. The numbers must never change, or old recipes draw other pictures.
#[derive(Debug, Clone, Copy)]
pub(super) enum NoiseStream {
    /// The prior's initial noise.
    PriorStart = 0,
    /// Added by the prior in its steps, in their order.
    PriorSteps = 1,
    /// The decoder's initial noise.
    DecoderStart = 2,
    /// Added by the decoder's sampler in its steps, in their order.
    DecoderSteps = 3,
}

/// One stream of standard normal numbers.
#[derive(Debug)]
pub(super) struct Noise(ChaCha8Rng);

/// How many purposes there are.
const STREAMS: u64 = 4;

impl Noise {
    pub(super) fn new(seed: u64, stream: NoiseStream) -> Self {
        Self::of_run(seed, stream, 0)
    }

    /// The noise of one of several runs of the same network for one picture.
    pub(super) fn of_run(seed: u64, stream: NoiseStream, run: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(run.wrapping_mul(STREAMS).wrapping_add(stream as u64));
        Self(generator)
    }

    /// The next numbers, f32 on the CPU.
    pub(super) fn tensor(&mut self, shape: impl Into<Shape>) -> Result<Tensor> {
        let shape = shape.into();
        let values: Vec<f32> = (0..shape.elem_count()).map(|_| self.0.sample(StandardNormal)).collect();
        Tensor::from_vec(values, shape, &Device::Cpu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(seed: u64, stream: NoiseStream, count: usize) -> Vec<f32> {
        Noise::new(seed, stream).tensor(count).unwrap().to_vec1().unwrap()
    }

    #[test]
    fn the_noise_of_a_seed_never_changes() {
        assert_eq!(draw(42, NoiseStream::DecoderStart, 3), [0.039_459_38, -1.627_294_5, -0.239_483_28]);
    }

    #[test]
    fn seeds_and_streams_have_their_own_noise() {
        assert_ne!(draw(1, NoiseStream::PriorStart, 4), draw(2, NoiseStream::PriorStart, 4));
        assert_ne!(draw(1, NoiseStream::PriorStart, 4), draw(1, NoiseStream::DecoderStart, 4));
        let of_run = |run| Noise::of_run(1, NoiseStream::PriorStart, run).tensor(4).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(of_run(0), draw(1, NoiseStream::PriorStart, 4));
        assert_ne!(of_run(0), of_run(1));
    }

    #[test]
    fn it_is_standard_normal() {
        let values = draw(3, NoiseStream::DecoderStart, 100_000);
        let mean = values.iter().sum::<f32>() / 1e5;
        let variance = values.iter().map(|value| value * value).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "mean {mean}, variance {variance}");
    }
}
