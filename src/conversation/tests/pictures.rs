//! Pictures in: mixed, varied, changed, inpainted, outpainted.

use super::*;
use crate::jobs::{Marking, MaskPlan};
use crate::pictures::Area;
use crate::recipe::{Margins, PartContent, Task, Translation};

fn shown_mask(answer: &Answer) -> (&MaskPlan, &Message, bool) {
    let shown = answer.0.iter().find_map(|action| match action {
        Action::ShowMask(shown) => Some(shown),
        _ => None,
    });
    let shown = shown.unwrap_or_else(|| panic!("no mask: {answer:?}"));
    (&shown.plan, &shown.message, shown.in_place)
}

fn weights(drawing: &Drawing) -> Vec<u32> {
    let Task::Mix { parts } = &drawing.recipe.task else { panic!("{drawing:?}") };
    parts.iter().map(|part| (part.weight * 100.0).round() as u32).collect()
}

#[test]
fn two_photos_one_after_another_are_mixed() {
    let mut chat = Chat::private("ru");
    assert!(chat.says("/mix").said().text.starts_with("Пришлите две картинки"));
    assert!(chat.sends("cat", "").said().text.starts_with("Первая картинка есть."));
    let card = chat.sends("hat", "").said().clone();
    assert!(card.text.starts_with("Смешивание\n\n• картинка 1 — 50 %\n• картинка 2 — 50 %\n"), "{}", card.text);
    let card = chat.presses(card.button("➕")).edited().clone();
    let card = chat.presses(card.button("➕")).edited().clone();
    card.button("70 : 30");
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!(inputs(&drawing), ["cat", "hat"]);
    assert_eq!(weights(&drawing), [70, 30]);
}

#[test]
fn an_album_is_one_mix_in_whatever_order_it_comes() {
    let mut chat = Chat::private("ru");
    let answer = chat.sends_in_album("one", "в тумане", Some("a1"));
    assert_eq!(answer.0, [Action::AwaitAlbum("a1".to_owned())], "nothing is said before it is complete");
    chat.sends_in_album("two", "", Some("a1"));
    chat.sends_in_album("three", "", Some("a1"));
    chat.state.drafts.get_mut(&ANNA.0).unwrap().pictures.reverse();
    chat.sends_in_album("four", "", Some("a1"));
    chat.sends_in_album("five", "", Some("a1"));
    let card = chat.happens(Event::AlbumEnded("a1".to_owned())).said().clone();
    assert!(card.text.contains("• текст «в тумане» — 20 %"), "{}", card.text);
    assert!(card.text.ends_with("Возьму первые 4 картинки."), "{}", card.text);
    let card = chat.presses(card.button("1 · 20 % ▸")).edited().clone();
    card.button("2 · 20 % ▸");
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!(inputs(&drawing), ["one", "two", "three", "four"]);
    let Task::Mix { parts } = &drawing.recipe.task else { panic!() };
    assert_eq!(parts[4].content, PartContent::Text { prompt: "в тумане".to_owned() });
}

#[test]
fn a_late_picture_of_an_album_makes_a_new_card() {
    let mut chat = Chat::private("ru");
    chat.sends_in_album("one", "", Some("a1"));
    chat.sends_in_album("two", "", Some("a1"));
    let early = chat.happens(Event::AlbumEnded("a1".to_owned())).said().clone();
    chat.sends_in_album("three", "", Some("a1"));
    let late = chat.happens(Event::AlbumEnded("a1".to_owned())).said().clone();
    assert!(late.text.contains("• картинка 3"), "{}", late.text);
    assert_eq!(chat.presses(early.button("✅ Нарисовать")).toasted(), "Эта кнопка устарела");
}

#[test]
fn a_picture_and_a_text_are_mixed() {
    let mut chat = Chat::private("ru");
    chat.says("/mix");
    chat.sends("cat", "");
    let card = chat.says("в тумане --iw 0.7").said().clone();
    assert!(card.text.contains("• картинка 1 — 70 %\n• текст «в тумане» — 30 %"), "{}", card.text);
}

