//! The architecture that `src/lib.rs` states, checked against the sources.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod field;
mod links;
mod locales;
mod rules;
mod source;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use rules::{CRATES, CYCLES, LARGE_TRAITS, MAX_METHODS, RULES, Rule};
use source::{Modules, SourceFile, sources, src};
use words::{FORBIDDEN, Scope};

/// The rule for a module: that of the nearest folder that has one.
fn rule_of(module: &[String]) -> Option<&'static Rule> {
    (1..=module.len()).rev().find_map(|length| {
        let name = module[..length].join("/");
        RULES.iter().find(|rule| rule.module == name)
    })
}

fn is_entry(file: &SourceFile) -> bool {
    file.module.is_empty() || file.module == ["main"]
}

fn describe(problems: &BTreeSet<String>) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

/// The modules that each module imports, and the crates that it names, with the place of the first of each.
fn uses() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let files = sources();
    let modules = Modules::new(&files);
    let mut uses: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !is_entry(file)) {
        let name = file.module.join("/");
        let rule = rule_of(&file.module).unwrap_or_else(|| panic!("{name} has no rule in tests/architecture/rules.rs"));
        let used = uses.entry(rule.module).or_default();
        for path in &file.paths {
            let crate_named = CRATES.into_iter().find(|name| {
                let first = path.segments[0].as_str();
                first == *name || first.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'))
            });
            let module = modules.absolute(&file.module, path).and_then(|path| rule_of(&path));
            let found = match module {
                Some(other) => Some(other.module).filter(|other| *other != rule.module),
                None => crate_named,
            };
            let place = || format!("{}:{}", file.path.display(), path.line);
            found.map(|found| used.entry(found.to_owned()).or_insert_with(place));
        }
    }
    uses
}

#[test]
fn modules_use_exactly_what_their_rules_allow() {
    let (uses, mut problems) = (uses(), BTreeSet::new());
    for Rule { module, imports, crates } in RULES {
        let Some(used) = uses.get(module) else {
            problems.insert(format!("{module} is not there any more; remove its rule"));
            continue;
        };
        let allowed: BTreeSet<&str> = imports.iter().chain(*crates).copied().collect();
        for (other, place) in used.iter().filter(|(other, _)| !allowed.contains(other.as_str())) {
            problems.insert(format!("{module} may not use {other}: {place}"));
        }
        for other in allowed.iter().filter(|other| !used.contains_key(**other)) {
            problems.insert(format!("{module} does not use {other} any more; remove it from its rule"));
        }
    }
    assert!(problems.is_empty(), "{}", describe(&problems));
}

#[test]
fn a_module_imports_only_modules_below_it() {
    for (index, rule) in RULES.iter().enumerate() {
        for import in rule.imports {
            let place = RULES.iter().position(|other| other.module == *import);
            assert!(
                place.is_some_and(|place| place > index),
                "{} imports {import}, which is not below it",
                rule.module
            );
        }
    }
}

/// The cells of the table in the documentation of `src/lib.rs`: module, imports, crates.
fn documented() -> Vec<(String, Vec<String>, Vec<String>)> {
    let text = std::fs::read_to_string(src().join("lib.rs")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | [`"));
    let words = |cell: &str| -> Vec<String> {
        cell.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty() && word != "–").collect()
    };
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (cells[0].split('`').next().unwrap().to_owned(), words(cells[1]), words(cells[2]))
    })
    .collect()
}

#[test]
fn the_documentation_shows_the_rules() {
    let rules = RULES.iter().map(|Rule { module, imports, crates }| {
        let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        ((*module).to_owned(), owned(imports), owned(crates))
    });
    let (rules, documented): (BTreeSet<_>, BTreeSet<_>) = (rules.collect(), documented().into_iter().collect());
    let rows: BTreeSet<String> = rules
        .difference(&documented)
        .map(|(module, imports, crates)| {
            let cell = |words: &[String]| if words.is_empty() { "–".to_owned() } else { words.join(", ") };
            format!("//! | [`{module}`] | {} | {} | … |", cell(imports), cell(crates))
        })
        .collect();
    assert!(rows.is_empty(), "src/lib.rs lacks these rows of its table:{}", describe(&rows));
    let stale: BTreeSet<String> = documented.difference(&rules).map(|(module, ..)| module.clone()).collect();
    assert!(stale.is_empty(), "src/lib.rs has rows without a rule:{}", describe(&stale));
}

