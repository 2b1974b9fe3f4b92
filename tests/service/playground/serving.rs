//! The server itself: its page, its guards, its end.

use std::time::Duration;

use image::RgbImage;
use kandinsky_bot::playground::{Fault, Options, Playground, PlaygroundError, Suggestion};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::chat_user::ChatUser;
use crate::support::playground_client::{PAGE_USER, PlaygroundClient};

#[tokio::test]
async fn the_page_learns_name_and_commands_in_its_language() {
    let client = PlaygroundClient::new().await;
    let me = client.bot("getMe", json!({})).await;
    for field in [
        "id",
        "is_bot",
        "first_name",
        "username",
        "can_join_groups",
        "can_read_all_group_messages",
        "supports_inline_queries",
    ] {
        assert!(!me[field].is_null(), "{field}");
    }
    let commands = |name: &str| json!([{ "command": "/start", "description": name }]);
    client.bot("setMyCommands", json!({ "commands": commands("Menu") })).await;
    client.bot("setMyCommands", json!({ "commands": commands("Меню"), "language_code": "ru" })).await;
    client.bot("setMyName", json!({ "name": "Кандинский", "language_code": "ru" })).await;
    let url = format!("{}/page/bot?lang=ru", client.playground.url());
    let bot: Value = client.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(bot["commands"], json!([{ "command": "start", "description": "Меню" }]));
    assert_eq!(bot["name"], "Кандинский");
    assert_eq!(client.bot("getMyName", json!({})).await["name"], "Kandinsky");
    let shouted = json!({ "commands": [{ "command": "Start", "description": "x" }] });
    assert_eq!(client.refused("setMyCommands", shouted).await.1, "Bad Request: BOT_COMMAND_INVALID");
}

#[tokio::test]
async fn other_web_sites_cannot_drive_the_chat() {
    let client = PlaygroundClient::new().await;
    let message =
        || client.http.post(format!("{}/page/message", client.playground.url())).json(&json!({ "text": "x" }));
    let rebound = message().header("host", "evil.example").send().await.unwrap();
    let foreign = message().header("origin", "https://evil.example").send().await.unwrap();
    let own = message().header("origin", client.playground.url()).send().await.unwrap();
    assert_eq!(
        (rebound.status(), foreign.status(), own.status()),
        (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN, StatusCode::OK)
    );
    assert_eq!(client.history().await.len(), 1);
}

#[tokio::test]
async fn a_taken_port_is_told_apart() {
    let client = PlaygroundClient::new().await;
    let port = client.playground.url().rsplit(':').next().unwrap().parse().unwrap();
    let second = Playground::start(port, Options::default()).await;
    assert!(matches!(second, Err(PlaygroundError::PortTaken(p)) if p == port));
}

#[tokio::test]
async fn stopping_ends_polls_and_event_streams() {
    let PlaygroundClient { playground, http } = PlaygroundClient::new().await;
    let poll = format!("{}/bot{}/getUpdates?timeout=50", playground.api_url(), playground.token());
    let waiting = tokio::spawn({
        let http = http.clone();
        async move { http.get(poll).send().await.unwrap().json::<Value>().await.unwrap() }
    });
    let _events = http.get(format!("{}/page/events", playground.url())).send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    playground.stop().await;
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(waiting.await.unwrap()["result"], json!([]));
}

#[tokio::test]
async fn the_page_and_its_words_come_from_this_server() {
    let suggestion = Suggestion { ru: "кот".to_owned(), en: "a cat".to_owned(), picture: Some(b"jpeg") };
    let options = Options { suggestions: vec![suggestion], known_objects: Some(80), folder: None, mini_apps: None };
    let playground = Playground::start(0, options).await.unwrap();
    let get = |path: &str| reqwest::get(format!("{}{path}", playground.url()));
    let page = get("/").await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let html = page.text().await.unwrap();
    assert!(html.contains("<html") && !html.contains("https://"), "loads nothing from elsewhere");
    let words = |lang: &str| get(&format!("/page/words?lang={lang}"));
    let (ru, en): (Value, Value) =
        (words("ru-RU").await.unwrap().json().await.unwrap(), words("de").await.unwrap().json().await.unwrap());
    assert_ne!(ru["page-send"], en["page-send"]);
    let suggestions: Value = get("/page/suggestions").await.unwrap().json().await.unwrap();
    assert_eq!(suggestions, json!([{ "ru": "кот", "en": "a cat", "picture": "/page/suggestions/0" }]));
    assert_eq!(get("/page/suggestions/0").await.unwrap().bytes().await.unwrap(), "jpeg");
    assert_eq!(get("/page/suggestions/1").await.unwrap().status(), 404);
}

#[tokio::test]
async fn faults_can_be_put_in_the_bots_way() {
    let client = PlaygroundClient::new().await;
    for fault in [Fault::RetryAfter(3), Fault::ServerError, Fault::CutBefore, Fault::CutAfter] {
        client.playground.inject("SendMessage", fault);
    }
    let params = json!({ "chat_id": PAGE_USER, "text": "x" });
    let refusal = client.call("sendMessage", params.clone()).await;
    assert_eq!((&refusal["error_code"], &refusal["parameters"]["retry_after"]), (&json!(429), &json!(3)));
    assert_eq!(client.refused("sendMessage", params.clone()).await.0, 500);
    for seen in [0, 1] {
        let response = client.http.post(client.method("sendMessage")).json(&params).send().await;
        let broken = match response {
            Ok(response) => response.bytes().await.is_err(),
            Err(_) => true,
        };
        assert!(broken);
        assert_eq!(client.history().await.len(), seen);
    }
    client.bot("sendMessage", params).await;
}

#[tokio::test]
async fn a_chat_that_is_kept_is_there_after_a_restart_with_its_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || {
        let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
        Playground::start(0, options).await.unwrap()
    };
    let first = start().await;
    let anna = ChatUser::new(&first.url(), 7, "ru");
    let said = anna.says("кот").await;
    anna.sends_photo(&RgbImage::new(64, 48), "мой кот").await;
    let before = anna.history().await;
    first.stop().await;

    let second = start().await;
    let anna = ChatUser::new(&second.url(), 7, "ru");
    assert_eq!(anna.history().await, before);
    assert_eq!(anna.looks_at(&before[1]).await.dimensions(), (64, 48));
    assert!(anna.says("ещё").await > said, "numbers go on");
    let cleared = reqwest::Client::new().post(format!("{}/page/clear", second.url())).json(&json!({ "user": 7 }));
    assert_eq!(cleared.send().await.unwrap().json::<Value>().await.unwrap(), json!({ "deleted": 3 }));
    second.stop().await;

    let third = start().await;
    assert_eq!(ChatUser::new(&third.url(), 7, "ru").history().await, Vec::<Value>::new());
    assert_eq!(std::fs::read_dir(folder.path().join("files")).unwrap().count(), 0);
}