#[test]
fn a_picture_in_answer_to_another_is_a_mix() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    let job = chat.finished[0].clone();
    let card = chat
        .in_answer_to(Replied::Result { job: Box::new(job), picture: result(JobId(3), 0) })
        .sends("hat", "")
        .said()
        .clone();
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!(inputs(&drawing), ["3/0", "hat"]);
}

#[test]
fn a_picture_without_a_word_is_asked_about() {
    let mut chat = Chat::private("ru");
    let question = chat.sends("cat", "").said().clone();
    assert_eq!(question.text, "Картинка у меня. Что с ней сделать?");
    let card = chat.presses(question.button("🔁 Вариации")).edited().clone();
    let card = chat.presses(card.button("Похоже")).edited().clone();
    card.button("✅ Похоже");
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!(drawing.recipe.task, Task::Variation { closeness: 0.3 });
    assert_eq!(inputs(&drawing), ["cat"]);
}

#[test]
fn a_caption_is_asked_about_once() {
    let mut chat = Chat::private("ru");
    let question = chat.sends("cat", "в шляпе").said().clone();
    assert!(question.text.starts_with("Картинка и текст «в шляпе»."), "{}", question.text);
    let card = chat.presses(question.button("✏️ Изменить по тексту")).edited().clone();
    card.button("✅ Средне 50\u{a0}%");
    let card = chat.presses(card.button("Сильно 70\u{a0}%")).edited().clone();
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!(drawing.recipe.task, Task::Change { prompt: "в шляпе".to_owned(), strength: 0.7 });
    let card = chat.sends("dog", "в очках --strength 40").said().clone();
    assert!(card.text.starts_with("Изменение по тексту\n\nОписание: в очках"), "{}", card.text);
    let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
    assert_eq!(drawing.recipe.task, Task::Change { prompt: "в очках".to_owned(), strength: 0.4 });
}

#[test]
fn change_asks_for_what_is_missing() {
    let mut chat = Chat::private("en");
    assert!(chat.says("/change").said().text.starts_with("Send a picture and write"));
    assert!(chat.sends("cat", "").said().text.starts_with("What should it become?"));
    let card = chat.says("a cat in space").said().clone();
    let drawing = chat.presses(card.button("✅ Draw")).draws().clone();
    assert_eq!(drawing.recipe.prompt(), "a cat in space");
    let card = chat.sends("dog", "/change a dog in space").said().clone();
    assert!(card.text.contains("Description: a dog in space"), "{}", card.text);
    chat.says("/change in snow");
    let card = chat.sends("fox", "").said().clone();
    assert!(card.text.contains("Description: in snow"), "the words came before the picture: {}", card.text);
}

#[test]
fn what_is_painted_over_is_shown_and_drawn_anew() {
    let mut chat = Chat::private("ru");
    chat.says("/inpaint");
    let how = chat.sends("room", "").said().clone();
    assert!(how.text.starts_with("Как отметить, что перерисовать?"), "{}", how.text);
    let paint = chat.presses(how.button("🖌 Закрасить в Telegram")).edited().clone();
    assert!(paint.text.contains("закрасьте нужное место"), "{}", paint.text);
    let answer = chat.sends("room-painted", "");
    let (plan, question, in_place) = shown_mask(&answer);
    assert_eq!(plan.picture, Source::File("room".to_owned()));
    assert_eq!(plan.marking, Marking::Painted(Source::File("room-painted".to_owned())));
    assert!(!plan.inverted && !in_place);
    assert_eq!(question.text, "Перерисую отмеченное красным. Всё верно?");
    let question = question.clone();

    let answer = chat.presses(question.button("🔃 Инвертировать"));
    assert!(shown_mask(&answer).0.inverted && shown_mask(&answer).2, "in the same message");
    let answer = chat.presses(question.button("➕ Шире"));
    assert_eq!(shown_mask(&answer).0.wider, 1);
    let prompt = chat.presses(question.button("✅ Верно")).said().clone();
    assert_eq!(prompt.text, "Что нарисовать на этом месте?");
    let drawing = chat.says("камин").draws().clone();
    assert_eq!(drawing.recipe.task, Task::inpaint("камин").unwrap());
    assert_eq!(inputs(&drawing), ["room", "mask"]);
    assert_eq!(chat.presses(question.button("✅ Верно")).toasted(), "Эта кнопка устарела");
}

