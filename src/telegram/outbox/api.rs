//! The requests that the bot makes, one attempt each.

mod files;
mod lenient;
mod photos;
mod shown;

use std::sync::Arc;

use teloxide::RequestError;
use teloxide::payloads::{
    AnswerCallbackQuerySetters, AnswerInlineQuerySetters, EditMessageCaptionSetters, EditMessageReplyMarkupSetters,
    EditMessageTextSetters, SendMessage, SendMessageSetters,
};
use teloxide::prelude::{Bot, Requester};
use teloxide::types::{
    CallbackQueryId, ChatId, ChatMemberKind, FileId, InlineKeyboardMarkup, InlineQueryId, InlineQueryResult,
    InlineQueryResultCachedPhoto, InlineQueryResultsButton, InlineQueryResultsButtonKind, MessageId, UserId,
};

use super::fault::Fault;
use super::keyboard::{EditorLinks, keyboard};
use super::message::{Destination, SentMessage, Target};
use super::pauses::ChatPauses;
use super::retries::Patience;
use crate::conversation::result::CAPTION_LIMIT;
use crate::conversation::{Button, Message, shorten};

use lenient::Lenient;
use shown::{Shown, ShownMessages};

pub(in crate::telegram) use photos::ALBUM_LIMIT;

/// The Bot API. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::telegram) struct Api {
    bot: Bot,
    pauses: ChatPauses,
    shown: ShownMessages,
    editor: Option<Arc<EditorLinks>>,
}

/// What somebody is in a chat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::telegram) struct Membership {
    /// Owns or administers it.
    pub(in crate::telegram) is_admin: bool,
    /// Writes there in the name of the chat.
    pub(in crate::telegram) is_anonymous: bool,
}

/// A photo to choose in inline mode.
#[derive(Debug, Clone)]
pub(in crate::telegram) struct InlinePhoto {
    /// At most 64 bytes, different for each.
    pub(in crate::telegram) id: String,
    /// The photo, by the platform's name for it.
    pub(in crate::telegram) file_id: String,
    /// What is shown while choosing.
    pub(in crate::telegram) title: String,
    /// What stands below it once it is sent.
    pub(in crate::telegram) caption: String,
}

/// The answer to an inline query.
#[derive(Debug, Clone)]
pub(in crate::telegram) struct InlineAnswer {
    /// The photos.
    pub(in crate::telegram) photos: Vec<InlinePhoto>,
    /// Where the next page begins; empty if there is none.
    pub(in crate::telegram) next_offset: String,
    /// A button that leads to the bot.
    pub(in crate::telegram) button: Option<String>,
}

/// A text holds at most so many UTF-16 units (<https://core.telegram.org/bots/api#sendmessage>).
const TEXT_LIMIT: usize = 4096;
/// The line over the chat holds so many (<https://core.telegram.org/bots/api#answercallbackquery>).
const PRESS_LIMIT: usize = 200;
/// Seconds for which the platform may keep the answer to an inline query.
const INLINE_CACHE_SECONDS: u32 = 5;

impl Api {
    pub(in crate::telegram) fn new(bot: Bot, editor: Option<EditorLinks>) -> Self {
        Self { bot, pauses: ChatPauses::default(), shown: ShownMessages::default(), editor: editor.map(Arc::new) }
    }

    fn keyboard(&self, chat_id: i64, rows: &[Vec<Button>]) -> InlineKeyboardMarkup {
        keyboard(rows, chat_id, self.editor.as_deref())
    }

    /// The pauses that the platform asked for.
    pub(in crate::telegram) fn pauses(&self) -> &ChatPauses {
        &self.pauses
    }

    /// Sends a text. The number of the new message; `None` if it was sent but the server's answer could not be read.
    pub(in crate::telegram) async fn say(&self, to: Destination, message: &Message) -> Result<Option<i32>, Fault> {
        self.in_topic(to, |to| self.say_there(to, message)).await
    }

    async fn say_there(&self, to: Destination, message: &Message) -> Result<Option<i32>, Fault> {
        let mut request = SendMessage::new(ChatId(to.chat_id), shorten(&message.text, TEXT_LIMIT));
        request.message_thread_id = to.thread();
        request.reply_parameters = to.reply();
        if !message.buttons.is_empty() {
            request = request.reply_markup(self.keyboard(to.chat_id, &message.buttons));
        }
        let answer = self.in_chat(to.chat_id, Lenient::json(&self.bot, request)).await?;
        let number = answer.as_ref().and_then(SentMessage::of).map(|message| message.message_id);
        self.note_sent(to, number, Shown { message: message.clone(), is_picture: false });
        Ok(number)
    }

