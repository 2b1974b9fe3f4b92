use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

use super::*;
use crate::telegram::outbox::fault::Fault;

/// Notes what it is asked to edit, and when; fails where a test wants it to.
#[derive(Default)]
struct Notebook {
    edits: Mutex<Vec<(u64, i64, i32, String)>>,
    /// Messages that have become pictures.
    pictures: Mutex<Vec<i32>>,
    faults: Mutex<VecDeque<Fault>>,
    begun: Mutex<Option<Instant>>,
}

impl Editor for Arc<Notebook> {
    async fn edit(&self, target: Target, message: &Message, kind: Kind) -> Result<Kind, Fault> {
        let is_picture = self.pictures.lock().unwrap().contains(&target.message_id);
        assert_eq!(kind == Kind::Picture, is_picture);
        let sign = if is_picture { "🖼 " } else { "" };
        self.note(target, format!("{sign}{}", message.text)).map(|()| kind)
    }

    async fn show(&self, target: Target, message: &Message, picture: &Bytes) -> Result<(), Fault> {
        self.note(target, format!("{} + {}", String::from_utf8_lossy(picture), message.text))?;
        self.pictures.lock().unwrap().push(target.message_id);
        Ok(())
    }
}

impl Notebook {
    fn note(&self, target: Target, text: String) -> Result<(), Fault> {
        let begun = *self.begun.lock().unwrap().get_or_insert_with(Instant::now);
        let entry = (begun.elapsed().as_secs(), target.chat_id, target.message_id, text);
        self.edits.lock().unwrap().push(entry);
        self.faults.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }

    fn begin() -> (Arc<Self>, EditLimiter<Arc<Self>>) {
        let notebook = Arc::new(Self { begun: Mutex::new(Some(Instant::now())), ..Self::default() });
        (Arc::clone(&notebook), EditLimiter::new(notebook, Pace::TELEGRAM, Tasks::default()))
    }

    /// Second and text of every edit.
    fn entries(&self) -> Vec<(u64, String)> {
        self.edits.lock().unwrap().iter().map(|(second, _, _, text)| (*second, text.clone())).collect()
    }
}

fn text(text: &str) -> Message {
    Message::plain(text.to_owned())
}

fn entry(second: u64, text: &str) -> (u64, String) {
    (second, text.to_owned())
}

const PRIVATE: Target = Target { chat_id: 7, message_id: 1 };
const GROUP: Target = Target { chat_id: -7, message_id: 1 };

