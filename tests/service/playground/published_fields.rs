//! Everything that is sent, against the published field lists.

use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::support::pictures::gradient_png as png;
use crate::support::playground_client::{PAGE_USER, PlaygroundClient, file};

/// Published fields of the objects that travel here, required ones with a `!`
/// (<https://core.telegram.org/bots/api#available-types>), and the object that a field holds.
const FIELDS: &[(&str, &str)] = &[
    (
        "Message",
        "message_id! message_thread_id is_topic_message date! chat!:Chat from:User via_bot:User edit_date reply_to_message:Message media_group_id text \
                 entities:MessageEntity photo:PhotoSize document:Document caption caption_entities:MessageEntity \
                 has_media_spoiler reply_markup:InlineKeyboardMarkup",
    ),
    ("User", "id! is_bot! first_name! last_name username language_code"),
    (
        "Me",
        "id! is_bot! first_name! username can_join_groups can_read_all_group_messages supports_inline_queries \
            can_connect_to_business has_main_web_app",
    ),
    ("Chat", "id! type! title username first_name last_name is_forum"),
    ("MessageEntity", "type! offset! length! url user language custom_emoji_id"),
    ("PhotoSize", "file_id! file_unique_id! width! height! file_size"),
    ("Document", "file_id! file_unique_id! thumbnail:PhotoSize file_name mime_type file_size"),
    ("File", "file_id! file_unique_id! file_size file_path"),
    ("InlineKeyboardMarkup", "inline_keyboard!"),
    (
        "Update",
        "update_id! message:Message callback_query:CallbackQuery inline_query:InlineQuery \
         chosen_inline_result:ChosenInlineResult",
    ),
    ("CallbackQuery", "id! from!:User message:Message inline_message_id chat_instance! data"),
    ("InlineQuery", "id! from!:User query! offset! chat_type"),
    ("ChosenInlineResult", "result_id! from!:User inline_message_id query!"),
    ("WebhookInfo", "url! has_custom_certificate! pending_update_count! allowed_updates"),
];

/// Checks an object, or each of a list, against the published fields, all the way down.
fn assert_published(kind: &str, value: &Value) {
    if let Some(list) = value.as_array() {
        return list.iter().for_each(|item| assert_published(kind, item));
    }
    let object = value.as_object().unwrap_or_else(|| panic!("{kind}: {value}"));
    let (_, fields) = FIELDS.iter().find(|(name, _)| *name == kind).unwrap();
    let mut known = Vec::new();
    for field in fields.split_whitespace() {
        let (name, inner) = field.split_once(':').unwrap_or((field, ""));
        let required = name.ends_with('!');
        let name = name.trim_end_matches('!');
        known.push(name);
        match object.get(name) {
            None => assert!(!required, "{kind} lacks {name}: {value}"),
            Some(held) if !inner.is_empty() => assert_published(inner, held),
            Some(held) => assert!(!held.is_null(), "{kind}.{name} is null"),
        }
    }
    let unknown: Vec<_> = object.keys().filter(|key| !known.contains(&key.as_str())).collect();
    assert!(unknown.is_empty(), "{kind} has fields that the Bot API does not have: {unknown:?}");
}

#[tokio::test]
async fn everything_sent_has_the_published_fields() {
    let client = PlaygroundClient::new().await;
    assert_published("Me", &client.bot("getMe", json!({})).await);
    client.page("message", json!({ "text": "/start", "lang": "ru" })).await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "b" }]] });
    let said = client.says("<b>").await;
    let reply = json!({ "message_id": said["message_id"] });
    let html = "<a href='https://a.example'>a</a> <pre><code class='language-rust'>b</code></pre>";
    let params = json!({ "chat_id": PAGE_USER, "text": html, "parse_mode": "HTML", "reply_markup": keyboard, "reply_parameters": reply });
    let sent = client.bot("sendMessage", params).await;
    client.page("press", json!({ "message_id": sent["message_id"], "data": "b" })).await;
    client.uploads(Form::new().text("as", "file").text("caption", "/x").part("file", file(png(400, 9), "a.png"))).await;
    let photos =
        Form::new().text("as", "photo").part("file", file(png(9, 9), "a.png")).part("file", file(png(9, 9), "b.png"));
    let photos = client.uploads(photos).await["messages"].clone();
    let file_id = &photos[0]["photo"][0]["file_id"];
    let spoiler = json!({ "chat_id": PAGE_USER, "photo": file_id, "caption": "<i>x</i>", "parse_mode": "HTML", "has_spoiler": true });
    assert_published("Message", &client.bot("sendPhoto", spoiler).await);
    assert_published("File", &client.bot("getFile", json!({ "file_id": file_id })).await);
    assert_published("WebhookInfo", &client.bot("getWebhookInfo", json!({})).await);
    client.page("message", json!({ "text": "/help", "chat": -5, "thread": 3 })).await;
    let article = json!({ "type": "article", "id": "1", "title": "x", "input_message_content": { "message_text": "y" },
                          "reply_markup": keyboard });
    let (typed, _) = tokio::join!(client.page("inline", json!({ "query": "x" })), async {
        let query = client.updates().await.pop().unwrap()["inline_query"].clone();
        client.bot("answerInlineQuery", json!({ "inline_query_id": query["id"], "results": [article] })).await
    });
    client.page("inline/choose", json!({ "inline_query_id": typed["inline_query_id"], "result_id": "1" })).await;
    let updates = Value::from(client.updates().await);
    assert_eq!(updates.as_array().unwrap().len(), 9);
    assert_published("Update", &updates);
    assert_published("Message", &Value::from(client.history().await));
}
