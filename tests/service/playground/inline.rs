//! The bot's name and some words typed in a chat, results to choose from, a message via the bot.

use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::support::pictures::gradient_png as png;
use crate::support::playground_client::{PAGE_USER, PlaygroundClient, file};

/// A user types, the bot answers with these results; what the user can choose from.
async fn typed(client: &PlaygroundClient, results: Value) -> Value {
    let (typed, ()) = tokio::join!(client.page("inline", json!({ "query": "кот" })), async {
        let query =
            client.bot("getUpdates", json!({ "timeout": 10 })).await.as_array().unwrap().last().unwrap().clone();
        let answer = json!({ "inline_query_id": query["inline_query"]["id"], "results": results, "next_offset": "9" });
        client.bot("answerInlineQuery", answer).await;
        let seen = query["update_id"].as_i64().unwrap() + 1;
        client.bot("getUpdates", json!({ "offset": seen })).await;
    });
    typed
}

/// A photo and a file that the bot sent before.
async fn sent(client: &PlaygroundClient) -> (Value, Value) {
    let photo = Form::new().text("chat_id", "1000").part("photo", file(png(64, 64), "a.png"));
    let photo = client.bot_form("sendPhoto", photo).await["photo"][0]["file_id"].clone();
    let document = Form::new().text("chat_id", "1000").part("document", file(png(64, 64), "a.png"));
    (photo, client.bot_form("sendDocument", document).await["document"]["file_id"].clone())
}

#[tokio::test]
async fn a_result_is_chosen_and_sent_via_the_bot() {
    let client = PlaygroundClient::new().await;
    let (photo, document) = sent(&client).await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Ещё", "callback_data": "again" }]] });
    let results = json!([
        { "type": "photo", "id": "1", "photo_file_id": photo, "caption": "<b>кот</b>", "parse_mode": "HTML", "reply_markup": keyboard },
        { "type": "document", "id": "2", "document_file_id": document, "title": "Файл" },
    ]);
    let typed = typed(&client, results).await;
    assert_eq!((&typed["results"][0]["type"], &typed["results"][1]["title"]), (&json!("photo"), &json!("Файл")));
    assert_eq!(typed["results"][0]["photo"][0]["file_id"], photo);
    assert_eq!(typed["next_offset"], "9");

    let choose = |result: &str| {
        let body = json!({ "inline_query_id": typed["inline_query_id"], "result_id": result });
        client.page("inline/choose", body)
    };
    let message = choose("1").await["message"].clone();
    assert_eq!((&message["from"]["id"], &message["via_bot"]["is_bot"]), (&json!(PAGE_USER), &json!(true)));
    assert_eq!((&message["caption"], &message["photo"][0]["file_id"]), (&json!("кот"), &photo));
    assert_eq!(choose("3").await["description"], "Bad Request: RESULT_ID_INVALID");
    assert_eq!(client.updates().await[0]["message"], message);

    client.page("press", json!({ "message_id": message["message_id"], "data": "again" })).await;
    let pressed = client.updates().await.pop().unwrap()["callback_query"].clone();
    assert!(pressed.get("message").is_none() && pressed["inline_message_id"].is_string(), "{pressed}");
}

#[tokio::test]
async fn what_is_typed_comes_with_its_chat_and_the_choice_only_to_who_asks() {
    let client = PlaygroundClient::new().await;
    client.bot("getUpdates", json!({ "allowed_updates": ["inline_query", "chosen_inline_result"] })).await;
    let article =
        json!([{ "type": "article", "id": "a", "title": "x", "input_message_content": { "message_text": "y" } }]);
    let typed = typed(&client, article).await;
    client
        .page("inline/choose", json!({ "inline_query_id": typed["inline_query_id"], "result_id": "a", "chat": -5 }))
        .await;
    let chosen = client.updates().await[0]["chosen_inline_result"].clone();
    assert_eq!((&chosen["result_id"], &chosen["query"]), (&json!("a"), &json!("кот")));

    let (_, ()) = tokio::join!(client.page("inline", json!({ "query": "x", "chat": -5, "lang": "ru" })), async {
        let query = client.bot("getUpdates", json!({ "timeout": 10, "offset": -1 })).await[0]["inline_query"].clone();
        assert_eq!((&query["chat_type"], &query["from"]["language_code"]), (&json!("supergroup"), &json!("ru")));
        client.bot("answerInlineQuery", json!({ "inline_query_id": query["id"], "results": [] })).await;
        let again = json!({ "inline_query_id": query["id"], "results": [] });
        assert!(client.refused("answerInlineQuery", again).await.1.contains("query is too old"));
    });
}

#[tokio::test]
async fn results_have_limits() {
    let client = PlaygroundClient::new().await;
    let (photo, document) = sent(&client).await;
    let article = |id: &str| json!({ "type": "article", "id": id, "title": "x", "input_message_content": { "message_text": "y" } });
    let many: Vec<Value> = (0..51).map(|n| article(&n.to_string())).collect();
    for (results, words) in [
        (json!(many), "RESULTS_TOO_MUCH"),
        (json!([article("a"), article("a")]), "RESULT_ID_DUPLICATE"),
        (json!([article("")]), "RESULT_ID_INVALID"),
        (json!([article(&"a".repeat(65))]), "RESULT_ID_INVALID"),
        (
            json!([{ "type": "photo", "id": "1", "photo_file_id": document }]),
            "can't use file of type Document as Photo",
        ),
        (
            json!([{ "type": "document", "id": "1", "title": "x", "document_file_id": photo }]),
            "can't use file of type Photo as Document",
        ),
        (json!([{ "type": "photo", "id": "1", "photo_file_id": "x" }]), "wrong file identifier/HTTP URL specified"),
        (json!([{ "type": "article", "id": "1", "title": "x" }]), "can't find field \"input_message_content\""),
    ] {
        let answer = json!({ "inline_query_id": "1", "results": results });
        let refused = client.refused("answerInlineQuery", answer).await;
        assert_eq!(refused, (400, format!("Bad Request: {words}")));
    }
    let far = json!({ "inline_query_id": "1", "results": [], "next_offset": "я".repeat(33) });
    assert_eq!(client.refused("answerInlineQuery", far).await.1, "Bad Request: NEXT_OFFSET_INVALID");
}
