//! The output of both tokenizers: a fixed number of ids and a mask.

use serde::Deserialize;
use tokenizers::{PaddingParams, PaddingStrategy, Tokenizer, TruncationParams};

use super::character_map::check_character_map;
use crate::kandinsky::error::ModelError;
use crate::kandinsky::files::ModelFiles;

/// Tokens that both text encoders read: shorter texts are padded, longer ones cut.
pub const CONTEXT_TOKENS: usize = 77;

/// A text as ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// [`CONTEXT_TOKENS`] ids.
    pub ids: Vec<u32>,
    /// 1 for the text's own tokens, start and end included, and 0 for padding.
    pub mask: Vec<u32>,
    /// Whether the text was too long and its end was cut off.
    pub truncated: bool,
}

/// The part of `tokenizer_config.json` that matters: which tokens are special. Values are strings or objects.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenizerSettings {
    pub(super) bos_token: Option<SpecialToken>,
    pub(super) eos_token: Option<SpecialToken>,
    pub(super) unk_token: Option<SpecialToken>,
    pub(super) pad_token: Option<SpecialToken>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum SpecialToken {
    Plain(String),
    Object { content: String },
}

impl SpecialToken {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Object { content: text } => text,
        }
    }
}

impl TokenizerSettings {
    /// Reads `tokenizer_config.json`, or `special_tokens_map.json`, or neither.
    pub(super) fn read(files: &ModelFiles, folder: &str) -> Result<Self, ModelError> {
        for name in ["tokenizer_config.json", "special_tokens_map.json"] {
            let path = format!("{folder}/{name}");
            if files.has_file(&path) {
                return files.json(&path);
            }
        }
        Ok(Self::default())
    }
}

/// A tokenizer that pads and cuts to [`CONTEXT_TOKENS`].
#[derive(Debug, Clone)]
pub(super) struct FixedTokenizer(Tokenizer);

impl FixedTokenizer {
    /// Takes a tokenizer whose post-processor adds start and end; `file` is for messages.
    pub(super) fn new(mut tokenizer: Tokenizer, pad_token: &str, file: String) -> Result<Self, ModelError> {
        let broken = |reason: String| ModelError::Tokenizer { file: file.clone(), reason };
        let pad_id = tokenizer
            .token_to_id(pad_token)
            .ok_or_else(|| broken(format!("the padding token {pad_token:?} is not in it")))?;
        tokenizer.with_padding(Some(PaddingParams {
            strategy: PaddingStrategy::Fixed(CONTEXT_TOKENS),
            pad_id,
            pad_token: pad_token.to_string(),
            ..PaddingParams::default()
        }));
        tokenizer
            .with_truncation(Some(TruncationParams { max_length: CONTEXT_TOKENS, ..TruncationParams::default() }))
            .map_err(|error| broken(error.to_string()))?;
        Ok(Self(tokenizer))
    }

    pub(super) fn encode(&self, text: &str) -> Result<Tokens, ModelError> {
        let encoding = self.0.encode(text, true).map_err(|error| ModelError::Tokens(error.to_string()))?;
        Ok(Tokens {
            ids: encoding.get_ids().to_vec(),
            mask: encoding.get_attention_mask().to_vec(),
            truncated: !encoding.get_overflowing().is_empty(),
        })
    }
}

/// Parses `tokenizer.json`.
pub(super) fn read_tokenizer(files: &ModelFiles, path: &str) -> Result<Tokenizer, ModelError> {
    let broken = |reason: String| ModelError::Tokenizer { file: files.describe(path), reason };
    let bytes = files.read(path)?;
    check_character_map(&bytes).map_err(broken)?;
    Tokenizer::from_bytes(bytes).map_err(|error| broken(error.to_string()))
}
