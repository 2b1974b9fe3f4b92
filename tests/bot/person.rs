//! Somebody at the chat page.

use std::time::{Duration, Instant};

use image::RgbImage;
use reqwest::Client;
use serde_json::{Value, json};

/// A picture takes seconds in the test profile; a busy machine is slower still.
const PATIENCE: Duration = Duration::from_secs(120);

/// A person in a private chat with the bot.
pub(crate) struct Person {
    client: Client,
    page: String,
    id: i64,
    language: &'static str,
}

impl Person {
    /// Somebody whose client speaks a language.
    pub(crate) fn new(page: &str, id: i64, language: &'static str) -> Self {
        Self { client: Client::new(), page: page.to_owned(), id, language }
    }

    /// Writes a message; its number.
    pub(crate) async fn says(&self, text: &str) -> i64 {
        let body = json!({ "text": text, "user": self.id, "lang": self.language });
        let answer = self.post("/page/message", &body).await;
        answer["message"]["message_id"].as_i64().unwrap()
    }

    /// Presses the button with this label under the message.
    pub(crate) async fn presses(&self, message: &Value, label: &str) {
        let data = button(message, label).unwrap_or_else(|| panic!("no button {label:?} under {message:#}"));
        let body = json!({ "message_id": message["message_id"], "data": data, "user": self.id, "lang": self.language });
        self.post("/page/press", &body).await;
    }

    /// The whole chat, oldest first.
    pub(crate) async fn history(&self) -> Vec<Value> {
        let answer = self.get(&format!("/page/history?user={}", self.id)).await;
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

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.client.post(format!("{}{path}", self.page)).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        let answer = self.client.get(format!("{}{path}", self.page)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        answer.bytes().await.unwrap().to_vec()
    }
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

fn button(message: &Value, label: &str) -> Option<Value> {
    let rows = message["reply_markup"]["inline_keyboard"].as_array()?;
    let mut buttons = rows.iter().filter_map(Value::as_array).flatten();
    buttons
        .find(|button| button["text"].as_str().is_some_and(|text| text.contains(label)))
        .map(|button| button["callback_data"].clone())
}
