//! The original checkpoints of Kandinsky 2.1 (`decoder_fp16.ckpt` and its like), seen as the published Hugging Face folders.
//!
//! Nothing is written: every path of the Hugging Face layout is answered from the original files. Weights are renamed and cut
//! apart when they are read, configurations are derived from the shapes of the tensors, and what was never in a file (schedules,
//! padding) is that of the published model. CLIP is not among the originals; it is read from a folder with
//! `openai/clip-vit-large-patch14` inside, whatever its name.
//!
//! Names and shapes: ai-forever/Kandinsky-2 (`model/unet.py`, `model/prior.py`, `vqgan/`); their counterparts:
//! `scripts/convert_kandinsky_to_diffusers.py` of diffusers.

mod constants;
mod movq;
mod prior;
mod renamed_tensors;
mod tensor_slice;
mod unet;

use std::path::{Path, PathBuf};

use candle_core::Error;
use serde_json::{Value, json};

use super::file_reading::{CONFIG_LIMIT, names_in, read_file};
use super::repositories::{DECODER, INPAINT, PRIOR};
use super::weight_names::{WeightFiles, choose};
use super::weights::Weights;
use renamed_tensors::RenamedTensors;
use tensor_slice::TensorSlice;

/// Files of the text-to-image UNet, in order of preference; also re-packed as safetensors.
const DECODERS: [&str; 4] = ["decoder_fp16.ckpt", "decoder_fp16.safetensors", "decoder.ckpt", "decoder.safetensors"];
/// Files of the inpainting UNet.
const INPAINTERS: [&str; 4] =
    ["inpainting_fp16.ckpt", "inpainting_fp16.safetensors", "inpainting.ckpt", "inpainting.safetensors"];
/// Files of the prior.
const PRIORS: [&str; 4] = ["prior_fp16.ckpt", "prior_fp16.safetensors", "prior_model.ckpt", "prior.ckpt"];
/// Files of the autoencoder.
const MOVQS: [&str; 2] = ["movq_final.ckpt", "movq_final.safetensors"];
/// Mean and deviation of CLIP's image embeddings.
const STATISTICS: &str = "ViT-L-14_stats.th";
/// The multilingual text encoder and its tokenizer.
const TEXT_ENCODER: &str = "text_encoder";

/// Reading an original file; an error becomes a [`ModelError`](super::error::ModelError) that names the file.
pub(super) type Result<T> = candle_core::Result<T>;

/// Weights that can not be read, because of one of the files that they are made of.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The file at fault.
    pub(super) file: PathBuf,
    pub(super) source: Error,
}

/// A folder with original checkpoints.
#[derive(Debug, Clone)]
pub(super) struct OriginalFolder {
    root: PathBuf,
    /// Folder with CLIP, where there is one.
    clip: Option<PathBuf>,
}

/// The source of a path of the Hugging Face layout.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A file as it is.
    File(PathBuf),
    /// Something made of this file (or of nothing).
    Made(PathBuf),
}

impl OriginalFolder {
    /// The folder, if it holds original checkpoints.
    pub(super) fn find(root: &Path) -> Option<Self> {
        let known = DECODERS.iter().chain(&INPAINTERS).chain(&PRIORS).any(|file| root.join(file).is_file());
        known.then(|| Self { root: root.to_path_buf(), clip: find_clip(root) })
    }

    /// Where the checkpoints are.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The source of a path; `None` if there is none.
    pub(super) fn source(&self, path: &str) -> Option<Source> {
        let (repository, rest) = path.split_once('/').unwrap_or(("", path));
        let file = |path: PathBuf| path.is_file().then_some(Source::File(path));
        let made = |path: Option<PathBuf>| path.map(Source::Made);
        match (repository, rest) {
            (PRIOR, "tokenizer/tokenizer_config.json" | "scheduler/scheduler_config.json" | "model_index.json") => {
                made(self.clip.clone())
            }
            (PRIOR, "text_encoder/config.json" | "image_encoder/config.json") => {
                made(self.clip.as_ref().map(|clip| clip.join("config.json")))
            }
            (PRIOR, "prior/config.json") => made(self.one_of(&PRIORS)),
            (PRIOR, rest) => {
                let name = rest.strip_prefix("tokenizer/").or_else(|| rest.strip_prefix("image_processor/"))?;
                file(self.clip.as_ref()?.join(name))
            }
            (DECODER | INPAINT, rest) => {
                let unet = self.unet(repository)?;
                match rest {
                    "unet/config.json" | "scheduler/scheduler_config.json" | "model_index.json" => made(Some(unet)),
                    "movq/config.json" => made(self.one_of(&MOVQS)),
                    "text_encoder/config.json" => match file(self.root.join(TEXT_ENCODER).join("config.json"))? {
                        Source::File(path) | Source::Made(path) => Some(Source::Made(path)),
                    },
                    rest => file(self.root.join(TEXT_ENCODER).join(rest.strip_prefix("tokenizer/")?)),
                }
            }
            ("", rest) => file(self.root.join(rest)),
            _ => None,
        }
    }

