//! Requests whose answer is a message, of which only number and photo are read: an answer repeats what was answered, and that
//! may hold something that is newer than this program.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;
use teloxide::prelude::Bot;
use teloxide::requests::{JsonRequest, MultipartPayload, MultipartRequest, Payload};
use teloxide::types::InputFile;

/// The same request, answered by JSON as it came.
#[derive(Clone)]
pub(super) struct Lenient<P>(P);

impl<P> Lenient<P> {
    /// A request with parameters alone.
    pub(super) fn json(bot: &Bot, payload: P) -> JsonRequest<Self> {
        JsonRequest::new(bot.clone(), Self(payload))
    }

    /// A request with files.
    pub(super) fn multipart(bot: &Bot, payload: P) -> MultipartRequest<Self> {
        MultipartRequest::new(bot.clone(), Self(payload))
    }
}

impl<P: Payload> Payload for Lenient<P> {
    type Output = Value;

    const NAME: &'static str = P::NAME;

    fn timeout_hint(&self) -> Option<Duration> {
        self.0.timeout_hint()
    }
}

impl<P: MultipartPayload> MultipartPayload for Lenient<P> {
    fn copy_files(&self, into: &mut dyn FnMut(InputFile)) {
        self.0.copy_files(into);
    }

    fn move_files(&mut self, into: &mut dyn FnMut(InputFile)) {
        self.0.move_files(into);
    }
}

impl<P: Serialize> Serialize for Lenient<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
