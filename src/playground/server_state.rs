//! Everything the playground knows: people, chats, files, updates, the bot's profile.
//!
//! Plain data and rules behind one lock ([`super::shared::Shared`]); no HTTP here.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast};

use super::api::errors::ApiError;
use super::chat_log::{ChatLog, Content, Draft, Entry, Place};
use super::events::PageEvent;
use super::files::FileStore;
use super::inline_queries::InlineQueries;
use super::journal::{Change, Journal};
use super::numbers::{first_number, first_update};
use super::privacy::is_heard;
use super::profile::Profile;
use super::update_queue::UpdateQueue;
use super::wire::{CallbackQuery, Chat, InlineKeyboardMarkup, Message, User};

/// The number of the person at the page, and of their chat with the bot.
pub const PAGE_USER: i64 = 1_000;

/// How long a pressed button may be answered.
const QUERY_LIFETIME: Duration = Duration::from_secs(60);
/// Events that a slow page may lag behind before it has to read the history anew.
const EVENT_BACKLOG: usize = 1_024;

/// A pressed button that waits for its answer.
#[derive(Debug)]
struct Query {
    user: i64,
    chat: i64,
    pressed: Instant,
}

/// The whole state.
#[derive(Debug)]
pub(crate) struct ServerState {
    pub(crate) bot: User,
    pub(crate) files: FileStore,
    pub(crate) updates: UpdateQueue,
    pub(crate) profile: Profile,
    pub(crate) inline: InlineQueries,
    /// Wakes `getUpdates` calls.
    pub(crate) arrived: Arc<Notify>,
    pub(crate) events: broadcast::Sender<PageEvent>,
    people: HashMap<i64, User>,
    /// Chats of people who blocked the bot.
    blocked: HashSet<i64>,
    chats: HashMap<i64, ChatLog>,
    queries: HashMap<String, Query>,
    next_message: i64,
    journal: Option<Journal>,
}

impl ServerState {
    /// An empty world with this bot.
    pub(crate) fn new(bot: User) -> Self {
        let first = first_number();
        Self {
            bot,
            files: FileStore::default(),
            updates: UpdateQueue::new(first),
            profile: Profile::default(),
            inline: InlineQueries::default(),
            arrived: Arc::new(Notify::new()),
            events: broadcast::channel(EVENT_BACKLOG).0,
            people: HashMap::new(),
            blocked: HashSet::new(),
            chats: HashMap::new(),
            queries: HashMap::new(),
            next_message: first,
            journal: None,
        }
    }

    /// Puts back the chats that were kept in this folder, and keeps them there from now on.
    ///
    /// # Errors
    /// The folder can not be read or written.
    pub(crate) fn keep_in(&mut self, folder: &Path) -> io::Result<()> {
        let files = folder.join("files");
        std::fs::create_dir_all(&files)?;
        for change in Journal::read(folder)? {
            match change {
                Change::Message { chat, entry } => {
                    self.chats.entry(chat.id).or_insert_with(|| ChatLog::new(chat)).put(*entry);
                }
                Change::Deleted { chat, ids } => {
                    if let Some(log) = self.chats.get_mut(&chat) {
                        ids.into_iter().for_each(|id| drop(log.remove(id)));
                    }
                }
            }
        }
        let last = self.chats.values().flat_map(ChatLog::entries).map(|entry| entry.id).max();
        self.next_message = self.next_message.max(last.map_or(0, |last| last + 1));
        self.updates.begin_at(first_update(folder, first_number())?);
        let contents = self.chats.values().flat_map(ChatLog::entries).map(|entry| &entry.draft.content);
        self.files = FileStore::restore(&files, contents)?;
        let message =
            |log: &ChatLog, entry: &Entry| Change::Message { chat: log.chat.clone(), entry: Box::new(entry.clone()) };
        let messages = self.chats.values().flat_map(|log| log.entries().map(move |entry| message(log, entry)));
        self.journal = Some(Journal::begin(folder, messages)?);
        Ok(())
    }

    /// Notes how a message is now.
    fn record(&mut self, chat: i64, id: i64) {
        let Some(journal) = &mut self.journal else { return };
        let log = self.chats.get(&chat);
        if let Some((log, entry)) = log.and_then(|log| Some((log, log.entry(id)?))) {
            journal.write(&Change::Message { chat: log.chat.clone(), entry: Box::new(entry.clone()) });
        }
    }