    /// Replaces text and buttons.
    pub(in crate::telegram) async fn edit_text(&self, target: Target, message: &Message) -> Result<(), Fault> {
        let text = shorten(&message.text, TEXT_LIMIT);
        let request = self.bot.edit_message_text(ChatId(target.chat_id), MessageId(target.message_id), text);
        let request = request.reply_markup(self.keyboard(target.chat_id, &message.buttons));
        self.change(target, Shown { message: message.clone(), is_picture: false }, request).await
    }

    /// Replaces the caption below a picture, and the buttons.
    pub(in crate::telegram) async fn edit_caption(&self, target: Target, message: &Message) -> Result<(), Fault> {
        let request = self.bot.edit_message_caption(ChatId(target.chat_id), MessageId(target.message_id));
        let request = request
            .caption(caption_within(&message.text))
            .reply_markup(self.keyboard(target.chat_id, &message.buttons));
        self.change(target, Shown { message: message.clone(), is_picture: true }, request).await
    }

    /// Replaces text and buttons, or below a picture the caption. Makes no request where the message is known to show that
    /// already. Returns whether it is a picture.
    pub(in crate::telegram) async fn edit(&self, target: Target, message: &Message) -> Result<bool, Fault> {
        match self.shown.get(target) {
            Some(shown) if shown.message == *message => return Ok(shown.is_picture),
            Some(Shown { is_picture: true, .. }) => return self.edit_caption(target, message).await.map(|()| true),
            _ => {}
        }
        match self.edit_text(target, message).await {
            // A preview made a picture of it, before a restart; Telegram says so in these words.
            Err(Fault::Refused(reason)) if reason.contains("no text in the message to edit") => {
                self.edit_caption(target, message).await.map(|()| true)
            }
            outcome => outcome.map(|()| false),
        }
    }

    /// Replaces the buttons. Makes no request where the message is known to have them already.
    pub(in crate::telegram) async fn edit_buttons(&self, target: Target, buttons: &[Vec<Button>]) -> Result<(), Fault> {
        let request = self.bot.edit_message_reply_markup(ChatId(target.chat_id), MessageId(target.message_id));
        let request = request.reply_markup(self.keyboard(target.chat_id, buttons));
        match self.shown.get(target) {
            Some(shown) if shown.message.buttons == buttons => Ok(()),
            Some(Shown { message, is_picture }) => {
                let message = Message { buttons: buttons.to_vec(), ..message };
                self.change(target, Shown { message, is_picture }, request).await
            }
            None => self.in_chat(target.chat_id, request).await.map(drop),
        }
    }

    /// Deletes a message of the bot's own.
    pub(in crate::telegram) async fn delete(&self, target: Target) -> Result<(), Fault> {
        let request = self.bot.delete_message(ChatId(target.chat_id), MessageId(target.message_id));
        self.shown.forget(target);
        self.in_chat(target.chat_id, request).await.map(drop)
    }

    /// Deletes a message of the bot's own, with patience. Returns whether it is gone; one that was gone before is.
    pub(in crate::telegram) async fn delete_with_retries(&self, target: Target) -> bool {
        match Patience::SHORT.call(target.chat_id, |chat_id| self.delete(target.in_chat(chat_id))).await {
            Ok(()) | Err(Fault::Refused(_) | Fault::Gone(_) | Fault::Forbidden(_) | Fault::TopicGone(_)) => true,
            Err(fault) => {
                tracing::warn!(chat = target.chat_id, ?fault, "a message can not be deleted");
                false
            }
        }
    }

    /// Answers a press, with a line over the chat or silently. It counts against no limit of the chat.
    pub(in crate::telegram) async fn answer_press(&self, press: &str, text: Option<&str>) -> Result<(), Fault> {
        let mut request = self.bot.answer_callback_query(CallbackQueryId(press.to_owned()));
        if let Some(text) = text {
            request = request.text(shorten(text, PRESS_LIMIT));
        }
        read(request.await).map(drop)
    }

