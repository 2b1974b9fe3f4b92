//! Texts to token IDs and back, as `MarianTokenizer` of transformers does it: pieces come from the model of the language, IDs from
//! one vocabulary for both languages.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use super::config::MOST_TOKENS;
use super::files::{read_bounded, refused};
use super::sentencepiece_model::SentencePieceModel;
use super::unigram::Unigram;
use crate::kandinsky::ModelError;

/// The end of a text.
const EOS: &str = "</s>";
/// What is in no vocabulary.
const UNKNOWN: &str = "<unk>";
/// Fills a batch, and is where the decoder starts.
const PAD: &str = "<pad>";

/// The tokenizer of both languages.
#[derive(Debug)]
pub(super) struct MarianTokenizer {
    source: Unigram,
    ids: HashMap<String, u32>,
    /// By ID.
    tokens: Vec<String>,
    eos: u32,
    unknown: u32,
    pad: u32,
}

impl MarianTokenizer {
    /// Reads `source.spm`, `target.spm` and `vocab.json`.
    ///
    /// # Errors
    /// [`ModelError`] that names the file at fault.
    pub(super) fn load(folder: &Path) -> Result<Self, ModelError> {
        let model = |name: &str| {
            let file = folder.join(name);
            let model = SentencePieceModel::parse(&read_bounded(&file)?).and_then(Unigram::new);
            model.map_err(|error| refused(&file, error))
        };
        let source = model("source.spm")?;
        // Joining needs nothing of it, but a folder with a broken file is not whole.
        model("target.spm")?;
        let file = folder.join("vocab.json");
        let vocabulary = read_bounded(&file)?;
        let ids: HashMap<String, u32> = serde_json::from_slice(&vocabulary).map_err(|error| refused(&file, error))?;
        Self::new(source, ids).map_err(|reason| refused(&file, reason))
    }

    fn new(source: Unigram, ids: HashMap<String, u32>) -> Result<Self, String> {
        let count = ids.values().max().map_or(0, |&last| last as usize + 1);
        if count > MOST_TOKENS {
            return Err(format!("a token has the ID {}; at most {MOST_TOKENS} tokens are read", count - 1));
        }
        let mut tokens = vec![String::new(); count];
        for (token, &id) in &ids {
            let place = &mut tokens[id as usize];
            if !place.is_empty() {
                return Err(format!("two tokens have the ID {id}"));
            }
            place.clone_from(token);
        }
        let special = |token: &str| ids.get(token).copied().ok_or_else(|| format!("{token} is missing"));
        let (eos, unknown, pad) = (special(EOS)?, special(UNKNOWN)?, special(PAD)?);
        Ok(Self { source, ids, tokens, eos, unknown, pad })
    }

    /// How many tokens there are; one more than the largest ID.
    pub(super) fn vocabulary(&self) -> usize {
        self.tokens.len()
    }

    /// The IDs of a text, and the end.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids: Vec<u32> = Vec::new();
        let mut start = 0;
        while let Some(range) = next_special(text, start) {
            self.encode_plain(&text[start..range.start], &mut ids);
            ids.push(self.id(&text[range.clone()]));
            start = range.end;
        }
        self.encode_plain(&text[start..], &mut ids);
        ids.push(self.eos);
        ids
    }

    fn encode_plain(&self, text: &str, ids: &mut Vec<u32>) {
        let (code, text) = text.split_at(language_code(text));
        if !code.is_empty() {
            ids.push(self.id(code));
        }
        if !text.is_empty() {
            ids.extend(self.source.cut(text).iter().map(|piece| self.id(piece)));
        }
    }

    fn id(&self, token: &str) -> u32 {
        self.ids.get(token).copied().unwrap_or(self.unknown)
    }

    /// The text of IDs, without marks.
    pub(super) fn decode(&self, ids: &[u32]) -> String {
        let marks = [self.eos, self.unknown, self.pad];
        let tokens = ids.iter().filter(|id| !marks.contains(id)).filter_map(|&id| self.tokens.get(id as usize));
        self.source.join(tokens.map(String::as_str))
    }
}

/// The next mark of the vocabulary that is written out in a text.
fn next_special(text: &str, start: usize) -> Option<Range<usize>> {
    let find = |mark: &str| text[start..].find(mark).map(|place| start + place..start + place + mark.len());
    [EOS, UNKNOWN, PAD].into_iter().filter_map(find).min_by_key(|range| range.start)
}

/// The length of a language code such as `>>fra<<` at the beginning.
fn language_code(text: &str) -> usize {
    if !text.starts_with(">>") {
        return 0;
    }
    text.find("<<").map_or(0, |place| place + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translation::sentencepiece_model::{PieceKind, SentencePiece};

    fn tokenizer(tokens: &[(&str, u32)]) -> Result<MarianTokenizer, String> {
        let piece = |text: &str, kind| SentencePiece { text: text.to_owned(), score: -1., kind };
        let pieces = vec![
            piece("<unk>", PieceKind::Unknown),
            piece("▁", PieceKind::Normal),
            piece("а", PieceKind::Normal),
            piece("б", PieceKind::Normal),
        ];
        let source = Unigram::new(SentencePieceModel { pieces, ..SentencePieceModel::default() }).unwrap();
        MarianTokenizer::new(source, tokens.iter().map(|&(token, id)| (token.to_owned(), id)).collect())
    }

    #[test]
    fn marks_and_language_codes_are_tokens() {
        let known = [("</s>", 0), ("<unk>", 1), ("▁", 2), ("а", 3), (">>fra<<", 4), ("z", 5), ("<pad>", 7)];
        let tokenizer = tokenizer(&known).unwrap();
        assert_eq!(tokenizer.vocabulary(), 8, "a gap is no fault");
        assert_eq!(tokenizer.encode("а"), [2, 3, 0]);
        assert_eq!(tokenizer.encode("б"), [2, 1, 0], "a piece need not be a token");
        assert_eq!(tokenizer.encode("z"), [2, 5, 0], "and a token need not be a piece");
        assert_eq!(tokenizer.encode("а</s>а"), [2, 3, 0, 2, 3, 0]);
        assert_eq!(tokenizer.encode(">>fra<< а"), [4, 2, 3, 0]);
        assert_eq!(tokenizer.encode(""), [0]);
        assert_eq!(tokenizer.decode(&[7, 2, 3, 2, 3, 1, 6, 99, 0]), "а а");
    }

    #[test]
    fn a_vocabulary_that_is_not_whole_is_refused() {
        let refusal = |tokens: &[(&str, u32)]| tokenizer(tokens).map(|_| ()).unwrap_err();
        assert!(refusal(&[("</s>", 0), ("<unk>", 1)]).contains("<pad> is missing"));
        assert!(refusal(&[("</s>", 0), ("<unk>", 0), ("<pad>", 1)]).contains("the ID 0"));
        assert!(refusal(&[("</s>", 0), ("<unk>", u32::MAX), ("<pad>", 1)]).contains("at most"));
    }
}
