//! `kandinsky-bot health`: whether the bot is well, for containers and scripts.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::monitoring::heartbeat::{Health, health};

/// Arguments of `health`.
#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// Data folder of the bot
    #[arg(long, value_name = "DIR", env = "KANDINSKY_DATA", default_value = "data")]
    data: PathBuf,
    /// Be content only once the model is loaded
    #[arg(long)]
    ready: bool,
}

pub(super) fn run(args: &HealthArgs) -> Result<()> {
    let folder = args.data.display();
    if !is_locked(&args.data) {
        bail!("no bot runs in {folder}");
    }
    match health(&args.data) {
        Health::Well { is_ready: false } if args.ready => bail!("the model is loading"),
        Health::Well { is_ready } => {
            let what = if is_ready { "the bot is well" } else { "the bot is well, the model is loading" };
            Ok(writeln!(std::io::stdout(), "{what}")?)
        }
        Health::Hangs { since } => bail!("the bot hangs: its last sign of life is {} seconds old", since.as_secs()),
        Health::Unknown => bail!("the bot in {folder} has given no sign of life yet"),
    }
}

/// Whether a process holds the data folder. One that can not be looked at is held by nobody.
fn is_locked(data: &std::path::Path) -> bool {
    File::open(data.join("lock"))
        .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}
