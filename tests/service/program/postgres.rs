//! The program with its store in PostgreSQL.

use std::path::Path;

use crate::support::chat_user::{ChatUser, is_photo};
use crate::support::postgres_server::Schema;
use crate::support::program::{ProgramProcess, complaint, program};

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
