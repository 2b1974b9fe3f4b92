//! The state of a chat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::advice::Advised;
use crate::conversation::draft::{Arriving, Draft};
use crate::conversation::mode::Mode;
use crate::conversation::offer::Offer;
use crate::i18n::Language;
use crate::recipe::Ratio;
use crate::styles::Style;

/// The state of one chat; stored as JSON in the chat's row. A field that an older version did not know gets its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatState {
    /// The language that was chosen here; it outranks the language of the user's client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The style of the pictures to come.
    pub style: Style,
    /// Their proportions.
    pub ratio: Ratio,
    /// How many at once.
    pub count: u32,
    /// Their seed, if it is always the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What shall never be in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// Shows the card first, as the official bot did, instead of drawing at once.
    pub classic: bool,
    /// Shows previews while a picture is drawn.
    pub previews: bool,
    /// Translates Russian texts, where the model reads none.
    pub translate: bool,
    /// When it was last advised to write in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advised: Option<Advised>,
    /// What becomes of a picture with a caption: a mix or a change; asked where it was not chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captions: Option<Mode>,
    /// What each user here is putting together.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub drafts: BTreeMap<i64, Draft>,
    /// What each user here probably meant by a slip.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub offers: BTreeMap<i64, Offer>,
    /// How many drafts and offers there have been: their numbers.
    pub drafts_made: u32,
}

impl Default for ChatState {
    fn default() -> Self {
        Self {
            language: None,
            style: Style::default(),
            ratio: Ratio::SQUARE,
            count: 1,
            seed: None,
            negative: None,
            classic: false,
            previews: true,
            translate: true,
            advised: None,
            captions: None,
            drafts: BTreeMap::new(),
            offers: BTreeMap::new(),
            drafts_made: 0,
        }
    }
}

impl ChatState {
    /// The chosen language, else the client's (an IETF tag such as `ru-RU`).
    #[must_use]
    pub fn language_or(&self, client: Option<&str>) -> Language {
        self.language.unwrap_or_else(|| Language::from_code(client))
    }

    /// A new draft with the settings of the chat. A prompt that is drawn at once leaves no trace here, so that nothing has to
    /// be written for it.
    #[must_use]
    pub fn new_draft(&self, mode: Mode) -> Draft {
        Draft::new(self, mode, self.next_number())
    }

    /// A number that no draft has had.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.drafts_made.wrapping_add(1)
    }

    /// Albums that are arriving here: whose, and where.
    pub fn arriving(&self) -> impl Iterator<Item = (i64, &str, &Arriving)> {
        self.drafts.iter().filter_map(|(user, draft)| Some((*user, draft.album.as_deref()?, draft.arriving.as_ref()?)))
    }

    /// Remembers what a user is putting together.
    pub fn keep(&mut self, user: i64, draft: Draft) {
        self.drafts_made = self.drafts_made.max(draft.number);
        self.drafts.insert(user, draft);
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
