//! What a user probably meant by a misspelt command or flag, until a button says so.

use serde::{Deserialize, Serialize};

/// A command as it was probably meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Distinguishes its button from those of older offers.
    pub number: u32,
    /// The command's name.
    pub command: String,
    /// What was written after it.
    pub argument: String,
    /// The message with the slip.
    pub message_id: i32,
}