    /// Whether the folder of the Hugging Face layout has anything in it.
    pub(super) fn has_folder(&self, path: &str) -> bool {
        match path.split_once('/') {
            None => path == PRIOR || self.unet(path).is_some(),
            Some((repository, "unet")) => self.unet(repository).is_some(),
            Some(_) => self.source(&format!("{path}/config.json")).is_some(),
        }
    }

    /// A configuration that no original file holds.
    ///
    /// # Errors
    /// If the weights that it is derived from are damaged or lack a tensor.
    pub(super) fn make(&self, path: &str) -> Result<Value> {
        let (repository, rest) = path.split_once('/').unwrap_or_default();
        match rest {
            "model_index.json" => Ok(constants::index(repository == PRIOR)),
            "tokenizer/tokenizer_config.json" => Ok(constants::clip_tokenizer()),
            "scheduler/scheduler_config.json" if repository == PRIOR => Ok(constants::prior_scheduler()),
            "scheduler/scheduler_config.json" => Ok(constants::decoder_scheduler()),
            "text_encoder/config.json" if repository == PRIOR => self.clip_config("text_config"),
            "image_encoder/config.json" => self.clip_config("vision_config"),
            "prior/config.json" => prior::config(&self.open(&PRIORS)?),
            "unet/config.json" => unet::config(&self.open(unets(repository))?),
            "movq/config.json" => movq::config(&self.open(&MOVQS)?),
            "text_encoder/config.json" => self.text_encoder_config(),
            _ => Err(Error::Msg(format!("nothing stands behind {path}"))),
        }
    }

    /// The files that hold the weights of a folder of the Hugging Face layout; empty where there are none.
    pub(super) fn weight_files(&self, folder: &str) -> Vec<PathBuf> {
        let one = |file: Option<PathBuf>| file.into_iter().collect();
        match folder.split_once('/').unwrap_or_default() {
            (PRIOR, "text_encoder" | "image_encoder") => self.clip.as_deref().map(weights_in).unwrap_or_default(),
            (PRIOR, "prior") => one(self.one_of(&PRIORS)),
            (repository, "unet") => one(self.unet(repository)),
            (DECODER | INPAINT, "movq") => one(self.one_of(&MOVQS)),
            (DECODER | INPAINT, "text_encoder") => weights_in(&self.root.join(TEXT_ENCODER)),
            _ => Vec::new(),
        }
    }

    /// Weights of a folder of the Hugging Face layout, out of the files that [`OriginalFolder::weight_files`] names.
    ///
    /// # Errors
    /// If the file is damaged or a pickle that would run code, or if the prior's statistics are missing.
    pub(super) fn weights(&self, folder: &str, files: &[PathBuf]) -> std::result::Result<Weights, Unreadable> {
        let unreadable = |source| Unreadable { file: files.first().cloned().unwrap_or_default(), source };
        let weights = Weights::open(files).map_err(unreadable)?;
        let renamed = match folder.split_once('/').unwrap_or_default() {
            (PRIOR, "text_encoder") => RenamedTensors::part_of(weights, &["text_model.", "text_projection."]),
            (PRIOR, "image_encoder") => RenamedTensors::part_of(weights, &["vision_model.", "visual_projection."]),
            (PRIOR, _) => {
                if !self.root.join(STATISTICS).is_file() {
                    return Err(unreadable(Error::Msg(format!("{STATISTICS} is missing beside it"))));
                }
                prior::rename(&weights, &self.statistics()?)
            }
            (_, "unet") => unet::rename(&weights),
            (_, "movq") => movq::rename(&weights),
            _ => return Ok(weights),
        };
        Ok(Weights::new(renamed))
    }

    /// The hint of the error for a path without a source.
    pub(super) fn hint(&self, path: &str) -> String {
        let of_clip = ["tokenizer", "text_encoder", "image_encoder", "image_processor"];
        let file = match path.split_once('/') {
            Some((PRIOR, rest)) if of_clip.iter().any(|part| rest.starts_with(part)) => {
                return "the original checkpoints come without CLIP; put config.json, model.safetensors, vocab.json and \
                        merges.txt of openai/clip-vit-large-patch14 into a folder beside them"
                    .to_string();
            }
            Some((PRIOR, _)) => PRIORS[0],
            Some((_, rest)) if rest.starts_with("movq") => MOVQS[0],
            Some((_, rest)) if rest.starts_with("text_encoder") || rest.starts_with("tokenizer") => TEXT_ENCODER,
            Some((INPAINT, _)) => INPAINTERS[0],
            _ => DECODERS[0],
        };
        format!("among original checkpoints that is {file}; fetch it, or copy it there")
    }

