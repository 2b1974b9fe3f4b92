//! Configuration of a translator: `config.json` says what the network is like, `generation_config.json` how it is searched.

use std::path::Path;

use serde::Deserialize;

use super::files::{read_json, refused};
use crate::kandinsky::ModelError;
use crate::ops::Activation;

/// The widest layer, and the most layers, tokens and positions that are accepted: far more than any published model has.
const WIDEST: usize = 1 << 14;
const MOST_LAYERS: usize = 64;
pub(super) const MOST_TOKENS: usize = 1 << 20;
const MOST_POSITIONS: usize = 1 << 13;
/// The most beams that are accepted.
const MOST_BEAMS: usize = 32;

/// The network, as `MarianConfig` of transformers.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MarianConfig {
    pub(super) vocab_size: usize,
    #[serde(default)]
    decoder_vocab_size: Option<usize>,
    pub(super) d_model: usize,
    pub(super) encoder_layers: usize,
    pub(super) encoder_attention_heads: usize,
    pub(super) encoder_ffn_dim: usize,
    pub(super) decoder_layers: usize,
    pub(super) decoder_attention_heads: usize,
    pub(super) decoder_ffn_dim: usize,
    activation_function: String,
    pub(super) max_position_embeddings: usize,
    #[serde(default)]
    pub(super) scale_embedding: bool,
    #[serde(default = "yes")]
    share_encoder_decoder_embeddings: bool,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
    #[serde(default)]
    normalize_before: bool,
    #[serde(default)]
    normalize_embedding: bool,
}

fn yes() -> bool {
    true
}

impl MarianConfig {
    /// Reads and checks `config.json`.
    ///
    /// # Errors
    /// [`ModelError`] that names the file and what is wrong with it.
    pub(super) fn load(folder: &Path) -> Result<Self, ModelError> {
        let file = folder.join("config.json");
        let value: serde_json::Value = read_json(&file)?;
        if value["model_type"] != "marian" {
            return Err(refused(&file, "it is of no translator: model_type is not \"marian\""));
        }
        let config: Self = serde_json::from_value(value).map_err(|error| refused(&file, error))?;
        config.check().map_err(|reason| refused(&file, reason))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let heads = [self.encoder_attention_heads, self.decoder_attention_heads];
        if heads.iter().any(|&heads| heads == 0 || !self.d_model.is_multiple_of(heads)) || self.d_model < 2 {
            return Err(format!("a width of {} can not be split into {heads:?} heads", self.d_model));
        }
        let sizes = [
            ("vocab_size", self.vocab_size, MOST_TOKENS),
            ("d_model", self.d_model, WIDEST),
            ("encoder_layers", self.encoder_layers, MOST_LAYERS),
            ("decoder_layers", self.decoder_layers, MOST_LAYERS),
            ("encoder_ffn_dim", self.encoder_ffn_dim, WIDEST),
            ("decoder_ffn_dim", self.decoder_ffn_dim, WIDEST),
            ("max_position_embeddings", self.max_position_embeddings, MOST_POSITIONS),
        ];
        if let Some((name, value, most)) = sizes.iter().find(|(_, value, most)| !(1..=*most).contains(value)) {
            return Err(format!("{name} is {value}; it must be from 1 to {most}"));
        }
        let other_vocabulary = self.decoder_vocab_size.is_some_and(|size| size != self.vocab_size);
        if other_vocabulary || !self.share_encoder_decoder_embeddings || !self.tie_word_embeddings {
            return Err("models with one vocabulary for both languages are read, and this one has two".to_owned());
        }
        if self.normalize_before || self.normalize_embedding {
            return Err("models that normalise after each layer are read, and this one does so before".to_owned());
        }
        self.activation().map(|_| ())
    }

    /// The activation function of the feed-forward layers.
    pub(super) fn activation(&self) -> Result<Activation, String> {
        match &*self.activation_function {
            "swish" | "silu" => Ok(Activation::Silu),
            "relu" => Ok(Activation::Relu),
            "gelu" => Ok(Activation::Gelu),
            other => Err(format!("activation_function {other:?} is not known")),
        }
    }
}

/// How the best translation is searched, as `GenerationConfig` of transformers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SearchConfig {
    /// How many translations are followed at a time.
    pub(super) beams: usize,
    /// The most tokens of a translation, the start counted.
    pub(super) max_length: usize,
    /// Power of the length that a sum of scores is divided by.
    pub(super) length_penalty: f32,
    pub(super) early_stopping: EarlyStopping,
    /// Sequences that never come.
    pub(super) bad_words: Vec<Vec<u32>>,
    /// Scores are made probabilities again after [`SearchConfig::bad_words`] are out.
    pub(super) renormalise: bool,
    /// The token before the first.
    pub(super) start: u32,
    pub(super) eos: Vec<u32>,
    /// The last token of a translation that became too long.
    pub(super) forced_eos: Vec<u32>,
}