#[test]
fn a_mask_file_and_areas_need_no_prompt() {
    let mut chat = Chat::private("ru");
    chat.says("/inpaint");
    let how = chat.sends("room", "").said().clone();
    chat.presses(how.button("📎 Прислать маску"));
    let question = shown_mask(&chat.sends("mask", "")).1.clone();
    let how = chat.presses(question.button("↩️ Отметить заново")).said().clone();
    let areas = chat.presses(how.button("🔲 Область")).edited().clone();
    let answer = chat.presses(areas.button("⬆️ Верхняя половина"));
    let (plan, question, _) = shown_mask(&answer);
    assert_eq!(plan.marking, Marking::Area(Area::Top));
    let question = question.clone();
    let prompt = chat.presses(question.button("✅ Верно")).said().clone();
    let drawing = chat.presses(prompt.button("Без описания")).draws().clone();
    assert_eq!(drawing.recipe.task, Task::inpaint("").unwrap());
    assert_eq!(drawing.status, StatusMessage::Pressed);
}

#[test]
fn a_mask_that_does_not_serve_is_explained_and_can_be_sent_again() {
    let mut chat = Chat::private("ru");
    chat.says("/inpaint");
    let how = chat.sends("room", "").said().clone();
    chat.presses(how.button("🖌 Закрасить в Telegram"));
    chat.sends("room-again", "");
    for (reason, words) in [
        (BadMask::Nothing, "Не вижу, что отмечено."),
        (BadMask::Everything, "Похоже, отмечено почти всё."),
        (BadMask::Shape, "У маски другие пропорции"),
        (BadMask::Unclear, "Часть маски прозрачная"),
        (BadMask::Picture(BadPicture::Unreadable), "Не могу открыть этот файл."),
    ] {
        let answer = chat.happens(Event::BadMask(reason)).said().text.clone();
        assert!(answer.starts_with(words), "{answer}");
        let answer = chat.sends("room-painted", "");
        assert_eq!(shown_mask(&answer).0.marking, Marking::Painted(Source::File("room-painted".to_owned())));
    }
}

#[test]
fn a_picture_is_continued_in_every_direction() {
    let mut chat = Chat::private("ru");
    chat.says("/outpaint");
    let card = chat.sends("room", "").said().clone();
    assert!(card.buttons.iter().flatten().all(|button| button.label != "✅ Нарисовать"), "where to, first");
    for (label, margins) in [
        ("⬅️ Влево", Margins { left: 400, ..Margins::default() }),
        ("⬇️ Вниз", Margins { bottom: 300, ..Margins::default() }),
        ("🔍 1,5×", Margins { left: 200, right: 200, top: 150, bottom: 150 }),
        ("🔍 2×", Margins { left: 400, right: 400, top: 300, bottom: 300 }),
        ("⬜ Квадрат", Margins { top: 100, bottom: 100, ..Margins::default() }),
        ("16:9", Margins { left: 133, right: 134, ..Margins::default() }),
    ] {
        let chosen = chat.presses(card.button(label)).edited().clone();
        assert_eq!(chosen.buttons.iter().flatten().filter(|button| button.label.contains(label)).count(), 1);
        let drawing = chat.presses(chosen.button("✅ Нарисовать")).draws().clone();
        assert_eq!(drawing.recipe.task, Task::Outpaint { prompt: String::new(), margins }, "{label}");
        assert_eq!(inputs(&drawing), ["room"]);
        chat.says("/outpaint");
        let again = chat.sends("room", "").said().clone();
        // Each draft has its own buttons.
        assert_ne!(again, card);
        return_to(&mut chat, &card);
    }
}

