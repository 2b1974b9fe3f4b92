//! Prompts, commands, styles and the queue.

use super::*;

#[test]
fn plain_text_is_drawn_at_once() {
    let mut chat = Chat::private("ru");
    let drawing = chat.says(" красное яблоко \n").draws().clone();
    assert_eq!(drawing.recipe, Recipe::text_to_image("красное яблоко", SEED).unwrap());
    assert_eq!(drawing.reply_to, Some(101));
    assert_eq!(drawing.status, StatusMessage::New);
    assert_eq!(chat.state, ChatState::default(), "nothing to write for the chat");
}

#[test]
fn the_greeting_speaks_the_clients_language_and_suggests_prompts() {
    let mut chat = Chat::private("ru-RU");
    let greeting = chat.says("/start").said().clone();
    assert!(greeting.text.starts_with("Привет!"), "{}", greeting.text);
    let drawing = chat.presses(greeting.button("красное яблоко на синем фоне")).draws().clone();
    assert_eq!(drawing.recipe.prompt(), "красное яблоко на синем фоне");
    assert_eq!(drawing.reply_to, None);
    assert!(Chat::private("en").says("/start").said().text.starts_with("Hi!"));
    assert!(Chat::private("fr").says("/start@kandinsky_bot").said().text.starts_with("Hi!"));
}

#[test]
fn a_suggestion_that_is_no_longer_made_is_stale() {
    let mut chat = Chat::private("ru");
    for key in [ExampleKey::new(0, Language::Ru, "зелёная груша"), ExampleKey::new(9, Language::Ru, "кит")]
    {
        assert_eq!(chat.presses(Press::Example(key)).toasted(), "Эта кнопка устарела");
    }
}

#[test]
fn the_language_is_switched_and_remembered() {
    let mut chat = Chat::private("ru");
    let greeting = chat.says("/start").said().clone();
    let answer = chat.presses(greeting.button("🌐 English"));
    assert_eq!(answer.toasted(), "I speak English now.");
    assert!(answer.edited().text.starts_with("Hi!"));
    let help = chat.says("/help").said().clone();
    assert!(help.text.contains("call me with /imagine"));
    assert!(chat.presses(help.button("🌐 Русский")).edited().text.contains("позовите меня командой /imagine"));
    chat.says("/lang");

    assert_eq!(chat.says("/lang").said().text, "Теперь говорю по-русски.");
    assert_eq!(chat.says("/lang english").said().text, "I speak English now.");
    assert!(chat.says("/lang esperanto").said().text.contains("/lang ru"));
    let stored = serde_json::to_string(&chat.state).unwrap();
    assert_eq!(serde_json::from_str::<ChatState>(&stored).unwrap().language, Some(Language::En));
}

#[test]
fn a_style_is_chosen_on_the_second_page_and_kept() {
    let mut chat = Chat::private("ru");
    let picker = chat.says("/style").said().clone();
    assert_eq!(picker.text, "Выберите стиль — в нём будут все новые картинки.");
    assert_eq!(picker.button("✅ Без стиля"), Press::Style(Style::default()));
    let second = chat.presses(picker.button("▶️")).edited().clone();
    let answer = chat.presses(second.button("Картина маслом"));
    assert_eq!(answer.toasted(), "Стиль: Картина маслом");
    assert_eq!(answer.edited().text, "Стиль: Картина маслом. В нём будут все новые картинки.");
    answer.edited().button("✅ Картина маслом");
    assert_eq!(chat.says("кот").draws().recipe.style.code(), "oil-painting");
    assert!(chat.presses(Press::Idle).is_silence());
}

#[test]
fn a_prompt_may_have_1000_characters() {
    let mut chat = Chat::private("ru");
    chat.says(&"я".repeat(1000)).draws();
    assert_eq!(
        chat.says(&"я".repeat(1001)).said().text,
        "В описании 1001 символ, а можно не больше 1000. Сократите, пожалуйста, и пришлите ещё раз."
    );
    assert!(chat.says(&"я".repeat(1002)).said().text.contains("1002 символа,"));
    assert!(chat.says(&"я".repeat(1005)).said().text.contains("1005 символов,"));
    let english = Chat::private("en").says(&"a".repeat(1001)).said().text.clone();
    assert!(english.starts_with("Your description has 1001 characters, and 1000 is the most."), "{english}");
}

#[test]
fn imagine_draws_its_text_and_asks_for_one() {
    let mut chat = Chat::private("ru");
    for text in ["/imagine кот", "/g кот", "/GEN кот", "/imagine\nкот"] {
        assert_eq!(chat.says(text).draws().recipe.prompt(), "кот", "{text}");
    }
    assert_eq!(
        chat.says("/imagine").said().text,
        "Что нарисовать? Напишите после команды, например: /imagine красное яблоко на синем фоне"
    );
    assert!(chat.happens(Event::Text(" \n ".to_owned())).said().text.starts_with("Что нарисовать?"));
}

