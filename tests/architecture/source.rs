//! Reads the sources: identifiers, imports and modules, without comments, strings and tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// An identifier, `::`, or a single other character.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// A path such as `crate::jobs::Job` or `tokio::select`, in an import or in code.
#[derive(Debug, Clone)]
pub(crate) struct UsedPath {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// Whether it is re-exported.
    is_public: bool,
}

/// A file of `src`.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    /// `["jobs", "sqlite"]` for `src/jobs/sqlite.rs` and `src/jobs/sqlite/mod.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) text: String,
    /// All tokens, those of tests as well.
    pub(crate) tokens: Vec<Token>,
    /// Paths used outside of tests.
    pub(crate) paths: Vec<UsedPath>,
}

pub(crate) fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files of `src` that are part of the program, so without those of tests.
pub(crate) fn sources() -> Vec<SourceFile> {
    let mut paths = Vec::new();
    find(&src(), &mut paths);
    let (mut files, mut of_tests) = (Vec::new(), BTreeSet::new());
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let module = module_of(&path);
        let tokens = tokens(&text);
        let (code, test_modules) = without_tests(&tokens);
        of_tests.extend(test_modules.into_iter().map(|name| [&*module, &[name]].concat()));
        files.push(SourceFile { paths: used_paths(&code), path, module, text, tokens });
    }
    let is_test = |module: &[String]| of_tests.iter().any(|test| module.starts_with(test));
    files.retain(|file| !is_test(&file.module));
    files
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            find(&path, found);
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            found.push(path);
        }
    }
}

fn module_of(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(src()).unwrap().with_extension("");
    let mut module: Vec<String> = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

/// Cuts Rust into tokens; comments, strings, numbers and characters are left out.
fn tokens(source: &str) -> Vec<Token> {
    let (mut tokens, mut rest, mut line) = (Vec::new(), source, 1);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string_length(rest),
            'r' | 'b' if raw_string_length(rest).is_some() => raw_string_length(rest).unwrap(),
            'b' if rest.starts_with("b\"") => 1 + string_length(&rest[1..]),
            '\'' => character_length(rest),
            '0'..='9' => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
            _ if first.is_alphabetic() || first == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                tokens.push(Token { text: rest[..length].to_owned(), line });
                length
            }
            _ if rest.starts_with("::") => {
                tokens.push(Token { text: "::".to_owned(), line });
                2
            }
            _ => {
                if !first.is_whitespace() {
                    tokens.push(Token { text: first.to_string(), line });
                }
                first.len_utf8()
            }
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (index, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string_length(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(())?;
    let start = rest.len() - after.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

/// Of a character, or of the tick of a lifetime.
fn character_length(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(1, |end| end + 4),
        Some(_) => letters.next().filter(|(_, letter)| *letter == '\'').map_or(1, |(index, _)| index + 1),
        None => 1,
    }
}

/// The tokens without the items that only tests and documentation see, and the names of modules in files of their own among
/// those.
fn without_tests(tokens: &[Token]) -> (Vec<Token>, Vec<String>) {
    let (mut kept, mut modules, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        if let Some(length) = attribute_length(&tokens[at..]) {
            let attribute = &tokens[at..at + length];
            if is_for_tests(attribute) {
                let item = &tokens[at + length..];
                let length_of_item = item_length(item);
                modules.extend(module_in_file(&item[..length_of_item]));
                at += length + length_of_item;
            } else {
                at += length;
            }
            continue;
        }
        kept.push(tokens[at].clone());
        at += 1;
    }
    (kept, modules)
}

fn attribute_length(tokens: &[Token]) -> Option<usize> {
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token.text == text);
    (is(0, "#") && is(1, "[")).then(|| 1 + balanced(&tokens[1..], "[", "]"))
}

fn is_for_tests(attribute: &[Token]) -> bool {
    let has = |word: &str| attribute.iter().any(|token| token.text == word);
    has("cfg") && (has("test") || has("doc")) && !has("any") && !has("not")
}

/// Tokens of an item: further attributes, then up to a semicolon or the end of its block.
fn item_length(tokens: &[Token]) -> usize {
    let mut at = 0;
    while let Some(length) = attribute_length(&tokens[at..]) {
        at += length;
    }
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "{" => {
                let end = at + balanced(&tokens[at..], "{", "}");
                // The braces of an import are followed by a semicolon.
                return end + usize::from(tokens.get(end).is_some_and(|token| token.text == ";"));
            }
            _ => at += 1,
        }
    }
    at
}

