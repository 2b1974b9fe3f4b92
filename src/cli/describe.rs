//! `kandinsky-bot describe`: what a picture shows.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::picture_files::{decoded, progress_bar, read_bytes};
use crate::config::ModelArgs;
use crate::engine::Engine;
use crate::recipe::{Description, Recognized};

/// Said where no name is probable enough.
const NOTHING: &str = "note: nothing is recognized in this picture";

/// Arguments of `describe`.
#[derive(Debug, Args)]
pub(super) struct DescribeArgs {
    /// Picture to describe
    file: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
}

pub(super) fn run(args: &DescribeArgs) -> Result<()> {
    let picture = decoded(&args.file, &read_bytes(&args.file)?)?;
    let engine = Engine::load(&(&args.model).into())?;
    let bar = progress_bar();
    let description = engine.describe(&picture, &mut |progress| {
        bar.set_position((progress.fraction * 100.0) as u64);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let lines = lines(&description?);
    if lines.is_empty() {
        writeln!(std::io::stderr(), "{NOTHING}")?;
    }
    lines.iter().try_for_each(|line| writeln!(std::io::stdout(), "{line}"))?;
    Ok(())
}

/// A line for each group with the probabilities, and a prompt.
fn lines(description: &Description) -> Vec<String> {
    let named = |recognized: &Recognized| format!("{} ({} %)", recognized.en, recognized.percent);
    let objects: Vec<String> = description.objects.iter().map(named).collect();
    let groups = [
        ("objects", Some(objects.join(", ")).filter(|objects| !objects.is_empty())),
        ("background", description.background.as_ref().map(named)),
        ("style", description.style.map(|found| format!("{} ({} %)", found.style.code(), found.percent))),
        ("prompt", description.prompt(|recognized| &recognized.en)),
        ("prompt (ru)", description.prompt(|recognized| &recognized.ru)),
    ];
    groups.into_iter().filter_map(|(name, words)| Some(format!("{name}: {}", words?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::RecognizedStyle;

    #[test]
    fn each_group_has_a_line_and_so_has_the_prompt() {
        let recognized = |ru: &str, en: &str, percent| Recognized { ru: ru.to_owned(), en: en.to_owned(), percent };
        let description = Description {
            objects: vec![recognized("лимон", "a lemon", 71), recognized("груша", "a pear", 22)],
            background: Some(recognized("на синем фоне", "on a blue background", 90)),
            style: Some(RecognizedStyle { style: "oil-painting".parse().unwrap(), percent: 55 }),
        };
        assert_eq!(
            lines(&description),
            [
                "objects: a lemon (71 %), a pear (22 %)",
                "background: on a blue background (90 %)",
                "style: oil-painting (55 %)",
                "prompt: a lemon on a blue background",
                "prompt (ru): лимон на синем фоне",
            ]
        );
        assert!(lines(&Description::default()).is_empty());
    }
}
