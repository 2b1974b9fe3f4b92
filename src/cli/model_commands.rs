//! `model …`: what there is to do with a model folder.

use anyhow::Result;
use clap::Subcommand;

use super::model_fetch::{self, FetchArgs};

/// What to do with a model folder.
#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Download the published model from the Hugging Face hub
    Fetch(FetchArgs),
}

pub(super) fn run(command: &ModelCommand) -> Result<()> {
    match command {
        ModelCommand::Fetch(args) => model_fetch::run(args),
    }
}