    fn one_of(&self, names: &[&str]) -> Option<PathBuf> {
        names.iter().map(|name| self.root.join(name)).find(|path| path.is_file())
    }

    fn unet(&self, repository: &str) -> Option<PathBuf> {
        self.one_of(unets(repository))
    }

    fn open(&self, names: &[&str]) -> Result<Weights> {
        let path = self.one_of(names).ok_or_else(|| Error::Msg(format!("{} is missing", names[0])))?;
        open(&path)
    }

    /// Mean and deviation of the image embeddings, in this order. They are so small that they are read at once.
    fn statistics(&self) -> std::result::Result<Weights, Unreadable> {
        let file = self.root.join(STATISTICS);
        let read = || {
            let weights = open(&file)?;
            let names: Vec<String> = weights.tensors().into_iter().map(|(name, _)| name).collect();
            names.iter().try_for_each(|name| weights.read(name).map(drop))?;
            match names.len() {
                2 => Ok(weights),
                count => Err(Error::Msg(format!("it holds {count} tensors, not a pair"))),
            }
        };
        read().map_err(|source| Unreadable { file: file.clone(), source })
    }

    /// One of the two towers in CLIP's own configuration.
    fn clip_config(&self, tower: &str) -> Result<Value> {
        let path = self.clip.as_ref().ok_or_else(|| Error::Msg("there is no CLIP".to_string()))?.join("config.json");
        let config = read_json(&path)?;
        let mut tower = config[tower].clone();
        if let Some(width) = config.get("projection_dim").filter(|width| !width.is_null()) {
            tower["projection_dim"] = width.clone();
        }
        Ok(tower)
    }

    /// The multilingual encoder's own configuration, which may not know of the head.
    fn text_encoder_config(&self) -> Result<Value> {
        let folder = self.root.join(TEXT_ENCODER);
        let mut config = read_json(&folder.join("config.json"))?;
        let files = weights_in(&folder);
        if files.is_empty() {
            return Err(Error::Msg("text_encoder has no weights".to_string()));
        }
        let head = shape(&Weights::open(&files)?, "LinearTransformation.weight")?;
        if let (Some(config), [outputs, inputs]) = (config.as_object_mut(), &*head) {
            config.insert("numDims".to_string(), json!(outputs));
            config.insert("transformerDimensions".to_string(), json!(inputs));
        }
        Ok(config)
    }
}

fn unets(repository: &str) -> &'static [&'static str] {
    match repository {
        DECODER => &DECODERS,
        INPAINT => &INPAINTERS,
        _ => &[],
    }
}

/// The folder itself or one in it that holds both towers of CLIP.
fn find_clip(root: &Path) -> Option<PathBuf> {
    let inside = std::fs::read_dir(root).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut folders: Vec<PathBuf> = inside.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.insert(0, root.to_path_buf());
    folders.into_iter().find(|folder| {
        let config = read_json(&folder.join("config.json")).unwrap_or_default();
        config["text_config"].is_object() && config["vision_config"].is_object()
    })
}

/// The weights of a folder in Hugging Face's naming. Shards need no index: each says what is in it.
fn weights_in(folder: &Path) -> Vec<PathBuf> {
    let names = names_in(folder).into_iter().filter(|name| !name.ends_with(".json")).collect::<Vec<_>>();
    match choose(&names, |_| false) {
        Some(WeightFiles::Files(names)) => names.iter().map(|name| folder.join(name)).collect(),
        _ => Vec::new(),
    }
}

fn open(path: &Path) -> Result<Weights> {
    Weights::open(&[path.to_path_buf()])
}

fn read_json(path: &Path) -> Result<Value> {
    let broken = |reason: String| Error::Msg(format!("{}: {reason}", path.display()));
    let bytes = read_file(path, CONFIG_LIMIT).map_err(|error| broken(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))
}

/// The sides of a tensor.
fn shape(weights: &Weights, name: &str) -> Result<Vec<usize>> {
    let found = weights.tensors().into_iter().find(|(known, _)| known == name);
    found.map(|(_, stored)| stored.shape).ok_or_else(|| Error::Msg(format!("the tensor {name} is missing")))
}

/// A tensor's first sides, as many as asked for.
fn sides<const N: usize>(weights: &Weights, name: &str) -> Result<[usize; N]> {
    let shape = shape(weights, name)?;
    let sides = shape.first_chunk::<N>().copied();
    sides.ok_or_else(|| Error::Msg(format!("the tensor {name} has {} sides, not {N}", shape.len())))
}

/// The same stem, both for weight and for bias.
fn leaf(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(_, leaf)| ["weight", "bias"].contains(leaf))
}

/// A tensor that only changes its name.
fn whole(name: String) -> Vec<(String, TensorSlice)> {
    vec![(name, TensorSlice::Whole)]
}
