//! A user of the chat page: acts through the calls of the page, and waits for what the bot answers.

use std::time::{Duration, Instant};

use image::RgbImage;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::pictures::png;

/// A picture takes seconds in the test profile; a busy machine is slower still.
const PATIENCE: Duration = Duration::from_secs(120);

/// A user in a private chat with the bot, or in a group.
#[derive(Clone)]
pub(crate) struct ChatUser {
    client: Client,
    page: String,
    id: i64,
    language: &'static str,
    group: Option<i64>,
    topic: Option<i64>,
}

/// A message, or its number.
pub(crate) trait Numbered {
    fn number(&self) -> i64;
}

impl Numbered for i64 {
    fn number(&self) -> i64 {
        *self
    }
}

impl Numbered for Value {
    fn number(&self) -> i64 {
        self["message_id"].as_i64().unwrap()
    }
}

/// A picture, or the bytes of a file.
pub(crate) trait Sendable {
    fn bytes(&self) -> Vec<u8>;
}

impl Sendable for RgbImage {
    fn bytes(&self) -> Vec<u8> {
        png(self)
    }
}

impl Sendable for Vec<u8> {
    fn bytes(&self) -> Vec<u8> {
        self.clone()
    }
}

impl ChatUser {
    /// A user whose client speaks a language.
    pub(crate) fn new(page: &str, id: i64, language: &'static str) -> Self {
        Self { client: Client::new(), page: page.to_owned(), id, language, group: None, topic: None }
    }

    /// The same user in a group; groups have negative numbers.
    pub(crate) fn in_group(&self, chat: i64) -> Self {
        Self { group: Some(chat), topic: None, ..self.clone() }
    }

    /// The same user in a topic of this group, which becomes a forum.
    pub(crate) fn in_topic(&self, topic: i64) -> Self {
        Self { topic: Some(topic), ..self.clone() }
    }

    /// Writes a message; its number.
    pub(crate) async fn says(&self, text: &str) -> i64 {
        self.sends("/page/message", json!({ "text": text })).await
    }

    /// Answers a message with a text; the new message's number.
    pub(crate) async fn replies(&self, to: &impl Numbered, text: &str) -> i64 {
        self.sends("/page/message", json!({ "text": text, "reply_to": to.number() })).await
    }

    /// Sends a photo as a client does: as a JPEG of at most 1280 pixels.
    pub(crate) async fn sends_photo(&self, photo: &impl Sendable, caption: &str) -> i64 {
        self.uploads("photo", None, caption, [(photo.bytes(), "photo.png", "image/png")]).await[0]
    }

    /// Answers a message with a photo.
    pub(crate) async fn replies_with_photo(&self, to: &impl Numbered, photo: &impl Sendable, caption: &str) -> i64 {
        self.uploads("photo", Some(to.number()), caption, [(photo.bytes(), "photo.png", "image/png")]).await[0]
    }

    /// Sends 2–10 photos in one album, the caption under the first.
    pub(crate) async fn sends_album<S: Sendable>(&self, photos: &[S], caption: &str) -> Vec<i64> {
        self.uploads("photo", None, caption, photos.iter().map(|photo| (photo.bytes(), "photo.png", "image/png"))).await
    }

    /// Sends a file, byte for byte.
    pub(crate) async fn sends_file(&self, name: &str, mime: &str, bytes: &[u8], caption: &str) -> i64 {
        self.uploads("file", None, caption, [(bytes.to_vec(), name, mime)]).await[0]
    }

    /// Answers a message with a file.
    pub(crate) async fn replies_with_file(&self, to: &impl Numbered, name: &str, mime: &str, bytes: &[u8]) -> i64 {
        self.uploads("file", Some(to.number()), "", [(bytes.to_vec(), name, mime)]).await[0]
    }

    /// Follows a link to the bot, `https://t.me/NAME?start=PARAMETER`.
    pub(crate) async fn starts_with(&self, link: &str) -> i64 {
        let link = reqwest::Url::parse(link).unwrap();
        let param = link.query_pairs().find(|(name, _)| name == "start").map(|(_, value)| value.into_owned());
        self.sends("/page/start", json!({ "param": param.unwrap_or_default() })).await
    }

    /// Types the bot's name and some words; what comes to choose from: `inline_query_id`, `results`, `next_offset`.
    pub(crate) async fn types_inline(&self, query: &str) -> Value {
        self.post("/page/inline", json!({ "query": query })).await
    }

    /// Sends one of the results that typing gave; the message's number.
    pub(crate) async fn chooses_inline(&self, typed: &Value, index: usize) -> i64 {
        let body = json!({ "inline_query_id": typed["inline_query_id"], "result_id": typed["results"][index]["id"] });
        self.sends("/page/inline/choose", body).await
    }

