//! Whole chats, as people have them.

use std::time::Duration;

use super::*;
use crate::i18n::Language;
use crate::jobs::{Address, JobId, JobState, JobSummary, Place, Remarks, Requester};
use crate::recipe::Recipe;
use crate::styles::Style;

const ANNA: Requester = Requester(7);
const BORIS: Requester = Requester(8);
const PRIVATE: i64 = 7;
const GROUP: i64 = -100;
const SEED: u64 = 42;

/// A chat with the bot, in which one event follows another.
struct Chat {
    id: i64,
    person: Requester,
    client: &'static str,
    state: ChatState,
    jobs: Vec<OwnJob>,
    finished: Vec<JobSummary>,
    messages: i32,
}

impl Chat {
    fn private(client: &'static str) -> Self {
        Self {
            id: PRIVATE,
            person: ANNA,
            client,
            state: ChatState::default(),
            jobs: Vec::new(),
            finished: Vec::new(),
            messages: 100,
        }
    }

    fn group() -> Self {
        Self { id: GROUP, ..Self::private("ru") }
    }

    /// Anna's job waits in this chat.
    fn waiting(mut self, job: i64, prompt: &str, position: usize) -> Self {
        let job = summary(job, prompt, self.id, JobState::Queued);
        self.jobs.push(OwnJob {
            job,
            place: Some(Place { position, estimate: Some(Duration::from_secs(40)), is_paused: false }),
        });
        self
    }

    /// Anna's job was drawn in this chat.
    fn drawn(mut self, job: i64, prompt: &str) -> Self {
        self.finished.push(summary(job, prompt, self.id, JobState::Delivered));
        self
    }

    fn says(&mut self, text: &str) -> Answer {
        match split_command(text) {
            Some((name, bot, argument)) => self.happens(Event::Command {
                name: name.to_owned(),
                argument: argument.to_owned(),
                addressed: bot.is_some() || self.id > 0,
            }),
            None => self.happens(Event::Text(text.to_owned())),
        }
    }

    fn presses(&mut self, press: Press) -> Answer {
        self.happens(Event::Press(press.encode()))
    }

    fn happens(&mut self, event: Event) -> Answer {
        self.messages += 1;
        let examples = examples();
        let jobs = if event.concerns_queue() { self.jobs.as_slice() } else { &[] };
        let job = event.concerned_job().and_then(|id| self.finished.iter().find(|job| job.id == id));
        let around = Surroundings {
            chat_id: self.id,
            person: self.person,
            client_language: Some(self.client),
            message_id: self.messages,
            seed: SEED,
            examples: &examples,
            jobs,
            job,
        };
        let response = respond(&self.state, &event, &around);
        self.state = response.state;
        Answer(response.actions)
    }
}

/// What the bot did.
#[derive(Debug)]
struct Answer(Vec<Action>);

impl Answer {
    #[track_caller]
    fn said(&self) -> &Message {
        let said = self.0.iter().find_map(|action| match action {
            Action::Say(message) => Some(message),
            _ => None,
        });
        said.unwrap_or_else(|| panic!("nothing was said: {self:?}"))
    }

    #[track_caller]
    fn edited(&self) -> &Message {
        let edited = self.0.iter().find_map(|action| match action {
            Action::Edit(message) => Some(message),
            _ => None,
        });
        edited.unwrap_or_else(|| panic!("nothing was edited: {self:?}"))
    }

    #[track_caller]
    fn toasted(&self) -> &str {
        let toast = self.0.iter().find_map(|action| match action {
            Action::Toast(text) => Some(text),
            _ => None,
        });
        toast.unwrap_or_else(|| panic!("no toast: {self:?}"))
    }

    #[track_caller]
    fn draws(&self) -> &Drawing {
        match self.0.as_slice() {
            [Action::Draw(drawing)] => drawing,
            other => panic!("nothing but a drawing was expected: {other:?}"),
        }
    }

    fn is_silence(&self) -> bool {
        self.0.is_empty()
    }
}

impl Message {
    #[track_caller]
    fn button(&self, label: &str) -> Press {
        let found = self.buttons.iter().flatten().find(|button| button.label == label);
        found.unwrap_or_else(|| panic!("no button {label:?}: {:?}", self.buttons)).press
    }
}

fn examples() -> Vec<Example> {
    [("красное яблоко на синем фоне", "a red apple on a blue background"), ("кит", "a whale")]
        .map(|(ru, en)| Example { ru: ru.to_owned(), en: en.to_owned() })
        .to_vec()
}