#[test]
fn a_misspelt_command_finds_its_name() {
    let mut chat = Chat::private("ru");
    assert_eq!(chat.says("/halp").said().text, "Такой команды нет. Вы имели в виду /help?");
    assert_eq!(chat.says("/погода").said().text, "Такой команды нет. Всё, что я умею, — в /help.");
    assert!(chat.says("/").said().text.starts_with("Такой команды нет."));
}

#[test]
fn the_words_after_a_misspelt_command_are_not_lost() {
    let mut chat = Chat::private("ru");
    let question = chat.says("/imagin рыжий кот --seed 5").said().clone();
    assert_eq!(question.text, "Такой команды нет. Вы имели в виду /imagine?");
    let drawing = chat.presses(question.button("✅ Да, /imagine")).draws().clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.seed, drawing.reply_to), ("рыжий кот", 5, Some(101)));
    assert_eq!(chat.presses(question.button("✅ Да, /imagine")).toasted(), "Эта кнопка устарела", "once");

    let question = chat.says("/stlye аниме").said().clone();
    chat.presses(question.button("✅ Да, /style")).said();
    assert_eq!(chat.state.style, anime());
    let english = Chat::private("en").says("/imagin a cat").said().clone();
    english.button("✅ Yes, /imagine");
    assert!(Chat::private("ru").says("/halp").said().buttons.is_empty(), "a command alone is a tap away");
}

#[test]
fn a_misspelt_flag_is_corrected_by_a_button() {
    for text in ["кот --stlye аниме --seed 5", "кот —stlye аниме --seed 5", "/imagine кот --stlye аниме --seed 5"]
    {
        let mut chat = Chat::private("ru");
        let question = chat.says(text).said().clone();
        assert_eq!(question.text, "Флага --stlye нет. Вы имели в виду --style?");
        let recipe = chat.presses(question.button("✅ Исправить и нарисовать")).draws().recipe.clone();
        assert_eq!((recipe.prompt(), recipe.style, recipe.seed), ("кот", anime(), 5));
    }
    let answer = Chat::private("ru").says("кот --stlye аниме --sed x").said().clone();
    assert!(answer.buttons.is_empty(), "what is still wrong then can not be drawn: {answer:?}");
    assert!(answer.text.ends_with("Поправьте и пришлите ещё раз."));
}

#[test]
fn an_offer_belongs_to_whoever_made_the_slip() {
    let mut chat = Chat::group();
    let question = chat.says("/imagin@kandinsky_bot кот").said().clone();
    chat.user = BORIS;
    assert_eq!(chat.presses(question.button("✅ Да, /imagine")).toasted(), "Эта кнопка устарела");
    chat.user = ANNA;
    chat.presses(question.button("✅ Да, /imagine")).draws();
}

#[test]
fn a_message_without_words_gets_a_kind_word() {
    let mut chat = Chat::private("ru");
    let kinds = [
        UnsupportedMessage::Sticker,
        UnsupportedMessage::Voice,
        UnsupportedMessage::Video,
        UnsupportedMessage::File,
        UnsupportedMessage::Other,
    ];
    let answers = kinds.map(|kind| chat.happens(Event::UnsupportedMessage(kind)).said().text.clone());
    for (index, answer) in answers.iter().enumerate() {
        assert!(!answers[..index].contains(answer), "{answer}");
    }
}

#[test]
fn again_is_the_same_recipe_with_another_seed() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    let drawing = chat.presses(Press::Again(JobId(3))).draws().clone();
    assert_eq!(drawing.recipe, chat.finished[0].recipe.with_seed(SEED));
    assert_eq!(drawing.reply_to, Some(11), "it answers the same message");
    assert_eq!(drawing.status, StatusMessage::New, "the picture stays");
    assert_eq!(chat.presses(Press::Again(JobId(4))).toasted(), "Эта кнопка устарела");
}

#[test]
fn what_was_cancelled_or_failed_is_drawn_after_all_in_the_same_message() {
    for state in [JobState::Cancelled, JobState::Failed] {
        let mut chat = Chat::private("ru");
        chat.finished.push(summary(3, "кот", chat.id, state));
        assert_eq!(chat.presses(Press::Again(JobId(3))).draws().status, StatusMessage::Pressed);
    }
}

#[test]
fn another_style_draws_the_same_prompt_at_once() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    let picker = chat.presses(Press::Restyles(JobId(3))).said().clone();
    assert_eq!(picker.text, "В каком стиле нарисовать «кот»?");
    let first = chat.presses(Press::RestylePage(JobId(3), 0)).edited().clone();
    let drawing = chat.presses(first.button("Аниме")).draws().clone();
    assert_eq!((drawing.recipe.prompt(), drawing.recipe.style), ("кот", anime()));
    assert_eq!(drawing.status, StatusMessage::Pressed);
    assert_eq!(chat.state.style, Style::default(), "the chat's own style stays");
}

