//! `model …`: what there is to do with a model folder.

use anyhow::Result;
use clap::Subcommand;

use super::model_fetch::{self, FetchArgs};

/// What to do with a model folder.
#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Download the published model from the Hugging Face hub
    ///
    /// The sizes are shown first. A download that was cut goes on where it ended when the same command is run again; what is
    /// there already is checked, and fetched anew only if it is damaged. The hub's variables are respected: HF_HOME (where
    /// its cache is; ~/.cache/huggingface without it), HF_ENDPOINT (another server than https://huggingface.co), HF_TOKEN.
    Fetch(FetchArgs),
}

pub(super) fn run(command: &ModelCommand) -> Result<()> {
    match command {
        ModelCommand::Fetch(args) => model_fetch::run(args),
    }
}
