//! A folder to fetch into, beside a hub with a small model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::hub::{FakeHub, Request};
use crate::program::{self, complaint};

pub(crate) const PRIOR: &str = "kandinsky-community/kandinsky-2-1-prior";
pub(crate) const DECODER: &str = "kandinsky-community/kandinsky-2-1";
pub(crate) const INPAINT: &str = "kandinsky-community/kandinsky-2-1-inpaint";
pub(crate) const TRANSLATOR: &str = "Helsinki-NLP/opus-mt-ru-en";
pub(crate) const UPSCALER: &str = "ai-forever/Real-ESRGAN";
/// Weights of the decoder, the largest file.
pub(crate) const UNET: &str = "unet/diffusion_pytorch_model.safetensors";

/// A folder to fetch into, beside a hub with a small model.
pub(crate) struct WorkFolder {
    pub(crate) hub: FakeHub,
    folder: TempDir,
}

impl WorkFolder {
    /// The three repositories, the translator and the upscalers with made-up content, and files beside that nobody needs.
    pub(crate) fn new() -> Self {
        let hub = FakeHub::start();
        for path in ["prior/config.json", "image_encoder/config.json", "text_encoder/config.json"] {
            hub.add(PRIOR, path, format!("{{\"of\": \"{path}\"}}"));
        }
        hub.add(PRIOR, "prior/diffusion_pytorch_model.safetensors", weights(1, 30_000));
        hub.add(PRIOR, "prior/diffusion_pytorch_model.bin", weights(2, 30_000));
        hub.add(PRIOR, "image_encoder/model.safetensors", weights(3, 20_000));
        hub.add(PRIOR, "text_encoder/model.safetensors", weights(4, 10_000));
        for name in ["scheduler/scheduler_config.json", "tokenizer/vocab.json", "tokenizer/merges.txt", "README.md"] {
            hub.add(PRIOR, name, name);
        }
        for (repository, seed) in [(DECODER, 10), (INPAINT, 20)] {
            for path in ["unet/config.json", "movq/config.json", "text_encoder/config.json"] {
                hub.add(repository, path, format!("{{\"of\": \"{path}\"}}"));
            }
            hub.add(repository, UNET, weights(seed, 100_000));
            hub.add(repository, "movq/diffusion_pytorch_model.safetensors", weights(11, 5_000));
            hub.add(repository, "text_encoder/pytorch_model.bin", weights(12, 5_000));
            hub.add(repository, "scheduler/scheduler_config.json", "scheduler");
            hub.add(repository, "tokenizer/tokenizer.json", weights(13, 2_000));
            hub.add(repository, "README.md", weights(14, 2_000));
        }
        for name in ["config.json", "generation_config.json", "source.spm", "target.spm", "vocab.json", "rust_model.ot"]
        {
            hub.add(TRANSLATOR, name, name);
        }
        hub.add(TRANSLATOR, "pytorch_model.bin", weights(50, 6_000));
        for (name, seed) in [("RealESRGAN_x2.pth", 15), ("RealESRGAN_x4.pth", 16), ("RealESRGAN_x8.pth", 17)] {
            hub.add(UPSCALER, name, weights(seed, 4_000));
        }
        Self::beside(hub)
    }

    /// Beside a hub that has other things.
    pub(crate) fn beside(hub: FakeHub) -> Self {
        Self { hub, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file in the cache of a repository.
    pub(crate) fn cached(&self, repository: &str, name: &str) -> PathBuf {
        self.path("hf/hub").join(format!("models--{}", repository.replace('/', "--"))).join(name)
    }

    /// `model fetch` with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.elsewhere(&self.hub.endpoint());
        command.args(["model", "fetch"]).args(arguments);
        command
    }

    /// The program here, with the hub at another address.
    pub(crate) fn elsewhere(&self, endpoint: &str) -> Command {
        let mut command = program();
        command.current_dir(self.folder.path()).env("HF_ENDPOINT", endpoint).env("HF_HOME", self.path("hf"));
        command
    }

    /// Runs `model fetch`, which does well; what it said on stderr.
    pub(crate) fn fetches(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", complaint(&output));
        complaint(&output)
    }

    /// Runs `model fetch`, which fails; the one line that says why.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        refusal(&self.command(arguments).output().unwrap())
    }

    /// For which files bytes were sent since the last call.
    pub(crate) fn sent(&self) -> Vec<Request> {
        self.hub.seen().into_iter().filter(|request| request.kind == "file").collect()
    }
}

/// The program, without any setting from outside.
pub(crate) fn program() -> Command {
    let mut command = program::program();
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HF_")) {
        command.env_remove(name);
    }
    command.env("NO_PROXY", "127.0.0.1,localhost").env("no_proxy", "127.0.0.1,localhost");
    command
}

/// The last line of a command that failed.
pub(crate) fn refusal(output: &Output) -> String {
    let complaint = complaint(output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(output.stdout.is_empty(), "nothing is announced");
    let errors: Vec<_> = complaint.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{complaint}");
    assert_eq!(complaint.lines().last(), Some(errors[0]), "{complaint}");
    errors[0].to_owned()
}

/// Bytes that no other seed gives.
pub(crate) fn weights(seed: u64, length: usize) -> Vec<u8> {
    use rand::{RngCore, SeedableRng};
    let mut bytes = vec![0; length];
    rand_chacha::ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// The files below a folder, sorted, with forward slashes.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}
