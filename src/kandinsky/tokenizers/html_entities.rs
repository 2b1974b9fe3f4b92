//! HTML character references, as Python's `html.unescape` and ftfy's `unescape_html` read them.

use htmlize::ENTITIES;

/// The longest name of an entity, characters.
const LONGEST: usize = 32;

/// Every reference once, as browsers read them: semicolons may be missing where old entities allow it.
pub(super) fn unescape(text: &str) -> String {
    replace(text, |rest| match rest.strip_prefix('#') {
        Some(number) => numeric(number).map(|(replacement, used)| (replacement, used + 1)),
        None => named(rest),
    })
}

/// Only references that are whole: with a semicolon, and also where a name was put in capitals.
pub(super) fn unescape_whole(text: &str) -> String {
    replace(text, |rest| {
        let (body, _) = rest.split_once(';')?;
        let used = body.len() + 1;
        let name = body.strip_prefix('#').unwrap_or(body);
        if !(1..=24).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        if name.len() < body.len() {
            let (replacement, read) = numeric(name)?;
            // A semicolon is left in doubt.
            return (read == name.len() && replacement != ";").then_some((replacement, used));
        }
        let entity = rest.get(..used)?;
        let value = lookup(entity).map(str::to_string).or_else(|| capitals(entity));
        value.map(|value| (value, used))
    })
}

/// Replaces what follows a "&" by what `read` makes of it, with the bytes that it used.
fn replace(text: &str, read: impl Fn(&str) -> Option<(String, usize)>) -> String {
    let mut parts = text.split('&');
    let mut replaced = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let found = read(part).and_then(|(replacement, used)| Some((replacement, part.get(used..)?)));
        match found {
            Some((replacement, rest)) => replaced.extend([replacement.as_str(), rest]),
            None => replaced.extend(["&", part]),
        }
    }
    replaced
}

/// `name` and its semicolon, if it has one, without "&".
fn lookup(name: &str) -> Option<&'static str> {
    let value = ENTITIES.get(format!("&{name}").as_bytes())?;
    std::str::from_utf8(value).ok()
}

/// The longest beginning that is a name.
fn named(rest: &str) -> Option<(String, usize)> {
    let ends = |c: char| matches!(c, '\t' | '\n' | '\u{c}' | ' ' | '<' | '&' | '#' | ';');
    let body: String = rest.chars().take_while(|&c| !ends(c)).take(LONGEST).collect();
    let semicolon = usize::from(rest[body.len()..].starts_with(';'));
    let longest = body.len() + semicolon;
    let lengths = (2..=longest).rev().filter(|&length| rest.is_char_boundary(length));
    let mut names = lengths.map(|length| &rest[..length]);
    names.find_map(|name| lookup(name).map(|value| (value.to_string(), name.len())))
}

/// The value of an entity in capitals that no standard knows, such as "NTILDE;": that of its small twin, in capitals.
fn capitals(entity: &str) -> Option<String> {
    let is_capital = !entity.bytes().any(|byte| byte.is_ascii_lowercase());
    if !is_capital || named(entity).is_some() {
        return None;
    }
    lookup(&entity.to_ascii_lowercase()).map(str::to_uppercase)
}

/// Decodes the text after "&#": the character, and the bytes used. Numbers that stand for no character vanish.
fn numeric(rest: &str) -> Option<(String, usize)> {
    let (digits, radix, prefix) = match rest.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (rest, 10, 0),
    };
    let length = digits.bytes().take_while(|&byte| char::from(byte).is_digit(radix)).count();
    if length == 0 {
        return None;
    }
    // A number too large for u32 is beyond Unicode anyway.
    let number = u32::from_str_radix(&digits[..length], radix).unwrap_or(u32::MAX);
    let used = prefix + length + usize::from(digits[length..].starts_with(';'));
    let replacement = match char::from_u32(number) {
        None | Some('\0') => char::REPLACEMENT_CHARACTER.to_string(),
        Some(c @ ('\r' | '\u{80}'..='\u{9f}')) => windows_1252(c).to_string(),
        Some(c) if is_no_character(c) => String::new(),
        Some(c) => c.to_string(),
    };
    Some((replacement, used))
}

/// Control characters but white space, and code points that Unicode promises never to use.
fn is_no_character(c: char) -> bool {
    matches!(c, '\u{1}'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The character that Windows-1252 has in the place of a C1 control character, where it has one.
pub(super) fn windows_1252(c: char) -> char {
    const C1: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let index = u32::from(c).checked_sub(0x80);
    index.and_then(|index| C1.get(index as usize)).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every expectation is what Python 3.11 prints for `html.unescape(…)`.
    #[test]
    fn references_are_read_as_python_does() {
        for (text, expected) in [
            ("&lt;b&gt; &eacute;&copy &notit; &notin;", "<b> é© ¬it; ∉"),
            ("&#1055;&#x41f;&#X41f &#65x &#; &#x;", "ППП Ax &#; &#x;"),
            ("&#0;&#128;&#x81;&#1;&#xffff;&#xd800;&#99999999999;", "\u{fffd}€\u{81}\u{fffd}\u{fffd}"),
            ("&amp;lt; && & &; &q; &ampere", "&lt; && & &; &q; &ere"),
            ("&CounterClockwiseContourIntegral;&ngE;", "∳≧\u{338}"),
        ] {
            assert_eq!(unescape(text), expected, "{text}");
        }
    }

    /// Every expectation is what ftfy 6.3 gives for `unescape_html(…)`.
    #[test]
    fn only_whole_references_are_repaired() {
        for (text, expected) in [
            ("&lt;b&gt; &copy this&not that", "<b> &copy this&not that"),
            ("P&EACUTE;REZ &SZLIG; &ntilde; &Ntilde; &NTILDE; &nTILDE;", "PÉREZ SS ñ Ñ Ñ &nTILDE;"),
            ("&#9731; &#x2603; &#59; &#abc; &#12x;", "☃ ☃ &#59; &#abc; &#12x;"),
        ] {
            assert_eq!(unescape_whole(text), expected, "{text}");
        }
    }
}
