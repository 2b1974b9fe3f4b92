//! How people's words reach the bot.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::support::playground_client::{PAGE_USER, PlaygroundClient};

#[tokio::test]
async fn what_a_person_writes_reaches_the_bot_until_it_is_confirmed() {
    let client = PlaygroundClient::new().await;
    client.page("message", json!({ "text": " /start ", "lang": "ru" })).await;
    let update = &client.updates().await[0];
    let message = &update["message"];
    assert_eq!(message["text"], "/start");
    assert_eq!(
        message["chat"],
        json!({ "id": PAGE_USER, "type": "private", "first_name": message["from"]["first_name"] })
    );
    assert_eq!((&message["from"]["id"], &message["from"]["language_code"]), (&json!(PAGE_USER), &json!("ru")));
    assert_eq!(message["entities"], json!([{ "type": "bot_command", "offset": 0, "length": 6 }]));

    assert_eq!(client.updates().await.len(), 1, "not confirmed yet");
    let next = update["update_id"].as_i64().unwrap() + 1;
    assert_eq!(client.bot("getUpdates", json!({ "offset": next })).await, json!([]));
}

#[tokio::test]
async fn a_waiting_bot_hears_a_message_at_once() {
    let client = PlaygroundClient::new().await;
    let started = Instant::now();
    let waiting = client.bot("GetUpdates", json!({ "timeout": 30 }));
    let (updates, _) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        client.says("кот").await
    });
    assert_eq!(updates[0]["message"]["text"], "кот");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_second_bot_ends_the_first_ones_wait() {
    let client = PlaygroundClient::new().await;
    let first = client.refused("getUpdates", json!({ "timeout": 30 }));
    let (refusal, _) = tokio::join!(first, async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        client.updates().await
    });
    assert_eq!(refusal.0, 409);
    assert!(refusal.1.starts_with("Conflict: terminated by other getUpdates request"));
}

#[tokio::test]
async fn only_kinds_of_updates_that_the_bot_asks_for_come() {
    let client = PlaygroundClient::new().await;
    client.bot("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    client.says("unheard").await;
    assert_eq!(client.updates().await.len(), 0);
    assert_eq!(client.bot("getWebhookInfo", json!({})).await["allowed_updates"], json!(["callback_query"]));
}

#[tokio::test]
async fn several_people_each_have_their_own_chat() {
    let client = PlaygroundClient::new().await;
    client.page("message", json!({ "text": "one", "user": 2001, "lang": "en" })).await;
    client.page("message", json!({ "text": "two", "user": 2002, "lang": "ru" })).await;
    let updates = client.updates().await;
    let from: Vec<_> = updates
        .iter()
        .map(|u| (u["message"]["chat"]["id"].clone(), u["message"]["from"]["language_code"].clone()))
        .collect();
    assert_eq!(from, [(json!(2001), json!("en")), (json!(2002), json!("ru"))]);
    assert_eq!(client.history().await.len(), 0);
    let intruding = client.page("message", json!({ "text": "x", "user": 2001, "chat": 2002 })).await;
    assert_eq!(intruding["description"], "Bad Request: chat not found");
}

#[tokio::test]
async fn replies_in_a_group_are_a_thread_that_can_not_be_written_to() {
    let client = PlaygroundClient::new().await;
    let first = client.page("message", json!({ "text": "/imagine кот", "chat": -7 })).await["message"].clone();
    let reply =
        json!({ "text": "@kandinsky_playground_bot пёс", "chat": -7, "user": 2, "reply_to": first["message_id"] });
    let second = client.page("message", reply).await["message"].clone();
    let third = json!({ "text": "сова", "chat": -7, "reply_to": second["message_id"] });
    let third = client.page("message", third).await["message"].clone();
    assert_eq!(first.get("message_thread_id"), None);
    assert_eq!((&second["message_thread_id"], second.get("is_topic_message")), (&first["message_id"], None));
    assert_eq!(third["message_thread_id"], first["message_id"]);
    assert_eq!(second["entities"][0], json!({ "type": "mention", "offset": 0, "length": 25 }));
    assert_eq!(client.updates().await.len(), 3);

    let there = json!({ "chat_id": -7, "text": "x", "message_thread_id": first["message_id"] });
    assert_eq!(client.refused("sendMessage", there).await.1, "Bad Request: message thread not found");
}

#[tokio::test]
async fn what_is_said_in_a_topic_is_answered_there() {
    let client = PlaygroundClient::new().await;
    let asked = client.page("message", json!({ "text": "/help", "chat": -7, "thread": 31 })).await["message"].clone();
    assert_eq!((&asked["message_thread_id"], &asked["is_topic_message"]), (&json!(31), &json!(true)));
    assert_eq!(asked["chat"]["is_forum"], true);
    let there = json!({ "chat_id": -7, "text": "x", "message_thread_id": 31 });
    assert_eq!(client.bot("sendMessage", there).await["message_thread_id"], 31);
    let reply = json!({ "chat_id": -7, "text": "x", "reply_parameters": { "message_id": asked["message_id"] } });
    assert_eq!(client.bot("sendMessage", reply).await["message_thread_id"], 31);
    let elsewhere = json!({ "chat_id": -7, "text": "x", "message_thread_id": 32 });
    assert_eq!(client.refused("sendMessage", elsewhere).await.1, "Bad Request: message thread not found");
    let private = client.page("message", json!({ "text": "x", "thread": 31 })).await;
    assert_eq!(private["description"], "Bad Request: message thread not found");
}

#[tokio::test]
async fn a_link_starts_the_bot_with_its_parameter() {
    let client = PlaygroundClient::new().await;
    client.page("start", json!({ "param": "r_7-A" })).await;
    client.page("start", json!({})).await;
    for param in ["a b", "кот", &"a".repeat(65)] {
        let refused = client.page("start", json!({ "param": param })).await;
        assert_eq!(refused["description"], "Bad Request: START_PARAM_INVALID", "{param}");
    }
    let texts: Vec<_> = client.updates().await.iter().map(|update| update["message"]["text"].clone()).collect();
    assert_eq!(texts, [json!("/start r_7-A"), json!("/start")]);
}

#[tokio::test]
async fn in_a_group_the_bot_hears_what_is_meant_for_it() {
    let client = PlaygroundClient::new().await;
    let says = |text: &str| client.page("message", json!({ "text": text, "chat": -7 }));
    for (text, is_heard) in [
        ("кот", false),
        ("/imagine кот", true),
        ("/imagine@Kandinsky_Playground_Bot кот", true),
        ("/imagine@other_bot кот", false),
        ("🎨 @kandinsky_playground_bot кот", true),
        ("@other_bot кот", false),
        ("kandinsky_playground_bot", false),
    ] {
        let before = client.updates().await.len();
        says(text).await;
        assert_eq!(client.updates().await.len() - before, usize::from(is_heard), "{text}");
    }
    let sent = client.bot("sendMessage", json!({ "chat_id": -7, "text": "x" })).await;
    let before = client.updates().await.len();
    client.page("message", json!({ "text": "ещё", "chat": -7, "reply_to": sent["message_id"] })).await;
    assert_eq!(client.updates().await.len() - before, 1, "an answer to the bot");
}
