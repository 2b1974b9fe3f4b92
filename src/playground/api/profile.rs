//! Who the bot is: `getMe`, names, descriptions, commands.

use serde_json::{Value, json};

use super::Answer;
use super::errors::ApiError;
use super::params::Params;
use crate::playground::events::PageEvent;
use crate::playground::profile::ProfileText;
use crate::playground::shared::Shared;
use crate::playground::wire::BotCommand;

/// `getMe`, with the fields that only this method returns.
pub(super) fn get_me(shared: &Shared) -> Answer {
    let mut me = json!(shared.world().bot);
    for (field, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", true),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        me[field] = json!(value);
    }
    Ok(me)
}

/// `setMyName`, `setMyDescription`, `setMyShortDescription`.
pub(super) fn set_text(shared: &Shared, params: &Params, text: ProfileText) -> Answer {
    let value = params.text(text.field()).unwrap_or_default();
    if value.chars().count() > text.limit() {
        return Err(ApiError::ProfileTooLong(text.field()));
    }
    let mut world = shared.world();
    world.profile.set(text, language(params), value);
    world.publish(PageEvent::Profile);
    Ok(json!(true))
}

/// `getMyName`, `getMyDescription`, `getMyShortDescription`.
pub(super) fn get_text(shared: &Shared, params: &Params, text: ProfileText) -> Answer {
    let world = shared.world();
    let fallback = if text == ProfileText::Name { world.bot.first_name.as_str() } else { "" };
    let value = world.profile.text(text, language(params)).unwrap_or(fallback);
    Ok(json!({ text.field(): value }))
}

/// `setChatMenuButton`, for all private chats.
pub(super) fn set_menu_button(shared: &Shared, params: &Params) -> Answer {
    let button: Value = params.object("menu_button")?.unwrap_or_else(|| json!({ "type": "default" }));
    if !["commands", "web_app", "default"].iter().any(|kind| button["type"] == *kind) {
        return Err(ApiError::Malformed("MenuButton type is unknown".to_owned()));
    }
    if params.integer("chat_id")?.is_none() {
        shared.world().profile.menu_button = Some(button);
    }
    Ok(json!(true))
}

/// `getChatMenuButton`.
pub(super) fn get_menu_button(shared: &Shared, _params: &Params) -> Answer {
    Ok(shared.world().profile.menu_button.clone().unwrap_or_else(|| json!({ "type": "default" })))
}

/// `setMyCommands`.
pub(super) fn set_commands(shared: &Shared, params: &Params) -> Answer {
    let mut commands: Vec<BotCommand> = params.object("commands")?.ok_or(ApiError::Missing("commands"))?;
    for command in &mut commands {
        // Client libraries may leave the slash on; the server does not mind it.
        command.command = command.command.trim_start_matches('/').to_owned();
    }
    if commands.len() > 100 {
        return Err(ApiError::Malformed("BOT_COMMANDS_TOO_MUCH".to_owned()));
    }
    commands.iter().try_for_each(check_command)?;
    store_commands(shared, params, commands)
}

/// `deleteMyCommands`.
pub(super) fn delete_commands(shared: &Shared, params: &Params) -> Answer {
    store_commands(shared, params, Vec::new())
}

/// `getMyCommands`: of exactly this scope and language.
pub(super) fn get_commands(shared: &Shared, params: &Params) -> Answer {
    let scope = scope(params)?;
    Ok(json!(shared.world().profile.commands(&scope, language(params))))
}

fn store_commands(shared: &Shared, params: &Params, commands: Vec<BotCommand>) -> Answer {
    let scope = scope(params)?;
    let mut world = shared.world();
    world.profile.set_commands(&scope, language(params), commands);
    world.publish(PageEvent::Profile);
    Ok(json!(true))
}

fn check_command(command: &BotCommand) -> Result<(), ApiError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !(1..=32).contains(&command.command.len()) || !command.command.chars().all(allowed) {
        return Err(ApiError::Command);
    }
    if !(1..=256).contains(&command.description.chars().count()) {
        return Err(ApiError::CommandDescription);
    }
    Ok(())
}

fn language(params: &Params) -> &str {
    params.text("language_code").unwrap_or_default()
}

/// The scope as one word; scopes of one chat carry its number.
fn scope(params: &Params) -> Result<String, ApiError> {
    let scope: Value = params.object("scope")?.unwrap_or_else(|| json!({ "type": "default" }));
    let kind = scope["type"].as_str().ok_or(ApiError::Invalid("scope"))?;
    Ok(scope.get("chat_id").map_or_else(|| kind.to_owned(), |chat| format!("{kind}:{chat}")))
}
