//! Which texts are translated, and which parts of them stay as they are written: what is in quotes, hashtags, and names in Latin
//! letters.

/// Whether a text has more Cyrillic letters than Latin ones.
#[must_use]
pub fn is_cyrillic(text: &str) -> bool {
    let count = |is: fn(char) -> bool| text.chars().filter(|&letter| is(letter)).count();
    count(is_cyrillic_letter) > count(is_latin_letter)
}

pub(super) fn is_cyrillic_letter(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}')
        && letter.is_alphabetic()
}

fn is_latin_letter(letter: char) -> bool {
    letter.is_ascii_alphabetic()
        || (matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && letter.is_alphabetic())
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Stays as it is.
    Kept(&'a str),
    /// Is to be translated.
    Translated(&'a str),
}

/// The parts of a text in order; together they are the text. Without anything to keep, the part to translate is all of it but the
/// spaces around.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut place) = (0, 0);
    while let Some(letter) = text[place..].chars().next() {
        match kept_length(text, place) {
            0 => place += letter.len_utf8(),
            length => {
                let after_kept = !parts.is_empty();
                push_translated(&mut parts, &text[start..place], after_kept, true);
                parts.push(Part::Kept(&text[place..place + length]));
                place += length;
                start = place;
            }
        }
    }
    let after_kept = !parts.is_empty();
    push_translated(&mut parts, &text[start..], after_kept, false);
    parts
}

/// How much of the text from `place` on is to be kept as a whole; 0 for nothing.
fn kept_length(text: &str, place: usize) -> usize {
    let rest = &text[place..];
    let at_word = text[..place].chars().next_back().is_none_or(|before| !is_word(before));
    quoted(rest).or_else(|| hashtag(rest).filter(|_| at_word)).or_else(|| latin(rest).filter(|_| at_word)).unwrap_or(0)
}

/// The length of what stands in quotes at the beginning, the quotes among it.
fn quoted(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let closing: &[char] = match first {
        '«' => &['»'],
        '"' => &['"'],
        '“' => &['”'],
        '„' => &['“', '”'],
        _ => return None,
    };
    let inner = &text[first.len_utf8()..];
    let end = inner.find(closing)?;
    let close = inner[end..].chars().next()?;
    (!inner[..end].trim().is_empty() && !inner[..end].contains('\n'))
        .then_some(first.len_utf8() + end + close.len_utf8())
}

fn hashtag(text: &str) -> Option<usize> {
    let tag = text.strip_prefix('#')?;
    let length: usize = tag.chars().take_while(|&letter| is_word(letter)).map(char::len_utf8).sum();
    (length > 0).then_some(length + 1)
}

/// The length of a word in Latin letters: a name, `4k`, an address.
fn latin(text: &str) -> Option<usize> {
    let first = text.chars().next().filter(|&first| is_word(first) || first == '@')?;
    let end = text.find(|letter: char| letter.is_whitespace() || "«»“”„\"".contains(letter)).unwrap_or(text.len());
    let word = text[..end].trim_end_matches(|letter: char| !is_word(letter));
    let is_latin = word.chars().any(is_latin_letter) && !word.chars().any(is_cyrillic_letter);
    (is_latin && word.len() >= first.len_utf8()).then(|| word.len() + number(&text[word.len()..]))
}

/// The length of a number after a name, as in `Unreal Engine 5`, with the space before it.
fn number(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(' ') else { return 0 };
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let ends = rest[digits..].chars().next().is_none_or(|next| !is_word(next));
    if digits > 0 && ends { 1 + digits } else { 0 }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Adds a text between kept parts: what separates it from them stays, and so does all of it without a Cyrillic letter.
fn push_translated<'a>(parts: &mut Vec<Part<'a>>, text: &'a str, after_kept: bool, before_kept: bool) {
    if !text.chars().any(is_cyrillic_letter) {
        push_kept(parts, text);
        return;
    }
    let separates = |letter: char| letter.is_whitespace() || ",;:.!?…-–—()[]".contains(letter);
    let is_space = char::is_whitespace;
    let inner = if after_kept { text.trim_start_matches(separates) } else { text.trim_start_matches(is_space) };
    let start = text.len() - inner.len();
    let inner = if before_kept { inner.trim_end_matches(separates) } else { inner.trim_end_matches(is_space) };
    push_kept(parts, &text[..start]);
    parts.push(Part::Translated(inner));
    push_kept(parts, &text[start + inner.len()..]);
}

fn push_kept<'a>(parts: &mut Vec<Part<'a>>, text: &'a str) {
    if !text.is_empty() {
        parts.push(Part::Kept(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> Vec<&str> {
        let parts = parts(text);
        let all: String = parts
            .iter()
            .map(|part| match part {
                Part::Kept(text) | Part::Translated(text) => *text,
            })
            .collect();
        assert_eq!(all, text, "nothing is lost");
        parts
            .into_iter()
            .filter_map(|part| match part {
                Part::Translated(text) => Some(text),
                Part::Kept(_) => None,
            })
            .collect()
    }

    #[test]
    fn russian_texts_are_told_from_others() {
        for text in ["кот", "Кот в стиле Van Gogh", "кіт на даху", "ёж 4k", "чёрный cat"] {
            assert!(is_cyrillic(text), "{text}");
        }
        for text in ["", "  ", "a red apple", "😀🎉", "4k", "12345", "猫", "cat кот", "an icon «кот»"] {
            assert!(!is_cyrillic(text), "{text}");
        }
    }

    #[test]
    fn a_plain_text_is_translated_whole() {
        assert_eq!(translated(" Рыжий кот, сидит. На крыше! "), ["Рыжий кот, сидит. На крыше!"]);
        assert_eq!(translated("кот"), ["кот"]);
        assert_eq!(translated("😀 🎉"), [""; 0]);
        assert_eq!(translated(""), [""; 0]);
    }

    #[test]
    fn quotes_hashtags_and_names_stay() {
        assert_eq!(translated("вывеска «Хлеб», ночь"), ["вывеска", "ночь"]);
        assert_eq!(translated("надпись \"С новым годом\" на стене"), ["надпись", "на стене"]);
        assert_eq!(translated("надпись “Привет” и „Пока“"), ["надпись", "и"]);
        assert_eq!(translated("кот #котики #cats"), ["кот"]);
        assert_eq!(translated("портрет в стиле Van Gogh, 4k, закат"), ["портрет в стиле", "закат"]);
        assert_eq!(translated("Unreal Engine 5 и лес"), ["и лес"]);
        assert_eq!(translated("кот от @artist (studio Ghibli) на https://example.com/a?b=1."), ["кот от", "на"]);
    }

    #[test]
    fn half_a_quote_and_mixed_words_are_text() {
        assert_eq!(translated("кот 5\" ростом"), ["кот 5\" ростом"]);
        assert_eq!(translated("«кот без конца"), ["«кот без конца"]);
        assert_eq!(translated("3D-рендер кота"), ["3D-рендер кота"]);
        assert_eq!(translated("кот «» и # пёс"), ["кот «» и # пёс"]);
    }
}
