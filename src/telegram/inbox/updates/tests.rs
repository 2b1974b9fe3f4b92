use serde_json::{Value, json};

use super::*;
use crate::conversation::{BadPicture, UnsupportedMessage};
use crate::jobs::Source;
use crate::telegram::fake_server;

fn me() -> Me {
    serde_json::from_value(fake_server::me()).unwrap()
}

fn private(content: Value) -> Value {
    with(
        json!({
            "message_id": 11, "date": 1_700_000_000,
            "chat": {"id": 7, "type": "private", "first_name": "Анна"},
            "from": {"id": 7, "is_bot": false, "first_name": "Анна", "language_code": "ru-RU"},
        }),
        content,
    )
}

fn group(content: Value) -> Value {
    with(private(json!({})), with(json!({"chat": {"id": -100, "type": "supergroup", "title": "Друзья"}}), content))
}

fn with(mut base: Value, extra: Value) -> Value {
    base.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    base
}

/// What is read from an update as Telegram sends it.
fn incoming(kind: &str, content: Value) -> Option<Incoming> {
    match Parsed::of(&json!({"update_id": 1, kind: content}).to_string(), &me()) {
        Parsed::Incoming(incoming) => Some(*incoming),
        Parsed::Ignored => None,
        other => panic!("{other:?}"),
    }
}

fn event(message: Value) -> Option<Event> {
    incoming("message", message).map(|incoming| incoming.event)
}

fn text(text: &str) -> Option<Event> {
    Some(Event::Text(text.to_owned()))
}

#[test]
fn plain_text_in_a_private_chat_is_a_prompt() {
    let incoming = incoming("message", private(json!({"text": "кот в шляпе"}))).unwrap();
    assert_eq!(
        incoming,
        Incoming {
            update: None,
            chat_id: 7,
            thread_id: None,
            message_id: 11,
            user: Requester(7),
            replied_to: None,
            client_language: Some("ru-RU".to_owned()),
            request_key: "m:7:11:1700000000".to_owned(),
            press: None,
            reply: None,
            event: Event::Text("кот в шляпе".to_owned()),
        }
    );
}

#[test]
fn commands_are_taken_apart() {
    let command = |name: &str, argument: &str, addressed| {
        Some(Event::Command { name: name.to_owned(), argument: argument.to_owned(), addressed })
    };
    assert_eq!(event(private(json!({"text": "/imagine кот"}))), command("imagine", "кот", true));
    assert_eq!(event(group(json!({"text": "/imagine кот"}))), command("imagine", "кот", false));
    assert_eq!(event(group(json!({"text": "/imagine@Kandinsky_bot кот"}))), command("imagine", "кот", true));
    assert_eq!(event(group(json!({"text": "/imagine@other_bot кот"}))), None);
}

#[test]
fn in_a_group_only_a_mention_or_an_answer_is_for_the_bot() {
    assert_eq!(event(group(json!({"text": "кто идёт в кино?"}))), None);
    let mention = |message: &str, offset: usize| json!({"text": message, "entities": [{"type": "mention", "offset": offset, "length": 14}]});
    assert_eq!(event(group(mention("@kandinsky_bot кот\nв шляпе", 0))), text("кот\nв шляпе"));
    assert_eq!(event(group(mention("эй, @Kandinsky_bot кот", 4))), text("эй, кот"));
    assert_eq!(event(group(mention("@other_persona кот", 0))), None);
    let answered = |from: Value| {
        let message = group(json!({"message_id": 5, "text": "Добавил", "from": from}));
        json!({"text": "а теперь кит", "reply_to_message": message})
    };
    assert_eq!(event(group(answered(fake_server::me()))), text("а теперь кит"));
    assert_eq!(event(group(answered(json!({"id": 9, "is_bot": false, "first_name": "Борис"})))), None);
}

#[test]
fn only_a_forums_topics_are_threads() {
    let thread = |content| incoming("message", group(content)).unwrap().thread_id;
    let message = json!({"text": "/imagine кот", "message_thread_id": 3});
    assert_eq!(thread(with(message.clone(), json!({"is_topic_message": true}))), Some(3));
    assert_eq!(thread(message), None);
}