    /// What somebody is in a group or a channel.
    pub(in crate::telegram) async fn membership(&self, chat_id: i64, user: i64) -> Result<Membership, Fault> {
        let user = UserId(u64::try_from(user).unwrap_or_default());
        let member = read(self.bot.get_chat_member(ChatId(chat_id), user).await)?;
        Ok(match member.map(|member| member.kind) {
            Some(ChatMemberKind::Owner(owner)) => Membership { is_admin: true, is_anonymous: owner.is_anonymous },
            Some(ChatMemberKind::Administrator(admin)) => {
                Membership { is_admin: true, is_anonymous: admin.is_anonymous }
            }
            _ => Membership::default(),
        })
    }

    /// Answers an inline query.
    pub(in crate::telegram) async fn answer_inline(&self, query: String, answer: InlineAnswer) -> Result<(), Fault> {
        let results = answer.photos.into_iter().map(|photo| {
            let result = InlineQueryResultCachedPhoto::new(photo.id, FileId(photo.file_id));
            InlineQueryResult::CachedPhoto(result.title(photo.title).caption(caption_within(&photo.caption)))
        });
        let request = self.bot.answer_inline_query(InlineQueryId(query), results);
        let mut request = request.is_personal(true).cache_time(INLINE_CACHE_SECONDS).next_offset(answer.next_offset);
        if let Some(text) = answer.button {
            let kind = InlineQueryResultsButtonKind::StartParameter("inline".to_owned());
            request = request.button(InlineQueryResultsButton { text, kind });
        }
        read(request.await).map(drop)
    }

    /// Sends something to a topic, or where that is deleted or closed, to the general one.
    async fn in_topic<T, F>(&self, to: Destination, send: impl Fn(Destination) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let outcome = match send(to).await {
            // Without the message that is answered: the answer would go to its topic.
            Err(Fault::TopicGone(reason)) if to.thread_id.is_some() || to.reply_to.is_some() => {
                tracing::info!(chat = to.chat_id, reason, "a topic is gone; the general one takes its place");
                send(Destination::chat(to.chat_id)).await
            }
            outcome => outcome,
        };
        match outcome {
            Err(Fault::TopicGone(reason)) => Err(Fault::Forbidden(reason)),
            outcome => outcome,
        }
    }

    /// Makes a request that changes a message, and remembers what it shows then.
    async fn change<T>(
        &self,
        target: Target,
        shown: Shown,
        request: impl IntoFuture<Output = Result<T, RequestError>, IntoFuture: Send>,
    ) -> Result<(), Fault> {
        let change = self.shown.begin(target);
        self.in_chat(target.chat_id, request).await?;
        self.shown.end(target, change, shown);
        Ok(())
    }

    /// Remembers what a new message shows.
    fn note_sent(&self, to: Destination, number: Option<i32>, shown: Shown) {
        if let Some(message_id) = number {
            self.shown.sent(Target { chat_id: to.chat_id, message_id }, shown);
        }
    }

    /// Makes a request about a chat, unless the chat has a pause; a 429 begins one. `None` if the request succeeded but its
    /// answer holds nothing.
    async fn in_chat<T>(
        &self,
        chat_id: i64,
        request: impl IntoFuture<Output = Result<T, RequestError>, IntoFuture: Send>,
    ) -> Result<Option<T>, Fault> {
        if let Some(rest) = self.pauses.rest(chat_id) {
            return Err(Fault::Wait(rest));
        }
        let outcome = read(request.into_future().await);
        count(outcome.as_ref().err());
        if let Err(Fault::Wait(pause)) = outcome {
            self.pauses.pause(chat_id, pause);
        }
        outcome
    }
}

/// Counts a request about a chat.
fn count(fault: Option<&Fault>) {
    let outcome = match fault {
        None => "ok",
        Some(Fault::Wait(pause)) => {
            metrics::counter!("kandinsky_telegram_retry_after_seconds_total").increment(pause.as_secs());
            "retry_after"
        }
        Some(Fault::Passing(_)) => "passing",
        Some(_) => "refused",
    };
    metrics::counter!("kandinsky_telegram_requests_total", "outcome" => outcome).increment(1);
}

/// A caption, or as much of it as the platform takes. All texts are plain: there is no markup that a cut could break.
fn caption_within(text: &str) -> String {
    shorten(text, CAPTION_LIMIT)
}

/// The answer; `None` if the request succeeded in spite of an error.
fn read<T>(answer: Result<T, RequestError>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => Fault::of(&error).map_or(Ok(None), Err),
    }
}
