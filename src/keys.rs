//! Keys of the HTTP API: each is a program's way in, and a user of the queue.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use rand::Rng;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};

use crate::jobs::{Requester, StoreError};
use crate::limits::Limits;

/// What every key begins with, so that scanners for leaked secrets can find it.
const PREFIX: &str = "kb_";
/// Letters and digits behind it: 256 bits.
const SECRET_LENGTH: usize = 43;
/// The longest name, characters.
pub const NAME_LIMIT: usize = 64;
/// Requesters of keys count down from here: no chat platform has numbers of that size, and every one of them is exact in JavaScript.
const FIRST_REQUESTER: i64 = -(1 << 52);
/// The most keys of one user.
pub const KEYS_OF_USER: usize = 10;
/// The use of a key is noted this often at most.
const USE_INTERVAL: Duration = Duration::from_secs(60);

/// A key, without its secret, which nobody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its number; never given to another key.
    pub id: i64,
    /// The user of the chat to whom it belongs, if to anybody.
    pub user: Option<i64>,
    /// What its owner calls it.
    pub name: String,
    /// Jobs per hour, in the place of the limit for all users.
    pub hour: Option<u32>,
    /// Jobs per day, in the place of the limit for all users.
    pub day: Option<u32>,
    /// When it was made.
    pub created_at: SystemTime,
    /// When it was used last, to the minute.
    pub used_at: Option<SystemTime>,
}

/// A key that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// The user of the chat to whom it belongs, if to anybody.
    pub user: Option<i64>,
    /// What its owner calls it.
    pub name: String,
    /// See [`hash_key`].
    pub hash: String,
    /// Jobs per hour, in the place of the limit for all users.
    pub hour: Option<u32>,
    /// Jobs per day, in the place of the limit for all users.
    pub day: Option<u32>,
}

/// The stored keys. Another process may add and remove some at any time.
#[async_trait]
pub trait ApiKeys: Send + Sync {
    /// Stores a key; `None` if the same user, or nobody, has one of this name.
    async fn add_key(&self, key: &NewApiKey) -> Result<Option<ApiKey>, StoreError>;

    /// All keys, oldest first.
    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError>;

    /// The keys of a user, by name.
    async fn keys_of(&self, user: i64) -> Result<Vec<ApiKey>, StoreError>;

    /// Removes a key that belongs to nobody by its name: from now on it opens nothing. Returns whether there was one.
    async fn remove_key(&self, name: &str) -> Result<bool, StoreError>;

    /// Removes a key of a user by its number. Returns its name, if there was one.
    async fn remove_key_of(&self, user: i64, id: i64) -> Result<Option<String>, StoreError>;

    /// The key with this hash. The secret itself is never compared, so that the time of an answer says nothing about it.
    async fn key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>, StoreError>;

    /// Notes that a key is used now.
    async fn note_key_use(&self, id: i64) -> Result<(), StoreError>;
}

impl ApiKey {
    /// The user that it is for the queue: the one to whom it belongs, or one of its own.
    #[must_use]
    pub fn requester(&self) -> Requester {
        Requester(self.user.unwrap_or(FIRST_REQUESTER - self.id))
    }

    /// How much it may ask for, where users may ask for so much.
    #[must_use]
    pub fn limits(&self, users: Limits) -> Limits {
        Limits { hour: self.hour.unwrap_or(users.hour), day: self.day.unwrap_or(users.day), ..users }
    }

    /// Whether a use now is worth a note.
    #[must_use]
    pub fn is_use_noteworthy(&self) -> bool {
        self.used_at.is_none_or(|used| used.elapsed().is_ok_and(|since| since >= USE_INTERVAL))
    }
}

/// A new secret. It is shown once; only its hash is stored.
#[must_use]
pub fn new_key() -> String {
    let secret: String = rand::rng().sample_iter(Alphanumeric).take(SECRET_LENGTH).map(char::from).collect();
    format!("{PREFIX}{secret}")
}

/// SHA-256 of a key as 64 hexadecimal digits. A key is random, so it needs no salt and no slow hash.
#[must_use]
pub fn hash_key(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name for a key, trimmed; `None` if it is empty, long, or of more than one line.
#[must_use]
pub fn check_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let is_good = !name.is_empty() && name.chars().count() <= NAME_LIMIT && !name.chars().any(char::is_control);
    is_good.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_and_only_their_hash_is_kept() {
        let (one, other) = (new_key(), new_key());
        assert_ne!(one, other);
        assert_eq!(one.len(), PREFIX.len() + SECRET_LENGTH);
        assert_eq!(hash_key("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_key_has_limits_of_its_own_where_it_was_given_some() {
        let created_at = SystemTime::UNIX_EPOCH;
        let key =
            ApiKey { id: 3, user: None, name: "a".to_owned(), hour: Some(0), day: None, created_at, used_at: None };
        let users = Limits { waiting: 5, hour: 10, day: 20, chat_hour: 0 };
        assert_eq!(key.limits(users), Limits { hour: 0, ..users });
        assert_eq!(key.requester(), Requester(-4_503_599_627_370_499));
        assert_eq!(ApiKey { user: Some(7), ..key }.requester(), Requester(7), "the user's own limits and turns");
    }

    #[test]
    fn names_are_short_lines() {
        assert_eq!(check_name(" Open WebUI "), Some("Open WebUI"));
        for bad in ["", "  ", "a\nb", &"x".repeat(65)] {
            assert_eq!(check_name(bad), None, "{bad:?}");
        }
    }
}
