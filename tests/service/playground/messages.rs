//! Texts, buttons, edits: what the bot sends and what it is refused.

use std::time::Duration;

use futures::StreamExt;
use reqwest::StatusCode;
use reqwest::multipart::Form;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::pictures::gradient_png as png;
use crate::support::playground_client::{PAGE_USER, PlaygroundClient, file};

#[tokio::test]
async fn the_bot_answers_with_marks_and_buttons() {
    let client = PlaygroundClient::new().await;
    let asked = client.says("кот").await;
    let sent = client
        .bot(
            "SendMessage",
            json!({
                "chat_id": PAGE_USER, "text": "<b>Рисую</b>…", "parse_mode": "HTML",
                "reply_parameters": { "message_id": asked["message_id"] },
                "reply_markup": { "inline_keyboard": [[{ "text": "✖️", "callback_data": "cancel" }]] },
            }),
        )
        .await;
    assert_eq!(sent["text"], "Рисую…");
    assert_eq!(sent["entities"], json!([{ "type": "bold", "offset": 0, "length": 5 }]));
    assert_eq!(sent["reply_to_message"]["text"], "кот");
    assert_eq!(sent["from"]["is_bot"], true);
    assert_eq!(client.history().await, [asked, sent]);
}

#[tokio::test]
async fn parameters_travel_in_every_published_form() {
    let client = PlaygroundClient::new().await;
    let url = client.method("sendMessage");
    let keyboard = r#"{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}"#;
    let fields = [("chat_id", "1000"), ("text", "hi"), ("reply_markup", keyboard)];
    let as_query = reqwest::Url::parse_with_params(&url, fields).unwrap();
    let mut form = Form::new();
    for (name, value) in fields {
        form = form.text(name, value);
    }
    let urlencoded = as_query.query().unwrap().to_owned();
    let kind = "application/x-www-form-urlencoded";
    for request in [
        client.http.get(as_query),
        client.http.post(&url).header("content-type", kind).body(urlencoded),
        client.http.post(&url).multipart(form),
    ] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "b", "{answer}");
    }
}

#[tokio::test]
async fn texts_captions_and_buttons_have_limits() {
    let client = PlaygroundClient::new().await;
    let send = |params: Value| async {
        let mut params = params;
        params["chat_id"] = json!(PAGE_USER);
        client.refused("sendMessage", params).await
    };
    assert_eq!(send(json!({ "text": " " })).await.1, "Bad Request: message text is empty");
    assert_eq!(send(json!({ "text": "я".repeat(4097) })).await.1, "Bad Request: message is too long");
    let button = |button: Value| json!({ "text": "x", "reply_markup": { "inline_keyboard": [[button]] } });
    let long = "ы".repeat(33);
    assert_eq!(send(button(json!({ "text": "a", "callback_data": long }))).await.1, "Bad Request: BUTTON_DATA_INVALID");
    assert!(send(button(json!({ "text": "a" }))).await.1.contains("Text buttons are unallowed"));
    let html = json!({ "text": "<b>x", "parse_mode": "HTML" });
    assert!(send(html).await.1.starts_with("Bad Request: can't parse entities: Can't find end tag"));
    client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "я".repeat(4096) })).await;

    let photo = client.uploads(Form::new().text("as", "photo").part("file", file(png(8, 8), "a.png"))).await;
    let id = &photo["messages"][0]["photo"][0]["file_id"];
    let captioned = json!({ "chat_id": PAGE_USER, "photo": id, "caption": "я".repeat(1025) });
    assert_eq!(client.refused("sendPhoto", captioned).await.1, "Bad Request: message caption is too long");
}

#[tokio::test]
async fn strangers_and_unknown_things_are_refused_in_the_servers_words() {
    let client = PlaygroundClient::new().await;
    assert_eq!(client.refused("sendGift", json!({})).await, (404, "Not Found".to_owned()));
    let wrong = format!("{}/bot1000000001:AAwrong/getMe", client.playground.api_url());
    let response = client.http.get(wrong).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({ "ok": false, "error_code": 401, "description": "Unauthorized" }));

    for (method, params, words) in [
        ("sendMessage", json!({ "chat_id": 5, "text": "x" }), "chat not found"),
        ("editMessageText", json!({ "chat_id": PAGE_USER, "message_id": 9, "text": "x" }), "message to edit not found"),
        ("deleteMessage", json!({ "chat_id": PAGE_USER, "message_id": 9 }), "message to delete not found"),
        (
            "sendMessage",
            json!({ "chat_id": PAGE_USER, "text": "x", "reply_parameters": { "message_id": 9 } }),
            "message to be replied not found",
        ),
        ("getFile", json!({ "file_id": "nothing" }), "invalid file_id"),
        ("sendPhoto", json!({ "chat_id": PAGE_USER, "photo": "nothing" }), "wrong file identifier/HTTP URL specified"),
        (
            "answerCallbackQuery",
            json!({ "callback_query_id": "1" }),
            "query is too old and response timeout expired or query id is invalid",
        ),
    ] {
        assert_eq!(client.refused(method, params).await, (400, format!("Bad Request: {words}")), "{method}");
    }
}

