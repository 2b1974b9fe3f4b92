//! The original MoVQ (`vqgan/`) under diffusers' names.

use serde_json::{Value, json};

use super::renamed_tensors::RenamedTensors;
use super::tensor_slice::TensorSlice;
use super::{Result, leaf, sides, whole};
use crate::kandinsky::weights::Weights;

/// The tensors under diffusers' names.
pub(super) fn rename(weights: &Weights) -> RenamedTensors {
    let levels = levels(weights);
    RenamedTensors::new(weights, |name| published(name, levels))
}

/// Levels of the encoder, and of the decoder.
fn levels(weights: &Weights) -> usize {
    let tensors = weights.tensors();
    let has = |level: usize| tensors.iter().any(|(name, _)| name.starts_with(&format!("encoder.down.{level}.")));
    (0..).take_while(|&level| has(level)).count()
}

fn published(name: &str, levels: usize) -> Option<Vec<(String, TensorSlice)>> {
    let (stem, leaf) = leaf(name)?;
    let Some((side, rest)) = stem.split_once('.').filter(|(side, _)| ["encoder", "decoder"].contains(side)) else {
        // quant_conv, post_quant_conv and the codebook.
        return Some(whole(name.to_string()));
    };
    let words: Vec<&str> = rest.split('.').collect();
    // Stored by resolution, the finest first; diffusers counts in the order of use.
    let rising = |level: &str| levels.checked_sub(level.parse::<usize>().ok()? + 1);
    let (path, words) = match &*words {
        ["down", level, "block", block, words @ ..] => (format!("down_blocks.{level}.resnets.{block}"), words),
        ["down", level, "attn", block, words @ ..] => (format!("down_blocks.{level}.attentions.{block}"), words),
        ["down", level, "downsample", words @ ..] => (format!("down_blocks.{level}.downsamplers.0"), words),
        ["up", level, "block", block, words @ ..] => (format!("up_blocks.{}.resnets.{block}", rising(level)?), words),
        ["up", level, "attn", block, words @ ..] => (format!("up_blocks.{}.attentions.{block}", rising(level)?), words),
        ["up", level, "upsample", words @ ..] => (format!("up_blocks.{}.upsamplers.0", rising(level)?), words),
        ["mid", "block_1", words @ ..] => ("mid_block.resnets.0".to_string(), words),
        ["mid", "block_2", words @ ..] => ("mid_block.resnets.1".to_string(), words),
        ["mid", "attn_1", words @ ..] => ("mid_block.attentions.0".to_string(), words),
        ["norm_out", words @ ..] => ("conv_norm_out".to_string(), words),
        words => (String::new(), words),
    };
    let (inner, piece) = inside(&path, words, side)?;
    let parts = [side, &*path, &*inner, leaf];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some(vec![(parts.join("."), piece)])
}

/// Names inside a block.
fn inside(path: &str, words: &[&str], side: &str) -> Option<(String, TensorSlice)> {
    if !path.contains("attentions") {
        let name = words.join(".");
        return Some((if name == "nin_shortcut" { "conv_shortcut".to_string() } else { name }, TensorSlice::Whole));
    }
    let (name, rest) = words.split_first()?;
    let name = match (*name, side) {
        ("q", _) => "to_q",
        ("k", _) => "to_k",
        ("v", _) => "to_v",
        ("proj_out", _) => "to_out.0",
        ("norm", "encoder") => return Some(("group_norm".to_string(), TensorSlice::Whole)),
        // Its inner convolutions stay convolutions.
        ("norm", _) => return Some((format!("spatial_norm.{}", rest.join(".")), TensorSlice::Whole)),
        _ => return None,
    };
    Some((name.to_string(), TensorSlice::Matrix))
}

/// diffusers' `movq/config.json` for these weights.
///
/// # Errors
/// If a tensor whose shape gives a width is missing.
pub(super) fn config(weights: &Weights) -> Result<Value> {
    let names: Vec<String> = weights.tensors().into_iter().map(|(name, _)| name).collect();
    let levels = levels(weights);
    let width = |level: usize| sides::<1>(weights, &format!("encoder.down.{level}.block.0.conv1.weight"));
    let widths = (0..levels).map(|level| width(level).map(|[width]| width)).collect::<Result<Vec<_>>>()?;
    let layer = |index: usize| format!("encoder.down.0.block.{index}.conv1.weight");
    let layers = (0..).take_while(|&index| names.contains(&layer(index))).count();
    let kinds = |way: &str, plain: &'static str, attending: &'static str| -> Vec<&str> {
        let attentive = |level: usize| names.contains(&format!("{way}.{level}.attn.0.q.weight"));
        (0..levels).map(|level| if attentive(level) { attending } else { plain }).collect()
    };
    let mut up = kinds("decoder.up", "UpDecoderBlock2D", "AttnUpDecoderBlock2D");
    up.reverse();
    let [codes, code_width] = sides::<2>(weights, "quantize.embedding.weight")?;
    let [_, latent] = sides::<2>(weights, "quant_conv.weight")?;
    Ok(json!({
        "_class_name": "VQModel",
        "act_fn": "silu",
        "block_out_channels": widths,
        "down_block_types": kinds("encoder.down", "DownEncoderBlock2D", "AttnDownEncoderBlock2D"),
        "in_channels": 3,
        "latent_channels": latent,
        "layers_per_block": layers,
        "norm_num_groups": 32,
        "norm_type": "spatial",
        "num_vq_embeddings": codes,
        "out_channels": 3,
        "sample_size": 32,
        "scaling_factor": 0.18215,
        "up_block_types": up,
        "vq_embed_dim": code_width,
    }))
}