    /// The person with this number, made on first sight with a private chat.
    pub(crate) fn person(&mut self, id: i64) -> &mut User {
        let person = self.people.entry(id).or_insert_with(|| User {
            id,
            is_bot: false,
            first_name: if id == PAGE_USER { "Guest".to_owned() } else { format!("Guest {id}") },
            username: None,
            language_code: None,
        });
        self.chats.entry(id).or_insert_with(|| {
            let first_name = Some(person.first_name.clone());
            ChatLog::new(Chat { id, kind: "private".to_owned(), title: None, first_name, is_forum: false })
        });
        person
    }

    /// The chat a person writes to: their own, or a group (negative numbers), made on first sight. A topic makes the
    /// group a forum.
    pub(crate) fn chat_for(&mut self, user: i64, chat: Option<i64>, topic: Option<i64>) -> Result<i64, ApiError> {
        self.person(user);
        match chat {
            None if topic.is_some() => Err(ApiError::ThreadNotFound),
            None => Ok(user),
            Some(id) if id == user && topic.is_none() => Ok(id),
            Some(id) if id < 0 => {
                let title = Some(format!("Group {}", id.unsigned_abs()));
                let group = Chat { id, kind: "supergroup".to_owned(), title, first_name: None, is_forum: false };
                let log = self.chats.entry(id).or_insert_with(|| ChatLog::new(group));
                if let Some(topic) = topic {
                    log.open_topic(topic);
                }
                Ok(id)
            }
            Some(_) => Err(ApiError::ChatNotFound),
        }
    }

    pub(crate) fn chat(&self, id: i64) -> Result<&ChatLog, ApiError> {
        self.chats.get(&id).ok_or(ApiError::ChatNotFound)
    }

    /// A chat that the bot may write to.
    ///
    /// # Errors
    /// An unknown chat, and one whose person blocked the bot.
    pub(crate) fn open_chat(&self, id: i64) -> Result<&ChatLog, ApiError> {
        if self.blocked.contains(&id) { Err(ApiError::Blocked) } else { self.chat(id) }
    }

    /// A person blocks the bot in their private chat, or lets it write again; the bot is told.
    #[cfg(any(debug_assertions, feature = "faults"))]
    pub(crate) fn block(&mut self, user: i64, blocked: bool) -> Result<(), ApiError> {
        let changed = if blocked { self.blocked.insert(user) } else { self.blocked.remove(&user) };
        if !changed {
            return Ok(());
        }
        let member = |is: bool| json!({ "user": self.bot, "status": if is { "member" } else { "kicked" } });
        let (old, new) = (member(blocked), member(!blocked));
        let mut update = json!({ "date": now(), "old_chat_member": old, "new_chat_member": new });
        update["from"] = json!(self.person(user));
        update["chat"] = json!(self.chat(user)?.chat);
        for side in ["old_chat_member", "new_chat_member"] {
            if update[side]["status"] == "kicked" {
                // Of a person's block there is no end.
                update[side]["until_date"] = json!(0);
            }
        }
        self.update("my_chat_member", &update);
        Ok(())
    }

    /// Adds a message of either side and tells the page.
    ///
    /// # Errors
    /// An unknown chat.
    pub(crate) fn post(&mut self, chat: i64, draft: Draft) -> Result<Message, ApiError> {
        let log = self.chats.get_mut(&chat).ok_or(ApiError::ChatNotFound)?;
        let message = log.add(self.next_message, now(), draft);
        self.next_message += 1;
        self.record(chat, message.message_id);
        self.publish(PageEvent::Message { chat, message: Box::new(message.clone()) });
        Ok(message)
    }

    /// Adds a person's message and the update that brings it to the bot, if the bot may hear it.
    pub(crate) fn say(&mut self, chat: i64, draft: Draft) -> Result<Message, ApiError> {
        let message = self.post(chat, draft)?;
        if is_heard(&self.bot, &message) {
            self.update("message", &json!(message));
        }
        Ok(message)
    }

    /// Brings an update to the bot.
    pub(crate) fn update(&mut self, kind: &str, payload: &Value) {
        self.updates.push(kind, payload);
        self.arrived.notify_waiters();
    }

    /// Changes one of the bot's messages and tells the page.
    ///
    /// # Errors
    /// Unknown chat or message, someone else's message, no change, and what `change` refuses.
    pub(crate) fn edit<F>(&mut self, chat: i64, id: i64, change: F) -> Result<Message, ApiError>
    where
        F: FnOnce(&mut Draft) -> Result<(), ApiError>,
    {
        self.open_chat(chat)?;
        let log = self.chats.get_mut(&chat).ok_or(ApiError::ChatNotFound)?;
        let entry = log.entry_mut(id).ok_or(ApiError::EditedNotFound)?;
        if entry.draft.from.id != self.bot.id {
            return Err(ApiError::NotEditable);
        }
        let mut changed = entry.draft.clone();
        change(&mut changed)?;
        if changed.content == entry.draft.content && changed.keyboard == entry.draft.keyboard {
            return Err(ApiError::NotModified);
        }
        entry.edited = (changed.content != entry.draft.content).then(now).or(entry.edited);
        entry.draft = changed;
        let message = log.message(id).ok_or(ApiError::EditedNotFound)?;
        self.record(chat, id);
        self.publish(PageEvent::Edited { chat, message: Box::new(message.clone()) });
        Ok(message)
    }