fn balanced(tokens: &[Token], open: &str, close: &str) -> usize {
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.text == open {
            depth += 1;
        } else if token.text == close {
            depth -= 1;
            if depth == 0 {
                return index + 1;
            }
        }
    }
    tokens.len()
}

fn module_in_file(item: &[Token]) -> Option<String> {
    let keyword = item.iter().position(|token| token.text == "mod")?;
    let is_file = item.get(keyword + 2).is_some_and(|token| token.text == ";");
    is_file.then(|| item[keyword + 1].text.clone())
}

fn used_paths(tokens: &[Token]) -> Vec<UsedPath> {
    let (mut paths, mut at) = (Vec::new(), 0);
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token.text == text);
    while at < tokens.len() {
        let token = &tokens[at];
        if token.text == "use" {
            let end = tokens[at..].iter().position(|token| token.text == ";").map_or(tokens.len(), |end| at + end);
            let is_public = at > 0 && (is(at - 1, "pub") || is(at - 1, ")"));
            let mut tree = &tokens[at + 1..end];
            import(&mut tree, &[], token.line, is_public, &mut paths);
            at = end + 1;
            continue;
        }
        if is(at + 1, "::") && is_identifier(token) && !(at > 0 && is(at - 1, "::")) {
            let mut segments = vec![token.text.clone()];
            while is(at + 1, "::") && tokens.get(at + 2).is_some_and(is_identifier) {
                segments.push(tokens[at + 2].text.clone());
                at += 2;
            }
            paths.push(UsedPath { segments, line: token.line, is_public: false });
        }
        at += 1;
    }
    paths
}

fn is_identifier(token: &Token) -> bool {
    token.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Adds the paths of an import's tree, which ends at a comma, a closing brace or its own end.
fn import(tree: &mut &[Token], prefix: &[String], line: usize, is_public: bool, paths: &mut Vec<UsedPath>) {
    let mut segments = prefix.to_vec();
    while let Some((token, rest)) = tree.split_first() {
        match token.text.as_str() {
            "," | "}" => break,
            "as" => *tree = rest.get(1..).unwrap_or_default(),
            "{" => {
                *tree = rest;
                while tree.first().is_some_and(|token| token.text != "}") {
                    import(tree, &segments, line, is_public, paths);
                    if tree.first().is_some_and(|token| token.text == ",") {
                        *tree = &tree[1..];
                    }
                }
                *tree = tree.get(1..).unwrap_or_default();
                return;
            }
            "::" => *tree = rest,
            text => {
                segments.push(text.to_owned());
                *tree = rest;
            }
        }
    }
    paths.push(UsedPath { segments, line, is_public });
}

/// Finds the modules that paths lead to.
pub(crate) struct Modules {
    files: BTreeSet<Vec<String>>,
    /// Module and name, to the path that is re-exported there.
    reexports: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl Modules {
    pub(crate) fn new(files: &[SourceFile]) -> Self {
        let mut modules =
            Self { files: files.iter().map(|file| file.module.clone()).collect(), reexports: BTreeMap::new() };
        for file in files {
            for path in file.paths.iter().filter(|path| path.is_public) {
                if let (Some(target), Some(name)) = (modules.absolute(&file.module, path), path.segments.last()) {
                    modules.reexports.insert((file.module.clone(), name.clone()), target);
                }
            }
        }
        modules
    }

    /// A path from the crate's root, if it is one of this crate.
    pub(crate) fn absolute(&self, module: &[String], path: &UsedPath) -> Option<Vec<String>> {
        let (first, rest) = path.segments.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let ups = path.segments.iter().take_while(|segment| *segment == "super").count();
                let base = &module[..module.len().checked_sub(ups)?];
                Some([base, &path.segments[ups..]].concat())
            }
            // A child, named from its parent.
            _ => {
                let child = [module, std::slice::from_ref(first)].concat();
                self.files.contains(&child).then(|| [module, &path.segments].concat())
            }
        }
    }

    /// The file in which a path's item stands, through re-exports.
    pub(crate) fn file_of(&self, absolute: &[String]) -> Option<Vec<String>> {
        let mut path = absolute.to_vec();
        for _ in 0..8 {
            let length = (1..=path.len()).rev().find(|length| self.files.contains(&path[..*length]))?;
            let name = path.get(length)?;
            match self.reexports.get(&(path[..length].to_vec(), name.clone())) {
                Some(target) => path = [&**target, &path[length + 1..]].concat(),
                None => return Some(path[..length].to_vec()),
            }
        }
        None
    }
}
