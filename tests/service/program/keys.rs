//! Keys of the HTTP API on the command line, beside the program that serves it.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::program::{ProgramProcess, complaint, program};

/// Runs `kandinsky-bot key` on a data folder.
pub(super) fn key(data: &Path, arguments: &[&str]) -> std::process::Output {
    program().arg("key").args(arguments).arg("--data").arg(data).output().unwrap()
}

pub(super) fn stdout(output: &std::process::Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_key_is_shown_once_listed_and_removed() {
    let data = tempfile::tempdir().unwrap();
    let added = key(data.path(), &["add", "Open WebUI", "--hour", "10"]);
    let secret = stdout(&added).trim().to_owned();
    assert!(added.status.success() && secret.starts_with("kb_") && secret.len() == 46, "{secret}");
    let list = stdout(&key(data.path(), &["list"]));
    assert!(list.starts_with("Open WebUI\tmade just now\tnever used\t10 jobs per hour"), "{list}");
    assert!(!list.contains(&secret), "a key is shown once");
    let database = std::fs::read(data.path().join("kandinsky.db")).unwrap();
    let is_stored = database.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(!is_stored, "and not stored");
    let again = key(data.path(), &["add", "Open WebUI"]);
    assert!(!again.status.success() && complaint(&again).contains("another name"), "{}", complaint(&again));
    assert!(!key(data.path(), &["add", " "]).status.success());
    assert!(key(data.path(), &["remove", "Open WebUI"]).status.success());
    let missing = key(data.path(), &["remove", "Open WebUI"]);
    assert!(!missing.status.success() && complaint(&missing).contains("key list"), "{}", complaint(&missing));
    assert_eq!(stdout(&key(data.path(), &["list"])), "");
}

#[tokio::test]
async fn a_key_works_at_once_beside_the_running_program() {
    let data = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut process = serving(data.path(), &address).await;
    assert!(process.line().starts_with("http://127.0.0.1:"), "stdout has the address of the chat page alone");
    let url = |path: &str| format!("http://{address}{path}");
    let secret = stdout(&key(data.path(), &["add", "script"])).trim().to_owned();
    let models = async || {
        let request = reqwest::Client::new().get(url("/v1/models")).bearer_auth(&secret);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(models().await, 200);
    assert!(key(data.path(), &["remove", "script"]).status.success());
    assert_eq!(models().await, 401);
    assert!(process.terminate().success());
}

/// The program with the API at an address, once that answers.
pub(super) async fn serving(data: &Path, address: &str) -> ProgramProcess {
    let mut command = program();
    command.args(["--port", "0", "--web-listen", address, "--data"]).arg(data);
    let process = ProgramProcess::spawn(&mut command);
    let started = Instant::now();
    while reqwest::get(format!("http://{address}/healthz")).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(30), "the API does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    process
}

#[tokio::test]
async fn after_kill_9_the_repeated_call_gets_the_picture_and_it_is_drawn_once() {
    let data = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let process = serving(data.path(), &address).await;
    let secret = stdout(&key(data.path(), &["add", "script"])).trim().to_owned();
    let client = reqwest::Client::new();
    let body = json!({ "prompt": "кот", "steps": 2, "prior_steps": 2 });
    let url = |path: &str| format!("http://{address}{path}");
    let ask = || client.post(url("/v1/images/generations")).bearer_auth(&secret).json(&body).send();
    let jobs = async || -> Value {
        client.get(url("/v1/jobs")).bearer_auth(&secret).send().await.unwrap().json().await.unwrap()
    };
    let waiting = tokio::spawn(ask());
    while jobs().await["data"][0].is_null() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    process.kill();
    assert!(waiting.await.unwrap().is_err(), "the connection broke");
    let process = serving(data.path(), &address).await;
    let answer: Value = ask().await.unwrap().json().await.unwrap();
    assert!(answer["data"][0]["b64_json"].is_string(), "{answer}");
    let jobs = jobs().await;
    assert_eq!((jobs["data"].as_array().unwrap().len(), &jobs["data"][0]["id"]), (1, &answer["id"]));
    assert!(process.terminate().success());
}

#[test]
fn an_address_that_is_taken_is_named() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = program();
    command.args(["--port", "0", "--web-listen", &address, "--data"]).arg(data.path());
    let mut process = ProgramProcess::spawn(&mut command);
    assert!(!process.wait().success());
    let complaints = process.complaints();
    assert!(complaints.contains(&address) && complaints.contains("--web-listen"), "{complaints}");
}
