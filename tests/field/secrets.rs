//! What is secret and is shown all the same.

use kandinsky_bot::playground::{Options, Playground};

use crate::support::program::{complaint, program};

/// What the program says to a `.env` of these words, in a folder of its own.
fn says_to_settings(settings: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), settings).unwrap();
    let output = program().current_dir(folder.path()).args(["model", "info"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let complaint = complaint(&output);
    assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
    assert!(output.stdout.is_empty() && !complaint.contains("secret"), "{complaint}");
    complaint
}

#[test]
fn a_mistake_in_the_line_of_the_token_does_not_show_the_token() {
    let complaint = says_to_settings(b"# mine\nTELOXIDE_TOKEN=123456:AAsecret my bot\n");
    assert!(complaint.contains("line 2 (TELOXIDE_TOKEN)") && complaint.contains("NAME='value'"), "{complaint}");
    let complaint = says_to_settings(b"HF_TOKEN=\"hf_secret\n");
    assert!(complaint.contains("line 1 (HF_TOKEN)"), "{complaint}");
    let complaint = says_to_settings(b"123456:AAsecret\n");
    assert!(complaint.contains("line 1 of"), "{complaint}");
    let utf_16: Vec<u8> = "\u{feff}TELOXIDE_TOKEN=1:AAsecret".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(says_to_settings(&utf_16).contains("save the file as UTF-8"));
}

#[test]
fn a_token_in_the_wrong_variable_is_not_shown() {
    let token = "123456:AAsecretsecretsecretsecretsecretse";
    let output = program().env("KANDINSKY_ADMINS", token).output().unwrap();
    let complaint = complaint(&output);
    assert!(
        complaint.contains("<token>") && complaint.contains("--admins") && !complaint.contains("secret"),
        "{complaint}"
    );
}

#[test]
fn settings_that_a_windows_editor_saved_are_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "\u{feff}KANDINSKY_MODEL=/no/such/model\r\n").unwrap();
    let output = program().current_dir(folder.path()).args(["model", "info"]).output().unwrap();
    assert!(complaint(&output).contains("/no/such/model does not exist"), "{}", complaint(&output));
}

#[test]
fn an_address_with_a_password_is_not_shown() {
    let data = tempfile::tempdir().unwrap();
    for address in ["anna:secret@proxy", "123456:AAsecret", "ftp://anna:secret@proxy/"] {
        let mut command = program();
        command.env("TELOXIDE_TOKEN", "1:a").env("TELOXIDE_API_URL", address).arg("--data").arg(data.path());
        let output = command.output().unwrap();
        let complaint = complaint(&output);
        assert_eq!(output.status.code(), Some(1), "{complaint}");
        assert!(complaint.contains("TELOXIDE_API_URL") && !complaint.contains("secret"), "{complaint}");
    }
    let hub = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .env("HF_ENDPOINT", "http://anna:secret@127.0.0.1:9")
        .env("HF_TOKEN", "hf_secret")
        .env("HF_HOME", hub.path());
    let output = command.args(["model", "fetch", "--model"]).arg(hub.path().join("model")).output().unwrap();
    let complaint = complaint(&output);
    assert!(complaint.contains("127.0.0.1:9") && !complaint.contains("secret"), "{complaint}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn other_users_of_the_machine_can_not_read_the_data_folder() {
    use std::os::unix::fs::PermissionsExt;
    let telegram = Playground::start(0, Options::default()).await.unwrap();
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    let program = crate::support::program::ProgramProcess::with_telegram(&telegram, &data);
    let anna = crate::support::chat_user::ChatUser::new(&telegram.url(), 2, "en");
    anna.says("/help").await;
    anna.reads("/").await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(program.terminate().success());
    telegram.stop().await;
}