    /// Blocks the bot, or no longer.
    pub(crate) async fn blocks(&self, blocked: bool) {
        self.post("/page/block", json!({ "blocked": blocked })).await;
    }

    /// Presses the button with this label under the message.
    pub(crate) async fn presses(&self, message: &Value, label: &str) {
        let data = button(message, label).unwrap_or_else(|| panic!("no button {label:?} under {message:#}"));
        self.post("/page/press", json!({ "message_id": message["message_id"], "data": data })).await;
    }

    /// The whole chat, oldest first.
    pub(crate) async fn history(&self) -> Vec<Value> {
        let group = self.group.map(|group| format!("&chat={group}")).unwrap_or_default();
        let answer = self.get(&format!("/page/history?user={}{group}", self.id)).await;
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        answer["messages"].as_array().unwrap().clone()
    }

    /// Waits until the bot shows a message of which this holds; the latest such message.
    pub(crate) async fn sees(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let history = self.history().await;
            if let Some(message) = history.into_iter().rev().find(|message| is_from_bot(message) && holds(message)) {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never saw {what}; the chat is {:#?}", self.history().await);
    }

    /// Waits for a message of the bot that contains the words.
    pub(crate) async fn reads(&self, words: &str) -> Value {
        self.sees(words, |message| words_of(message).contains(words)).await
    }

    /// Waits for a picture whose caption contains the words.
    pub(crate) async fn gets_picture(&self, words: &str) -> Value {
        self.sees(words, |message| is_photo(message) && words_of(message).contains(words)).await
    }

    /// The pixels of a photo message.
    pub(crate) async fn looks_at(&self, message: &Value) -> RgbImage {
        let largest = message["photo"].as_array().unwrap().last().unwrap();
        image::load_from_memory(&self.file(largest).await).unwrap().into_rgb8()
    }

    /// The bytes of a photo size or a document.
    pub(crate) async fn file(&self, file: &Value) -> Vec<u8> {
        self.get(&format!("/page/file/{}", file["file_id"].as_str().unwrap())).await
    }

    /// A call that gives one message; its number.
    async fn sends(&self, path: &str, body: Value) -> i64 {
        self.post(path, body).await["message"].number()
    }

    async fn uploads<'a>(
        &self,
        kind: &'static str,
        reply_to: Option<i64>,
        caption: &str,
        files: impl IntoIterator<Item = (Vec<u8>, &'a str, &'a str)>,
    ) -> Vec<i64> {
        let mut form = Form::new().text("as", kind).text("caption", caption.to_owned()).text("lang", self.language);
        let numbers = [("user", Some(self.id)), ("chat", self.group), ("thread", self.topic), ("reply_to", reply_to)];
        for (field, number) in numbers {
            if let Some(number) = number {
                form = form.text(field, number.to_string());
            }
        }
        for (bytes, name, mime) in files {
            form = form.part("file", Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime).unwrap());
        }
        let answer = self.client.post(format!("{}/page/upload", self.page)).multipart(form).send().await.unwrap();
        let answer = read(answer, "/page/upload").await;
        answer["messages"].as_array().unwrap().iter().map(Numbered::number).collect()
    }

    /// A call with who acts and where.
    async fn post(&self, path: &str, mut body: Value) -> Value {
        body["user"] = json!(self.id);
        body["lang"] = json!(self.language);
        for (field, number) in [("chat", self.group), ("thread", self.topic)] {
            if let Some(number) = number {
                body[field] = json!(number);
            }
        }
        read(self.client.post(format!("{}{path}", self.page)).json(&body).send().await.unwrap(), path).await
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        let answer = self.client.get(format!("{}{path}", self.page)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        answer.bytes().await.unwrap().to_vec()
    }
}

async fn read(answer: Response, path: &str) -> Value {
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

/// Text or caption.
pub(crate) fn words_of(message: &Value) -> &str {
    message["text"].as_str().or(message["caption"].as_str()).unwrap_or_default()
}

pub(crate) fn is_photo(message: &Value) -> bool {
    message["photo"].is_array()
}

fn is_from_bot(message: &Value) -> bool {
    message["from"]["is_bot"] == true
}

/// Whether there is a button with this label under the message.
pub(crate) fn has_button(message: &Value, label: &str) -> bool {
    button(message, label).is_some()
}

fn button(message: &Value, label: &str) -> Option<Value> {
    let rows = message["reply_markup"]["inline_keyboard"].as_array()?;
    let mut buttons = rows.iter().filter_map(Value::as_array).flatten();
    buttons
        .find(|button| button["text"].as_str().is_some_and(|text| text.contains(label)))
        .map(|button| button["callback_data"].clone())
}
