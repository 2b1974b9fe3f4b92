//! Model folders that a test may change.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor, safetensors};
use tempfile::TempDir;

use super::program::{complaint, run};

const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/cases/models");

/// A model folder of one's own.
pub(crate) struct ModelFolder(TempDir);

impl ModelFolder {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn copy_of(model: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(MODELS).join(model), folder.path());
        Self(folder)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn name(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// Changes the tensors of a weight file.
    pub(crate) fn change(&self, file: &str, change: impl FnOnce(&mut HashMap<String, Tensor>)) {
        let path = self.path(file);
        let mut tensors = safetensors::load(&path, &Device::Cpu).unwrap();
        change(&mut tensors);
        std::fs::remove_file(&path).unwrap();
        safetensors::save(&tensors, &path).unwrap();
    }

    /// A picture drawn with it.
    pub(crate) fn draws(&self) -> Vec<u8> {
        let picture = self.path("picture.png");
        let output = self.draw(&picture);
        assert!(output.status.success(), "{}", complaint(&output));
        std::fs::read(picture).unwrap()
    }

    /// The one line with which drawing is refused.
    pub(crate) fn does_not_draw(&self) -> String {
        let output = self.draw(&self.path("picture.png"));
        assert!(!output.status.success() && output.stdout.is_empty());
        let complaint = complaint(&output);
        assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
        complaint
    }

    fn draw(&self, picture: &Path) -> std::process::Output {
        let short = ["--seed", "3", "--size", "64x64", "--steps", "2", "--prior-steps", "2"];
        let named = ["--model", self.name(), "-o", picture.to_str().unwrap()];
        run(&[&["draw", "a red apple"], &short[..], &named[..]].concat())
    }

    /// What `model verify` says on stdout, and whether it found everything sound.
    pub(crate) fn verified(&self) -> (String, bool) {
        let output = run(&["model", "verify", "--model", self.name()]);
        (String::from_utf8(output.stdout).unwrap(), output.status.success())
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
