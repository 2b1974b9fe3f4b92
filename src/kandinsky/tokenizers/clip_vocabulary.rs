//! CLIP's vocabulary, from OpenAI's two files or from `tokenizer.json`.

use std::collections::HashMap;

use serde::Deserialize;
use tokenizers::models::bpe::{BPE, BpeBuilder, Vocab};

use super::tokens::{SpecialToken, TokenizerSettings};
use crate::kandinsky::error::ModelError;
use crate::kandinsky::files::ModelFiles;

/// Tokens with their ids, and which pairs of them merge, from the first to the last.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    ids: HashMap<String, u32>,
    merges: Vec<(String, String)>,
}

/// The special tokens in use.
pub(super) struct Special {
    pub(super) start: String,
    pub(super) end: String,
    pub(super) unknown: String,
    pub(super) padding: String,
}

/// Ids around a text and behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) padding: u32,
}

impl Vocabulary {
    /// Reads `vocab.json` and `merges.txt` of `folder`.
    ///
    /// # Errors
    /// [`ModelError`] if they are missing or damaged.
    pub(super) fn of_pair(files: &ModelFiles, folder: &str) -> Result<Self, ModelError> {
        let ids = files.json(&format!("{folder}/vocab.json"))?;
        Ok(Self { ids, merges: read_merges(files, &format!("{folder}/merges.txt"))? })
    }

    /// Reads `tokenizer.json`.
    ///
    /// # Errors
    /// [`ModelError`] if it is damaged.
    pub(super) fn of_tokenizer(files: &ModelFiles, path: &str) -> Result<Self, ModelError> {
        let WholeTokenizer { model, added_tokens } = files.json(path)?;
        let mut ids = model.vocab;
        ids.extend(added_tokens.into_iter().map(|token| (token.content, token.id)));
        let pair = |merge| match merge {
            Merge::Pair(first, second) => Some((first, second)),
            Merge::Text(text) => text.split_once(' ').map(|(first, second)| (first.to_string(), second.to_string())),
        };
        Ok(Self { ids, merges: model.merges.into_iter().filter_map(pair).collect() })
    }

    /// # Errors
    /// Which special token is not in the vocabulary.
    pub(super) fn ends(&self, special: &Special) -> Result<Ends, String> {
        let id =
            |token: &String| self.ids.get(token).copied().ok_or_else(|| format!("the token {token:?} is not in it"));
        Ok(Ends { start: id(&special.start)?, end: id(&special.end)?, padding: id(&special.padding)? })
    }

    /// Byte-level BPE of one word.
    pub(super) fn bpe(&self) -> BpeBuilder {
        let ids: Vocab = self.ids.iter().map(|(token, &id)| (token.clone(), id)).collect();
        BPE::builder().vocab_and_merges(ids, self.merges.clone()).end_of_word_suffix("</w>".to_string())
    }
}

impl Special {
    pub(super) fn of(settings: &TokenizerSettings) -> Self {
        let text = |token: &Option<SpecialToken>, default: &str| {
            token.as_ref().map_or(default, SpecialToken::text).to_string()
        };
        Self {
            start: text(&settings.bos_token, "<|startoftext|>"),
            end: text(&settings.eos_token, "<|endoftext|>"),
            unknown: text(&settings.unk_token, "<|endoftext|>"),
            padding: text(&settings.pad_token, "!"),
        }
    }
}

/// The part of `tokenizer.json` that is the vocabulary.
#[derive(Deserialize)]
struct WholeTokenizer {
    model: WholeModel,
    #[serde(default)]
    added_tokens: Vec<WholeToken>,
}

#[derive(Deserialize)]
struct WholeModel {
    vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
}

#[derive(Deserialize)]
struct WholeToken {
    id: u32,
    content: String,
}

/// Newer files have pairs, older ones text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Text(String),
}

/// One pair a line, after a line with the version.
fn read_merges(files: &ModelFiles, path: &str) -> Result<Vec<(String, String)>, ModelError> {
    let content = files.read(path)?;
    let text = std::str::from_utf8(&content)
        .map_err(|error| ModelError::Tokenizer { file: files.describe(path), reason: error.to_string() })?;
    let pairs = text.lines().filter(|line| !line.starts_with("#version"));
    let pairs = pairs.filter_map(|line| line.split_once(' '));
    Ok(pairs.map(|(a, b)| (a.to_string(), b.to_string())).collect())
}
