//! Groups: several people, one chat.

use super::*;

#[test]
fn each_person_has_a_card_of_their_own() {
    let mut chat = Chat::group();
    chat.says("/mix кот");
    let annas = chat.state.drafts[&ANNA.0].number;
    chat.user = BORIS;
    chat.says("/mix кит");
    let answer = chat.presses(Press::Card(annas, CardPress::Close));
    assert_eq!(answer.toasted(), "Это кнопки другого человека. Напишите /imagine — сделаю ваши.");
    chat.user = ANNA;
    assert_eq!(chat.state.drafts[&ANNA.0].prompt, "кот");
}

#[test]
fn other_peoples_pictures_pass_by() {
    let mut chat = Chat::group();
    assert!(chat.sends("cat", "").is_silence());
    chat.says("/mix");
    chat.user = BORIS;
    assert!(chat.sends("cat", "").is_silence());
    chat.user = ANNA;
    assert!(chat.sends("cat", "").said().text.starts_with("Первая картинка есть."), "she was asked for one");
}
