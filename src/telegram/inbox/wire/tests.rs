use serde_json::json;

use super::*;

fn message(more: Value) -> Option<Message> {
    let mut message = json!({"message_id": 5, "date": 9, "chat": {"id": 7, "type": "private"}, "text": "кот"});
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Update::read(&json!({"update_id": 1, "message": message}).to_string()).unwrap().message
}

#[test]
fn whatever_a_field_holds_the_others_are_read() {
    let fields = [
        "date",
        "edit_date",
        "from",
        "sender_chat",
        "via_bot",
        "entities",
        "caption",
        "photo",
        "document",
        "media_group_id",
        "reply_to_message",
        "message_thread_id",
        "is_topic_message",
        "reply_markup",
        "migrate_to_chat_id",
        "is_automatic_forward",
        "forward_origin",
        "sticker",
        "poll",
        "effect_id",
    ];
    for name in fields {
        for odd in [json!(null), json!(true), json!(-1.5), json!("x"), json!([[{"a": [7]}]]), json!({"type": "new"})] {
            let read = message(json!({name: odd})).unwrap_or_else(|| panic!("{name} {odd}"));
            assert_eq!((read.id, read.words.all()), (5, "кот"), "{name} {odd}");
        }
    }
}

#[test]
fn of_a_list_what_can_be_read_is() {
    let sizes = json!([{"file_id": "a", "width": 1, "height": 2}, 7, {"file_id": "b"}, {"file_id": "c", "width": 3, "height": 4}]);
    let read = message(json!({"photo": sizes})).unwrap();
    assert_eq!(read.photo.iter().map(|size| &*size.file_id).collect::<Vec<_>>(), ["a", "c"]);
}

#[test]
fn parts_of_a_text_are_counted_in_utf_16() {
    assert_eq!(bytes_of("🧑 @b", 3, 2), Some(5..7));
    assert_eq!(bytes_of("кот", 0, 3), Some(0..6));
    assert_eq!((bytes_of("кот", 2, 5), bytes_of("🧑", 1, 1), bytes_of("x", usize::MAX, 2)), (None, None, None));
}
