//! The menu of slash commands.

use teloxide::RequestError;
use teloxide::payloads::{GetMyCommandsSetters, SetChatMenuButtonSetters, SetMyCommandsSetters};
use teloxide::prelude::{Bot, Requester};
use teloxide::requests::Request;
use teloxide::types::{BotCommand, BotCommandScope, ChatId, MenuButton, Recipient, WebAppInfo};
use url::Url;

use super::outbox::fault::brief;
use crate::conversation::{Command, OwnerCommand, api_keys};
use crate::i18n::Language;
use crate::policy::{KeyMakers, Policy};

/// What stands on the menu button.
const MENU_BUTTON: &str = "🌐";

/// English without a language code is shown to everybody who has no menu of their own.
const LANGUAGES: [(Language, &str); 2] = [(Language::En, ""), (Language::Ru, "ru")];

/// Brings the menus up to date, one for each kind of chat and language. Menus that are right already are left alone.
pub(super) async fn publish(bot: &Bot, policy: &Policy, has_api: bool, has_editor: bool) {
    let mut all = Command::ALL.to_vec();
    all.extend(has_editor.then_some(Command::Editor));
    publish_for_all(bot, &all, has_api && policy.key_makers == KeyMakers::Everyone).await;
    for admin in &policy.admins {
        let scope = BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(*admin)) };
        for (language, code) in LANGUAGES {
            let mut commands = menu(&all, language);
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

/// Puts the web editor beside the field where users write.
pub(super) async fn publish_menu_button(bot: &Bot, page: &Url) {
    // One for all languages.
    let button = MenuButton::WebApp { text: MENU_BUTTON.to_owned(), web_app: WebAppInfo { url: page.clone() } };
    if let Err(error) = bot.set_chat_menu_button().menu_button(button).send().await {
        tracing::warn!(error = brief(&error), "the menu button can not be set");
    }
}

async fn publish_for_all(bot: &Bot, all: &[Command], with_keys: bool) {
    let menus = [(BotCommandScope::Default, all), (BotCommandScope::AllGroupChats, &Command::IN_GROUPS)];
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