#[test]
fn a_file_is_sent_only_where_it_belongs() {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    assert_eq!(chat.presses(Press::File(JobId(3))).0, [Action::SendFiles(JobId(3))]);
    chat.user = BORIS;
    chat.id = BORIS.0;
    assert_eq!(chat.presses(Press::File(JobId(3))).toasted(), "Эта кнопка устарела", "forged callback data");
}

#[test]
fn anyone_in_a_group_may_draw_again_but_not_see_private_jobs() {
    let mut chat = Chat::group().drawn(3, "кот").waiting(4, "кит", 2);
    chat.jobs.push(OwnJob { job: summary(5, "секрет", PRIVATE, JobState::Queued), position: None });
    let list = chat.says("/queue").said().text.clone();
    assert!(list.contains("кит") && !list.contains("секрет"), "{list}");
    chat.user = BORIS;
    chat.presses(Press::Again(JobId(3))).draws();
}

#[test]
fn other_bots_commands_are_left_alone_in_groups() {
    let mut chat = Chat::group();
    assert!(chat.says("/weather").is_silence());
    assert!(chat.says("/imagin@kandinsky_bot кот").said().text.contains("/imagine"));
    chat.says("/imagine кот").draws();
    assert!(chat.says("/start").said().text.contains("напишите /imagine и описание"));
}

#[test]
fn the_queue_lists_jobs_with_place_time_and_a_button_each() {
    let mut chat = Chat::private("ru").waiting(3, "красное яблоко", 1).waiting(4, "кит", 2);
    chat.jobs[0].job.state = JobState::Running;
    chat.jobs[0].job.progress = 0.42;
    let list = chat.says("/queue").said().clone();
    assert_eq!(
        list.text,
        "В очереди 2 ваших запроса:\n\n1. «красное яблоко»\nРисую… 42\u{a0}%\n2. «кит»\nВаше место в очереди — 2-е. Осталось: 40 секунд."
    );
    let answer = chat.presses(list.button("✖️ 2. кит"));
    assert_eq!(answer.0[0], Action::Cancel(vec![JobId(4)]));
    assert!(answer.edited().text.starts_with("В очереди 1 ваш запрос:"), "{}", answer.edited().text);
    assert_eq!(
        Chat::private("ru").says("/queue").said().text,
        "В очереди нет ваших запросов. Напишите, что нарисовать."
    );
}

#[test]
fn a_hundred_jobs_fit_into_a_message() {
    let mut chat = Chat::private("ru");
    for job in 0..100 {
        chat = chat.waiting(job, &"ё".repeat(1000), 100);
    }
    let list = chat.says("/queue").said().clone();
    assert!(list.text.chars().count() <= 4096);
    assert!(list.text.ends_with("и ещё 90 запросов"), "{}", list.text);
}

#[test]
fn cancel_takes_the_only_job_or_asks_which() {
    assert!(Chat::private("ru").says("/cancel").said().text.starts_with("Отменять нечего"));
    let mut chat = Chat::private("ru").waiting(3, "кот", 1);
    assert_eq!(chat.says("/cancel").0, [Action::Cancel(vec![JobId(3)])]);
    chat = chat.waiting(4, "кит", 2);
    let choice = chat.says("/cancel").said().clone();
    assert!(choice.text.starts_with("Какой запрос отменить?"));
    let answer = chat.presses(choice.button("✖️ Отменить все"));
    assert_eq!(answer.0[0], Action::Cancel(vec![JobId(3), JobId(4)]));
    assert_eq!(chat.presses(Press::Cancel(JobId(3))).0, [Action::Cancel(vec![JobId(3)])]);
}

#[test]
fn buttons_of_another_version_are_stale() {
    let mut chat = Chat::private("ru");
    for data in ["", "0:again:3", "кнопка"] {
        assert_eq!(chat.happens(Event::Press(data.to_owned())).toasted(), "Эта кнопка устарела");
    }
}

#[test]
fn texts_are_shortened_between_letters() {
    assert_eq!(shorten("кот", 3), "кот");
    assert_eq!(shorten("котик", 4), "кот…");
    assert_eq!(shorten("ко тик", 4), "ко…");
    assert_eq!(shorten("🍎🍎", 3), "🍎…");
    assert_eq!(shorten("кот", 0), "…");
}

#[test]
fn small_talk_is_answered_and_drawn_only_if_the_user_insists() {
    let mut chat = Chat::private("ru");
    let answer = chat.says("Привет!").said().clone();
    assert_eq!(answer.text, "Привет! Опишите картинку — нарисую. Например:");
    assert_eq!(answer.buttons[0][0].label, "красное яблоко на синем фоне");
    let drawing = chat.presses(answer.button("🖌 Всё-таки нарисовать")).draws().clone();
    assert_eq!(drawing.recipe.prompt(), "Привет!");
    assert!(chat.says("🎉").said().text.starts_with("Опишите картинку словами"));
    assert_eq!(chat.says("приветливый кот").draws().recipe.prompt(), "приветливый кот");
}
