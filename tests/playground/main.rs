//! The playground over HTTP: what a person does through the page's calls and what a bot sees and answers
//! through the Bot API. No client library in between, so that fields and words are checked as they travel.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod files;
mod inline;
mod messages;
mod place;
mod published_fields;
mod refusals;
mod serving;
mod updates;
