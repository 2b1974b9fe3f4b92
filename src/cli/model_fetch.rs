//! `model fetch`: downloads the published model.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use indicatif::DecimalBytes;

use super::fetch_bars::FetchBars;
use crate::fetch::{
    CLIP, DECODER, HubSettings, INPAINT, ORIGINAL, ORIGINAL_WITHOUT_INPAINTING, PRIOR, Repository, TRANSLATOR,
    UPSCALER, fetch,
};

/// Arguments of `model fetch`.
#[derive(Debug, Args)]
pub(super) struct FetchArgs {
    /// Folder to create; by default kandinsky, or kandinsky-original with --original. Its weights are links into the hub's
    /// cache, so that they take disk space once
    #[arg(long, value_name = "DIR", env = "KANDINSKY_MODEL")]
    model: Option<PathBuf>,
    /// Download only this repository of the three; can be repeated
    #[arg(long, value_name = "NAME")]
    repo: Vec<RepositoryName>,
    /// Leave out what only inpainting and outpainting need
    #[arg(long, conflicts_with = "repo")]
    no_inpaint: bool,
    /// Leave out the upscalers (ai-forever/Real-ESRGAN)
    #[arg(long, conflicts_with = "repo")]
    no_upscaler: bool,
    /// Download the original checkpoints (ai-forever/Kandinsky_2.1) and OpenAI's CLIP instead
    #[arg(long, conflicts_with = "repo")]
    original: bool,
    /// Leave out the translator from Russian, without which the model draws poor pictures of Russian texts
    #[arg(long, conflicts_with = "repo")]
    no_translator: bool,
    /// Use only files on this machine
    #[arg(long, env = "HF_HUB_OFFLINE", value_parser = BoolishValueParser::new())]
    offline: bool,
}

/// A repository of the first published layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RepositoryName {
    /// Diffusion prior and CLIP; always needed
    #[value(name = "kandinsky-2-1-prior")]
    Prior,
    /// Decoder for text to image
    #[value(name = "kandinsky-2-1")]
    Decoder,
    /// Decoder for inpainting; it can draw from text as well
    #[value(name = "kandinsky-2-1-inpaint")]
    Inpaint,
}

impl RepositoryName {
    fn repository(self) -> Repository {
        match self {
            Self::Prior => PRIOR,
            Self::Decoder => DECODER,
            Self::Inpaint => INPAINT,
        }
    }
}

impl FetchArgs {
    fn repositories(&self) -> Vec<Repository> {
        // Who names repositories wants no other.
        let wanted = |is_left_out: bool, repository| (!is_left_out && self.repo.is_empty()).then_some(repository);
        let beside = [wanted(self.no_translator, TRANSLATOR), wanted(self.no_upscaler, UPSCALER)];
        self.model_repositories().into_iter().chain(beside.into_iter().flatten()).collect()
    }

    fn model_repositories(&self) -> Vec<Repository> {
        match (self.original, self.no_inpaint) {
            (true, false) => vec![ORIGINAL, CLIP],
            (true, true) => vec![ORIGINAL_WITHOUT_INPAINTING, CLIP],
            (false, true) => vec![PRIOR, DECODER],
            (false, false) => {
                let is_wanted = |name: &RepositoryName| self.repo.is_empty() || self.repo.contains(name);
                RepositoryName::value_variants()
                    .iter()
                    .copied()
                    .filter(is_wanted)
                    .map(RepositoryName::repository)
                    .collect()
            }
        }
    }

    fn folder(&self) -> &Path {
        let default = if self.original { "kandinsky-original" } else { "kandinsky" };
        self.model.as_deref().unwrap_or(Path::new(default))
    }
}

pub(super) fn run(args: &FetchArgs) -> Result<()> {
    let settings = HubSettings::from_environment(args.offline)?;
    let (repositories, folder) = (args.repositories(), args.folder());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let fetched = runtime.block_on(async {
        tokio::select! {
            fetched = fetch(&repositories, folder, &settings, Arc::new(FetchBars::new())) => Ok(fetched?),
            _ = tokio::signal::ctrl_c() => bail!("stopped; run the same command again, it goes on from there"),
        }
    });
    // A checksum of gigabytes need not be waited for.
    runtime.shutdown_background();
    let fetched = fetched?;
    let folder = folder.display();
    let summary = match fetched.fetched {
        0 => format!("all {} files were there", fetched.files),
        new => format!("{} files, {new} of them fetched now ({})", fetched.files, DecimalBytes(fetched.bytes)),
    };
    writeln!(std::io::stderr(), "{summary}; use them with --model {folder} or KANDINSKY_MODEL={folder}")?;
    writeln!(std::io::stdout(), "{folder}")?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: FetchArgs,
    }

    fn ids(arguments: &[&str]) -> Vec<&'static str> {
        let line = Line::try_parse_from([&["fetch"], arguments].concat()).unwrap();
        line.args.repositories().into_iter().map(|repository| repository.id).collect()
    }

    #[test]
    fn flags_choose_the_repositories() {
        assert_eq!(ids(&[]), [PRIOR.id, DECODER.id, INPAINT.id, TRANSLATOR.id, UPSCALER.id]);
        assert_eq!(ids(&["--no-inpaint"]), [PRIOR.id, DECODER.id, TRANSLATOR.id, UPSCALER.id]);
        assert_eq!(ids(&["--no-translator"]), [PRIOR.id, DECODER.id, INPAINT.id, UPSCALER.id]);
        assert_eq!(ids(&["--no-upscaler"]), [PRIOR.id, DECODER.id, INPAINT.id, TRANSLATOR.id]);
        let two = ["--repo", "kandinsky-2-1-inpaint", "--repo", "kandinsky-2-1-prior"];
        assert_eq!(ids(&two), [PRIOR.id, INPAINT.id]);
        assert_eq!(ids(&["--original"]), ["ai-forever/Kandinsky_2.1", CLIP.id, TRANSLATOR.id, UPSCALER.id]);
        let line = Line::try_parse_from(["fetch", "--original", "--no-inpaint", "--no-translator", "--no-upscaler"]);
        let line = line.unwrap();
        assert_eq!(line.args.repositories(), [ORIGINAL_WITHOUT_INPAINTING, CLIP]);
        assert!(Line::try_parse_from(["fetch", "--original", "--repo", "kandinsky-2-1"]).is_err());
    }
}
