//! What a button does, and its form in callback data.
//!
//! Callback data is 1 to 64 bytes (<https://core.telegram.org/bots/api#inlinekeyboardbutton>) and outlives the program that
//! wrote it, so it begins with a version. Data that can not be read any more is answered kindly, never obeyed.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::conversation::card_press::CardPress;
use crate::conversation::mode::Mode;
use crate::i18n::Language;
use crate::jobs::JobId;
use crate::styles::Style;

const VERSION: &str = "1";

/// What pressing a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Draws a suggested prompt.
    Example(ExampleKey),
    /// Begins one of the modes.
    Begin(Mode),
    /// Shows or changes the chat's settings.
    Settings(SettingsPress),
    /// Something on the card of the draft with this number.
    Card(u32, CardPress),
    /// Waits for a new description of a job's recipe.
    Reprompt(JobId),
    /// Something with one of a job's pictures (from 0).
    Picture(JobId, u32, PicturePress),
    /// Shows everything that decided a job's pictures.
    Info(JobId),
    /// Waits for another English text for a job's recipe.
    English(JobId),
    /// Opens a job's recipe as a card.
    ToCard(JobId),
    /// Makes a link to a job's recipe.
    Share(JobId),
    /// Removes a job's pictures.
    Delete(JobId),
    /// Sends a job's pictures again.
    Resend(JobId),
    /// Takes a job's description of a picture as a prompt.
    Described(JobId, DescribedPress),
    /// The user's latest pictures, from before a job on; 0 for the latest.
    History(i64),
    /// Opens the web editor, with one of a job's pictures (from 0) or with nothing. The front end makes a link of it: it is never
    /// pressed.
    Editor(Option<(JobId, u32)>),
    /// Explains how to use the bot.
    Help,
    /// Opens the style picker.
    Styles,
    /// Turns the style picker to a page (from 0).
    StylePage(usize),
    /// Chooses the style of the pictures to come.
    Style(Style),
    /// Chooses the chat's language.
    Language {
        /// The language.
        language: Language,
        /// What the button stands under; it is written anew in that language.
        under: Under,
    },
    /// Draws a job's recipe again with another seed.
    Again(JobId),
    /// Opens a style picker for a job's recipe.
    Restyles(JobId),
    /// Turns that picker to a page (from 0).
    RestylePage(JobId, usize),
    /// Draws a job's recipe in this style.
    Restyle(JobId, Style),
    /// Sends a job's pictures as files.
    File(JobId),
    /// Cancels a job.
    Cancel(JobId),
    /// Cancels a job in the list of jobs.
    CancelListed(JobId),
    /// Cancels all of the user's jobs.
    CancelAll,
    /// Shows the list of jobs anew.
    Queue,
    /// Does what was probably meant by a slip.
    Meant(u32),
    /// Deletes everything about the user.
    Forget,
    /// Deletes nothing after all.
    ForgetNot,
    /// Sends the owner's message to everybody.
    Broadcast(i64),
    /// Does not send it after all.
    BroadcastNot(i64),
    /// Removes one of the user's keys of the HTTP API.
    RemoveKey(i64),
    /// Nothing: the button only shows something.
    Idle,
}

/// What is done with one of a job's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PicturePress {
    /// Shows the buttons for it.
    Pick,
    /// Draws variations.
    Vary,
    /// Begins a mix.
    Mix,
    /// Begins to draw a part anew.
    Inpaint,
    /// Begins to continue it.
    Outpaint,
    /// Asks how many times as large it shall be.
    Upscale,
    /// Asks whether it shall be deleted.
    AskDelete,
    /// Does not delete it after all.
    Keep,
}

/// What is done with the description of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescribedPress {
    /// Draws it.
    Draw,
    /// Waits for another one, and shows it.
    Edit,
}

/// What is done with the chat's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsPress {
    /// Shows them.
    Show,
    /// Card first or at once.
    Speed,
    /// Previews while drawing, or none.
    Previews,
    /// Translates Russian texts, or not.
    Translate,
    /// What becomes of a picture with a caption: the next of the choices.
    Captions,
    /// One of the parameters, which a card has as well.
    Card(CardPress),
}