async fn seconds(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn progress_is_shown_every_three_seconds_and_in_groups_every_five() {
    for (target, expected) in [(PRIVATE, vec![3, 6, 9]), (GROUP, vec![5, 10])] {
        let (notebook, limiter) = Notebook::begin();
        limiter.sent(target, text("queued"));
        for percent in 0..90 {
            limiter.edit(target, text(&percent.to_string()));
            sleep(Duration::from_millis(100)).await;
        }
        seconds(3).await;
        let told: Vec<u64> = notebook.entries().iter().map(|(second, _)| *second).collect();
        assert_eq!(told, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_latest_edit_is_made() {
    let (notebook, limiter) = Notebook::begin();
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("10"));
    limiter.edit(PRIVATE, text("20"));
    seconds(10).await;
    assert_eq!(notebook.entries(), [entry(3, "20")]);
}

#[tokio::test(start_paused = true)]
async fn what_is_shown_already_is_not_edited_again() {
    let (notebook, limiter) = Notebook::begin();
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("10"));
    seconds(4).await;
    limiter.edit(PRIVATE, text("10"));
    limiter.edit(PRIVATE, text("20"));
    limiter.edit(PRIVATE, text("10"));
    seconds(10).await;
    assert_eq!(notebook.entries(), [entry(3, "10")]);
}

#[tokio::test(start_paused = true)]
async fn the_final_edit_does_not_wait_and_is_the_last() {
    let (notebook, limiter) = Notebook::begin();
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("10"));
    seconds(1).await;
    drop(limiter.finish(PRIVATE, text("cancelled")));
    limiter.edit(PRIVATE, text("20"));
    seconds(10).await;
    assert_eq!(notebook.entries(), [entry(1, "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_goes_is_left_alone() {
    let (notebook, limiter) = Notebook::begin();
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("10"));
    limiter.forget(PRIVATE);
    seconds(10).await;
    assert!(notebook.entries().is_empty());
    assert!(limiter.0.chats.is_empty(), "nothing is kept for ever");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed_even_by_a_final_edit() {
    let (notebook, limiter) = Notebook::begin();
    notebook.faults.lock().unwrap().push_back(Fault::Wait(Duration::from_secs(30)));
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("10"));
    seconds(4).await;
    limiter.edit(PRIVATE, text("20"));
    seconds(4).await;
    drop(limiter.finish(PRIVATE, text("cancelled")));
    seconds(60).await;
    assert_eq!(notebook.entries(), [entry(3, "10"), entry(33, "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn a_server_fault_loses_nothing_that_is_still_true() {
    let (notebook, limiter) = Notebook::begin();
    let fault = || Fault::Passing("reset".to_owned());
    notebook.faults.lock().unwrap().extend([fault(), fault()]);
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("10"));
    seconds(4).await;
    limiter.edit(PRIVATE, text("20"));
    seconds(60).await;
    assert_eq!(notebook.entries(), [entry(3, "10"), entry(6, "20"), entry(9, "20")]);
}

#[tokio::test(start_paused = true)]
async fn a_server_fault_loses_no_final_edit() {
    let (notebook, limiter) = Notebook::begin();
    let fault = || Fault::Passing("reset".to_owned());
    notebook.faults.lock().unwrap().extend([fault(), fault(), fault()]);
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, text("10"));
    seconds(4).await;
    drop(limiter.finish(PRIVATE, text("cancelled")));
    seconds(60).await;
    let cancelled = |second| entry(second, "cancelled");
    assert_eq!(notebook.entries(), [entry(3, "10"), cancelled(4), cancelled(6), cancelled(8)]);
}

#[tokio::test(start_paused = true)]
async fn chats_do_not_wait_for_each_other_but_messages_of_a_chat_do() {
    let (notebook, limiter) = Notebook::begin();
    let second = Target { message_id: 2, ..PRIVATE };
    for target in [PRIVATE, second, GROUP] {
        limiter.edit(target, text(&format!("{}/{}", target.chat_id, target.message_id)));
    }
    seconds(10).await;
    let mut entries = notebook.entries();
    entries.sort();
    assert_eq!(entries, [entry(0, "-7/1"), entry(0, "7/1"), entry(3, "7/2")]);
}

/// A text with a picture.
fn with(picture: &Bytes, words: &str) -> Content {
    Content::new(text(words), Some(picture.clone()))
}

fn picture(name: &str) -> Bytes {
    name.as_bytes().to_vec().into()
}

#[tokio::test(start_paused = true)]
async fn a_picture_is_sent_once_and_then_only_the_caption_below_it() {
    let (notebook, limiter) = Notebook::begin();
    let (first, second) = (picture("first"), picture("second"));
    limiter.sent(PRIVATE, text("queued"));
    for content in [with(&first, "10"), with(&first, "10"), with(&first, "20"), with(&second, "20"), text("30").into()]
    {
        limiter.edit(PRIVATE, content);
        seconds(4).await;
    }
    drop(limiter.finish(PRIVATE, text("cancelled")));
    seconds(1).await;
    let told: Vec<String> = notebook.entries().into_iter().map(|(_, text)| text).collect();
    assert_eq!(told, ["first + 10", "🖼 20", "second + 20", "🖼 30", "🖼 cancelled"]);
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_takes_no_pictures_gets_texts() {
    let (notebook, limiter) = Notebook::begin();
    notebook.faults.lock().unwrap().push_back(Fault::Refused("no photos here".to_owned()));
    limiter.sent(PRIVATE, text("queued"));
    limiter.edit(PRIVATE, with(&picture("first"), "10"));
    seconds(8).await;
    limiter.edit(PRIVATE, with(&picture("second"), "20"));
    seconds(8).await;
    assert_eq!(notebook.entries(), [entry(3, "first + 10"), entry(6, "10"), entry(9, "20")]);
}

#[tokio::test(start_paused = true)]
async fn whoever_finishes_a_message_learns_when_it_shows_the_end() {
    let (notebook, limiter) = Notebook::begin();
    notebook.faults.lock().unwrap().push_back(Fault::Wait(Duration::from_secs(30)));
    let begun = Instant::now();
    limiter.finish(PRIVATE, text("cancelled")).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 30);
    notebook.faults.lock().unwrap().push_back(Fault::Refused("it was deleted".to_owned()));
    limiter.finish(PRIVATE, text("cancelled")).await.unwrap();
}
