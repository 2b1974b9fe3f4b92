//! Russian texts that are drawn in English: the setting, the corrections, what is kept of them.

use std::collections::BTreeMap;

use super::*;
use crate::recipe::{PartContent, Task, Translation};

fn english(pairs: &[(&str, &str)]) -> Translation {
    let texts: BTreeMap<String, String> =
        pairs.iter().map(|(written, english)| ((*written).to_owned(), (*english).to_owned())).collect();
    Translation { texts, only_for_prior: false }
}

/// A chat in which «рыжий кот» was drawn as “a red cat”, which is wrong.
fn chat_with_cat(client: &'static str) -> Chat {
    let mut chat = Chat::private(client).translating().drawn(3, "рыжий кот");
    let recipe = &mut chat.finished[0].recipe;
    recipe.settings.prior_steps = Some(7);
    *recipe = recipe.with_translation(english(&[("рыжий кот", "a red cat")]));
    chat
}

fn info(chat: &mut Chat) -> Message {
    chat.presses(Press::Info(JobId(3))).said().clone()
}

#[test]
fn descriptions_are_translated_unless_the_user_turns_it_off() {
    let mut chat = Chat::private("ru").translating();
    let page = chat.says("/settings").said().clone();
    assert!(page.text.contains("\nПереводить описания: да\n"), "{}", page.text);
    assert!(chat.says("кот").draws().recipe.translation.is_empty(), "the translator adds what it lacks");
    let page = chat.presses(page.button("🔤 Не переводить")).edited().clone();
    assert!(page.text.contains("\nПереводить описания: нет\n"), "{}", page.text);
    let recipe = chat.says("кот --no шум").draws().recipe.clone();
    assert_eq!(recipe.translation, english(&[("кот", "кот"), ("шум", "шум")]));
    assert!(chat.says("a cat").draws().recipe.translation.is_empty());
    chat.presses(page.button("🔤 Переводить описания"));
    assert!(chat.says("кот").draws().recipe.translation.is_empty());

    let mut chat = Chat::private("en").translating();
    let page = chat.says("/settings").said().clone();
    assert!(page.text.contains("\nTranslate descriptions: yes\n"), "{}", page.text);
    page.button("🔤 Don’t translate");
}

#[test]
fn where_nothing_is_translated_nothing_is_said_of_it() {
    let mut chat = Chat::private("ru");
    let page = chat.says("/settings").said().clone();
    assert!(!page.text.contains("ереводить"), "{}", page.text);
    assert!(page.buttons.iter().flatten().all(|button| !button.label.contains("ереводить")));
    let press = Press::Settings(SettingsPress::Translate);
    assert_eq!(chat.presses(press).toasted(), "Эта кнопка устарела");
    assert!(chat.state.translate);
    assert!(!chat.says("/help").said().text.contains("OPUS-MT"));
}

#[test]
fn the_help_credits_the_translator() {
    let mut chat = Chat::private("ru").translating();
    let text = chat.says("/help").said().text.clone();
    assert!(text.ends_with("\n\nПеревод: OPUS-MT, Хельсинкский университет, CC BY 4.0"), "{text}");
    let text = Chat::private("en").translating().says("/help").said().text.clone();
    assert!(text.ends_with("\n\nTranslation: OPUS-MT, University of Helsinki, CC BY 4.0"), "{text}");
}

#[test]
fn a_translation_is_put_right_and_the_seed_stays() {
    let mut chat = chat_with_cat("ru");
    let parameters = info(&mut chat);
    assert!(parameters.text.contains("Нарисовано по: a red cat"), "{}", parameters.text);
    let question = chat.presses(parameters.button("✏️ Исправить перевод")).said().text.clone();
    assert_eq!(
        question,
        "Пришлите английский текст, по которому нарисовать «рыжий кот». Сид останется прежним. Сейчас текст такой:\n\na red cat"
    );
    let needed = chat.says("рыжий котик").said().text.clone();
    assert_eq!(needed, "Здесь нужен текст на английском, например: a red cat on a roof");
    let drawing = chat.says(" a ginger cat ").draws().clone();
    let drawn = &chat.finished[0].recipe;
    assert_eq!(drawing.recipe, drawn.with_translation(english(&[("рыжий кот", "a ginger cat")])));
    assert_eq!(drawing.inputs, JobInputs::None);
    assert!(chat.state.drafts.is_empty());
    assert_eq!(chat.says("кит").draws().recipe.prompt(), "кит", "the question is answered");

    let mut chat = chat_with_cat("en");
    let parameters = info(&mut chat);
    let question = chat.presses(parameters.button("✏️ Edit translation")).said().text.clone();
    let expected =
        "Send the English text I should draw “рыжий кот” from. The seed stays the same. The text is now:\n\na red cat";
    assert_eq!(question, expected);
    assert_eq!(chat.says("a ginger cat --seed 9").draws().recipe.seed, 9);
}

