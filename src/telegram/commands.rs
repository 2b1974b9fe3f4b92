//! The menu of slash commands.

use teloxide::RequestError;
use teloxide::payloads::{GetMyCommandsSetters, SetMyCommandsSetters};
use teloxide::prelude::{Bot, Requester};
use teloxide::requests::Request;
use teloxide::types::{BotCommand, BotCommandScope};

use super::fault::brief;
use crate::conversation::Command;
use crate::i18n::Language;

/// Brings the menus up to date, one for each kind of chat and language. Menus that are right already are left alone.
pub(super) async fn publish(bot: &Bot) {
    let menus = [(BotCommandScope::Default, &Command::ALL[..]), (BotCommandScope::AllGroupChats, &Command::IN_GROUPS)];
    for (scope, commands) in menus {
        // English without a language code is shown to everybody who has no menu of their own.
        for (language, code) in [(Language::En, ""), (Language::Ru, "ru")] {
            if let Err(error) = publish_menu(bot, &scope, code, menu(commands, language)).await {
                tracing::warn!(error = brief(&error), "the menu of commands can not be set");
                return;
            }
        }
    }
}

async fn publish_menu(
    bot: &Bot,
    scope: &BotCommandScope,
    code: &str,
    menu: Vec<BotCommand>,
) -> Result<(), RequestError> {
    let known = bot.get_my_commands().scope(scope.clone()).language_code(code).send().await?;
    if known != menu {
        bot.set_my_commands(menu).scope(scope.clone()).language_code(code).send().await?;
    }
    Ok(())
}

fn menu(commands: &[Command], language: Language) -> Vec<BotCommand> {
    commands.iter().map(|command| BotCommand::new(command.name(), command.description(language))).collect()
}
