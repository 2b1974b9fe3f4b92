//! What the owner decides: who may use the bot and how much, what is not drawn, how long pictures are kept ([`Policy`]); and what
//! the owner does while it runs: bans and messages to all users ([`AdminStore`], [`Broadcasts`]).

mod admin;
mod rules;

pub use admin::{AdminStore, Broadcast, BroadcastOutcome, BroadcastTally, Broadcasts};
pub use rules::Policy;

pub use crate::config::{KeyMakers, SHARED_ACCOUNTS};
