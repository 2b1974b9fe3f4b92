//! RRDBNet: residual-in-residual dense blocks (Wang et al., <https://arxiv.org/abs/1809.00219>).

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::architecture::{COLOURS, DENSE_BLOCKS, DENSE_CONVS, RrdbShape};
use super::shuffle::unshuffle;
use crate::ops::Conv2d;

/// Of the leaky ReLU.
const SLOPE: f32 = 0.2;
/// What the result of a block is multiplied with before it is added to what went in.
const RESIDUAL_SCALE: f64 = 0.2;

#[derive(Debug)]
pub(super) struct Rrdb {
    first: Conv2d,
    blocks: Vec<Block>,
    body: Conv2d,
    doubling: [Conv2d; 2],
    large: Conv2d,
    last: Conv2d,
    /// Whether the picture is halved first.
    halved: bool,
}

/// `x + 0.2 · dense(dense(dense(x)))`.
#[derive(Debug)]
struct Block([DenseBlock; DENSE_BLOCKS]);

/// `x + 0.2 · conv(everything)`, where each convolution reads what went in and the results of all before it.
#[derive(Debug)]
struct DenseBlock {
    growing: Vec<Conv2d>,
    last: Conv2d,
}

impl Rrdb {
    pub(super) fn load(shape: &RrdbShape, vb: &VarBuilder<'_>) -> Result<Self> {
        let &RrdbShape { scale, features, blocks, .. } = shape;
        let conv = |name: &str| Conv2d::load(features, features, 3, vb.pp(name));
        let inputs = COLOURS * 16 / (scale * scale);
        Ok(Self {
            first: Conv2d::load(inputs, features, 3, vb.pp("conv_first"))?,
            blocks: (0..blocks).map(|block| Block::load(shape, &vb.pp("body").pp(block))).collect::<Result<_>>()?,
            body: conv("conv_body")?,
            doubling: [conv("conv_up1")?.with_leaky_relu(SLOPE)?, conv("conv_up2")?.with_leaky_relu(SLOPE)?],
            large: conv("conv_hr")?.with_leaky_relu(SLOPE)?,
            last: Conv2d::load(features, COLOURS, 3, vb.pp("conv_last"))?,
            halved: scale == 2,
        })
    }

    /// Whether it reads squares of 2×2 pixels, so that both sides must be even.
    pub(super) fn reads_squares(&self) -> bool {
        self.halved
    }

    /// Maps `[b, h, w, 3]` to `[b, scale · h, scale · w, 3]`. Sides must be even where [`Rrdb::reads_squares`].
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let shallow = self.first.forward(&if self.halved { unshuffle(x)? } else { x.clone() })?;
        let x = self.blocks.iter().try_fold(shallow.clone(), |x, block| block.forward(&x))?;
        let x = self.body.forward_onto(&x, &shallow)?;
        drop(shallow);
        let x = self.doubling.iter().try_fold(x, |x, conv| conv.forward_enlarged(&x))?;
        self.tail(x)
    }

    /// `x` is let go as soon as it was read: it is by far the largest map.
    fn tail(&self, x: Tensor) -> Result<Tensor> {
        let large = self.large.forward(&x)?;
        drop(x);
        self.last.forward(&large)
    }
}

impl Block {
    fn load(shape: &RrdbShape, vb: &VarBuilder<'_>) -> Result<Self> {
        let dense = |index: usize| {
            // The scale of the whole block is in that of its last dense block.
            let factor = if index == DENSE_BLOCKS { RESIDUAL_SCALE * RESIDUAL_SCALE } else { RESIDUAL_SCALE };
            DenseBlock::load(shape, factor, &vb.pp(format!("rdb{index}")))
        };
        Ok(Self([dense(1)?, dense(2)?, dense(3)?]))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [first, second, third] = &self.0;
        let before = first.forward(x, x)?;
        let before = second.forward(&before, &before)?;
        let residual = (x + (&before * RESIDUAL_SCALE)?)?;
        third.forward(&before, &residual)
    }
}

impl DenseBlock {
    fn load(shape: &RrdbShape, factor: f64, vb: &VarBuilder<'_>) -> Result<Self> {
        let &RrdbShape { features, growth, .. } = shape;
        let inputs = |index: usize| features + (index - 1) * growth;
        let growing = |index: usize| {
            Conv2d::load(inputs(index), growth, 3, vb.pp(format!("conv{index}")))?.with_leaky_relu(SLOPE)
        };
        let last = vb.pp(format!("conv{DENSE_CONVS}"));
        Ok(Self {
            growing: (1..DENSE_CONVS).map(growing).collect::<Result<_>>()?,
            last: Conv2d::load_scaled(inputs(DENSE_CONVS), features, 3, factor, last)?,
        })
    }

    /// What the block adds, onto `residual`.
    fn forward(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        let mut maps = vec![x.clone()];
        for conv in &self.growing {
            let next = conv.forward_joined(&maps.iter().collect::<Vec<_>>())?;
            maps.push(next);
        }
        self.last.forward_joined_onto(&maps.iter().collect::<Vec<_>>(), residual)
    }
}
