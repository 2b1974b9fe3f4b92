//! Whatever is written to the bot, its answers stay within the limits of the platform
//! (<https://core.telegram.org/bots/api#sendmessage>, `#sendphoto`, `#answercallbackquery`).

use super::*;
use crate::conversation::card_press::CardPress;
use crate::pictures::Area;

const TEXT: usize = 4096;
const CAPTION: usize = 1024;
const TOAST: usize = 200;
/// A little more than a message can hold.
const LONG: usize = 5000;

fn long_texts() -> Vec<String> {
    ["я", "🍎", "a ", "{ $x }", "<b>&", "я\n", "--", "—", "-\n", "/", "1"]
        .map(|piece| piece.repeat(LONG / piece.encode_utf16().count()))
        .to_vec()
}

#[track_caller]
fn assert_bounded(answer: &Answer, what: &str) {
    let shown: String = what.chars().take(60).collect();
    let length = |text: &str| text.encode_utf16().count();
    for action in &answer.0 {
        let (length, limit) = match action {
            Action::Say(message) | Action::Edit(message) => (length(&message.text), TEXT),
            Action::ShowMask(mask) => (length(&mask.message.text), CAPTION),
            Action::Toast(text) => (length(text), TOAST),
            _ => continue,
        };
        assert!((1..=limit).contains(&length), "{shown}: {length} of {limit}");
    }
}

/// The names of all commands with their habits, and one that is none.
fn commands() -> Vec<&'static str> {
    let others = ["size", "negative", "seed", "lang", "privacy", "blend", "no", "weather"];
    Command::ALL.iter().map(|command| command.name()).chain(others).collect()
}

fn messages() -> Vec<String> {
    let mut messages = Vec::new();
    for long in long_texts() {
        messages.push(format!("/{long}"));
        messages.push(format!("кот --{long}"));
        messages.push(format!("кот —{long}"));
        messages.extend(commands().iter().map(|name| format!("/{name} {long}")));
        for flag in Flag::ALL {
            messages.push(format!("кот --{} {long}", flag.name()));
            messages.push(format!("кот —{} {long}", flag.name()));
            messages.push(format!("{long} --{} 1", flag.name()));
        }
        messages.push(format!("кот\nБез: {long}"));
        messages.push(long);
    }
    messages
}

#[test]
fn every_answer_to_a_long_message_fits() {
    for message in messages() {
        for client in ["ru", "en"] {
            assert_bounded(&Chat::private(client).says(&message), &message);
        }
    }
}

#[test]
fn every_answer_to_a_long_caption_fits() {
    for message in messages() {
        assert_bounded(&Chat::private("ru").sends("cat", &message), &message);
        let mut chat = Chat::private("ru");
        chat.says("/inpaint");
        assert_bounded(&chat.sends("cat", &message), &message);
    }
}

#[test]
fn every_answer_to_a_long_answer_fits() {
    for message in messages() {
        for asks in [CardPress::Prompt, CardPress::Negative, CardPress::Seed] {
            let mut chat = Chat::private("ru");
            chat.state.classic = true;
            chat.says("кот");
            chat.taps(asks);
            assert_bounded(&chat.says(&message), &message);
        }
        let mut chat = Chat::private("ru").drawn(3, "кот");
        let replied = Replied::Result { job: Box::new(chat.finished[0].clone()), picture: result(JobId(3), 0) };
        assert_bounded(&chat.in_answer_to(replied).says(&message), &message);
        assert_bounded(&chat.in_answer_to(Replied::Picture(photo("cat"))).says(&message), &message);
        assert_bounded(&chat.happens(Event::Press(message.clone())), &message);
    }
}

#[test]
fn the_longest_words_that_are_accepted_fit_wherever_they_are_shown() {
    for letter in ["я", "🍎", "{"] {
        let long = letter.repeat(1000);
        let mut chat = Chat::private("ru").drawn(3, &long).waiting(4, &long, 1).waiting(5, &long, 2);
        chat.state.classic = true;
        chat.recent = (0..9)
            .map(|id| DeliveredJob { job: summary(id, &long, PRIVATE, JobState::Delivered), messages: Vec::new() })
            .collect();
        chat.finished[0].recipe.negative = Some(long.clone());
        for command in ["/queue", "/cancel", "/history", "/settings"] {
            assert_bounded(&chat.says(command), command);
        }
        let words = format!("{long} --no {long}");
        assert_bounded(&chat.says(&format!("/negative {long}")), "/negative");
        assert_bounded(&chat.says(&words), "the card");
        for caption in [&words, &format!("/mix {words}"), &format!("/variations {words}"), &format!("/inpaint {words}")]
        {
            assert_bounded(&chat.sends("cat", caption), caption);
        }
        assert_bounded(&chat.taps(CardPress::Area(Area::Top)), "the mask");
        for press in [
            Press::Info(JobId(3)),
            Press::Restyles(JobId(3)),
            Press::Reprompt(JobId(3)),
            Press::ToCard(JobId(3)),
            Press::Queue,
        ] {
            assert_bounded(&chat.presses(press), "a press");
        }
    }
}
