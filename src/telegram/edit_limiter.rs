//! Edits at a pace that a chat bears.
//!
//! Telegram publishes no numbers; about one message a second in a private chat and twenty a minute in a group pass, edits
//! count alike, and who ignores `retry_after` waits the longer (<https://core.telegram.org/bots/faq#broadcasting-to-users>).
//! So every chat has a lane with a pause after each edit. For each message only the latest wish is kept: what is shown may
//! be late, never old.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::api::Target;
use super::fault::Fault;
use crate::conversation::Message;

/// The pause between two edits in a private chat.
pub(super) const PRIVATE_PAUSE: Duration = Duration::from_secs(3);
/// The pause between two edits in a group.
pub(super) const GROUP_PAUSE: Duration = Duration::from_secs(5);
/// The pause before a last word is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// How often an edit is tried while the server stumbles; a newer wish for the message begins anew.
const ATTEMPTS: u32 = 5;

/// What a message is: words alone, or a picture with words below. A picture can not become words again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Picture,
}

/// Whoever carries edits out, each once.
pub(super) trait Editor: Send + Sync + 'static {
    /// Replaces words and buttons of a message that is of this kind, as far as is known; what kind it is.
    fn edit(&self, target: Target, message: &Message, kind: Kind) -> impl Future<Output = Result<Kind, Fault>> + Send;

    /// Makes a message a picture (JPEG) with these words and buttons below, or gives it another picture.
    fn show(&self, target: Target, message: &Message, picture: &[u8])
    -> impl Future<Output = Result<(), Fault>> + Send;
}

/// What a message is to become.
#[derive(Debug, Clone)]
pub(super) struct Content {
    message: Message,
    /// A picture over the words; none leaves the message as it is in this.
    picture: Option<Arc<Vec<u8>>>,
}

impl Content {
    /// Words with a picture, where there is one.
    pub(super) fn new(message: Message, picture: Option<Arc<Vec<u8>>>) -> Self {
        Self { message, picture }
    }
}

impl From<Message> for Content {
    fn from(message: Message) -> Self {
        Self { message, picture: None }
    }
}

/// Paces edits. Cheap to clone.
#[derive(Debug)]
pub(super) struct EditLimiter<E>(Arc<Inner<E>>);

#[derive(Debug)]
struct Inner<E> {
    editor: E,
    lanes: DashMap<i64, Lane>,
}

/// The edits of one chat.
#[derive(Debug)]
struct Lane {
    wishes: VecDeque<Wish>,
    /// What stands in the messages that may change again.
    shown: HashMap<i32, Shown>,
    /// Our own pause: last words do not wait for it.
    pause_until: Instant,
    /// Telegram's pause: nothing goes out before.
    penalty_until: Instant,
    awake: Arc<Notify>,
    is_running: bool,
}

#[derive(Debug)]
struct Wish {
    message_id: i32,
    content: Content,
    /// The last word about something: it does not wait and is not given up easily.
    is_last: bool,
    attempts: u32,
}

/// What stands in a message, as far as is known.
#[derive(Debug)]
struct Shown {
    message: Message,
    picture: Option<Arc<Vec<u8>>>,
    kind: Kind,
    /// The chat takes no pictures, or not this one: words must do.
    refuses_pictures: bool,
}

impl Shown {
    fn text(message: Message) -> Self {
        Self { message, picture: None, kind: Kind::Text, refuses_pictures: false }
    }

    /// The picture of a wish, if it is another than the one that stands there.
    fn new_picture(&self, wished: &Content) -> Option<Arc<Vec<u8>>> {
        let is_shown = |picture: &Arc<Vec<u8>>| self.picture.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, picture));
        wished.picture.clone().filter(|picture| !self.refuses_pictures && !is_shown(picture))
    }

    fn is(&self, wished: &Content) -> bool {
        self.message == wished.message && self.new_picture(wished).is_none()
    }
}

/// What a lane does next.
enum Next {
    /// With a picture if it is a new one.
    Edit(Wish, Kind, Option<Arc<Vec<u8>>>),
    Wait(Instant, Arc<Notify>),
    Rest,
}

impl<E> Clone for EditLimiter<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Editor> EditLimiter<E> {
    pub(super) fn new(editor: E) -> Self {
        Self(Arc::new(Inner { editor, lanes: DashMap::new() }))
    }

    /// The message was just sent with this content: the pause begins.
    pub(super) fn sent(&self, target: Target, message: Message) {
        let mut lane = self.0.lanes.entry(target.chat_id).or_insert_with(Lane::new);
        lane.shown.insert(target.message_id, Shown::text(message));
        lane.pause_until = Instant::now() + pause(target.chat_id);
    }

    /// Wants the message to become this. A later wish takes the place of an earlier one.
    pub(super) fn wish(&self, target: Target, content: impl Into<Content>) {
        self.put(target, content.into(), false);
    }

    /// Wants the message to become this for good: goes out before all others, without our own pause.
    pub(super) fn last_word(&self, target: Target, message: Message) {
        self.put(target, message.into(), true);
    }

    /// The message is about to go: no more edits.
    pub(super) fn forget(&self, target: Target) {
        if let Some(mut lane) = self.0.lanes.get_mut(&target.chat_id) {
            lane.wishes.retain(|wish| wish.message_id != target.message_id);
            lane.shown.remove(&target.message_id);
        }
        self.0.lanes.remove_if(&target.chat_id, |_, lane| lane.is_over());
    }

