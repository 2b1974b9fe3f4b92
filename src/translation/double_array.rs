//! A double-array trie as Darts-clone writes it (<https://github.com/s-yata/darts-clone>): SentencePiece compiles its table of
//! replacements to one.

/// Keys of bytes, each with a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct DoubleArray(Vec<u32>);

impl DoubleArray {
    /// The units of the array, four bytes each; `None` if there are no whole ones.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (units, []) = bytes.as_chunks::<4>() else { return None };
        (!units.is_empty()).then(|| Self(units.iter().map(|unit| u32::from_le_bytes(*unit)).collect()))
    }

    /// The longest key that `text` begins with: its length and its value.
    pub(super) fn longest_prefix(&self, text: &[u8]) -> Option<(usize, u32)> {
        let mut place = offset(*self.0.first()?);
        let mut found = None;
        for (index, &byte) in text.iter().enumerate() {
            place ^= usize::from(byte);
            let Some(&unit) = self.0.get(place).filter(|&&unit| label(unit) == u32::from(byte)) else { break };
            place ^= offset(unit);
            if has_value(unit)
                && let Some(&value) = self.0.get(place)
            {
                found = Some((index + 1, value & 0x7fff_ffff));
            }
        }
        found
    }
}

fn has_value(unit: u32) -> bool {
    unit >> 8 & 1 == 1
}

/// The byte of a unit; of one that holds a value, more than a byte.
fn label(unit: u32) -> u32 {
    unit & 0x8000_00ff
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}
