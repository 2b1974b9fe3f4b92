//! SRVGGNetCompact: convolutions with a parametric ReLU, one pixel shuffle, and the nearest pixels added.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::architecture::{COLOURS, CompactShape};
use super::shuffle::shuffled_pixels;
use crate::ops::Conv2d;

#[derive(Debug)]
pub(super) struct Compact {
    layers: Vec<Conv2d>,
    last: Conv2d,
    scale: usize,
}

impl Compact {
    pub(super) fn load(shape: &CompactShape, vb: &VarBuilder<'_>) -> Result<Self> {
        let &CompactShape { scale, features, layers } = shape;
        let vb = vb.pp("body");
        let layer = |index: usize| {
            let inputs = if index == 0 { COLOURS } else { features };
            let slopes = vb.get(features, &format!("{}.weight", 2 * index + 1))?;
            Conv2d::load(inputs, features, 3, vb.pp(2 * index))?.with_slopes(&slopes)
        };
        let last = Conv2d::load(features, COLOURS * scale * scale, 3, vb.pp(2 * layers + 2))?;
        Ok(Self { layers: (0..=layers).map(layer).collect::<Result<_>>()?, last, scale })
    }

    /// Maps `[b, h, w, 3]` to pixels `[b, 3, scale · h, scale · w]`.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (batch, height, width, _) = x.dims4()?;
        // Before the shuffle, the nearest pixel of each is the one that it lies in.
        let square = self.scale * self.scale;
        let nearest = x.unsqueeze(4)?.broadcast_as((batch, height, width, COLOURS, square))?.contiguous()?;
        let nearest = nearest.reshape((batch, height, width, COLOURS * square))?;
        let hidden = self.layers.iter().try_fold(x.clone(), |x, layer| layer.forward(&x))?;
        shuffled_pixels(&self.last.forward_onto(&hidden, &nearest)?, self.scale)
    }
}
