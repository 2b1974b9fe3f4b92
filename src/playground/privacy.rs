//! What a bot hears in a group: commands, its name, answers to it, its own inline results
//! ([privacy mode](https://core.telegram.org/bots/features#privacy-mode), which is on for every bot at first).

use super::wire::{Message, MessageEntity, User};

/// Whether a message reaches the bot.
pub(crate) fn is_heard(bot: &User, message: &Message) -> bool {
    message.chat.kind == "private" || is_meant_for(bot, message)
}

fn is_meant_for(bot: &User, message: &Message) -> bool {
    let text = message.text.as_deref().or(message.caption.as_deref()).unwrap_or_default();
    let marks = message.entities.iter().chain(&message.caption_entities);
    let is_answer = |answered: &Message| answered.from.id == bot.id || is_meant_for(bot, answered);
    message.via_bot.as_ref().is_some_and(|via| via.id == bot.id)
        || message.reply_to_message.as_deref().is_some_and(is_answer)
        || marks.into_iter().any(|mark| calls(bot, mark, &marked(text, mark)))
}

/// Whether a mark is a command for this bot, or its name.
fn calls(bot: &User, mark: &MessageEntity, text: &str) -> bool {
    let is_bot = |name: &str| bot.username.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
    match mark.kind.as_str() {
        "bot_command" => text.split_once('@').is_none_or(|(_, name)| is_bot(name)),
        "mention" => text.strip_prefix('@').is_some_and(is_bot),
        _ => false,
    }
}

/// The marked stretch of a text.
fn marked(text: &str, mark: &MessageEntity) -> String {
    let units: Vec<u16> = text.encode_utf16().skip(mark.offset).take(mark.length).collect();
    String::from_utf16_lossy(&units)
}
