//! Whole conversations over HTTP: the bot against a Bot API server, the store in SQLite, pictures drawn by the test.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::fake_server::{self, Call, FakeServer};
use super::{TelegramError, TelegramOptions, serve};
use crate::conversation::Example;
use crate::jobs::{
    Claim, EncodedPicture, Failure, Heartbeat, JobId, JobState, JobStore, LeaseStatus, Outbox, Pace, Queue, Signals,
    Warnings, WorkQueue,
};
use crate::policy::Policy;
use crate::store::sqlite::SqliteStore;

mod crashes;
mod delivering;
mod describing;
mod larger;
mod limits;
mod owner;
mod pauses;
mod photos;
mod places;
mod previews;
mod reading;
mod rules;
mod senders;
mod sizes;
mod status;
mod supervision;
mod troubles;

const LEASE: Duration = Duration::from_secs(60);
const ANNA: i64 = 7;
const BORIS: i64 = 8;

/// A bot that serves, the server that it talks to, and a store whose jobs the test draws itself.
struct Bot {
    server: FakeServer,
    store: Arc<SqliteStore>,
    policy: Arc<Policy>,
    _folder: TempDir,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), TelegramError>>,
}

impl Bot {
    async fn start() -> Self {
        let mut bot = Self::asleep().await;
        bot.wake();
        bot
    }

