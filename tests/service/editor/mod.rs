//! The web editor, by the calls that its page makes.

mod entrances;
mod jobs;
mod pictures;
mod results_in_chat;
mod sessions;
