//! The program: see `kandinsky-bot --help`.

use std::process::ExitCode;

use kandinsky_bot::cli;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
