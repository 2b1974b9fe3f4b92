//! Photos, documents and albums, both ways.

use image::ImageFormat;
use reqwest::StatusCode;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::support::pictures::gradient_png as png;
use crate::support::playground_client::{PAGE_USER, PlaygroundClient, file};

#[tokio::test]
async fn a_photo_of_the_bot_has_sizes_and_can_be_sent_again() {
    let client = PlaygroundClient::new().await;
    let picture = png(640, 400);
    let form = Form::new()
        .text("chat_id", "1000")
        .text("photo", "attach://picture")
        .text("caption", "<i>кот</i>")
        .text("parse_mode", "HTML")
        .part("picture", file(picture.clone(), "cat.png"));
    let sent = client.bot_form("SendPhoto", form).await;
    let sizes = sent["photo"].as_array().unwrap();
    let dimensions: Vec<_> =
        sizes.iter().map(|s| (s["width"].as_u64().unwrap(), s["height"].as_u64().unwrap())).collect();
    assert_eq!(dimensions, [(320, 200), (640, 400)]);
    assert_eq!(sent["caption_entities"][0]["type"], "italic");
    assert_eq!(client.download(&sizes[1]["file_id"]).await, picture);

    let again = client.bot("sendPhoto", json!({ "chat_id": PAGE_USER, "photo": sizes[0]["file_id"] })).await;
    assert_eq!(again["photo"], sent["photo"]);
    let as_file = json!({ "chat_id": PAGE_USER, "document": sizes[1]["file_id"] });
    assert_eq!(
        client.refused("sendDocument", as_file).await.1,
        "Bad Request: can't use file of type Photo as Document"
    );
}

#[tokio::test]
async fn what_is_no_picture_is_no_photo() {
    let client = PlaygroundClient::new().await;
    for (bytes, words) in [
        (b"words".to_vec(), "Bad Request: IMAGE_PROCESS_FAILED"),
        (png(420, 20), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (Vec::new(), "Bad Request: file must be non-empty"),
    ] {
        let form = Form::new().text("chat_id", "1000").part("photo", file(bytes, "a.png"));
        let answer: Value =
            client.http.post(client.method("sendPhoto")).multipart(form).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["description"], words);
    }
}

#[tokio::test]
async fn a_document_travels_both_ways_byte_for_byte() {
    let client = PlaygroundClient::new().await;
    let bytes = png(500, 300);
    let form = Form::new().text("as", "file").text("caption", "маска").part("file", file(bytes.clone(), "маска.png"));
    client.uploads(form).await;
    let document = client.updates().await[0]["message"]["document"].clone();
    assert_eq!((&document["file_name"], &document["mime_type"]), (&json!("маска.png"), &json!("image/png")));
    assert_eq!(document["file_size"], bytes.len());
    assert_eq!(client.download(&document["file_id"]).await, bytes);

    let form = Form::new().text("chat_id", "1000").part("document", file(b"seed 42".to_vec(), "recipe.txt"));
    let sent = client.bot_form("sendDocument", form).await;
    let saved = format!("{}/page/file/{}", client.playground.url(), sent["document"]["file_id"].as_str().unwrap());
    let response = client.http.get(saved).send().await.unwrap();
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(response.text().await.unwrap(), "seed 42");
}

#[tokio::test]
async fn a_persons_photo_arrives_as_a_client_sends_it() {
    let client = PlaygroundClient::new().await;
    client.uploads(Form::new().text("as", "photo").part("file", file(png(1600, 800), "big.png"))).await;
    let sizes = client.updates().await[0]["message"]["photo"].clone();
    let largest = sizes.as_array().unwrap().last().unwrap();
    assert_eq!((&largest["width"], &largest["height"]), (&json!(1280), &json!(640)));
    let bytes = client.download(&largest["file_id"]).await;
    assert_eq!(image::guess_format(&bytes).unwrap(), ImageFormat::Jpeg);
}

#[tokio::test]
async fn an_album_is_several_updates_with_one_group() {
    let client = PlaygroundClient::new().await;
    let form = Form::new()
        .text("as", "photo")
        .text("caption", "смешай")
        .part("file", file(png(64, 64), "a.png"))
        .part("file", file(png(32, 64), "b.png"));
    client.uploads(form).await;
    let updates = client.updates().await;
    let groups: Vec<_> = updates.iter().map(|update| update["message"]["media_group_id"].clone()).collect();
    assert!(groups.len() == 2 && groups[0] == groups[1] && groups[0].is_string(), "{groups:?}");
    assert_eq!(updates[0]["message"]["caption"], "смешай");
    assert_eq!(updates[1]["message"].get("caption"), None);
}

#[tokio::test]
async fn the_bot_sends_albums_of_two_to_ten() {
    let client = PlaygroundClient::new().await;
    let item = |n: usize| json!({ "type": "photo", "media": format!("attach://p{n}") });
    let album = |count: usize| {
        let media: Vec<_> = (0..count).map(item).collect();
        let form = Form::new().text("chat_id", "1000").text("media", json!(media).to_string());
        (0..count).fold(form, |form, n| form.part(format!("p{n}"), file(png(16, 16), "p.png")))
    };
    let sent = client.bot_form("sendMediaGroup", album(3)).await;
    assert_eq!(sent.as_array().unwrap().len(), 3);
    assert_eq!(sent[0]["media_group_id"], sent[2]["media_group_id"]);
    for count in [1, 11] {
        let response = client.http.post(client.method("sendMediaGroup")).multipart(album(count)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{count}");
    }
}
