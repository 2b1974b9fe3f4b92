//! The log: one line for one thing, on stderr, so that stdout stays for results.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// What is logged of a bot on Telegram when nothing else is asked for. teloxide's dispatcher logs whole updates that it can not read,
/// prompts included.
pub const SERVICE_FILTER: &str = "info,sqlx=warn,teloxide=warn,teloxide::dispatching=off";
/// What is logged beside the chat page.
pub const PAGE_FILTER: &str = "warn,teloxide::dispatching=off";

/// A log filter that can not be read.
#[derive(Debug, thiserror::Error)]
#[error("{filter:?} is no log filter: {reason}; write, for example, info or kandinsky_bot=debug,info")]
pub struct FilterError {
    filter: String,
    reason: String,
}

/// Starts the log.
///
/// # Errors
/// [`FilterError`] for a filter that is not of the form `LEVEL` or `TARGET=LEVEL,…`.
pub fn start(filter: &str) -> Result<(), FilterError> {
    let parsed = EnvFilter::try_new(filter)
        .map_err(|error| FilterError { filter: filter.to_owned(), reason: error.to_string() })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // A second start (in tests) keeps the first.
    let _ = subscriber.try_init();
    Ok(())
}
