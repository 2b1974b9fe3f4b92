//! `kandinsky.json`: what a model folder says about how it is best used. The file is this program's own and optional.

use serde::Deserialize;

use super::Config;
use crate::kandinsky::samplers::SamplerKind;

/// Native size and default settings of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub struct Defaults {
    /// Side of the square the model draws best, pixels.
    pub size: u32,
    /// Longest side the model draws, pixels, where it knows only one scale; larger pictures are enlarged from it.
    pub largest: Option<u32>,
    /// Denoising steps.
    pub steps: usize,
    /// Sampler of the decoder.
    pub sampler: SamplerKind,
    /// Guidance of the decoder.
    pub guidance: f64,
    /// Steps of the prior.
    pub prior_steps: usize,
    /// Guidance of the prior.
    pub prior_guidance: f64,
    /// Languages that both text encoders read, as two letters each.
    pub reads: Vec<String>,
}

impl Defaults {
    /// Whether both text encoders read a language.
    #[must_use]
    pub fn reads(&self, language: &str) -> bool {
        self.reads.iter().any(|read| read == language)
    }
}

impl Default for Defaults {
    /// Settings of the published Kandinsky 2.1, but that DPM-Solver++ does in 25 steps what DDIM does in 100: by the measure of
    /// `tests/model/miniature.rs` it is no worse.
    fn default() -> Self {
        Self {
            size: 768,
            largest: None,
            steps: 25,
            sampler: SamplerKind::DpmSolver,
            guidance: 4.,
            prior_steps: 25,
            prior_guidance: 4.,
            // OpenAI's CLIP was trained on English texts alone.
            reads: vec!["en".to_string()],
        }
    }
}

impl Config for Defaults {
    fn check(&self) -> Result<(), String> {
        if !(64..=1024).contains(&self.size) {
            return Err(format!("size is {}; it must be from 64 to 1024", self.size));
        }
        if self.largest.is_some_and(|largest| !(8..=1024).contains(&largest)) {
            return Err(format!("largest is {}; it must be from 8 to 1024", self.largest.unwrap_or_default()));
        }
        if !(1..=1000).contains(&self.steps) || !(1..=1000).contains(&self.prior_steps) {
            return Err("steps and prior_steps must be from 1 to 1000".to_string());
        }
        Ok(())
    }
}
