//! What can not be fetched is told in one line that says what to do.

use crate::hub::FakeHub;
use crate::work_folder::{DECODER, INPAINT, PRIOR, WorkFolder, refusal};

fn assert_says(refused: &str, words: &[&str]) {
    for word in words {
        assert!(refused.contains(word), "{word:?} is not in: {refused}");
    }
}

#[test]
fn a_repository_that_is_not_there_is_named() {
    let work = WorkFolder::beside(FakeHub::start());
    assert_says(&work.fails(&[]), &[PRIOR, "127.0.0.1", "401", "HF_ENDPOINT", "HF_TOKEN"]);
    assert!(!work.path("kandinsky").exists(), "nothing is begun");
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let work = WorkFolder::new();
    let endpoint = FakeHub::start().stop();
    let output = work.elsewhere(&endpoint).args(["model", "fetch"]).output().unwrap();
    assert_says(&refusal(&output), &[&endpoint, "can not be reached", "refused", "check the connection"]);
}

#[test]
fn a_file_that_is_not_published_is_named() {
    let work = WorkFolder::new();
    work.hub.remove(INPAINT, "movq/config.json");
    assert_says(&work.fails(&[]), &[INPAINT, "has no file movq/config.json"]);
    assert_eq!(work.sent(), [], "nothing is fetched in vain");
    work.fetches(&["--no-inpaint"]);
}

#[test]
fn an_answer_that_is_not_the_hubs_is_told_so() {
    let work = WorkFolder::new();
    // Its web page, for example, or a proxy's.
    let endpoint = format!("{}/{DECODER}/resolve/{}/README.md?", work.hub.endpoint(), crate::hub::COMMIT);
    let output = work.elsewhere(&endpoint).args(["model", "fetch"]).output().unwrap();
    assert_says(&refusal(&output), &["does not answer", PRIOR, "HF_ENDPOINT"]);
    let output = work.elsewhere("not an address").args(["model", "fetch"]).output().unwrap();
    assert_says(&refusal(&output), &["not an address"]);
}

#[test]
fn a_folder_that_can_not_be_made_is_named() {
    let work = WorkFolder::new();
    std::fs::write(work.path("file"), "").unwrap();
    assert_says(&work.fails(&["--model", "file/model"]), &["file/model", "can not be made"]);
    let output = work.command(&[]).env("HF_HOME", work.path("file")).output().unwrap();
    assert_says(&refusal(&output), &["file/hub", "can not be"]);
}
