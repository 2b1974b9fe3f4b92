//! The card, in the official order: prompt, style, start; and flags for those who like them.

use super::*;

#[test]
fn classic_shows_the_card_first() {
    let mut chat = Chat::private("ru");
    chat.state.classic = true;
    let card = chat.says("кот в шляпе").said().clone();
    assert_eq!(
        card.text,
        "Параметры картинки\n\nОписание: кот в шляпе\nСтиль: Без стиля\nРазмер: 1:1 · 768×768\nИсключить: нет\n\
         Количество: 1\nСид: случайный"
    );
    let styles = chat.presses(card.button("🎨 Стиль")).edited().clone();
    let card = chat.presses(styles.button("Аниме")).edited().clone();
    assert!(card.text.contains("Стиль: Аниме"), "{}", card.text);
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.style), ("кот в шляпе", anime()));
    assert_eq!(drawing.status, StatusMessage::Pressed, "the card becomes the queue message");
    assert_eq!(drawing.reply_to, Some(101));
    assert_eq!(chat.presses(card.button("✅ Нарисовать")).toasted(), "Эта кнопка устарела", "pressed twice");
}

#[test]
fn every_parameter_is_a_tap_away() {
    let mut chat = Chat::private("ru");
    chat.state.classic = true;
    let card = chat.says("кот").said().clone();
    let sizes = chat.presses(card.button("📐 Размер")).edited().clone();
    let card = chat.presses(sizes.button("16:9 · 1024×576")).edited().clone();
    let counts = chat.presses(card.button("🔢 Количество")).edited().clone();
    let card = chat.presses(counts.button("4")).edited().clone();
    let question = chat.presses(card.button("🌱 Сид")).edited().clone();
    assert!(question.text.starts_with("Напишите сид"), "{}", question.text);
    assert!(chat.says("семь").said().text.starts_with("Сид — это целое число"));
    let card = chat.says("7").said().clone();
    chat.presses(card.button("⛔ Исключить"));
    let card = chat.says("вода").said().clone();
    chat.presses(card.button("✍️ Описание"));
    let card = chat.says("кит").said().clone();
    assert!(card.text.contains("Описание: кит"), "{}", card.text);
    let recipe = chat.presses(card.button("✅ Нарисовать")).draws().recipe.clone();
    assert_eq!((recipe.prompt(), recipe.seed, recipe.count), ("кит", 7, 4));
    assert_eq!(recipe.negative.as_deref(), Some("вода"));
    assert_eq!(recipe.settings.size.unwrap().to_string(), "1024×576");
}

#[test]
fn a_new_card_makes_the_old_one_stale() {
    let mut chat = Chat::private("en");
    chat.state.classic = true;
    let old = chat.says("a cat").said().clone();
    let new = chat.says("a whale").said().clone();
    assert_eq!(chat.presses(old.button("✅ Draw")).toasted(), "This button is out of date");
    assert!(chat.presses(new.button("✖️ Cancel")).edited().text.starts_with("All right, cancelled."));
    assert_eq!(chat.presses(new.button("✅ Draw")).toasted(), "This button is out of date");
}

#[test]
fn flags_outrank_the_settings() {
    let mut chat = Chat::private("ru");
    chat.state.negative = Some("снег".to_owned());
    let recipe = chat.says("кот —ar 3:2 --seed 5 --n 3 --style аниме\nБез: вода").draws().recipe.clone();
    assert_eq!((recipe.prompt(), recipe.seed, recipe.count, recipe.style), ("кот", 5, 3, anime()));
    assert_eq!(recipe.negative.as_deref(), Some("вода"));
    assert_eq!(recipe.settings.size.unwrap().to_string(), "944×624");
    assert_eq!(chat.says("кот").draws().recipe.negative.as_deref(), Some("снег"));
}

#[test]
fn an_unknown_flag_is_told_and_nothing_is_drawn() {
    let mut chat = Chat::private("ru");
    let answer = chat.says("кот --sed 4").said().text.clone();
    assert_eq!(answer, "Флага --sed нет. Вы имели в виду --seed?");
    let answer = chat.says("кот --n 9").said().text.clone();
    assert_eq!(answer, "Не понимаю «--n 9». Можно от 1 до 4 картинок: --n 2.");
    let english = Chat::private("en").says("a cat --chaos 9").said().text.clone();
    assert!(english.starts_with("There’s no flag --chaos."), "{english}");
}

#[test]
fn the_menu_begins_every_mode() {
    let mut chat = Chat::private("ru");
    let menu = chat.says("/start").said().clone();
    for (label, words) in [
        ("🖼 Картинка по описанию", "Опишите картинку"),
        ("🧬 Смешивание", "Пришлите две картинки"),
        ("🔁 Вариации", "сделаю её вариации"),
        ("✏️ Изменить", "какой она должна стать"),
        ("🖌 Перерисовать часть", "часть которой надо перерисовать"),
        ("↔️ Расширить", "которую надо расширить"),
    ] {
        let answer = chat.presses(menu.button(label)).said().text.clone();
        assert!(answer.contains(words), "{label}: {answer}");
    }
    chat.presses(menu.button("🖼 Картинка по описанию"));
    assert_eq!(chat.says("кот").draws().recipe.prompt(), "кот");
}
