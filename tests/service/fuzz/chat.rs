//! Users who write, press and send whatever comes to their minds.

use std::time::Duration;

use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::mutation::damaged;
use super::{Fuzz, texts};
use crate::support::chat_user::{ChatUser, Numbered, words_of};
use crate::support::pictures::gradient_png;
use crate::support::test_server::TestServer;

/// Inputs between two looks at the chats.
const ROUND: usize = 40;
/// How long `/help` may take behind a round on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Refusals that a user can cause: the message or the press that is answered may be gone.
const EXPECTED: [&str; 3] = ["query is too old", "message to edit not found", "message to delete not found"];
/// What the help has in every language.
const IN_HELP: &str = "--ar 16:9";
const MIMES: [&str; 5] = ["image/png", "image/jpeg", "image/webp", "application/octet-stream", "text/plain"];
/// Messages that are no words and no pictures, one of them of a kind that does not exist yet.
const ODD_MESSAGES: [&str; 7] = [
    r#"{"location": {"latitude": 1, "longitude": 2}}"#,
    r#"{"dice": {"emoji": "🎲", "value": 3}}"#,
    r#"{"contact": {"phone_number": "1", "first_name": "A"}}"#,
    r#"{"hologram": {"depth": 3}}"#,
    r#"{"pinned_message": {"message_id": 0, "date": 0, "chat": {"id": 1, "type": "private"}}}"#,
    r#"{"text": "кот", "entities": [{"type": "aura", "offset": 0, "length": 3}]}"#,
    r#"{"text": "кот", "entities": [{"type": "bold", "offset": 900, "length": -3}]}"#,
];

struct Chat {
    user: ChatUser,
    id: i64,
    is_private: bool,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "random input, for as long as FUZZ_SECONDS says"]
async fn fuzz_the_chat() {
    let mut fuzz = Fuzz::begin();
    let server = TestServer::start().await;
    let mut round = 0;
    while fuzz.goes_on() {
        round += 1;
        // New users, whom no limit keeps from drawing.
        let (anna, boris) = (1000 + round, 2000 + round);
        let chats = [
            Chat { user: server.user(anna), id: anna, is_private: true },
            Chat { user: server.user(boris).in_group(-100 - round), id: boris, is_private: false },
        ];
        for _ in 0..ROUND {
            let chat = chats.choose(&mut fuzz.random).unwrap();
            act(&mut fuzz, &server, chat).await;
            fuzz.inputs += 1;
        }
        assert_answers(&server, &chats[0].user, fuzz.seed).await;
        assert_answers(&server, &server.user(3000 + round), fuzz.seed).await;
        assert_limits(&server, fuzz.seed);
    }
    fuzz.end("chats");
    server.bot.stop().await;
}

/// `/help` is answered in this chat, after everything else.
async fn assert_answers(server: &TestServer, user: &ChatUser, seed: u64) {
    let asked = user.says("/help").await;
    let answer = user.sees("the help", |message| message.number() > asked && words_of(message).contains(IN_HELP));
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    assert!(answer.is_ok(), "the chat is silent, seed {seed}; refused: {:#?}", server.playground.refusals());
}

/// Nothing that the bot sent was refused, but for what users can cause.
fn assert_limits(server: &TestServer, seed: u64) {
    let mut refused = server.playground.refusals();
    refused.retain(|refusal| !EXPECTED.iter().any(|words| refusal.description.contains(words)));
    assert!(refused.is_empty(), "refused, seed {seed}: {refused:#?}");
}

async fn act(fuzz: &mut Fuzz, server: &TestServer, chat: &Chat) {
    let history = chat.user.history().await;
    let random = &mut fuzz.random;
    match random.random_range(0..12) {
        0..4 => drop(chat.user.says(&texts::text(random)).await),
        4 => match history.choose(random) {
            Some(message) => drop(chat.user.replies(message, &texts::text(random)).await),
            None => drop(chat.user.says(&texts::text(random)).await),
        },
        5 | 6 => press(fuzz, server, chat, &history),
        7 => drop(chat.user.starts_with(&format!("https://t.me/b?start={}", texts::parameter(random))).await),
        8 => type_inline(fuzz, server, chat),
        9 => {
            let (width, height) = (random.random_range(10..200), random.random_range(10..200));
            let caption: String = texts::text(random).chars().take(1024).collect();
            chat.user.sends_photo(&gradient_png(width, height), &caption).await;
        }
        10 => {
            let bytes = damaged(random, &gradient_png(40, 30));
            let caption: String = texts::text(random).chars().take(1024).collect();
            let mime = MIMES.choose(random).unwrap();
            // An empty file is refused by the page.
            let bytes = if bytes.is_empty() { vec![0] } else { bytes };
            chat.user.sends_file("a.png", mime, &bytes, &caption).await;
        }
        _ => send_something_odd(fuzz, server, chat),
    }
}

/// A button below one of the bot's messages, as it is or forged.
fn press(fuzz: &mut Fuzz, server: &TestServer, chat: &Chat, history: &[Value]) {
    let random = &mut fuzz.random;
    let rows = |message: &Value| message["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let with_buttons: Vec<&Value> = history.iter().filter(|message| !rows(message).is_empty()).collect();
    let Some(message) = with_buttons.choose(random) else { return };
    let rows = rows(message);
    let buttons: Vec<&str> = rows
        .iter()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|button| button["callback_data"].as_str())
        .collect();
    let real = buttons.choose(random).copied();
    let data = match real {
        Some(real) if random.random_bool(0.6) => real.to_owned(),
        real => texts::button_data(random, real),
    };
    let press = json!({
        "id": fuzz.inputs.to_string(), "chat_instance": "1", "data": data, "message": message, "from": from(chat),
    });
    server.playground.push_update("callback_query", &press);
}

fn type_inline(fuzz: &mut Fuzz, server: &TestServer, chat: &Chat) {
    let query: String = texts::text(&mut fuzz.random).chars().take(256).collect();
    let offset = if fuzz.random.random_bool(0.3) { texts::parameter(&mut fuzz.random) } else { String::new() };
    let id = fuzz.inputs.to_string();
    let query = json!({"id": id, "from": from(chat), "query": query, "offset": offset});
    server.playground.push_update("inline_query", &query);
}

fn send_something_odd(fuzz: &mut Fuzz, server: &TestServer, chat: &Chat) {
    if !chat.is_private {
        return;
    }
    let mut message: Value = serde_json::from_str(ODD_MESSAGES.choose(&mut fuzz.random).unwrap()).unwrap();
    message["message_id"] = json!(i32::MAX as u64 - fuzz.inputs);
    message["date"] = json!(1_700_000_000);
    message["from"] = from(chat);
    message["chat"] = json!({"id": chat.id, "type": "private", "first_name": "Anna"});
    let kind = *["message", "edited_message"].choose(&mut fuzz.random).unwrap();
    server.playground.push_update(kind, &message);
}

fn from(chat: &Chat) -> Value {
    json!({"id": chat.id, "is_bot": false, "first_name": "Anna", "language_code": "ru"})
}
