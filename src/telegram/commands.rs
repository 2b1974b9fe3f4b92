//! The menu of slash commands.

use teloxide::RequestError;
use teloxide::payloads::{GetMyCommandsSetters, SetMyCommandsSetters};
use teloxide::prelude::{Bot, Requester};
use teloxide::requests::Request;
use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};

use super::outbox::fault::brief;
use crate::conversation::{Command, OwnerCommand, api_keys};
use crate::i18n::Language;
use crate::policy::{KeyMakers, Policy};

/// English without a language code is shown to everybody who has no menu of their own.
const LANGUAGES: [(Language, &str); 2] = [(Language::En, ""), (Language::Ru, "ru")];

/// Brings the menus up to date, one for each kind of chat and language. Menus that are right already are left alone.
pub(super) async fn publish(bot: &Bot, policy: &Policy, has_api: bool) {
    publish_for_all(bot, has_api && policy.key_makers == KeyMakers::Everyone).await;
    for admin in &policy.admins {
        let scope = BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(*admin)) };
        for (language, code) in LANGUAGES {
            let mut commands = menu(&Command::ALL, language);
            let owners = OwnerCommand::ALL.iter();
            commands.extend(owners.map(|command| BotCommand::new(command.name(), command.description(language))));
            commands.extend(key_command(language).filter(|_| has_api && policy.key_makers != KeyMakers::Off));
            if let Err(error) = publish_menu(bot, &scope, code, commands).await {
                // Somebody who never wrote to the bot has no chat yet; the commands work all the same.
                tracing::info!(admin, error = brief(&error), "an admin's menu of commands can not be set");
                break;
            }
        }
    }
}

async fn publish_for_all(bot: &Bot, with_keys: bool) {
    let menus = [(BotCommandScope::Default, &Command::ALL[..]), (BotCommandScope::AllGroupChats, &Command::IN_GROUPS)];
    for (scope, commands) in menus {
        for (language, code) in LANGUAGES {
            let mut commands = menu(commands, language);
            commands.extend(key_command(language).filter(|_| with_keys && scope == BotCommandScope::Default));
            if let Err(error) = publish_menu(bot, &scope, code, commands).await {
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

/// The command of the keys of the HTTP API.
fn key_command(language: Language) -> Option<BotCommand> {
    Some(BotCommand::new(api_keys::COMMAND, api_keys::description(language)))
}

fn menu(commands: &[Command], language: Language) -> Vec<BotCommand> {
    commands.iter().map(|command| BotCommand::new(command.name(), command.description(language))).collect()
}
