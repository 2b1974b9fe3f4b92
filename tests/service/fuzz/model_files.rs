//! Damaged model folders: refused in words, in bounded time, or drawn with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use candle_core::Device;
use kandinsky_bot::kandinsky::{Kandinsky21, ModelError, ModelFiles, Precision, part_folders};
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::Value;

use super::Fuzz;
use super::mutation::{change_one, damaged};

/// The largest file that is damaged; weights are judged by their headers, which stand at the beginning.
const HEADER: usize = 4096;
/// What one folder may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most memory of this process, in KiB: a small model takes a small part of it, and what is wrong with it not much more.
const MEMORY: u64 = 3 << 20;

fn miniature() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/mini")
}

/// Every file of the model, relative to its folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path.strip_prefix(miniature()).unwrap().to_owned()),
        }
    }
}

fn model_files() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("kandinsky.json")];
    for part in ["kandinsky-2-1-prior", "kandinsky-2-1-inpaint"] {
        files(&miniature().join(part), &mut found);
    }
    found
}

/// What `model info`, `model verify` and the start of the program read of a folder. `spoiled` is the file that is damaged.
fn read(folder: &Path, spoiled: &Path) -> Result<(), ModelError> {
    let files = ModelFiles::folder(folder)?;
    for part in part_folders(&files)? {
        let _ = part.contents(&files);
        // Every number of the part is looked at: only where something may be wrong.
        if spoiled.starts_with(&part.folder) {
            let _ = part.flaws(&files);
        }
    }
    let _ = Kandinsky21::open(&files, &Device::Cpu, Precision::default());
    Ok(())
}

/// The file with something wrong in it.
fn spoiled(fuzz: &mut Fuzz, path: &Path) -> Vec<u8> {
    let bytes = fs::read(miniature().join(path)).unwrap();
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    if is_json && fuzz.random.random_bool(0.7) {
        let mut document: Value = serde_json::from_slice(&bytes).unwrap();
        change_one(&mut fuzz.random, &mut document);
        return document.to_string().into_bytes();
    }
    let head = damaged(&mut fuzz.random, &bytes[..bytes.len().min(HEADER)]);
    [&head, &bytes[bytes.len().min(HEADER)..]].concat()
}

/// The most memory that this process has had, in KiB; 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "random input, for as long as FUZZ_SECONDS says"]
fn fuzz_model_files() {
    let mut fuzz = Fuzz::begin();
    let files = model_files();
    let folder = tempfile::tempdir().unwrap();
    for path in &files {
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::copy(miniature().join(path), folder.path().join(path)).unwrap();
    }
    while fuzz.goes_on() {
        let path = files.choose(&mut fuzz.random).unwrap();
        let spoiled = spoiled(&mut fuzz, path);
        fs::write(folder.path().join(path), &spoiled).unwrap();
        let begun = Instant::now();
        let _ = read(folder.path(), path);
        let taken = begun.elapsed();
        assert!(taken < PATIENCE, "{} took {taken:?}, seed {}", path.display(), fuzz.seed);
        let memory = peak_memory();
        assert!(memory < MEMORY, "{} took {memory} KiB, seed {}", path.display(), fuzz.seed);
        fs::copy(miniature().join(path), folder.path().join(path)).unwrap();
    }
    fuzz.end("model files");
}
