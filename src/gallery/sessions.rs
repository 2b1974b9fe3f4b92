//! Who may come into the editor.

use std::time::Duration;

use async_trait::async_trait;
use rand::Rng;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};

use crate::i18n::Language;
use crate::jobs::{Requester, StoreError};

/// How long a one-time code opens the editor.
pub const CODE_LIFETIME: Duration = Duration::from_secs(600);
/// Letters and digits of a code: 142 bits.
const CODE_LENGTH: usize = 24;

/// A new one-time code.
#[must_use]
pub fn new_code() -> String {
    rand::rng().sample_iter(Alphanumeric).take(CODE_LENGTH).map(char::from).collect()
}

/// What is stored of a code: its SHA-256.
#[must_use]
pub fn code_hash(code: &str) -> String {
    Sha256::digest(code.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A code that opens the editor in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    /// Whose session it opens.
    pub user: Requester,
    /// What the user is called.
    pub name: String,
    /// The language of the session.
    pub language: Language,
    /// The picture to begin with.
    pub reference: Option<String>,
}

/// What sessions need of the store.
#[async_trait]
pub trait EditorSessions: Send + Sync {
    /// The server's secret, 64 hexadecimal digits; `new` becomes it where there is none yet.
    async fn secret(&self, new: &str) -> Result<String, StoreError>;

    /// The part of the signature that ends all sessions of a user when it goes; `new` becomes it where there is none.
    async fn open_salt(&self, user: Requester, new: &str) -> Result<String, StoreError>;

    /// The same, if there is one.
    async fn salt(&self, user: Requester) -> Result<Option<String>, StoreError>;

    /// Keeps a code, by its SHA-256, for some time.
    async fn add_code(&self, hash: &str, code: &NewCode, valid_for: Duration) -> Result<(), StoreError>;

    /// Takes a code out: it opens nothing afterwards. `None` if there is none, or it is too old.
    async fn take_code(&self, hash: &str) -> Result<Option<NewCode>, StoreError>;

    /// Whether the user has a private chat with the bot, so that something can be sent there.
    async fn has_chat(&self, user: Requester) -> Result<bool, StoreError>;
}
