//! The arrows between the rooms, as `src/lib.rs` states them, read from the imports.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Room, and words that no line of its code may contain.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "conversation",
        &[
            "teloxide",
            "sqlx",
            "tokio",
            "candle",
            "crate::telegram",
            "crate::engine",
            "crate::worker",
            "std::fs",
            "std::net",
        ],
    ),
    ("moderation", &["teloxide", "sqlx", "tokio", "candle", "crate::jobs", "crate::telegram", "crate::conversation"]),
    ("house", &["teloxide", "candle", "crate::telegram", "crate::conversation", "crate::engine", "crate::worker"]),
    ("jobs", &["teloxide", "candle", "crate::telegram", "crate::engine", "crate::worker", "crate::conversation"]),
    (
        "engine",
        &["tokio", "sqlx", "teloxide", "crate::jobs", "crate::telegram", "crate::worker", "crate::conversation"],
    ),
    ("kandinsky", &["tokio::", "sqlx", "teloxide", "crate::engine", "crate::recipe", "crate::jobs", "crate::telegram"]),
    (
        "fetch",
        &["teloxide", "sqlx", "candle", "clap", "crate::cli", "crate::kandinsky", "crate::engine", "crate::telegram"],
    ),
    ("ops", &["tokio", "sqlx", "teloxide", "crate::kandinsky", "crate::engine", "crate::recipe"]),
    ("pictures", &["tokio", "sqlx", "teloxide", "candle", "crate::engine", "crate::jobs", "crate::telegram"]),
    ("worker", &["teloxide", "sqlx", "crate::telegram", "crate::conversation", "crate::playground"]),
    ("telegram", &["candle", "sqlx::query", "crate::engine", "crate::kandinsky", "crate::worker", "crate::playground"]),
    (
        "playground",
        &["teloxide::", "sqlx", "candle", "crate::telegram", "crate::conversation", "crate::jobs", "crate::engine"],
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            found.push(path);
        }
    }
    found
}

/// The lines of code with their numbers, without comments and without unit tests, which stand at a file's end.
fn code(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = source.find("#[cfg(test)]\nmod tests {").unwrap_or(source.len());
    let lines = source[..end].lines().enumerate();
    lines.map(|(number, line)| (number + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests") || path.components().any(|part| part.as_os_str() == "tests")
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn rooms_call_only_whom_they_may() {
    let mut trespasses = Vec::new();
    for (room, words) in FORBIDDEN {
        let mut files: Vec<_> = sources(&src().join(room)).into_iter().filter(|path| !is_test(path)).collect();
        files.extend(Some(src().join(format!("{room}.rs"))).filter(|path| path.exists()));
        assert!(!files.is_empty(), "the room {room} has moved; move its rule along");
        for path in files {
            for (number, line) in code(&fs::read_to_string(&path).unwrap()) {
                for word in words.iter().filter(|word| line.contains(**word)) {
                    trespasses.push(format!("{}:{number}: {room} may not use {word}", path.display()));
                }
            }
        }
    }
    assert!(trespasses.is_empty(), "{}", trespasses.join("\n"));
}

#[test]
fn unsafe_code_is_only_in_ops_and_where_weights_are_mapped() {
    for path in sources(&src()) {
        let is_allowed = path.starts_with(src().join("ops")) || path.ends_with("kandinsky/weights/safetensors_file.rs");
        let source = fs::read_to_string(&path).unwrap();
        let has_unsafe = code(&source).any(|(_, line)| line.contains("unsafe ") || line.contains("allow(unsafe_code)"));
        assert!(is_allowed || !has_unsafe, "{} has unsafe code", path.display());
    }
}

#[test]
fn words_of_the_chat_are_only_in_the_locales() {
    let cyrillic =
        |line: &str| line.chars().any(|letter| ('а'..='я').contains(&letter) || ('А'..='Я').contains(&letter));
    for path in sources(&src()).into_iter().filter(|path| !is_test(path)) {
        for (number, line) in code(&fs::read_to_string(&path).unwrap()) {
            // A lone letter in quotes is a spelling that is understood, not a word that is said.
            let spoken = line.split('\'').step_by(2).any(cyrillic);
            assert!(!spoken, "{}:{number}: words of the chat belong into locales/: {line}", path.display());
        }
    }
}

#[test]
fn anyhow_stays_at_the_door() {
    for path in sources(&src()) {
        let is_door = path.starts_with(src().join("cli")) || path.ends_with("main.rs");
        let source = fs::read_to_string(&path).unwrap();
        assert!(is_door || !code(&source).any(|(_, line)| line.contains("anyhow")), "{} uses anyhow", path.display());
    }
}
