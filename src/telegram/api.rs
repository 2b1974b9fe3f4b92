//! The requests that the bot makes, one attempt each, and the patience for those that nobody repeats later.

use std::time::Duration;

use teloxide::payloads::{
    AnswerCallbackQuerySetters, EditMessageMediaSetters, EditMessageTextSetters, SendDocumentSetters,
    SendMediaGroupSetters, SendMessageSetters, SendPhotoSetters,
};
use teloxide::prelude::{Bot, Requester};
use teloxide::requests::Request;
use teloxide::types::{
    CallbackQueryId, ChatId, InputFile, InputMedia, InputMediaPhoto, Message as Sent, MessageId, ReplyParameters,
    ThreadId,
};

use super::edit_limiter::Editor;
use super::fault::Fault;
use super::keyboard::keyboard;
use crate::conversation::{Button, Message};

/// The Bot API. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Api {
    bot: Bot,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Destination {
    /// The chat.
    pub(super) chat_id: i64,
    /// The forum topic in that chat.
    pub(super) thread_id: Option<i32>,
    /// The message that is answered; if it is gone, the answer is sent all the same.
    pub(super) reply_to: Option<i32>,
}

/// A message that was sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Target {
    /// The chat.
    pub(super) chat_id: i64,
    /// The message.
    pub(super) message_id: i32,
}

/// An encoded picture and the name of its file.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// PNG.
    pub(super) bytes: Vec<u8>,
    /// Such as `kandinsky-42.png`.
    pub(super) file_name: String,
    /// Whether a photo is covered until somebody wants to see it.
    pub(super) is_covered: bool,
}

/// The most pictures in one album (<https://core.telegram.org/bots/api#sendmediagroup>); at least 2.
pub(super) const ALBUM_LIMIT: usize = 10;

impl Api {
    pub(super) fn new(bot: Bot) -> Self {
        Self { bot }
    }

    /// Sends a text. The number of the new message; `None` if it was sent but the server's answer could not be read.
    pub(super) async fn say(&self, to: Destination, message: &Message) -> Result<Option<i32>, Fault> {
        let mut request = self.bot.send_message(ChatId(to.chat_id), &message.text);
        request = match to.thread() {
            Some(thread) => request.message_thread_id(thread),
            None => request,
        };
        request = match to.reply() {
            Some(reply) => request.reply_parameters(reply),
            None => request,
        };
        if !message.buttons.is_empty() {
            request = request.reply_markup(keyboard(&message.buttons));
        }
        sent(request.send().await)
    }

    /// Replaces text and buttons.
    pub(super) async fn edit(&self, target: Target, message: &Message) -> Result<(), Fault> {
        let request = self.bot.edit_message_text(ChatId(target.chat_id), MessageId(target.message_id), &message.text);
        done(request.reply_markup(keyboard(&message.buttons)).send().await)
    }

    /// Turns a message, a text as well, into a picture with caption and buttons.
    pub(super) async fn edit_photo(
        &self,
        target: Target,
        picture: &Picture,
        caption: &str,
        buttons: &[Vec<Button>],
    ) -> Result<(), Fault> {
        let media = InputMedia::Photo(InputMediaPhoto::new(picture.input()).caption(caption));
        let request = self.bot.edit_message_media(ChatId(target.chat_id), MessageId(target.message_id), media);
        done(request.reply_markup(keyboard(buttons)).send().await)
    }

    /// Deletes a message of the bot's own.
    pub(super) async fn delete(&self, target: Target) -> Result<(), Fault> {
        done(self.bot.delete_message(ChatId(target.chat_id), MessageId(target.message_id)).send().await)
    }

    /// Answers a press, with a line over the chat or silently.
    pub(super) async fn answer(&self, press: CallbackQueryId, text: Option<String>) -> Result<(), Fault> {
        let request = self.bot.answer_callback_query(press);
        done(match text {
            Some(text) => request.text(text).send().await,
            None => request.send().await,
        })
    }

