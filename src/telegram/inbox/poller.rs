//! One request for updates. It is made by hand because the updates are stored as they come.

use std::error::Error;
use std::time::Duration;

use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use teloxide::Bot;
use url::Url;

use crate::jobs::{StoredUpdate, UpdateId};

/// How much longer than the server's own time-out a request may take.
const MARGIN: Duration = Duration::from_secs(15);
/// The kinds of updates that the bot handles (<https://core.telegram.org/bots/api#getupdates>).
const ALLOWED_UPDATES: [&str; 4] = ["message", "edited_message", "callback_query", "inline_query"];

/// Asks for updates.
pub(super) struct Poller {
    client: Client,
    url: Url,
}

/// Why there are no updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PollError {
    /// Flood control.
    Wait(Duration),
    /// Another program asks for this bot's updates, or a webhook is set.
    Conflict(String),
    /// The server can not be reached or fails.
    Failed(String),
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    result: Option<Vec<Value>>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

impl Poller {
    pub(super) fn new(bot: &Bot) -> Self {
        let mut url = bot.api_url();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&format!("bot{}", bot.token())).push("GetUpdates");
        }
        Self { client: bot.client().clone(), url }
    }

    /// The updates from an offset on, which confirms those before it. The server holds the request open for up to `timeout`.
    pub(super) async fn poll(
        &self,
        offset: Option<i64>,
        timeout: Duration,
        limit: u8,
    ) -> Result<Vec<StoredUpdate>, PollError> {
        let mut body = json!({ "timeout": timeout.as_secs(), "limit": limit, "allowed_updates": ALLOWED_UPDATES });
        if let Some(offset) = offset {
            body["offset"] = json!(offset);
        }
        let request = self.client.post(self.url.clone()).timeout(timeout + MARGIN).json(&body);
        let answer = async { request.send().await?.bytes().await };
        let bytes = answer.await.map_err(|error| PollError::Failed(without_token(error)))?;
        let updates = read(&bytes)?;
        metrics::counter!("kandinsky_updates_total").increment(updates.len() as u64);
        Ok(updates)
    }
}

fn read(bytes: &[u8]) -> Result<Vec<StoredUpdate>, PollError> {
    let answer: Answer = serde_json::from_slice(bytes)
        .map_err(|error| PollError::Failed(format!("the answer can not be read: {error}")))?;
    if answer.ok {
        return Ok(answer.result.unwrap_or_default().into_iter().filter_map(stored).collect());
    }
    let description = answer.description.unwrap_or_default();
    Err(match (answer.parameters.and_then(|parameters| parameters.retry_after), answer.error_code) {
        (Some(seconds), _) => PollError::Wait(Duration::from_secs(seconds)),
        (None, Some(409)) => PollError::Conflict(description),
        _ => PollError::Failed(description),
    })
}

fn stored(update: Value) -> Option<StoredUpdate> {
    let Some(id) = update.get("update_id").and_then(Value::as_i64) else {
        tracing::error!("an update has no number and is left out");
        return None;
    };
    Some(StoredUpdate { id: UpdateId(id), body: update.to_string() })
}

/// The error with its causes; the address, which holds the token, is left out.
fn without_token(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::bot::bot;

    #[test]
    fn updates_are_kept_with_fields_that_nobody_knows() {
        let updates = read(r#"{"ok":true,"result":[{"update_id":7,"tomorrow":{"x":"ы"}},{"update_id":8}]}"#.as_bytes());
        let updates = updates.unwrap();
        let body = serde_json::from_str::<Value>(&updates[0].body).unwrap();
        assert_eq!((updates[0].id, body), (UpdateId(7), json!({"update_id": 7, "tomorrow": {"x": "ы"}})));
        assert_eq!(updates[1].id, UpdateId(8));
    }

    #[test]
    fn errors_say_what_to_do() {
        let error = |text: &str| read(text.as_bytes()).unwrap_err();
        let wait = r#"{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":5}}"#;
        assert_eq!(error(wait), PollError::Wait(Duration::from_secs(5)));
        let conflict = r#"{"ok":false,"error_code":409,"description":"Conflict: terminated"}"#;
        assert_eq!(error(conflict), PollError::Conflict("Conflict: terminated".to_owned()));
        assert!(matches!(error("<html>Bad Gateway"), PollError::Failed(_)));
    }

    #[tokio::test]
    async fn the_token_is_in_no_error() {
        let bot = bot("1:secret", Some("http://127.0.0.1:9/base/".parse().unwrap())).unwrap();
        let poller = Poller::new(&bot);
        assert_eq!(poller.url.path(), "/base/bot1:secret/GetUpdates");
        let error = poller.poll(None, Duration::ZERO, 1).await.unwrap_err();
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}
