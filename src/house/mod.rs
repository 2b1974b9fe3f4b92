//! What the owner decides: who may use the bot and how much, what is not drawn, how long pictures are kept; and what the
//! owner does while it runs: bans and messages to everybody.

mod bans;
mod broadcasts;
mod rules;

use sqlx::SqlitePool;

pub use broadcasts::{Broadcast, BroadcastTally, Outcome};
pub use rules::HouseRules;

use crate::database::Database;

/// What the owner decided while the bot ran. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HouseStore {
    reader: SqlitePool,
    writer: SqlitePool,
}

impl HouseStore {
    /// The store in this database.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self { reader: database.reader.clone(), writer: database.writer.clone() }
    }
}
