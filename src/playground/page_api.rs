//! What the chat page calls. Tests act as a person through the same calls.
//!
//! Everywhere: `user` is a person's number ([`PAGE_USER`](super::server_state::PAGE_USER) if left out; a new number is a new person),
//! `chat` a chat's (the person's private chat if left out; negative numbers are groups), `thread` a topic
//! of a group (it makes the group a forum), `lang` the
//! language of the person's client, remembered and sent to the bot as `language_code`. `message` and
//! `messages` are [Message](https://core.telegram.org/bots/api#message) objects. A refused call has
//! a 4xx status and the Bot API's `{"ok": false, "error_code": …, "description": …}`.
//!
//! | call | takes | gives |
//! |---|---|---|
//! | `POST /page/message` | JSON `{text, reply_to?, chat?, user?, lang?}`; 1–4096 characters | `{message}` |
//! | `POST /page/upload` | multipart: `file` (1–10 times), `as` = `photo` or `file`, `caption?`, `reply_to?`, `album?` = `false`, `chat?`, `user?`, `lang?` | `{messages}` |
//! | `POST /page/start` | JSON `{param?, chat?, user?, lang?}`: follows the link `t.me/bot?start=PARAM`; 1–64 of `A-Za-z0-9_-` | `{message}` |
//! | `POST /page/inline` | JSON `{query, offset?, chat?, user?, lang?}`: types the bot's name and some words; waits 10 s at most | `{inline_query_id, results, next_offset}` |
//! | `POST /page/inline/choose` | JSON `{inline_query_id, result_id, chat?, user?, lang?}`: sends that result | `{message}` |
//! | `POST /page/press` | JSON `{message_id, data, chat?, user?, lang?}`: presses the button with that `callback_data` | `{callback_query_id}` |
//! | `POST /page/block` | JSON `{blocked, user?}`: blocks the bot in the private chat, or no longer; not in releases | `{}` |
//! | `POST /page/clear` | JSON `{chat?, user?}`: deletes all messages of the chat and their files | `{deleted}` |
//! | `POST /page/language` | JSON `{lang, user?}` | `{}` |
//! | `GET /page/history` | `?chat=&user=` | `{messages}`, oldest first |
//! | `GET /page/events` | `?chat=&user=` | server-sent events, see below |
//! | `GET /page/bot` | `?lang=` | `{name, username, description, short_description, commands, known_objects}` |
//! | `GET /page/file/{file_id}` | `?name=` to save it under that name | the bytes |
//! | `GET /page/webapp` | `?url=&theme=&user=&lang=`: opens a Mini App by its button's address, or the one of the header | `{url}` with launch data |
//! | `GET /page/words` | `?lang=` | the page's words, see [`super::words`] |
//! | `GET /page/suggestions` | | `[{ru, en, picture}]`: prompts to offer; `picture`: address of what was drawn for it, or null |
//!
//! Several files in one upload are an album (each item its own update with a shared `media_group_id`)
//! unless `album` is `false`. `as=photo` does what clients do: upright, JPEG, long side at most 1280
//! pixels; `as=file` leaves the bytes alone.
//!
//! Each event is one JSON object in `data:`
//!
//! | `type` | fields |
//! |---|---|
//! | `message`, `edited` | `chat`, `message` |
//! | `deleted` | `chat`, `message_ids` |
//! | `answer` | `chat`, `user`, `callback_query_id`, `text` (empty: nothing to show), `alert` |
//! | `action` | `chat`, `action`: `typing`, `upload_photo`, … for five seconds at most |
//! | `reaction` | `chat`, `message_id`, `emoji` or null |
//! | `profile` | : ask for `/page/bot` again |
//! | `resync` | : events were missed, ask for the history again |

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderName, header};
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::api::errors::ApiError;
use super::api::messages::TEXT_LIMIT;
use super::chat_log::Content;
use super::entities::Formatted;
use super::events::PageEvent;
use super::page_calls::{PageResult, check_reply};
use super::page_user::Who;
use super::profile::ProfileText;
use super::shared::Shared;
use super::{page_inline, page_suggestions, page_upload, photo, words};

/// Characters of a link's parameter ([deep links](https://core.telegram.org/bots/features#deep-linking)).
const START_LIMIT: usize = 64;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/page/message", post(message))
        .route("/page/upload", post(page_upload::upload).layer(DefaultBodyLimit::max(page_upload::SIZE_LIMIT)))
        .route("/page/start", post(start))
        .route("/page/inline", post(page_inline::ask))
        .route("/page/inline/choose", post(page_inline::choose))
        .route("/page/press", post(press))
        .route("/page/language", post(language))
        .route("/page/clear", post(clear))
        .route("/page/history", get(history))
        .route("/page/events", get(events))
        .route("/page/bot", get(bot))
        .route("/page/file/{file_id}", get(file))
        .route("/page/words", get(async |Query(who): Query<Who>| Json(words::words(&who.lang.unwrap_or_default()))))
        .merge(page_suggestions::router())
}

#[derive(Deserialize)]
struct NewMessage {
    #[serde(flatten)]
    who: Who,
    text: String,
    reply_to: Option<i64>,
}

