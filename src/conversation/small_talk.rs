//! Messages that are no description of a picture: greetings, thanks, questions.
//!
//! A small model would draw a blob for them, so they are answered instead; the full model may be asked for anything.

use std::sync::LazyLock;

use serde::Deserialize;

/// What somebody says who does not describe a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SmallTalk {
    Greeting,
    Thanks,
    Question,
    /// No letter and no digit.
    SignsAlone,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Phrases {
    whole: Vec<String>,
    begins: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Lists {
    greeting: Phrases,
    thanks: Phrases,
    question: Phrases,
}

// The file is part of the program, and a test reads it.
static LISTS: LazyLock<Lists> = LazyLock::new(|| toml::from_str(include_str!("small_talk.toml")).unwrap_or_default());

impl Phrases {
    fn hold(&self, text: &str) -> bool {
        let begins =
            |phrase: &String| text.strip_prefix(phrase).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        self.whole.iter().any(|phrase| phrase == text) || self.begins.iter().any(begins)
    }
}

/// What kind of small talk a message is, if it is any. A blank one is none.
pub(super) fn small_talk(text: &str) -> Option<SmallTalk> {
    let words = plain(text);
    if words.is_empty() {
        return (!text.trim().is_empty()).then_some(SmallTalk::SignsAlone);
    }
    let kinds = [
        (SmallTalk::Greeting, &LISTS.greeting),
        (SmallTalk::Thanks, &LISTS.thanks),
        (SmallTalk::Question, &LISTS.question),
    ];
    let found = kinds.into_iter().find(|(_, phrases)| phrases.hold(&words)).map(|(kind, _)| kind);
    // Who describes a picture seldom asks.
    found.or_else(|| text.trim_end().ends_with('?').then_some(SmallTalk::Question))
}

impl SmallTalk {
    /// The key of the answer.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Greeting => "small-talk-greeting",
            Self::Thanks => "small-talk-thanks",
            Self::Question => "small-talk-question",
            Self::SignsAlone => "small-talk-signs",
        }
    }
}

/// Words in lower case with one space between them; the Russian letters yo and ye count as one.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace('\u{451}', "\u{435}");
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_to_a_bot_is_told_from_what_it_shall_draw() {
        for (text, kind) in [
            ("Привет!", SmallTalk::Greeting),
            ("добрый день", SmallTalk::Greeting),
            ("Hello there", SmallTalk::Greeting),
            ("спасибо!!", SmallTalk::Thanks),
            ("Thank you", SmallTalk::Thanks),
            ("Как тобой пользоваться?", SmallTalk::Question),
            ("что ты умеешь", SmallTalk::Question),
            ("what can you do", SmallTalk::Question),
            ("а котов рисуешь?", SmallTalk::Question),
            ("🎉", SmallTalk::SignsAlone),
            ("—", SmallTalk::SignsAlone),
        ] {
            assert_eq!(small_talk(text), Some(kind), "{text}");
        }
        for text in
            ["кот", "красное яблоко на синем фоне", "приветливый кот", "hello kitty", "какаду", "a cat, thanks", "7"]
        {
            assert_eq!(small_talk(text), None, "{text}");
        }
    }

    #[test]
    fn the_lists_are_written_as_messages_are_compared() {
        let lists: Lists = toml::from_str(include_str!("small_talk.toml")).unwrap();
        for phrases in [lists.greeting, lists.thanks, lists.question] {
            assert!(!phrases.whole.is_empty());
            assert!(phrases.whole.iter().chain(&phrases.begins).all(|phrase| plain(phrase) == *phrase));
        }
    }
}
