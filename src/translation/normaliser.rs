//! Normalises a text as SentencePiece does before it is cut into pieces.

use super::double_array::DoubleArray;
use super::sentencepiece_model::{NormaliserSpec, SentencePieceModel};

/// The mark that stands for a space inside of pieces.
pub(super) const SPACE: &str = "▁";

/// The normaliser of a model.
#[derive(Debug, Clone)]
pub(super) struct Normaliser {
    /// Begins of a text that are replaced, each with the place of its replacement.
    replaced: DoubleArray,
    /// Replacements, each with a zero byte at its end.
    replacements: Vec<u8>,
    spec: NormaliserSpec,
    space_is_suffix: bool,
    /// Pieces that are cut out as they are, the longest first.
    kept: Vec<String>,
}

impl Normaliser {
    /// `None` if the table of replacements is damaged.
    pub(super) fn new(model: &SentencePieceModel, mut kept: Vec<String>) -> Option<Self> {
        kept.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        let (replaced, replacements) = match model.normaliser.charsmap.split_first_chunk::<4>() {
            None => (DoubleArray::default(), Vec::new()),
            Some((length, rest)) => {
                let (array, replacements) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                (DoubleArray::from_bytes(array)?, replacements.to_vec())
            }
        };
        let spec = NormaliserSpec { charsmap: Vec::new(), ..model.normaliser };
        Some(Self { replaced, replacements, spec, space_is_suffix: model.space_is_suffix, kept })
    }

    /// The text to cut; empty if there is nothing but spaces.
    pub(super) fn normalise(&self, text: &str) -> String {
        let NormaliserSpec { add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces, .. } = self.spec;
        let space = if escape_whitespaces { SPACE } else { " " };
        let mut rest = text;
        while remove_extra_whitespaces && !rest.is_empty() {
            let (replaced, length) = self.prefix(rest);
            if replaced != " " {
                break;
            }
            rest = &rest[length..];
        }
        let mut normalised = String::with_capacity(text.len() + 16);
        if rest.is_empty() {
            return normalised;
        }
        if add_dummy_prefix && !self.space_is_suffix {
            normalised.push_str(space);
        }
        let mut after_space = remove_extra_whitespaces;
        while !rest.is_empty() {
            let (mut replaced, length) = self.prefix(rest);
            if after_space {
                replaced = replaced.trim_start_matches(' ');
            }
            if !replaced.is_empty() {
                normalised.push_str(&replaced.replace(' ', space));
                after_space = replaced.ends_with(' ');
            }
            after_space &= remove_extra_whitespaces;
            rest = &rest[length..];
        }
        if remove_extra_whitespaces {
            normalised.truncate(normalised.trim_end_matches(space).len());
        }
        if add_dummy_prefix && self.space_is_suffix {
            normalised.push_str(space);
        }
        normalised
    }

    /// What the beginning of `text`, which is not empty, becomes, and how long that beginning is.
    fn prefix<'a>(&'a self, text: &'a str) -> (&'a str, usize) {
        if let Some(kept) = self.kept.iter().find(|kept| text.starts_with(kept.as_str())) {
            return (&text[..kept.len()], kept.len());
        }
        let replaced = self.replaced.longest_prefix(text.as_bytes());
        // A key that ends inside of a letter is of a damaged file.
        if let Some((length, place)) = replaced.filter(|(length, _)| text.is_char_boundary(*length)) {
            return (self.replacement(place as usize), length);
        }
        let length = text.chars().next().map_or(0, char::len_utf8);
        (&text[..length], length)
    }

    fn replacement(&self, place: usize) -> &str {
        let bytes = self.replacements.get(place..).unwrap_or_default();
        let length = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        std::str::from_utf8(&bytes[..length]).unwrap_or_default()
    }
}
