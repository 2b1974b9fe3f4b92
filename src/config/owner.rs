//! What the owner of the bot decides.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use crate::moderation::Strictness;

/// Who may use the bot and how much, what is not drawn, how long pictures are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Access, limits, moderation, retention")]
pub struct OwnerArgs {
    /// Telegram IDs of the admins, separated by commas: they have commands of their own and no limits
    #[arg(long, value_name = "IDS", env = "KANDINSKY_ADMINS", default_value = "", hide_default_value = true)]
    #[arg(allow_hyphen_values = true)]
    pub admins: Ids,
    /// Telegram IDs of the users and chats that are served, separated by commas; without it, all are
    #[arg(long, value_name = "IDS", env = "KANDINSKY_ALLOW", default_value = "", hide_default_value = true)]
    #[arg(allow_hyphen_values = true)]
    pub allow: Ids,
    /// Leave the bot's name and descriptions as they are, instead of setting them in both languages at start
    #[arg(long, env = "KANDINSKY_KEEP_PROFILE")]
    pub keep_profile: bool,
    /// Who makes keys of the HTTP API in the chat, with /key; a key is its user: by the same limits
    #[arg(long, value_name = "WHO", env = "KANDINSKY_API", default_value = "admins")]
    pub api: KeyMakers,
    /// What is not drawn
    #[arg(long, value_name = "HOW", env = "KANDINSKY_MODERATION", default_value = "on")]
    pub moderation: Strictness,
    /// Word list of your own (TOML), which adds to the built-in lists or replaces them
    #[arg(long, value_name = "FILE", env = "KANDINSKY_MODERATION_WORDS")]
    pub moderation_words: Option<PathBuf>,
    /// Jobs of one user that wait or run at the same time; 0 means no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_WAITING", default_value_t = 5)]
    pub limit_waiting: u32,
    /// Jobs of one user per hour; 0 means no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_HOUR", default_value_t = 0)]
    pub limit_hour: u32,
    /// Jobs of one user per day; 0 means no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_DAY", default_value_t = 0)]
    pub limit_day: u32,
    /// Jobs of one chat per hour, whoever asks; 0 means no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_CHAT_HOUR", default_value_t = 0)]
    pub limit_chat_hour: u32,
    /// Hours to keep pictures sent by users after their job has ended; 0 means without limit
    #[arg(long, value_name = "N", env = "KANDINSKY_KEEP_INPUTS_HOURS", default_value_t = 24)]
    pub keep_inputs_hours: u32,
    /// Days to keep drawn pictures after they were sent; 0 means without limit
    #[arg(long, value_name = "N", env = "KANDINSKY_KEEP_RESULTS_DAYS", default_value_t = 30)]
    pub keep_results_days: u32,
    /// Size of the database in megabytes, above which the oldest pictures are deleted; 0 means no limit
    #[arg(long, value_name = "MB", env = "KANDINSKY_DISK_LIMIT_MB", default_value_t = 0)]
    pub disk_limit_mb: u64,
}

/// Who makes keys of the HTTP API in the chat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum KeyMakers {
    /// Nobody; keys that were made there open nothing
    Off,
    /// The admins
    #[default]
    Admins,
    /// All users who are served
    Everyone,
}

/// Accounts of Telegram that stand for many people: for anonymous administrators of all groups, for channels, and for the
/// posts of linked channels (<https://core.telegram.org/bots/api#message>, `from` and `sender_chat`).
pub const SHARED_ACCOUNTS: [i64; 3] = [1_087_968_824, 136_817_688, 777_000];

/// Numbers of people and chats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids(pub Vec<i64>);

/// A word that can not be used as a number of somebody.
#[derive(Debug, thiserror::Error)]
pub enum IdsError {
    /// It is no number.
    #[error(
        "{word:?} is no number of a person or a chat; write numbers separated by commas, for example 123456789,-1001234567890"
    )]
    NoNumber {
        /// The word.
        word: String,
    },
    /// It is one of [`SHARED_ACCOUNTS`].
    #[error(
        "{id} is no person: Telegram uses this account for anonymous administrators and channels of all groups; name the \
         person's own number, or a group's"
    )]
    Shared {
        /// The account.
        id: i64,
    },
}

impl FromStr for Ids {
    type Err = IdsError;

    fn from_str(text: &str) -> Result<Self, IdsError> {
        let words = text.split([',', ';', ' ']).map(str::trim).filter(|word| !word.is_empty());
        Ok(Self(words.map(id).collect::<Result<_, _>>()?))
    }
}

fn id(word: &str) -> Result<i64, IdsError> {
    let id = word.parse().map_err(|_| IdsError::NoNumber { word: word.to_owned() })?;
    if SHARED_ACCOUNTS.contains(&id) { Err(IdsError::Shared { id }) } else { Ok(id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_names_are_not() {
        assert_eq!("".parse::<Ids>().unwrap(), Ids(vec![]));
        assert_eq!("1, -1002;3 ".parse::<Ids>().unwrap(), Ids(vec![1, -1002, 3]));
        assert!("1,@anna".parse::<Ids>().unwrap_err().to_string().contains("@anna"));
    }

    #[test]
    fn an_account_that_stands_for_many_people_is_nobody_to_trust() {
        for text in ["1087968824", "5, 136817688", "777000"] {
            let error = text.parse::<Ids>().unwrap_err().to_string();
            assert!(error.contains("is no person") && error.lines().count() == 1, "{error}");
        }
    }
}
