//! `kandinsky-bot key`: keys of the HTTP API.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::store::OpenStore;
use crate::keys::{ApiKey, ApiKeys, NAME_LIMIT, NewApiKey, check_name, hash_key, new_key};

/// Keys of the HTTP API
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
    /// Data folder of the bot
    #[arg(long, global = true, value_name = "DIR", env = "KANDINSKY_DATA", default_value = "data")]
    data: PathBuf,
    /// Address of the PostgreSQL database of the bot
    #[arg(long, global = true, value_name = "URL", env = "KANDINSKY_DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key and show it, once; it works at once
    Add {
        /// What to call it, for example after the program that will use it
        name: String,
        /// Jobs per hour with this key, instead of KANDINSKY_LIMIT_HOUR; 0 means no limit
        #[arg(long, value_name = "N")]
        hour: Option<u32>,
        /// Jobs per day with this key, instead of KANDINSKY_LIMIT_DAY; 0 means no limit
        #[arg(long, value_name = "N")]
        day: Option<u32>,
    },
    /// Show the keys: name, when made, when last used
    List,
    /// Remove a key; it opens nothing from then on
    Remove {
        /// Its name
        name: String,
    },
}

/// Changes the stored keys, also while the bot runs.
pub(super) fn run(args: KeyArgs) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = OpenStore::open_beside(&args.data, args.database.as_deref()).await?;
        let done = change(&*store.keys, args.command).await;
        store.close().await;
        done
    })
}

async fn change(keys: &dyn ApiKeys, command: KeyCommand) -> Result<()> {
    let mut out = std::io::stdout();
    match command {
        KeyCommand::Add { name, hour, day } => {
            let Some(name) = check_name(&name) else {
                bail!("a name is one line of 1 to {NAME_LIMIT} characters");
            };
            let secret = new_key();
            let new = NewApiKey { user: None, name: name.to_owned(), hash: hash_key(&secret), hour, day };
            if keys.add_key(&new).await?.is_none() {
                bail!("there is a key {name:?} already; choose another name, or remove it first");
            }
            writeln!(std::io::stderr(), "The key is shown only now; keep it like a password:")?;
            writeln!(out, "{secret}")?;
        }
        KeyCommand::List => {
            for key in keys.keys().await? {
                writeln!(out, "{}", line(&key))?;
            }
        }
        KeyCommand::Remove { name } => {
            if !keys.remove_key(name.trim()).await? && !remove_key_of_user(keys, name.trim()).await? {
                bail!("there is no key {name:?}; `kandinsky-bot key list` shows all");
            }
        }
    }
    Ok(())
}

/// What a key is called here: one that somebody made in the chat has its user's number before its name.
fn full_name(key: &ApiKey) -> String {
    key.user.map_or_else(|| key.name.clone(), |user| format!("{user}/{}", key.name))
}

async fn remove_key_of_user(keys: &dyn ApiKeys, name: &str) -> Result<bool> {
    for key in keys.keys().await? {
        if let Some(user) = key.user
            && full_name(&key) == name
        {
            return Ok(keys.remove_key_of(user, key.id).await?.is_some());
        }
    }
    Ok(false)
}

/// A key as a line: name, age, last use, limits of its own.
fn line(key: &ApiKey) -> String {
    let used = key.used_at.map_or_else(|| "never used".to_owned(), |used| format!("last used {}", ago(used)));
    let limit = |limit: Option<u32>, unit| limit.map_or_else(String::new, |limit| format!("\t{limit} jobs per {unit}"));
    let (hour, day) = (limit(key.hour, "hour"), limit(key.day, "day"));
    format!("{}\tmade {}\t{used}{hour}{day}", full_name(key), ago(key.created_at))
}

/// How long ago something was, in the largest unit.
fn ago(moment: SystemTime) -> String {
    let seconds = moment.elapsed().unwrap_or(Duration::ZERO).as_secs();
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86400 => (seconds / 3600, "hour"),
        _ => (seconds / 86400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_the_owner_wants_to_know() {
        let created_at = SystemTime::now() - Duration::from_secs(2 * 86400 + 5);
        let key = ApiKey {
            id: 1,
            user: None,
            name: "webui".to_owned(),
            hour: Some(10),
            day: None,
            created_at,
            used_at: None,
        };
        assert_eq!(line(&key), "webui\tmade 2 days ago\tnever used\t10 jobs per hour");
        assert!(line(&ApiKey { user: Some(7), ..key }).starts_with("7/webui\t"));
    }
}
