//! `kandinsky-bot completions` and `kandinsky-bot man`: what shells and manuals show of the command line.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Shell to complete in
    shell: Shell,
}

/// Prints what the shell reads to complete commands and options.
pub(super) fn run_completions(mut command: clap::Command, args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "kandinsky-bot", &mut script);
    Ok(std::io::stdout().write_all(&script)?)
}

/// Prints the manual page.
pub(super) fn run_man(command: clap::Command) -> Result<()> {
    Ok(clap_mangen::Man::new(command).render(&mut std::io::stdout())?)
}
