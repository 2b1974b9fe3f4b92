//! The slash commands: names, aliases, and what a misspelt one may have meant.

use crate::conversation::setting_words::{is_larger, is_what};
use crate::i18n::Language;

/// A slash command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The greeting.
    Start,
    /// Draws the text behind it.
    Imagine,
    /// Mixes pictures and a text.
    Mix,
    /// Variations of a picture.
    Variations,
    /// Changes a picture by a text.
    Change,
    /// Draws a part of a picture anew.
    Inpaint,
    /// Continues a picture beyond its edges.
    Outpaint,
    /// Draws a picture larger.
    Upscale,
    /// Says what a picture shows.
    Describe,
    /// The style of the pictures to come.
    Style,
    /// The chat's settings.
    Settings,
    /// The proportions of the pictures to come.
    Size,
    /// What shall not be in the pictures to come.
    Negative,
    /// The seed of the pictures to come.
    Seed,
    /// The user's jobs.
    Queue,
    /// Cancels a job.
    Cancel,
    /// The user's latest pictures.
    History,
    /// The chat's language.
    Lang,
    /// How to use the bot.
    Help,
    /// The web editor, where there is one.
    Editor,
    /// What is kept of a user.
    Privacy,
    /// Deletes that.
    Forget,
}

/// Names, each with its command, in the order of the menu.
const NAMES: [(&str, Command); 22] = [
    ("start", Command::Start),
    ("imagine", Command::Imagine),
    ("mix", Command::Mix),
    ("variations", Command::Variations),
    ("change", Command::Change),
    ("inpaint", Command::Inpaint),
    ("outpaint", Command::Outpaint),
    ("upscale", Command::Upscale),
    ("describe", Command::Describe),
    ("style", Command::Style),
    ("settings", Command::Settings),
    ("queue", Command::Queue),
    ("cancel", Command::Cancel),
    ("history", Command::History),
    ("help", Command::Help),
    ("size", Command::Size),
    ("negative", Command::Negative),
    ("seed", Command::Seed),
    ("lang", Command::Lang),
    ("editor", Command::Editor),
    ("privacy", Command::Privacy),
    ("forget", Command::Forget),
];

/// Habits from other bots that are obeyed without being advertised.
const ALIASES: [(&str, Command); 13] = [
    ("image", Command::Imagine),
    ("generate", Command::Imagine),
    ("gen", Command::Imagine),
    ("g", Command::Imagine),
    ("draw", Command::Imagine),
    ("blend", Command::Mix),
    ("vary", Command::Variations),
    ("variation", Command::Variations),
    ("styles", Command::Style),
    ("ratio", Command::Size),
    ("no", Command::Negative),
    ("language", Command::Lang),
    ("menu", Command::Start),
];

impl Command {
    /// The commands of the menu in a private chat, in its order.
    pub const ALL: [Self; 16] = [
        Self::Start,
        Self::Imagine,
        Self::Mix,
        Self::Variations,
        Self::Change,
        Self::Inpaint,
        Self::Outpaint,
        Self::Upscale,
        Self::Describe,
        Self::Style,
        Self::Settings,
        Self::Queue,
        Self::Cancel,
        Self::History,
        Self::Help,
        Self::Forget,
    ];

    /// The commands of the menu in a group.
    pub const IN_GROUPS: [Self; 6] = [Self::Imagine, Self::Mix, Self::Change, Self::Queue, Self::Cancel, Self::Help];

    /// The name without the slash.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, command)| *command == self).map_or("start", |(name, _)| name)
    }

    /// The line beside the name in the menu.
    #[must_use]
    pub fn description(self, language: Language) -> String {
        language.text(&format!("command-{}", self.name()))
    }

    /// The command of this name or alias, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let named = NAMES.iter().chain(&ALIASES).find(|(known, _)| *known == name).map(|(_, command)| *command);
        named.or_else(|| is_larger(&name).then_some(Self::Upscale)).or_else(|| is_what(&name).then_some(Self::Describe))
    }

    /// The command whose name is nearest to a misspelt one; `None` if none is near.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        NAMES
            .iter()
            .map(|(known, command)| (strsim::damerau_levenshtein(known, &name), known.len(), *command))
            .filter(|(distance, length, _)| *distance <= length.div_ceil(3))
            .min_by_key(|(distance, ..)| *distance)
            .map(|(.., command)| command)
    }
}

/// Splits `/name@bot argument` into its three parts; `None` if the text is no command.
#[must_use]
pub fn split(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let rest = text.strip_prefix('/')?;
    let (word, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (name, bot) = match word.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (word, None),
    };
    Some((name, bot, argument.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_habits_are_understood() {
        assert_eq!(Command::parse("Start"), Some(Command::Start));
        assert_eq!(Command::parse("gen"), Some(Command::Imagine));
        assert_eq!(Command::parse("Крупнее"), Some(Command::Upscale));
        assert_eq!(Command::parse("Опиши"), Some(Command::Describe));
        assert_eq!(Command::parse("sketch"), None);
    }

    #[test]
    fn a_slip_of_the_finger_finds_its_command() {
        for (slip, meant) in [("halp", "help"), ("stlye", "style"), ("imagin", "imagine"), ("cancle", "cancel")] {
            assert_eq!(Command::nearest(slip).map(Command::name), Some(meant), "{slip}");
        }
        assert_eq!(Command::nearest("weather"), None);
        assert_eq!(Command::nearest("кот"), None);
    }

    #[test]
    fn a_command_has_a_name_a_bot_and_an_argument() {
        assert_eq!(
            split("/imagine@kandinsky_bot кот\nв шляпе "),
            Some(("imagine", Some("kandinsky_bot"), "кот\nв шляпе"))
        );
        assert_eq!(split("/help"), Some(("help", None, "")));
        assert_eq!(split("/"), Some(("", None, "")));
        assert_eq!(split("50/50"), None);
    }

    #[test]
    fn telegram_accepts_the_menu() {
        for command in Command::ALL {
            assert!(command.name().bytes().all(|byte| byte.is_ascii_lowercase()));
            for language in Language::ALL {
                assert!((3..=256).contains(&command.description(language).chars().count()));
            }
        }
    }
}
