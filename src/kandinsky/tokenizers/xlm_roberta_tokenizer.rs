//! XLM-RoBERTa's tokenizer: a SentencePiece model, as Hugging Face's `tokenizer.json` carries it.

use super::tokens::{FixedTokenizer, SpecialToken, TokenizerSettings, Tokens, read_tokenizer};
use crate::kandinsky::error::ModelError;
use crate::kandinsky::files::ModelFiles;

/// The tokenizer of the decoder.
#[derive(Debug, Clone)]
pub struct XlmRobertaTokenizer(FixedTokenizer);

impl XlmRobertaTokenizer {
    /// Reads `tokenizer.json` from `folder`.
    ///
    /// # Errors
    /// [`ModelError`] if the file is missing or damaged.
    pub fn load(files: &ModelFiles, folder: &str) -> Result<Self, ModelError> {
        let path = format!("{folder}/tokenizer.json");
        if !files.has_file(&path) && files.has_file(&format!("{folder}/sentencepiece.bpe.model")) {
            let hint = "sentencepiece.bpe.model alone is not enough; fetch tokenizer.json too";
            return Err(files.missing(&path, hint));
        }
        let settings = TokenizerSettings::read(files, folder)?;
        let padding = settings.pad_token.as_ref();
        let padding = padding.map_or("<pad>", SpecialToken::text);
        let tokenizer = read_tokenizer(files, &path)?;
        let file = files.describe(&path);
        Ok(Self(FixedTokenizer::new(tokenizer, padding, file)?))
    }

    /// A text as 77 ids: `<s>`, the text, `</s>`, padding. A longer text is cut; the end stays.
    ///
    /// # Errors
    /// [`ModelError::Tokens`] if the tokenizer library refuses the text.
    pub fn encode(&self, text: &str) -> Result<Tokens, ModelError> {
        self.0.encode(text)
    }
}