#[test]
fn of_several_english_texts_the_first_is_put_right() {
    let mut chat = chat_with_cat("ru");
    let contents = vec![PartContent::Picture, PartContent::Text { prompt: "море".to_owned() }];
    let recipe = &mut chat.finished[0].recipe;
    recipe.task = Task::mix(contents, None).unwrap();
    recipe.negative = Some("люди".to_owned());
    *recipe = recipe.with_translation(english(&[("море", "sea"), ("люди", "people")]));
    let parameters = info(&mut chat);
    let question = chat.presses(parameters.button("✏️ Исправить перевод")).said().text.clone();
    assert!(question.contains("«море»") && question.ends_with("\n\nsea"), "{question}");
    let drawing = chat.says("a stormy sea").draws().clone();
    assert_eq!(drawing.recipe.translation, english(&[("море", "a stormy sea"), ("люди", "people")]));
    assert_eq!(drawing.inputs, JobInputs::SameAs(JobId(3)));
}

#[test]
fn a_text_that_was_drawn_as_it_is_has_no_translation_to_put_right() {
    let mut chat = Chat::private("ru").translating().drawn(3, "рыжий кот");
    chat.finished[0].recipe = chat.finished[0].recipe.as_written();
    let parameters = info(&mut chat);
    assert!(!parameters.text.contains("Нарисовано по"), "{}", parameters.text);
    assert!(parameters.buttons.iter().flatten().all(|button| !button.label.contains("перевод")));
    assert_eq!(chat.presses(Press::English(JobId(3))).toasted(), "Эта кнопка устарела");
}

#[test]
fn english_texts_stay_with_the_words_that_they_stand_for() {
    let mut chat = chat_with_cat("ru");
    let kept = english(&[("рыжий кот", "a red cat")]);
    assert_eq!(chat.presses(Press::Again(JobId(3))).draws().recipe.translation, kept);
    assert_eq!(chat.presses(Press::Restyle(JobId(3), anime())).draws().recipe.translation, kept);

    chat.presses(Press::ToCard(JobId(3)));
    assert_eq!(chat.taps(CardPress::Start).draws().recipe.translation, kept);
    chat.presses(Press::ToCard(JobId(3)));
    chat.taps(CardPress::Prompt);
    chat.says("белый кот");
    assert!(chat.taps(CardPress::Start).draws().recipe.translation.is_empty(), "these are other words");
    chat.presses(Press::Reprompt(JobId(3)));
    assert_eq!(chat.says("рыжий кот --n 2").draws().recipe.translation, kept);

    let job = chat.finished[0].clone();
    let replied = Replied::Result { job: Box::new(job), picture: result(JobId(3), 0) };
    assert_eq!(chat.in_answer_to(replied.clone()).says("--seed 9").draws().recipe.translation, kept);
    assert!(chat.in_answer_to(replied).says("белый кот").draws().recipe.translation.is_empty());
}

#[test]
fn what_was_drawn_as_written_is_drawn_so_again() {
    let mut chat = Chat::private("ru").translating().drawn(3, "кот");
    chat.finished[0].recipe = chat.finished[0].recipe.as_written();
    assert_eq!(chat.presses(Press::Again(JobId(3))).draws().recipe.translation, english(&[("кот", "кот")]));
    chat.presses(Press::Reprompt(JobId(3)));
    assert!(chat.says("пёс").draws().recipe.translation.is_empty(), "new words are translated");
}

#[test]
fn english_texts_in_a_forged_picture_are_bounded() {
    let mut chat = Chat::private("ru");
    let mut recipe = Recipe::text_to_image("кот", 1).unwrap();
    recipe.translation = english(&[("кот", &"x".repeat(100_000)), ("чужое", "foreign")]);
    chat.sends_with_recipe(recipe);
    assert!(chat.taps(CardPress::Start).draws().recipe.translation.is_empty());
}
