//! The translator compared with transformers: `tests/reference/make_translation.py` wrote what `MarianTokenizer` and
//! `MarianMTModel.generate` make of texts.
//!
//! Reads `translation` in `tests/reference/cases`, one small case, or in the folder that `KANDINSKY_CASES` names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::Device;
use kandinsky_bot::translation::{Beams, Translator};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    tokens: Vec<Tokens>,
    translations: Vec<Translation>,
}

#[derive(Deserialize)]
struct Tokens {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Translation {
    text: String,
    /// Tokens by the number of beams.
    beams: BTreeMap<usize, Vec<u32>>,
    texts: BTreeMap<usize, String>,
}

/// The case folders; none where the named folder holds cases of another kind.
fn cases() -> Vec<PathBuf> {
    let folder = std::env::var_os("KANDINSKY_CASES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cases"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(folder.join("translation")) else { return Vec::new() };
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

fn expected(case: &Path) -> Expected {
    serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap()
}

#[test]
fn texts_become_the_tokens_of_transformers() {
    for case in cases() {
        let translator = Translator::load(&case, &Device::Cpu).unwrap();
        let texts = expected(&case).tokens;
        let differs = |text: &&Tokens| translator.tokens(&text.text) != text.ids;
        let failures: Vec<String> = texts
            .iter()
            .filter(differs)
            .map(|text| format!("{:?}\n  {:?}\n  {:?}", text.text, text.ids, translator.tokens(&text.text)))
            .collect();
        println!("{}: {} texts", case.display(), texts.len());
        assert!(failures.is_empty(), "{}: {} differ:\n{}", case.display(), failures.len(), failures.join("\n"));
    }
}

#[test]
fn translations_are_those_of_transformers_token_for_token() {
    for case in cases() {
        let translator = Translator::load(&case, &Device::Cpu).unwrap();
        let (mut failures, mut count) = (Vec::new(), 0);
        for Translation { text, beams, texts } in expected(&case).translations {
            for (number, expected) in beams {
                let found = translator.generate(&translator.tokens(&text), Beams::Exactly(number)).unwrap();
                count += 1;
                if found != expected || translator.text(&found) != texts[&number] {
                    failures
                        .push(format!("{text:?}, {number} beams\n  {expected:?}\n  {found:?}\n  {:?}", texts[&number]));
                }
            }
        }
        println!("{}: {count} translations", case.display());
        assert!(failures.is_empty(), "{}: {} differ:\n{}", case.display(), failures.len(), failures.join("\n"));
    }
}
