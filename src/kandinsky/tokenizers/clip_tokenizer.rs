//! CLIP's tokenizer: byte-level BPE with word ends, of cleaned and lower-cased text.
//!
//! There are two readings. OpenAI's own cleans the text first, and "!" is a token like any other. That of diffusers is Hugging
//! Face's `CLIPTokenizer`: it cleans next to nothing, and because Kandinsky pads with "!", id 0, which makes "!" a special token,
//! every "!" in a text becomes id 0 as well.

use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{Lowercase, NFC, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::{
    AddedToken, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior, Tokenizer,
};

use super::clip_vocabulary::{Ends, Special, Vocabulary};
use super::text_repair::clean;
use super::tokens::{CONTEXT_TOKENS, FixedTokenizer, TokenizerSettings, Tokens, read_tokenizer};
use crate::kandinsky::error::ModelError;
use crate::kandinsky::files::ModelFiles;
use crate::kandinsky::samplers::Rules;

/// Words: contractions, letters, single digits, runs of anything else. Unlike OpenAI's, it does not know the names
/// of the special tokens: who types "<|endoftext|>" does not end the text.
const WORDS: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// The same with these names, as OpenAI's first release has it.
const WORDS_AND_NAMES: &str =
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";
const START_NAME: &str = "<|startoftext|>";
const END_NAME: &str = "<|endoftext|>";

/// The same as Hugging Face has it.
const WORDS_OF_DIFFUSERS: &str =
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// The tokenizer of the prior.
#[derive(Debug, Clone)]
pub struct ClipTokenizer {
    /// Word by word, without special tokens.
    words: Tokenizer,
    ends: Ends,
    of_diffusers: FixedTokenizer,
}

impl ClipTokenizer {
    /// Reads `vocab.json` and `merges.txt` from `folder`, or `tokenizer.json` where only that is there.
    ///
    /// # Errors
    /// [`ModelError`] if files are missing or damaged.
    pub fn load(files: &ModelFiles, folder: &str) -> Result<Self, ModelError> {
        let special = Special::of(&TokenizerSettings::read(files, folder)?);
        let path = format!("{folder}/vocab.json");
        let whole = format!("{folder}/tokenizer.json");
        let is_whole = !files.has_file(&path) && files.has_file(&whole);
        let vocabulary =
            if is_whole { Vocabulary::of_tokenizer(files, &whole)? } else { Vocabulary::of_pair(files, folder)? };
        let file = files.describe(if is_whole { &whole } else { &path });
        let broken = |reason: String| ModelError::Tokenizer { file: file.clone(), reason };
        let ends = vocabulary.ends(&special).map_err(broken)?;
        let words = as_openai(&vocabulary).map_err(|error| broken(error.to_string()))?;
        let of_diffusers = if is_whole {
            read_tokenizer(files, &whole)?
        } else {
            as_diffusers(&vocabulary, &special, ends).map_err(|error| broken(error.to_string()))?
        };
        Ok(Self { words, ends, of_diffusers: FixedTokenizer::new(of_diffusers, &special.padding, file)? })
    }

    /// A text as 77 ids: start, the text, end, padding. A longer text is cut; the end stays.
    ///
    /// [`Rules::Diffusers`] reads as Hugging Face does, the others as OpenAI. For [`Rules::Original`] the names of start and end
    /// in a text are these tokens.
    ///
    /// # Errors
    /// [`ModelError::Tokens`] if the tokenizer library refuses the text.
    pub fn encode(&self, text: &str, rules: Rules) -> Result<Tokens, ModelError> {
        if rules == Rules::Diffusers {
            return self.of_diffusers.encode(text);
        }
        let text = clean(text);
        let has_names = rules == Rules::Original && [START_NAME, END_NAME].iter().any(|name| text.contains(name));
        let words = if has_names { self.words_and_names(&text) } else { self.word_ids(&text) };
        let words = words.map_err(|error| ModelError::Tokens(error.to_string()))?;
        let Ends { start, end, padding } = self.ends;
        let kept = words.iter().take(CONTEXT_TOKENS - 2).copied();
        let mut ids: Vec<u32> = std::iter::once(start).chain(kept).chain([end]).collect();
        let mut mask = vec![1; ids.len()];
        ids.resize(CONTEXT_TOKENS, padding);
        mask.resize(CONTEXT_TOKENS, 0);
        Ok(Tokens { ids, mask, truncated: words.len() > CONTEXT_TOKENS - 2 })
    }

    /// Ids of a cleaned text.
    fn word_ids(&self, text: &str) -> tokenizers::Result<Vec<u32>> {
        Ok(self.words.encode(text, false)?.get_ids().to_vec())
    }

    /// The same, where the names of start and end stand for their ids.
    fn words_and_names(&self, text: &str) -> tokenizers::Result<Vec<u32>> {
        let pattern = SplitPattern::Regex(WORDS_AND_NAMES.to_string());
        let mut pieces = PreTokenizedString::from(text);
        Split::new(pattern, SplitDelimiterBehavior::Removed, true)?.pre_tokenize(&mut pieces)?;
        let mut ids = Vec::new();
        for (piece, _, _) in pieces.get_splits(OffsetReferential::Original, OffsetType::Byte) {
            match piece {
                START_NAME => ids.push(self.ends.start),
                END_NAME => ids.push(self.ends.end),
                piece => ids.extend(self.word_ids(piece)?),
            }
        }
        Ok(ids)
    }
}

/// Words to tokens as OpenAI does it. What no token stands for is left out.
fn as_openai(vocabulary: &Vocabulary) -> tokenizers::Result<Tokenizer> {
    let mut tokenizer = Tokenizer::new(vocabulary.bpe().build()?);
    tokenizer.with_pre_tokenizer(Some(split(WORDS, false)?));
    Ok(tokenizer)
}

/// Splits into `words`, and these again if `twice`, as GPT-2 does; words become bytes.
fn split(words: &str, twice: bool) -> tokenizers::Result<PreTokenizers> {
    let words = SplitPattern::Regex(words.to_string());
    let words = Split::new(words, SplitDelimiterBehavior::Removed, true)?;
    Ok(PreTokenizers::new(vec![words.into(), ByteLevel::new(false, true, twice).into()]))
}

/// Hugging Face's `CLIPTokenizer` of a vocabulary.
fn as_diffusers(vocabulary: &Vocabulary, special: &Special, ends: Ends) -> tokenizers::Result<Tokenizer> {
    let model = vocabulary.bpe().unk_token(special.unknown.clone()).build()?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(split(WORDS_OF_DIFFUSERS, true)?));
    let spaces = Replace::new(ReplacePattern::Regex(r"\s+".to_string()), " ")?;
    let normalizers = vec![NFC.into(), spaces.into(), Lowercase.into()];
    tokenizer.with_normalizer(Some(Normalizers::new(normalizers)))?;
    let processor = RobertaProcessing::new((special.end.clone(), ends.end), (special.start.clone(), ends.start));
    tokenizer.with_post_processor(Some(processor.trim_offsets(false).add_prefix_space(false)));
    let tokens = [&special.start, &special.end, &special.unknown, &special.padding];
    tokenizer.add_special_tokens(tokens.map(|token| AddedToken::from(token.clone(), true)))?;
    Ok(tokenizer)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// A vocabulary of the published layout: bytes, bytes at a word's end, two merges, start and end.
    fn vocabulary() -> HashMap<String, usize> {
        let letters = "!&<|>abcdefghijklmnopqrstuvwxyz";
        let mut tokens: Vec<String> = letters.chars().map(String::from).collect();
        tokens.extend(letters.chars().map(|letter| format!("{letter}</w>")));
        tokens.extend(["ca", "cat</w>", "<|startoftext|>", "<|endoftext|>"].map(String::from));
        tokens.into_iter().zip(0..).collect()
    }

    /// Loads a folder with these files.
    fn load(files: &[(&str, String)]) -> ClipTokenizer {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        ClipTokenizer::load(&ModelFiles::folder(folder.path()).unwrap(), ".").unwrap()
    }

    fn tokenizer() -> ClipTokenizer {
        load(&[
            ("vocab.json", serde_json::to_string(&vocabulary()).unwrap()),
            ("merges.txt", "#version: 0.2\nc a\nca t</w>\n".to_string()),
            ("tokenizer_config.json", r#"{"pad_token": "!"}"#.to_string()),
        ])
    }

    /// The letters, twice, stand before it.
    const CAT: u32 = 63;
    const START: u32 = 64;
    const END: u32 = 65;

    fn id(token: &str) -> u32 {
        vocabulary()[token] as u32
    }

    #[test]
    fn the_empty_text_is_start_end_and_padding() {
        let tokens = tokenizer().encode("", Rules::Sound).unwrap();
        let mut expected = vec![START, END];
        expected.resize(77, 0);
        assert_eq!(tokens.ids, expected);
        assert_eq!(tokens.mask[..3], [1, 1, 0]);
        assert!(!tokens.truncated);
    }

    #[test]
    fn words_are_lower_cased_and_merged() {
        let tokens = tokenizer().encode("  Cat\n\tcAb ", Rules::Sound).unwrap();
        assert_eq!(tokens.ids[..6], [START, CAT, id("ca"), id("b</w>"), END, 0]);
    }

    #[test]
    fn a_long_text_keeps_its_end_token() {
        let tokens = tokenizer().encode(&"cat ".repeat(100), Rules::Sound).unwrap();
        assert_eq!(tokens.ids.len(), 77);
        assert_eq!((tokens.ids[75], tokens.ids[76]), (CAT, END));
        assert!(tokens.truncated);
    }

    #[test]
    fn an_exclamation_mark_is_a_token_but_for_diffusers() {
        let ids = |rules| tokenizer().encode("cat!", rules).unwrap().ids[..4].to_vec();
        assert_eq!(ids(Rules::Sound), [START, CAT, id("!</w>"), END]);
        assert_eq!(ids(Rules::Original), ids(Rules::Sound));
        assert_eq!(ids(Rules::Diffusers), [START, CAT, 0, END]);
    }

    #[test]
    fn entities_are_characters_but_for_diffusers() {
        let ids = |rules| tokenizer().encode("&amp;", rules).unwrap().ids[..4].to_vec();
        assert_eq!(ids(Rules::Sound), [START, id("&</w>"), END, 0]);
        assert_eq!(ids(Rules::Diffusers)[..3], [START, id("&</w>"), id("a")]);
    }

    #[test]
    fn nobody_ends_the_text_by_typing_the_end_token_but_in_the_original() {
        let tokens = tokenizer().encode("a<|endoftext|>b", Rules::Sound).unwrap();
        let ends = tokens.ids.iter().filter(|&&token| token == END).count();
        assert_eq!((ends, tokens.ids[1], tokens.ids[2]), (1, id("a</w>"), id("<")));
        let ids = |text: &str| tokenizer().encode(text, Rules::Original).unwrap().ids[..6].to_vec();
        assert_eq!(ids("a<|ENDOFTEXT|>b"), [START, id("a</w>"), END, id("b</w>"), END, 0]);
        // Behind another mark the name is marks and letters for everybody.
        assert_eq!(ids("&<|endoftext|>")[..4], [START, id("&"), id("<"), id("|</w>")]);
    }

    #[test]
    fn a_whole_tokenizer_file_reads_the_same() {
        let special = |content: &str| {
            let flags =
                r#""single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true"#;
            format!(r#"{{"id": {}, "content": "{content}", {flags}}}"#, vocabulary()[content])
        };
        let vocab = serde_json::to_string(&vocabulary()).unwrap();
        for merges in [r#"[["c", "a"], ["ca", "t</w>"]]"#, r#"["c a", "ca t</w>"]"#] {
            let model =
                format!(r#"{{"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {vocab}, "merges": {merges}}}"#);
            let added = [special("<|startoftext|>"), special("<|endoftext|>")].join(", ");
            let whole = format!(r#"{{"version": "1.0", "added_tokens": [{added}], "model": {model}}}"#);
            let whole = load(&[("tokenizer.json", whole)]);
            for text in ["Cat! &lt;", "", "cab"] {
                assert_eq!(
                    whole.encode(text, Rules::Sound).unwrap(),
                    tokenizer().encode(text, Rules::Sound).unwrap(),
                    "{text}"
                );
            }
        }
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
