//! After a picture: again, variations, another text, a file, its parameters, the history.

use super::*;
use crate::recipe::Task;

fn buttons(job: &JobSummary) -> Message {
    Message { text: String::new(), buttons: super::super::result::buttons(Language::Ru, job, 0) }
}

#[test]
fn everything_is_one_tap_away() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    let below = buttons(&chat.finished[0]);
    let again = chat.presses(below.button("🎲 Ещё раз")).draws().clone();
    assert_eq!((again.recipe.prompt(), again.recipe.seed), ("кот", SEED));

    let varied = chat.presses(below.button("🔁 Вариации")).draws().clone();
    assert_eq!((&varied.recipe.task, inputs(&varied)), (&Task::Variation { closeness: 0.0 }, vec!["3/0".to_owned()]));

    assert!(chat.presses(below.button("🖌 Перерисовать часть")).said().text.starts_with("Как отметить"));
    assert!(chat.presses(below.button("↔️ Расширить")).said().text.starts_with("Расширение"));
    assert!(chat.presses(below.button("🧬 Смешать")).said().text.starts_with("Первая картинка есть."));
    let card = chat.sends("hat", "").said().clone();
    assert_eq!(inputs(chat.presses(card.button("✅ Нарисовать")).draws()), ["3/0", "hat"]);

    assert_eq!(chat.presses(below.button("📄 Файл")).0, [Action::SendFiles(JobId(3))]);
}

#[test]
fn a_picture_is_deleted_after_a_question() {
    for (client, delete, keep) in [("ru", "🗑 Удалить", "Оставить"), ("en", "🗑 Delete", "Keep it")]
    {
        let mut chat = Chat::private(client).drawn(3, "кот");
        let language = Language::from_code(Some(client));
        let below = super::super::result::buttons(language, &chat.finished[0], 0);
        let below = Message { text: String::new(), buttons: below };
        let question = chat.presses(below.button("🗑")).buttons();
        assert_eq!(question.buttons.len(), 1, "nothing else can be pressed by accident");
        let kept = chat.presses(question.button(keep)).buttons();
        assert_eq!(kept.buttons, below.buttons, "all is as it was");
        assert_eq!(chat.presses(question.button(delete)).0, [Action::Delete(JobId(3))]);
    }
}

#[test]
fn the_question_stands_where_the_pictures_are_gone_as_well() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    let question = chat.presses(Press::Picture(JobId(3), 9, PicturePress::AskDelete)).buttons();
    assert_eq!(chat.presses(question.button("🗑 Удалить")).0, [Action::Delete(JobId(3))]);
}

#[test]
fn the_pictures_of_others_are_not_asked_about() {
    let mut chat = Chat::group().drawn(3, "кот");
    chat.user = BORIS;
    let pressed = chat.presses(Press::Picture(JobId(3), 0, PicturePress::AskDelete));
    assert_eq!(pressed.0, [Action::Delete(JobId(3))], "only an administrator may, which is checked there");
}

#[test]
fn another_text_draws_the_same_recipe() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.finished[0].recipe.style = anime();
    let below = buttons(&chat.finished[0]);
    let question = chat.presses(below.button("✍️ Изменить описание")).said().text.clone();
    assert_eq!(question, "Пришлите новое описание. Старое: «кот»");
    let drawing = chat.says("кит").draws().clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.style), ("кит", anime()));

    let job = chat.finished[0].clone();
    let drawing = chat
        .in_answer_to(Replied::Result { job: Box::new(job), picture: result(JobId(3), 0) })
        .says("пёс --seed 9")
        .draws()
        .clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.style, drawing.recipe.seed), ("пёс", anime(), 9));
}

#[test]
fn a_new_text_for_a_change_keeps_its_picture() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.finished[0].recipe.task = Task::change("кот в шляпе", 0.3).unwrap();
    let job = chat.finished[0].clone();
    let replied = Replied::Result { job: Box::new(job), picture: result(JobId(3), 0) };
    let drawing = chat.in_answer_to(replied).says("кот в очках").draws().clone();
    assert_eq!(drawing.recipe.task, Task::change("кот в очках", 0.3).unwrap());
    assert_eq!(drawing.inputs, JobInputs::SameAs(JobId(3)));
    let again = chat.presses(Press::Again(JobId(3))).draws().clone();
    assert_eq!(again.inputs, JobInputs::SameAs(JobId(3)));
}

#[test]
fn words_for_a_variation_change_the_picture() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.finished[0].recipe.task = Task::variation(0.0).unwrap();
    let job = chat.finished[0].clone();
    let card = chat
        .in_answer_to(Replied::Result { job: Box::new(job), picture: result(JobId(3), 0) })
        .says("в шляпе")
        .said()
        .clone();
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!((drawing.recipe.prompt(), inputs(&drawing)), ("в шляпе", vec!["3/0".to_owned()]));
}

#[test]
fn one_of_several_pictures_is_picked() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.finished[0].recipe.count = 4;
    let below = buttons(&chat.finished[0]);
    below.button("✅ 1");
    let picked = chat.presses(below.button("3")).edited().clone();
    assert_eq!(picked.text, "Что сделать с картинкой 3?");
    let varied = chat.presses(picked.button("🔁 Вариации")).draws().clone();
    assert_eq!(inputs(&varied), ["3/2"]);
    let forged = Press::Picture(JobId(3), 9, PicturePress::Vary);
    assert!(chat.presses(forged).toasted().starts_with("Этой картинки уже нет."));
}

#[test]
fn the_parameters_are_told_and_become_a_card_or_a_link() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    let info = chat.presses(buttons(&chat.finished[0]).button("ℹ️ Параметры")).said().clone();
    assert_eq!(info.text, "Картинка по описанию\nОписание: кот\nСтиль: Без стиля\nСид: 5");
    assert_eq!(chat.presses(info.button("🔗 Ссылка")).0, [Action::Share(JobId(3))]);
    chat.presses(info.button("📝 Изменить параметры"));
    assert_eq!(chat.taps(CardPress::Start).draws().recipe, chat.finished[0].recipe);
}

#[test]
fn a_link_opens_the_recipe_as_ones_own_card() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.user = BORIS;
    let answer = chat.says("/start r_abc");
    assert_eq!(answer.said().text, "Вот параметры этой картинки.");
    assert_eq!(chat.taps(CardPress::Start).draws().recipe.prompt(), "кот");
    chat.finished.clear();
    assert!(chat.says("/start r_abc").said().text.starts_with("Эта ссылка больше не работает."));
}

#[test]
fn the_history_has_pages() {
    let mut chat = Chat::private("ru");
    assert_eq!(chat.says("/history").said().text, "Пока пусто. Напишите, что нарисовать.");
    let delivered =
        |id| DeliveredJob { job: summary(id, "кот", PRIVATE, JobState::Delivered), messages: Vec::new() };
    chat.recent = (1..=9).rev().map(delivered).collect();
    let page = chat.says("/history").said().clone();
    assert!(page.text.contains("\n8. «кот» · Без стиля") && !page.text.contains("\n9. "), "{}", page.text);
    assert_eq!(page.button("⬇️ Раньше"), Press::History(2));
    assert_eq!(page.button("1"), Press::Resend(JobId(9)));
}