#[tokio::test]
async fn a_pressed_button_is_answered_once() {
    let client = PlaygroundClient::new().await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Аниме", "callback_data": "style:anime" }]] });
    let sent =
        client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "Стиль?", "reply_markup": keyboard })).await;
    let mut events =
        client.http.get(format!("{}/page/events", client.playground.url())).send().await.unwrap().bytes_stream();
    let press = json!({ "message_id": sent["message_id"], "data": "style:anime" });
    let pressed = client.page("press", press).await;

    let query = client.updates().await[0]["callback_query"].clone();
    assert_eq!(query["id"], pressed["callback_query_id"]);
    assert_eq!((&query["data"], &query["message"]["text"]), (&json!("style:anime"), &json!("Стиль?")));
    assert!(query["chat_instance"].is_string());

    let answer = json!({ "callback_query_id": query["id"], "text": "Выбрано", "show_alert": true });
    client.bot("answerCallbackQuery", answer.clone()).await;
    let event = timeout(Duration::from_secs(5), events.next()).await.unwrap().unwrap().unwrap();
    let event: Value = serde_json::from_slice(event.strip_prefix(b"data: ").unwrap()).unwrap();
    assert_eq!((&event["type"], &event["text"], &event["alert"]), (&json!("answer"), &json!("Выбрано"), &json!(true)));
    assert!(client.refused("answerCallbackQuery", answer).await.1.contains("query is too old"));
}

#[tokio::test]
async fn only_buttons_that_are_there_can_be_pressed() {
    let client = PlaygroundClient::new().await;
    let sent = client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "x" })).await;
    let press = json!({ "message_id": sent["message_id"], "data": "invented" });
    assert_eq!(client.page("press", press).await["description"], "Bad Request: BUTTON_DATA_INVALID");
    assert_eq!(client.updates().await.len(), 0);
}

#[tokio::test]
async fn an_edit_changes_text_and_buttons_and_says_when_nothing_changed() {
    let client = PlaygroundClient::new().await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "✖️", "callback_data": "c" }]] });
    let sent =
        client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "1 %", "reply_markup": keyboard })).await;
    let edit =
        json!({ "chat_id": PAGE_USER, "message_id": sent["message_id"], "text": "2 %", "reply_markup": keyboard });
    let edited = client.bot("editMessageText", edit.clone()).await;
    assert_eq!(edited["text"], "2 %");
    assert!(edited["edit_date"].is_i64());
    assert!(client.refused("editMessageText", edit).await.1.starts_with("Bad Request: message is not modified"));

    let target = json!({ "chat_id": PAGE_USER, "message_id": sent["message_id"] });
    let bare = client.bot("editMessageReplyMarkup", target.clone()).await;
    assert_eq!(bare.get("reply_markup"), None);
    assert!(
        client.refused("editMessageCaption", target).await.1.contains("there is no caption in the message to edit")
    );
    let asked = client.says("mine").await;
    let foreign = json!({ "chat_id": PAGE_USER, "message_id": asked["message_id"], "text": "yours" });
    assert_eq!(client.refused("editMessageText", foreign).await.1, "Bad Request: message can't be edited");
}

#[tokio::test]
async fn a_status_message_turns_into_a_picture_in_place() {
    let client = PlaygroundClient::new().await;
    let sent = client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "Рисую…" })).await;
    let form = Form::new()
        .text("chat_id", "1000")
        .text("message_id", sent["message_id"].to_string())
        .text("media", r#"{"type":"photo","media":"attach://x","caption":"10 %"}"#)
        .part("x", file(png(64, 64), "x.png"));
    let edited = client.bot_form("EditMessageMedia", form).await;
    assert_eq!((&edited["message_id"], &edited["caption"]), (&sent["message_id"], &json!("10 %")));
    assert_eq!(edited.get("text"), None);
    assert_eq!(client.history().await.len(), 1);
}

#[tokio::test]
async fn deleted_messages_are_gone() {
    let client = PlaygroundClient::new().await;
    let (a, b) = (client.says("a").await, client.says("b").await);
    client.bot("deleteMessage", json!({ "chat_id": PAGE_USER, "message_id": a["message_id"] })).await;
    client
        .bot("deleteMessages", json!({ "chat_id": PAGE_USER, "message_ids": [a["message_id"], b["message_id"]] }))
        .await;
    assert_eq!(client.history().await.len(), 0);
}
