//! The words of the chat: the same keys in every language, none missing and none left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LANGUAGES: [&str; 2] = ["ru", "en"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, suffix));
        } else if path.extension().is_some_and(|extension| extension == suffix) {
            found.push(path);
        }
    }
    found
}

/// Keys of each .ftl file, with the variables that its text mentions.
fn keys(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for path in files(&root().join("locales").join(language), "ftl") {
        let mut current = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let name = line.split_once('=').map(|(name, _)| name.trim());
            if let Some(name) = name.filter(|_| line.starts_with(|letter: char| letter.is_ascii_lowercase())) {
                current = name.to_owned();
                assert!(
                    keys.insert(current.clone(), BTreeSet::new()).is_none(),
                    "{current} stands twice in {language}"
                );
            }
            if let (Some(variables), false) = (keys.get_mut(&current), line.starts_with('#')) {
                variables.extend(line.split('$').skip(1).map(first_word));
            }
        }
    }
    keys
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect()
}

/// The program without its tests and comments. The playground's page has its own words and its own test of them.
fn sources() -> Vec<(PathBuf, String)> {
    let is_elsewhere = |path: &PathBuf| {
        path.components().any(|part| part.as_os_str() == "tests")
            || path.ends_with("tests.rs")
            || path.ends_with("fake_server.rs")
            || path.starts_with(root().join("src/playground"))
    };
    let paths = files(&root().join("src"), "rs").into_iter().filter(|path| !is_elsewhere(path));
    paths.map(|path| (path.clone(), without_tests_and_comments(&fs::read_to_string(path).unwrap()))).collect()
}

fn without_tests_and_comments(source: &str) -> String {
    let program = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or(source);
    program.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The string literals of a source text; escapes stay as they are written.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => skip_char_literal(&mut letters),
            '"' => found.push(rest_of_literal(&mut letters)),
            _ => {}
        }
    }
    found
}

fn skip_char_literal(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let rest = letters.clone().take(2).collect::<Vec<_>>();
    match rest.as_slice() {
        ['\\', _] => drop(letters.by_ref().skip(1).find(|letter| *letter == '\'' || *letter == '\n')),
        [_, '\''] => drop(letters.nth(1)),
        _ => {}
    }
}

fn rest_of_literal(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut literal = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => literal.extend([letter].into_iter().chain(letters.next())),
            _ => literal.push(letter),
        }
    }
    literal
}

#[test]
fn every_language_has_the_same_keys_with_the_same_variables() {
    let [russian, english] = LANGUAGES.map(keys);
    assert!(russian.len() > 50);
    assert_eq!(russian, english);
}

#[test]
fn every_key_that_is_used_exists() {
    let known = keys("en");
    let mut count = 0;
    // The playground's `text` is a part of an upload; its page asks for words by itself.
    for (path, source) in sources().into_iter().filter(|(path, _)| !path.starts_with(root().join("src/playground"))) {
        for marker in [".text(\"", ".text_with(\"", "::named(language, \""] {
            for rest in source.split(marker).skip(1) {
                let key = rest.split('"').next().unwrap();
                assert!(known.contains_key(key), "{key} of {} is in no locale", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 30, "only {count} keys were found: has the way of asking for texts changed?");
}

#[test]
fn no_key_is_left_over() {
    let used: BTreeSet<String> = sources().iter().flat_map(|(_, source)| literals(source)).collect();
    let chat = fs::read_to_string(root().join("locales/en/chat.ftl")).unwrap();
    for key in keys("en").keys().filter(|key| chat.contains(&format!("\n{key} ="))) {
        assert!(used.contains(key) || is_composed(key, &used), "{key} is used nowhere");
    }
}

/// Whether the program makes the key of a beginning such as `command-{}` and a word or a number.
fn is_composed(key: &str, used: &BTreeSet<String>) -> bool {
    let beginnings = used.iter().filter_map(|literal| literal.split_once('{')).map(|(beginning, _)| beginning);
    let mut rests = beginnings.filter(|beginning| beginning.ends_with('-')).filter_map(|it| key.strip_prefix(it));
    rests.any(|rest| used.contains(rest) || rest.parse::<u32>().is_ok())
}

#[test]
fn a_literal_is_told_from_a_comment_and_a_character() {
    let source = "// \"кот\"\nlet a = '\"'; let b = \"a\\\"b\"; let c: &'static str = \"d\"; let e = '\\''; f(\"g\")";
    assert_eq!(literals(&without_tests_and_comments(source)), ["a\\\"b", "d", "g"]);
}
