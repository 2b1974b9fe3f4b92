//! A chat's settings, by button and by command.

use super::*;

#[test]
fn settings_are_shown_changed_and_kept() {
    let mut chat = Chat::private("ru");
    let page = chat.says("/settings").said().clone();
    assert!(page.text.contains("Когда вы пишете: рисую сразу"), "{}", page.text);
    let page = chat.presses(page.button("📝 Сначала параметры")).edited().clone();
    assert!(page.text.contains("Когда вы пишете: сначала показываю параметры"), "{}", page.text);
    chat.says("кот").said();
    let page = chat.presses(page.button("⚡ Рисовать сразу")).edited().clone();
    let sizes = chat.presses(page.button("📐 Размер")).edited().clone();
    let page = chat.presses(sizes.button("2:3 · 624×944")).edited().clone();
    let counts = chat.presses(page.button("🔢 Количество")).edited().clone();
    let page = chat.presses(counts.button("2")).edited().clone();
    chat.presses(page.button("⛔ Исключить"));
    let page = chat.says("вода").said().clone();
    chat.presses(page.button("🌱 Сид"));
    chat.says("5");
    let recipe = chat.says("кот").draws().recipe.clone();
    assert_eq!((recipe.count, recipe.seed, recipe.negative.as_deref()), (2, 5, Some("вода")));
    assert_eq!(recipe.settings.size.unwrap().to_string(), "624×944");
    let stored = serde_json::to_string(&chat.state).unwrap();
    assert_eq!(serde_json::from_str::<ChatState>(&stored).unwrap(), chat.state);
}

#[test]
fn habits_of_other_bots_work_by_command() {
    let mut chat = Chat::private("ru");
    chat.says("/size 16:9");
    chat.says("/negative вода");
    chat.says("/seed 5");
    let recipe = chat.says("кот").draws().recipe.clone();
    assert_eq!((recipe.seed, recipe.negative.as_deref()), (5, Some("вода")));
    chat.says("/negative");
    chat.says("/seed");
    let recipe = chat.says("кот").draws().recipe.clone();
    assert_eq!((recipe.seed, recipe.negative), (SEED, None));
    assert!(chat.says("/seed кот").said().text.starts_with("Сид — это целое число"));
    assert_eq!(chat.says("/size").said().text, "Какой размер?");
    chat.says("/style картина маслом");
    assert_eq!(chat.says("кот").draws().recipe.style.code(), "oil-painting");
    assert_eq!(chat.says("/style кубизм").said().text, "Такого стиля нет. Выберите из этих:");
}

#[test]
fn the_habit_of_captions_can_be_changed() {
    let mut chat = Chat::private("ru");
    let page = chat.says("/settings").said().clone();
    assert!(page.text.contains("Картинка с подписью: спрашиваю"));
    let page = chat.presses(page.button("🖼 Картинка с подписью")).edited().clone();
    assert!(page.text.contains("Картинка с подписью: смешиваю с текстом"));
    assert!(chat.sends("cat", "в тумане").said().text.starts_with("Смешивание"));
}