/// Gives the latest draft the number of an earlier card, so that its buttons work again.
fn return_to(chat: &mut Chat, card: &Message) {
    let Some(Press::Card(number, _)) = card.buttons[0].first().map(|button| button.press) else { panic!("{card:?}") };
    chat.state.drafts.get_mut(&ANNA.0).unwrap().number = number;
}

#[test]
fn pictures_that_can_not_be_used_are_refused_kindly() {
    let mut chat = Chat::private("ru");
    let mut sent = |width, height| {
        let picture = GivenPicture { width, height, ..photo("small") };
        let event = Event::Picture { picture, caption: String::new(), album: None, addressed: true, recipe: None };
        chat.happens(event).said().text.clone()
    };
    assert!(sent(63, 500).starts_with("Картинка слишком маленькая: нужно хотя бы 64 пикселя"));
    assert!(sent(2000, 70).starts_with("Картинка слишком узкая"));
    assert_eq!(sent(64, 64), "Картинка у меня. Что с ней сделать?");
    for (reason, words) in [
        (BadPicture::TooHeavy, "Файл больше 20 МБ"),
        (BadPicture::Unreadable, "Не могу открыть этот файл."),
        (BadPicture::Gone, "Этой картинки уже нет."),
    ] {
        let answer = chat.happens(Event::BadPicture(reason)).said().text.clone();
        assert!(answer.starts_with(words), "{answer}");
    }
}

#[test]
fn cancel_forgets_what_is_being_put_together() {
    let mut chat = Chat::private("ru");
    chat.says("/mix");
    assert_eq!(chat.says("/cancel").said().text, "Хорошо, отменил. Напишите, что нарисовать.");
    assert_eq!(chat.sends("cat", "").said().text, "Картинка у меня. Что с ней сделать?");
    assert_eq!(chat.says("кот").draws().recipe.prompt(), "кот", "plain words are a prompt again");
}

#[test]
fn a_picture_of_ours_brings_its_recipe_back() {
    let mut chat = Chat::private("ru");
    let recipe = Recipe { style: anime(), count: 2, ..Recipe::text_to_image("кот", 77).unwrap() };
    let answer = chat.happens(Event::Picture {
        picture: photo("ours"),
        caption: String::new(),
        album: None,
        addressed: true,
        recipe: Some(Box::new(recipe.clone())),
    });
    assert_eq!(answer.said().text, "Узнаю свою картинку! Вот её параметры.");
    let drawing = chat.taps(CardPress::Start).draws().clone();
    assert_eq!(drawing.recipe, recipe, "the same recipe, so the same picture");
}

#[test]
fn a_recipe_that_somebody_forged_stays_within_bounds() {
    let mut chat = Chat::private("ru");
    let mut recipe = Recipe::text_to_image("кот", 1).unwrap();
    recipe.count = 1_000_000;
    recipe.settings.steps = Some(1_000_000);
    recipe.negative = Some("x".repeat(100_000));
    chat.sends_with_recipe(recipe);
    let drawn = chat.taps(CardPress::Start).draws().recipe.clone();
    assert_eq!((drawn.count, drawn.settings.steps, drawn.negative), (4, None, None));
}

#[test]
fn the_parameters_show_what_was_drawn_in_english() {
    let mut job = summary(7, "рыжий кот", 1, JobState::Delivered);
    job.recipe.negative = Some("шум".to_owned());
    let info = |job: &JobSummary, language| crate::conversation::result::info(language, job).text;
    assert!(!info(&job, Language::Ru).contains("Нарисовано по"));
    let texts = [("рыжий кот", "a ginger cat"), ("шум", "noise")];
    let texts = texts.map(|(written, english)| (written.to_owned(), english.to_owned())).into();
    job.recipe = job.recipe.with_translation(Translation { texts, only_for_prior: false });
    assert!(
        info(&job, Language::Ru).contains("\nНарисовано по: a ginger cat · noise\n"),
        "{}",
        info(&job, Language::Ru)
    );
    assert!(info(&job, Language::En).contains("\nDrawn as: a ginger cat · noise\n"));
}
