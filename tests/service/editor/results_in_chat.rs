use kandinsky_bot::jobs::{Archive, JobId, JobState, Queue};
use reqwest::Method;
use serde_json::json;

use crate::support::editor_server::{EditorServer, refusal};

/// Somebody who has written to the bot: something can be sent to the chat.
async fn known_user(server: &EditorServer, id: i64) -> crate::support::chat_user::ChatUser {
    let chat = server.user(id);
    chat.says("/help").await;
    server.when_quiet(&chat).await;
    chat
}

async fn state(server: &EditorServer, job: &serde_json::Value) -> JobState {
    let job = JobId(job["job"].as_str().unwrap().parse().unwrap());
    server.store.job(job).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_result_that_was_seen_does_not_come_to_the_chat() {
    let server = EditorServer::start().await;
    let chat = known_user(&server, 7).await;
    let anna = server.comes_in(7).await;
    assert_eq!(anna.session["features"]["send"], true);
    let before = chat.history().await.len();
    let drawn = anna.draws("кот").await;
    let job = drawn["job"].as_str().unwrap();
    anna.posts(&format!("jobs/{job}/seen"), json!({})).await;
    server.nobody_looks_any_more().await;
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(chat.history().await.len(), before);
    assert_eq!(state(&server, &drawn).await, JobState::Delivered);
}

#[tokio::test]
async fn a_result_comes_to_the_chat_when_the_editor_was_closed() {
    let server = EditorServer::start().await;
    let chat = known_user(&server, 7).await;
    let anna = server.comes_in(7).await;
    let before = chat.history().await.len();
    anna.draws("кот").await;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(chat.history().await.len(), before, "while somebody looks it stays in the editor");
    server.nobody_looks_any_more().await;
    let picture = chat.gets_picture("кот").await;
    assert!(picture.to_string().contains("Редактор"), "with a button that leads back");
    assert!(!picture.to_string().contains("статус"));
}

#[tokio::test]
async fn a_result_is_sent_to_the_chat_once_when_it_is_asked_for() {
    let server = EditorServer::start().await;
    let chat = known_user(&server, 7).await;
    let anna = server.comes_in(7).await;
    let drawn = anna.draws("кот").await;
    let job = drawn["job"].as_str().unwrap();
    anna.posts(&format!("jobs/{job}/seen"), json!({})).await;
    anna.posts(&format!("jobs/{job}/send"), json!({ "as": "photo" })).await;
    chat.gets_picture("кот").await;
    let count = chat.history().await.len();
    anna.posts(&format!("jobs/{job}/send"), json!({ "as": "photo" })).await;
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(chat.history().await.len(), count, "it is there already");
}

#[tokio::test]
async fn a_result_is_sent_as_a_file_as_often_as_it_is_asked_for() {
    let server = EditorServer::start().await;
    let chat = known_user(&server, 7).await;
    let anna = server.comes_in(7).await;
    let drawn = anna.draws("кот").await;
    let job = drawn["job"].as_str().unwrap();
    anna.posts(&format!("jobs/{job}/seen"), json!({})).await;
    for count in 1..=2 {
        anna.posts(&format!("jobs/{job}/send"), json!({ "as": "file" })).await;
        let are_there = |history: &[serde_json::Value]| {
            history.iter().filter(|message| message["document"].is_object()).count() == count
        };
        let started = std::time::Instant::now();
        while !are_there(&chat.history().await) {
            assert!(started.elapsed().as_secs() < 30, "{:#?}", chat.history().await);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    let message = chat.history().await.into_iter().rfind(|message| message["document"].is_object()).unwrap();
    assert_eq!(chat.file(&message["document"]).await, anna.file(&drawn["download"]).await, "byte for byte");
}

#[tokio::test]
async fn whoever_has_no_chat_with_the_bot_keeps_results_in_the_editor() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let drawn = anna.draws("кот").await;
    let job = drawn["job"].as_str().unwrap();
    assert_eq!(state(&server, &drawn).await, JobState::Delivered);
    let send = anna.request(Method::POST, &format!("jobs/{job}/send")).json(&json!({ "as": "photo" }));
    assert_eq!(refusal(send).await.code, "no_chat");
    let next = anna.draws("кит").await;
    assert_eq!(anna.reads("pictures").await["pictures"][0]["id"], next["id"], "nothing was called off");
}

#[tokio::test]
async fn a_picture_of_the_chat_is_opened_in_the_editor() {
    let server = EditorServer::start().await;
    let chat = known_user(&server, 7).await;
    chat.says("кот в шляпе").await;
    let picture = chat.gets_picture("кот в шляпе").await;
    let button = picture["reply_markup"]["inline_keyboard"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .find(|button| button.get("web_app").is_some())
        .unwrap_or_else(|| panic!("{picture:#}"));
    let anna = server.comes_in_with(&server.opens(7, button["web_app"]["url"].as_str()).await).await;
    let opened = &anna.session["start"]["picture"];
    assert_eq!(opened["recipe"]["prompt"], "кот в шляпе");
    let job = JobId(opened["job"].as_str().unwrap().parse().unwrap());
    let bytes = anna.file(&opened["download"]).await;
    assert_eq!(Some(bytes.as_slice()), server.store.picture(job, 0).await.unwrap().as_deref(), "byte for byte");
    // It is in the chat already, and is not sent twice.
    anna.posts(&format!("jobs/{job}/send"), json!({ "as": "photo" })).await;
}
