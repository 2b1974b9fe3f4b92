//! Where flags stand in a text: behind two hyphens, or behind the long dash that phones make of them; and the lines that begin
//! with «Без:».
//!
//! A long dash is a flag's only before the name of a flag. Anything else behind it is a part of the sentence.

use crate::conversation::flag::Flag;
use crate::i18n::Language;

/// A text without the lines after the first that say what shall not be there, and what those lines name.
pub(super) fn without_negative_lines(text: &str) -> (String, Vec<String>) {
    let (mut kept, mut negatives) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        match negative_of(line.trim()).filter(|_| number > 0) {
            Some(negative) => negatives.push(negative.to_owned()),
            None => kept.push(line),
        }
    }
    (kept.join("\n"), negatives)
}

/// What a line such as «Без: вода» names. A line with a hyphen is one of a list, and so a part of the prompt.
fn negative_of(line: &str) -> Option<&str> {
    let lower = line.to_lowercase();
    let words = Language::ALL.map(|language| language.text("negative-line").to_lowercase());
    let word = words.iter().find(|word| lower.starts_with(word.as_str()))?;
    // The words have as many letters in either case.
    let rest = line.char_indices().nth(word.chars().count()).map(|(at, _)| line[at..].trim());
    rest.filter(|rest| !rest.is_empty())
}

/// The text before the first flag, then each flag: its name without dashes, and its value. `has_value` says whether a flag can
/// have a value.
pub(super) fn split_at_flags(text: &str, has_value: impl Fn(Flag, &str) -> bool) -> (&str, Vec<(&str, &str)>) {
    let (mut flags, mut after_space) = (Vec::new(), true);
    for (at, letter) in text.char_indices() {
        if after_space {
            flags.extend(dashes_of_flag(text, at, &has_value).map(|dashes| (at, at + dashes)));
        }
        after_space = letter.is_whitespace();
    }
    let ends: Vec<usize> = flags.iter().map(|(dashes, _)| *dashes).chain([text.len()]).collect();
    let pieces = flags.iter().zip(&ends[1..]).map(|((_, name), end)| &text[*name..*end]);
    (text[..ends[0]].trim(), pieces.map(name_and_value).collect())
}

fn name_and_value(piece: &str) -> (&str, &str) {
    let (name, value) = piece.split_once(char::is_whitespace).unwrap_or((piece, ""));
    (name, value.trim())
}

/// The same text with the first flag of this misspelt name called by its right one; `None` if there is none.
pub(super) fn with_name(text: &str, misspelt: &str, flag: Flag) -> Option<String> {
    ["--", "—", "–"].into_iter().find_map(|dashes| {
        let at = text.find(&format!("{dashes}{misspelt}"))?;
        let (before, after) = (&text[..at], &text[at + dashes.len() + misspelt.len()..]);
        let is_whole = !after.starts_with(char::is_alphanumeric);
        is_whole.then(|| format!("{before}--{}{after}", flag.name()))
    })
}

/// How many bytes of dashes stand before a flag's name here; `None` if this is no flag.
fn dashes_of_flag(text: &str, at: usize, has_value: impl Fn(Flag, &str) -> bool) -> Option<usize> {
    let rest = &text[at..];
    if let Some(rest) = rest.strip_prefix("--") {
        return rest.starts_with(char::is_alphabetic).then_some(2);
    }
    let dash = rest.chars().next().filter(|dash| matches!(dash, '—' | '–'))?;
    let (name, value) = name_and_value(&rest[dash.len_utf8()..]);
    let is_meant = Flag::parse(name).is_some() || (!text[..at].trim().is_empty() && is_slip(name, value, has_value));
    is_meant.then_some(dash.len_utf8())
}

/// Whether a flag was meant whose name has a slip in it: one of the long names, with a value that it can have.
fn is_slip(name: &str, value: &str, has_value: impl Fn(Flag, &str) -> bool) -> bool {
    const LONG: usize = 4;
    let first_word = value.split_whitespace().next().unwrap_or_default();
    Flag::nearest(name)
        .is_some_and(|flag| flag.name().len() >= LONG && [first_word, value].iter().any(|value| has_value(flag, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (&str, Vec<(&str, &str)>) {
        split_at_flags(text, |flag, value| match flag {
            Flag::Style => matches!(value, "anime" | "oil painting"),
            _ => value.parse::<u32>().is_ok(),
        })
    }

    fn names(text: &str) -> Vec<&str> {
        split(text).1.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn flags_are_told_from_dashes_in_a_sentence() {
        assert_eq!(split("кот --ar 16:9 --no a b"), ("кот", vec![("ar", "16:9"), ("no", "a b")]));
        assert_eq!(split("кот —seed 7 –ar 1:1"), ("кот", vec![("seed", "7"), ("ar", "1:1")]));
        for text in [
            "кот — мой друг",
            "кот -- пёс",
            "жили-были",
            "a —весна",
            "2-3 яблока",
            "кот, —",
            "a cat —sitting on a mat",
            "—Hello",
            "dusk —so quiet",
            "a step —steep as a wall",
            "dawn —need I say more",
            "–a whisper",
        ] {
            assert_eq!(split(text), (text, Vec::new()));
        }
    }

    #[test]
    fn a_slip_in_a_flag_is_still_a_flag_where_its_value_is_one() {
        assert_eq!(names("кот —sed 7"), ["sed"]);
        assert_eq!(names("a cat —stlye oil painting"), ["stlye"]);
        assert_eq!(names("—sed 7"), [""; 0], "nothing stands before it");
        assert_eq!(names("a cat --sitting"), ["sitting"], "two hyphens are always a flag");
    }

    #[test]
    fn only_the_advertised_line_is_taken_out() {
        let taken = |text: &str| without_negative_lines(text);
        assert_eq!(
            taken("кот\nБез: шляпы\nБЕЗ: усов"),
            ("кот".to_owned(), vec!["шляпы".to_owned(), "усов".to_owned()])
        );
        for text in ["still life:\n- an apple\n- a pear", "без: кота", "a cat\n-hat", "кот\nБез:", "кот\nбез шляпы"]
        {
            assert_eq!(taken(text), (text.to_owned(), Vec::new()));
        }
    }
}
