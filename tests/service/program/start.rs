//! Starting under bad conditions: one clear line, exit code 1.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use kandinsky_bot::playground::{Options, Playground};

use crate::support::program::{ProgramProcess, complaint, program, run};

/// Fails and says all of this in one line.
fn refuses(arguments: &[&str], words: &[&str]) {
    let output = run(arguments);
    let complaint = complaint(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    let last = complaint.lines().last().unwrap_or_default();
    for word in words {
        assert!(last.contains(word), "{word:?} is not in {last:?}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let data = tempfile::tempdir().unwrap();
    refuses(&["--port", &port, "--data", data.path().to_str().unwrap()], &[&port, "--port"]);
}

#[test]
fn a_second_program_on_the_same_data_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let mut first = ProgramProcess::with_playground(data.path());
    first.line();
    refuses(&["--port", "0", "--data", data.path().to_str().unwrap()], &["already uses", "--data"]);
}

#[test]
fn a_missing_model_folder_is_named() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    refuses(&["--port", "0", "--data", data, "--model", "/nowhere/kandinsky"], &["/nowhere/kandinsky"]);
    let empty = tempfile::tempdir().unwrap();
    refuses(&["--port", "0", "--data", data, "--model", empty.path().to_str().unwrap()], &["kandinsky-2-1-prior"]);
}

#[test]
fn a_data_folder_that_can_not_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let folder = file.path().join("data");
    refuses(&["--port", "0", "--data", folder.to_str().unwrap()], &[folder.to_str().unwrap(), "--data"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_ends_the_program_without_showing_it() {
    let telegram = Playground::start(0, Options::default()).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let token = "1000000001:AAwrongwrongwrongwrongwrongwrongwro";
    let mut command = program();
    command.env("TELOXIDE_TOKEN", token).env("TELOXIDE_API_URL", telegram.api_url()).arg("--data").arg(data.path());
    let mut server = ProgramProcess::spawn(&mut command);
    let status = tokio::task::spawn_blocking(move || (server.wait(), server.complaints())).await.unwrap();
    assert_eq!(status.0.code(), Some(1), "{}", status.1);
    assert!(status.1.contains("TELOXIDE_TOKEN") && !status.1.contains("wrongwrong"), "{}", status.1);
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let data = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .env("TELOXIDE_TOKEN", "")
        .env("KANDINSKY_MODEL", "")
        .env("KANDINSKY_PORT", "0")
        .env("KANDINSKY_DATA", data.path());
    assert!(ProgramProcess::spawn(&mut command).line().starts_with("http://127.0.0.1:"));
}

#[test]
fn telegram_is_reached_through_a_proxy() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .env("TELOXIDE_TOKEN", "1000000001:AAwrongwrongwrongwrongwrongwrongwro")
        .env("HTTPS_PROXY", format!("http://{}", proxy.local_addr().unwrap()))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .arg("--data")
        .arg(data.path());
    let _server = ProgramProcess::spawn(&mut command);
    let mut request = String::new();
    BufReader::new(proxy.accept().unwrap().0).read_line(&mut request).unwrap();
    assert!(request.starts_with("CONNECT api.telegram.org:443"), "{request}");
}

#[test]
fn settings_that_can_not_be_are_named() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    refuses(&["--port", "0", "--data", data, "--moderation-words", "/nowhere/words.toml"], &["/nowhere/words.toml"]);
    let output = run(&["--port", "0", "--data", data, "--admins", "@anna"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("@anna"), "{}", complaint(&output));
}