impl PicturePress {
    const ALL: [Self; 8] =
        [Self::Pick, Self::Vary, Self::Mix, Self::Inpaint, Self::Outpaint, Self::Upscale, Self::AskDelete, Self::Keep];

    fn word(self) -> &'static str {
        match self {
            Self::Pick => "pick",
            Self::Vary => "vary",
            Self::Mix => "mix",
            Self::Inpaint => "inpaint",
            Self::Outpaint => "outpaint",
            Self::Upscale => "upscale",
            Self::AskDelete => "ask-delete",
            Self::Keep => "keep",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|press| press.word() == word)
    }
}

impl DescribedPress {
    const ALL: [Self; 2] = [Self::Draw, Self::Edit];

    fn word(self) -> &'static str {
        match self {
            Self::Draw => "draw",
            Self::Edit => "edit",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|press| press.word() == word)
    }
}

impl SettingsPress {
    fn encode(self) -> String {
        match self {
            Self::Show => "show".to_owned(),
            Self::Speed => "speed".to_owned(),
            Self::Previews => "previews".to_owned(),
            Self::Translate => "translate".to_owned(),
            Self::Captions => "captions".to_owned(),
            Self::Card(press) => press.encode(),
        }
    }

    fn decode(words: &[&str]) -> Option<Self> {
        Some(match words {
            ["show"] => Self::Show,
            ["speed"] => Self::Speed,
            ["previews"] => Self::Previews,
            ["translate"] => Self::Translate,
            ["captions"] => Self::Captions,
            words => Self::Card(CardPress::decode(words)?),
        })
    }
}

/// A message with a language button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// The greeting.
    Greeting,
    /// The help.
    Help,
    /// The line that names the language.
    Notice,
    /// The settings.
    Settings,
}

/// Names a suggested prompt. The check shows whether it is still the one that stood on the button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExampleKey {
    /// Its place in the list.
    pub index: usize,
    /// The language that it is in.
    pub language: Language,
    /// The first bytes of the SHA-256 of its text.
    pub check: u16,
}

impl Under {
    fn word(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Help => "help",
            Self::Notice => "language",
            Self::Settings => "settings",
        }
    }
}

impl ExampleKey {
    /// The key of a prompt at this place in the list.
    #[must_use]
    pub fn new(index: usize, language: Language, prompt: &str) -> Self {
        let digest = Sha256::digest(prompt.as_bytes());
        Self { index, language, check: u16::from_be_bytes([digest[0], digest[1]]) }
    }
}

impl Press {
    /// The callback data, at most 64 bytes.
    #[must_use]
    pub fn encode(self) -> String {
        let body = match self {
            Self::Example(key) => format!("example:{}:{}:{:04x}", key.index, key.language.code(), key.check),
            Self::Begin(mode) => format!("begin:{}", mode.name()),
            Self::Settings(press) => format!("set:{}", press.encode()),
            Self::Card(number, press) => format!("card:{number}:{}", press.encode()),
            Self::Reprompt(job) => format!("reprompt:{job}"),
            Self::Picture(job, index, press) => format!("{}:{job}:{index}", press.word()),
            Self::Info(job) => format!("info:{job}"),
            Self::English(job) => format!("english:{job}"),
            Self::ToCard(job) => format!("to-card:{job}"),
            Self::Share(job) => format!("share:{job}"),
            Self::Delete(job) => format!("delete:{job}"),
            Self::Resend(job) => format!("resend:{job}"),
            Self::Described(job, press) => format!("described:{job}:{}", press.word()),
            Self::History(before) => format!("history:{before}"),
            Self::Editor(None) => "editor".to_owned(),
            Self::Editor(Some((job, index))) => format!("editor:{job}:{index}"),
            Self::Help => "help".to_owned(),
            Self::Styles => "styles".to_owned(),
            Self::StylePage(page) => format!("styles:{page}"),
            Self::Style(style) => format!("style:{}", style.code()),
            Self::Language { language, under } => format!("{}:{}", under.word(), language.code()),
            Self::Again(job) => format!("again:{job}"),
            Self::Restyles(job) => format!("restyles:{job}"),
            Self::RestylePage(job, page) => format!("restyles:{job}:{page}"),
            Self::Restyle(job, style) => format!("restyle:{job}:{}", style.code()),
            Self::File(job) => format!("file:{job}"),
            Self::Cancel(job) => format!("cancel:{job}"),
            Self::CancelListed(job) => format!("cancel-listed:{job}"),
            Self::CancelAll => "cancel-all".to_owned(),
            Self::Queue => "queue".to_owned(),
            Self::Forget => "forget".to_owned(),
            Self::ForgetNot => "forget-not".to_owned(),
            Self::Broadcast(id) => format!("broadcast:{id}"),
            Self::BroadcastNot(id) => format!("broadcast-not:{id}"),
            Self::Meant(number) => format!("meant:{number}"),
            Self::RemoveKey(id) => format!("key-remove:{id}"),
            Self::Idle => "idle".to_owned(),
        };
        format!("{VERSION}:{body}")
    }

