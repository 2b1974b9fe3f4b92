//! A SentencePiece model (Kudo and Richardson, <https://arxiv.org/abs/1808.06226>) as its file has it: pieces and how texts are
//! normalised. The file is a protocol buffer, `sentencepiece_model.proto` of the SentencePiece project.

use super::protobuf::{Fields, Malformed, Value};

/// The most pieces of a model that is read.
const MOST_PIECES: usize = 1 << 20;
/// The longest piece, bytes.
const LONGEST_PIECE: usize = 1 << 10;

/// The contents of a `.spm` file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct SentencePieceModel {
    pub(super) pieces: Vec<SentencePiece>,
    pub(super) normaliser: NormaliserSpec,
    /// Unknown letters become pieces of bytes.
    pub(super) byte_fallback: bool,
    /// Spaces belong to the word before them.
    pub(super) space_is_suffix: bool,
}

/// A piece of words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SentencePiece {
    pub(super) text: String,
    /// Logarithm of its probability.
    pub(super) score: f32,
    pub(super) kind: PieceKind,
}

/// What a piece is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    Normal,
    /// Stands for everything that is no piece.
    Unknown,
    /// Never found in a text: the end of a sentence, for one.
    Control,
    /// Always cut out of a text as it is.
    UserDefined,
    /// Was in the training and is not used.
    Unused,
    /// One byte.
    Byte,
}

/// How a text is normalised before it is cut.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NormaliserSpec {
    /// Replacements, compiled.
    pub(super) charsmap: Vec<u8>,
    /// A space is put before the text.
    pub(super) add_dummy_prefix: bool,
    /// Several spaces become one; those around the text go.
    pub(super) remove_extra_whitespaces: bool,
    /// Spaces become `▁`.
    pub(super) escape_whitespaces: bool,
}

impl Default for NormaliserSpec {
    fn default() -> Self {
        Self { charsmap: Vec::new(), add_dummy_prefix: true, remove_extra_whitespaces: true, escape_whitespaces: true }
    }
}

/// Why a file is no usable model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SentencePieceError {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("it is a SentencePiece model of another kind ({0}); unigram models are read")]
    NotUnigram(&'static str),
    #[error("it has {0}")]
    Pieces(String),
}

impl SentencePieceModel {
    /// Reads a file.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, SentencePieceError> {
        let mut model = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, Value::Bytes(piece)) => model.pieces.push(SentencePiece::parse(piece)?),
                (2, Value::Bytes(trainer)) => model.read_trainer(trainer)?,
                (3, Value::Bytes(normaliser)) => model.normaliser = NormaliserSpec::parse(normaliser)?,
                _ => {}
            }
            if model.pieces.len() > MOST_PIECES {
                return Err(SentencePieceError::Pieces(format!("more than {MOST_PIECES} pieces")));
            }
        }
        let unknown = model.pieces.iter().filter(|piece| piece.kind == PieceKind::Unknown).count();
        if unknown != 1 {
            return Err(SentencePieceError::Pieces(format!(
                "{unknown} pieces for what is unknown, and should have one"
            )));
        }
        Ok(model)
    }

    fn read_trainer(&mut self, message: &[u8]) -> Result<(), SentencePieceError> {
        for field in Fields::of(message) {
            match field? {
                (3, Value::Number(kind)) if kind != 1 => {
                    return Err(SentencePieceError::NotUnigram(match kind {
                        2 => "BPE",
                        3 => "words",
                        4 => "letters",
                        _ => "unknown",
                    }));
                }
                (24, Value::Number(flag)) => self.space_is_suffix = flag != 0,
                (35, Value::Number(flag)) => self.byte_fallback = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }
}

impl SentencePiece {
    fn parse(message: &[u8]) -> Result<Self, SentencePieceError> {
        let mut piece = Self { text: String::new(), score: 0., kind: PieceKind::Normal };
        for field in Fields::of(message) {
            match field? {
                (1, Value::Bytes(text)) => {
                    piece.text = std::str::from_utf8(text).map_err(|_| Malformed)?.to_owned();
                }
                (2, Value::Float(score)) => piece.score = score,
                (3, Value::Number(kind)) => {
                    piece.kind = match kind {
                        1 => PieceKind::Normal,
                        2 => PieceKind::Unknown,
                        3 => PieceKind::Control,
                        4 => PieceKind::UserDefined,
                        5 => PieceKind::Unused,
                        6 => PieceKind::Byte,
                        _ => return Err(Malformed.into()),
                    };
                }
                _ => {}
            }
        }
        if piece.text.is_empty() || piece.text.len() > LONGEST_PIECE || !piece.score.is_finite() {
            return Err(SentencePieceError::Pieces(
                "a piece without letters, of too many, or without a score".to_owned(),
            ));
        }
        Ok(piece)
    }
}

impl NormaliserSpec {
    fn parse(message: &[u8]) -> Result<Self, Malformed> {
        let mut spec = Self::default();
        for field in Fields::of(message) {
            match field? {
                (2, Value::Bytes(charsmap)) => spec.charsmap = charsmap.to_vec(),
                (3, Value::Number(flag)) => spec.add_dummy_prefix = flag != 0,
                (4, Value::Number(flag)) => spec.remove_extra_whitespaces = flag != 0,
                (5, Value::Number(flag)) => spec.escape_whitespaces = flag != 0,
                _ => {}
            }
        }
        Ok(spec)
    }
}
