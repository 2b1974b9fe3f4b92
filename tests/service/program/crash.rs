//! The power goes off while a picture is being drawn.

use std::path::Path;
use std::time::{Duration, Instant};

use kandinsky_bot::playground::{Options, Playground};

use crate::support::chat_user::{ChatUser, is_photo, words_of};
use crate::support::program::ProgramProcess;
use crate::support::quiet::{database, when_quiet};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_being_drawn_is_drawn_again_and_delivered_once() {
    let telegram = Playground::start(0, Options::default()).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let anna = ChatUser::new(&telegram.url(), 1, "ru");
    let boris = ChatUser::new(&telegram.url(), 2, "en");

    let program = ProgramProcess::with_telegram(&telegram, data.path());
    anna.says("красное яблоко на синем фоне").await;
    boris.says("a lemon on a green background").await;
    drawing_begins(data.path()).await;
    program.kill();

    let program = ProgramProcess::with_telegram(&telegram, data.path());
    anna.gets_picture("красное яблоко").await;
    boris.gets_picture("a lemon").await;

    for user in [&anna, &boris] {
        let history = when_quiet(data.path(), user).await;
        assert_eq!(history.iter().filter(|message| is_photo(message)).count(), 1, "{history:#?}");
        assert!(!history.iter().any(|message| words_of(message).contains('%')), "a progress message stayed");
    }
    assert!(program.terminate().success());
    telegram.stop().await;
}

/// Waits until a job is being drawn. The chat tells it too, but no sooner than three seconds after the message before, and
/// by then a quick machine has drawn the picture.
async fn drawing_begins(data: &Path) {
    let database = database(data);
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(120) {
        let running = "SELECT count(*) FROM jobs WHERE state = 'running'";
        // Before the program has made its tables there is nothing to ask.
        if sqlx::query_scalar::<_, i64>(running).fetch_one(&database).await.is_ok_and(|jobs| jobs > 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no job is drawn");
}