    /// What this callback data asks for; `None` if it is of another version or never was ours.
    #[must_use]
    pub fn decode(data: &str) -> Option<Self> {
        let words: Vec<&str> = data.split(':').collect();
        let (version, words) = words.split_first()?;
        if *version != VERSION {
            return None;
        }
        Some(match words {
            ["example", index, language, check] => Self::Example(ExampleKey {
                index: index.parse().ok()?,
                language: language_of(language)?,
                check: u16::from_str_radix(check, 16).ok()?,
            }),
            ["begin", mode] => Self::Begin(Mode::OFFERED.into_iter().find(|known| known.name() == *mode)?),
            ["set", words @ ..] => Self::Settings(SettingsPress::decode(words)?),
            ["card", number, words @ ..] => Self::Card(number.parse().ok()?, CardPress::decode(words)?),
            ["reprompt", job] => Self::Reprompt(job_of(job)?),
            ["info", job] => Self::Info(job_of(job)?),
            ["english", job] => Self::English(job_of(job)?),
            ["to-card", job] => Self::ToCard(job_of(job)?),
            ["share", job] => Self::Share(job_of(job)?),
            ["delete", job] => Self::Delete(job_of(job)?),
            ["resend", job] => Self::Resend(job_of(job)?),
            ["described", job, word] => Self::Described(job_of(job)?, DescribedPress::of_word(word)?),
            ["history", before] => Self::History(before.parse().ok()?),
            ["editor"] => Self::Editor(None),
            ["editor", job, index] => Self::Editor(Some((job_of(job)?, index.parse().ok()?))),
            ["help"] => Self::Help,
            ["styles"] => Self::Styles,
            ["styles", page] => Self::StylePage(page.parse().ok()?),
            ["style", code] => Self::Style(code.parse().ok()?),
            ["language", code] => Self::Language { language: language_of(code)?, under: Under::Notice },
            ["greeting", code] => Self::Language { language: language_of(code)?, under: Under::Greeting },
            ["settings", code] => Self::Language { language: language_of(code)?, under: Under::Settings },
            ["help", code] => Self::Language { language: language_of(code)?, under: Under::Help },
            ["again", job] => Self::Again(job_of(job)?),
            ["restyles", job] => Self::Restyles(job_of(job)?),
            ["restyles", job, page] => Self::RestylePage(job_of(job)?, page.parse().ok()?),
            ["restyle", job, code] => Self::Restyle(job_of(job)?, code.parse().ok()?),
            ["file", job] => Self::File(job_of(job)?),
            ["cancel", job] => Self::Cancel(job_of(job)?),
            ["cancel-listed", job] => Self::CancelListed(job_of(job)?),
            ["cancel-all"] => Self::CancelAll,
            ["queue"] => Self::Queue,
            ["forget"] => Self::Forget,
            ["forget-not"] => Self::ForgetNot,
            ["broadcast", id] => Self::Broadcast(id.parse().ok()?),
            ["broadcast-not", id] => Self::BroadcastNot(id.parse().ok()?),
            ["meant", number] => Self::Meant(number.parse().ok()?),
            ["key-remove", id] => Self::RemoveKey(id.parse().ok()?),
            ["idle"] => Self::Idle,
            [word, job, index] => Self::Picture(job_of(job)?, index.parse().ok()?, PicturePress::of_word(word)?),
            _ => return None,
        })
    }

