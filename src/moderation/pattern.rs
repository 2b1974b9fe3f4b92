//! The patterns that the lists are written in.
//!
//! A pattern is one word or several that follow each other. `word` is that word alone, `word*` every word that begins so,
//! and `stem{name}` the stem with each of the endings that the file gives under that name.

use std::collections::BTreeMap;

use super::spelling::{Reading, words};

/// Lists of endings by name.
pub(super) type Endings = BTreeMap<String, Vec<String>>;

/// Words that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<WordPattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum WordPattern {
    /// One of these words.
    Exact(Vec<String>),
    /// Every word that begins with one of these.
    Prefix(Vec<String>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str, endings: &Endings) -> Result<Self, String> {
        let words = text.split_whitespace().map(|word| WordPattern::parse(word, endings));
        let words: Vec<_> = words.collect::<Result<_, _>>()?;
        if words.is_empty() { Err("a pattern is empty".to_owned()) } else { Ok(Self(words)) }
    }

    /// Where the pattern stands in a text, as the numbers of its first word and of the one behind its last.
    pub(super) fn places<'a>(&'a self, reading: &'a Reading) -> impl Iterator<Item = (usize, usize)> + 'a {
        let length = self.0.len();
        let fits = move |start: &usize| {
            let words = &reading.0[*start..start + length];
            self.0.iter().zip(words).all(|(pattern, word)| pattern.fits(word))
        };
        (0..(reading.0.len() + 1).saturating_sub(length)).filter(fits).map(move |start| (start, start + length))
    }
}

impl WordPattern {
    fn parse(word: &str, endings: &Endings) -> Result<Self, String> {
        let (stem, is_prefix) = match word.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (word, false),
        };
        let mut forms = vec![String::new()];
        let mut rest = stem;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').ok_or_else(|| format!("{word:?} has no closing brace"))?;
            let list = endings.get(name).ok_or_else(|| format!("{word:?} names endings that there are not"))?;
            let with = |form: &String| list.iter().map(|ending| format!("{form}{before}{ending}")).collect::<Vec<_>>();
            forms = forms.iter().flat_map(with).collect();
            rest = after;
        }
        let mut spelt = Vec::new();
        for form in forms {
            match words(&format!("{form}{rest}")).as_slice() {
                [word] => spelt.push(word.clone()),
                _ => return Err(format!("{word:?} is not one word; write what is between letters as spaces")),
            }
        }
        Ok(if is_prefix { Self::Prefix(spelt) } else { Self::Exact(spelt) })
    }

    fn fits(&self, spellings: &[String]) -> bool {
        spellings.iter().any(|word| match self {
            Self::Exact(forms) => forms.contains(word),
            Self::Prefix(stems) => stems.iter().any(|stem| word.starts_with(stem.as_str())),
        })
    }
}
