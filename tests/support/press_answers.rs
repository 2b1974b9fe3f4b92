//! The lines over the chat that answer presses.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::test_server::TestServer;

/// Reads them as the chat page does.
pub(crate) struct PressAnswers(Arc<Mutex<Vec<String>>>);

impl PressAnswers {
    /// Those of a user's private chat, from now on.
    pub(crate) async fn of(server: &TestServer, user: i64) -> Self {
        let events = format!("{}/page/events?user={user}", server.playground.url());
        let mut events = reqwest::get(events).await.unwrap();
        let (answers, mut text) = (Arc::default(), String::new());
        let read: Arc<Mutex<Vec<String>>> = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok(Some(chunk)) = events.chunk().await {
                text.push_str(&String::from_utf8_lossy(&chunk));
                while let Some((line, rest)) = text.split_once('\n') {
                    let event = line.strip_prefix("data:").and_then(|json| serde_json::from_str::<Value>(json).ok());
                    if let Some(event) = event.filter(|event| event["type"] == "answer") {
                        read.lock().unwrap().push(event["text"].as_str().unwrap().to_owned());
                    }
                    text = rest.to_owned();
                }
            }
        });
        Self(answers)
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Waits until there are so many.
    pub(crate) async fn are(&self, count: usize) -> Vec<String> {
        let started = Instant::now();
        while self.all().len() < count {
            assert!(started.elapsed() < Duration::from_secs(60), "{:?} instead of {count} answers", self.all());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.all()
    }
}
