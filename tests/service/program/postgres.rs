//! The program with its store in PostgreSQL.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::chat_user::{ChatUser, is_photo};
use crate::support::postgres_server::Schema;
use crate::support::program::{ProgramProcess, complaint, program};

/// A step of the miniature takes a moment on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn start(schema: &Schema, data: &Path) -> (ProgramProcess, ChatUser) {
    let mut command = program();
    command.env("KANDINSKY_DATABASE_URL", schema.url()).args(["--port", "0", "--data"]).arg(data);
    let mut server = ProgramProcess::spawn(&mut command);
    let page = server.line();
    (server, ChatUser::new(&page, 2, "ru"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_bot_draws_and_remembers_in_postgres() {
    let Some(schema) = Schema::new() else { return };
    let data = tempfile::tempdir().unwrap();
    let (server, anna) = start(&schema, data.path());
    anna.says("красное яблоко на синем фоне").await;
    anna.gets_picture("красное яблоко").await;
    let added = program().args(["key", "add", "webui"]).env("KANDINSKY_DATABASE_URL", schema.url()).output().unwrap();
    assert!(added.status.success(), "{}", complaint(&added));
    assert_eq!(schema.run("SELECT name FROM api_keys"), "webui");
    assert!(server.terminate().success());
    assert!(!data.path().join("kandinsky.db").exists(), "nothing is kept in the folder");
    assert_eq!(schema.run("SELECT count(*) FROM processes"), "0", "it has left");

    // The same chat goes on, with the history of before.
    let (server, anna) = start(&schema, data.path());
    anna.says("/history").await;
    let shown = anna.sees("the history", |message| is_photo(message) || message.to_string().contains("яблоко")).await;
    assert!(shown.to_string().contains("яблоко"), "{shown:#}");
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_named_without_its_password() {
    let data = tempfile::tempdir().unwrap();
    let url = "postgres://somebody:secret@127.0.0.1:1/nowhere";
    let output = program().args(["--database", url, "--port", "0", "--data"]).arg(data.path()).output().unwrap();
    let complaint = complaint(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("nowhere at 127.0.0.1") && !complaint.contains("secret"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_draws_what_was_asked_for_in_the_chat_of_another_process() {
    let Some(schema) = Schema::new() else { return };
    let (data, of_worker) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, anna) = start(&schema, data.path());
    // A paused queue, so that the bot draws nothing itself.
    schema.run("INSERT INTO settings VALUES ('paused', '')");
    anna.says("жёлтый лимон").await;
    anna.reads("Бот на паузе").await;
    assert!(server.terminate().success());
    schema.run("DELETE FROM settings WHERE key = 'paused'");

    let mut command = program();
    command.args(["worker", "--data"]).arg(of_worker.path()).env("KANDINSKY_DATABASE_URL", schema.url());
    let worker = ProgramProcess::spawn(&mut command);
    let begun = Instant::now();
    while schema.run("SELECT state FROM jobs") != "drawn" {
        assert!(begun.elapsed() < PATIENCE, "nothing is drawn: {}", schema.run("SELECT state FROM jobs"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(worker.terminate().success());
    let (server, anna) = start(&schema, data.path());
    anna.gets_picture("лимон").await;
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_of_a_killed_worker_is_drawn_by_the_bot() {
    let Some(schema) = Schema::new() else { return };
    let data = tempfile::tempdir().unwrap();
    let (server, anna) = start(&schema, data.path());
    anna.says("/start").await;
    anna.sees("a greeting", |_| true).await;
    // A worker that was killed half a minute ago, in the middle of a job.
    schema.run(
        "INSERT INTO processes VALUES ('killed', now_ms() - 31000);
         INSERT INTO settings VALUES ('paused', '')",
    );
    anna.says("красное яблоко").await;
    anna.reads("Бот на паузе").await;
    schema.run(
        "UPDATE jobs SET state = 'running', worker = 'w#0', process = 'killed', attempts = 1, lease_until = now_ms() + 300000;
         DELETE FROM settings WHERE key = 'paused'",
    );
    anna.gets_picture("яблоко").await;
    assert!(server.terminate().success());
}