    /// The job that the button is about.
    #[must_use]
    pub fn job(self) -> Option<JobId> {
        match self {
            Self::Again(job)
            | Self::Restyles(job)
            | Self::RestylePage(job, _)
            | Self::Restyle(job, _)
            | Self::File(job)
            | Self::Cancel(job)
            | Self::CancelListed(job)
            | Self::Reprompt(job)
            | Self::Picture(job, ..)
            | Self::Info(job)
            | Self::English(job)
            | Self::ToCard(job)
            | Self::Share(job)
            | Self::Delete(job)
            | Self::Resend(job)
            | Self::Described(job, _) => Some(job),
            _ => None,
        }
    }
}

/// As callback data.
impl Serialize for Press {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.encode())
    }
}

impl<'de> Deserialize<'de> for Press {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = String::deserialize(deserializer)?;
        Self::decode(&data).ok_or_else(|| D::Error::custom("callback data of another version"))
    }
}

fn job_of(text: &str) -> Option<JobId> {
    text.parse().ok().map(JobId)
}

fn language_of(code: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|language| language.code() == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::extension::Extension;

    fn every_press() -> Vec<Press> {
        let job = JobId(i64::MAX);
        let mut presses = vec![
            Press::Example(ExampleKey::new(usize::MAX, Language::Ru, "красное яблоко")),
            Press::Help,
            Press::Styles,
            Press::StylePage(2),
            Press::Language { language: Language::Ru, under: Under::Notice },
            Press::Language { language: Language::En, under: Under::Greeting },
            Press::Language { language: Language::En, under: Under::Help },
            Press::Again(job),
            Press::Restyles(job),
            Press::RestylePage(job, 2),
            Press::File(job),
            Press::Cancel(job),
            Press::CancelListed(job),
            Press::CancelAll,
            Press::Queue,
            Press::Forget,
            Press::ForgetNot,
            Press::Broadcast(i64::MAX),
            Press::BroadcastNot(i64::MAX),
            Press::RemoveKey(i64::MAX),
            Press::Idle,
            Press::Language { language: Language::En, under: Under::Settings },
            Press::Card(u32::MAX, CardPress::Extend(Extension::Double)),
            Press::Settings(SettingsPress::Card(CardPress::RandomSeed)),
            Press::Reprompt(job),
            Press::Info(job),
            Press::English(job),
            Press::ToCard(job),
            Press::Share(job),
            Press::Delete(job),
            Press::Resend(job),
            Press::History(i64::MAX),
            Press::Meant(u32::MAX),
        ];
        presses.extend(DescribedPress::ALL.map(|press| Press::Described(job, press)));
        presses.extend(Mode::OFFERED.map(Press::Begin));
        presses.extend(PicturePress::ALL.map(|press| Press::Picture(job, 15, press)));
        presses.extend(
            [
                SettingsPress::Show,
                SettingsPress::Speed,
                SettingsPress::Previews,
                SettingsPress::Translate,
                SettingsPress::Captions,
            ]
            .map(Press::Settings),
        );
        presses.extend(Style::all().map(|style| Press::Card(u32::MAX, CardPress::Style(style))));
        presses.extend(Style::all().flat_map(|style| [Press::Style(style), Press::Restyle(job, style)]));
        presses
    }

    #[test]
    fn every_press_is_read_back_from_64_bytes() {
        for press in every_press() {
            let data = press.encode();
            assert!(data.len() <= 64, "{data}");
            assert_eq!(Press::decode(&data), Some(press), "{data}");
        }
    }

    #[test]
    fn foreign_data_is_not_obeyed() {
        for data in
            ["", "1", "1:", "2:help", "help", "1:again:", "1:again:x", "1:style:gone", "1:styles:-1", "1:help:1"]
        {
            assert_eq!(Press::decode(data), None, "{data:?}");
        }
    }
}