async fn message(State(shared): State<Arc<Shared>>, Json(new): Json<NewMessage>) -> PageResult {
    let text = Formatted::typed(&new.text);
    match text.chars() {
        0 => return Err(ApiError::TextEmpty),
        1..=TEXT_LIMIT => {}
        _ => return Err(ApiError::TextTooLong),
    }
    let mut world = shared.world();
    let chat = new.who.enter(&mut world)?;
    let reply_to = check_reply(&world, chat, new.reply_to)?;
    let draft = new.who.draft(&mut world, Content::Text(text), reply_to);
    Ok(Json(json!({ "message": world.say(chat, draft)? })))
}

#[derive(Deserialize)]
struct Start {
    #[serde(flatten)]
    who: Who,
    #[serde(default)]
    param: String,
}

/// Follows a link to the bot, as a tap on it and then on "Start" does.
async fn start(State(shared): State<Arc<Shared>>, Json(start): Json<Start>) -> PageResult {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if start.param.len() > START_LIMIT || !start.param.chars().all(allowed) {
        return Err(ApiError::StartParam);
    }
    let text = Formatted::typed(&format!("/start {}", start.param));
    let mut world = shared.world();
    let chat = start.who.enter(&mut world)?;
    let draft = start.who.draft(&mut world, Content::Text(text), None);
    Ok(Json(json!({ "message": world.say(chat, draft)? })))
}

#[derive(Deserialize)]
struct Press {
    #[serde(flatten)]
    who: Who,
    message_id: i64,
    data: String,
}

async fn press(State(shared): State<Arc<Shared>>, Json(press): Json<Press>) -> PageResult {
    let mut world = shared.world();
    let chat = press.who.enter(&mut world)?;
    let id = world.press(press.who.user(), chat, press.message_id, &press.data)?;
    Ok(Json(json!({ "callback_query_id": id })))
}

async fn language(State(shared): State<Arc<Shared>>, Json(who): Json<Who>) -> PageResult {
    who.enter(&mut shared.world())?;
    Ok(Json(json!({})))
}

async fn clear(State(shared): State<Arc<Shared>>, Json(who): Json<Who>) -> PageResult {
    let mut world = shared.world();
    let chat = who.enter(&mut world)?;
    Ok(Json(json!({ "deleted": world.clear(chat)? })))
}

async fn history(State(shared): State<Arc<Shared>>, Query(who): Query<Who>) -> PageResult {
    let mut world = shared.world();
    let chat = who.enter(&mut world)?;
    Ok(Json(json!({ "messages": world.chat(chat)?.messages() })))
}

async fn bot(State(shared): State<Arc<Shared>>, Query(who): Query<Who>) -> Json<Value> {
    let world = shared.world();
    let lang = who.lang.as_deref().unwrap_or_default();
    let text = |text| world.profile.text(text, lang).unwrap_or_default();
    let name = world.profile.text(ProfileText::Name, lang).unwrap_or(&world.bot.first_name);
    Json(json!({
        "name": name,
        "username": world.bot.username,
        "description": text(ProfileText::Description),
        "short_description": text(ProfileText::ShortDescription),
        "commands": world.profile.commands_for_person(lang),
        "known_objects": shared.options.known_objects,
        "mini_app": shared.options.mini_apps.is_some(),
    }))
}

async fn events(
    State(shared): State<Arc<Shared>>,
    Query(who): Query<Who>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let (chat, receiver) = {
        let mut world = shared.world();
        (who.enter(&mut world)?, world.events.subscribe())
    };
    let user = who.user();
    let seen = move |event: &PageEvent| {
        event.chat().is_none_or(|c| c == chat) && event.only_for().is_none_or(|only| only == user)
    };
    let stopping = async move { shared.stopping().await };
    let stream = event_stream(receiver, seen).take_until(Box::pin(stopping));
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

fn event_stream(
    receiver: Receiver<PageEvent>,
    seen: impl Fn(&PageEvent) -> bool + Clone,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((receiver, seen), |(mut receiver, seen)| async move {
        loop {
            let json = match receiver.recv().await {
                Ok(event) if seen(&event) => serde_json::to_string(&event).ok(),
                Ok(_) => None,
                Err(RecvError::Lagged(_)) => Some(json!({ "type": "resync" }).to_string()),
                Err(RecvError::Closed) => return None,
            };
            if let Some(json) = json {
                return Some((Ok(Event::default().data(json)), (receiver, seen)));
            }
        }
    })
}

#[derive(Deserialize)]
struct SaveAs {
    name: Option<String>,
}

async fn file(
    State(shared): State<Arc<Shared>>,
    Path(file_id): Path<String>,
    Query(save): Query<SaveAs>,
) -> Result<Response, ApiError> {
    let world = shared.world();
    let file = world.files.get(&file_id).ok_or(ApiError::FileId)?;
    // Only pictures are shown; anything else could be a page that acts in this one's name.
    let shown = save.name.is_none() && photo::sniff(&file.bytes).is_some();
    let name = save.name.as_deref().or(file.name.as_deref()).unwrap_or("file");
    let disposition = if shown { "inline".to_owned() } else { attachment(name) };
    let headers: [(HeaderName, String); 6] = [
        (header::CONTENT_TYPE, file.mime.clone()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    Ok((headers, file.bytes.clone()).into_response())
}

/// `Content-Disposition` with the name in the form of RFC 5987, which takes any alphabet.
fn attachment(name: &str) -> String {
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("attachment; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn file_names_of_any_alphabet_are_saved_under_their_name() {
        assert_eq!(attachment("кот \"1\".png"), "attachment; filename*=UTF-8''%D0%BA%D0%BE%D1%82%20%221%22.png");
    }
}
