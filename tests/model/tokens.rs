//! The prior's tokens compared with OpenAI's tokenizer and with transformers': `tests/reference/make_tokens.py` wrote what they
//! give.
//!
//! Reads `tests/reference/tokens`, 500 texts with the part of the vocabulary that they need, or the folder that
//! `KANDINSKY_TOKENS` names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kandinsky_bot::kandinsky::{CONTEXT_TOKENS, ClipTokenizer, ModelFiles, Rules};
use serde::Deserialize;

/// Texts decoded with the wrong character set: the one repair that is left out.
const UNREPAIRED: &str = "mojibake";

#[derive(Deserialize)]
struct Text {
    kind: String,
    text: String,
    /// OpenAI's ids, without padding.
    ids: Vec<u32>,
    /// Those of transformers, where they differ.
    diffusers: Option<Vec<u32>>,
}

#[test]
fn texts_are_read_as_openai_and_transformers_do() {
    let folder = std::env::var_os("KANDINSKY_TOKENS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/tokens"), PathBuf::from);
    let texts: Vec<Text> = serde_json::from_slice(&std::fs::read(folder.join("texts.json")).unwrap()).unwrap();
    let tokenizer = ClipTokenizer::load(&ModelFiles::folder(&folder).unwrap(), ".").unwrap();
    let mut failures = Vec::new();
    // Kind to how many are equal and how many there are, by either reading.
    let mut kinds: BTreeMap<&str, [(usize, usize); 2]> = BTreeMap::new();
    for text in &texts {
        let readings = [(Rules::Sound, &text.ids), (Rules::Diffusers, text.diffusers.as_ref().unwrap_or(&text.ids))];
        for ((rules, expected), count) in readings.into_iter().zip(kinds.entry(&text.kind).or_default()) {
            let tokens = tokenizer.encode(&text.text, rules).unwrap();
            let length = expected.len();
            let mask: Vec<u32> = (0..CONTEXT_TOKENS).map(|index| u32::from(index < length)).collect();
            let is_equal = tokens.ids[..length] == expected[..]
                && tokens.ids[length..].iter().all(|&id| id == 0)
                && tokens.mask == mask;
            count.0 += usize::from(is_equal);
            count.1 += 1;
            if !is_equal && text.kind != UNREPAIRED {
                failures.push(format!("{rules:?} {}: {:?}\n  {expected:?}\n  {:?}", text.kind, text.text, tokens.ids));
            }
        }
    }
    for (kind, [(sound, all), (diffusers, _)]) in &kinds {
        println!("{kind:<12} {sound:>5} of {all:>5} as OpenAI, {diffusers:>5} as transformers");
    }
    assert!(texts.len() >= 500, "{} texts in {}", texts.len(), folder.display());
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}
