//! What is in a picture: `/describe`, its button, and the description as a prompt.

use super::*;
use crate::recipe::{Description, Recognized, RecognizedStyle, Task};

fn recognized(ru: &str, en: &str, percent: u32) -> Recognized {
    Recognized { ru: ru.to_owned(), en: en.to_owned(), percent }
}

/// A lemon on blue, in anime style; perhaps it is a pear.
fn lemon() -> Description {
    Description {
        objects: vec![recognized("лимон", "a lemon", 70), recognized("груша", "a pear", 25)],
        background: Some(recognized("на синем фоне", "on a blue background", 90)),
        style: Some(RecognizedStyle { style: anime(), percent: 60 }),
    }
}

/// Anna's photo was described in this chat.
fn described(client: &'static str, description: &Description) -> (Chat, Message) {
    let mut chat = Chat::private(client).drawn(3, "x");
    let job = &mut chat.finished[0];
    job.recipe = Recipe::new(Task::Describe, SEED);
    job.warnings.description = Some(Box::new(description.clone()));
    let language = Language::from_code(Some(client));
    (chat, super::super::description::message(language, JobId(3), description))
}

fn is_described(drawing: &Drawing, name: &str) -> bool {
    drawing.recipe == Recipe::new(Task::Describe, SEED) && inputs(drawing) == [name]
}

#[test]
fn a_photo_with_the_command_is_described_at_once() {
    for caption in ["/describe", "/опиши", "/Описать", "/caption"] {
        let drawing = Chat::private("ru").sends("lemon", caption).draws().clone();
        assert!(is_described(&drawing, "lemon"), "{caption}: {drawing:?}");
        assert_eq!((drawing.reply_to, drawing.status), (Some(101), StatusMessage::New));
    }
}

#[test]
fn the_command_asks_for_a_photo_and_takes_an_answered_one() {
    for (client, question) in
        [("ru", "Пришлите картинку — скажу, что на ней."), ("en", "Send a picture and I’ll say what is in it.")]
    {
        let mut chat = Chat::private(client);
        assert_eq!(chat.says("/describe").said().text, question);
        assert!(is_described(chat.sends("lemon", "").draws(), "lemon"));
        assert!(chat.state.drafts.is_empty());
        let answered = chat.in_answer_to(Replied::Picture(photo("pear"))).says("/describe").draws().clone();
        assert!(is_described(&answered, "pear"));
    }
    let mut chat = Chat::private("ru").drawn(3, "кот");
    let replied = Replied::Result { job: Box::new(chat.finished[0].clone()), picture: result(JobId(3), 1) };
    assert!(is_described(chat.in_answer_to(replied).says("/describe").draws(), "3/1"), "a picture of the bot's own");
}

#[test]
fn the_chats_settings_do_not_matter_for_a_description() {
    let mut chat = Chat::private("ru");
    (chat.state.count, chat.state.style, chat.state.classic) = (4, anime(), true);
    assert!(is_described(chat.sends("lemon", "/describe").draws(), "lemon"));
}

#[test]
fn a_photo_without_a_word_can_be_described() {
    for (client, label) in [("ru", "👁 Описать"), ("en", "👁 Describe")] {
        let mut chat = Chat::private(client);
        let offer = chat.sends("lemon", "").said().clone();
        let drawing = chat.presses(offer.button(label)).draws().clone();
        assert!(is_described(&drawing, "lemon"));
        assert_eq!(drawing.status, StatusMessage::Pressed, "the question becomes the status message");
    }
    let mut chat = Chat::private("ru");
    let menu = chat.says("/start").said().clone();
    let question = chat.presses(menu.button("👁 Описать картинку")).said().text.clone();
    assert_eq!(question, "Пришлите картинку — скажу, что на ней.");
}

#[test]
fn words_that_come_along_are_not_dropped_in_silence() {
    let answer = Chat::private("ru").sends("lemon", "/опиши что это за фрукт?");
    assert_eq!(answer.said().text, "Просто скажу, что вижу: «что это за фрукт?» учесть не смогу.");
    assert!(matches!(&answer.0[..], [_, Action::Draw(drawing)] if is_described(drawing, "lemon")), "{answer:?}");
    let answer = Chat::private("ru").sends("lemon", "/describe --strength 0.5");
    assert_eq!(answer.said().text, "Флаги для описания не нужны.", "they are no words");
}

#[test]
fn words_after_the_question_are_a_prompt() {
    let mut chat = Chat::private("ru");
    chat.says("/describe");
    assert_eq!(chat.says("кот в шляпе").draws().recipe.prompt(), "кот в шляпе");
}

#[test]
fn of_an_album_the_first_picture_is_described_and_that_is_said() {
    let mut chat = Chat::private("ru");
    chat.sends_in_album("lemon", "/describe", Some("a1"));
    chat.sends_in_album("hat", "", Some("a1"));
    let answer = chat.happens(Event::AlbumEnded("a1".to_owned()));
    assert_eq!(answer.said().text, "Возьму только первую картинку.");
    assert!(matches!(&answer.0[..], [_, Action::Draw(drawing)] if is_described(drawing, "lemon")), "{answer:?}");
}

