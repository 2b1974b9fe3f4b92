//! The requests that the bot makes, one attempt each, and the patience for those that nobody repeats later.

use std::time::Duration;

use teloxide::DownloadError;
use teloxide::net::Download;
use teloxide::payloads::{
    AnswerCallbackQuerySetters, AnswerInlineQuerySetters, EditMessageCaptionSetters, EditMessageMediaSetters,
    EditMessageTextSetters, SendDocumentSetters, SendMediaGroupSetters, SendMessageSetters, SendPhotoSetters,
};
use teloxide::prelude::{Bot, Requester};
use teloxide::requests::Request;
use teloxide::types::{
    CallbackQueryId, ChatId, FileId, InlineQueryId, InlineQueryResult, InlineQueryResultCachedPhoto,
    InlineQueryResultsButton, InlineQueryResultsButtonKind, InputFile, InputMedia, InputMediaPhoto, Message as Sent,
    MessageId, ReplyParameters, ThreadId, UserId,
};

use super::edit_limiter::{Editor, Kind};
use super::fault::{Fault, brief};
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
    /// PNG, or JPEG.
    pub(super) bytes: Vec<u8>,
    /// Such as `kandinsky-42.png`.
    pub(super) file_name: String,
    /// Whether a photo is covered until somebody wants to see it.
    pub(super) is_covered: bool,
}

/// A message that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SentMessage {
    /// Its number.
    pub(super) message_id: i32,
    /// The photo that it shows, as the platform calls it.
    pub(super) file_id: Option<String>,
}

