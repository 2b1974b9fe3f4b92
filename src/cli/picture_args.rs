//! Flags that every picture command takes.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::config::ModelArgs;
use crate::recipe::{PriorSamplerKind, Recipe, SamplerKind, Settings, Size, Task};
use crate::styles::Style;

/// Flags that every picture command takes.
#[derive(Debug, Args)]
pub(super) struct PictureArgs {
    /// File to write: .png, .jpg or .webp; by default kandinsky-SEED.png. With --count N: FILE-1.png … FILE-N.png. - writes a
    /// PNG to stdout
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Seed of the first picture; the following pictures count up. By default random
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of pictures
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: u32,
    /// Width and height in pixels, 64 to 1024 each; by default the model's native size. For a command that takes a picture,
    /// the longer side limits the size at which the network works
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// Denoising steps of the decoder, 1 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    steps: Option<u32>,
    /// Guidance scale of the decoder: how closely it follows the prompt; 1 switches guidance off
    #[arg(long, value_name = "X")]
    guidance: Option<f64>,
    /// Steps of the diffusion prior, 2 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    prior_steps: Option<u32>,
    /// Guidance scale of the prior; 1 switches guidance off
    #[arg(long, value_name = "X")]
    prior_guidance: Option<f64>,
    /// Sampler of the decoder: ddim, p_sampler, plms or dpm++ (needs the fewest steps)
    #[arg(long, value_name = "NAME")]
    sampler: Option<SamplerKind>,
    /// Sampler of the prior: ancestral, ddim or fast
    #[arg(long, value_name = "NAME")]
    prior_sampler: Option<PriorSamplerKind>,
    /// Leave out: what should not be in the picture
    #[arg(long, value_name = "TEXT")]
    negative: Option<String>,
    /// Style, such as anime or oil-painting
    #[arg(long, value_name = "CODE", value_parser = parse_style)]
    style: Option<Style>,
    #[command(flatten)]
    pub(super) model: ModelArgs,
}

impl PictureArgs {
    /// The recipe for a task with these flags.
    pub(super) fn recipe(&self, task: Task) -> Result<Recipe> {
        let recipe = Recipe::new(task, self.seed.unwrap_or_else(random_seed));
        let negative = self.negative.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let settings = Settings {
            size: self.size,
            steps: self.steps,
            guidance: self.guidance,
            prior_steps: self.prior_steps,
            prior_guidance: self.prior_guidance,
            sampler: self.sampler,
            prior_sampler: self.prior_sampler,
        };
        Ok(Recipe { style: self.style.unwrap_or_default(), negative, settings, ..recipe }.with_count(self.count)?)
    }
}

fn parse_style(code: &str) -> Result<Style, String> {
    code.parse::<Style>().map_err(|error| {
        let codes: Vec<_> = Style::all().map(Style::code).collect();
        format!("{error}; there are: {}", codes.join(", "))
    })
}

/// Small enough to be typed again.
fn random_seed() -> u64 {
    u64::from(rand::random::<u32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_style_is_answered_with_the_known_ones() {
        assert!(parse_style("gothic").unwrap_err().contains("oil-painting"));
    }
}
