//! Flags in the text for those who like them: `--ar 16:9 --no water --seed 42 --style anime --n 2 --steps 50 --strength 60
//! --iw 0.7`, and a line that begins with «Без:» for what shall not be there.
//!
//! Phones make a long dash out of two hyphens; before a Latin letter it counts as a flag too. What looks like a flag and is
//! none is never silently drawn.

use crate::conversation::draft::{COUNT_MOST, STEPS_MOST};
use crate::conversation::style_names::style_by_name;
use crate::i18n::Language;
use crate::recipe::Ratio;
use crate::styles::Style;

/// A text and what its flags say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Flagged {
    /// The text without them.
    pub(super) prompt: String,
    /// `--ar`.
    pub(super) ratio: Option<Ratio>,
    /// `--no`, or a line that begins with «Без:».
    pub(super) negative: Option<String>,
    /// `--seed`.
    pub(super) seed: Option<u64>,
    /// `--style`.
    pub(super) style: Option<Style>,
    /// `--n`.
    pub(super) count: Option<u32>,
    /// `--steps`.
    pub(super) steps: Option<u32>,
    /// `--iw`: the picture's share in a mix, in percent.
    pub(super) picture_share: Option<u32>,
    /// `--strength`, in percent.
    pub(super) strength: Option<u32>,
}

/// What is wrong with a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FlagError {
    /// There is no such flag.
    Unknown {
        /// As it was written, without dashes.
        name: String,
        /// The one that was meant, perhaps.
        nearest: Option<&'static str>,
    },
    /// Its value can not be.
    Value {
        /// The flag.
        name: &'static str,
        /// As it was written.
        value: String,
    },
}

const NAMES: [&str; 8] = ["ar", "no", "seed", "style", "n", "steps", "iw", "strength"];
/// Other words for the same.
const ALIASES: [(&str, &str); 5] =
    [("count", "n"), ("negative", "no"), ("aspect", "ar"), ("repeat", "n"), ("ratio", "ar")];

/// Reads the flags in a text.
///
/// # Errors
/// [`FlagError`] for the first flag that can not be understood.
pub(super) fn parse(text: &str) -> Result<Flagged, FlagError> {
    let mut flagged = Flagged::default();
    let text = take_negative_line(text, &mut flagged);
    let mut pieces = split_at_flags(&text).into_iter();
    flagged.prompt = pieces.next().unwrap_or_default().trim().to_owned();
    for piece in pieces {
        let (name, value) = piece.split_once(char::is_whitespace).unwrap_or((piece, ""));
        take_flag(name, value.trim(), &mut flagged)?;
    }
    Ok(flagged)
}

/// Takes a second line such as «Без: вода» or «- вода» out of the text.
fn take_negative_line(text: &str, flagged: &mut Flagged) -> String {
    let mut kept = Vec::new();
    for (number, line) in text.lines().enumerate() {
        match negative_of(line.trim()).filter(|_| number > 0) {
            Some(negative) => flagged.negative = Some(negative.to_owned()),
            None => kept.push(line),
        }
    }
    kept.join("\n")
}

fn negative_of(line: &str) -> Option<&str> {
    let lower = line.to_lowercase();
    let words = Language::ALL.map(|language| language.text("negative-line").to_lowercase());
    let word = words.iter().find(|word| lower.starts_with(word.as_str()));
    // The words have as many letters in either case.
    let rest = match word {
        Some(word) => line.char_indices().nth(word.chars().count()).map(|(at, _)| &line[at..]),
        None => line.strip_prefix('-').filter(|rest| !rest.starts_with('-')),
    };
    rest.map(str::trim).filter(|rest| !rest.is_empty())
}

/// The text before the first flag, then each flag without its dashes.
fn split_at_flags(text: &str) -> Vec<&str> {
    let (mut flags, mut after_space) = (Vec::new(), true);
    for (at, letter) in text.char_indices() {
        if after_space {
            flags.extend(dashes_of_flag(&text[at..]).map(|dashes| (at, at + dashes)));
        }
        after_space = letter.is_whitespace();
    }
    let ends: Vec<usize> = flags.iter().map(|(dashes, _)| *dashes).chain([text.len()]).collect();
    let names = flags.iter().zip(&ends[1..]).map(|((_, name), end)| &text[*name..*end]);
    std::iter::once(&text[..ends[0]]).chain(names).collect()
}