    async fn asleep() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
        Self { server: FakeServer::start().await, store, policy: Arc::default(), _folder: folder, running: None }
    }

    fn options(&self) -> TelegramOptions {
        TelegramOptions {
            store: JobStore::from(Arc::clone(&self.store)),
            chats: Arc::clone(&self.store) as _,
            admin: Arc::clone(&self.store) as _,
            broadcasts: Arc::clone(&self.store) as _,
            policy: Arc::clone(&self.policy),
            examples: vec![Example { ru: "кит".to_owned(), en: "a whale".to_owned() }],
            native: 768,
            answers_small_talk: false,
            pace: Pace::TELEGRAM,
            api: None,
            editor: None,
        }
    }

    fn wake(&mut self) {
        self.wake_with(self.options());
    }

    fn wake_with(&mut self, options: TelegramOptions) {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(self.server.bot(), options, async { drop(stopped.await) }));
        self.running = Some(Running { stop, task });
    }

    async fn sleeps(&mut self) {
        let Running { stop, task } = self.running.take().unwrap();
        stop.send(()).unwrap();
        task.await.unwrap().unwrap();
    }

    fn says(&self, user: i64, message_id: i32, text: &str) {
        self.server.update("message", message(user, message_id, text));
    }

    /// Presses the button below a message that the bot sent.
    fn presses(&self, user: i64, message_id: i32, data: &str) {
        self.server.update(
            "callback_query",
            json!({
                "id": format!("press-{message_id}-{data}"), "chat_instance": "x", "data": data,
                "from": {"id": user, "is_bot": false, "first_name": "Anna", "language_code": "ru"},
                "message": message(user, message_id, "buttons"),
            }),
        );
    }

    /// Waits until the bot deletes this message; one that is deleted in two places may be deleted twice.
    async fn deletes(&self, message_id: i32) {
        let is_deleted = || {
            let calls = self.server.calls("DeleteMessage");
            calls.iter().any(|call| number(call, "message_id") == i64::from(message_id))
        };
        for _ in 0..500 {
            if is_deleted() {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("{message_id} is not deleted");
    }

    /// Takes the next job as a worker would.
    async fn claim(&self) -> Claim {
        for _ in 0..500 {
            if let Some(job) = self.store.claim("test", LEASE).await.unwrap() {
                return job.claim;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("no job to claim");
    }

    async fn finish(&self, claim: &Claim, pictures: Vec<Vec<u8>>) {
        self.finish_with(claim, pictures, &Warnings::default()).await;
    }

    async fn finish_with(&self, claim: &Claim, pictures: Vec<Vec<u8>>, warnings: &Warnings) {
        let pictures = pictures.into_iter().map(EncodedPicture::new).collect();
        assert_eq!(self.store.finish(claim, pictures, warnings).await.unwrap(), LeaseStatus::Continue);
    }

    /// Draws the next job.
    async fn draws(&self) -> JobId {
        let claim = self.claim().await;
        self.finish(&claim, vec![png()]).await;
        claim.job
    }

    async fn state(&self, job: JobId) -> JobState {
        self.store.job(job).await.unwrap().unwrap().state
    }

    #[track_caller]
    fn reaches(&self, job: JobId, state: JobState) -> impl Future<Output = ()> {
        let queue = Arc::clone(&self.store);
        async move {
            for _ in 0..500 {
                if queue.job(job).await.unwrap().unwrap().state == state {
                    return;
                }
                sleep(Duration::from_millis(10)).await;
            }
            panic!("never {state:?}: {:?}", queue.job(job).await.unwrap());
        }
    }
}

fn message(chat: i64, message_id: i32, text: &str) -> Value {
    json!({
        "message_id": message_id, "date": 1_700_000_000, "text": text,
        "chat": {"id": chat, "type": "private", "first_name": "Anna"},
        "from": {"id": chat, "is_bot": false, "first_name": "Anna", "language_code": "ru"},
    })
}

fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(96, 64).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn reply(call: &Call) -> Option<i64> {
    call.fields.get("reply_parameters")?["message_id"].as_i64()
}

fn number(call: &Call, name: &str) -> i64 {
    let value = &call.fields[name];
    value.as_i64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

async fn seconds(seconds: f64) {
    sleep(Duration::from_secs_f64(seconds)).await;
}

#[tokio::test]
async fn a_message_becomes_a_picture() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "<b>кот</b> & \"шляпа\"");
    let status = bot.server.call("SendMessage", 1).await;
    assert_eq!(status.text(), "Добавил в очередь. Начинаю.");
    assert_eq!(reply(&status), Some(11));
    assert_eq!(status.button("✖️ Отменить"), "1:cancel:1");

    let job = bot.draws().await;
    let photo = bot.server.call("SendPhoto", 1).await;
    let seed = bot.store.job(job).await.unwrap().unwrap().recipe.seed;
    assert_eq!(photo.field("caption"), "«<b>кот</b> & \"шляпа\"» · 96×64");
    assert_eq!(reply(&photo), Some(11));
    assert!(!photo.fields.contains_key("parse_mode"));
    assert_eq!(photo.files[0].0, format!("kandinsky-{seed}.png"));
    assert_eq!(photo.button("🎲 Ещё раз"), "1:again:1");

    // The server counts its messages from here.
    assert_eq!(number(&bot.server.call("DeleteMessage", 1).await, "message_id"), 1001);
    bot.reaches(job, JobState::Delivered).await;
}

#[tokio::test]
async fn progress_is_shown_in_the_status_message() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    let claim = bot.claim().await;
    for progress in [0.1, 0.2, 0.3] {
        assert_eq!(
            bot.store.heartbeat(&claim, Heartbeat { progress, preview: None }, LEASE).await.unwrap(),
            LeaseStatus::Continue
        );
    }
    let edit = bot.server.call("EditMessageText", 1).await;
    assert_eq!(edit.text(), "Рисую… 30\u{a0}%");
    assert_eq!(bot.server.calls("EditMessageText").len(), 1, "one edit for all that happened in three seconds");
}

#[tokio::test]
async fn the_buttons_draw_again_and_send_the_file() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let first = bot.draws().await;
    let photo = bot.server.call("SendPhoto", 1).await;
    bot.presses(ANNA, 50, &photo.button("🎲 Ещё раз"));
    bot.server.call("AnswerCallbackQuery", 1).await;
    let second = bot.draws().await;
    let again = bot.server.call("SendPhoto", 2).await;
    assert_eq!(reply(&again), Some(11));
    let [first, second] = [bot.store.job(first).await, bot.store.job(second).await].map(|job| job.unwrap().unwrap());
    assert_eq!(second.recipe.prompt(), first.recipe.prompt());
    assert_ne!(second.recipe.seed, first.recipe.seed);

    bot.presses(ANNA, 50, &photo.button("📄 Файл"));
    let file = bot.server.call("SendDocument", 1).await;
    assert_eq!(file.files, [(format!("kandinsky-{}.png", first.recipe.seed), png().into())]);
    assert_eq!(reply(&file), Some(50));
    assert_eq!(bot.server.calls("AnswerCallbackQuery").len(), 2);
}