    fn put(&self, target: Target, content: Content, is_last: bool) {
        let mut lane = self.0.lanes.entry(target.chat_id).or_insert_with(Lane::new);
        lane.put(Wish { message_id: target.message_id, content, is_last, attempts: 0 });
        if !lane.wishes.is_empty() && !lane.is_running {
            lane.is_running = true;
            tokio::spawn(run(Arc::clone(&self.0), target.chat_id));
        }
    }
}

async fn run<E: Editor>(inner: Arc<Inner<E>>, chat_id: i64) {
    loop {
        let next = inner.lanes.get_mut(&chat_id).map_or(Next::Rest, |mut lane| lane.next());
        match next {
            Next::Rest => {
                inner.lanes.remove_if(&chat_id, |_, lane| lane.is_over());
                return;
            }
            Next::Wait(until, awake) => tokio::select! {
                () = sleep_until(until) => {}
                () = awake.notified() => {}
            },
            Next::Edit(wish, kind, picture) => {
                let (target, message) = (Target { chat_id, message_id: wish.message_id }, &wish.content.message);
                let outcome = match &picture {
                    Some(picture) => inner.editor.show(target, message, picture).await.map(|()| Kind::Picture),
                    None => inner.editor.edit(target, message, kind).await,
                };
                if let Some(mut lane) = inner.lanes.get_mut(&chat_id) {
                    lane.settle(wish, outcome, picture, pause(chat_id));
                }
            }
        }
    }
}

impl Lane {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            wishes: VecDeque::new(),
            shown: HashMap::new(),
            pause_until: now,
            penalty_until: now,
            awake: Arc::new(Notify::new()),
            is_running: false,
        }
    }

    fn put(&mut self, wish: Wish) {
        let same_message = |other: &Wish| other.message_id == wish.message_id;
        if self.wishes.iter().any(|other| same_message(other) && other.is_last) && !wish.is_last {
            return;
        }
        let place = self.wishes.iter().position(same_message);
        if place.is_none() && self.is_shown(&wish) && !wish.is_last {
            return;
        }
        match place {
            _ if wish.is_last => {
                self.wishes.retain(|other| other.message_id != wish.message_id);
                self.wishes.push_front(wish);
                self.awake.notify_one();
            }
            Some(place) => self.wishes[place] = wish,
            None => {
                // From now on the message is known, until it is forgotten or the last word is said.
                let nothing = || Shown::text(Message::plain(String::new()));
                self.shown.entry(wish.message_id).or_insert_with(nothing);
                self.wishes.push_back(wish);
            }
        }
    }

    fn next(&mut self) -> Next {
        let now = Instant::now();
        let Some(first) = self.wishes.front() else {
            self.is_running = false;
            return Next::Rest;
        };
        let until = if first.is_last { self.penalty_until } else { self.penalty_until.max(self.pause_until) };
        if now < until {
            return Next::Wait(until, Arc::clone(&self.awake));
        }
        match self.wishes.pop_front() {
            // A wish may have become what is shown while it waited.
            Some(wish) if self.is_shown(&wish) && !wish.is_last => self.next(),
            Some(wish) => {
                let shown = self.shown.get(&wish.message_id);
                let picture = shown.and_then(|shown| shown.new_picture(&wish.content));
                Next::Edit(wish, shown.map_or(Kind::Text, |shown| shown.kind), picture)
            }
            None => Next::Rest,
        }
    }

    fn is_shown(&self, wish: &Wish) -> bool {
        self.shown.get(&wish.message_id).is_some_and(|shown| shown.is(&wish.content))
    }

    /// Writes down what came of an edit, with its new picture if it had one.
    fn settle(&mut self, wish: Wish, outcome: Result<Kind, Fault>, picture: Option<Arc<Vec<u8>>>, pause: Duration) {
        let now = Instant::now();
        self.pause_until = now + pause;
        match outcome {
            Ok(_) if wish.is_last => drop(self.shown.remove(&wish.message_id)),
            Ok(kind) => {
                // Forgotten meanwhile: nothing to remember.
                if let Some(shown) = self.shown.get_mut(&wish.message_id) {
                    shown.message = wish.content.message;
                    shown.picture = picture.or(shown.picture.take());
                    shown.kind = kind;
                }
            }
            Err(Fault::Wait(wait)) => {
                self.penalty_until = now + wait;
                self.put_back(wish);
            }
            Err(Fault::Passing(_)) if wish.attempts + 1 < ATTEMPTS => {
                if wish.is_last {
                    self.penalty_until = now + RETRY_PAUSE;
                }
                self.put_back(wish);
            }
            Err(Fault::Refused(_) | Fault::Gone(_)) if picture.is_some() => {
                if let Some(shown) = self.shown.get_mut(&wish.message_id) {
                    shown.refuses_pictures = true;
                }
                self.put_back(wish);
            }
            Err(fault) => tracing::debug!(?fault, "an edit was given up"),
        }
    }

    /// Tries again later, unless there is a newer wish for this message or the message was forgotten.
    fn put_back(&mut self, wish: Wish) {
        let is_outdated = self.wishes.iter().any(|other| other.message_id == wish.message_id);
        if !is_outdated && (wish.is_last || self.shown.contains_key(&wish.message_id)) {
            self.wishes.push_front(Wish { attempts: wish.attempts + 1, ..wish });
        }
    }

    fn is_over(&self) -> bool {
        !self.is_running && self.wishes.is_empty() && self.shown.is_empty() && self.penalty_until <= Instant::now()
    }
}

fn pause(chat_id: i64) -> Duration {
    if chat_id < 0 { GROUP_PAUSE } else { PRIVATE_PAUSE }
}

#[cfg(test)]
mod tests;
