//! `kandinsky-bot draw "PROMPT"`: a picture without a chat.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::ModelArgs;
use crate::engine::{Engine, Flow};
use crate::pictures::encode_png;
use crate::recipe::{Recipe, SamplerName, Settings, Size};
use crate::styles::Style;

/// Flags that every picture command takes.
#[derive(Debug, Args)]
pub(super) struct PictureArgs {
    /// File to write; without it kandinsky-SEED.png. With --count N: FILE-1.png … FILE-N.png
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Seed of the first picture; the next ones count up. Random without it
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of pictures
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: u32,
    /// Width and height in pixels, 64 to 1024 each; the model's native size without it
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// Denoising steps of the decoder, 1 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    steps: Option<u32>,
    /// How strictly the decoder follows the prompt; 1 switches guidance off
    #[arg(long, value_name = "X")]
    guidance: Option<f64>,
    /// Steps of the diffusion prior, 2 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    prior_steps: Option<u32>,
    /// How strictly the prior follows the prompt; 1 switches guidance off
    #[arg(long, value_name = "X")]
    prior_guidance: Option<f64>,
    /// The decoder's sampler: ddim
    #[arg(long, value_name = "NAME")]
    sampler: Option<SamplerName>,
    /// What should not be in the picture
    #[arg(long, value_name = "TEXT")]
    negative: Option<String>,
    /// A style preset, such as anime or oil-painting
    #[arg(long, value_name = "CODE", value_parser = parse_style)]
    style: Option<Style>,
    #[command(flatten)]
    model: ModelArgs,
}

/// Arguments of `draw`.
#[derive(Debug, Args)]
pub(super) struct DrawArgs {
    /// What to draw, in Russian or English
    prompt: String,
    #[command(flatten)]
    picture: PictureArgs,
}

/// Draws, writes the files and names each on stdout.
pub(super) fn run(args: &DrawArgs) -> Result<()> {
    let recipe = Recipe::text_to_image(&args.prompt, args.picture.seed.unwrap_or_else(random_seed))?;
    draw(args.picture.refine(recipe)?, &args.picture)
}

fn draw(recipe: Recipe, args: &PictureArgs) -> Result<()> {
    let engine = Engine::load(&args.model)?;
    if let Some(note) = engine.enlargement(&recipe) {
        writeln!(std::io::stderr(), "note: {note}")?;
    }
    for index in 0..recipe.count {
        let single = recipe.single(index);
        let bar = progress_bar();
        let picture = engine.draw(&single, &mut |share| {
            bar.set_position((share * 100.0) as u64);
            Flow::Continue
        })?;
        bar.finish_and_clear();
        let path = output_path(args.output.as_deref(), &recipe, index);
        write_file(&path, &encode_png(&picture, &single)?)?;
        writeln!(std::io::stdout(), "{}", path.display())?;
    }
    Ok(())
}

impl PictureArgs {
    fn refine(&self, recipe: Recipe) -> Result<Recipe> {
        let negative = self.negative.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let settings = Settings {
            size: self.size,
            steps: self.steps,
            guidance: self.guidance,
            prior_steps: self.prior_steps,
            prior_guidance: self.prior_guidance,
            sampler: self.sampler,
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

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:30} {pos:>3} %  {elapsed}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(100).with_style(style)
}

/// `kandinsky-SEED.png`, or the given name, numbered from 1 when there are several pictures.
fn output_path(output: Option<&Path>, recipe: &Recipe, index: u32) -> PathBuf {
    let Some(output) = output else {
        return PathBuf::from(format!("kandinsky-{}.png", recipe.seed_of(index)));
    };
    if recipe.count == 1 {
        return output.to_owned();
    }
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let suffix = output.extension().map_or("png".into(), |suffix| suffix.to_string_lossy());
    output.with_file_name(format!("{stem}-{}.{suffix}", index + 1))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} can not be made", folder.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("the picture {} can not be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(count: u32) -> Recipe {
        Recipe::text_to_image("cat", 41).unwrap().with_count(count).unwrap()
    }

    #[test]
    fn files_are_named_after_the_seed_or_numbered() {
        let name = |output: Option<&str>, count, index| {
            output_path(output.map(Path::new), &recipe(count), index).to_string_lossy().into_owned()
        };
        assert_eq!(name(None, 1, 0), "kandinsky-41.png");
        assert_eq!(name(None, 2, 1), "kandinsky-42.png");
        assert_eq!(name(Some("out/a.png"), 1, 0), "out/a.png");
        assert_eq!(name(Some("out/a.png"), 3, 2), "out/a-3.png");
        assert_eq!(name(Some("a"), 2, 0), "a-1.png");
    }

    #[test]
    fn an_unknown_style_is_answered_with_the_known_ones() {
        assert!(parse_style("gothic").unwrap_err().contains("oil-painting"));
    }
}