#[tokio::test]
async fn another_style_turns_the_picker_into_the_status_message() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.draws().await;
    let photo = bot.server.call("SendPhoto", 1).await;
    bot.presses(ANNA, 50, &photo.button("🎨 Изменить стиль"));
    let mut picker = bot.server.call("SendMessage", 2).await;
    assert_eq!(picker.text(), "В каком стиле нарисовать «кот»?");
    bot.presses(ANNA, 60, &picker.button("Аниме"));
    picker = bot.server.call("EditMessageText", 1).await;
    assert!(picker.text().starts_with("Добавил в очередь"), "{}", picker.text());
    assert_eq!(number(&picker, "message_id"), 60);
    bot.draws().await;
    assert!(bot.server.call("SendPhoto", 2).await.field("caption").contains("» · Аниме"));
    bot.deletes(60).await;
}

#[tokio::test]
async fn a_job_is_cancelled_once_and_only_by_its_owner() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let status = bot.server.call("SendMessage", 1).await;
    let data = status.button("✖️ Отменить");
    bot.presses(BORIS, 51, &data);
    let answer = bot.server.call("AnswerCallbackQuery", 1).await;
    assert_eq!(answer.text(), "Отменить может только автор запроса.");
    bot.presses(ANNA, 50, &data);
    assert_eq!(bot.server.call("AnswerCallbackQuery", 2).await.text(), "Отменил.");
    let edit = bot.server.call("EditMessageText", 1).await;
    assert_eq!(edit.text(), "Отменено.");
    assert_eq!(edit.button("🖌 Всё-таки нарисовать"), "1:again:1");
    assert_eq!(bot.state(JobId(1)).await, JobState::Cancelled);
    seconds(0.3).await;
    assert_eq!(bot.server.calls("EditMessageText").len(), 1, "it is said once");
}

#[tokio::test]
async fn a_running_job_is_cancelled_too() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    let claim = bot.claim().await;
    bot.says(ANNA, 12, "/cancel");
    assert_eq!(bot.server.call("SendMessage", 2).await.text(), "Останавливаю.");
    assert_eq!(bot.server.call("EditMessageText", 1).await.text(), "Отменено.");
    assert_eq!(
        bot.store.heartbeat(&claim, Heartbeat { progress: 0.5, preview: None }, LEASE).await.unwrap(),
        LeaseStatus::Cancelled
    );
    seconds(0.3).await;
    assert_eq!(bot.server.calls("EditMessageText").len(), 1);
}

#[tokio::test]
async fn an_update_that_comes_twice_is_one_job() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    bot.says(ANNA, 11, "кот");
    bot.says(ANNA, 12, "/queue");
    assert!(bot.server.call("SendMessage", 2).await.text().starts_with("В очереди 1 ваш запрос:"));
}

#[tokio::test]
async fn a_style_is_remembered_over_a_restart() {
    let mut bot = Bot::start().await;
    bot.presses(ANNA, 50, "1:style:anime");
    assert_eq!(bot.server.call("AnswerCallbackQuery", 1).await.text(), "Стиль: Аниме");
    bot.sleeps().await;
    bot.wake();
    bot.says(ANNA, 11, "кот");
    bot.draws().await;
    assert!(bot.server.call("SendPhoto", 1).await.field("caption").contains("» · Аниме"));
}

#[tokio::test]
async fn after_a_restart_it_is_said_once_that_a_drawing_was_interrupted() {
    let mut bot = Bot::start().await;
    for (user, prompt) in [(ANNA, "кот"), (BORIS, "кит")] {
        bot.says(user, 11, prompt);
        bot.server.call("SendMessage", if user == ANNA { 1 } else { 2 }).await;
    }
    seconds(0.2).await;
    bot.sleeps().await;
    // As the store leaves a job that ran when the program was killed.
    bot.store.execute("UPDATE jobs SET progress = 0.4, status_text = NULL WHERE user_id = 7").await;
    bot.wake();
    let edit = bot.server.call("EditMessageText", 1).await;
    assert_eq!(edit.text(), "Бот перезапускался, запрос снова в очереди. Начинаю.");
    assert_eq!(number(&edit, "chat_id"), ANNA);
    bot.draws().await;
    bot.server.call("SendPhoto", 1).await;
    bot.server.call("DeleteMessage", 1).await;
}

