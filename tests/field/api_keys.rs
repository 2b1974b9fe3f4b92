//! Keys of the HTTP API that users make in the chat.

use std::path::Path;

use reqwest::Client;
use serde_json::{Value, json};

use crate::support::chat_user::{ChatUser, words_of};
use crate::support::program::{ProgramProcess, program};

const OWNER: i64 = 77;

/// The program with the chat page and the API.
struct Served {
    process: ProgramProcess,
    page: String,
}

impl Served {
    fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = program();
        command.args(["--port", "0", "--web-listen", "127.0.0.1:0", "--data"]).arg(data);
        command.env("KANDINSKY_ADMINS", OWNER.to_string()).envs(settings.iter().copied());
        let mut process = ProgramProcess::spawn(&mut command);
        let page = process.line();
        Self { process, page }
    }

    fn user(&self, id: i64) -> ChatUser {
        ChatUser::new(&self.page, id, "ru")
    }
}

/// A key as it is shown, and the address that stands beside it.
fn shown(message: &Value) -> (String, String) {
    let words: Vec<&str> = words_of(message).split_whitespace().collect();
    let found = |start: &str| words.iter().find(|word| word.starts_with(start)).unwrap().to_string();
    (found("kb_"), found("http://").trim_end_matches("/v1").to_owned())
}

/// Asks for something with a key: status and answer.
async fn asks(url: &str, key: &str, path: &str, body: Value) -> (u16, Value) {
    let response = Client::new().post(format!("{url}{path}")).bearer_auth(key).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_user_makes_a_key_draws_with_it_and_removes_it() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path(), &[("KANDINSKY_API", "everyone"), ("KANDINSKY_LIMIT_HOUR", "2")]);
    let anna = served.user(7);
    anna.says("/key").await;
    anna.reads("С ключом рисовать сможет и другая программа").await;
    anna.says("/key Open WebUI").await;
    let (key, url) = shown(&anna.reads("Ключ «Open WebUI» готов").await);
    assert_eq!(key.len(), 46);
    anna.says("/key Open WebUI").await;
    anna.reads("у вас уже есть").await;

    let cat = json!({ "prompt": "кот", "steps": 2, "prior_steps": 2 });
    let (status, answer) = asks(&url, &key, "/v1/images/generations", cat.clone()).await;
    assert_eq!(status, 200, "{answer}");
    // Her limit is one for chat and programs.
    anna.says("кот --steps 2").await;
    anna.gets_picture("кот").await;
    let (status, answer) = asks(&url, &key, "/v1/jobs", cat).await;
    assert_eq!((status, &answer["error"]["code"]), (429, &json!("rate_limit_exceeded")));

    let database = std::fs::read(data.path().join("kandinsky.db")).unwrap();
    let log = std::fs::read(data.path().join("kandinsky.db-wal")).unwrap_or_default();
    let holds = |bytes: &[u8]| bytes.windows(key.len()).any(|window| window == key.as_bytes());
    assert!(!holds(&database) && !holds(&log), "the key is stored");

    anna.says("/history").await;
    let history = anna.reads("1. «кот»").await;
    assert!(!words_of(&history).contains("2. "), "what a program drew is not in the chat's history");
    anna.says("/key").await;
    let list = anna.reads("Ваши ключи").await;
    assert!(words_of(&list).contains("Open WebUI — работал за последние сутки"), "{}", words_of(&list));
    anna.presses(&list, "🗑 Open WebUI").await;
    anna.sees("an empty list", |message| {
        message["message_id"] == list["message_id"] && words_of(message).starts_with("С ключом")
    })
    .await;
    assert_eq!(asks(&url, &key, "/v1/jobs", json!({ "prompt": "кот" })).await.0, 401);
    assert!(served.process.terminate().success());
}

#[tokio::test]
async fn keys_are_the_admins_unless_the_owner_says_otherwise() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path(), &[("KANDINSKY_LIMIT_WAITING", "1")]);
    let (anna, owner) = (served.user(7), served.user(OWNER));
    anna.says("/key script").await;
    anna.reads("Такой команды нет").await;
    owner.in_group(-5).says("/key@kandinsky_playground_bot script").await;
    owner.in_group(-5).reads("напишите мне /key в личные сообщения").await;
    owner.says("/key script").await;
    let (key, url) = shown(&owner.reads("Ключ «script» готов").await);
    for _ in 0..3 {
        let (status, answer) = asks(&url, &key, "/v1/jobs", json!({ "prompt": "лес" })).await;
        assert_eq!(status, 202, "admins have no limits: {answer}");
    }
    owner.says("/queue").await;
    let queue = owner.reads("лес").await;
    owner.presses(&queue, "✖️ 3. лес").await;
    owner
        .sees("two jobs", |message| message["message_id"] == queue["message_id"] && !words_of(message).contains("3. "))
        .await;
    assert!(served.process.terminate().success());
    // A key that was made while keys were allowed opens nothing once they are not.
    let served = Served::start(data.path(), &[("KANDINSKY_API", "off")]);
    let owner = served.user(OWNER);
    owner.says("/key").await;
    owner.reads("Такой команды нет").await;
    let output = program().args(["key", "list", "--data"]).arg(data.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("77/script\t"), "{output:?}");
    assert!(served.process.terminate().success());
}

#[tokio::test]
async fn the_key_of_somebody_who_is_banned_opens_nothing() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path(), &[("KANDINSKY_API", "everyone")]);
    let (anna, owner) = (served.user(7), served.user(OWNER));
    anna.says("/key script").await;
    let (key, url) = shown(&anna.reads("Ключ «script» готов").await);
    owner.says("/ban 7").await;
    owner.reads("доступ закрыт").await;
    let (status, answer) = asks(&url, &key, "/v1/jobs", json!({ "prompt": "кот" })).await;
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("banned")), "{answer}");
    owner.says("/unban 7").await;
    owner.reads("доступ открыт").await;
    assert_eq!(asks(&url, &key, "/v1/jobs", json!({ "prompt": "кот" })).await.0, 202);
    anna.says("/forget").await;
    let question = anna.reads("Удалить всё").await;
    anna.presses(&question, "🗑 Удалить всё").await;
    anna.reads("Готово: я удалил всё").await;
    assert_eq!(asks(&url, &key, "/v1/jobs", json!({ "prompt": "кот" })).await.0, 401, "it is forgotten too");
    assert!(served.process.terminate().success());
}
