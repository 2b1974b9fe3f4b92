//! The launch data of a Mini App: who opened it, signed by the chat platform
//! (<https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app>).
//!
//! The signature is over every field but `hash`, also over `signature`, in the order of their names; the order in which they are sent
//! is free. Values are percent-decoded once; `user` stays JSON.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::Mac;
use serde::Deserialize;

use super::signature::hmac;

/// Longer data is none.
const MAX_LENGTH: usize = 4096;
/// Older data is refused: it may have been found somewhere.
const MAX_AGE: Duration = Duration::from_secs(3600);
/// So much may the platform's clock be ahead of this machine's.
const MAX_AHEAD: Duration = Duration::from_secs(60);

/// Why launch data is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InitDataError {
    /// It is not what a client sends, or signed by another bot.
    #[error("the launch data is not signed by this bot")]
    Forged,
    /// It was signed too long ago.
    #[error("the launch data is too old")]
    Old,
    /// It was signed in the future: the clock of this machine is wrong.
    #[error("the launch data is from the future; check the clock of this machine")]
    Clock,
    /// It names nobody who could draw.
    #[error("the launch data names no user")]
    NoUser,
}

/// Who opened the Mini App, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchData {
    /// The user's number.
    pub user: i64,
    /// What the user is called.
    pub name: String,
    /// The language of the user's client.
    pub language_code: Option<String>,
    /// What the link was about that opened it.
    pub start_param: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: i64,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    first_name: String,
    language_code: Option<String>,
}

impl LaunchData {
    /// Checks launch data that a client sent.
    ///
    /// # Errors
    /// [`InitDataError`].
    pub fn check(text: &str, bot_token: &str, now: SystemTime) -> Result<Self, InitDataError> {
        let fields = fields(text).ok_or(InitDataError::Forged)?;
        let hash = fields.get("hash").and_then(|hash| hex(hash)).ok_or(InitDataError::Forged)?;
        let mut mac = hmac(&secret_key(bot_token));
        mac.update(check_string(&fields).as_bytes());
        mac.verify_slice(&hash).map_err(|_| InitDataError::Forged)?;
        let signed_at = fields.get("auth_date").and_then(|date| date.parse().ok()).ok_or(InitDataError::Forged)?;
        check_age(signed_at, now)?;
        let user = fields.get("user").and_then(|user| serde_json::from_str::<User>(user).ok());
        let user = user.filter(|user| user.id > 0 && !user.is_bot).ok_or(InitDataError::NoUser)?;
        Ok(Self {
            user: user.id,
            name: user.first_name,
            language_code: user.language_code,
            start_param: fields.get("start_param").cloned(),
        })
    }
}

/// Launch data with its signature, as the platform makes it: the playground and tests need it.
#[must_use]
pub fn sign_init_data(fields: &[(&str, &str)], bot_token: &str) -> String {
    let signed: BTreeMap<String, String> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut mac = hmac(&secret_key(bot_token));
    mac.update(check_string(&signed).as_bytes());
    let hash: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields).append_pair("hash", &hash);
    text.finish()
}

fn secret_key(bot_token: &str) -> Vec<u8> {
    let mut mac = hmac(b"WebAppData");
    mac.update(bot_token.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The fields, each once.
fn fields(text: &str) -> Option<BTreeMap<String, String>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut fields = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        if fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// All fields but `hash`, a line each.
fn check_string(fields: &BTreeMap<String, String>) -> String {
    let signed = fields.iter().filter(|(name, _)| *name != "hash");
    signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n")
}

fn check_age(signed_at: u64, now: SystemTime) -> Result<(), InitDataError> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    match signed_at.checked_sub(now) {
        Some(ahead) if ahead > MAX_AHEAD.as_secs() => Err(InitDataError::Clock),
        Some(_) => Ok(()),
        None if now - signed_at > MAX_AGE.as_secs() => Err(InitDataError::Old),
        None => Ok(()),
    }
}

/// The 32 bytes of 64 hexadecimal digits.
fn hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests;
