//! Flags in every mode: whatever was understood is used, or it is said that it can not be.

use super::*;
use crate::conversation::card_press::CardPress;
use crate::pictures::Area;
use crate::recipe::{Margins, PartContent, Task};

/// Every flag with a value that no picture has by itself.
const FLAGS: [(Flag, &str); 8] = [
    (Flag::Ratio, "16:9"),
    (Flag::Negative, "вода"),
    (Flag::Seed, "7"),
    (Flag::Style, "anime"),
    (Flag::Count, "2"),
    (Flag::Steps, "10"),
    (Flag::PictureShare, "0.7"),
    (Flag::Strength, "40"),
];

/// Ways to a picture with flags in the words; each gives all actions, the drawing last.
type Way = fn(&mut Chat, &str) -> Vec<Action>;

const WAYS: [(&str, Way); 13] = [
    ("a prompt", |chat, flags| chat.says(&format!("кит {flags}")).0),
    ("a prompt that was asked for", |chat, flags| {
        chat.presses(Press::Begin(Mode::Draw));
        chat.says(&format!("кит {flags}")).0
    }),
    ("a mix with a text", |chat, flags| {
        chat.says("/mix");
        chat.sends("cat", "");
        card(chat, |chat| chat.says(&format!("кит {flags}")))
    }),
    ("a mix whose text comes first", |chat, flags| {
        chat.says(&format!("/mix кит {flags}"));
        card(chat, |chat| chat.sends("cat", ""))
    }),
    ("a mix of pictures", |chat, flags| {
        chat.says(&format!("/mix {flags}"));
        chat.sends("cat", "");
        card(chat, |chat| chat.sends("hat", ""))
    }),
    ("an album with a text", |chat, flags| {
        chat.sends_in_album("cat", &format!("кит {flags}"), Some("a1"));
        chat.sends_in_album("hat", "", Some("a1"));
        card(chat, |chat| chat.happens(Event::AlbumEnded("a1".to_owned())))
    }),
    ("a caption", |chat, flags| {
        chat.sends("cat", &format!("кит {flags}"));
        card(chat, |chat| chat.taps(CardPress::UseAlways(Mode::Change)))
    }),
    ("a caption of flags alone", |chat, flags| {
        let question = chat.sends("cat", flags).said().text.clone();
        assert_eq!(question, "Картинка у меня. Что с ней сделать?");
        chat.taps(CardPress::Use(Mode::Change));
        card(chat, |chat| chat.says("кит"))
    }),
    ("variations", |chat, flags| card(chat, |chat| chat.sends("cat", &format!("/variations {flags}")))),
    ("a change", |chat, flags| card(chat, |chat| chat.sends("cat", &format!("/change кит {flags}")))),
    ("inpainting", |chat, flags| {
        let mut actions = chat.sends("cat", &format!("/inpaint кит {flags}")).0;
        actions.extend(chat.taps(CardPress::Area(Area::Top)).0);
        actions.extend(chat.taps(CardPress::MaskRight).0);
        actions
    }),
    ("outpainting", |chat, flags| {
        let mut actions = chat.sends("cat", &format!("/outpaint кит {flags}")).0;
        actions.extend(card(chat, |chat| chat.taps(CardPress::Extend(Extension::Left))));
        actions
    }),
    ("another text for a card", |chat, flags| {
        chat.state.classic = true;
        chat.says("кот");
        chat.taps(CardPress::Prompt);
        card(chat, |chat| chat.says(&format!("кит {flags}")))
    }),
];

/// A card is shown, and drawn as it is.
fn card(chat: &mut Chat, shown: impl FnOnce(&mut Chat) -> Answer) -> Vec<Action> {
    let mut actions = shown(chat).0;
    actions.extend(chat.taps(CardPress::Start).0);
    actions
}

/// The tasks of finished pictures.
fn tasks() -> [Task; 6] {
    let mix = vec![PartContent::Picture, PartContent::Text { prompt: "кот".to_owned() }];
    [
        Task::text_to_image("кот").unwrap(),
        Task::mix(mix, None).unwrap(),
        Task::variation(0.0).unwrap(),
        Task::change("кот", 0.5).unwrap(),
        Task::inpaint("кот").unwrap(),
        Task::outpaint("кот", Margins { left: 64, ..Margins::default() }).unwrap(),
    ]
}

/// Words in answer to a picture that was drawn so.
fn answer_to(task: &Task, words: &str) -> Vec<Action> {
    let mut chat = Chat::private("ru").drawn(3, "кот");
    chat.finished[0].recipe.task = task.clone();
    let replied = Replied::Result { job: Box::new(chat.finished[0].clone()), picture: result(JobId(3), 0) };
    chat.in_answer_to(replied).says(words).0
}

