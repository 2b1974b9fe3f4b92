//! What the owner of the bot decides.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::moderation::Strictness;

/// Who may use the bot and how much, what is not drawn, how long pictures are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rules of the house")]
pub struct OwnerArgs {
    /// Telegram numbers of the admins, separated by commas: they have commands of their own and no limits
    #[arg(long, value_name = "IDS", env = "KANDINSKY_ADMINS", default_value = "", hide_default_value = true)]
    #[arg(allow_hyphen_values = true)]
    pub admins: Ids,
    /// Telegram numbers of the people and chats that are served, separated by commas; without it everybody is
    #[arg(long, value_name = "IDS", env = "KANDINSKY_ALLOW", default_value = "", hide_default_value = true)]
    #[arg(allow_hyphen_values = true)]
    pub allow: Ids,
    /// Leaves the bot's name and descriptions as they are, instead of setting them in both languages at start
    #[arg(long, env = "KANDINSKY_KEEP_PROFILE")]
    pub keep_profile: bool,
    /// What is not drawn
    #[arg(long, value_name = "HOW", env = "KANDINSKY_MODERATION", default_value = "on")]
    pub moderation: Strictness,
    /// A list of words of your own (TOML), beside the ones that are compiled in or in their place
    #[arg(long, value_name = "FILE", env = "KANDINSKY_MODERATION_WORDS")]
    pub moderation_words: Option<PathBuf>,
    /// Jobs of one person that may wait at a time; 0 sets no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_WAITING", default_value_t = 5)]
    pub limit_waiting: u32,
    /// Jobs of one person within an hour; 0 sets no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_HOUR", default_value_t = 0)]
    pub limit_hour: u32,
    /// Jobs of one person within a day; 0 sets no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_DAY", default_value_t = 0)]
    pub limit_day: u32,
    /// Jobs of one chat within an hour, whoever asks; 0 sets no limit
    #[arg(long, value_name = "N", env = "KANDINSKY_LIMIT_CHAT_HOUR", default_value_t = 0)]
    pub limit_chat_hour: u32,
    /// Hours that pictures which people sent are kept after the job has ended; 0 keeps them for ever
    #[arg(long, value_name = "N", env = "KANDINSKY_KEEP_INPUTS_HOURS", default_value_t = 24)]
    pub keep_inputs_hours: u32,
    /// Days that drawn pictures are kept after they were sent; 0 keeps them for ever
    #[arg(long, value_name = "N", env = "KANDINSKY_KEEP_RESULTS_DAYS", default_value_t = 30)]
    pub keep_results_days: u32,
    /// Megabytes that the database may take; beyond that the oldest pictures are deleted; 0 sets no limit
    #[arg(long, value_name = "MB", env = "KANDINSKY_DISK_LIMIT_MB", default_value_t = 0)]
    pub disk_limit_mb: u64,
}

/// Numbers of people and chats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids(pub Vec<i64>);

/// A word that is no number.
#[derive(Debug, thiserror::Error)]
#[error(
    "{word:?} is no number of a person or a chat; write numbers separated by commas, for example 123456789,-1001234567890"
)]
pub struct IdsError {
    word: String,
}

impl FromStr for Ids {
    type Err = IdsError;

    fn from_str(text: &str) -> Result<Self, IdsError> {
        let words = text.split([',', ';', ' ']).map(str::trim).filter(|word| !word.is_empty());
        let ids = words.map(|word| word.parse().map_err(|_| IdsError { word: word.to_owned() }));
        Ok(Self(ids.collect::<Result<_, _>>()?))
    }
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
}
