//! The samplers there are, and their names. A name is spelled the same on the command line, in a PNG, in the database and in
//! `kandinsky.json`; older spellings are read as well.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The decoder's samplers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum SamplerKind {
    /// Denoising diffusion implicit models, η = 0 (<https://arxiv.org/abs/2010.02502>); the published default.
    #[default]
    #[serde(rename = "ddim")]
    Ddim,
    /// Ancestral DDPM with learned variance and dynamic thresholding: the original's `p_sampler`.
    #[serde(rename = "p_sampler")]
    PSampler,
    /// Pseudo linear multistep (<https://arxiv.org/abs/2202.09778>).
    #[serde(rename = "plms")]
    Plms,
    /// DPM-Solver++ of second order, multistep: the fast one (<https://arxiv.org/abs/2211.01095>).
    #[serde(rename = "dpm++", alias = "dpm_solver")]
    DpmSolver,
}

/// The prior's samplers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorSamplerKind {
    /// Ancestral DDPM, as published.
    #[default]
    Ancestral,
    /// DDIM, η = 0.
    Ddim,
    /// DPM-Solver++ of second order.
    Fast,
}

/// A name that belongs to no sampler.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no sampler; there is: {known}")]
pub struct UnknownSampler {
    /// The name.
    pub name: String,
    /// The names that there are.
    pub known: &'static str,
}

impl FromStr for SamplerKind {
    type Err = UnknownSampler;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "ddim" => Ok(Self::Ddim),
            "p_sampler" | "p-sampler" | "ddpm" => Ok(Self::PSampler),
            "plms" => Ok(Self::Plms),
            "dpm++" | "dpmpp" | "dpm_solver" | "fast" => Ok(Self::DpmSolver),
            _ => Err(UnknownSampler { name: name.to_owned(), known: "ddim, p_sampler, plms, dpm++" }),
        }
    }
}

impl FromStr for PriorSamplerKind {
    type Err = UnknownSampler;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "ancestral" => Ok(Self::Ancestral),
            "ddim" => Ok(Self::Ddim),
            "fast" => Ok(Self::Fast),
            _ => Err(UnknownSampler { name: name.to_owned(), known: "ancestral, ddim, fast" }),
        }
    }
}

impl fmt::Display for SamplerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ddim => "ddim",
            Self::PSampler => "p_sampler",
            Self::Plms => "plms",
            Self::DpmSolver => "dpm++",
        })
    }
}

impl fmt::Display for PriorSamplerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ancestral => "ancestral",
            Self::Ddim => "ddim",
            Self::Fast => "fast",
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_sampler_has_one_spelling_everywhere() {
        use SamplerKind::{Ddim, DpmSolver, PSampler, Plms};
        for sampler in [Ddim, PSampler, Plms, DpmSolver] {
            assert_eq!(sampler.to_string().parse(), Ok(sampler));
            assert_eq!(serde_json::to_value(sampler).unwrap(), sampler.to_string());
        }
        for sampler in [PriorSamplerKind::Ancestral, PriorSamplerKind::Ddim, PriorSamplerKind::Fast] {
            assert_eq!(sampler.to_string().parse(), Ok(sampler));
            assert_eq!(serde_json::to_value(sampler).unwrap(), sampler.to_string());
        }
    }

    #[test]
    fn older_spellings_are_read() {
        assert_eq!(serde_json::from_str::<SamplerKind>("\"dpm_solver\"").unwrap(), SamplerKind::DpmSolver);
        for name in ["DPM++", "dpmpp", "dpm_solver", "fast"] {
            assert_eq!(name.parse(), Ok(SamplerKind::DpmSolver), "{name}");
        }
        for name in ["p-sampler", "ddpm"] {
            assert_eq!(name.parse(), Ok(SamplerKind::PSampler), "{name}");
        }
        let error = "euler".parse::<SamplerKind>().unwrap_err().to_string();
        assert_eq!(error, "\"euler\" is no sampler; there is: ddim, p_sampler, plms, dpm++");
    }
}
