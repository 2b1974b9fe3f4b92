//! Buttons in the platform's terms.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup, WebAppInfo};
use url::Url;

use crate::conversation::{Button, EDITOR_LINK, Press};
use crate::jobs::JobId;

/// Where the buttons of the web editor lead.
#[derive(Debug, Clone)]
pub(in crate::telegram) struct EditorLinks {
    /// The page.
    pub(in crate::telegram) page: Url,
    /// The bot's name, for links that lead from groups into the private chat.
    pub(in crate::telegram) bot: String,
}

/// Rows of buttons of a message in a chat as an inline keyboard. No buttons make an empty keyboard, which takes an old one away.
/// Where there is no editor, its buttons are left out.
pub(in crate::telegram) fn keyboard(
    rows: &[Vec<Button>],
    chat_id: i64,
    editor: Option<&EditorLinks>,
) -> InlineKeyboardMarkup {
    let button = |button: &Button| match button.press {
        Press::Editor(picture) => editor.and_then(|editor| editor.button(button, chat_id, picture)),
        press => Some(InlineKeyboardButton::callback(button.label.clone(), press.encode())),
    };
    let rows = rows.iter().map(|row| row.iter().filter_map(button).collect::<Vec<_>>());
    InlineKeyboardMarkup::new(rows.filter(|row| !row.is_empty()))
}

impl EditorLinks {
    /// A button that opens the page. Mini Apps open from private chats alone: one such button in a group makes the platform refuse
    /// the whole message.
    fn button(&self, button: &Button, chat_id: i64, picture: Option<(JobId, u32)>) -> Option<InlineKeyboardButton> {
        let label = button.label.clone();
        if chat_id > 0 {
            let mut page = self.page.clone();
            if let Some((job, index)) = picture {
                page.query_pairs_mut().append_pair("ref", &format!("j{job}.{index}"));
            }
            return Some(InlineKeyboardButton::web_app(label, WebAppInfo { url: page }));
        }
        let picture = picture.map_or_else(String::new, |(job, index)| format!("{job}-{index}"));
        let link = format!("https://t.me/{}?start={EDITOR_LINK}{picture}", self.bot);
        Url::parse(&link).ok().map(|url| InlineKeyboardButton::url(label, url))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rows() -> Vec<Vec<Button>> {
        let button = |press| Button::new("x".to_owned(), press);
        vec![vec![button(Press::Editor(Some((JobId(12), 1))))], vec![button(Press::Help), button(Press::Editor(None))]]
    }

    fn shown(chat_id: i64, editor: Option<&EditorLinks>) -> Value {
        json!(keyboard(&rows(), chat_id, editor))["inline_keyboard"].clone()
    }

    #[test]
    fn the_editor_opens_from_private_chats_and_by_a_link_from_groups() {
        let page = Url::parse("https://draw.example.org/editor/").unwrap();
        let editor = EditorLinks { page, bot: "a_bot".to_owned() };
        let private = shown(7, Some(&editor));
        assert_eq!(private[0][0]["web_app"]["url"], "https://draw.example.org/editor/?ref=j12.1");
        assert_eq!(private[1][1]["web_app"]["url"], "https://draw.example.org/editor/");
        let group = shown(-7, Some(&editor));
        assert_eq!(group[0][0]["url"], "https://t.me/a_bot?start=e_12-1");
        assert!(!group.to_string().contains("web_app"), "one would make the platform refuse the message");
        let none = shown(7, None);
        assert_eq!((none.as_array().unwrap().len(), none[0].as_array().unwrap().len()), (1, 1));
    }
}
