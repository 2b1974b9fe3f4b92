//! Messages that hold something new, something forwarded, or something changed.

use super::*;

/// A private message of Anna's with other fields.
fn private(message_id: i32, more: Value) -> Value {
    let mut message = message(ANNA, message_id, "");
    message.as_object_mut().unwrap().remove("text");
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    message
}

fn photo() -> Value {
    json!([{"file_id": "f", "file_unique_id": "u", "file_size": 9, "width": 96, "height": 64}])
}

#[tokio::test]
async fn words_with_a_formatting_that_nobody_knows_are_drawn() {
    for entity in [
        json!({"type": "date_time", "offset": 0, "length": 3, "unix_time": 1_700_000_000, "date_time_format": "r"}),
        json!({"type": "hologram", "offset": 0, "length": 3}),
        json!({"type": 7}),
    ] {
        let bot = Bot::start().await;
        bot.server.update("message", private(11, json!({"text": "кот в шляпе", "entities": [entity]})));
        let answer = bot.server.call("SendMessage", 1).await;
        assert!(answer.text().starts_with("Добавил в очередь"), "{}", answer.text());
        assert_eq!(bot.store.pending().await.unwrap()[0].recipe.prompt(), "кот в шляпе");
    }
}

#[tokio::test]
async fn a_mention_in_a_group_counts_beside_what_nobody_knows() {
    let bot = Bot::start().await;
    let entities = json!({"entities": [
        {"type": "date_time", "offset": 15, "length": 3}, {"type": "mention", "offset": 0, "length": 14},
    ], "reply_markup": {"inline_keyboard": "?"}});
    bot.says_in_group(ANNA, 11, "@kandinsky_bot кот", entities);
    bot.server.call("SendMessage", 1).await;
    assert_eq!(bot.store.pending().await.unwrap()[0].recipe.prompt(), "кот");
}

#[tokio::test]
async fn unknown_values_around_a_message_do_not_hide_it() {
    let answered = json!({"message_id": 5, "date": 1, "chat": {"id": ANNA, "type": "dream"},
        "from": {"id": BORIS, "is_bot": false, "first_name": "Boris"},
        "sticker": {"file_id": "s", "type": "hologram"}});
    let cases = [
        json!({"forward_origin": {"type": "from_the_future", "date": 1}}),
        json!({"reply_to_message": answered}),
        json!({"chat": {"id": ANNA, "type": "dream"}}),
        json!({"link_preview_options": 5, "effect_id": {}, "direct_messages_topic": [1]}),
        json!({"via_bot": "somebody"}),
    ];
    for (number, case) in (1..).zip(cases) {
        let bot = Bot::start().await;
        let mut content = private(11, json!({"text": "кот"}));
        content.as_object_mut().unwrap().extend(case.as_object().unwrap().clone());
        bot.server.update("message", content);
        let answer = bot.server.call("SendMessage", 1).await;
        assert!(answer.text().starts_with("Добавил в очередь"), "{number}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_sticker_of_a_new_kind_is_a_sticker() {
    let bot = Bot::start().await;
    bot.server.update("message", private(11, json!({"sticker": {"file_id": "s", "type": "hologram"}})));
    assert!(bot.server.call("SendMessage", 1).await.text().starts_with("Стикер славный"));
}

#[tokio::test]
async fn the_bots_own_name_is_not_drawn() {
    let bot = Bot::start().await;
    let mention = json!([{"type": "mention", "offset": 0, "length": 14}]);
    bot.server.update("message", private(11, json!({"text": "@Kandinsky_bot кот в шляпе", "entities": mention})));
    bot.server.call("SendMessage", 1).await;
    assert_eq!(bot.store.pending().await.unwrap()[0].recipe.prompt(), "кот в шляпе");
    let other = json!([{"type": "mention", "offset": 0, "length": 9}]);
    bot.server.update("message", private(12, json!({"text": "@somebody кот", "entities": other})));
    bot.server.call("SendMessage", 2).await;
    assert_eq!(bot.store.pending().await.unwrap()[1].recipe.prompt(), "@somebody кот");
}

#[tokio::test]
async fn the_caption_of_a_forwarded_picture_is_not_the_users_words() {
    let bot = Bot::start().await;
    let caption = "«кот» · Аниме · 768×768";
    let origin = json!({"type": "user", "date": 1, "sender_user": fake_server::me()});
    bot.server.update("message", private(11, json!({"photo": photo(), "caption": caption, "forward_origin": origin})));
    assert_eq!(bot.server.call("SendMessage", 1).await.text(), "Картинка у меня. Что с ней сделать?");
    // Chosen in inline mode, in the bot's own chat.
    bot.server
        .update("message", private(12, json!({"photo": photo(), "caption": caption, "via_bot": fake_server::me()})));
    assert_eq!(bot.server.call("SendMessage", 2).await.text(), "Картинка у меня. Что с ней сделать?");
}

#[tokio::test]
async fn an_edited_description_is_drawn_if_the_user_wants() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    bot.server.update("edited_message", private(11, json!({"text": "кит", "edit_date": 1_700_000_005})));
    let offer = bot.server.call("SendMessage", 2).await;
    assert_eq!(reply(&offer), None);
    bot.presses(ANNA, 1002, &offer.button("✏️ Нарисовать по-новому"));
    bot.server.call("AnswerCallbackQuery", 1).await;
    let prompts: Vec<String> =
        bot.store.pending().await.unwrap().iter().map(|job| job.recipe.prompt().to_owned()).collect();
    assert_eq!(prompts, ["кот", "кит"]);
}

#[tokio::test]
async fn an_edit_does_not_disturb_what_is_being_composed() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "/mix");
    bot.server.call("SendMessage", 1).await;
    bot.server.update("edited_message", private(10, json!({"text": "кит", "edit_date": 1_700_000_005})));
    let words = bot.server.call("SendMessage", 2).await;
    assert!(!words.fields.contains_key("reply_markup"), "{:?}", words.fields);
    let state = crate::chats::ChatStore::chat_state(&*bot.store, ANNA).await.unwrap().unwrap();
    assert!(state.contains("\"mode\":\"mix\""), "{state}");
}
