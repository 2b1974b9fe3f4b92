//! Formatted text: marks that the bot gave, and those that a client sets by itself (commands, mentions, links).
//!
//! Offsets and lengths are in UTF-16 code units, as in
//! [MessageEntity](https://core.telegram.org/bots/api#messageentity).

use serde::{Deserialize, Serialize};

use super::wire::MessageEntity;

/// Text with its marks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Formatted {
    pub(crate) text: String,
    pub(crate) entities: Vec<MessageEntity>,
}

impl Formatted {
    /// Length as limits count it.
    pub(crate) fn chars(&self) -> usize {
        self.text.chars().count()
    }

    /// Text as a person typed it: trimmed, commands and links marked.
    pub(crate) fn typed(text: &str) -> Self {
        let text = text.trim().to_owned();
        let entities = detect(&text);
        Self { text, entities }
    }

    /// Text with marks that the bot gave, plus the ones that any client adds.
    pub(crate) fn marked(text: &str, entities: Vec<MessageEntity>) -> Self {
        let mut formatted = Self { text: text.to_owned(), entities };
        formatted.trim();
        formatted.add_detected();
        formatted
    }

    /// Cuts white space at both ends, moving the marks along.
    fn trim(&mut self) {
        let cut = utf16_len(&self.text) - utf16_len(self.text.trim_start());
        self.text = self.text.trim().to_owned();
        let end = utf16_len(&self.text);
        for entity in &mut self.entities {
            let stop = (entity.offset + entity.length).saturating_sub(cut).min(end);
            entity.offset = entity.offset.saturating_sub(cut).min(end);
            entity.length = stop - entity.offset;
        }
        self.entities.retain(|entity| entity.length > 0);
    }

    fn add_detected(&mut self) {
        for found in detect(&self.text) {
            let overlaps = |known: &MessageEntity| {
                matches!(known.kind.as_str(), "code" | "pre" | "text_link")
                    && known.offset < found.offset + found.length
                    && found.offset < known.offset + known.length
            };
            if !self.entities.iter().any(overlaps) {
                self.entities.push(found);
            }
        }
        self.entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    }
}

/// Commands (`/start`, `/style@bot`), mentions (`@name`) and web addresses in plain text.
fn detect(text: &str) -> Vec<MessageEntity> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end().trim_end_matches(['.', ',', '!', '?', ';', ':', ')', '"', '»']);
        let kind = if is_command(bare) {
            Some("bot_command")
        } else if is_mention(bare) {
            Some("mention")
        } else if is_address(bare) {
            Some("url")
        } else {
            None
        };
        if let Some(kind) = kind {
            let length = utf16_len(bare);
            found.push(MessageEntity { kind: kind.to_owned(), offset, length, ..MessageEntity::default() });
        }
        offset += utf16_len(word);
    }
    found
}

fn is_command(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(name) = word.strip_prefix('/') else { return false };
    let (name, bot) = name.split_once('@').unwrap_or((name, "bot"));
    (1..=32).contains(&name.len()) && name.chars().all(allowed) && !bot.is_empty() && bot.chars().all(allowed)
}

fn is_mention(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    word.strip_prefix('@').is_some_and(|name| (4..=32).contains(&name.len()) && name.chars().all(allowed))
}

fn is_address(word: &str) -> bool {
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

/// Length in UTF-16 code units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Kind, offset and length of each mark.
#[cfg(test)]
pub(crate) fn marks(formatted: &Formatted) -> Vec<(&str, usize, usize)> {
    formatted.entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_addresses_are_found_in_typed_text() {
        let typed = Formatted::typed("  /start см. https://a.example/x, а не 1/2; @a_bot: a@b.example @ ");
        assert_eq!(marks(&typed), [("bot_command", 0, 6), ("url", 11, 19), ("mention", 42, 6)]);
    }
}