/// When a search with enough finished translations ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EarlyStopping {
    /// When no running one is likely to become better.
    Likely,
    /// At once.
    AtOnce,
    /// When no running one can become better.
    Never,
}

#[derive(Deserialize)]
#[serde(default)]
struct RawSearch {
    num_beams: usize,
    num_beam_groups: usize,
    max_length: usize,
    min_length: usize,
    length_penalty: f32,
    early_stopping: serde_json::Value,
    bad_words_ids: Option<Vec<Vec<u32>>>,
    renormalize_logits: bool,
    do_sample: bool,
    repetition_penalty: f32,
    no_repeat_ngram_size: usize,
    decoder_start_token_id: Option<u32>,
    eos_token_id: Option<OneOrMore>,
    forced_eos_token_id: Option<OneOrMore>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(u32),
    More(Vec<u32>),
}

impl From<OneOrMore> for Vec<u32> {
    fn from(ids: OneOrMore) -> Self {
        match ids {
            OneOrMore::One(id) => vec![id],
            OneOrMore::More(ids) => ids,
        }
    }
}

impl Default for RawSearch {
    fn default() -> Self {
        Self {
            num_beams: 1,
            num_beam_groups: 1,
            max_length: 512,
            min_length: 0,
            length_penalty: 1.,
            early_stopping: false.into(),
            bad_words_ids: None,
            renormalize_logits: false,
            do_sample: false,
            repetition_penalty: 1.,
            no_repeat_ngram_size: 0,
            decoder_start_token_id: None,
            eos_token_id: None,
            forced_eos_token_id: None,
        }
    }
}

impl SearchConfig {
    /// Reads `generation_config.json`, or what `config.json` says of the search where that file is not.
    ///
    /// # Errors
    /// [`ModelError`] that names the file and what is wrong with it.
    pub(super) fn load(folder: &Path, network: &MarianConfig) -> Result<Self, ModelError> {
        let own = folder.join("generation_config.json");
        let file = if own.is_file() { own } else { folder.join("config.json") };
        let mut value: serde_json::Value = read_json(&file)?;
        // What is not set is written as null.
        if let Some(values) = value.as_object_mut() {
            values.retain(|_, value| !value.is_null());
        }
        let raw: RawSearch = serde_json::from_value(value).map_err(|error| refused(&file, error))?;
        Self::from_raw(raw, network).map_err(|reason| refused(&file, reason))
    }

    fn from_raw(raw: RawSearch, network: &MarianConfig) -> Result<Self, String> {
        let early_stopping = match &raw.early_stopping {
            serde_json::Value::Bool(true) => EarlyStopping::AtOnce,
            serde_json::Value::Bool(false) => EarlyStopping::Likely,
            value if *value == "never" => EarlyStopping::Never,
            value => return Err(format!("early_stopping is {value}; it must be true, false or \"never\"")),
        };
        let penalty = raw.repetition_penalty;
        if raw.do_sample
            || raw.num_beam_groups > 1
            || raw.min_length > 0
            || raw.no_repeat_ngram_size > 0
            || penalty != 1.
        {
            return Err("it asks for a search other than for the likeliest translation".to_owned());
        }
        let ids = |ids: Option<OneOrMore>| ids.map_or_else(Vec::new, Vec::from);
        let config = Self {
            beams: raw.num_beams,
            max_length: raw.max_length.min(network.max_position_embeddings),
            length_penalty: raw.length_penalty,
            early_stopping,
            bad_words: raw.bad_words_ids.unwrap_or_default(),
            renormalise: raw.renormalize_logits,
            start: raw.decoder_start_token_id.ok_or("decoder_start_token_id is missing")?,
            eos: ids(raw.eos_token_id),
            forced_eos: ids(raw.forced_eos_token_id),
        };
        config.check(network.vocab_size)?;
        Ok(config)
    }

    fn check(&self, vocabulary: usize) -> Result<(), String> {
        if !(1..=MOST_BEAMS).contains(&self.beams) || self.max_length < 2 || !self.length_penalty.is_finite() {
            return Err(format!("num_beams must be from 1 to {MOST_BEAMS}, max_length at least 2"));
        }
        if self.eos.is_empty() {
            return Err("eos_token_id is missing".to_owned());
        }
        if self.bad_words.iter().any(Vec::is_empty) {
            return Err("bad_words_ids has a word without tokens".to_owned());
        }
        let words = self.bad_words.iter().flatten();
        let mut ids = words.chain(&self.eos).chain(&self.forced_eos).chain([&self.start]);
        match ids.find(|id| **id as usize >= vocabulary) {
            Some(id) => Err(format!("it names the token {id}, and there are {vocabulary}")),
            None => Ok(()),
        }
    }
}
