//! Larger pictures: the button below a result, `/upscale`, and what can be done with the result.

use super::*;
use crate::recipe::Task;

const HOW: &str = "Во сколько раз увеличить?";

fn below(job: &JobSummary, index: u32) -> Message {
    Message { text: String::new(), buttons: super::super::result::buttons(Language::Ru, job, index) }
}

fn larger(scale: u32) -> Task {
    Task::upscale(scale).unwrap()
}

/// A photo of this size.
fn sends_sized(chat: &mut Chat, width: u32, height: u32, caption: &str) -> Answer {
    let picture = GivenPicture { width, height, message_id: chat.messages + 1, ..photo("photo") };
    let caption = caption.to_owned();
    chat.happens(Event::Picture { picture, caption, album: None, addressed: true, recipe: None })
}

/// An answer to a picture that was drawn larger.
fn answers_larger(chat: &mut Chat, source: Option<Recipe>, words: &str) -> Answer {
    let recipe = Recipe::new(larger(2), 0);
    let mut job = summary(3, "кот", chat.id, JobState::Delivered);
    job.recipe = source.map_or(recipe.clone(), |source| recipe.with_source(source));
    let picture = GivenPicture { width: 1536, height: 1536, ..result(JobId(3), 0) };
    chat.in_answer_to(Replied::Result { job: Box::new(job), picture }).says(words)
}

#[test]
fn a_result_becomes_larger_by_two_taps() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    // What the chat's settings say is about drawing.
    (chat.state.count, chat.state.style, chat.state.negative) = (4, anime(), Some("вода".to_owned()));
    let how = chat.presses(below(&chat.finished[0], 0).button("🔍 Крупнее")).said().clone();
    assert_eq!(how.text, HOW);
    how.button("4× · 3072×3072");
    let drawing = chat.presses(how.button("2× · 1536×1536")).draws().clone();
    assert_eq!(drawing.recipe, Recipe::new(larger(2), SEED));
    assert_eq!((inputs(&drawing), drawing.reply_to), (vec!["3/0".to_owned()], Some(11)));
    assert_eq!(drawing.status, StatusMessage::Pressed, "the question becomes the status message");
    assert!(chat.state.drafts.is_empty());
}

#[test]
fn of_several_pictures_the_picked_one_becomes_larger() {
    let mut chat = Chat::private("en").drawn(3, "a cat");
    chat.finished[0].recipe.count = 4;
    let picked = chat.presses(below(&chat.finished[0], 0).button("3")).edited().clone();
    let how = chat.presses(picked.button("🔍 Larger")).said().clone();
    assert_eq!(how.text, "How much larger?");
    assert_eq!(inputs(chat.presses(how.button("4× · 3072×3072")).draws()), ["3/2"]);
}

#[test]
fn a_photo_with_the_command_becomes_larger() {
    for (client, caption, question) in
        [("ru", "/upscale", HOW), ("ru", "/крупнее", HOW), ("en", "/enlarge", "How much larger?")]
    {
        let mut chat = Chat::private(client);
        let how = chat.sends("cat", caption).said().clone();
        assert_eq!(how.text, question);
        let drawing = chat.presses(how.button("2× · 1600×1200")).draws().clone();
        assert_eq!((&drawing.recipe.task, inputs(&drawing)), (&larger(2), vec!["cat".to_owned()]));
    }
    for caption in ["/upscale 4", "/upscale ×4", "/upscale --scale 4"] {
        let drawing = Chat::private("ru").sends("cat", caption).draws().clone();
        assert_eq!((drawing.recipe.task, drawing.status), (larger(4), StatusMessage::New), "{caption}");
    }
}

#[test]
fn the_command_asks_for_a_photo_and_takes_an_answered_one() {
    let mut chat = Chat::private("ru");
    assert_eq!(chat.says("/upscale").said().text, "Пришлите картинку, которую надо увеличить.");
    assert_eq!(chat.sends("cat", "").said().text, HOW);
    assert_eq!(chat.says("4x").draws().recipe.task, larger(4), "typed instead of a tap");

    let mut chat = Chat::private("en");
    assert_eq!(chat.says("/upscale").said().text, "Send the picture that should be enlarged.");
    assert_eq!(chat.sends("cat", "2").draws().recipe.task, larger(2));
    let drawing = chat.in_answer_to(Replied::Picture(photo("dog"))).says("/upscale 2").draws().clone();
    assert_eq!(inputs(&drawing), ["dog"]);
    // The photo that comes with the command is meant, and not the one that it answers.
    let drawing = chat.in_answer_to(Replied::Picture(photo("dog"))).sends("cat", "/upscale 2").draws().clone();
    assert_eq!(inputs(&drawing), ["cat"]);
}

