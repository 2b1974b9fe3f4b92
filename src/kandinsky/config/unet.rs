//! `unet/config.json`: diffusers' `UNet2DConditionModel` as Kandinsky 2.1 uses it.

use serde::Deserialize;

use super::{Config, MAX_LAYERS, OneOrMany, at_most, divides, expect, narrow, positive};

/// The denoising network. Keys without a default are in every published file.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)] // the names are the file's own
pub struct UNetConfig {
    /// 4 for text to image; 9 for inpainting: latent, masked latent and mask.
    pub in_channels: usize,
    /// Twice the latent's channels: prediction and variance.
    pub out_channels: usize,
    /// Widths of the levels, from the finest.
    pub block_out_channels: Vec<usize>,
    pub down_block_types: Vec<String>,
    pub up_block_types: Vec<String>,
    pub mid_block_type: Option<String>,
    layers_per_block: OneOrMany,
    /// Width of one attention head.
    attention_head_dim: OneOrMany,
    /// Width of the context tokens, of the image embedding and of the pooled text.
    pub cross_attention_dim: usize,
    /// Width of the text encoder's states.
    pub encoder_hid_dim: Option<usize>,
    pub encoder_hid_dim_type: Option<String>,
    pub addition_embed_type: Option<String>,
    #[serde(default = "thirty_two")]
    pub norm_num_groups: usize,
    #[serde(default = "epsilon")]
    pub norm_eps: f64,
    #[serde(default = "default_shift")]
    pub resnet_time_scale_shift: String,
    #[serde(default = "silu")]
    pub act_fn: String,
    #[serde(default = "yes")]
    pub flip_sin_to_cos: bool,
    #[serde(default)]
    pub freq_shift: f64,
    #[serde(default)]
    pub time_embedding_dim: Option<usize>,
    #[serde(default = "positional")]
    pub time_embedding_type: String,
    #[serde(default)]
    pub center_input_sample: bool,
    #[serde(default)]
    pub only_cross_attention: bool,
    #[serde(default)]
    pub mid_block_only_cross_attention: Option<bool>,
    #[serde(default)]
    pub cross_attention_norm: Option<String>,
    #[serde(default)]
    pub resnet_skip_time_act: bool,
    #[serde(default = "unit")]
    pub resnet_out_scale_factor: f64,
    #[serde(default = "unit")]
    pub mid_block_scale_factor: f64,
    #[serde(default)]
    pub class_embed_type: Option<String>,
    #[serde(default)]
    pub time_cond_proj_dim: Option<usize>,
    #[serde(default)]
    pub time_embedding_act_fn: Option<String>,
    #[serde(default)]
    pub timestep_post_act: Option<String>,
}

fn thirty_two() -> usize {
    32
}

fn epsilon() -> f64 {
    1e-5
}

fn unit() -> f64 {
    1.
}

fn yes() -> bool {
    true
}

fn silu() -> String {
    "silu".to_string()
}

fn positional() -> String {
    "positional".to_string()
}

fn default_shift() -> String {
    "default".to_string()
}

impl UNetConfig {
    /// Residual blocks at each level on the way down (one more on the way up).
    pub fn layers(&self) -> usize {
        self.layers_per_block.single().unwrap_or(0)
    }

    /// Width of one attention head.
    pub fn head_width(&self) -> usize {
        self.attention_head_dim.single().unwrap_or(0)
    }

    /// Width of the time embedding.
    pub fn time_width(&self) -> usize {
        let base = self.block_out_channels.first().copied().unwrap_or(0);
        self.time_embedding_dim.unwrap_or(4 * base)
    }

    /// Width of the text encoder's states.
    pub fn text_width(&self) -> usize {
        self.encoder_hid_dim.unwrap_or(0)
    }

    /// A latent's side must be a multiple of this: the network halves it once per level but the last.
    pub fn latent_multiple(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    /// Channels of the latent; the output has twice as many.
    pub fn latent_channels(&self) -> usize {
        self.out_channels / 2
    }

    fn check_blocks(&self) -> Result<(), String> {
        let levels = self.block_out_channels.len();
        if levels == 0 || levels > 8 {
            return Err(format!("block_out_channels has {levels} levels"));
        }
        expect("number of down_block_types", &self.down_block_types.len(), &levels)?;
        expect("number of up_block_types", &self.up_block_types.len(), &levels)?;
        let known = [
            "ResnetDownsampleBlock2D",
            "SimpleCrossAttnDownBlock2D",
            "ResnetUpsampleBlock2D",
            "SimpleCrossAttnUpBlock2D",
        ];
        let mut kinds = self.down_block_types.iter().chain(&self.up_block_types);
        match kinds.find(|kind| !known.contains(&kind.as_str())) {
            Some(kind) => Err(format!("block type {kind:?} is not known")),
            None => Ok(()),
        }
    }

    fn check_options(&self) -> Result<(), String> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        for (key, value, expected) in [
            ("mid_block_type", text(&self.mid_block_type), "UNetMidBlock2DSimpleCrossAttn"),
            ("encoder_hid_dim_type", text(&self.encoder_hid_dim_type), "text_image_proj"),
            ("addition_embed_type", text(&self.addition_embed_type), "text_image"),
            ("resnet_time_scale_shift", self.resnet_time_scale_shift.clone(), "scale_shift"),
            ("act_fn", self.act_fn.clone(), "silu"),
            ("time_embedding_type", self.time_embedding_type.clone(), "positional"),
            ("cross_attention_norm", text(&self.cross_attention_norm), ""),
            ("class_embed_type", text(&self.class_embed_type), ""),
            ("time_embedding_act_fn", text(&self.time_embedding_act_fn), ""),
            ("timestep_post_act", text(&self.timestep_post_act), ""),
        ] {
            expect(key, &value.as_str(), &expected)?;
        }
        expect("center_input_sample", &self.center_input_sample, &false)?;
        expect("only_cross_attention", &self.only_cross_attention, &false)?;
        let middle = self.mid_block_only_cross_attention.unwrap_or(false);
        expect("mid_block_only_cross_attention", &middle, &false)?;
        expect("resnet_skip_time_act", &self.resnet_skip_time_act, &false)?;
        expect("resnet_out_scale_factor", &self.resnet_out_scale_factor, &1.)?;
        expect("mid_block_scale_factor", &self.mid_block_scale_factor, &1.)?;
        expect("time_cond_proj_dim", &self.time_cond_proj_dim, &None)
    }
}

