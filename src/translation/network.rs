//! Marian's network (Junczys-Dowmunt et al., <https://arxiv.org/abs/1804.00344>): a transformer that reads a text and writes
//! another, token by token, built of [`crate::ops`].
//!
//! Several translations of one text are followed at a time. They share the reading of the text, and each step multiplies the
//! weights once for all of them: at this size a step's time is that of reading the weights from memory.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::MarianConfig;
use crate::ops::{Activation, LayerNorm, Linear, attention};

/// `eps` of the norms, which the configuration does not have.
const EPS: f64 = 1e-5;

/// The network.
#[derive(Debug)]
pub(super) struct MarianNetwork {
    encoder: Vec<EncoderLayer>,
    decoder: Vec<DecoderLayer>,
    /// Last layer, and embedding of the tokens of both languages.
    tokens: Linear,
    /// `[1, vocabulary]`.
    bias: Tensor,
    /// `[positions, width]`.
    positions: Tensor,
    scale: f64,
    device: Device,
}

/// A text that was read, and the translations so far.
#[derive(Debug)]
pub(super) struct Decoding<'a> {
    network: &'a MarianNetwork,
    layers: Vec<LayerState>,
    /// Tokens of each translation.
    length: usize,
}

/// Keys and values of a layer.
#[derive(Debug)]
struct LayerState {
    /// Of the text: `[1, tokens, width]`.
    read: (Tensor, Tensor),
    /// Of the translations: `[translations, tokens, width]`.
    written: Option<(Tensor, Tensor)>,
}

impl MarianNetwork {
    /// Reads the weights, in f32.
    pub(super) fn load(config: &MarianConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let model = vb.pp("model");
        let (width, places) = (config.d_model, config.max_position_embeddings);
        let named = ["shared", "decoder.embed_tokens", "encoder.embed_tokens"].map(|name| model.pp(name));
        let shared = named.iter().find(|vb| vb.contains_tensor("weight")).unwrap_or(&named[0]).clone();
        let given = model.pp("decoder.embed_positions");
        let positions = match given.contains_tensor("weight") {
            true => given.get((places, width), "weight")?,
            false => sinusoids(places, width)?.to_device(vb.device())?,
        };
        // The largest first: packing it takes room for some copies.
        let tokens = Linear::load_no_bias(width, config.vocab_size, shared)?;
        let encoder =
            (0..config.encoder_layers).map(|i| EncoderLayer::load(config, &model.pp(format!("encoder.layers.{i}"))));
        let decoder =
            (0..config.decoder_layers).map(|i| DecoderLayer::load(config, &model.pp(format!("decoder.layers.{i}"))));
        Ok(Self {
            encoder: encoder.collect::<Result<_>>()?,
            decoder: decoder.collect::<Result<_>>()?,
            tokens,
            bias: vb.get((1, config.vocab_size), "final_logits_bias")?,
            positions,
            scale: if config.scale_embedding { (width as f64).sqrt() } else { 1. },
            device: vb.device().clone(),
        })
    }

    /// Tokens with their places, `[n, tokens, width]`; all rows begin at place `from`.
    fn embed(&self, ids: &[u32], rows: usize, from: usize) -> Result<Tensor> {
        let length = ids.len() / rows;
        let words = self.tokens.weight_rows(ids)?.reshape((rows, length, ()))?;
        (words * self.scale)?.broadcast_add(&self.positions.narrow(0, from, length)?.unsqueeze(0)?)
    }

    /// Reads a text.
    pub(super) fn read(&self, ids: &[u32]) -> Result<Decoding<'_>> {
        let start = self.embed(ids, 1, 0)?;
        let read = self.encoder.iter().try_fold(start, |x, layer| layer.forward(&x))?;
        let states = self.decoder.iter().map(|layer| {
            let read = (layer.cross.key.forward(&read)?, layer.cross.value.forward(&read)?);
            Ok(LayerState { read, written: None })
        });
        Ok(Decoding { network: self, layers: states.collect::<Result<_>>()?, length: 0 })
    }
}

