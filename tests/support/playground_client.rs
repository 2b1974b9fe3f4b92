//! A playground with raw calls from both sides: those of a bot, and those of its page.

use kandinsky_bot::playground::{Options, Playground};
use reqwest::Client;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// The user at the page.
pub(crate) const PAGE_USER: i64 = 1000;

/// Calls the Bot API as a bot does, and the page's calls as the page does; without a client library.
pub(crate) struct PlaygroundClient {
    pub(crate) playground: Playground,
    pub(crate) http: Client,
}

impl PlaygroundClient {
    pub(crate) async fn new() -> Self {
        Self { playground: Playground::start(0, Options::default()).await.unwrap(), http: Client::new() }
    }

    pub(crate) fn method(&self, name: &str) -> String {
        format!("{}/bot{}/{name}", self.playground.api_url(), self.playground.token())
    }

    /// The bot calls a method and gets the whole answer.
    pub(crate) async fn call(&self, name: &str, params: Value) -> Value {
        self.http.post(self.method(name)).json(&params).send().await.unwrap().json().await.unwrap()
    }

    /// The bot calls a method that must succeed.
    pub(crate) async fn bot(&self, name: &str, params: Value) -> Value {
        let answer = self.call(name, params).await;
        assert_eq!(answer["ok"], true, "{name}: {answer}");
        answer["result"].clone()
    }

    /// The bot calls a method that must be refused; returns code and words.
    pub(crate) async fn refused(&self, name: &str, params: Value) -> (u64, String) {
        let answer = self.call(name, params).await;
        assert_eq!(answer["ok"], false, "{name}: {answer}");
        (answer["error_code"].as_u64().unwrap(), answer["description"].as_str().unwrap().to_owned())
    }

    pub(crate) async fn bot_form(&self, name: &str, form: Form) -> Value {
        let answer: Value =
            self.http.post(self.method(name)).multipart(form).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["ok"], true, "{name}: {answer}");
        answer["result"].clone()
    }

    pub(crate) async fn updates(&self) -> Vec<Value> {
        self.bot("getUpdates", json!({})).await.as_array().unwrap().clone()
    }

    /// A user acts on the page.
    pub(crate) async fn page(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/page/{path}", self.playground.url());
        self.http.post(url).json(&body).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn says(&self, text: &str) -> Value {
        self.page("message", json!({ "text": text })).await["message"].clone()
    }

    pub(crate) async fn uploads(&self, form: Form) -> Value {
        let url = format!("{}/page/upload", self.playground.url());
        self.http.post(url).multipart(form).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn history(&self) -> Vec<Value> {
        let url = format!("{}/page/history", self.playground.url());
        let body: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        body["messages"].as_array().unwrap().clone()
    }

    /// The bot downloads a file.
    pub(crate) async fn download(&self, file_id: &Value) -> Vec<u8> {
        let file = self.bot("getFile", json!({ "file_id": file_id })).await;
        let (token, path) = (self.playground.token(), file["file_path"].as_str().unwrap());
        let url = format!("{}/file/bot{token}/{path}", self.playground.api_url());
        self.http.get(url).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap().to_vec()
    }
}

/// A file with a name, as a form carries it.
pub(crate) fn file(bytes: Vec<u8>, name: &str) -> Part {
    Part::bytes(bytes).file_name(name.to_owned())
}
