//! The translator of the published size with random weights: for measuring speed and memory.

use candle_core::{DType, Device};

use super::beam_search::search;
use super::config::{EarlyStopping, MarianConfig, SearchConfig};
use super::files::refused;
use super::network::MarianNetwork;
use crate::kandinsky::{ModelError, ModelFiles, RANDOM_WEIGHTS};

/// Tokens of the text, its end among them, and tokens that are written.
const TOKENS: (u32, usize) = (16, 16);

/// A network without a tokenizer.
#[derive(Debug)]
pub struct TranslatorBench {
    network: MarianNetwork,
    search: SearchConfig,
}

impl TranslatorBench {
    /// Makes the weights.
    ///
    /// # Errors
    /// If memory does not suffice.
    pub fn of_published_size(device: &Device) -> Result<Self, ModelError> {
        let config: MarianConfig = serde_json::from_str(include_str!("published.json"))
            .map_err(|error| refused("published.json".as_ref(), error))?;
        let files = ModelFiles::embedded(&[("./model.safetensors", RANDOM_WEIGHTS)]);
        let network = files.part(".", DType::F32, device, |vb| MarianNetwork::load(&config, &vb))?;
        let pad = config.vocab_size as u32 - 1;
        let search = SearchConfig {
            beams: 6,
            max_length: TOKENS.1 + 1,
            length_penalty: 1.,
            early_stopping: EarlyStopping::Likely,
            bad_words: vec![vec![pad]],
            renormalise: true,
            start: pad,
            eos: vec![0],
            forced_eos: vec![0],
        };
        Ok(Self { network, search })
    }

    /// Translates a text of 15 tokens, with the six beams of the published translator; how many tokens there are.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn translate(&self) -> Result<usize, ModelError> {
        let tokens: Vec<u32> = (1..TOKENS.0).chain([0]).collect();
        Ok(search(&mut self.network.read(&tokens)?, &self.search)?.len())
    }
}
