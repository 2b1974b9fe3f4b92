//! Requests that Telegram refuses are refused here too, with its code and words.

use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::support::pictures::gradient_png as png;
use crate::support::playground_client::{PAGE_USER, PlaygroundClient, file};

/// A message with a keyboard of these buttons.
fn keyed(buttons: &Value) -> Value {
    json!({ "chat_id": PAGE_USER, "text": "x", "reply_markup": { "inline_keyboard": [buttons] } })
}

async fn assert_refused(client: &PlaygroundClient, method: &str, params: Value, words: &str) {
    let shown = params.to_string().chars().take(200).collect::<String>();
    assert_eq!(client.refused(method, params).await, (400, format!("Bad Request: {words}")), "{method} {shown}");
}

#[tokio::test]
async fn fields_that_a_method_does_not_have() {
    let client = PlaygroundClient::new().await;
    client.says("hi").await;
    let button = json!({ "text": "a", "callback_data": "b", "colour": "red" });
    let album = json!({ "chat_id": PAGE_USER, "media": [], "reply_markup": { "inline_keyboard": [] } });
    let caption = json!({ "type": "photo", "media": "x", "text": "y" });
    let result = json!([{ "type": "article", "id": "1", "title": "x", "text": "y" }]);
    for (method, params, field) in [
        ("sendMessage", json!({ "chat_id": PAGE_USER, "text": "x", "caption": "y" }), "caption"),
        ("sendMessage", json!({ "chat_id": PAGE_USER, "text": "x", "reply_to_message_id": 1 }), "reply_to_message_id"),
        ("sendMessage", json!({ "chat_id": PAGE_USER, "text": "x", "reply_parameters": { "message": 1 } }), "message"),
        ("sendMessage", keyed(&json!([button])), "colour"),
        ("sendMediaGroup", album, "reply_markup"),
        ("editMessageMedia", json!({ "chat_id": PAGE_USER, "message_id": 1, "media": caption }), "text"),
        ("answerInlineQuery", json!({ "inline_query_id": "1", "results": result }), "text"),
        ("setMyName", json!({ "name": "x", "description": "y" }), "description"),
        ("getMe", json!({ "x": 1 }), "x"),
    ] {
        assert_refused(&client, method, params, &format!("unknown field \"{field}\"")).await;
    }
    let form = Form::new().text("chat_id", "1000").text("text", "x").part("photo", file(png(8, 8), "a.png"));
    let answer: Value =
        client.http.post(client.method("sendMessage")).multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["description"], "Bad Request: unknown field \"photo\"");
}

#[tokio::test]
async fn buttons_outside_their_limits() {
    let client = PlaygroundClient::new().await;
    let many: Vec<Value> = (0..101).map(|n| json!({ "text": "a", "callback_data": n.to_string() })).collect();
    for (button, words) in [
        (json!([{ "text": "a", "callback_data": "" }]), "BUTTON_DATA_INVALID"),
        (json!([{ "text": "a", "callback_data": "a".repeat(65) }]), "BUTTON_DATA_INVALID"),
        (json!([{ "text": "a", "copy_text": { "text": "a".repeat(257) } }]), "BUTTON_COPY_TEXT_INVALID"),
        (json!([{ "text": "a", "url": "nowhere" }]), "inline keyboard button URL 'nowhere' is invalid"),
        (json!(many), "reply markup is too long"),
    ] {
        assert_refused(&client, "sendMessage", keyed(&button), words).await;
    }
    client.bot("sendMessage", keyed(&json!([{ "text": "a", "callback_data": "a".repeat(64) }]))).await;
    client.bot("sendMessage", keyed(&json!(many[..100]))).await;
}

