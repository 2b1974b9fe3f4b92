//! Texts that are longer than the platform takes.

use crate::conversation::Message;
use crate::conversation::result::CAPTION_LIMIT;
use crate::telegram::fake_server::FakeServer;
use crate::telegram::outbox::api::Api;
use crate::telegram::outbox::message::{Destination, Picture, Target};

#[tokio::test]
async fn a_text_that_is_too_long_is_cut_and_arrives() {
    let server = FakeServer::start().await;
    let api = Api::new(server.bot(), None);
    let (to, target) =
        (Destination { chat_id: 7, thread_id: None, reply_to: None }, Target { chat_id: 7, message_id: 5 });
    let long = Message::plain("я".repeat(9000));
    let picture = Picture { bytes: super::png().into(), file_name: "a.png".to_owned(), is_covered: false };
    api.say(to, &long).await.unwrap();
    api.edit_text(target, &long).await.unwrap();
    api.edit_caption(target, &long).await.unwrap();
    api.answer_press("1", Some(&long.text)).await.unwrap();
    api.send_photo(to, &picture, &long.text, &[]).await.unwrap();
    api.send_file(to, &picture, Some(&long.text), &[]).await.unwrap();
    for (method, field, limit) in [
        ("SendMessage", "text", 4096),
        ("EditMessageText", "text", 4096),
        ("EditMessageCaption", "caption", CAPTION_LIMIT),
        ("AnswerCallbackQuery", "text", 200),
        ("SendPhoto", "caption", CAPTION_LIMIT),
        ("SendDocument", "caption", CAPTION_LIMIT),
    ] {
        let call = server.call(method, 1).await;
        assert_eq!(call.field(field).encode_utf16().count(), limit, "{method}");
    }
}
