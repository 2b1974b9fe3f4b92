//! The edits of one chat: which is next, and what becomes of it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::editor::Kind;
use crate::conversation::Message;
use crate::telegram::outbox::fault::Fault;

/// The pause before a final edit is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// How often an edit is tried while the server fails; a newer edit of the message begins anew.
const ATTEMPTS: u32 = 5;

/// What a message is to become.
#[derive(Debug, Clone)]
pub(in crate::telegram) struct Content {
    pub(super) message: Message,
    /// A picture over the text; none leaves the picture of the message as it is.
    picture: Option<Bytes>,
}

impl Content {
    /// A text with a picture, where there is one.
    pub(in crate::telegram) fn new(message: Message, picture: Option<Bytes>) -> Self {
        Self { message, picture }
    }
}

impl From<Message> for Content {
    fn from(message: Message) -> Self {
        Self { message, picture: None }
    }
}

/// The edits of one chat.
#[derive(Debug)]
pub(super) struct ChatEdits {
    waiting: VecDeque<Edit>,
    /// What stands in the messages that may change again.
    shown: HashMap<i32, Shown>,
    /// Our own pause: final edits do not wait for it.
    pub(super) pause_until: Instant,
    /// The pause that the platform asked for: nothing is sent before.
    flood_pause_until: Instant,
    changed: Arc<Notify>,
    pub(super) is_running: bool,
}

/// An edit that waits.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) message_id: i32,
    pub(super) content: Content,
    /// The last edit of a message: it does not wait and is not given up easily.
    is_final: bool,
    attempts: u32,
    /// Is sent something once the message shows the content, or can not show it any more.
    done: Option<oneshot::Sender<()>>,
}

/// What stands in a message, as far as is known.
#[derive(Debug)]
struct Shown {
    message: Message,
    picture: Option<Bytes>,
    kind: Kind,
    /// The chat takes no pictures, or not this one: the text must do.
    refuses_pictures: bool,
}

/// What is done next.
pub(super) enum Next {
    /// An edit, with a picture if it is a new one.
    Edit(Edit, Kind, Option<Bytes>),
    /// Nothing before that time, unless something changes.
    Wait(Instant, Arc<Notify>),
    /// Nothing.
    Rest,
}

impl Edit {
    pub(super) fn new(message_id: i32, content: Content, done: oneshot::Sender<()>) -> Self {
        Self { message_id, content, is_final: false, attempts: 0, done: Some(done) }
    }

    pub(super) fn last(message_id: i32, message: Message, done: oneshot::Sender<()>) -> Self {
        Self { message_id, content: message.into(), is_final: true, attempts: 0, done: Some(done) }
    }
}

impl Shown {
    fn text(message: Message) -> Self {
        Self { message, picture: None, kind: Kind::Text, refuses_pictures: false }
    }

    /// The picture of an edit, if it is another than the one that is shown. The same picture is the same allocation.
    fn new_picture(&self, wanted: &Content) -> Option<Bytes> {
        let is_shown = |picture: &Bytes| self.picture.as_ref().is_some_and(|shown| shown.as_ptr() == picture.as_ptr());
        wanted.picture.clone().filter(|picture| !self.refuses_pictures && !is_shown(picture))
    }

    fn is(&self, wanted: &Content) -> bool {
        self.message == wanted.message && self.new_picture(wanted).is_none()
    }
}

/// Whether the same edit will not be accepted later either.
fn is_final_refusal(fault: &Fault) -> bool {
    matches!(fault, Fault::Refused(_) | Fault::Gone(_) | Fault::Forbidden(_) | Fault::TopicGone(_))
}

