//! The cleaning of a text before OpenAI's CLIP splits it into words: repairs of ftfy (<https://ftfy.readthedocs.io>), HTML entities,
//! white space, capitals.
//!
//! Of ftfy one repair is left out: text that was decoded with the wrong character set ("mojibake") stays as it is. No chat sends
//! such text, and guessing may spoil good text.

use unicode_normalization::UnicodeNormalization;

use super::html_entities::{self, windows_1252};

/// The text as CLIP's tokenizer splits it into words.
pub(super) fn clean(text: &str) -> String {
    let repaired = repair(text);
    let unescaped = html_entities::unescape(&html_entities::unescape(&repaired));
    let words: Vec<&str> = unescaped.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// ftfy's `fix_text`, line by line: after the first "<" a text is taken for HTML, and its entities are left alone.
fn repair(text: &str) -> String {
    let mut is_html = false;
    let mut repaired = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        is_html |= line.contains('<');
        repaired.push_str(&repair_line(line, is_html));
    }
    repaired
}

/// Repairs until nothing changes any more: one repair may bring to light what the next one is for.
fn repair_line(line: &str, is_html: bool) -> String {
    let mut line = line.to_string();
    loop {
        let unescaped = if is_html { line.clone() } else { html_entities::unescape_whole(&line) };
        let plain: String = unescaped.chars().flat_map(replacement).collect();
        let plain = plain.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
        let plain = without_terminal_escapes(&plain);
        let next: String = plain.chars().filter(|&c| !is_control(c)).nfc().collect();
        if next == line {
            return next;
        }
        line = next;
    }
}

/// Replacements of single characters: Windows characters for C1 controls, letters for ligatures, normal width, straight quotes.
fn replacement(c: char) -> impl Iterator<Item = char> {
    let c = windows_1252(c);
    let letters = ligature(c);
    let single = letters.is_empty().then(|| straight(normal_width(c)));
    letters.chars().map(straight).chain(single)
}

/// Latin letters that are one character for typographical or historical reasons; empty for all others.
fn ligature(c: char) -> &'static str {
    match c {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "ʼn",
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        _ => "",
    }
}

/// Full-width Latin, half-width katakana and hangul in their usual width; the ideographic space as a space.
fn normal_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ffef}' => std::iter::once(c).nfkc().next().unwrap_or(c),
        _ => c,
    }
}

fn straight(c: char) -> char {
    match c {
        '\u{02bc}' | '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        _ => c,
    }
}

/// Without the sequences that colour a terminal: escape, "[", numbers and semicolons, a letter.
fn without_terminal_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c == ';' || c.is_ascii_digit());
        match rest.strip_prefix(|c: char| c.is_ascii_alphabetic()) {
            Some(rest) => plain.push_str(rest),
            None => plain.extend(["[", part]),
        }
    }
    plain
}

/// Control characters other than white space.
fn is_control(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_capitals_and_quotes_are_evened_out() {
        assert_eq!(clean("  “Fox”\u{3000}and\t\r\n‘HARE’ "), "\"fox\" and 'hare'");
        assert_eq!(clean("ΟΔΟΣ ЁЖИК"), "οδος ёжик", "the final sigma has its own form");
        assert_eq!(clean("ｆｕｌｌ ｶﾞ ﬁne ŉ"), "full ガ fine 'n");
        assert_eq!(clean("cafe\u{301} \u{93}x\u{94}"), "café \"x\"");
        assert_eq!(clean("\u{1b}[31;1mred\u{1b}[0m a\u{0}b\u{feff}c \u{1b}[?"), "red abc [?");
    }

    #[test]
    fn entities_are_read_unless_the_text_is_html_and_then_twice_all_the_same() {
        assert_eq!(clean("salt &amp; pepper"), "salt & pepper");
        assert_eq!(clean("&amp;amp;amp;amp;lt;"), "<", "the repair goes on until nothing changes");
        assert_eq!(clean("<b> &amp;amp;amp;lt;"), "<b> &amp;lt;", "in HTML two levels are read");
        assert_eq!(clean("one\n<br>\n&amp;amp;amp;lt;"), "one <br> &amp;lt;", "and so in every later line");
        assert_eq!(clean("&amp;amp;amp;amp;lt;\n<br>"), "< <br>", "but not before");
        assert_eq!(clean("&lt;b&gt; &amp;amp;amp;amp;amp;"), "<b> &", "what an entity stands for is no HTML");
    }
}
