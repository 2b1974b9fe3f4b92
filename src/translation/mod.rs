//! Translation of Russian texts to English on this machine: MarianMT (Junczys-Dowmunt et al., <https://arxiv.org/abs/1804.00344>)
//! with the weights that the University of Helsinki publishes (Tiedemann and Thottingal, <https://aclanthology.org/2020.eamt-1.61>).
//!
//! [`Translator::load`] reads a folder as `Helsinki-NLP/opus-mt-ru-en` is published: two SentencePiece models and a vocabulary
//! (`tokenizer`), the network (`network`) and how the best translation is searched (`beam_search`). Tokens and translations are
//! those of transformers. Which texts are translated, and what in them stays, is in `russian`.

mod beam_search;
mod bench;
mod config;
mod cutting;
mod double_array;
mod files;
mod network;
mod normaliser;
mod protobuf;
mod russian;
mod sentencepiece_model;
mod tokenizer;
mod unigram;

use std::path::Path;

use candle_core::{DType, Device};

use beam_search::{NextScores, search};
pub use bench::TranslatorBench;
use config::{MarianConfig, SearchConfig};
use files::{missing, refused};
use network::{Decoding, MarianNetwork};
use russian::Part;
pub use russian::is_cyrillic;
use tokenizer::MarianTokenizer;

use crate::kandinsky::{ModelError, ModelFiles};

/// Name of the translator's folder inside of a model folder.
pub const TRANSLATOR_FOLDER: &str = "opus-mt-ru-en";

/// Files with the weights, in order of preference.
const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];
/// A translation may have so many tokens, and for each token of the text so many more. A network that repeats itself without end is
/// stopped there; a real translation is about as long as its text.
const TOKENS: (usize, usize) = (64, 8);

/// Translates Russian texts to English.
#[derive(Debug)]
pub struct Translator {
    tokenizer: MarianTokenizer,
    network: MarianNetwork,
    search: SearchConfig,
    /// The most tokens of a text.
    longest: usize,
}

/// The weights of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Tensors.
    pub tensors: usize,
    /// Numbers in them.
    pub parameters: u64,
}

/// How many translations are followed at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beams {
    /// As the folder says.
    AsPublished,
    /// So many.
    Exactly(usize),
}

impl NextScores for Decoding<'_> {
    type Error = candle_core::Error;

    fn step(&mut self, tokens: &[u32]) -> candle_core::Result<Vec<f32>> {
        Decoding::step(self, tokens)
    }

    fn choose(&mut self, chosen: &[u32]) -> candle_core::Result<()> {
        Decoding::choose(self, chosen)
    }
}

impl Translator {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`ModelError`] that names the file and what is wrong with it.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, ModelError> {
        let files = open(folder)?;
        let config = MarianConfig::load(folder)?;
        let search = SearchConfig::load(folder, &config)?;
        let tokenizer = MarianTokenizer::load(folder)?;
        if tokenizer.vocabulary() > config.vocab_size {
            let (tokens, rows) = (tokenizer.vocabulary(), config.vocab_size);
            let reason = format!("it has {tokens} tokens, and the network has {rows}: they are not of one model");
            return Err(refused(&folder.join("vocab.json"), reason));
        }
        let network = files.part(".", DType::F32, device, |vb| MarianNetwork::load(&config, &vb));
        Ok(Self { tokenizer, network: network.map_err(plain_path)?, search, longest: config.max_position_embeddings })
    }

    /// What a folder holds; only the table of its weights is read.
    ///
    /// # Errors
    /// [`ModelError`] that names the file and what is wrong with it.
    pub fn summary(folder: &Path) -> Result<Summary, ModelError> {
        let tensors = open(folder)?.weights(".").map_err(plain_path)?.tensors();
        Ok(Summary { tensors: tensors.len(), parameters: tensors.iter().map(|(_, stored)| stored.elements()).sum() })
    }

    /// The English text of a Russian one. What is in quotes, hashtags and names in Latin letters stay, and so does a text that has
    /// no more Cyrillic letters than Latin ones.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn translate(&self, text: &str) -> Result<String, ModelError> {
        if !is_cyrillic(text) {
            return Ok(text.to_owned());
        }
        let mut english = String::new();
        for part in russian::parts(text) {
            match part {
                Part::Kept(text) => english.push_str(text),
                Part::Translated(text) => english.push_str(&self.translate_all(text)?),
            }
        }
        Ok(english.trim().to_owned())
    }

    /// Every word of a text, in pieces that the network takes.
    fn translate_all(&self, text: &str) -> Result<String, ModelError> {
        let mut english = String::new();
        for piece in cutting::cut(text, |piece| self.tokenizer.encode(piece).len() <= self.longest) {
            let inner = piece.trim();
            let start = piece.len() - piece.trim_start().len();
            english.push_str(&piece[..start]);
            let tokens = self.tokenizer.encode(inner);
            let most = (TOKENS.0 + TOKENS.1 * tokens.len()).min(self.search.max_length);
            let bounded = SearchConfig { max_length: most, ..self.search.clone() };
            let found = if inner.is_empty() { Vec::new() } else { self.search(&tokens, &bounded)? };
            let translated = self.tokenizer.decode(&found);
            english.push_str(if translated.is_empty() { inner } else { &translated });
            english.push_str(&piece[start + inner.len()..]);
        }
        Ok(english)
    }

    /// The tokens of a text, with the end.
    #[must_use]
    pub fn tokens(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode(text)
    }

    /// The text of tokens.
    #[must_use]
    pub fn text(&self, tokens: &[u32]) -> String {
        self.tokenizer.decode(tokens)
    }

    /// The tokens of the best translation, with the start and the end, however long it becomes.
    ///
    /// # Errors
    /// If a computation fails, or if there are more tokens than the network takes.
    pub fn generate(&self, tokens: &[u32], beams: Beams) -> Result<Vec<u32>, ModelError> {
        let beams = match beams {
            Beams::AsPublished => self.search.beams,
            Beams::Exactly(beams) => beams.max(1),
        };
        self.search(tokens, &SearchConfig { beams, ..self.search.clone() })
    }

    fn search(&self, tokens: &[u32], config: &SearchConfig) -> Result<Vec<u32>, ModelError> {
        Ok(search(&mut self.network.read(tokens)?, config)?)
    }
}

/// The folder as named files.
fn open(folder: &Path) -> Result<ModelFiles, ModelError> {
    if !folder.is_dir() {
        return Err(refused(folder, "there is no such folder; name one with a translator"));
    }
    let sides = ["config.json", "source.spm", "target.spm", "vocab.json"];
    if let Some(name) = sides.into_iter().find(|name| !folder.join(name).is_file()) {
        return Err(missing(&folder.join(name)));
    }
    if !WEIGHTS.iter().any(|name| folder.join(name).is_file()) {
        return Err(missing(&folder.join(WEIGHTS[1])));
    }
    ModelFiles::folder(folder)
}

/// The folder itself is called `.` inside of it, which need not be told, nor where in the program an error arose.
fn plain_path(error: ModelError) -> ModelError {
    match error {
        ModelError::Weights { file, source } => {
            let reason = source.to_string().lines().next().unwrap_or_default().to_owned();
            ModelError::Weights { file: file.replace("/./", "/"), source: candle_core::Error::Msg(reason) }
        }
        error => error,
    }
}
