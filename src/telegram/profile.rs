//! What the bot says about itself: its name, the text in a chat that is still empty, the line on its card.

use teloxide::RequestError;
use teloxide::payloads::{
    GetMyDescriptionSetters, GetMyNameSetters, GetMyShortDescriptionSetters, SetMyDescriptionSetters, SetMyNameSetters,
    SetMyShortDescriptionSetters,
};
use teloxide::prelude::{Bot, Requester};
use teloxide::requests::Request;

use super::outbox::fault::brief;
use crate::i18n::Language;

/// Brings the profile up to date in each language. What is right already is left alone: names may be changed only a few
/// times a day.
pub(super) async fn publish(bot: &Bot) {
    // English without a language code is shown to everybody who has no text of their own.
    for (language, code) in [(Language::En, ""), (Language::Ru, "ru")] {
        let outcomes = [
            publish_name(bot, language.text("bot-name"), code).await,
            publish_description(bot, language.text("bot-description"), code).await,
            publish_short_description(bot, language.text("bot-short-description"), code).await,
        ];
        for error in outcomes.into_iter().filter_map(Result::err) {
            tracing::warn!(error = brief(&error), "a part of the bot's profile can not be set");
        }
    }
}

async fn publish_name(bot: &Bot, name: String, code: &str) -> Result<(), RequestError> {
    if bot.get_my_name().language_code(code).send().await?.name != name {
        bot.set_my_name().name(name).language_code(code).send().await?;
    }
    Ok(())
}

async fn publish_description(bot: &Bot, description: String, code: &str) -> Result<(), RequestError> {
    if bot.get_my_description().language_code(code).send().await?.description != description {
        bot.set_my_description().description(description).language_code(code).send().await?;
    }
    Ok(())
}

async fn publish_short_description(bot: &Bot, description: String, code: &str) -> Result<(), RequestError> {
    if bot.get_my_short_description().language_code(code).send().await?.short_description != description {
        bot.set_my_short_description().short_description(description).language_code(code).send().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_and_within_telegrams_limits() {
        for language in Language::ALL {
            for (key, limit) in [("bot-name", 64), ("bot-description", 512), ("bot-short-description", 120)] {
                let text = language.text(key);
                assert!(!text.contains("bot-") && (1..=limit).contains(&text.chars().count()), "{language:?}: {text}");
            }
        }
    }
}