#[tokio::test]
async fn a_picture_drawn_while_the_bot_was_down_is_delivered() {
    let mut bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    bot.sleeps().await;
    let job = bot.draws().await;
    bot.wake();
    bot.server.call("SendPhoto", 1).await;
    bot.reaches(job, JobState::Delivered).await;
}

#[tokio::test]
async fn a_chat_that_has_to_wait_delays_nobody() {
    let bot = Bot::start().await;
    let wait = json!({"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 60}});
    bot.server.fail_with("SendMessage", 429, wait);
    for message_id in 0..100 {
        bot.says(ANNA, message_id, "/help");
    }
    bot.server.call("SendMessage", 1).await;
    bot.says(BORIS, 1, "/help");
    assert_eq!(number(&bot.server.call("SendMessage", 2).await, "chat_id"), BORIS);
    bot.presses(ANNA, 50, "1:idle");
    bot.server.call("AnswerCallbackQuery", 1).await;
}

#[tokio::test]
async fn a_wrong_token_ends_it() {
    for (status, description) in [(401, "Unauthorized"), (404, "Not Found")] {
        let mut bot = Bot::asleep().await;
        bot.server.fail("GetMe", status, description);
        bot.wake();
        let outcome = bot.running.take().unwrap().task.await.unwrap();
        assert!(matches!(outcome, Err(TelegramError::WrongToken)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let mut bot = Bot::asleep().await;
    for _ in 0..2 {
        bot.server.fail("GetMe", 200, "Bad Gateway");
    }
    bot.wake();
    bot.server.call("GetUpdates", 1).await;
    assert_eq!(bot.server.calls("GetMe").len(), 3);
}

#[tokio::test]
async fn the_token_is_in_no_error() {
    use teloxide::prelude::Requester;
    let nowhere = url::Url::parse("http://127.0.0.1:9/base").unwrap();
    let bot = super::bot(fake_server::TOKEN, Some(nowhere)).unwrap();
    let error = bot.get_me().await.unwrap_err();
    let (brief, debug) = (super::outbox::fault::brief(&error), format!("{error:?}"));
    assert!(!brief.contains("aaaa") && !debug.contains("aaaa"), "{brief} {debug}");
}

#[tokio::test]
async fn menus_are_set_in_both_languages() {
    let bot = Bot::start().await;
    let calls: Vec<Call> =
        [bot.server.call("SetMyCommands", 1).await, bot.server.call("SetMyCommands", 4).await].into();
    assert_eq!(calls[0].fields["commands"][0], json!({"command": "start", "description": "Menu"}));
    assert_eq!(calls[1].fields["scope"]["type"], "all_group_chats");
    assert_eq!(calls[1].fields["language_code"], "ru");
    assert_eq!(calls[1].fields["commands"][0]["description"], "Нарисовать по тексту");
}

#[tokio::test]
async fn the_end_is_quick_and_tells_the_server_what_was_taken() {
    let mut bot = Bot::start().await;
    bot.says(ANNA, 11, "/help");
    bot.server.call("SendMessage", 1).await;
    let begun = Instant::now();
    bot.sleeps().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let last = bot.server.calls("GetUpdates").pop().unwrap();
    assert!(last.fields["offset"].as_i64().unwrap() > 1000);
}

#[tokio::test]
async fn the_profile_is_set_where_it_differs() {
    let bot = Bot::start().await;
    let russian = bot.server.call("SetMyShortDescription", 2).await;
    assert_eq!(russian.fields["language_code"], "ru");
    assert!(russian.field("short_description").starts_with("Рисую по описанию"));
    assert!(bot.server.call("SetMyDescription", 1).await.field("description").starts_with("Describe a picture"));
    let names = bot.server.calls("SetMyName");
    assert_eq!(names.len(), 1, "the English name was right already");
    assert_eq!(names[0].field("name"), "Кандинский");
}
