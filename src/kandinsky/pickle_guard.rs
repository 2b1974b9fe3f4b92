//! Refuses a pickle that names anything but tensors and the containers they come in.
//!
//! Nothing is executed here or by the reader that follows; the refusal tells a person that the file would have run code
//! elsewhere. Opcodes: CPython's `Lib/pickletools.py`.

/// Modules and names that a state dict needs.
const KNOWN: [(&str, &str); 9] = [
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch", "FloatStorage"),
    ("torch", "HalfStorage"),
    ("torch", "BFloat16Storage"),
    ("torch", "DoubleStorage"),
    ("torch", "LongStorage"),
    ("torch", "ByteStorage"),
];

/// Reads all opcodes of a pickle, up to its `STOP`.
///
/// # Errors
/// A line that tells what the pickle holds besides tensors, or that it is cut short.
pub(super) fn check(pickle: &[u8]) -> Result<(), String> {
    let mut rest = pickle;
    loop {
        match take(&mut rest, 1)?[0] {
            b'.' => return Ok(()),
            b'c' => {
                let (module, name) = (line(&mut rest)?, line(&mut rest)?);
                if !KNOWN.contains(&(module, name)) {
                    return Err(format!(
                        "the pickle calls {module}.{name}; only tensors are read, nothing was executed"
                    ));
                }
            }
            b'X' => {
                let length = take(&mut rest, 4)?.iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
                take(&mut rest, length)?;
            }
            // Long1: its length, then as many bytes.
            0x8a => {
                let length = usize::from(take(&mut rest, 1)?[0]);
                take(&mut rest, length)?;
            }
            code => {
                take(&mut rest, fixed_argument(code)?)?;
            }
        }
    }
}

/// Bytes that follow an opcode of fixed length.
fn fixed_argument(code: u8) -> Result<usize, String> {
    match code {
        b')' | b'R' | b'(' | b't' | b'Q' | b'N' | b's' | b'u' | b'}' | b'b' | b']' | b'a' | b'e' => Ok(0),
        // Tuples of one to three, true, false.
        0x85..=0x89 => Ok(0),
        // Protocol, small numbers and small places in the memo.
        0x80 | b'q' | b'K' | b'h' => Ok(1),
        b'M' => Ok(2),
        b'r' | b'J' | b'j' => Ok(4),
        b'G' => Ok(8),
        _ => Err(format!("the pickle has the opcode {code:#04x}, which no tensor needs; nothing was executed")),
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], String> {
    let (taken, left) = rest.split_at_checked(length).ok_or("the pickle is cut short; fetch the file again")?;
    *rest = left;
    Ok(taken)
}

fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a str, String> {
    let length = rest.iter().position(|&byte| byte == b'\n').ok_or("the pickle is cut short; fetch the file again")?;
    let taken = take(rest, length + 1)?;
    std::str::from_utf8(&taken[..length]).map_err(|_| "the pickle names something that is not text".to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_state_dict_is_let_through() {
        check(b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01.").unwrap();
    }

    #[test]
    fn a_pickle_that_calls_the_system_is_refused_by_name() {
        let error = check(b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00id\x85R.").unwrap_err();
        assert!(error.contains("calls posix.system"), "{error}");
    }

    #[test]
    fn a_name_put_together_on_the_stack_is_refused() {
        let error = check(b"\x80\x04X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93.").unwrap_err();
        assert!(error.contains("opcode 0x93"), "{error}");
    }

    #[test]
    fn a_pickle_cut_short_is_told_so() {
        for pickle in [&b"\x80\x02}"[..], b"\x80\x02X\xff\xff\x00\x00a.", b"\x80\x02ccollections"] {
            assert!(check(pickle).unwrap_err().contains("cut short"));
        }
    }
}