    /// Removes those of the messages that exist and tells the page; returns how many.
    ///
    /// # Errors
    /// An unknown chat.
    pub(crate) fn delete(&mut self, chat: i64, ids: &[i64]) -> Result<usize, ApiError> {
        let log = self.chats.get_mut(&chat).ok_or(ApiError::ChatNotFound)?;
        let message_ids: Vec<i64> = ids.iter().copied().filter(|id| log.remove(*id).is_some()).collect();
        let removed = message_ids.len();
        if removed > 0 {
            if let Some(journal) = &mut self.journal {
                journal.write(&Change::Deleted { chat, ids: message_ids.clone() });
            }
            self.publish(PageEvent::Deleted { chat, message_ids });
        }
        Ok(removed)
    }

    /// Removes all messages of a chat: a person clears their history.
    ///
    /// # Errors
    /// An unknown chat.
    pub(crate) fn clear(&mut self, chat: i64) -> Result<usize, ApiError> {
        let ids: Vec<i64> = self.chat(chat)?.entries().map(|entry| entry.id).collect();
        let contents: Vec<Content> = self.chat(chat)?.entries().map(|entry| entry.draft.content.clone()).collect();
        contents.iter().for_each(|content| self.files.forget(content));
        self.delete(chat, &ids)
    }

    /// A person presses a button; returns the number of the callback query.
    ///
    /// # Errors
    /// No such chat, message or button.
    pub(crate) fn press(&mut self, user: i64, chat: i64, message_id: i64, data: &str) -> Result<String, ApiError> {
        let from = self.person(user).clone();
        let log = self.chat(chat)?;
        let entry = log.entry(message_id).ok_or(ApiError::EditedNotFound)?;
        if !has_button(entry, data) {
            return Err(ApiError::ButtonData);
        }
        let inline_message_id = entry.draft.inline.as_ref().and_then(|inline| inline.inline_message_id.clone());
        let message = log.message(message_id).filter(|_| inline_message_id.is_none());
        let id = query_id();
        let (chat_instance, data) = ((-chat).to_string(), data.to_owned());
        let query = CallbackQuery { id: id.clone(), from, message, inline_message_id, chat_instance, data };
        self.queries.retain(|_, query| query.pressed.elapsed() < QUERY_LIFETIME);
        self.queries.insert(id.clone(), Query { user, chat, pressed: Instant::now() });
        self.update("callback_query", &json!(query));
        Ok(id)
    }

    /// The bot answers a pressed button.
    ///
    /// # Errors
    /// A query that does not exist, is a minute old or was answered.
    pub(crate) fn answer(&mut self, id: &str, text: String, alert: bool) -> Result<(), ApiError> {
        let query = self.queries.remove(id).filter(|query| query.pressed.elapsed() < QUERY_LIFETIME);
        let Query { user, chat, .. } = query.ok_or(ApiError::QueryTooOld)?;
        self.publish(PageEvent::Answer { chat, user, callback_query_id: id.to_owned(), text, alert });
        Ok(())
    }

    /// A message of the bot, ready to post.
    pub(crate) fn bot_draft(&self, content: Content, place: Place, keyboard: Option<InlineKeyboardMarkup>) -> Draft {
        Draft { from: self.bot.clone(), content, place, album: None, inline: None, keyboard }
    }

    /// A new `media_group_id`.
    pub(crate) fn new_album(&self) -> String {
        rand::random_range(10_000_000_000_000_000_u64..90_000_000_000_000_000).to_string()
    }

    /// Tells the open pages; with none open it is lost, and the history has it.
    pub(crate) fn publish(&self, event: PageEvent) {
        let _nobody_listens = self.events.send(event);
    }
}

fn has_button(entry: &Entry, data: &str) -> bool {
    let rows = entry.draft.keyboard.iter().flat_map(|keyboard| &keyboard.inline_keyboard);
    rows.flatten().any(|button| button.callback_data() == Some(data))
}

/// A new number of a query.
pub(crate) fn query_id() -> String {
    rand::random_range(1_000_000_000_000_000_000_u64..9_000_000_000_000_000_000).to_string()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
