//! Cuts a text into the pieces of a unigram model (Kudo, <https://arxiv.org/abs/1804.10959>): those whose scores have the largest
//! sum. Ties and roundings are SentencePiece's own, so that the pieces are as well.

use std::collections::HashMap;

use super::normaliser::{Normaliser, SPACE};
use super::sentencepiece_model::{PieceKind, SentencePieceError, SentencePieceModel};

/// How much less than the rarest piece an unknown letter counts.
const UNKNOWN_PENALTY: f32 = 10.;

/// A model that cuts texts and joins pieces.
#[derive(Debug)]
pub(super) struct Unigram {
    normaliser: Normaliser,
    /// Pieces that a text is cut into, with their scores.
    pieces: HashMap<String, PieceScore>,
    /// Length of the longest of them, bytes.
    longest: usize,
    unknown_score: f32,
    byte_fallback: bool,
    /// Pieces of which nothing is left in a text.
    control: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct PieceScore {
    score: f32,
    is_user_defined: bool,
}

/// The best way to a place in the text.
#[derive(Debug, Clone, Copy)]
struct Best {
    score: f32,
    start: usize,
    is_unknown: bool,
}

impl Unigram {
    /// Prepares a model.
    ///
    /// # Errors
    /// If a piece is there twice or the table of replacements is damaged.
    pub(super) fn new(model: SentencePieceModel) -> Result<Self, SentencePieceError> {
        let of_kind = |kind: PieceKind| {
            let pieces = model.pieces.iter().filter(move |piece| piece.kind == kind);
            pieces.map(|piece| piece.text.clone()).collect::<Vec<_>>()
        };
        let damaged = || SentencePieceError::Pieces("a damaged table of replacements".to_owned());
        let normaliser = Normaliser::new(&model, of_kind(PieceKind::UserDefined)).ok_or_else(damaged)?;
        let (byte_fallback, control) = (model.byte_fallback, of_kind(PieceKind::Control));
        let normal = model.pieces.iter().filter(|piece| piece.kind == PieceKind::Normal);
        let lowest = normal.map(|piece| piece.score).fold(f32::MAX, f32::min);
        let mut pieces = HashMap::with_capacity(model.pieces.len());
        for piece in model.pieces {
            let is_user_defined = piece.kind == PieceKind::UserDefined;
            if is_user_defined || piece.kind == PieceKind::Normal {
                let score = PieceScore { score: piece.score, is_user_defined };
                if let Some(text) = insert(&mut pieces, piece.text, score) {
                    return Err(SentencePieceError::Pieces(format!("{text:?} twice")));
                }
            }
        }
        let longest = pieces.keys().map(String::len).max().unwrap_or(0);
        Ok(Self { normaliser, pieces, longest, unknown_score: lowest - UNKNOWN_PENALTY, byte_fallback, control })
    }

    /// The pieces of a text. What no piece has stands as it is, as long as it is.
    pub(super) fn cut(&self, text: &str) -> Vec<String> {
        let text = self.normaliser.normalise(text);
        let mut pieces: Vec<String> = Vec::new();
        let mut after_unknown = false;
        for (part, is_unknown) in self.best_path(&text) {
            match pieces.last_mut() {
                _ if is_unknown && self.byte_fallback => {
                    pieces.extend(part.bytes().map(|byte| format!("<0x{byte:02X}>")))
                }
                Some(last) if is_unknown && after_unknown => last.push_str(part),
                _ => pieces.push(part.to_owned()),
            }
            after_unknown = is_unknown;
        }
        pieces
    }

    /// The parts of a normalised text, and whether each is unknown.
    fn best_path<'a>(&self, text: &'a str) -> Vec<(&'a str, bool)> {
        let mut best: Vec<Option<Best>> = vec![None; text.len() + 1];
        for (start, letter) in text.char_indices() {
            let before = best[start].map_or(0., |best| best.score);
            let end_of_letter = start + letter.len_utf8();
            let mut letter_is_known = false;
            let ends = text[start..].char_indices().map(|(index, letter)| start + index + letter.len_utf8());
            for end in ends.take_while(|end| end - start <= self.longest) {
                let Some(piece) = self.pieces.get(&text[start..end]) else { continue };
                letter_is_known |= end == end_of_letter;
                improve(
                    &mut best[end],
                    piece.weight(end - start),
                    before,
                    Best { score: 0., start, is_unknown: false },
                );
            }
            if !letter_is_known {
                let unknown = Best { score: 0., start, is_unknown: true };
                improve(&mut best[end_of_letter], f64::from(self.unknown_score), before, unknown);
            }
        }
        let (mut parts, mut end) = (Vec::new(), text.len());
        while let Some(Best { start, is_unknown, .. }) = best[end].filter(|_| end > 0) {
            parts.push((&text[start..end], is_unknown));
            end = start;
        }
        parts.reverse();
        parts
    }