impl Decoding<'_> {
    /// Appends a token to each translation and returns the scores of what may follow, one row for each.
    pub(super) fn step(&mut self, tokens: &[u32]) -> Result<Vec<f32>> {
        let mut x = self.network.embed(tokens, tokens.len(), self.length)?;
        for (layer, state) in self.network.decoder.iter().zip(&mut self.layers) {
            x = layer.forward(&x, state)?;
        }
        self.length += 1;
        let scores = self.network.tokens.forward(&x.squeeze(1)?)?.broadcast_add(&self.network.bias)?;
        scores.flatten_all()?.to_vec1()
    }

    /// Goes on with these of the translations, in this order; one may be there more than once.
    pub(super) fn choose(&mut self, chosen: &[u32]) -> Result<()> {
        let rows = self.layers.first().and_then(|state| state.written.as_ref()).map_or(0, |(k, _)| k.dims()[0]);
        if (0..rows as u32).eq(chosen.iter().copied()) {
            return Ok(());
        }
        let chosen = Tensor::new(chosen, &self.network.device)?;
        for (k, v) in self.layers.iter_mut().filter_map(|state| state.written.as_mut()) {
            (*k, *v) = (k.index_select(&chosen, 0)?, v.index_select(&chosen, 0)?);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    norm: LayerNorm,
    heads: usize,
}

impl Attention {
    fn load(width: usize, heads: usize, vb: &VarBuilder<'_>, name: &str) -> Result<Self> {
        let linear = |projection: &str| Linear::load(width, width, vb.pp(name).pp(projection));
        Ok(Self {
            query: linear("q_proj")?,
            key: linear("k_proj")?,
            value: linear("v_proj")?,
            output: linear("out_proj")?,
            norm: LayerNorm::load(width, EPS, vb.pp(format!("{name}_layer_norm")))?,
            heads,
        })
    }

    fn finish(&self, x: &Tensor, looked: &Tensor) -> Result<Tensor> {
        self.norm.forward(&self.output.forward_onto(looked, x)?)
    }
}

#[derive(Debug)]
struct FeedForward {
    first: Linear,
    second: Linear,
    norm: LayerNorm,
    activation: Activation,
}

impl FeedForward {
    fn load(config: &MarianConfig, hidden: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.d_model;
        Ok(Self {
            first: Linear::load(width, hidden, vb.pp("fc1"))?,
            second: Linear::load(hidden, width, vb.pp("fc2"))?,
            norm: LayerNorm::load(width, EPS, vb.pp("final_layer_norm"))?,
            activation: config.activation().map_err(candle_core::Error::Msg)?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let hidden = self.first.forward_activated(x, self.activation)?;
        self.norm.forward(&self.second.forward_onto(&hidden, x)?)
    }
}

#[derive(Debug)]
struct EncoderLayer {
    own: Attention,
    feed_forward: FeedForward,
}

impl EncoderLayer {
    fn load(config: &MarianConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            own: Attention::load(config.d_model, config.encoder_attention_heads, vb, "self_attn")?,
            feed_forward: FeedForward::load(config, config.encoder_ffn_dim, vb)?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [q, k, v] = [&self.own.query, &self.own.key, &self.own.value].map(|linear| linear.forward(x));
        let looked = attention(&q?, &[(&k?, &v?)], self.own.heads, None)?;
        self.feed_forward.forward(&self.own.finish(x, &looked)?)
    }
}

#[derive(Debug)]
struct DecoderLayer {
    own: Attention,
    cross: Attention,
    feed_forward: FeedForward,
}

impl DecoderLayer {
    fn load(config: &MarianConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, heads) = (config.d_model, config.decoder_attention_heads);
        Ok(Self {
            own: Attention::load(width, heads, vb, "self_attn")?,
            cross: Attention::load(width, heads, vb, "encoder_attn")?,
            feed_forward: FeedForward::load(config, config.decoder_ffn_dim, vb)?,
        })
    }

    /// `x` has one token of each translation.
    fn forward(&self, x: &Tensor, state: &mut LayerState) -> Result<Tensor> {
        let [q, k, v] = [&self.own.query, &self.own.key, &self.own.value].map(|linear| linear.forward(x));
        let (k, v) = (k?, v?);
        let (k, v) = match &state.written {
            Some((before, values)) => (Tensor::cat(&[before, &k], 1)?, Tensor::cat(&[values, &v], 1)?),
            None => (k, v),
        };
        let looked = attention(&q?, &[(&k, &v)], self.own.heads, None)?;
        let x = self.own.finish(x, &looked)?;
        state.written = Some((k, v));
        // All look at the same text, so they can be queries of one row.
        let q = self.cross.query.forward(&x)?.transpose(0, 1)?.contiguous()?;
        let looked = attention(&q, &[(&state.read.0, &state.read.1)], self.cross.heads, None)?;
        let x = self.cross.finish(&x, &looked.transpose(0, 1)?.contiguous()?)?;
        self.feed_forward.forward(&x)
    }
}

/// Places as waves: sines in the first half of the width, cosines in the second.
fn sinusoids(places: usize, width: usize) -> Result<Tensor> {
    let sines = width.div_ceil(2);
    let wave = |place: usize, column: usize| {
        let (index, is_sine) = if column < sines { (column, true) } else { (column - sines, false) };
        let angle = place as f64 / 10_000f64.powf(2. * index as f64 / width as f64);
        (if is_sine { angle.sin() } else { angle.cos() }) as f32
    };
    let values = (0..places).flat_map(|place| (0..width).map(move |column| wave(place, column)));
    Tensor::from_iter(values, &Device::Cpu)?.reshape((places, width))?.to_dtype(DType::F32)
}
