//! Links between the documents: every file and every heading that one of them names exists.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents in the root and in `docs`.
fn documents() -> Vec<PathBuf> {
    let mut folders = vec![root().join("docs")];
    let mut found: Vec<PathBuf> = entries(root());
    while let Some(folder) = folders.pop() {
        let entries = entries(&folder);
        folders.extend(entries.iter().filter(|path| path.is_dir()).cloned());
        found.extend(entries);
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The lines outside of code blocks.
fn prose(text: &str) -> Vec<&str> {
    let blocks = text.split("\n```").step_by(2);
    blocks.flat_map(str::lines).collect()
}

/// The targets of `[text](target)` in this repository.
fn links(text: &str) -> Vec<&str> {
    let targets = prose(text).into_iter().flat_map(|line| line.split("](").skip(1));
    let targets = targets.filter_map(|rest| rest.split([')', ' ']).next());
    targets.filter(|target| !target.contains("://")).collect()
}

/// The anchors that GitHub makes of the headings.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).into_iter().filter_map(|line| line.strip_prefix('#'));
    let headings = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let is_kept = |letter: &char| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter);
    headings.map(|heading| heading.chars().filter(is_kept).collect::<String>().replace(' ', "-")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for link in links(&text) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{} links to {link}, which does not exist", path.display());
            let is_there = || anchors(&fs::read_to_string(&target).unwrap()).iter().any(|known| known == anchor);
            assert!(anchor.is_empty() || is_there(), "{} links to {link}: no such heading", path.display());
            count += 1;
        }
    }
    assert!(count > 50, "only {count} links were found");
}
