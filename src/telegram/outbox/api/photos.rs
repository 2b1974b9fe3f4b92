//! Pictures: sent alone, in albums, as files, and put into messages.

use teloxide::payloads::{
    EditMessageMediaSetters, SendDocument, SendDocumentSetters, SendMediaGroup, SendPhoto, SendPhotoSetters,
};
use teloxide::prelude::Requester;
use teloxide::types::{ChatId, InputMedia, InputMediaPhoto, MessageId};

use super::lenient::Lenient;
use super::shown::Shown;
use super::{Api, caption_within};
use crate::conversation::{Button, Message};
use crate::telegram::outbox::fault::Fault;
use crate::telegram::outbox::message::{Destination, Picture, SentMessage, Target};

/// The most pictures in one album (<https://core.telegram.org/bots/api#sendmediagroup>); at least 2.
pub(in crate::telegram) const ALBUM_LIMIT: usize = 10;

impl Api {
    /// Turns a message, a text as well, into a picture with caption and buttons.
    pub(in crate::telegram) async fn edit_photo(
        &self,
        target: Target,
        picture: &Picture,
        caption: &str,
        buttons: &[Vec<Button>],
    ) -> Result<(), Fault> {
        let media = InputMedia::Photo(photo(picture).caption(caption_within(caption)));
        let request = self.bot.edit_message_media(ChatId(target.chat_id), MessageId(target.message_id), media);
        let message = Message { text: caption.to_owned(), buttons: buttons.to_vec() };
        self.change(
            target,
            Shown { message, is_picture: true },
            request.reply_markup(self.keyboard(target.chat_id, buttons)),
        )
        .await
    }

    /// Sends a picture with its caption and buttons in one message.
    pub(in crate::telegram) async fn send_photo(
        &self,
        to: Destination,
        picture: &Picture,
        caption: &str,
        buttons: &[Vec<Button>],
    ) -> Result<Option<SentMessage>, Fault> {
        self.in_topic(to, |to| self.send_photo_there(to, picture, caption, buttons)).await
    }

    async fn send_photo_there(
        &self,
        to: Destination,
        picture: &Picture,
        caption: &str,
        buttons: &[Vec<Button>],
    ) -> Result<Option<SentMessage>, Fault> {
        let mut request = SendPhoto::new(ChatId(to.chat_id), picture.input()).caption(caption_within(caption));
        request.message_thread_id = to.thread();
        request.reply_parameters = to.reply();
        request.has_spoiler = picture.is_covered.then_some(true);
        if !buttons.is_empty() {
            request = request.reply_markup(self.keyboard(to.chat_id, buttons));
        }
        let answer = self.in_chat(to.chat_id, Lenient::multipart(&self.bot, request)).await?;
        let sent = answer.as_ref().and_then(SentMessage::of);
        let message = Message { text: caption.to_owned(), buttons: buttons.to_vec() };
        self.note_sent(to, sent.as_ref().map(|sent| sent.message_id), Shown { message, is_picture: true });
        Ok(sent)
    }

    /// Sends 2 to [`ALBUM_LIMIT`] pictures; the caption stands under the album.
    pub(in crate::telegram) async fn send_album(
        &self,
        to: Destination,
        pictures: &[Picture],
        caption: &str,
    ) -> Result<Vec<SentMessage>, Fault> {
        self.in_topic(to, |to| self.send_album_there(to, pictures, caption)).await
    }

    async fn send_album_there(
        &self,
        to: Destination,
        pictures: &[Picture],
        caption: &str,
    ) -> Result<Vec<SentMessage>, Fault> {
        let media = pictures.iter().enumerate().map(|(index, picture)| {
            let photo = photo(picture);
            InputMedia::Photo(if index == 0 { photo.caption(caption_within(caption)) } else { photo })
        });
        let mut request = SendMediaGroup::new(ChatId(to.chat_id), media);
        request.message_thread_id = to.thread();
        request.reply_parameters = to.reply();
        let answer = self.in_chat(to.chat_id, Lenient::multipart(&self.bot, request)).await?.unwrap_or_default();
        Ok(answer.as_array().into_iter().flatten().filter_map(SentMessage::of).collect())
    }

    /// Sends a picture as a file, byte for byte.
    pub(in crate::telegram) async fn send_file(
        &self,
        to: Destination,
        picture: &Picture,
        caption: Option<&str>,
        buttons: &[Vec<Button>],
    ) -> Result<Option<SentMessage>, Fault> {
        self.in_topic(to, |to| self.send_file_there(to, picture, caption, buttons)).await
    }

    async fn send_file_there(
        &self,
        to: Destination,
        picture: &Picture,
        caption: Option<&str>,
        buttons: &[Vec<Button>],
    ) -> Result<Option<SentMessage>, Fault> {
        let request = SendDocument::new(ChatId(to.chat_id), picture.input());
        let mut request = request.disable_content_type_detection(true);
        request.message_thread_id = to.thread();
        request.reply_parameters = to.reply();
        request.caption = caption.map(caption_within);
        if !buttons.is_empty() {
            request = request.reply_markup(self.keyboard(to.chat_id, buttons));
        }
        let answer = self.in_chat(to.chat_id, Lenient::multipart(&self.bot, request)).await?;
        let sent = answer.as_ref().and_then(SentMessage::of);
        let message = Message { text: caption.unwrap_or_default().to_owned(), buttons: buttons.to_vec() };
        self.note_sent(to, sent.as_ref().map(|sent| sent.message_id), Shown { message, is_picture: true });
        Ok(sent)
    }
}

fn photo(picture: &Picture) -> InputMediaPhoto {
    let photo = InputMediaPhoto::new(picture.input());
    if picture.is_covered { photo.spoiler() } else { photo }
}
