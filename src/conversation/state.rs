//! What the conversation remembers of a chat.

use serde::{Deserialize, Serialize};

use crate::i18n::Language;
use crate::styles::Style;

/// The memory of one chat; stored as JSON in the chat's row. A field that an older version did not know gets its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatState {
    /// The language that was chosen here; it outranks the language of the person's client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The style of the pictures to come.
    pub style: Style,
    /// The album that was answered last: each of its pictures arrives as a message of its own, one answer is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_album: Option<String>,
}

impl ChatState {
    /// The chosen language, else the client's (an IETF tag such as `ru-RU`).
    #[must_use]
    pub fn language_or(&self, client: Option<&str>) -> Language {
        self.language.unwrap_or_else(|| Language::from_code(client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_another_version_is_read() {
        let state: ChatState = serde_json::from_str(r#"{"language":"ru","style":"gone","tomorrow":1}"#).unwrap();
        assert_eq!(state, ChatState { language: Some(Language::Ru), ..ChatState::default() });
    }

    #[test]
    fn the_choice_outranks_the_client() {
        let state = ChatState { language: Some(Language::En), ..ChatState::default() };
        assert_eq!(state.language_or(Some("ru")), Language::En);
        assert_eq!(ChatState::default().language_or(Some("ru")), Language::Ru);
    }
}
