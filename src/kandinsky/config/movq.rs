//! `movq/config.json`: diffusers' `VQModel` with spatial norms.

use serde::Deserialize;

use super::{Config, MAX_LAYERS, at_most, divides, expect, narrow, positive};

/// Groups of the norms in the MoVQ decoder: diffusers' `SpatialNorm` fixes them.
pub(in crate::kandinsky) const SPATIAL_NORM_GROUPS: usize = 32;

/// The picture autoencoder. Keys without a default are in every published file.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)] // the names are the file's own
pub struct MovqConfig {
    #[serde(default = "silu")]
    pub act_fn: String,
    /// Widths of the levels, from pixels to latents.
    pub block_out_channels: Vec<usize>,
    pub down_block_types: Vec<String>,
    pub up_block_types: Vec<String>,
    #[serde(default = "three")]
    pub in_channels: usize,
    #[serde(default = "three")]
    pub out_channels: usize,
    #[serde(default = "three")]
    pub latent_channels: usize,
    #[serde(default = "one")]
    pub layers_per_block: usize,
    #[serde(default = "thirty_two")]
    pub norm_num_groups: usize,
    #[serde(default = "group")]
    pub norm_type: String,
    #[serde(default)]
    pub vq_embed_dim: Option<usize>,
    #[serde(default = "yes")]
    pub mid_block_add_attention: bool,
    #[serde(default)]
    pub lookup_from_codebook: bool,
}

fn silu() -> String {
    "silu".to_string()
}

fn group() -> String {
    "group".to_string()
}

fn one() -> usize {
    1
}

fn three() -> usize {
    3
}

fn thirty_two() -> usize {
    32
}

fn yes() -> bool {
    true
}

impl MovqConfig {
    /// Channels of a latent as the sampler sees it.
    pub fn latent_width(&self) -> usize {
        self.vq_embed_dim.unwrap_or(self.latent_channels)
    }

    /// Pixels per latent cell along one side.
    pub fn scale(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }
}

impl Config for MovqConfig {
    fn check(&self) -> Result<(), String> {
        expect("act_fn", &self.act_fn.as_str(), &"silu")?;
        expect("norm_type", &self.norm_type.as_str(), &"spatial")?;
        expect("in_channels", &self.in_channels, &3)?;
        expect("out_channels", &self.out_channels, &3)?;
        let attention = self.mid_block_add_attention;
        expect("mid_block_add_attention", &attention, &true)?;
        expect("lookup_from_codebook", &self.lookup_from_codebook, &false)?;
        // The decoder's norms read the latent itself, with as many channels as the decoder's first layer.
        expect("vq_embed_dim", &self.latent_width(), &self.latent_channels)?;
        positive(&[("latent_channels", self.latent_channels), ("layers_per_block", self.layers_per_block)])?;
        self.check_blocks()?;
        narrow("block_out_channels", &self.block_out_channels)?;
        narrow("latent_channels", &[self.latent_channels])?;
        at_most(MAX_LAYERS, &[("layers_per_block", self.layers_per_block)])?;
        divides("norm_num_groups", &self.block_out_channels, self.norm_num_groups)?;
        divides("the spatial norm's groups", &self.block_out_channels, SPATIAL_NORM_GROUPS)
    }
}

impl MovqConfig {
    fn check_blocks(&self) -> Result<(), String> {
        let levels = self.block_out_channels.len();
        if levels == 0 || levels > 8 {
            return Err(format!("block_out_channels has {levels} levels"));
        }
        expect("number of down_block_types", &self.down_block_types.len(), &levels)?;
        expect("number of up_block_types", &self.up_block_types.len(), &levels)?;
        let known = |kinds: &[String], plain: &str, attentive: &str| {
            let unknown = |kind: &&String| *kind != plain && *kind != attentive;
            match kinds.iter().find(unknown) {
                Some(kind) => Err(format!("block type {kind:?} is not known")),
                None => Ok(()),
            }
        };
        known(&self.down_block_types, "DownEncoderBlock2D", "AttnDownEncoderBlock2D")?;
        known(&self.up_block_types, "UpDecoderBlock2D", "AttnUpDecoderBlock2D")
    }
}