    /// The text that pieces stand for.
    pub(super) fn join<'a>(&self, pieces: impl IntoIterator<Item = &'a str>) -> String {
        let mut bytes = Vec::new();
        for piece in pieces.into_iter().filter(|piece| !self.control.iter().any(|control| control == piece)) {
            match byte_of(piece).filter(|_| self.byte_fallback) {
                Some(byte) => bytes.push(byte),
                None => bytes.extend(piece.as_bytes()),
            }
        }
        String::from_utf8_lossy(&bytes).replace(SPACE, " ").trim().to_owned()
    }
}

impl PieceScore {
    /// What a piece counts; `length` is in bytes.
    fn weight(self, length: usize) -> f64 {
        // SentencePiece begins its search for the largest score at the smallest positive number, which no score is above.
        let user_defined = || f64::from(length as f32 * f32::MIN_POSITIVE) - 0.1;
        if self.is_user_defined { user_defined() } else { f64::from(self.score) }
    }
}

/// Sums are compared in 64 bits and kept in 32.
fn improve(place: &mut Option<Best>, weight: f64, before: f32, way: Best) {
    let sum = weight + f64::from(before);
    if place.is_none_or(|best| sum > f64::from(best.score)) {
        *place = Some(Best { score: sum as f32, ..way });
    }
}

/// The text, if it was there already.
fn insert(pieces: &mut HashMap<String, PieceScore>, text: String, score: PieceScore) -> Option<String> {
    match pieces.entry(text) {
        std::collections::hash_map::Entry::Occupied(entry) => Some(entry.key().clone()),
        std::collections::hash_map::Entry::Vacant(entry) => {
            entry.insert(score);
            None
        }
    }
}

/// The byte that a piece such as `<0xD0>` stands for.
fn byte_of(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translation::sentencepiece_model::{NormaliserSpec, SentencePiece};

    fn piece(text: &str, score: f32, kind: PieceKind) -> SentencePiece {
        SentencePiece { text: text.to_owned(), score, kind }
    }

    fn model(pieces: &[(&str, f32)]) -> SentencePieceModel {
        let mut model = SentencePieceModel {
            pieces: vec![piece("<unk>", 0., PieceKind::Unknown), piece("</s>", 0., PieceKind::Control)],
            ..SentencePieceModel::default()
        };
        model.pieces.extend(pieces.iter().map(|&(text, score)| piece(text, score, PieceKind::Normal)));
        model
    }

    #[test]
    fn the_pieces_with_the_largest_sum_are_taken() {
        let pieces = [("▁ко", -3.), ("т", -2.), ("▁кот", -4.), ("ы", -1.), ("▁", -2.5), ("к", -3.), ("о", -3.)];
        let unigram = Unigram::new(model(&pieces)).unwrap();
        assert_eq!(unigram.cut("кот"), ["▁кот"]);
        assert_eq!(unigram.cut("  коты   кот "), ["▁кот", "ы", "▁кот"]);
        assert_eq!(unigram.cut("кит"), ["▁", "к", "и", "т"]);
        assert_eq!(unigram.cut("🦊🦊 ы"), ["▁", "🦊🦊", "▁", "ы"], "unknown letters are one piece");
        assert!(unigram.cut("   ").is_empty());
        assert_eq!(unigram.join(["▁кот", "ы", "</s>", "▁кот"]), "коты кот");
    }

    #[test]
    fn unknown_letters_can_become_bytes() {
        let unigram = Unigram::new(SentencePieceModel { byte_fallback: true, ..model(&[("▁", -1.)]) }).unwrap();
        assert_eq!(unigram.cut("я"), ["▁", "<0xD1>", "<0x8F>"]);
        assert_eq!(unigram.join(["▁", "<0xD1>", "<0x8F>"]), "я");
    }

    #[test]
    fn a_piece_twice_and_a_damaged_table_are_refused() {
        let twice = Unigram::new(model(&[("а", -1.), ("а", -2.)])).unwrap_err().to_string();
        assert!(twice.contains("twice"), "{twice}");
        let normaliser = NormaliserSpec { charsmap: vec![200, 0, 0, 0, 1], ..NormaliserSpec::default() };
        let damaged = Unigram::new(SentencePieceModel { normaliser, ..model(&[]) }).unwrap_err().to_string();
        assert!(damaged.contains("damaged"), "{damaged}");
    }
}
