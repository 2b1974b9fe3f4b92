//! From a text to the numbers that the two text encoders read.

mod character_map;
mod clip_tokenizer;
mod clip_vocabulary;
mod html_entities;
mod text_repair;
mod tokens;
mod xlm_roberta_tokenizer;

pub use clip_tokenizer::ClipTokenizer;
pub use tokens::{CONTEXT_TOKENS, Tokens};
pub use xlm_roberta_tokenizer::XlmRobertaTokenizer;
