//! The published repositories, and which of their files the program reads.

use super::listing::{Listing, PublishedFile};

/// Weights of a network, in order of preference: safetensors before pickles.
const WEIGHTS: [&str; 6] = [
    "diffusion_pytorch_model.safetensors",
    "model.safetensors",
    "diffusion_pytorch_model.fp16.safetensors",
    "model.fp16.safetensors",
    "diffusion_pytorch_model.bin",
    "pytorch_model.bin",
];

/// A repository on the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repository {
    /// `owner/name`.
    pub id: &'static str,
    /// Where its files go inside the model folder; empty for the model folder itself.
    pub folder: &'static str,
    parts: &'static [Part],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A folder (empty for the repository itself) with `config.json` and weights.
    Network(&'static str),
    /// A file without which the model does not load.
    File(&'static str),
    /// A file that is read where there is one.
    Optional(&'static str),
}

use Part::{File, Network, Optional};

/// The diffusion prior with CLIP.
pub const PRIOR: Repository = Repository {
    id: "kandinsky-community/kandinsky-2-1-prior",
    folder: "kandinsky-2-1-prior",
    parts: &[
        Optional("model_index.json"),
        Network("prior"),
        Network("image_encoder"),
        Network("text_encoder"),
        File("scheduler/scheduler_config.json"),
        File("tokenizer/vocab.json"),
        File("tokenizer/merges.txt"),
        Optional("tokenizer/tokenizer_config.json"),
        Optional("tokenizer/special_tokens_map.json"),
        Optional("image_processor/preprocessor_config.json"),
    ],
};

/// The decoder that draws from text.
pub const DECODER: Repository =
    Repository { id: "kandinsky-community/kandinsky-2-1", folder: "kandinsky-2-1", parts: DECODER_PARTS };

/// The decoder that fills holes.
pub const INPAINT: Repository = Repository {
    id: "kandinsky-community/kandinsky-2-1-inpaint",
    folder: "kandinsky-2-1-inpaint",
    parts: DECODER_PARTS,
};

const DECODER_PARTS: &[Part] = &[
    Optional("model_index.json"),
    Network("unet"),
    Network("movq"),
    Network("text_encoder"),
    File("scheduler/scheduler_config.json"),
    File("tokenizer/tokenizer.json"),
    Optional("tokenizer/tokenizer_config.json"),
    Optional("tokenizer/special_tokens_map.json"),
];

/// The original checkpoints.
pub const ORIGINAL: Repository = Repository {
    parts: &[
        File("decoder_fp16.ckpt"),
        File("inpainting_fp16.ckpt"),
        File("prior_fp16.ckpt"),
        File("movq_final.ckpt"),
        File("ViT-L-14_stats.th"),
        Network("text_encoder"),
        File("text_encoder/tokenizer.json"),
        Optional("text_encoder/tokenizer_config.json"),
        Optional("text_encoder/special_tokens_map.json"),
    ],
    ..ORIGINAL_WITHOUT_INPAINTING
};

/// The original checkpoints but for the one that fills holes.
pub const ORIGINAL_WITHOUT_INPAINTING: Repository = Repository {
    id: "ai-forever/Kandinsky_2.1",
    folder: "",
    parts: &[
        File("decoder_fp16.ckpt"),
        File("prior_fp16.ckpt"),
        File("movq_final.ckpt"),
        File("ViT-L-14_stats.th"),
        Network("text_encoder"),
        File("text_encoder/tokenizer.json"),
        Optional("text_encoder/tokenizer_config.json"),
        Optional("text_encoder/special_tokens_map.json"),
    ],
};

/// The upscalers, by the authors of the model.
pub const UPSCALER: Repository = Repository {
    id: "ai-forever/Real-ESRGAN",
    folder: "Real-ESRGAN",
    parts: &[File("RealESRGAN_x2.pth"), File("RealESRGAN_x4.pth")],
};

/// OpenAI's CLIP, which the original checkpoints do not bring along.
pub const CLIP: Repository = Repository {
    id: "openai/clip-vit-large-patch14",
    folder: "clip-vit-large-patch14",
    parts: &[
        Network(""),
        File("vocab.json"),
        File("merges.txt"),
        Optional("tokenizer.json"),
        Optional("tokenizer_config.json"),
        Optional("special_tokens_map.json"),
        Optional("preprocessor_config.json"),
    ],
};

/// The translator from Russian to English (the University of Helsinki, CC-BY-4.0).
pub const TRANSLATOR: Repository = Repository {
    id: "Helsinki-NLP/opus-mt-ru-en",
    folder: "opus-mt-ru-en",
    parts: &[
        Network(""),
        Optional("generation_config.json"),
        File("source.spm"),
        File("target.spm"),
        File("vocab.json"),
        Optional("tokenizer_config.json"),
    ],
};

impl Repository {
    /// Chooses the files that the program reads; `Err` with the path of one that is missing.
    pub(super) fn select(&self, listing: &Listing) -> Result<Vec<PublishedFile>, String> {
        let mut selected = Vec::new();
        for part in self.parts {
            match part {
                File(path) => selected.push(listing.find(path).ok_or(*path)?),
                Optional(path) => selected.extend(listing.find(path)),
                Network(folder) => {
                    let config = inside(folder, "config.json");
                    selected.push(listing.find(&config).ok_or(config)?);
                    selected.extend(weights(folder, listing)?);
                }
            }
        }
        Ok(selected.into_iter().cloned().collect())
    }
}

/// One file of weights, or the index of those that are split with all its pieces.
fn weights<'a>(folder: &str, listing: &'a Listing) -> Result<Vec<&'a PublishedFile>, String> {
    if let Some(file) = WEIGHTS.iter().find_map(|name| listing.find(&inside(folder, name))) {
        return Ok(vec![file]);
    }
    for name in &WEIGHTS[..2] {
        let Some(index) = listing.find(&inside(folder, &format!("{name}.index.json"))) else { continue };
        let start = inside(folder, name.trim_end_matches("safetensors").trim_end_matches('.'));
        let is_piece = |file: &&PublishedFile| {
            let middle = file.path.strip_prefix(&*start).and_then(|rest| rest.strip_suffix(".safetensors"));
            middle.is_some_and(|middle| middle.starts_with('-') && middle.contains("-of-") && !middle.contains('/'))
        };
        return Ok(std::iter::once(index).chain(listing.files.iter().filter(is_piece)).collect());
    }
    Err(inside(folder, if folder.ends_with("encoder") || folder.is_empty() { WEIGHTS[1] } else { WEIGHTS[0] }))
}