#[tokio::test]
async fn texts_and_captions_are_measured_without_their_tags() {
    let client = PlaygroundClient::new().await;
    let text = |tag: &str, length: usize| {
        let text = format!("<{tag}>{}</{tag}>", "я".repeat(length));
        json!({ "chat_id": PAGE_USER, "text": text, "parse_mode": "HTML" })
    };
    client.bot("sendMessage", text("b", 4096)).await;
    assert_refused(&client, "sendMessage", text("b", 4097), "message is too long").await;
    assert_refused(&client, "sendMessage", text("b", 0), "message text is empty").await;
    let sent = client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "x" })).await;
    let mut edit = text("i", 4097);
    edit["message_id"] = sent["message_id"].clone();
    assert_refused(&client, "editMessageText", edit, "message is too long").await;

    let form = Form::new().text("chat_id", "1000").part("photo", file(png(8, 8), "a.png"));
    let photo = client.bot_form("sendPhoto", form).await;
    let long = "я".repeat(1025);
    let id = &photo["photo"][0]["file_id"];
    let item = json!({ "type": "photo", "media": id, "caption": long });
    let target = json!({ "chat_id": PAGE_USER, "message_id": photo["message_id"] });
    let edit = |field: &str, value: &Value| {
        let mut edit = target.clone();
        edit[field] = value.clone();
        edit
    };
    let words = "message caption is too long";
    assert_refused(&client, "editMessageCaption", edit("caption", &json!(long)), words).await;
    assert_refused(&client, "editMessageMedia", edit("media", &item), words).await;
    assert_refused(&client, "sendMediaGroup", json!({ "chat_id": PAGE_USER, "media": [item, item] }), words).await;
    let same = json!({ "type": "photo", "media": id });
    let refused = client.refused("editMessageMedia", edit("media", &same)).await;
    assert!(refused.1.starts_with("Bad Request: message is not modified"), "{refused:?}");
    let no_text = edit("text", &json!("x"));
    assert_refused(&client, "editMessageText", no_text, "there is no text in the message to edit").await;
}

#[tokio::test]
async fn what_the_bot_says_of_itself_has_limits() {
    let client = PlaygroundClient::new().await;
    for (method, field, limit) in [
        ("setMyName", "name", 64),
        ("setMyDescription", "description", 512),
        ("setMyShortDescription", "short_description", 120),
    ] {
        client.bot(method, json!({ field: "я".repeat(limit), "language_code": "ru" })).await;
        assert_refused(&client, method, json!({ field: "я".repeat(limit + 1) }), &format!("{field} is too long")).await;
    }
    let command = |name: &str, description: &str| json!({ "command": name, "description": description });
    let long = "a".repeat(33);
    for (commands, words) in [
        (json!([command("Draw", "x")]), "BOT_COMMAND_INVALID"),
        (json!([command("рисуй", "x")]), "BOT_COMMAND_INVALID"),
        (json!([command(&long, "x")]), "BOT_COMMAND_INVALID"),
        (json!([command("draw", "")]), "BOT_COMMAND_DESCRIPTION_INVALID"),
        (json!([command("draw", &"я".repeat(257))]), "BOT_COMMAND_DESCRIPTION_INVALID"),
        (json!(vec![command("draw", "x"); 101]), "BOT_COMMANDS_TOO_MUCH"),
    ] {
        assert_refused(&client, "setMyCommands", json!({ "commands": commands }), words).await;
    }
}

#[tokio::test]
async fn the_rest_of_what_a_bot_can_get_wrong() {
    let client = PlaygroundClient::new().await;
    let said = client.says("hi").await;
    let number = &said["message_id"];
    let heart = json!({ "type": "emoji", "emoji": "❤" });
    for (method, params, words) in [
        ("sendMessage", json!({ "text": "x" }), "chat_id is empty"),
        ("sendChatAction", json!({ "chat_id": PAGE_USER, "action": "dancing" }), "wrong parameter action in request"),
        (
            "setMessageReaction",
            json!({ "chat_id": PAGE_USER, "message_id": number, "reaction": [heart, heart] }),
            "REACTIONS_TOO_MANY",
        ),
        ("deleteMessages", json!({ "chat_id": PAGE_USER, "message_ids": [] }), "parameter \"message_ids\" is invalid"),
        ("answerCallbackQuery", json!({ "callback_query_id": "1", "text": "я".repeat(201) }), "MESSAGE_TOO_LONG"),
    ] {
        assert_refused(&client, method, params, words).await;
    }
}

#[tokio::test]
async fn whoever_blocked_the_bot_hears_nothing_of_it() {
    let client = PlaygroundClient::new().await;
    let sent = client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "x" })).await;
    client.page("block", json!({ "blocked": true })).await;
    let member = client.updates().await[0]["my_chat_member"].clone();
    assert_eq!((&member["new_chat_member"]["status"], &member["chat"]["id"]), (&json!("kicked"), &json!(PAGE_USER)));
    let edit = json!({ "chat_id": PAGE_USER, "message_id": sent["message_id"], "text": "y" });
    for (method, params) in [("sendMessage", json!({ "chat_id": PAGE_USER, "text": "y" })), ("editMessageText", edit)] {
        let refused = client.refused(method, params).await;
        assert_eq!(refused, (403, "Forbidden: bot was blocked by the user".to_owned()), "{method}");
    }
    client.page("block", json!({ "blocked": false })).await;
    client.bot("sendMessage", json!({ "chat_id": PAGE_USER, "text": "y" })).await;
}