#[test]
fn a_photo_without_a_word_can_become_larger() {
    let mut chat = Chat::private("ru");
    let offer = chat.sends("cat", "").said().clone();
    let how = chat.presses(offer.button("🔍 Крупнее")).edited().clone();
    assert_eq!(how.text, HOW);
    assert_eq!(chat.presses(how.button("◀️ Назад")).edited().text, "Хорошо, отменил. Напишите, что нарисовать.");
    let menu = chat.says("/start").said().clone();
    assert_eq!(chat.presses(menu.button("🔍 Крупнее")).said().text, "Пришлите картинку, которую надо увеличить.");
}

#[test]
fn a_prompt_after_the_question_is_a_prompt() {
    let mut chat = Chat::private("ru");
    chat.sends("cat", "/upscale");
    assert_eq!(chat.says("4 кота").draws().recipe.prompt(), "4 кота");
}

#[test]
fn words_that_are_no_scale_are_told() {
    let mut chat = Chat::private("ru");
    let answer = chat.sends("cat", "/upscale как можно больше");
    assert_eq!(answer.said().text, "«как можно больше» я не понимаю: увеличить могу в 2 или в 4 раза.");
    assert!(matches!(&answer.0[..], [_, Action::Say(how)] if how.text == HOW), "{answer:?}");
}

#[test]
fn what_would_be_too_large_is_refused_before_it_is_queued() {
    let mut chat = Chat::private("ru");
    let how = sends_sized(&mut chat, 3000, 2000, "/upscale 4").said().clone();
    assert_eq!(how.text, "Увеличить в 4 раза не получится: картинка выйдет слишком большой. Увеличить в 2?");
    assert_eq!(how.buttons[0].len(), 1);
    assert_eq!(chat.presses(how.button("2× · 6000×4000")).draws().recipe.task, larger(2));

    let answer = sends_sized(&mut chat, 6000, 4000, "/upscale 2");
    assert!(answer.said().text.starts_with("Эта картинка и так большая: 6000×4000."), "{answer:?}");
    assert!(answer.said().buttons.is_empty() && chat.state.drafts.is_empty());
    let english = sends_sized(&mut Chat::private("en"), 6000, 4000, "/upscale").said().text.clone();
    assert!(english.contains("more than 50 million pixels or 16384 on a side"), "{english}");
}

#[test]
fn a_tiny_picture_is_too_small_for_everything_else() {
    let mut chat = Chat::private("ru");
    assert!(sends_sized(&mut chat, 32, 32, "").said().text.starts_with("Картинка слишком маленькая"));
    assert_eq!(sends_sized(&mut chat, 32, 32, "/upscale 4").draws().recipe.task, larger(4));
    chat.says("/upscale");
    assert_eq!(sends_sized(&mut chat, 900, 40, "").said().text, HOW);
}

#[test]
fn of_an_album_the_first_picture_is_taken_and_that_is_told() {
    let mut chat = Chat::private("ru");
    chat.sends_in_album("cat", "/upscale", Some("a1"));
    chat.sends_in_album("hat", "", Some("a1"));
    let how = chat.happens(Event::AlbumEnded("a1".to_owned())).said().clone();
    assert_eq!(how.text, format!("{HOW}\nВозьму только первую картинку."));
    assert_eq!(inputs(chat.presses(how.button("2× · 1600×1200")).draws()), ["cat"]);
}

#[test]
fn below_a_larger_picture_stands_what_makes_sense_there() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.finished[0].recipe = Recipe::new(larger(2), 0).with_source(chat.finished[0].recipe.clone());
    let labels = |job: &JobSummary| -> Vec<Vec<String>> {
        let rows = below(job, 0).buttons;
        rows.into_iter().map(|row| row.into_iter().map(|button| button.label).collect()).collect()
    };
    assert_eq!(
        labels(&chat.finished[0]),
        [
            vec!["🔁 Вариации", "🧬 Смешать"],
            vec!["🖌 Перерисовать часть", "↔️ Расширить"],
            vec!["🌐 Редактор"],
            vec!["🔍 Крупнее", "ℹ️ Параметры", "🗑"],
        ]
    );
    let info = chat.presses(Press::Info(JobId(3))).said().clone();
    assert_eq!(info.text, "Увеличенная картинка\nУвеличение: 2×\nОписание: кот\nСтиль: Без стиля\nСид: 5");
    chat.presses(info.button("📝 Изменить параметры"));
    assert_eq!(chat.taps(CardPress::Start).draws().recipe, *chat.finished[0].recipe.origin());

    // Covered, it came as a photo: the file is still to be had.
    chat.finished[0].warnings.flagged = vec![0];
    assert!(labels(&chat.finished[0])[2].contains(&"📄 Файл".to_owned()));

    chat.finished[0].recipe = Recipe::new(larger(4), 0);
    let info = chat.presses(Press::Info(JobId(3))).said().clone();
    assert_eq!((info.text.as_str(), info.buttons.len()), ("Увеличенная картинка\nУвеличение: 4×", 0));
}

