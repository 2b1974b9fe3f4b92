//! Photos that users send: fetched when they are needed, whatever stands in the way.

use super::*;
use crate::telegram::fake_server::picture;

impl Bot {
    /// Sends a photo.
    fn sends_photo(&self, user: i64, message_id: i32) {
        self.sends_captioned_photo(user, message_id, "");
    }

    /// Sends a photo with words below it.
    pub(super) fn sends_captioned_photo(&self, user: i64, message_id: i32, caption: &str) {
        let mut content = message(user, message_id, "");
        let fields = content.as_object_mut().unwrap();
        fields.remove("text");
        if !caption.is_empty() {
            fields.insert("caption".to_owned(), json!(caption));
        }
        let size = json!({"file_id": "f", "file_unique_id": "u", "file_size": 9, "width": 96, "height": 64});
        fields.insert("photo".to_owned(), json!([size]));
        self.server.update("message", content);
    }

    /// Asks for variations of a photo.
    async fn asks_for_variations(&self) {
        self.says(ANNA, 11, "/variations");
        self.server.call("SendMessage", 1).await;
        self.sends_photo(ANNA, 12);
        let card = self.server.call("SendMessage", 2).await;
        self.presses(ANNA, 2, &card.button("✅ Нарисовать"));
    }
}

#[tokio::test]
async fn a_photo_is_fetched_in_spite_of_flood_control() {
    let bot = Bot::start().await;
    let wait = json!({"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 1}});
    bot.server.fail_with("GetFile", 429, wait);
    bot.asks_for_variations().await;
    for _ in 0..1000 {
        if let Some(job) = bot.store.claim("test", LEASE).await.unwrap() {
            assert_eq!(job.inputs, [picture()]);
            bot.finish(&job.claim, vec![png()]).await;
            return bot.reaches(job.claim.job, JobState::Delivered).await;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the photo was never fetched");
}

#[tokio::test]
async fn a_photo_that_is_gone_is_asked_for_again() {
    let bot = Bot::start().await;
    bot.server.fail("GetFile", 400, "Bad Request: wrong file_id or the file is temporarily unavailable");
    bot.asks_for_variations().await;
    for _ in 0..1000 {
        let said = bot.server.calls("SendMessage");
        if said.iter().any(|call| call.text().starts_with("Не получилось: исходной картинки уже нет."))
        {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody was told: {:?}", bot.server.calls("SendMessage").iter().map(Call::text).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_restart_forgets_no_photo() {
    let mut bot = Bot::start().await;
    let wait = json!({"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 600}});
    bot.server.fail_with("GetFile", 429, wait);
    bot.asks_for_variations().await;
    bot.server.call("GetFile", 1).await;
    bot.sleeps().await;
    bot.store.execute("UPDATE jobs SET fetch_after = 0").await;
    bot.wake();
    bot.draws().await;
}
