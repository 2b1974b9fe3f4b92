//! Advice below the picture of a Russian description, where the model reads English best and nothing translates.

use serde::{Deserialize, Serialize};

use crate::i18n::Language;
use crate::jobs::JobId;

/// When a chat was last given advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advised {
    /// Days since 1970.
    day: u64,
    /// The job whose picture it stood below.
    job: JobId,
}

impl Advised {
    /// Whether this job's picture brings advice on this day, after what was noted before: one job a day does, and does so again when
    /// its picture is sent again.
    #[must_use]
    pub fn is_due(before: Option<Self>, job: JobId, day: u64) -> bool {
        before.is_none_or(|before| before.day != day || before.job == job)
    }

    /// A job's picture brought it on this day.
    #[must_use]
    pub fn by(job: JobId, day: u64) -> Self {
        Self { day, job }
    }
}

/// What helps: who owns the bot can bring a translator, others can write in English.
#[must_use]
pub fn about_english(language: Language, is_admin: bool) -> String {
    language.text(if is_admin { "advice-translator" } else { "advice-english" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_job_a_day_brings_advice() {
        assert!(Advised::is_due(None, JobId(1), 20_000));
        let noted = Some(Advised::by(JobId(1), 20_000));
        assert!(Advised::is_due(noted, JobId(1), 20_000), "its picture is sent again");
        assert!(!Advised::is_due(noted, JobId(2), 20_000));
        assert!(Advised::is_due(noted, JobId(2), 20_001));
    }
}