fn summary(id: i64, prompt: &str, chat_id: i64, state: JobState) -> JobSummary {
    JobSummary {
        id: JobId(id),
        requester: ANNA,
        address: Address {
            chat_id,
            thread_id: None,
            request_message_id: Some(11),
            status_message_id: Some(12),
            language: Language::Ru,
        },
        recipe: Recipe::text_to_image(prompt, 5).unwrap(),
        state,
        progress: 0.0,
        remarks: Remarks::default(),
    }
}

fn anime() -> Style {
    "anime".parse().unwrap()
}

#[test]
fn plain_text_is_drawn_at_once() {
    let mut chat = Chat::private("ru");
    let drawing = chat.says(" красное яблоко \n").draws().clone();
    assert_eq!(drawing.recipe, Recipe::text_to_image("красное яблоко", SEED).unwrap());
    assert_eq!(drawing.reply_to, Some(101));
    assert_eq!(drawing.status, StatusMessage::New);
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
    assert!(help.text.contains("/imagine — Draw from a description"));
    assert!(chat.presses(help.button("🌐 Русский")).edited().text.contains("/imagine — Нарисовать по описанию"));
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
        "В описании 1001 символ, а я прочту не больше 1000. Сократите, пожалуйста, и пришлите ещё раз."
    );
    assert!(chat.says(&"я".repeat(1002)).said().text.contains("1002 символа,"));
    assert!(chat.says(&"я".repeat(1005)).said().text.contains("1005 символов,"));
    let english = Chat::private("en").says(&"a".repeat(1001)).said().text.clone();
    assert!(english.starts_with("Your description has 1001 characters, and I can read at most 1000."), "{english}");
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
    assert_eq!(chat.says("/halp").said().text, "Такой команды нет. Может быть, /help?");
    assert_eq!(chat.says("/погода").said().text, "Такой команды нет. Всё, что я умею, — в /help.");
    assert!(chat.says("/").said().text.starts_with("Такой команды нет."));
}

#[test]
fn a_message_without_words_gets_a_kind_word() {
    let mut chat = Chat::private("ru");
    let kinds = [Wordless::Sticker, Wordless::Voice, Wordless::Video, Wordless::File, Wordless::Other];
    let answers = kinds.map(|kind| chat.happens(Event::Wordless(kind)).said().text.clone());
    for (index, answer) in answers.iter().enumerate() {
        assert!(!answers[..index].contains(answer), "{answer}");
    }
    assert!(chat.happens(Event::Photo { album: None }).said().text.starts_with("Красиво!"));
}

#[test]
fn an_album_is_answered_once() {
    let mut chat = Chat::private("ru");
    let photo = || Event::Photo { album: Some("a1".to_owned()) };
    chat.happens(photo()).said();
    assert!(chat.happens(photo()).is_silence());
    chat.happens(Event::Photo { album: Some("a2".to_owned()) }).said();
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
    chat.person = BORIS;
    chat.id = BORIS.0;
    assert_eq!(chat.presses(Press::File(JobId(3))).toasted(), "Эта кнопка устарела", "forged callback data");
}

#[test]
fn anyone_in_a_group_may_draw_again_but_not_see_private_jobs() {
    let mut chat = Chat::group().drawn(3, "кот").waiting(4, "кит", 2);
    chat.jobs.push(OwnJob { job: summary(5, "секрет", PRIVATE, JobState::Queued), place: None });
    let list = chat.says("/queue").said().text.clone();
    assert!(list.contains("кит") && !list.contains("секрет"), "{list}");
    chat.person = BORIS;
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
        "У вас 2 задания:\n\n1. «красное яблоко»\nРисую… 42\u{a0}%\n2. «кит»\nВаше место — 2-е, примерно 40 секунд."
    );
    let answer = chat.presses(list.button("✖️ 2. кит"));
    assert_eq!(answer.0[0], Action::Cancel(vec![JobId(4)]));
    assert!(answer.edited().text.starts_with("У вас 1 задание:"), "{}", answer.edited().text);
    assert_eq!(
        Chat::private("ru").says("/queue").said().text,
        "У вас нет заданий в очереди. Напишите, что нарисовать."
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
    assert!(list.text.ends_with("и ещё 90 заданий"), "{}", list.text);
}

#[test]
fn cancel_takes_the_only_job_or_asks_which() {
    assert!(Chat::private("ru").says("/cancel").said().text.starts_with("Отменять нечего"));
    let mut chat = Chat::private("ru").waiting(3, "кот", 1);
    assert_eq!(chat.says("/cancel").0, [Action::Cancel(vec![JobId(3)])]);
    chat = chat.waiting(4, "кит", 2);
    let choice = chat.says("/cancel").said().clone();
    assert!(choice.text.starts_with("Какое задание отменить?"));
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
