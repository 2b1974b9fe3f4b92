//! CLIP's tokenizer: byte-level BPE with word ends, of lower-cased text.
//!
//! Equals Hugging Face's `CLIPTokenizer`, padding included: Kandinsky pads with "!", id 0, and because that makes "!" a
//! special token, a "!" in the text becomes id 0 as well.

use std::collections::HashMap;

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{Lowercase, NFC, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::{AddedToken, SplitDelimiterBehavior, Tokenizer};

use super::error::ModelError;
use super::files::ModelFiles;
use super::tokens::{FixedTokenizer, TokenizerSettings, Tokens, read_tokenizer};

/// What counts as a word: contractions, letters, single digits, runs of anything else.
const WORDS: &str = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// The tokenizer of the prior.
#[derive(Debug, Clone)]
pub struct ClipTokenizer(FixedTokenizer);

/// The special tokens in use.
struct Special {
    start: String,
    end: String,
    unknown: String,
    padding: String,
}

impl ClipTokenizer {
    /// Reads `vocab.json` and `merges.txt` from `folder`, or `tokenizer.json` where only that is there.
    ///
    /// # Errors
    /// [`ModelError`] if files are missing or damaged.
    pub fn load(files: &ModelFiles, folder: &str) -> Result<Self, ModelError> {
        let settings = TokenizerSettings::read(files, folder)?;
        let text = |token: &Option<super::tokens::SpecialToken>, default: &str| {
            token.as_ref().map_or(default, |token| token.text()).to_string()
        };
        let special = Special {
            start: text(&settings.bos_token, "<|startoftext|>"),
            end: text(&settings.eos_token, "<|endoftext|>"),
            unknown: text(&settings.unk_token, "<|endoftext|>"),
            padding: text(&settings.pad_token, "!"),
        };
        let vocab = format!("{folder}/vocab.json");
        let whole = format!("{folder}/tokenizer.json");
        let (tokenizer, file) = if !files.has_file(&vocab) && files.has_file(&whole) {
            (read_tokenizer(files, &whole)?, whole)
        } else {
            (from_vocabulary(files, folder, &special)?, vocab)
        };
        let file = files.describe(&file);
        Ok(Self(FixedTokenizer::new(tokenizer, &special.padding, file)?))
    }

    /// A text as 77 ids: start, the text, end, padding. A longer text is cut; the end stays.
    ///
    /// # Errors
    /// [`ModelError::Tokens`] if the tokenizer library refuses the text.
    pub fn encode(&self, text: &str) -> Result<Tokens, ModelError> {
        self.0.encode(text)
    }
}

/// Builds the tokenizer from OpenAI's two files.
fn from_vocabulary(files: &ModelFiles, folder: &str, special: &Special) -> Result<Tokenizer, ModelError> {
    let path = format!("{folder}/vocab.json");
    let vocab: HashMap<String, u32> = files.json(&path)?;
    let merges = read_merges(files, &format!("{folder}/merges.txt"))?;
    build(vocab, merges, special)
        .map_err(|error| ModelError::Tokenizer { file: files.describe(&path), reason: error.to_string() })
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

fn build(
    vocab: HashMap<String, u32>,
    merges: Vec<(String, String)>,
    special: &Special,
) -> tokenizers::Result<Tokenizer> {
    let id = |token: &String| {
        let id = vocab.get(token).copied();
        id.map(|id| (token.clone(), id)).ok_or_else(|| format!("the token {token:?} is not in it"))
    };
    let (start, end) = (id(&special.start)?, id(&special.end)?);
    let model = BPE::builder()
        .vocab_and_merges(vocab.into_iter().collect::<Vocab>(), merges)
        .unk_token(special.unknown.clone())
        .end_of_word_suffix("</w>".to_string())
        .build()?;
    let mut tokenizer = Tokenizer::new(model);
    let spaces = Replace::new(ReplacePattern::Regex(r"\s+".to_string()), " ")?;
    let normalizers = vec![NFC.into(), spaces.into(), Lowercase.into()];
    tokenizer.with_normalizer(Some(Normalizers::new(normalizers)))?;
    let words = SplitPattern::Regex(WORDS.to_string());
    let words = Split::new(words, SplitDelimiterBehavior::Removed, true)?;
    let bytes = ByteLevel::new(false, true, true);
    tokenizer.with_pre_tokenizer(Some(PreTokenizers::new(vec![words.into(), bytes.into()])));
    let processor = RobertaProcessing::new(end, start);
    tokenizer.with_post_processor(Some(processor.trim_offsets(false).add_prefix_space(false)));
    let tokens = [&special.start, &special.end, &special.unknown, &special.padding];
    tokenizer.add_special_tokens(tokens.map(|token| AddedToken::from(token.clone(), true)))?;
    Ok(tokenizer)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    /// A vocabulary of the published layout: bytes, bytes at a word's end, two merges, start and end.
    fn tokenizer() -> ClipTokenizer {
        let folder = tempfile::tempdir().unwrap();
        let letters = "!abcdefghijklmnopqrstuvwxyz";
        let mut tokens: Vec<String> = letters.chars().map(String::from).collect();
        tokens.extend(letters.chars().map(|letter| format!("{letter}</w>")));
        tokens.extend(["ca", "cat</w>", "<|startoftext|>", "<|endoftext|>"].map(String::from));
        let vocab: HashMap<&String, usize> = tokens.iter().zip(0..).collect();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("vocab.json"), serde_json::to_vec(&vocab).unwrap()).unwrap();
        std::fs::write(path("merges.txt"), "#version: 0.2\nc a\nca t</w>\n").unwrap();
        std::fs::write(path("tokenizer_config.json"), r#"{"pad_token": "!"}"#).unwrap();
        ClipTokenizer::load(&ModelFiles::folder(folder.path()).unwrap(), ".").unwrap()
    }

    const START: u32 = 56;
    const END: u32 = 57;

    #[test]
    fn the_empty_text_is_start_end_and_padding() {
        let tokens = tokenizer().encode("").unwrap();
        let mut expected = vec![START, END];
        expected.resize(77, 0);
        assert_eq!(tokens.ids, expected);
        assert_eq!(tokens.mask[..3], [1, 1, 0]);
        assert!(!tokens.truncated);
    }

    #[test]
    fn words_are_lower_cased_and_merged() {
        let tokens = tokenizer().encode("  Cat\n\tcAb ").unwrap();
        assert_eq!(tokens.ids[..6], [START, 55, 54, 27 + 2, END, 0]);
    }

    #[test]
    fn a_long_text_keeps_its_end_token() {
        let tokens = tokenizer().encode(&"cat ".repeat(100)).unwrap();
        assert_eq!(tokens.ids.len(), 77);
        assert_eq!((tokens.ids[75], tokens.ids[76]), (55, END));
        assert!(tokens.truncated);
    }

    #[test]
    fn a_vocabulary_without_the_end_token_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vocab.json"), r#"{"!": 0}"#).unwrap();
        std::fs::write(folder.path().join("merges.txt"), "").unwrap();
        let files = ModelFiles::folder(folder.path()).unwrap();
        let error = ClipTokenizer::load(&files, ".").unwrap_err().to_string();
        assert!(error.contains("<|startoftext|>"), "{error}");
    }
}