/// The files that import each other, directly or through others: each group once, by name.
fn cycles() -> BTreeSet<Vec<String>> {
    let files = sources();
    let modules = Modules::new(&files);
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !is_entry(file)) {
        let paths = file.paths.iter().filter_map(|path| modules.absolute(&file.module, path));
        // Inside of a module; the rules hold what is between them.
        let same = |other: &Vec<String>| other.first() == file.module.first() && *other != file.module;
        // A parent names its children to declare and to re-export them.
        let targets = paths.filter_map(|path| modules.file_of(&path)).filter(same);
        let targets = targets.filter(|other| !other.starts_with(&file.module)).map(|other| other.join("/"));
        imports.entry(file.module.join("/")).or_default().extend(targets);
    }
    let reached: BTreeMap<&String, BTreeSet<&String>> = imports
        .keys()
        .map(|start| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
            while let Some(file) = next.pop() {
                next.extend(imports.get(file).into_iter().flatten().filter(|other| seen.insert(*other)));
            }
            (start, seen)
        })
        .collect();
    let group = |file: &&String| -> Vec<String> {
        let both = |other: &&&String| reached.get(**other).is_some_and(|reached| reached.contains(*file));
        reached[file].iter().filter(both).map(|other| (**other).clone()).collect()
    };
    imports.keys().map(|file| group(&file)).filter(|group| group.len() > 1).collect()
}

#[test]
fn files_of_a_module_do_not_import_each_other() {
    let found = cycles();
    let known: BTreeSet<Vec<String>> =
        CYCLES.iter().map(|(files, _)| files.iter().map(ToString::to_string).collect()).collect();
    let new: BTreeSet<String> = found.difference(&known).map(|group| group.join(", ")).collect();
    assert!(new.is_empty(), "these files import each other:{}", describe(&new));
    let gone: BTreeSet<String> = known.difference(&found).map(|group| group.join(", ")).collect();
    assert!(
        gone.is_empty(),
        "these files do not import each other any more; remove them from CYCLES:{}",
        describe(&gone)
    );
}

#[test]
fn the_conversation_does_no_io() {
    for file in sources().iter().filter(|file| file.module.first().is_some_and(|module| module == "conversation")) {
        for path in &file.paths {
            let is_io = path.segments[0] == "std"
                && path.segments.get(1).is_some_and(|module| ["fs", "net", "io", "process"].contains(&module.as_str()));
            assert!(!is_io, "{}:{} does I/O", file.path.display(), path.line);
        }
    }
}

#[test]
fn no_trait_has_many_methods() {
    for file in sources() {
        let mut tokens = file.tokens.iter();
        while let Some(token) = tokens.next() {
            if token.text != "trait" {
                continue;
            }
            let name = &tokens.next().unwrap().text;
            let (mut depth, mut methods) = (0, 0);
            for token in tokens.by_ref().skip_while(|token| token.text != "{") {
                match token.text.as_str() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    "fn" if depth == 1 => methods += 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            let is_known = LARGE_TRAITS.iter().any(|(known, _)| known == name);
            assert_eq!(methods > MAX_METHODS, is_known, "{name} has {methods} methods: {}", file.path.display());
        }
    }
}

/// Where a word is an identifier.
fn places(files: &[SourceFile], (word, scope): (&str, &Scope)) -> BTreeSet<String> {
    let is_in_scope = |file: &&SourceFile| match scope {
        Scope::All => true,
        Scope::Only(modules) => file.module.first().is_some_and(|module| modules.contains(&module.as_str())),
    };
    let of_file = |file: &SourceFile| -> Vec<String> {
        let is_module = file.module.last().is_some_and(|name| name == word);
        let tokens = file.tokens.iter().filter(|token| token.text == word).map(|token| token.line);
        tokens.chain(is_module.then_some(1)).map(|line| format!("{}:{line}", file.path.display())).collect()
    };
    files.iter().filter(is_in_scope).flat_map(of_file).collect()
}

#[test]
fn names_are_words_of_the_field() {
    let (files, mut problems) = (sources(), BTreeSet::new());
    for (word, scope, instead) in FORBIDDEN {
        let places = places(&files, (word, scope));
        problems.extend(places.iter().map(|place| format!("{place}: {word}; say {instead}")));
    }
    assert!(problems.is_empty(), "{}", describe(&problems));
}

#[test]
fn unsafe_code_is_only_in_ops_and_where_weights_are_mapped() {
    for file in sources() {
        let is_allowed = file.module[..].starts_with(&["ops".to_owned()])
            || file.path.ends_with("kandinsky/weights/safetensors_file.rs");
        let has_unsafe = file.tokens.iter().any(|token| ["unsafe", "unsafe_code"].contains(&token.text.as_str()));
        assert!(is_allowed || !has_unsafe, "{} has unsafe code", file.path.display());
    }
}

#[test]
fn words_of_the_chat_are_only_in_the_locales() {
    let cyrillic =
        |line: &str| line.chars().any(|letter| ('а'..='я').contains(&letter) || ('А'..='Я').contains(&letter));
    for file in sources() {
        // Unit tests stand at a file's end.
        let end = file.text.find("#[cfg(test)]\nmod tests {").unwrap_or(file.text.len());
        for (number, line) in (1..).zip(file.text[..end].lines()) {
            let is_comment = line.trim_start().starts_with("//");
            // A lone letter in quotes is a spelling that is understood, not a word that is said.
            let is_said = line.split('\'').step_by(2).any(cyrillic);
            let place = file.path.display();
            assert!(is_comment || !is_said, "{place}:{number}: words of the chat belong into locales/: {line}");
        }
    }
}
