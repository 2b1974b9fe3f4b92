//! From a text to words, in all the spellings that a word may stand for.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text as words; of each word all the spellings that it may stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading(pub(super) Vec<Vec<String>>);

/// So many letters alone, one after another, are a word that was pulled apart.
const PULLED_APART: usize = 3;

impl Reading {
    /// The text word by word, and, if letters stand alone in it, once more with them put together.
    pub(super) fn of(text: &str) -> Vec<Self> {
        let words = words(text);
        let joined = joined(&words);
        let is_other = joined != words;
        let reading = |words: Vec<String>| Self(words.iter().map(|word| spellings(word)).collect());
        let mut readings = vec![reading(words)];
        if is_other {
            readings.push(reading(joined));
        }
        readings
    }
}

/// Lower-case words without accents and invisible characters; ё is е.
pub(super) fn words(text: &str) -> Vec<String> {
    let text: String = text.nfkc().collect::<String>().to_lowercase().nfc().filter_map(plain).collect();
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '@' | '$');
    let words = text.split(|letter| !is_part(letter)).filter(|word| word.chars().any(char::is_alphanumeric));
    words.map(str::to_owned).collect()
}

fn plain(letter: char) -> Option<char> {
    match letter {
        'ё' => Some('е'),
        // Soft hyphens, joiners and other marks that nobody sees.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => None,
        letter if is_combining_mark(letter) => None,
        // é and the like.
        '\u{c0}'..='\u{24f}' => std::iter::once(letter).nfd().next(),
        letter => Some(letter),
    }
}

/// The words, with letters that stand alone put together.
fn joined(words: &[String]) -> Vec<String> {
    let is_alone = |word: &String| word.chars().count() == 1;
    let mut result = Vec::new();
    let mut rest = words;
    while let Some(first) = rest.first() {
        let alone = rest.iter().take_while(|word| is_alone(word)).count();
        if alone >= PULLED_APART {
            result.push(rest[..alone].concat());
            rest = &rest[alone..];
        } else {
            result.push(first.clone());
            rest = &rest[1..];
        }
    }
    result
}

/// A word as it is, without letters that were drawn out, with figures read as letters, and in one alphabet.
fn spellings(word: &str) -> Vec<String> {
    let mut spellings = vec![word.to_owned()];
    let mut add = |spelling: String| {
        if !spellings.contains(&spelling) {
            spellings.push(spelling);
        }
    };
    let (cyrillic, latin) = (word.chars().any(is_cyrillic), word.chars().any(|letter| letter.is_ascii_alphabetic()));
    let has_figures = word.chars().any(|letter| !letter.is_alphabetic());
    add(squeezed(word));
    if cyrillic && (latin || has_figures) {
        add(squeezed(&word.chars().map(as_cyrillic).collect::<String>()));
    }
    if latin && (cyrillic || has_figures) {
        add(squeezed(&word.chars().map(as_latin).collect::<String>()));
    }
    spellings
}

/// Three and more of the same letter become one.
fn squeezed(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let runs = letters.chunk_by(|one, other| one == other);
    runs.flat_map(|run| if run.len() >= 3 { &run[..1] } else { run }).collect()
}

fn is_cyrillic(letter: char) -> bool {
    ('а'..='я').contains(&letter)
}

/// What a Latin letter or a figure looks like among Cyrillic ones.
fn as_cyrillic(letter: char) -> char {
    match letter {
        'a' | '@' => 'а',
        'b' => 'в',
        'c' | '$' => 'с',
        'e' => 'е',
        'h' => 'н',
        'k' => 'к',
        'm' => 'м',
        'n' => 'п',
        'o' | '0' => 'о',
        'p' => 'р',
        'r' => 'г',
        't' => 'т',
        'u' => 'и',
        'x' => 'х',
        'y' => 'у',
        '3' => 'з',
        '4' => 'ч',
        '6' => 'б',
        other => other,
    }
}

/// What a Cyrillic letter or a figure looks like among Latin ones.
fn as_latin(letter: char) -> char {
    match letter {
        'а' | '4' | '@' => 'a',
        'в' => 'b',
        'с' => 'c',
        'е' | '3' => 'e',
        'н' => 'h',
        'к' => 'k',
        'м' => 'm',
        'о' | '0' => 'o',
        'р' => 'p',
        'т' | '7' => 't',
        'х' => 'x',
        'у' => 'y',
        '1' => 'i',
        '5' | '$' => 's',
        other => other,
    }
}