/// How many bytes of dashes stand before a flag's name here; `None` if this is no flag.
fn dashes_of_flag(text: &str) -> Option<usize> {
    let is_name = |rest: &str, latin_only: bool| {
        rest.chars()
            .next()
            .is_some_and(|letter| letter.is_ascii_alphabetic() || (!latin_only && letter.is_alphabetic()))
    };
    if let Some(rest) = text.strip_prefix("--") {
        return is_name(rest, false).then_some(2);
    }
    let dash = text.chars().next().filter(|dash| matches!(dash, '—' | '–'))?;
    is_name(&text[dash.len_utf8()..], true).then_some(dash.len_utf8())
}

fn take_flag(name: &str, value: &str, flagged: &mut Flagged) -> Result<(), FlagError> {
    let lower = name.to_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower).map(|(_, name)| *name);
    let Some(known) = NAMES.into_iter().find(|known| *known == lower).or(alias) else {
        return Err(FlagError::Unknown { name: name.to_owned(), nearest: nearest(&lower) });
    };
    let bad = || FlagError::Value { name: known, value: value.to_owned() };
    match known {
        "ar" => flagged.ratio = Some(value.parse().map_err(|_| bad())?),
        "no" if value.is_empty() => return Err(bad()),
        "no" => flagged.negative = Some(value.to_owned()),
        "seed" => flagged.seed = Some(value.parse().map_err(|_| bad())?),
        "style" => flagged.style = Some(style_by_name(value).ok_or_else(bad)?),
        "n" => flagged.count = Some(number(value, 1, COUNT_MOST).ok_or_else(bad)?),
        "steps" => flagged.steps = Some(number(value, 1, STEPS_MOST).ok_or_else(bad)?),
        "iw" => flagged.picture_share = Some(percent(value).ok_or_else(bad)?),
        _ => flagged.strength = Some(percent(value).ok_or_else(bad)?),
    }
    Ok(())
}

fn number(value: &str, least: u32, most: u32) -> Option<u32> {
    value.parse().ok().filter(|number| (least..=most).contains(number))
}

/// A share as `0.7`, `0,7` or `70` or `70%`: 1 to 100 percent.
fn percent(value: &str) -> Option<u32> {
    let number: f64 = value.trim_end_matches('%').replace(',', ".").parse().ok()?;
    let percent = if number <= 1.0 && !value.ends_with('%') { number * 100.0 } else { number };
    (1.0..=100.0).contains(&percent).then(|| percent.round() as u32)
}

fn nearest(name: &str) -> Option<&'static str> {
    NAMES
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Flagged {
        parse(text).unwrap()
    }

    #[test]
    fn every_flag_is_read() {
        let all = read(
            "кот в шляпе --ar 16:9 --no вода, снег --seed 42 --style anime --n 2 --steps 50 --iw 0.7 --strength 60%",
        );
        assert_eq!(all.prompt, "кот в шляпе");
        assert_eq!(all.ratio.unwrap().to_string(), "16:9");
        assert_eq!(all.negative.as_deref(), Some("вода, снег"));
        assert_eq!((all.seed, all.count, all.steps), (Some(42), Some(2), Some(50)));
        assert_eq!((all.picture_share, all.strength), (Some(70), Some(60)));
        assert_eq!(all.style, Some("anime".parse().unwrap()));
    }

    #[test]
    fn a_phone_writes_long_dashes() {
        assert_eq!(read("кот —seed 7 –ar 1:1").seed, Some(7));
        for text in ["кот — мой друг", "кот -- пёс", "жили-были", "a —весна", "2-3 яблока", "кот, —"]
        {
            assert_eq!(read(text).prompt, text, "a dash in a sentence is no flag");
        }
    }

    #[test]
    fn a_second_line_may_say_what_shall_not_be_there() {
        let two = read("кот\nБез: шляпы, усов");
        assert_eq!((two.prompt.as_str(), two.negative.as_deref()), ("кот", Some("шляпы, усов")));
        assert_eq!(read("a cat\n- hats").negative.as_deref(), Some("hats"));
        assert_eq!(read("без: кота").prompt, "без: кота", "the first line is the prompt");
        assert_eq!(read("кот\nсобака").prompt, "кот\nсобака");
    }

    #[test]
    fn an_unknown_flag_is_never_drawn() {
        let unknown = |name: &str, nearest| FlagError::Unknown { name: name.to_owned(), nearest };
        assert_eq!(parse("кот --sed 4"), Err(unknown("sed", Some("seed"))));
        assert_eq!(parse("кот --chaos 4"), Err(unknown("chaos", None)));
        assert_eq!(parse("кот --сид 4"), Err(unknown("сид", None)));
        for (text, name) in [("a --seed x", "seed"), ("a --n 9", "n"), ("a --ar 1:9", "ar"), ("a --style foo", "style")]
        {
            assert!(matches!(parse(text), Err(FlagError::Value { name: found, .. }) if found == name), "{text}");
        }
    }
}
