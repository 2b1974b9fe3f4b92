//! `.env` and the environment.

use anyhow::{Context, Result};
use clap::Command;

/// Reads `.env` in the working folder, if there is one. Variables that are already set win.
pub(super) fn load_env_file() -> Result<()> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => Err(error).context("the file .env can not be read"),
        _ => Ok(()),
    }
}

/// Makes an empty variable count as absent, so that `.env` may list a variable without giving it a value.
pub(super) fn without_empty_variables(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let empty = arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        if empty { arg.env(None::<&str>) } else { arg }
    });
    command.mut_subcommands(without_empty_variables)
}