    /// Sends a picture with its caption and buttons in one message.
    pub(super) async fn send_photo(
        &self,
        to: Destination,
        picture: &Picture,
        caption: &str,
        buttons: &[Vec<Button>],
    ) -> Result<Option<i32>, Fault> {
        let mut request = self.bot.send_photo(ChatId(to.chat_id), picture.input()).caption(caption);
        request = if picture.is_covered { request.has_spoiler(true) } else { request };
        request = match to.thread() {
            Some(thread) => request.message_thread_id(thread),
            None => request,
        };
        request = match to.reply() {
            Some(reply) => request.reply_parameters(reply),
            None => request,
        };
        sent(request.reply_markup(keyboard(buttons)).send().await)
    }

    /// Sends 2 to [`ALBUM_LIMIT`] pictures; the caption stands under the album.
    pub(super) async fn send_album(&self, to: Destination, pictures: &[Picture], caption: &str) -> Result<(), Fault> {
        let media = pictures.iter().enumerate().map(|(index, picture)| {
            let photo = InputMediaPhoto::new(picture.input());
            let photo = if picture.is_covered { photo.spoiler() } else { photo };
            InputMedia::Photo(if index == 0 { photo.caption(caption) } else { photo })
        });
        let mut request = self.bot.send_media_group(ChatId(to.chat_id), media);
        request = match to.thread() {
            Some(thread) => request.message_thread_id(thread),
            None => request,
        };
        request = match to.reply() {
            Some(reply) => request.reply_parameters(reply),
            None => request,
        };
        done(request.send().await)
    }

    /// Sends a picture as a file, byte for byte.
    pub(super) async fn send_file(
        &self,
        to: Destination,
        picture: &Picture,
        caption: Option<&str>,
        buttons: &[Vec<Button>],
    ) -> Result<Option<i32>, Fault> {
        let mut request =
            self.bot.send_document(ChatId(to.chat_id), picture.input()).disable_content_type_detection(true);
        request = match to.thread() {
            Some(thread) => request.message_thread_id(thread),
            None => request,
        };
        request = match to.reply() {
            Some(reply) => request.reply_parameters(reply),
            None => request,
        };
        request = match caption {
            Some(caption) => request.caption(caption),
            None => request,
        };
        if !buttons.is_empty() {
            request = request.reply_markup(keyboard(buttons));
        }
        sent(request.send().await)
    }
}

impl Editor for Api {
    async fn edit(&self, target: Target, message: &Message) -> Result<(), Fault> {
        Self::edit(self, target, message).await
    }
}

impl Destination {
    fn thread(self) -> Option<ThreadId> {
        self.thread_id.map(|id| ThreadId(MessageId(id)))
    }

    fn reply(self) -> Option<ReplyParameters> {
        self.reply_to.map(|id| ReplyParameters::new(MessageId(id)).allow_sending_without_reply())
    }
}

impl Picture {
    fn input(&self) -> InputFile {
        InputFile::memory(self.bytes.clone()).file_name(self.file_name.clone())
    }
}

fn sent(answer: Result<Sent, teloxide::RequestError>) -> Result<Option<i32>, Fault> {
    match answer {
        Ok(message) => Ok(Some(message.id.0)),
        Err(error) => Fault::of(&error).map_or(Ok(None), Err),
    }
}

fn done<T>(answer: Result<T, teloxide::RequestError>) -> Result<(), Fault> {
    match answer {
        Ok(_) => Ok(()),
        Err(error) => Fault::of(&error).map_or(Ok(()), Err),
    }
}

/// How often an answer that nobody repeats later is tried.
const ATTEMPTS: u32 = 5;
/// A chat that has to wait for longer does without the answer: the person has gone on.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// Repeats a request whose failure may pass. `request` gets the chat's number, which changes when a group moves.
pub(super) async fn patiently<T, F>(mut chat_id: i64, request: impl Fn(i64) -> F) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    let mut attempt = 1;
    loop {
        let fault = match request(chat_id).await {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        match &fault {
            _ if attempt >= ATTEMPTS => return Err(fault),
            Fault::Wait(wait) if *wait <= LONGEST_WAIT => tokio::time::sleep(*wait).await,
            Fault::Passing(_) => tokio::time::sleep(Duration::from_secs(1 << attempt.min(4))).await,
            Fault::Moved(to) => chat_id = *to,
            Fault::Wait(_) | Fault::Gone(_) | Fault::Refused(_) => return Err(fault),
        }
        attempt += 1;
    }
}
