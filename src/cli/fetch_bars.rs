//! How far a download is: a bar for each file on a terminal, a line for each elsewhere.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};

use crate::fetch::{FetchProgress, Plan, Work};

/// Shows the work on one file after another.
pub(super) struct FetchBars {
    is_terminal: bool,
    bar: Mutex<ProgressBar>,
}

impl FetchBars {
    pub(super) fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), bar: Mutex::new(ProgressBar::hidden()) }
    }

    fn bar(&self) -> ProgressBar {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_bar(&self, bar: ProgressBar) {
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }
}

impl FetchProgress for FetchBars {
    fn planned(&self, plan: &Plan) {
        for repository in &plan.repositories {
            say(&format!("{}: {} in {} files", repository.id, DecimalBytes(repository.bytes), repository.files));
        }
        let all = DecimalBytes(plan.repositories.iter().map(|repository| repository.bytes).sum());
        let (needed, free, cache) = (DecimalBytes(plan.needed), DecimalBytes(plan.free), plan.cache.display());
        say(&format!("in all {all}, of which {needed} to fetch into {cache} ({free} free)"));
    }

    fn begins(&self, work: Work, path: &Path, bytes: u64) {
        let (verb, path) = (verb(work), path.display());
        if !self.is_terminal {
            if work == Work::Fetching {
                say(&format!("{verb} {path} ({})", DecimalBytes(bytes)));
            }
            return;
        }
        let template = match work {
            Work::Fetching => "{bar:30} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}  {msg}",
            Work::Checking => "{bar:30} {decimal_bytes}/{decimal_total_bytes}  {msg}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.set_bar(ProgressBar::new(bytes).with_style(style).with_message(format!("{verb} {path}")));
    }

    fn advances(&self, bytes: u64) {
        self.bar().inc(bytes);
    }

    fn ends(&self) {
        self.bar().finish_and_clear();
        self.set_bar(ProgressBar::hidden());
    }
}

fn verb(work: Work) -> &'static str {
    match work {
        Work::Fetching => "fetching",
        Work::Checking => "checking",
    }
}

/// What can not be said is not worth failing for.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
