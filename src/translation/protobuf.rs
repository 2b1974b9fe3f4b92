//! The wire format of protocol buffers, as far as a SentencePiece model needs it.

/// A field of a message: its number and its value.
pub(super) type Field<'a> = (u64, Value<'a>);

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// A whole number or a truth value.
    Number(u64),
    /// Four bytes: of the fields that are read here, a 32-bit float.
    Float(f32),
    /// A text, bytes, or another message.
    Bytes(&'a [u8]),
    /// Eight bytes, which no field has that is read here.
    Other,
}

/// Reads the fields of a message one after another. After an error there is nothing more.
#[derive(Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

/// The message ends in the middle of a field, or has a type of field that there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no SentencePiece model, or was cut short")]
pub(super) struct Malformed;

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(Malformed)?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Result<Field<'a>, Malformed> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.bytes(8).map(|_| Value::Other)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.bytes(length)?)
            }
            5 => {
                let bytes = self.bytes(4)?.try_into().map_err(|_| Malformed)?;
                Value::Float(f32::from_le_bytes(bytes))
            }
            _ => return Err(Malformed),
        };
        Ok((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_order() {
        // 1: "кот", 2: 0.5 as a float, 3: 300, 4: eight bytes.
        let mut message = b"\x0a\x06".to_vec();
        message.extend("кот".as_bytes());
        message.extend([0x15, 0, 0, 0, 0x3f, 0x18, 0xac, 0x02, 0x21, 1, 2, 3, 4, 5, 6, 7, 8]);
        let fields: Result<Vec<_>, _> = Fields::of(&message).collect();
        let text = Value::Bytes("кот".as_bytes());
        let expected = vec![(1, text), (2, Value::Float(0.5)), (3, Value::Number(300)), (4, Value::Other)];
        assert_eq!(fields, Ok(expected));
    }

    #[test]
    fn what_is_cut_short_is_an_error_once() {
        for message in [&b"\x0a\x06abc"[..], b"\x15\0\0", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x0b"] {
            assert_eq!(Fields::of(message).collect::<Vec<_>>(), [Err(Malformed)], "{message:?}");
        }
    }
}
