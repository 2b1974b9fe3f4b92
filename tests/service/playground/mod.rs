//! The playground over HTTP: what a user does through the page's calls and what a bot sees and answers
//! through the Bot API. No client library in between, so that fields and words are checked as they travel.

mod files;
mod inline;
mod messages;
mod published_fields;
mod refusals;
mod serving;
mod updates;
mod users;
