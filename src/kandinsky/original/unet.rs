//! The original UNet (`Text2ImUNet` of `model/text2im_model2_1.py`) under diffusers' names.

use serde_json::{Value, json};

use super::renamed_tensors::RenamedTensors;
use super::tensor_slice::{HEAD_WIDTH, TensorSlice};
use super::{Result, leaf, sides, whole};
use crate::kandinsky::weights::Weights;

/// How blocks are counted: `input_blocks` and `output_blocks` are numbered through all levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Grid {
    /// Blocks of one level, the resampling one included.
    blocks: usize,
    levels: usize,
}

impl Grid {
    /// Sees from the names where the levels end.
    fn find(weights: &Weights) -> Self {
        let names: Vec<String> = weights.tensors().into_iter().map(|(name, _)| name).collect();
        let output = |name: &str| -> Option<(usize, String)> {
            let (number, rest) = name.strip_prefix("output_blocks.")?.split_once('.')?;
            Some((number.parse().ok()?, rest.to_string()))
        };
        let outputs: Vec<(usize, String)> = names.iter().filter_map(|name| output(name)).collect();
        let count = outputs.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        // The first block on the way up that ends in a second residual block is the last of its level.
        let resampling = |rest: &String| rest.starts_with("1.in_layers") || rest.starts_with("2.in_layers");
        let first = outputs.iter().filter(|(_, rest)| resampling(rest)).map(|&(number, _)| number).min();
        let blocks = first.map_or(count, |last| last + 1).max(1);
        Self { blocks, levels: count.div_ceil(blocks) }
    }
}

/// The tensors under diffusers' names.
pub(super) fn rename(weights: &Weights) -> RenamedTensors {
    let grid = Grid::find(weights);
    RenamedTensors::new(weights, |name| published(name, grid))
}

fn published(name: &str, grid: Grid) -> Option<Vec<(String, TensorSlice)>> {
    let (stem, leaf) = leaf(name)?;
    let outside = match stem {
        "time_embed.0" => "time_embedding.linear_1",
        "time_embed.2" => "time_embedding.linear_2",
        "input_blocks.0.0" => "conv_in",
        "proj_n" => "add_embedding.text_proj",
        "ln_model_n" => "add_embedding.text_norm",
        "img_layer" => "add_embedding.image_proj",
        "clip_to_seq" => "encoder_hid_proj.image_embeds",
        "to_model_dim_n" => "encoder_hid_proj.text_proj",
        "out.0" => "conv_norm_out",
        "out.2" => "conv_out",
        _ => return block(stem, leaf, grid),
    };
    Some(whole(format!("{outside}.{leaf}")))
}

/// A tensor of a residual or attention block.
fn block(stem: &str, leaf: &str, grid: Grid) -> Option<Vec<(String, TensorSlice)>> {
    let mut words = stem.splitn(4, '.');
    let way = words.next()?;
    let mut number = || words.next()?.parse::<usize>().ok();
    if way == "middle_block" {
        let folder = ["mid_block.resnets.0", "mid_block.attentions.0", "mid_block.resnets.1"].get(number()?)?;
        let rest = stem.splitn(3, '.').nth(2)?;
        return inside(folder, rest, leaf);
    }
    let (index, place) = (number()?, number()?);
    let rest = words.next()?;
    let folder = match way {
        "input_blocks" => {
            let (level, row) = (index.checked_sub(1)? / grid.blocks, (index - 1) % grid.blocks);
            match place {
                0 if row + 1 == grid.blocks => format!("down_blocks.{level}.downsamplers.0"),
                0 => format!("down_blocks.{level}.resnets.{row}"),
                _ => format!("down_blocks.{level}.attentions.{row}"),
            }
        }
        "output_blocks" => {
            let (level, row) = (index / grid.blocks, index % grid.blocks);
            match place {
                0 => format!("up_blocks.{level}.resnets.{row}"),
                _ if is_residual(rest) => format!("up_blocks.{level}.upsamplers.0"),
                _ => format!("up_blocks.{level}.attentions.{row}"),
            }
        }
        _ => return None,
    };
    inside(&folder, rest, leaf)
}