fn recipe_of(actions: &[Action]) -> &Recipe {
    match actions.last() {
        Some(Action::Draw(drawing)) => &drawing.recipe,
        other => panic!("no drawing: {other:?}"),
    }
}

fn is_told(actions: &[Action], flag: Flag) -> bool {
    let name = format!("--{} ", flag.name());
    actions.iter().any(|action| matches!(action, Action::Say(message) if message.text.contains(&name)))
}

/// The flag made another recipe, or it is said that it could not; not both.
fn assert_used_or_told(what: &str, flag: Flag, with: &[Action], without: &[Action]) {
    let is_used = recipe_of(with) != recipe_of(without);
    assert_ne!(is_used, is_told(with, flag), "{what}, --{}: used {is_used}; {with:#?}", flag.name());
}

#[test]
fn every_flag_in_every_mode_is_used_or_told() {
    for (what, way) in WAYS {
        let without = way(&mut Chat::private("ru"), "");
        for (flag, value) in FLAGS {
            // Nobody sends a photo with nothing but no flags below it: the baseline says the same.
            let with = way(&mut Chat::private("ru"), &format!("--{} {value}", flag.name()));
            assert_used_or_told(what, flag, &with, &without);
        }
    }
}

#[test]
fn every_flag_in_answer_to_every_kind_of_picture_is_used_or_told() {
    for task in tasks() {
        // Words for a variation change the picture, which has a card of its own: there, flags alone.
        let words = if matches!(task, Task::Variation { .. }) { "" } else { "кит" };
        for (flag, value) in FLAGS {
            let with = answer_to(&task, &format!("{words} --{} {value}", flag.name()));
            // A flag that says nothing new is the baseline.
            let without = answer_to(&task, &format!("{words} --seed {SEED}"));
            assert_used_or_told(&format!("{task:?}"), flag, &with, &without);
        }
    }
}

#[test]
fn all_flags_in_an_answer_to_a_result_count() {
    let words = "a yellow moon --ar 16:9 --style anime --no stars --n 2 --steps 10 --seed 7";
    let actions = answer_to(&tasks()[0], words);
    let recipe = recipe_of(&actions);
    assert_eq!(recipe.prompt(), "a yellow moon");
    assert_eq!(recipe.settings.size.unwrap().to_string(), "1024×576");
    assert_eq!((recipe.style, recipe.negative.as_deref()), (anime(), Some("stars")));
    assert_eq!((recipe.count, recipe.settings.steps, recipe.seed), (2, Some(10), 7));
    assert_eq!(actions.len(), 1, "nothing is to be said: {actions:?}");
}

#[test]
fn flags_alone_in_answer_to_a_result_keep_its_words() {
    let actions = answer_to(&tasks()[0], "--ar 16:9");
    assert_eq!(recipe_of(&actions).prompt(), "кот");
    let card = &answer_to(&tasks()[2], "в шляпе --ar 16:9");
    assert!(is_told(card, Flag::Ratio), "a variation with words is a change: {card:?}");
}

#[test]
fn the_share_of_the_pictures_counts_for_all_of_them() {
    let mut chat = Chat::private("ru");
    chat.sends_in_album("cat", "в тумане --iw 0.8", Some("a1"));
    chat.sends_in_album("hat", "", Some("a1"));
    let card = chat.happens(Event::AlbumEnded("a1".to_owned())).said().text.clone();
    assert!(card.contains("• картинка 1 — 40 %\n• картинка 2 — 40 %\n• текст «в тумане» — 20 %"), "{card}");
}

#[test]
fn words_for_variations_are_not_dropped_in_silence() {
    let mut chat = Chat::private("ru");
    let told = chat.sends("cat", "/variations в шляпе").said().text.clone();
    assert_eq!(told, "Вариации — без слов, так что «в шляпе» я не учту. Изменить картинку по тексту — /change.");
}

#[test]
fn what_is_wrong_with_a_flag_is_explained() {
    let said = |text: &str| Chat::private("ru").says(text).said().text.clone();
    assert_eq!(
        said("кот --strength 2"),
        "«--strength 2» — какая это доля? Напишите её от 0 до 1 или в процентах: --strength 0.7 — то же, что --strength 70%."
    );
    assert!(Chat::private("ru").sends("cat", "a cat --iw 2").said().text.starts_with("«--iw 2» — какая это доля?"));
    assert_eq!(
        said("кот --ar 16:9 --ar 1:1"),
        "Флаг --ar написан дважды, и значения разные. Оставьте одно и пришлите ещё раз."
    );
    let long = format!("кот --no {}", "я".repeat(1001));
    assert!(said(&long).starts_with("В том, что исключить, 1001 символ, а можно не больше 1000."));
    assert!(said("a cat --sitting on a mat").starts_with("Флага --sitting нет."));
    assert_eq!(said("кот --stlye anime"), "Флага --stlye нет. Вы имели в виду --style?");
}
