//! Words below a photo that are no description: commands, and flags alone.

use super::*;
use crate::recipe::Ratio;

const OFFER: &str = "Картинка у меня. Что с ней сделать?";

fn texts(answer: &Answer) -> Vec<&str> {
    fn text(action: &Action) -> Option<&str> {
        match action {
            Action::Say(message) => Some(&message.text),
            _ => None,
        }
    }
    answer.0.iter().filter_map(text).collect()
}

#[test]
fn a_command_below_a_photo_is_the_command_and_the_photo_is_kept() {
    let mut chat = Chat::private("ru");
    let answer = chat.sends("cat", "/style anime");
    assert_eq!(texts(&answer), ["Стиль: Аниме. В нём будут все новые картинки.", OFFER]);
    assert_eq!(chat.state.style, anime());
    let card = chat.taps(CardPress::Use(Mode::Vary)).edited().text.clone();
    assert!(card.contains("Стиль: Аниме"), "{card}");

    for (caption, begins) in [
        ("/help", "Опишите картинку"),
        ("/queue", "В очереди нет ваших запросов"),
        ("/size 16:9", "Настройки этого чата"),
        ("/negative вода", "Настройки этого чата"),
        ("/stlye anime", "Такой команды нет. Вы имели в виду /style?"),
        ("/cancel", "Отменять нечего"),
        ("/forget", "Удалить всё"),
    ] {
        let answer = Chat::private("ru").sends("cat", caption);
        let texts = texts(&answer);
        assert!(texts.len() == 2 && texts[0].starts_with(begins) && texts[1] == OFFER, "{caption}: {texts:?}");
    }
}

#[test]
fn what_a_command_below_a_photo_asks_about_is_looked_up() {
    let mut chat = Chat::private("ru").waiting(3, "кот", 1);
    assert!(texts(&chat.sends("cat", "/queue"))[0].starts_with("В очереди 1 ваш запрос"));
    chat.recent = vec![DeliveredJob { job: summary(1, "кит", PRIVATE, JobState::Delivered), messages: Vec::new() }];
    assert!(texts(&chat.sends("cat", "/history"))[0].contains("«кит»"));
}

#[test]
fn a_setting_below_the_second_photo_counts_for_the_mix_as_well() {
    let mut chat = Chat::private("ru");
    chat.says("/mix");
    chat.sends("cat", "");
    chat.sends("hat", "/style anime");
    assert_eq!(chat.taps(CardPress::Start).draws().recipe.style, anime());
}

#[test]
fn a_command_for_another_bot_below_a_photo_in_a_group_is_nobodys_words() {
    let mut chat = Chat::group();
    chat.says("/vary");
    let answer = chat.sends("cat", "/weather");
    let texts = texts(&answer);
    assert!(texts.len() == 1 && texts[0].starts_with("Вариации"), "{texts:?}");
}

#[test]
fn flags_alone_below_a_photo_are_settings_for_it() {
    for captions in [None, Some(Mode::Mix), Some(Mode::Change)] {
        let mut chat = Chat::private("ru");
        chat.state.captions = captions;
        assert_eq!(chat.sends("cat", "--ar 16:9 --seed 7").said().text, OFFER);
        chat.taps(CardPress::Use(Mode::Vary));
        let recipe = chat.taps(CardPress::Start).draws().recipe.clone();
        assert_eq!(recipe.settings.size, Some("16:9".parse::<Ratio>().unwrap().size(768)));
        assert_eq!(recipe.seed, 7);
    }
}
