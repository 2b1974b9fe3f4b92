//! How people's words reach the bot.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::place::{PERSON, Place};

#[tokio::test]
async fn what_a_person_writes_reaches_the_bot_until_it_is_confirmed() {
    let place = Place::new().await;
    place.page("message", json!({ "text": " /start ", "lang": "ru" })).await;
    let update = &place.updates().await[0];
    let message = &update["message"];
    assert_eq!(message["text"], "/start");
    assert_eq!(
        message["chat"],
        json!({ "id": PERSON, "type": "private", "first_name": message["from"]["first_name"] })
    );
    assert_eq!((&message["from"]["id"], &message["from"]["language_code"]), (&json!(PERSON), &json!("ru")));
    assert_eq!(message["entities"], json!([{ "type": "bot_command", "offset": 0, "length": 6 }]));

    assert_eq!(place.updates().await.len(), 1, "not confirmed yet");
    let next = update["update_id"].as_i64().unwrap() + 1;
    assert_eq!(place.bot("getUpdates", json!({ "offset": next })).await, json!([]));
}

#[tokio::test]
async fn a_waiting_bot_hears_a_message_at_once() {
    let place = Place::new().await;
    let started = Instant::now();
    let waiting = place.bot("GetUpdates", json!({ "timeout": 30 }));
    let (updates, _) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        place.says("кот").await
    });
    assert_eq!(updates[0]["message"]["text"], "кот");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_second_bot_ends_the_first_ones_wait() {
    let place = Place::new().await;
    let first = place.refused("getUpdates", json!({ "timeout": 30 }));
    let (refusal, _) = tokio::join!(first, async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        place.updates().await
    });
    assert_eq!(refusal.0, 409);
    assert!(refusal.1.starts_with("Conflict: terminated by other getUpdates request"));
}

#[tokio::test]
async fn only_kinds_of_updates_that_the_bot_asks_for_come() {
    let place = Place::new().await;
    place.bot("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    place.says("unheard").await;
    assert_eq!(place.updates().await.len(), 0);
    assert_eq!(place.bot("getWebhookInfo", json!({})).await["allowed_updates"], json!(["callback_query"]));
}

#[tokio::test]
async fn several_people_each_have_their_own_chat() {
    let place = Place::new().await;
    place.page("message", json!({ "text": "one", "user": 2001, "lang": "en" })).await;
    place.page("message", json!({ "text": "two", "user": 2002, "lang": "ru" })).await;
    let updates = place.updates().await;
    let from: Vec<_> = updates
        .iter()
        .map(|u| (u["message"]["chat"]["id"].clone(), u["message"]["from"]["language_code"].clone()))
        .collect();
    assert_eq!(from, [(json!(2001), json!("en")), (json!(2002), json!("ru"))]);
    assert_eq!(place.history().await.len(), 0);
    let intruding = place.page("message", json!({ "text": "x", "user": 2001, "chat": 2002 })).await;
    assert_eq!(intruding["description"], "Bad Request: chat not found");
}
