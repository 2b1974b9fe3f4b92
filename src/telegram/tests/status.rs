//! Status messages: nothing is told twice, and what is told is true.

use super::*;

#[tokio::test]
async fn a_job_that_is_cancelled_while_its_picture_is_ready_brings_no_picture() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let status = bot.server.call("SendMessage", 1).await;
    let claim = bot.claim().await;
    bot.presses(ANNA, 1001, &status.button("✖️ Отменить"));
    bot.hears("EditMessageText", "Отменено.").await;
    let pictures = vec![EncodedPicture::new(png())];
    assert_eq!(bot.store.finish(&claim, pictures, &Warnings::default()).await.unwrap(), LeaseStatus::Cancelled);
    assert_eq!(bot.state(claim.job).await, JobState::Cancelled);
    seconds(0.5).await;
    assert!(bot.server.calls("SendPhoto").is_empty());
    assert!(crate::jobs::Archive::picture_infos(&*bot.store, claim.job).await.unwrap().is_empty());
    assert_eq!(bot.server.calls("EditMessageText").len(), 1);
}

#[tokio::test]
async fn a_job_that_is_cancelled_at_once_is_told_so_once() {
    let bot = Bot::start().await;
    for number in 0..20 {
        bot.says(ANNA, 11 + 2 * number, "кот");
        bot.says(ANNA, 12 + 2 * number, "/cancel");
    }
    for _ in 0..300 {
        if bot.store.pending_count().await.unwrap() == 0 && bot.store.stats().await.unwrap().jobs == 20 {
            break;
        }
        seconds(0.02).await;
    }
    seconds(1.0).await;
    let mut edited: Vec<i64> =
        bot.server.calls("EditMessageText").iter().map(|call| number(call, "message_id")).collect();
    let all = edited.len();
    edited.sort_unstable();
    edited.dedup();
    assert_eq!(all, edited.len(), "each message once");
}

#[tokio::test]
async fn over_restarts_a_waiting_job_is_told_what_changed_and_nothing_else() {
    let mut bot = Bot::start().await;
    for (user, prompt) in [(ANNA, "кот"), (BORIS, "кит")] {
        bot.says(user, 11, prompt);
        bot.server.call("SendMessage", if user == ANNA { 1 } else { 2 }).await;
    }
    seconds(0.3).await;
    // The first is interrupted; after that the program begins again and again, and nobody draws.
    bot.claim().await;
    bot.server.call("EditMessageText", 1).await;
    seconds(0.3).await;
    for _ in 0..3 {
        bot.restarts().await;
        bot.server_loads(true);
        seconds(0.3).await;
    }
    let edits = bot.server.calls("EditMessageText");
    let mut told = std::collections::HashMap::new();
    for edit in &edits {
        let before = told.insert((number(edit, "chat_id"), number(edit, "message_id")), edit.text().to_owned());
        assert_ne!(before.as_deref(), Some(edit.text()), "an edit that changes nothing");
    }
    let interrupted: Vec<_> = edits.iter().filter(|edit| edit.text().contains("перезапускался")).collect();
    assert_eq!(interrupted.len(), 1, "{:?}", edits.iter().map(Call::text).collect::<Vec<_>>());
    assert_eq!(number(interrupted[0], "chat_id"), ANNA);
}

impl Bot {
    /// The program ends and begins again with the same data.
    async fn restarts(&mut self) {
        self.sleeps().await;
        self.server_loads(false);
        // As at each start.
        self.store.execute("UPDATE jobs SET state = 'queued', worker = NULL WHERE state = 'running'").await;
        self.wake();
        seconds(0.3).await;
    }

    fn server_loads(&self, is_loading: bool) {
        self.store.set_loading(is_loading);
    }
}
