//! SentencePiece's table of characters (`precompiled_charsmap`), looked at before the tokenizer library trusts it.
//!
//! The table is base64 of: the length of a trie in bytes (u32, little-endian), the trie (u32 each), and the texts that its values
//! point into, each with a zero behind it (SentencePiece, `src/normalizer.cc`). The library sets aside memory for any length that
//! the table claims, and follows any index in it.

use serde::Deserialize;
use serde_json::Value;

const KEY: &str = "precompiled_charsmap";

/// Checks all tables in a `tokenizer.json`; what is no JSON is left to the library.
///
/// # Errors
/// What is wrong.
pub(super) fn check_character_map(tokenizer: &[u8]) -> Result<(), String> {
    /// The rest, a vocabulary of megabytes, is skipped.
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        normalizer: Value,
    }
    let Ok(Head { normalizer }) = serde_json::from_slice(tokenizer) else {
        return Ok(());
    };
    // The parser bounds how deep values are nested.
    let mut values = vec![&normalizer];
    while let Some(value) = values.pop() {
        match value {
            Value::Object(entries) => {
                if let Some(table) = entries.get(KEY).and_then(Value::as_str)
                    && !is_sound(table)
                {
                    return Err(format!("its {KEY} is damaged"));
                }
                values.extend(entries.values());
            }
            Value::Array(items) => values.extend(items),
            _ => {}
        }
    }
    Ok(())
}

fn is_sound(table: &str) -> bool {
    let Some(bytes) = decode_base64(table.trim_end_matches('=')) else {
        return false;
    };
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return bytes.is_empty();
    };
    let Some((trie, texts)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else {
        return false;
    };
    let (units, []) = trie.as_chunks::<4>() else {
        return false;
    };
    let units: Vec<u32> = units.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
    let Ok(texts) = std::str::from_utf8(texts) else {
        return false;
    };
    !units.is_empty() && is_trie_sound(&units, texts)
}

/// Whether every step from one unit to the next stays inside, and every value is a place in the texts (Darts-clone, `darts.h`).
fn is_trie_sound(units: &[u32], texts: &str) -> bool {
    units.iter().enumerate().all(|(at, &unit)| {
        // No step leads to a value, but the first unit is where all begin.
        let is_value = unit >> 31 == 1 && at > 0;
        let offset = (unit >> 10) << ((unit & (1 << 9)) >> 6);
        let next = at ^ offset as usize;
        let has_value = (unit >> 8) & 1 == 1;
        let value = || (units[next] & 0x7FFF_FFFF) as usize;
        // A step leads to any of the 256 units around it.
        is_value || next | 0xFF < units.len() && (!has_value || texts.is_char_boundary(value()))
    })
}

/// The bytes of base64 without padding.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    for group in text.as_bytes().chunks(4) {
        let bits = group.iter().try_fold(0u32, |bits, &letter| Some(bits << 6 | u32::from(digit(letter)?)))?;
        let group_bytes = (bits << (6 * (4 - group.len()))).to_be_bytes();
        bytes.extend_from_slice(&group_bytes[1..group.len()]);
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn encode(bytes: &[u8]) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let group = |group: &[u8]| {
            let bits = group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
            let digits = (0..=group.len()).map(move |at| DIGITS[(bits >> (18 - 6 * at) & 63) as usize] as char);
            digits.collect::<String>()
        };
        bytes.chunks(3).map(group).collect()
    }

    fn tokenizer(length: u32, units: &[u32], texts: &[u8]) -> String {
        let units: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let table = encode(&[&length.to_le_bytes()[..], &units, texts].concat());
        format!(r#"{{"normalizer":{{"type":"Sequence","normalizers":[{{"type":"Precompiled","{KEY}":"{table}"}}]}}}}"#)
    }

    #[test]
    fn a_table_that_claims_more_than_it_has_is_refused() {
        let sound = tokenizer(1024, &[0; 256], b"a\0");
        check_character_map(sound.as_bytes()).unwrap();
        for damaged in [
            tokenizer(u32::MAX, &[0; 256], b"a\0"),
            tokenizer(1024, &[0; 255], b""),
            tokenizer(1022, &[0; 256], b""),
            tokenizer(1024, &[1 << 20; 256], b""),
            tokenizer(1024, &[1 << 8 | 1 << 11; 256], b"a\0"),
            tokenizer(1024, &[0; 256], b"\xFF"),
            tokenizer(1024, &[0; 256], b"").replace("AAAA", "****"),
        ] {
            assert!(check_character_map(damaged.as_bytes()).is_err(), "{damaged}");
        }
    }

    #[test]
    fn other_tokenizers_are_let_through() {
        for tokenizer in ["{}", r#"{"normalizer":null}"#, r#"{"normalizer":{"type":"NFC"}}"#, "no JSON"] {
            check_character_map(tokenizer.as_bytes()).unwrap();
        }
    }
}
