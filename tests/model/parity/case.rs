//! One case folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use kandinsky_bot::kandinsky::{PriorSamplerKind, Rules, SamplerKind};
use kandinsky_bot::pictures::Picture;
use serde::Deserialize;

/// `case.json`.
#[derive(Debug, Deserialize)]
pub(crate) struct Parameters {
    pub(crate) task: String,
    pub(crate) model: String,
    pub(crate) prompt: String,
    pub(crate) negative: Option<String>,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) count: usize,
    pub(crate) steps: usize,
    pub(crate) guidance: f64,
    pub(crate) prior_steps: usize,
    pub(crate) prior_guidance: f64,
    pub(crate) sampler: SamplerKind,
    pub(crate) rules: Rules,
    pub(crate) strength: Option<f64>,
    pub(crate) prior_sampler: PriorSamplerKind,
    /// What is mixed; None: the prompt alone.
    pub(crate) parts: Option<Vec<Part>>,
    /// What the decoder reads, where it is not the prompt.
    pub(crate) decoder_prompt: Option<String>,
}

/// One part of a mix.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Part {
    Text {
        text: String,
        weight: f64,
    },
    /// `part-NUMBER.png`.
    Picture {
        picture: usize,
        weight: f64,
    },
}

/// A case: parameters, what went in and what the reference gave.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    folder: PathBuf,
    pub(crate) parameters: Parameters,
    inputs: HashMap<String, Tensor>,
    expected: HashMap<String, Tensor>,
}

impl Case {
    /// Every folder in `root` with a `case.json`, by name.
    pub(crate) fn find(root: &Path) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(root) else {
            return Vec::new();
        };
        let folders = entries.map(|entry| entry.unwrap().path());
        let mut folders: Vec<_> = folders.filter(|folder| folder.join("case.json").is_file()).collect();
        folders.sort();
        folders.into_iter().map(Self::read).collect()
    }

    fn read(folder: PathBuf) -> Self {
        let json = std::fs::read(folder.join("case.json")).unwrap();
        let tensors = |name: &str| {
            let path = folder.join(name);
            candle_core::safetensors::load(&path, &Device::Cpu)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            parameters: serde_json::from_slice(&json)
                .unwrap_or_else(|error| panic!("{}/case.json: {error}", folder.display())),
            inputs: tensors("inputs.safetensors"),
            expected: tensors("expected.safetensors"),
            folder,
        }
    }

    pub(crate) fn model_folder(&self) -> PathBuf {
        self.folder.join(&self.parameters.model).canonicalize().unwrap()
    }

    pub(crate) fn input(&self, name: &str) -> &Tensor {
        let tensor = self.inputs.get(name);
        tensor.unwrap_or_else(|| panic!("case {} has no input {name}", self.name))
    }

    /// `NAME.png`, as the product reads it.
    pub(crate) fn picture(&self, name: &str) -> Picture {
        let file = self.folder.join(format!("{name}.png"));
        Picture::decode(&std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))).unwrap()
    }

    pub(crate) fn expected(&self, name: &str) -> &Tensor {
        let tensor = self.expected.get(name);
        tensor.unwrap_or_else(|| panic!("case {} expects no {name}", self.name))
    }

    /// Names of everything the reference gave.
    pub(crate) fn expected_names(&self) -> impl Iterator<Item = &String> {
        self.expected.keys()
    }
}
