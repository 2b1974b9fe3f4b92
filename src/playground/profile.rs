//! What the bot says about itself: name, descriptions and commands, each per language.

use std::collections::HashMap;

use super::wire::BotCommand;

/// Scopes from the narrowest to the widest, as
/// [a client picks commands](https://core.telegram.org/bots/api#determining-list-of-commands) in a private chat.
const PRIVATE_SCOPES: [&str; 2] = ["all_private_chats", "default"];

/// A text of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ProfileText {
    Name,
    Description,
    ShortDescription,
}

impl ProfileText {
    /// Characters at most.
    pub(crate) fn limit(self) -> usize {
        match self {
            Self::Name => 64,
            Self::Description => 512,
            Self::ShortDescription => 120,
        }
    }

    /// Name of the parameter and of the field in the answer.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::ShortDescription => "short_description",
        }
    }
}

/// Texts and commands by language; the empty language serves those without their own.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    texts: HashMap<(ProfileText, String), String>,
    commands: HashMap<(String, String), Vec<BotCommand>>,
    /// The button beside the field where people write.
    pub(crate) menu_button: Option<serde_json::Value>,
}

impl Profile {
    /// Sets a text; an empty one removes it.
    pub(crate) fn set(&mut self, text: ProfileText, language: &str, value: &str) {
        let key = (text, language.to_owned());
        if value.is_empty() {
            self.texts.remove(&key);
        } else {
            self.texts.insert(key, value.to_owned());
        }
    }

    /// The text for a language, or the one for all.
    pub(crate) fn text(&self, text: ProfileText, language: &str) -> Option<&str> {
        let of = |language: &str| self.texts.get(&(text, language.to_owned())).map(String::as_str);
        of(language).or_else(|| of(""))
    }

    /// Sets the commands of one scope and language; an empty list removes them.
    pub(crate) fn set_commands(&mut self, scope: &str, language: &str, commands: Vec<BotCommand>) {
        let key = (scope.to_owned(), language.to_owned());
        if commands.is_empty() {
            self.commands.remove(&key);
        } else {
            self.commands.insert(key, commands);
        }
    }

    /// The commands of exactly this scope and language.
    pub(crate) fn commands(&self, scope: &str, language: &str) -> &[BotCommand] {
        self.commands.get(&(scope.to_owned(), language.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The commands that a person sees in a private chat.
    pub(crate) fn commands_for_person(&self, language: &str) -> &[BotCommand] {
        let candidates = PRIVATE_SCOPES.iter().flat_map(|scope| [(scope, language), (scope, "")]);
        candidates
            .map(|(scope, language)| self.commands(scope, language))
            .find(|commands| !commands.is_empty())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(name: &str) -> Vec<BotCommand> {
        vec![BotCommand { command: name.to_owned(), description: "x".to_owned() }]
    }

    #[test]
    fn a_person_sees_the_narrowest_scope_in_their_language() {
        let mut profile = Profile::default();
        profile.set_commands("default", "", command("start"));
        profile.set_commands("default", "ru", command("menu"));
        assert_eq!(profile.commands_for_person("de"), command("start"));
        assert_eq!(profile.commands_for_person("ru"), command("menu"));
        profile.set_commands("all_private_chats", "", command("draw"));
        assert_eq!(profile.commands_for_person("ru"), command("draw"));
        profile.set_commands("all_private_chats", "", Vec::new());
        assert_eq!(profile.commands_for_person("ru"), command("menu"));
    }
}