#[test]
fn messages_without_words_have_kinds() {
    let file = json!({"file_id": "f", "file_unique_id": "u", "file_size": 1});
    let sized = with(file.clone(), json!({"width": 90, "height": 90}));
    let lasting = with(sized.clone(), json!({"duration": 1, "mime_type": "video/mp4"}));
    let sticker = with(sized.clone(), json!({"type": "regular", "is_animated": false, "is_video": false}));
    for (content, expected) in [
        (json!({"sticker": sticker}), Event::UnsupportedMessage(UnsupportedMessage::Sticker)),
        (
            json!({"voice": with(file.clone(), json!({"duration": 1, "mime_type": "audio/ogg"}))}),
            Event::UnsupportedMessage(UnsupportedMessage::Voice),
        ),
        (json!({"video": lasting.clone()}), Event::UnsupportedMessage(UnsupportedMessage::Video)),
        (json!({"animation": lasting, "document": file.clone()}), Event::UnsupportedMessage(UnsupportedMessage::Video)),
        (
            json!({"document": with(file, json!({"mime_type": "text/plain"}))}),
            Event::UnsupportedMessage(UnsupportedMessage::File),
        ),
        (json!({"hologram": "something new"}), Event::UnsupportedMessage(UnsupportedMessage::Other)),
        (
            json!({"location": {"longitude": 1.0, "latitude": 1.0}}),
            Event::UnsupportedMessage(UnsupportedMessage::Other),
        ),
        (json!({"dice": {"emoji": "🎲", "value": 3}}), Event::UnsupportedMessage(UnsupportedMessage::Sticker)),
    ] {
        assert_eq!(event(private(content.clone())), Some(expected), "{content}");
        assert_eq!(event(group(content.clone())), None, "{content}");
    }
}

fn size(file: &str, side: u32) -> Value {
    json!({"file_id": file, "file_unique_id": file, "file_size": 1, "width": side, "height": side})
}

fn document(name: &str, mime: &str, bytes: u64) -> Value {
    json!({"file_id": "f", "file_unique_id": "u", "file_size": bytes, "file_name": name, "mime_type": mime})
}

#[test]
fn the_largest_size_of_a_photo_counts() {
    let content = json!({"photo": [size("s", 90), size("l", 1280), size("m", 320)], "caption": "в шляпе",
        "media_group_id": "a"});
    let Some(Event::Picture { picture, caption, album, addressed, recipe: None }) = event(private(content)) else {
        panic!()
    };
    let expected = GivenPicture { source: Source::File("l".to_owned()), width: 1280, height: 1280, message_id: 11 };
    assert_eq!((picture, caption.as_str(), album.as_deref(), addressed), (expected, "в шляпе", Some("a"), true));
}

#[test]
fn picture_files_are_opened_unless_they_are_too_heavy() {
    for (name, mime) in [("a.png", "image/png"), ("a.JPG", "application/octet-stream"), ("mask", "image/webp")] {
        let event = event(private(json!({"document": document(name, mime, 1000)})));
        assert!(matches!(event, Some(Event::File { addressed: true, .. })), "{name}: {event:?}");
    }
    let heavy = event(private(json!({"document": document("a.png", "image/png", 21 * 1024 * 1024)})));
    assert_eq!(heavy, Some(Event::BadPicture(BadPicture::TooHeavy)));
}

#[test]
fn in_a_group_a_picture_is_for_the_bot_if_its_words_or_its_answer_say_so() {
    let photo = |more: Value| with(group(json!({"photo": [size("p", 640)]})), more);
    let read = |more: Value| match event(photo(more)) {
        Some(Event::Picture { caption, addressed, .. }) => (caption, addressed),
        other => panic!("{other:?}"),
    };
    assert_eq!(read(json!({})), (String::new(), false));
    assert_eq!(read(json!({"caption": "мой кот"})), ("мой кот".to_owned(), false));
    assert_eq!(read(json!({"caption": "/mix@kandinsky_bot в тумане"})), ("/mix в тумане".to_owned(), true));
    assert!(!read(json!({"caption": "/mix@other_bot"})).1);
    assert!(!read(json!({"caption": "/weather"})).1);
    let entity = json!([{"type": "mention", "offset": 0, "length": 14}]);
    let mention = json!({"caption": "@kandinsky_bot в шляпе", "caption_entities": entity});
    assert_eq!(read(mention), ("в шляпе".to_owned(), true));
}