fn is_residual(rest: &str) -> bool {
    ["in_layers", "emb_layers", "out_layers", "skip_connection"].iter().any(|start| rest.starts_with(start))
}

fn inside(folder: &str, rest: &str, leaf: &str) -> Option<Vec<(String, TensorSlice)>> {
    let named = |name: &str, piece| (format!("{folder}.{name}.{leaf}"), piece);
    let heads = |names: &[&str]| {
        let of = names.len();
        names.iter().enumerate().map(|(part, name)| named(name, TensorSlice::Heads { part, of })).collect()
    };
    let residual = |name: &str| Some(vec![named(name, TensorSlice::Whole)]);
    match rest {
        "in_layers.0" => residual("norm1"),
        "in_layers.2" => residual("conv1"),
        "emb_layers.1" => residual("time_emb_proj"),
        "out_layers.0" => residual("norm2"),
        "out_layers.3" => residual("conv2"),
        "skip_connection" => residual("conv_shortcut"),
        "norm" => residual("group_norm"),
        "qkv" => Some(heads(&["to_q", "to_k", "to_v"])),
        "encoder_kv" => Some(heads(&["add_k_proj", "add_v_proj"])),
        "proj_out" => Some(vec![named("to_out.0", TensorSlice::Matrix)]),
        _ => None,
    }
}

/// diffusers' `unet/config.json` for these weights.
///
/// # Errors
/// If a tensor whose shape gives a width is missing.
pub(super) fn config(weights: &Weights) -> Result<Value> {
    let grid = Grid::find(weights);
    let names: Vec<String> = weights.tensors().into_iter().map(|(name, _)| name).collect();
    let block = |level: usize| format!("input_blocks.{}", 1 + level * grid.blocks);
    let width = |level: usize| sides::<1>(weights, &format!("{}.0.out_layers.3.weight", block(level)));
    let widths = (0..grid.levels).map(|level| width(level).map(|[width]| width)).collect::<Result<Vec<_>>>()?;
    let attentive = |level: usize| names.contains(&format!("{}.1.qkv.weight", block(level)));
    let kinds = |plain: &'static str, attending: &'static str| -> Vec<&str> {
        (0..grid.levels).map(|level| if attentive(level) { attending } else { plain }).collect()
    };
    let mut up = kinds("ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D");
    up.reverse();
    let [outputs] = sides::<1>(weights, "out.2.weight")?;
    let [_, inputs] = sides::<2>(weights, "input_blocks.0.0.weight")?;
    let [_, embedding] = sides::<2>(weights, "img_layer.weight")?;
    let [_, states] = sides::<2>(weights, "to_model_dim_n.weight")?;
    Ok(json!({
        "_class_name": "UNet2DConditionModel",
        "act_fn": "silu",
        "addition_embed_type": "text_image",
        "addition_embed_type_num_heads": 64,
        "attention_head_dim": HEAD_WIDTH,
        "block_out_channels": widths,
        "center_input_sample": false,
        "cross_attention_dim": embedding,
        "down_block_types": kinds("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        "encoder_hid_dim": states,
        "encoder_hid_dim_type": "text_image_proj",
        "flip_sin_to_cos": true,
        "freq_shift": 0,
        "in_channels": inputs,
        "layers_per_block": grid.blocks - 1,
        "mid_block_scale_factor": 1,
        "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
        "norm_eps": 1e-5,
        "norm_num_groups": 32,
        "only_cross_attention": false,
        "out_channels": outputs,
        "resnet_out_scale_factor": 1.0,
        "resnet_skip_time_act": false,
        "resnet_time_scale_shift": "scale_shift",
        "sample_size": 64,
        "time_embedding_type": "positional",
        "up_block_types": up,
    }))
}
