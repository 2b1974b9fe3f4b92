//! Damage to bytes and to JSON.

use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Number, Value};

/// Values that programs tend not to expect.
const NUMBERS: [f64; 12] = [0.0, -1.0, 1.0, 2.0, 8.0, 1e3, 65_537.0, 1e9, 4e9, 1e12, 1e300, -1e300];
const BYTES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'\n'];

/// The bytes with a few of them changed, doubled, moved or cut off.
pub(super) fn damaged(random: &mut impl Rng, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.random_range(1..=8) {
        if bytes.is_empty() {
            break;
        }
        // Formats keep what matters at the beginning.
        let end = if random.random_bool(0.5) { bytes.len().min(256) } else { bytes.len() };
        let at = random.random_range(0..end);
        match random.random_range(0..6) {
            0 => bytes[at] = random.random(),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => bytes[at] = *BYTES.choose(random).unwrap(),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..bytes.len().min(at + 64)].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => drop(bytes.drain(at..bytes.len().min(at + random.random_range(1..64)))),
        }
    }
    bytes
}

/// Changes one value somewhere in the document.
pub(super) fn change_one(random: &mut impl Rng, value: &mut Value) {
    match value {
        Value::Object(fields) if !fields.is_empty() && random.random_bool(0.9) => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            let key = keys.choose(random).unwrap();
            if random.random_bool(0.1) {
                fields.remove(key);
            } else {
                change_one(random, &mut fields[key.as_str()]);
            }
        }
        Value::Array(items) if !items.is_empty() && random.random_bool(0.9) => {
            let at = random.random_range(0..items.len());
            match random.random_range(0..8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => change_one(random, &mut items[at]),
            }
        }
        _ => *value = other(random),
    }
}

fn other(random: &mut impl Rng) -> Value {
    match random.random_range(0..6) {
        0 => Value::Null,
        1 => Value::Bool(random.random()),
        2 => Value::String("x".repeat(random.random_range(0..10_000))),
        3 => Value::Array(Vec::new()),
        _ => {
            let number = *NUMBERS.choose(random).unwrap();
            match random.random_bool(0.5) {
                true => Value::from(number as i64),
                false => Number::from_f64(number).map_or(Value::Null, Value::Number),
            }
        }
    }
}
