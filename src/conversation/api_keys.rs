//! What is said about a user's keys of the HTTP API.

use crate::conversation::{Button, Message, Press};
use crate::i18n::Language;
use crate::keys::{ApiKey, KEYS_OF_USER, NAME_LIMIT};

/// The command, without the slash.
pub const COMMAND: &str = "key";

const DAY: u64 = 24 * 3600;

/// The line beside the command in the menu.
#[must_use]
pub fn description(language: Language) -> String {
    language.text("command-key")
}

/// The user's keys, each with a button that removes it.
#[must_use]
pub fn list(language: Language, keys: &[ApiKey]) -> Message {
    let new = language.text("key-new");
    if keys.is_empty() {
        return Message::plain(format!("{}\n\n{new}", language.text("key-none")));
    }
    let line = |key: &ApiKey| {
        language.text_with("key-line", [("name", key.name.clone().into()), ("used", used(language, key).into())])
    };
    let lines: Vec<String> = keys.iter().map(line).collect();
    let message = Message::plain(format!("{}\n{}\n\n{new}", language.text("key-list"), lines.join("\n")));
    keys.iter().fold(message, |message, key| {
        let label = language.text_with("button-key-remove", [("name", key.name.clone().into())]);
        message.row([Button::new(label, Press::RemoveKey(key.id))])
    })
}

/// A new key: the only message that shows it.
#[must_use]
pub fn made(language: Language, name: &str, secret: &str, url: &str) -> Message {
    let values =
        [("name", name.to_owned().into()), ("key", secret.to_owned().into()), ("url", format!("{url}/v1").into())];
    Message::plain(language.text_with("key-made", values))
}

/// There is a key of this name.
#[must_use]
pub fn name_taken(language: Language, name: &str) -> Message {
    Message::plain(language.text_with("key-name-taken", [("name", name.to_owned().into())]))
}

/// What was written is no name.
#[must_use]
pub fn bad_name(language: Language) -> Message {
    Message::plain(language.text_with("key-bad-name", [("limit", NAME_LIMIT.into())]))
}

/// The user has as many keys as one may have.
#[must_use]
pub fn too_many(language: Language) -> Message {
    Message::plain(language.text_with("key-too-many", [("count", KEYS_OF_USER.into())]))
}

/// A key is removed: the line over the chat.
#[must_use]
pub fn removed(language: Language, name: &str) -> String {
    language.text_with("key-removed", [("name", name.to_owned().into())])
}

/// A key is nothing for the eyes of a group.
#[must_use]
pub fn in_private(language: Language) -> Message {
    Message::plain(language.text("key-in-private"))
}

/// The API is not served.
#[must_use]
pub fn not_served(language: Language) -> Message {
    Message::plain(language.text("key-not-served"))
}

fn used(language: Language, key: &ApiKey) -> String {
    let Some(used) = key.used_at else { return language.text("key-never-used") };
    match used.elapsed().unwrap_or_default().as_secs() / DAY {
        0 => language.text("key-used-today"),
        days => language.text_with("key-used", [("count", days.into())]),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_list_says_which_keys_are_in_use_and_never_what_they_are() {
        let key = |id, days: Option<u64>| ApiKey {
            id,
            user: Some(7),
            name: format!("program {id}"),
            hour: None,
            day: None,
            created_at: SystemTime::UNIX_EPOCH,
            used_at: days.map(|days| SystemTime::now() - Duration::from_secs(days * DAY + 60)),
        };
        let message = list(Language::Ru, &[key(1, None), key(2, Some(0)), key(3, Some(3))]);
        for line in ["program 1 — ещё не", "program 2 — работал за последние сутки", "program 3 — работал 3 дня назад"]
        {
            assert!(message.text.contains(line), "{}", message.text);
        }
        assert_eq!(message.buttons[1][0].press, Press::RemoveKey(2));
        assert!(list(Language::En, &[]).text.contains("/key Open WebUI"));
    }

    #[test]
    fn a_message_of_every_length_fits() {
        let name = "я".repeat(NAME_LIMIT);
        let text = made(Language::Ru, &name, &crate::keys::new_key(), &"x".repeat(2000)).text;
        assert!(text.chars().count() <= 4096 && text.contains("kb_"), "{text}");
    }
}