fn inside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn listing(paths: &[&str]) -> Listing {
        let file = |path: &&str| PublishedFile { path: (*path).to_owned(), size: 1, sha256: None, blob: String::new() };
        Listing { commit: String::new(), files: paths.iter().map(file).collect() }
    }

    const NETWORKS: [&str; 8] = [
        "unet/config.json",
        "unet/diffusion_pytorch_model.bin",
        "movq/config.json",
        "movq/diffusion_pytorch_model.safetensors",
        "text_encoder/config.json",
        "text_encoder/pytorch_model.bin",
        "scheduler/scheduler_config.json",
        "tokenizer/tokenizer.json",
    ];

    fn selected(extra: &[&str]) -> Vec<String> {
        let files = DECODER.select(&listing(&[&NETWORKS, extra].concat())).unwrap();
        files.into_iter().map(|file| file.path).collect()
    }

    #[test]
    fn pickles_are_left_where_there_are_safetensors() {
        let files = selected(&["text_encoder/model.safetensors", "README.md", "ddpm_scheduler/scheduler_config.json"]);
        assert_eq!(files.len(), NETWORKS.len(), "{files:?}");
        assert!(files.contains(&"text_encoder/model.safetensors".to_owned()));
        assert!(!files.contains(&"text_encoder/pytorch_model.bin".to_owned()));
        assert!(files.contains(&"unet/diffusion_pytorch_model.bin".to_owned()), "better than nothing");
    }

    #[test]
    fn split_weights_come_with_their_index() {
        let pieces =
            ["a-00001-of-00002.safetensors", "model-00001-of-00002.safetensors", "model.safetensors.index.json"];
        let pieces = pieces.map(|name| format!("text_encoder/{name}"));
        let mut paths: Vec<&str> = NETWORKS.into_iter().filter(|path| !path.ends_with("pytorch_model.bin")).collect();
        paths.extend(["unet/model.safetensors"]);
        paths.extend(pieces.iter().map(String::as_str));
        let files = DECODER.select(&listing(&paths)).unwrap();
        let names: Vec<_> =
            files.iter().map(|file| file.path.as_str()).filter(|path| path.contains("text_enc")).collect();
        assert_eq!(names, ["text_encoder/config.json", &pieces[2], &pieces[1]]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let without = |missing: &str| {
            let paths: Vec<_> = NETWORKS.into_iter().filter(|path| *path != missing).collect();
            DECODER.select(&listing(&paths)).unwrap_err()
        };
        assert_eq!(without("movq/config.json"), "movq/config.json");
        assert_eq!(without("unet/diffusion_pytorch_model.bin"), "unet/diffusion_pytorch_model.safetensors");
        assert_eq!(without("text_encoder/pytorch_model.bin"), "text_encoder/model.safetensors");
        assert_eq!(without("tokenizer/tokenizer.json"), "tokenizer/tokenizer.json");
    }
}