#[test]
fn the_answered_picture_comes_along() {
    let content = json!({"text": "в шляпе", "reply_to_message": private(json!({"photo": [size("p", 640)]}))});
    let answered = incoming("message", private(content)).unwrap().reply.unwrap();
    assert_eq!(answered.message_id, 11);
    assert_eq!(answered.picture.unwrap().source, Source::File("p".to_owned()));
}

#[test]
fn what_the_service_says_is_not_answered() {
    let pinned = private(json!({"message_id": 5, "text": "кот"}));
    assert_eq!(event(private(json!({"pinned_message": pinned}))), None);
    assert_eq!(event(group(json!({"new_chat_members": [fake_server::me()]}))), None);
}

#[test]
fn a_press_names_its_message_and_its_own_key() {
    let query = json!({
        "id": "press-1", "chat_instance": "x", "data": "1:help",
        "from": {"id": 8, "is_bot": false, "first_name": "Boris", "language_code": "en"},
        "message": group(json!({"from": fake_server::me(), "text": "Привет!"})),
    });
    let incoming = incoming("callback_query", query).unwrap();
    assert_eq!((incoming.chat_id, incoming.message_id, incoming.user), (-100, 11, Requester(8)));
    assert_eq!(incoming.request_key, "c:press-1:11:1700000000");
    assert_eq!(incoming.press, Some("press-1".to_owned()));
    assert_eq!(incoming.event, Event::Press("1:help".to_owned()));
}

#[test]
fn a_press_on_a_message_that_is_gone_is_read_all_the_same() {
    let query = json!({
        "id": "press-1", "chat_instance": "x", "data": "1:help",
        "from": {"id": 8, "is_bot": false, "first_name": "Boris"},
        "message": {"chat": {"id": 8, "type": "private", "first_name": "Boris"}, "message_id": 3, "date": 0},
    });
    assert_eq!(incoming("callback_query", query).unwrap().message_id, 3);
}

#[test]
fn whoever_writes_in_the_name_of_a_chat_is_that_chat() {
    let user = |more: Value| {
        let message = group(with(json!({"text": "/imagine кот"}), more));
        incoming("message", message).unwrap().user
    };
    let account = |id: i64| json!({"id": id, "is_bot": true, "first_name": "Group"});
    assert_eq!(user(json!({"from": account(1_087_968_824), "sender_chat": {"id": -100}})), Requester(-100));
    assert_eq!(user(json!({"from": account(136_817_688), "sender_chat": {"id": -1009}})), Requester(-1009));
    for shared in SHARED_ACCOUNTS {
        assert_eq!(user(json!({"from": account(shared)})), Requester(-100), "{shared}");
    }
    let answered = group(json!({"text": "x", "from": account(1_087_968_824), "sender_chat": {"id": -100}}));
    let ban = group(json!({"text": "/ban", "reply_to_message": answered}));
    assert_eq!(incoming("message", ban).unwrap().replied_to, Some(Requester(-100)));
}

#[test]
fn an_edit_is_about_what_can_be_drawn() {
    let edit = |content: Value| incoming("edited_message", with(content, json!({"edit_date": 1_700_000_009})));
    let of = |content: Value| edit(content).map(|incoming| incoming.event);
    assert_eq!(of(private(json!({"text": "кит"}))), Some(Event::Edited(Some("кит".to_owned()))));
    assert_eq!(of(private(json!({"text": "/imagine кит"}))), Some(Event::Edited(Some("кит".to_owned()))));
    assert_eq!(of(private(json!({"photo": [size("p", 640)], "caption": "кит"}))), Some(Event::Edited(None)));
    assert_eq!(of(group(json!({"text": "кит"}))), None);
    assert_eq!(of(private(json!({"text": "/help"}))), None);
    assert_eq!(incoming("edited_message", private(json!({"text": "кит"}))), None, "nothing was changed");
    let key = edit(private(json!({"text": "кит"}))).unwrap().request_key;
    assert_eq!(key, "e:7:11:1700000009");
}