impl Config for UNetConfig {
    fn check(&self) -> Result<(), String> {
        self.check_options()?;
        self.check_blocks()?;
        narrow("block_out_channels", &self.block_out_channels)?;
        at_most(MAX_LAYERS, &[("layers_per_block", self.layers())])?;
        let widths =
            [self.head_width(), self.cross_attention_dim, self.text_width(), self.out_channels, self.in_channels];
        narrow("a width", &widths)?;
        narrow("time_embedding_dim", &[self.time_width()])?;
        positive(&[
            ("layers_per_block (one value for all blocks)", self.layers()),
            ("attention_head_dim (one value for all blocks)", self.head_width()),
            ("cross_attention_dim", self.cross_attention_dim),
            ("encoder_hid_dim", self.text_width()),
            ("out_channels", self.out_channels),
        ])?;
        divides("2 (prediction and variance),", &[self.out_channels], 2)?;
        divides("2 (sine and cosine),", &self.block_out_channels[..1], 2)?;
        let (latent, inputs) = (self.latent_channels(), self.in_channels);
        if inputs != latent && inputs != 2 * latent + 1 {
            return Err(format!(
                "in_channels is {inputs}; with {latent} latent channels it must be {latent} or {}",
                2 * latent + 1
            ));
        }
        divides("norm_num_groups", &self.block_out_channels, self.norm_num_groups)?;
        let attentive = self.down_block_types.iter().zip(&self.block_out_channels);
        let mut widths: Vec<usize> =
            attentive.filter(|(kind, _)| kind.starts_with("SimpleCrossAttn")).map(|(_, &width)| width).collect();
        let rising = self.block_out_channels.iter().rev();
        let attentive = self.up_block_types.iter().zip(rising);
        widths.extend(attentive.filter(|(kind, _)| kind.starts_with("SimpleCrossAttn")).map(|(_, &width)| width));
        widths.extend(self.block_out_channels.last());
        divides("attention_head_dim", &widths, self.head_width())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn published() -> Value {
        json!({
            "_class_name": "UNet2DConditionModel", "in_channels": 4, "out_channels": 8,
            "block_out_channels": [384, 768, 1152, 1536],
            "down_block_types": ["ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D",
                                 "SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D"],
            "up_block_types": ["SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D",
                               "SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"],
            "mid_block_type": "UNetMidBlock2DSimpleCrossAttn", "layers_per_block": 3, "attention_head_dim": 64,
            "cross_attention_dim": 768, "encoder_hid_dim": 1024, "encoder_hid_dim_type": "text_image_proj",
            "addition_embed_type": "text_image", "resnet_time_scale_shift": "scale_shift", "norm_num_groups": 32,
            "time_embedding_dim": null, "class_embed_type": null, "num_class_embeds": null,
        })
    }

    fn check(change: impl FnOnce(&mut Value)) -> Result<(), String> {
        let mut config = published();
        change(&mut config);
        serde_json::from_value::<UNetConfig>(config).unwrap().check()
    }

    #[test]
    fn the_published_configuration_is_accepted() {
        check(|_| ()).unwrap();
        let config: UNetConfig = serde_json::from_value(published()).unwrap();
        assert_eq!(config.time_width(), 1536);
        assert_eq!(config.latent_multiple(), 8);
    }

    #[test]
    fn widths_that_do_not_fit_are_refused() {
        let error = check(|c| c["block_out_channels"] = json!([384, 768, 1152, 1500]));
        assert_eq!(error.unwrap_err(), "width 1500 is not a multiple of norm_num_groups 32");
        let error = check(|c| c["attention_head_dim"] = json!(60));
        assert!(error.unwrap_err().contains("attention_head_dim 60"));
        let error = check(|c| c["in_channels"] = json!(5));
        assert!(error.unwrap_err().contains("must be 4 or 9"));
    }

    #[test]
    fn other_architectures_are_refused_by_name() {
        let error = check(|c| c["addition_embed_type"] = json!("image"));
        assert!(error.unwrap_err().contains("addition_embed_type"));
        let error = check(|c| c["down_block_types"][1] = json!("CrossAttnDownBlock2D"));
        assert!(error.unwrap_err().contains("CrossAttnDownBlock2D"));
    }
}
