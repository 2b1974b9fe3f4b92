//! The lists: how they are written, read and put together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Kind;
use super::pattern::{Endings, Pattern};
use super::spelling::Reading;

/// Compiled in.
const BUILT_IN: [(&str, &str); 2] = [("ru.toml", include_str!("ru.toml")), ("en.toml", include_str!("en.toml"))];
/// Two groups are near each other if so many words lie between them at most.
const NEAR: usize = 2;

/// A file of words that can not be used.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// It can not be read.
    #[error("the list of words {} can not be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not written as it must be.
    #[error("the list of words {file}: {reason}")]
    Format {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
}

/// A file as it is written; see `ru.toml` for what its parts mean.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WordFile {
    replace: bool,
    endings: Endings,
    groups: BTreeMap<String, Vec<String>>,
    minors: WordSection,
    sexual: WordSection,
    hate: WordSection,
    gore: WordSection,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WordSection {
    on: Vec<String>,
    strict: Vec<String>,
    except: Vec<String>,
    together: Vec<[String; 2]>,
    near: Vec<[String; 2]>,
}

/// All lists, ready to be compared with.
#[derive(Debug, Default)]
pub(super) struct Lists {
    groups: BTreeMap<String, Vec<Pattern>>,
    sections: [Section; Kind::ALL.len()],
}

#[derive(Debug, Default)]
struct Section {
    on: Vec<Pattern>,
    strict: Vec<Pattern>,
    except: Vec<Pattern>,
    /// Pairs of groups that are refused anywhere in one wish.
    together: Vec<[String; 2]>,
    /// Pairs of groups that are refused side by side.
    near: Vec<[String; 2]>,
}

impl Lists {
    /// The lists that are compiled in and those of a file.
    pub(super) fn load(path: Option<&Path>) -> Result<Self, WordsError> {
        let mut files = Vec::new();
        for (name, text) in BUILT_IN {
            files.push((name.to_owned(), parse(name, text)?));
        }
        if let Some(path) = path {
            let read = std::fs::read_to_string(path);
            let text = read.map_err(|source| WordsError::Read { path: path.to_owned(), source })?;
            let name = path.display().to_string();
            let own = parse(&name, &text)?;
            if own.replace {
                files.clear();
            }
            files.push((name, own));
        }
        let mut lists = Self::default();
        for (name, file) in files {
            lists.add(file).map_err(|reason| WordsError::Format { file: name, reason })?;
        }
        Ok(lists)
    }

    fn add(&mut self, file: WordFile) -> Result<(), String> {
        let WordFile { endings, groups, minors, sexual, hate, gore, .. } = file;
        let patterns = |words: &[String]| words.iter().map(|word| Pattern::parse(word, &endings)).collect::<Vec<_>>();
        let read = |words: &[String]| patterns(words).into_iter().collect::<Result<Vec<_>, _>>();
        for (name, words) in groups {
            self.groups.entry(name).or_default().extend(read(&words)?);
        }
        for (kind, words) in [(Kind::Minors, minors), (Kind::Sexual, sexual), (Kind::Hate, hate), (Kind::Gore, gore)] {
            let section = &mut self.sections[kind as usize];
            section.on.extend(read(&words.on)?);
            section.strict.extend(read(&words.strict)?);
            section.except.extend(read(&words.except)?);
            section.together.extend(words.together);
            section.near.extend(words.near);
        }
        let mut named = self.sections.iter().flat_map(|section| section.together.iter().chain(&section.near)).flatten();
        match named.find(|name| !self.groups.contains_key(*name)) {
            Some(name) => Err(format!("there is no group {name:?}")),
            None => Ok(()),
        }
    }

    /// Whether a text mentions something of this kind.
    pub(super) fn mention(&self, kind: Kind, is_strict: bool, reading: &Reading) -> bool {
        let section = &self.sections[kind as usize];
        let reading = &section.without_exceptions(reading);
        let stands = |pattern: &Pattern| pattern.places(reading).next().is_some();
        section.on.iter().any(stands)
            || (is_strict && section.strict.iter().any(stands))
            || section.together.iter().any(|pair| self.meet(pair, usize::MAX, reading))
            || section.near.iter().any(|pair| self.meet(pair, NEAR, reading))
    }

    /// Whether a text has words of both groups with at most so many words between them.
    fn meet(&self, [one, other]: &[String; 2], between: usize, reading: &Reading) -> bool {
        let places = |group: &String| {
            let patterns = self.groups.get(group).map(Vec::as_slice).unwrap_or_default();
            patterns.iter().flat_map(|pattern| pattern.places(reading)).collect::<Vec<_>>()
        };
        let others = places(other);
        places(one).into_iter().any(|(start, end)| {
            let gap = |&(other_start, other_end): &(usize, usize)| {
                if other_start >= end { other_start - end } else { start.saturating_sub(other_end) }
            };
            others.iter().any(|place| gap(place) <= between)
        })
    }
}

impl Section {
    /// The text without the words that are an exception here.
    fn without_exceptions(&self, reading: &Reading) -> Reading {
        let mut left = reading.clone();
        for (start, end) in self.except.iter().flat_map(|pattern| pattern.places(reading)) {
            left.0[start..end].fill(Vec::new());
        }
        left
    }
}

fn parse(name: &str, text: &str) -> Result<WordFile, WordsError> {
    toml::from_str(text).map_err(|error| WordsError::Format {
        file: name.to_owned(),
        reason: error.to_string().trim().replace('\n', " "),
    })
}
