//! `tests/field/README.md` against the tests: every test that it names exists, and every test in `tests/field` is named there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn field() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/field")
}

/// The words in the last column that are set as code: `file::test`, or `path/of/a/file.rs::test`.
fn named() -> Vec<String> {
    let table = fs::read_to_string(field().join("README.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The tests of a file, in order.
fn tests_of(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        is_test |= line.starts_with("#[test") || line.starts_with("#[tokio::test");
        // A story that is told of every store.
        let story = line.strip_prefix("pub(super) async fn ").filter(|rest| rest.contains(": Fixture)"));
        tests.extend(story.and_then(|rest| rest.split('(').next()).map(str::to_owned));
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(name) = function.filter(|_| is_test).and_then(|rest| rest.split('(').next()) {
            tests.push(name.to_owned());
            is_test = false;
        }
    }
    tests
}

#[test]
fn the_table_of_reports_names_tests_that_exist() {
    let missing: BTreeSet<String> = named()
        .into_iter()
        .filter(|name| {
            let Some((file, test)) = name.rsplit_once("::") else { return true };
            let path = match Path::new(file).extension() {
                Some(_) => Path::new(env!("CARGO_MANIFEST_DIR")).join(file),
                None => field().join(file).with_extension("rs"),
            };
            !path.is_file() || !tests_of(&path).iter().any(|name| name == test)
        })
        .collect();
    assert!(missing.is_empty(), "tests/field/README.md names what is not there: {missing:#?}");
}

#[test]
fn every_report_is_in_the_table() {
    let named = named();
    let mut unnamed = BTreeSet::new();
    for entry in fs::read_dir(field()).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "rs") && file != "main" {
            let tests = tests_of(&path).into_iter().map(|test| format!("{file}::{test}"));
            unnamed.extend(tests.filter(|test| !named.contains(test)));
        }
    }
    assert!(unnamed.is_empty(), "tests/field/README.md does not name {unnamed:#?}");
}