impl SentMessage {
    fn of(message: &Sent) -> Self {
        let largest = message.photo().and_then(|sizes| sizes.iter().max_by_key(|size| size.width * size.height));
        Self { message_id: message.id.0, file_id: largest.map(|size| size.file.id.0.clone()) }
    }
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
        Ok(sent(request.send().await)?.map(|message| message.message_id))
    }

    /// Replaces text and buttons, or below a picture the caption.
    pub(super) async fn edit(&self, target: Target, message: &Message) -> Result<(), Fault> {
        Editor::edit(self, target, message, Kind::Text).await.map(drop)
    }

    async fn edit_text(&self, target: Target, message: &Message) -> Result<(), Fault> {
        let request = self.bot.edit_message_text(ChatId(target.chat_id), MessageId(target.message_id), &message.text);
        done(request.reply_markup(keyboard(&message.buttons)).send().await)
    }

    async fn edit_caption(&self, target: Target, message: &Message) -> Result<(), Fault> {
        let request = self.bot.edit_message_caption(ChatId(target.chat_id), MessageId(target.message_id));
        done(request.caption(&message.text).reply_markup(keyboard(&message.buttons)).send().await)
    }

    /// Turns a message, a text as well, into a picture with caption and buttons.
    pub(super) async fn edit_photo(
        &self,
        target: Target,
        picture: &Picture,
        caption: &str,
        buttons: &[Vec<Button>],
    ) -> Result<(), Fault> {
        let photo = InputMediaPhoto::new(picture.input()).caption(caption);
        let media = InputMedia::Photo(if picture.is_covered { photo.spoiler() } else { photo });
        let request = self.bot.edit_message_media(ChatId(target.chat_id), MessageId(target.message_id), media);
        done(request.reply_markup(keyboard(buttons)).send().await)
    }

    /// Fetches a file that somebody sent. The platform gives out up to 20 MB
    /// (<https://core.telegram.org/bots/api#getfile>).
    pub(super) async fn download(&self, file: &str) -> Result<Vec<u8>, Fault> {
        let file = self.bot.get_file(FileId(file.to_owned())).send().await;
        let file = file.map_err(|error| Fault::of(&error).unwrap_or_else(|| Fault::Refused(brief(&error))))?;
        let mut bytes = Vec::new();
        let downloaded = self.bot.download_file(&file.path, &mut bytes).await;
        // The address holds the token, so the error's own words stay here.
        downloaded.map_err(|error| {
            Fault::Passing(match error {
                DownloadError::Network(error) => error.to_string(),
                DownloadError::Io(error) => error.to_string(),
            })
        })?;
        Ok(bytes)
    }

    /// Whether somebody owns or administers a group.
    pub(super) async fn is_admin(&self, chat_id: i64, person: i64) -> Result<bool, Fault> {
        let person = UserId(u64::try_from(person).unwrap_or_default());
        match self.bot.get_chat_member(ChatId(chat_id), person).send().await {
            Ok(member) => Ok(member.kind.is_privileged()),
            Err(error) => Fault::of(&error).map_or(Ok(false), Err),
        }
    }

    /// Answers an inline query: photos that were sent before, or a button that leads to the bot.
    pub(super) async fn answer_inline(
        &self,
        query: InlineQueryId,
        photos: Vec<InlinePhoto>,
        next_offset: String,
        button: Option<String>,
    ) -> Result<(), Fault> {
        let results = photos.into_iter().map(|photo| {
            let result = InlineQueryResultCachedPhoto::new(photo.id, FileId(photo.file_id));
            InlineQueryResult::CachedPhoto(result.title(photo.title).caption(photo.caption))
        });
        let mut request = self.bot.answer_inline_query(query, results).is_personal(true).cache_time(INLINE_CACHE);
        request = request.next_offset(next_offset);
        request = match button {
            Some(text) => request.button(InlineQueryResultsButton {
                text,
                kind: InlineQueryResultsButtonKind::StartParameter("inline".to_owned()),
            }),
            None => request,
        };
        done(request.send().await)
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
    ) -> Result<Option<SentMessage>, Fault> {
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
        if !buttons.is_empty() {
            request = request.reply_markup(keyboard(buttons));
        }
        sent(request.send().await)
    }

    /// Sends 2 to [`ALBUM_LIMIT`] pictures; the caption stands under the album.
    pub(super) async fn send_album(
        &self,
        to: Destination,
        pictures: &[Picture],
        caption: &str,
    ) -> Result<Vec<SentMessage>, Fault> {
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
        match request.send().await {
            Ok(messages) => Ok(messages.iter().map(SentMessage::of).collect()),
            Err(error) => Fault::of(&error).map_or(Ok(Vec::new()), Err),
        }
    }

    /// Sends a picture as a file, byte for byte.
    pub(super) async fn send_file(
        &self,
        to: Destination,
        picture: &Picture,
        caption: Option<&str>,
        buttons: &[Vec<Button>],
    ) -> Result<Option<SentMessage>, Fault> {
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
    async fn edit(&self, target: Target, message: &Message, kind: Kind) -> Result<Kind, Fault> {
        if kind == Kind::Text {
            match self.edit_text(target, message).await {
                // It became a picture before anybody who remembers; Telegram says so in these words.
                Err(Fault::Refused(reason)) if reason.contains("no text in the message to edit") => {}
                outcome => return outcome.map(|()| Kind::Text),
            }
        }
        self.edit_caption(target, message).await.map(|()| Kind::Picture)
    }

    async fn show(&self, target: Target, message: &Message, picture: &[u8]) -> Result<(), Fault> {
        let picture = Picture { bytes: picture.to_vec(), file_name: "preview.jpg".to_owned(), is_covered: false };
        self.edit_photo(target, &picture, &message.text, &message.buttons).await
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

fn sent(answer: Result<Sent, teloxide::RequestError>) -> Result<Option<SentMessage>, Fault> {
    match answer {
        Ok(message) => Ok(Some(SentMessage::of(&message))),
        Err(error) => Fault::of(&error).map_or(Ok(None), Err),
    }
}

fn done<T>(answer: Result<T, teloxide::RequestError>) -> Result<(), Fault> {
    match answer {
        Ok(_) => Ok(()),
        Err(error) => Fault::of(&error).map_or(Ok(()), Err),
    }
}

/// Seconds for which the platform may keep the answer to an inline query.
const INLINE_CACHE: u32 = 5;

/// A photo to choose in inline mode.
#[derive(Debug, Clone)]
pub(super) struct InlinePhoto {
    /// At most 64 bytes, different for each.
    pub(super) id: String,
    /// The photo, as the platform calls it.
    pub(super) file_id: String,
    /// What is shown while choosing.
    pub(super) title: String,
    /// What stands below it once it is sent.
    pub(super) caption: String,
}

/// How often an answer that nobody repeats later is tried.
const ATTEMPTS: u32 = 5;
/// A chat that has to wait for longer does without the answer: the person has gone on.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

impl Api {
    /// Takes a message of the bot's own away, with patience; one that is gone already is no trouble.
    pub(super) async fn clear_away(&self, target: Target) {
        match patiently(target.chat_id, |chat_id| self.delete(Target { chat_id, ..target })).await {
            Ok(()) | Err(Fault::Refused(_) | Fault::Gone(_)) => {}
            Err(fault) => tracing::warn!(chat = target.chat_id, ?fault, "a message can not be taken away"),
        }
    }
}

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