#[test]
fn words_in_answer_to_a_larger_picture_draw_what_it_comes_from() {
    let source = Recipe { style: anime(), count: 16, ..Recipe::text_to_image("кот", 5).unwrap() };
    let drawing = answers_larger(&mut Chat::private("ru"), Some(source.clone()), "пёс").draws().clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.style), ("пёс", anime()));
    assert_eq!((drawing.recipe.seed, drawing.inputs), (SEED, JobInputs::None));
    assert!(drawing.recipe.count <= 4, "its recipe may be from a file that anybody wrote");
    let drawing = answers_larger(&mut Chat::private("ru"), Some(source), "--seed 9").draws().clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.seed), ("кот", 9));
}

#[test]
fn words_in_answer_to_a_photo_that_was_made_larger_change_it() {
    for source in [None, Some(Recipe::new(Task::variation(0.0).unwrap(), 1))] {
        let mut chat = Chat::private("ru");
        let card = answers_larger(&mut chat, source, "в шляпе").said().clone();
        assert!(card.text.starts_with("Изменение по тексту"), "{}", card.text);
        let drawing = chat.presses(card.button("✅ Нарисовать")).draws().clone();
        assert_eq!((drawing.recipe.prompt(), inputs(&drawing)), ("в шляпе", vec!["3/0".to_owned()]));
    }
    let question = answers_larger(&mut Chat::private("ru"), None, "--seed 9").said().text.clone();
    assert_eq!(question, "Какой она должна стать? Напишите словами.");
}

#[test]
fn one_that_was_cancelled_can_be_asked_for_again() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.finished[0].recipe = Recipe::new(larger(2), 0);
    chat.finished[0].state = JobState::Cancelled;
    let line = super::super::status::cancelled(Language::Ru, JobId(3), crate::jobs::Work::Upscale);
    line.button("🔍 Всё-таки увеличить");
    let drawing = chat.presses(Press::Again(JobId(3))).draws().clone();
    assert_eq!((drawing.recipe.task, drawing.inputs), (larger(2), JobInputs::SameAs(JobId(3))));
}

#[test]
fn lists_name_it() {
    let mut chat = Chat::private("ru").waiting(3, "кот", 1).waiting(4, "кит", 2);
    chat.jobs[0].job.recipe = Recipe::new(larger(2), 0);
    let list = chat.says("/queue").said().clone();
    assert!(list.text.contains("\n1. Увеличенная картинка\nНачинаю"), "{}", list.text);
    list.button("✖️ 1. Увеличенная картинка");

    let of_text = Recipe::new(larger(4), 0).with_source(Recipe::text_to_image("кот", 5).unwrap());
    for (recipe, line) in [(of_text, "1. «кот» · 4×"), (Recipe::new(larger(2), 0), "1. Увеличенная картинка · 2×")]
    {
        let job = JobSummary { recipe, ..summary(1, "кот", PRIVATE, JobState::Delivered) };
        chat.recent = vec![DeliveredJob { job, messages: Vec::new() }];
        let history = chat.says("/history").said().text.clone();
        assert!(history.ends_with(line), "{history}");
    }
}

#[test]
fn in_a_group_it_is_asked_for_in_an_answer_and_only_its_user_chooses() {
    let mut chat = Chat::group();
    let question = chat.says("/upscale@kandinsky_bot").said().text.clone();
    assert!(question.ends_with("В группе пришлите это ответом на моё сообщение."), "{question}");
    let how = chat.in_answer_to(Replied::Picture(photo("cat"))).says("/upscale@kandinsky_bot").said().clone();
    let press = how.button("2× · 1600×1200");
    chat.user = BORIS;
    assert!(chat.presses(press).toasted().starts_with("Это кнопки другого человека."));
    chat.user = ANNA;
    assert_eq!(chat.presses(press).draws().recipe.task, larger(2));
}