impl ChatEdits {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            waiting: VecDeque::new(),
            shown: HashMap::new(),
            pause_until: now,
            flood_pause_until: now,
            changed: Arc::new(Notify::new()),
            is_running: false,
        }
    }

    /// The message was just sent with this text.
    pub(super) fn sent(&mut self, message_id: i32, message: Message) {
        self.shown.insert(message_id, Shown::text(message));
    }

    pub(super) fn forget(&mut self, message_id: i32) {
        self.waiting.retain(|edit| edit.message_id != message_id);
        self.shown.remove(&message_id);
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Puts an edit where it belongs: a later one of a message takes the place of an earlier one, a final one goes first.
    pub(super) fn put(&mut self, edit: Edit) {
        let same_message = |other: &Edit| other.message_id == edit.message_id;
        if self.waiting.iter().any(|other| same_message(other) && other.is_final) && !edit.is_final {
            return;
        }
        let place = self.waiting.iter().position(same_message);
        if place.is_none() && self.is_shown(&edit) && !edit.is_final {
            return;
        }
        match place {
            _ if edit.is_final => {
                self.waiting.retain(|other| other.message_id != edit.message_id);
                self.waiting.push_front(edit);
                self.changed.notify_one();
            }
            Some(place) => self.waiting[place] = edit,
            None => {
                // From now on the message is known, until it is forgotten or its final edit is made.
                let nothing = || Shown::text(Message::plain(String::new()));
                self.shown.entry(edit.message_id).or_insert_with(nothing);
                self.waiting.push_back(edit);
            }
        }
    }

    pub(super) fn next(&mut self) -> Next {
        let now = Instant::now();
        let Some(first) = self.waiting.front() else {
            self.is_running = false;
            return Next::Rest;
        };
        let until = if first.is_final { self.flood_pause_until } else { self.flood_pause_until.max(self.pause_until) };
        if now < until {
            return Next::Wait(until, Arc::clone(&self.changed));
        }
        match self.waiting.pop_front() {
            // An edit may have become what is shown while it waited.
            Some(edit) if self.is_shown(&edit) && !edit.is_final => self.next(),
            Some(edit) => {
                let shown = self.shown.get(&edit.message_id);
                let picture = shown.and_then(|shown| shown.new_picture(&edit.content));
                Next::Edit(edit, shown.map_or(Kind::Text, |shown| shown.kind), picture)
            }
            None => Next::Rest,
        }
    }

    fn is_shown(&self, edit: &Edit) -> bool {
        self.shown.get(&edit.message_id).is_some_and(|shown| shown.is(&edit.content))
    }

    /// Notes what came of an edit, with its new picture if it had one.
    pub(super) fn settle(
        &mut self,
        mut edit: Edit,
        outcome: Result<Kind, Fault>,
        picture: Option<Bytes>,
        pause: Duration,
    ) {
        let now = Instant::now();
        self.pause_until = now + pause;
        match outcome {
            Ok(_) if edit.is_final => self.end(&mut edit),
            Ok(kind) => {
                if let Some(done) = edit.done.take() {
                    let _ = done.send(());
                }
                // Forgotten meanwhile: nothing to remember.
                if let Some(shown) = self.shown.get_mut(&edit.message_id) {
                    shown.message = edit.content.message;
                    shown.picture = picture.or(shown.picture.take());
                    shown.kind = kind;
                }
            }
            Err(Fault::Wait(wait)) => {
                self.flood_pause_until = now + wait;
                self.put_back(edit);
            }
            Err(Fault::Passing(_)) if edit.attempts + 1 < ATTEMPTS => {
                if edit.is_final {
                    self.flood_pause_until = now + RETRY_PAUSE;
                }
                self.put_back(Edit { attempts: edit.attempts + 1, ..edit });
            }
            Err(fault) if picture.is_some() && is_final_refusal(&fault) => {
                if let Some(shown) = self.shown.get_mut(&edit.message_id) {
                    shown.refuses_pictures = true;
                }
                self.put_back(edit);
            }
            Err(fault) => {
                tracing::debug!(?fault, "an edit was given up");
                if edit.is_final && is_final_refusal(&fault) {
                    self.end(&mut edit);
                }
            }
        }
    }

    /// The message does not change any more.
    fn end(&mut self, edit: &mut Edit) {
        self.shown.remove(&edit.message_id);
        if let Some(done) = edit.done.take() {
            let _ = done.send(());
        }
    }

    /// Tries again later, unless there is a newer edit of this message or the message was forgotten.
    fn put_back(&mut self, edit: Edit) {
        let is_outdated = self.waiting.iter().any(|other| other.message_id == edit.message_id);
        if !is_outdated && (edit.is_final || self.shown.contains_key(&edit.message_id)) {
            self.waiting.push_front(edit);
        }
    }

    pub(super) fn is_over(&self) -> bool {
        !self.is_running && self.waiting.is_empty() && self.shown.is_empty() && self.flood_pause_until <= Instant::now()
    }
}
