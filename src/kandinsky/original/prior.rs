//! The original prior (`model/prior.py`) under diffusers' names.

use serde_json::{Value, json};

use super::renamed_tensors::RenamedTensors;
use super::tensor_slice::{HEAD_WIDTH, TensorSlice};
use super::{Result, leaf, sides, whole};
use crate::kandinsky::weights::Weights;

/// Prefix of the keys in the published checkpoint.
const PREFIX: &str = "model.";

/// The tensors under diffusers' names; `statistics` holds mean and deviation of the image embeddings, in this order.
pub(super) fn rename(weights: &Weights, statistics: &Weights) -> RenamedTensors {
    let mut renamed = RenamedTensors::new(weights, published);
    let names = ["clip_mean", "clip_std"];
    renamed.add(statistics, |place| {
        let name = names.get(place.parse::<usize>().ok()?)?;
        Some(vec![((*name).to_string(), TensorSlice::Row)])
    });
    renamed
}

fn published(name: &str) -> Option<Vec<(String, TensorSlice)>> {
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    match name {
        "positional_embedding" => return Some(whole(name.to_string())),
        "prd_emb" => return Some(whole("prd_embedding".to_string())),
        _ => {}
    }
    let (stem, leaf) = leaf(name)?;
    let outside = match stem {
        "time_embed.0" => "time_embedding.linear_1",
        "time_embed.2" => "time_embedding.linear_2",
        "clip_img_proj" => "proj_in",
        "text_emb_proj" => "embedding_proj",
        "text_enc_proj" => "encoder_hidden_states_proj",
        "final_ln" => "norm_out",
        "out_proj" => "proj_to_clip_embeddings",
        _ => return block(stem, leaf),
    };
    Some(whole(format!("{outside}.{leaf}")))
}

fn block(stem: &str, leaf: &str) -> Option<Vec<(String, TensorSlice)>> {
    let (index, rest) = stem.strip_prefix("transformer.resblocks.")?.split_once('.')?;
    let named = |name: &str| format!("transformer_blocks.{index}.{name}.{leaf}");
    let name = match rest {
        "attn.c_qkv" => {
            let parts = ["attn1.to_q", "attn1.to_k", "attn1.to_v"].into_iter().enumerate();
            return Some(parts.map(|(part, name)| (named(name), TensorSlice::Heads { part, of: 3 })).collect());
        }
        "attn.c_proj" => "attn1.to_out.0",
        "mlp.c_fc" => "ff.net.0.proj",
        "mlp.c_proj" => "ff.net.2",
        "ln_1" => "norm1",
        // diffusers keeps the name norm2 for cross-attention, which this block has not.
        "ln_2" => "norm3",
        _ => return None,
    };
    Some(whole(named(name)))
}

/// diffusers' `prior/config.json` for these weights.
///
/// # Errors
/// If a tensor whose shape gives a width is missing.
pub(super) fn config(weights: &Weights) -> Result<Value> {
    let names: Vec<String> = weights.tensors().into_iter().map(|(name, _)| name).collect();
    let prefix = if names.iter().any(|name| name.starts_with(PREFIX)) { PREFIX } else { "" };
    let [width, embedding] = sides::<2>(weights, &format!("{prefix}clip_img_proj.weight"))?;
    let [_, tokens, _] = sides::<3>(weights, &format!("{prefix}positional_embedding"))?;
    let layer = |index: usize| format!("{prefix}transformer.resblocks.{index}.ln_1.weight");
    let layers = (0..).take_while(|&index| names.contains(&layer(index))).count();
    // The text's embedding, the time, the noisy image embedding and the learned token follow the text.
    let additional = 4;
    Ok(json!({
        "_class_name": "PriorTransformer",
        "additional_embeddings": additional,
        "attention_head_dim": HEAD_WIDTH,
        "dropout": 0.0,
        "embedding_dim": embedding,
        "num_attention_heads": width / HEAD_WIDTH,
        "num_embeddings": tokens.saturating_sub(additional),
        "num_layers": layers,
    }))
}
