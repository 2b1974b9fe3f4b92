//! What users can do at the page, without a bot: each act is one message there, as it is meant.

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use crate::support::chat_user::{ChatUser, Numbered, Sendable};
use crate::support::playground_client::PlaygroundClient;

const GROUP: i64 = -100;

async fn anna() -> (PlaygroundClient, ChatUser) {
    let client = PlaygroundClient::new().await;
    let anna = ChatUser::new(&client.playground.url(), 1, "ru");
    (client, anna)
}

fn message(history: &[Value], number: i64) -> &Value {
    history.iter().find(|message| message.number() == number).unwrap()
}

#[tokio::test]
async fn photos_albums_and_files_are_sent() {
    let (_client, anna) = anna().await;
    let picture = RgbImage::from_pixel(64, 48, Rgb([200, 30, 30]));
    let photo = anna.sends_photo(&picture, "кот").await;
    let album = anna.sends_album(&[picture.clone(), picture.clone()], "смешай").await;
    let answer = anna.replies_with_photo(&photo, &picture, "").await;
    let file = anna.sends_file("маска.png", "image/png", &picture.bytes(), "маска").await;
    let answering_file = anna.replies_with_file(&photo, "a.txt", "text/plain", b"words").await;

    let history = anna.history().await;
    assert_eq!(history.len(), 6);
    assert_eq!(message(&history, photo)["caption"], "кот");
    let jpeg = anna.file(message(&history, photo)["photo"].as_array().unwrap().last().unwrap()).await;
    assert_eq!(image::guess_format(&jpeg).unwrap(), ImageFormat::Jpeg);
    let groups: Vec<_> = album.iter().map(|number| &message(&history, *number)["media_group_id"]).collect();
    assert!(groups[0].is_string() && groups[0] == groups[1]);
    assert_eq!(message(&history, answer)["reply_to_message"].number(), photo);
    let document = &message(&history, file)["document"];
    assert_eq!((&document["file_name"], &document["mime_type"]), (&json!("маска.png"), &json!("image/png")));
    assert_eq!(anna.file(document).await, picture.bytes());
    let answering_file = message(&history, answering_file);
    assert_eq!(answering_file["reply_to_message"].number(), photo);
    assert_eq!(answering_file["document"]["mime_type"], "text/plain");
}

#[tokio::test]
async fn several_users_talk_in_a_group_and_in_its_topics() {
    let (client, anna) = anna().await;
    let boris = ChatUser::new(&client.playground.url(), 2, "en").in_group(GROUP);
    let anna = anna.in_group(GROUP);
    let asked = anna.says("@kandinsky_playground_bot кот").await;
    let answered = boris.replies(&asked, "a dog").await;
    let in_topic = anna.in_topic(7).says("/queue").await;
    let history = anna.history().await;
    assert_eq!(history.len(), 3);
    assert_eq!(message(&history, asked)["entities"][0]["type"], "mention");
    assert_eq!(message(&history, answered)["from"]["id"], 2);
    assert_eq!(message(&history, answered)["reply_to_message"].number(), asked);
    assert_eq!(message(&history, asked)["chat"]["type"], "supergroup");
    let topic = message(&history, in_topic);
    assert_eq!((&topic["message_thread_id"], &topic["is_topic_message"]), (&json!(7), &json!(true)));
}

#[tokio::test]
async fn whoever_blocks_the_bot_is_not_written_to() {
    let (client, anna) = anna().await;
    anna.says("hi").await;
    anna.blocks(true).await;
    let params = json!({ "chat_id": 1, "text": "x" });
    assert_eq!(client.refused("sendMessage", params.clone()).await.0, 403);
    anna.blocks(false).await;
    client.bot("sendMessage", params).await;
}

#[tokio::test]
async fn a_link_starts_the_bot_with_its_parameter() {
    let (_client, anna) = anna().await;
    anna.starts_with("https://t.me/kandinsky_playground_bot?start=r_7").await;
    anna.starts_with("https://t.me/kandinsky_playground_bot").await;
    let history = anna.history().await;
    assert_eq!((&history[0]["text"], &history[1]["text"]), (&json!("/start r_7"), &json!("/start")));
}

#[tokio::test]
async fn what_the_bot_offers_inline_is_sent_via_it() {
    let (client, anna) = anna().await;
    let article =
        json!({ "type": "article", "id": "a", "title": "Кот", "input_message_content": { "message_text": "Кот!" } });
    let (typed, ()) = tokio::join!(anna.types_inline("кот"), answers_inline(&client, "кот", json!([article])));
    assert_eq!((&typed["results"][0]["title"], &typed["results"][0]["text"]), (&json!("Кот"), &json!("Кот!")));
    let sent = anna.chooses_inline(&typed, 0).await;
    let history = anna.history().await;
    let sent = message(&history, sent);
    assert_eq!(
        (&sent["text"], &sent["via_bot"]["is_bot"], &sent["from"]["id"]),
        (&json!("Кот!"), &json!(true), &json!(1))
    );
}

/// Plays the bot: answers what is typed after the bot's name.
async fn answers_inline(client: &PlaygroundClient, query: &str, results: Value) {
    let updates = client.bot("getUpdates", json!({ "timeout": 10 })).await;
    assert_eq!(updates[0]["inline_query"]["query"], query);
    let answer = json!({ "inline_query_id": updates[0]["inline_query"]["id"], "results": results });
    client.bot("answerInlineQuery", answer).await;
}
