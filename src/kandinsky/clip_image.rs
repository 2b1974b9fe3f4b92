//! The image tower of CLIP: what a picture is about.

use candle_core::{IndexOp, Result, Tensor};
use candle_nn::VarBuilder;

use super::clip_encoder::{ClipEncoder, Shape};
use super::config::ClipVisionConfig;
use crate::ops::{Conv2d, LayerNorm, Linear, compute_dtype, to_maps};

/// `CLIPVisionModelWithProjection` of Hugging Face transformers.
#[derive(Debug)]
pub struct ClipImage {
    class_embedding: Tensor,
    patch_embedding: Conv2d,
    position_embedding: Tensor,
    pre_layer_norm: LayerNorm,
    encoder: ClipEncoder,
    post_layer_norm: LayerNorm,
    visual_projection: Linear,
    image_size: usize,
}

impl ClipImage {
    /// Reads `vision_model.*` and `visual_projection`.
    pub fn load(config: &ClipVisionConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let shape = Shape {
            width: config.hidden_size,
            hidden: config.intermediate_size,
            heads: config.num_attention_heads,
            layers: config.num_hidden_layers,
            eps: config.layer_norm_eps,
            activation: config.hidden_act,
        };
        let (width, patch, model) = (shape.width, config.patch_size, vb.pp("vision_model"));
        let embeddings = model.pp("embeddings");
        let positions = (config.image_size / patch).pow(2) + 1;
        let positions = embeddings.pp("position_embedding").get((positions, width), "weight")?;
        let dtype = compute_dtype(vb.dtype(), vb.device());
        let projection = vb.pp("visual_projection");
        Ok(Self {
            class_embedding: embeddings.get(width, "class_embedding")?.to_dtype(dtype)?,
            patch_embedding: Conv2d::load_patches(3, width, patch, embeddings.pp("patch_embedding"))?,
            position_embedding: positions.to_dtype(dtype)?,
            // The misspelt name is the published one.
            pre_layer_norm: LayerNorm::load(width, shape.eps, model.pp("pre_layrnorm"))?,
            encoder: ClipEncoder::load(shape, model.pp("encoder"))?,
            post_layer_norm: LayerNorm::load(width, shape.eps, model.pp("post_layernorm"))?,
            visual_projection: Linear::load_no_bias(width, config.projection_dim, projection)?,
            image_size: config.image_size,
        })
    }

    /// Side of the square input, pixels.
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// `[n, 3, size, size]`, normalised with CLIP's mean and deviation, to `[n, projection]`; not normalised.
    pub fn forward(&self, pixels: &Tensor) -> Result<Tensor> {
        let pixels = to_maps(&pixels.to_dtype(self.class_embedding.dtype())?)?;
        let patches = self.patch_embedding.forward(&pixels)?.flatten(1, 2)?;
        let (batch, _, width) = patches.dims3()?;
        let class = self.class_embedding.expand((batch, 1, width))?;
        let x = Tensor::cat(&[class, patches], 1)?.broadcast_add(&self.position_embedding)?;
        let x = self.pre_layer_norm.forward(&x)?;
        let x = self.encoder.forward(&x, None)?;
        let class = self.post_layer_norm.forward(&x.i((.., 0))?.contiguous()?)?;
        self.visual_projection.forward(&class)
    }

    /// The embedding of a tensor of zeros, `[1, projection]`: what the model was taught to take for "no picture".
    pub fn zero(&self) -> Result<Tensor> {
        let shape = (1, 3, self.image_size, self.image_size);
        let (dtype, device) = (self.class_embedding.dtype(), self.class_embedding.device());
        self.forward(&Tensor::zeros(shape, dtype, device)?)
    }
}