#[test]
fn a_tiny_picture_is_described_too() {
    let mut chat = Chat::private("ru");
    let picture = GivenPicture { width: 32, height: 32, ..photo("icon") };
    let caption = "/describe".to_owned();
    let answer = chat.happens(Event::Picture { picture, caption, album: None, addressed: true, recipe: None });
    assert!(is_described(answer.draws(), "icon"));
}

#[test]
fn the_description_says_what_where_and_how() {
    let (_, message) = described("ru", &lemon());
    assert_eq!(message.text, "Похоже, это лимон на синем фоне. Стиль: «Аниме».\nЕщё варианты: груша.");
    let (_, message) = described("en", &lemon());
    assert_eq!(message.text, "Looks like a lemon on a blue background. Style: “Anime”.\nOther guesses: a pear.");
    let alone = Description { objects: vec![recognized("кот", "a cat", 99)], ..Description::default() };
    assert_eq!(described("ru", &alone).1.text, "Похоже, это кот.");
}

#[test]
fn what_is_not_recognized_is_admitted_kindly() {
    for (client, words) in [("ru", "Не могу разобрать, что здесь."), ("en", "I can’t make out what this is.")]
    {
        let (mut chat, message) = described(client, &Description { objects: Vec::new(), ..lemon() });
        assert!(message.text.starts_with(words) && message.buttons.is_empty(), "{message:?}");
        // Callback data can be forged.
        chat.presses(Press::Described(JobId(3), DescribedPress::Draw)).toasted();
    }
}

#[test]
fn a_description_is_drawn_by_one_tap() {
    for (client, label, prompt) in
        [("ru", "🖌 Нарисовать", "лимон на синем фоне"), ("en", "🖌 Draw", "a lemon on a blue background")]
    {
        let (mut chat, message) = described(client, &lemon());
        chat.state.negative = Some("вода".to_owned());
        let drawing = chat.presses(message.button(label)).draws().clone();
        assert_eq!((drawing.recipe.prompt(), drawing.recipe.style), (prompt, anime()));
        assert_eq!(drawing.recipe.negative.as_deref(), Some("вода"), "the chat's settings hold");
        assert_eq!((drawing.inputs.clone(), drawing.reply_to), (JobInputs::None, Some(11)));
    }
}

#[test]
fn a_description_is_shown_as_a_card_where_the_card_comes_first() {
    let (mut chat, message) = described("ru", &lemon());
    chat.state.classic = true;
    let card = chat.presses(message.button("🖌 Нарисовать")).said().clone();
    assert!(card.text.contains("лимон на синем фоне") && card.text.contains("Аниме"), "{}", card.text);
    assert_eq!(chat.presses(card.button("✅ Нарисовать")).draws().recipe.prompt(), "лимон на синем фоне");
}

#[test]
fn a_description_is_changed_before_it_is_drawn() {
    let (mut chat, message) = described("ru", &lemon());
    let question = chat.presses(message.button("✍️ Изменить описание")).said().clone();
    assert_eq!(question.text, "Пришлите новое описание. Старое: «лимон на синем фоне»");
    let drawing = chat.says("два лимона на синем фоне").draws().clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.style), ("два лимона на синем фоне", anime()));
}

#[test]
fn the_buttons_of_a_description_work_only_where_it_is_known() {
    let (mut chat, message) = described("ru", &lemon());
    (chat.id, chat.user) = (GROUP, BORIS);
    assert_eq!(chat.presses(message.button("🖌 Нарисовать")).toasted(), "Эта кнопка устарела");
}

#[test]
fn one_that_was_cancelled_can_be_asked_for_again() {
    let (mut chat, _) = described("ru", &lemon());
    chat.finished[0].state = JobState::Cancelled;
    let shown = super::super::status::cancelled(Language::Ru, JobId(3), crate::jobs::Work::Describe);
    let drawing = chat.presses(shown.button("👁 Всё-таки описать")).draws().clone();
    assert_eq!((drawing.recipe.task, drawing.inputs), (Task::Describe, JobInputs::SameAs(JobId(3))));
}

#[test]
fn the_queue_names_it() {
    let mut chat = Chat::private("ru").waiting(3, "кот", 1).waiting(4, "кит", 2);
    chat.jobs[0].job.recipe = Recipe::new(Task::Describe, 0);
    let list = chat.says("/queue").said().clone();
    assert!(list.text.contains("\n1. Описание картинки\nНачинаю"), "{}", list.text);
}

#[test]
fn in_a_group_it_is_asked_for_in_an_answer() {
    let mut chat = Chat::group();
    let question = chat.says("/describe@kandinsky_bot").said().text.clone();
    assert!(question.ends_with("В группе пришлите это ответом на моё сообщение."), "{question}");
    let drawing = chat.in_answer_to(Replied::Picture(photo("lemon"))).says("/describe@kandinsky_bot").draws().clone();
    assert!(is_described(&drawing, "lemon"));
}
