//! The commands. The only room, with `main.rs`, that uses anyhow: here errors become one line for a user.

mod bench;
#[cfg(feature = "postgres")]
mod data;
mod describe;
mod environment;
mod fetch_bars;
mod health;
mod key;
mod model_commands;
mod model_fetch;
mod output;
mod picture_args;
mod picture_commands;
mod picture_files;
mod redaction;
mod reference;
mod serve;
mod store;
mod translate;
mod upscale;
mod welcome;
#[cfg(feature = "postgres")]
mod worker;

use std::io::Write;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use bench::BenchArgs;
use describe::DescribeArgs;
use health::HealthArgs;
use key::KeyArgs;
use model_commands::ModelCommand;
use picture_commands::{ChangeArgs, DrawArgs, InpaintArgs, MixArgs, OutpaintArgs, VaryArgs};
use reference::CompletionsArgs;
use translate::TranslateArgs;
use upscale::UpscaleArgs;

use crate::config::ServeArgs;
#[cfg(feature = "postgres")]
use crate::config::WorkerArgs;

/// Draws with Kandinsky 2.1 on your own machine.
///
/// Without a command it serves Telegram if TELOXIDE_TOKEN is set, else a chat page on 127.0.0.1. Without --model it draws
/// with a small embedded model.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw a picture from a text
    Draw(DrawArgs),
    /// Mix pictures and texts into one picture
    Mix(MixArgs),
    /// Draw variations of a picture
    Vary(VaryArgs),
    /// Change a picture by a text
    Change(ChangeArgs),
    /// Redraw a part of a picture
    Inpaint(InpaintArgs),
    /// Extend a picture beyond its edges
    Outpaint(OutpaintArgs),
    /// Draw a picture 2 or 4 times as large
    Upscale(UpscaleArgs),
    /// Say what a picture shows, as a prompt
    Describe(DescribeArgs),
    /// Download a model; check and convert model folders
    #[command(subcommand)]
    Model(ModelCommand),
    /// Keys of the HTTP API, for other programs: add, list, remove
    Key(KeyArgs),
    /// Translate a Russian text to English, as it is done for a model that reads no Russian
    Translate(TranslateArgs),
    /// Measure speed and memory
    Bench(BenchArgs),
    /// Draw the jobs of a PostgreSQL database; another process serves the chat
    #[cfg(feature = "postgres")]
    Worker(Box<WorkerArgs>),
    /// Move the data of a bot from SQLite to PostgreSQL, or back
    #[cfg(feature = "postgres")]
    Data(data::DataArgs),
    /// Say whether the bot is well; exit code 0 only if it is
    Health(HealthArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// Does what the command line asks for.
///
/// # Errors
/// What went wrong, for [`complain`].
pub fn run() -> Result<()> {
    environment::load_env_file()?;
    let matches =
        environment::without_empty_variables(command()).try_get_matches().unwrap_or_else(|error| refuse(&error));
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| refuse(&error));
    match cli.command {
        Some(Command::Draw(args)) => picture_commands::run_draw(&args),
        Some(Command::Mix(args)) => picture_commands::run_mix(&args),
        Some(Command::Vary(args)) => picture_commands::run_vary(&args),
        Some(Command::Change(args)) => picture_commands::run_change(&args),
        Some(Command::Inpaint(args)) => picture_commands::run_inpaint(&args),
        Some(Command::Outpaint(args)) => picture_commands::run_outpaint(&args),
        Some(Command::Upscale(args)) => upscale::run(&args),
        Some(Command::Describe(args)) => describe::run(&args),
        Some(Command::Model(command)) => model_commands::run(&command),
        Some(Command::Key(args)) => key::run(args),
        Some(Command::Translate(args)) => translate::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        #[cfg(feature = "postgres")]
        Some(Command::Worker(args)) => worker::run(*args),
        #[cfg(feature = "postgres")]
        Some(Command::Data(args)) => data::run(args),
        Some(Command::Health(args)) => health::run(&args),
        Some(Command::Completions(args)) => reference::run_completions(command(), &args),
        Some(Command::Man) => reference::run_man(command()),
        None => serve::run(cli.serve),
    }
}

/// Shows what is wrong with the command line, which quotes what was written: a token in the wrong place is left out.
fn refuse(error: &clap::Error) -> ! {
    if let Some(text) = redaction::without_tokens(&error.to_string()) {
        let _ = write!(std::io::stderr(), "{text}");
        std::process::exit(error.exit_code());
    }
    error.exit()
}

fn command() -> clap::Command {
    let help = "Folder of the model to measure; without it, a model of the published size with random weights";
    Cli::command().mut_subcommand("bench", |bench| bench.mut_arg("model", |model| model.help(help)))
}

/// One line on stderr: what went wrong, and why.
pub fn complain(error: &anyhow::Error) {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // Some errors repeat their cause in their own words.
        if !line.contains(&cause) {
            line.push_str(if line.is_empty() { "" } else { ": " });
            line.push_str(&cause);
        }
    }
    let _ = writeln!(std::io::stderr(), "error: {}", line.replace('\n', " "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    /// Every variable of the command line with its default.
    fn variables(command: &clap::Command, found: &mut std::collections::BTreeMap<String, String>) {
        for arg in command.get_arguments() {
            if let Some(name) = arg.get_env() {
                let default = arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
                found.insert(name.to_string_lossy().into_owned(), default.unwrap_or_default());
            }
        }
        command.get_subcommands().for_each(|command| variables(command, found));
    }

    #[test]
    fn the_example_of_settings_has_every_variable_with_its_default() {
        let mut variables_of_program = std::collections::BTreeMap::new();
        variables(&command(), &mut variables_of_program);
        assert!(variables_of_program.len() > 15, "{variables_of_program:?}");
        let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.env.example")).unwrap();
        let lines = file.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
        let listed: std::collections::BTreeMap<_, _> =
            lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (name, default) in &variables_of_program {
            assert_eq!(listed.get(name), Some(default), "{name} in .env.example");
        }
        for name in listed.keys().filter(|name| name.starts_with("KANDINSKY_")) {
            assert!(variables_of_program.contains_key(name), "{name} of .env.example is read by nobody");
        }
    }
}
