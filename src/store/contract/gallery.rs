//! Pictures in the editor, results that are held back for it, and who may come in.

use super::prelude::*;

const ANNA: Requester = Requester(7);
const BORIS: Requester = Requester(8);

fn from_editor(user: i64, prompt: &str) -> NewJob {
    let mut job = new_job(user, prompt);
    if let Origin::Chat(address) = job.origin {
        job.origin = Origin::Editor { address, parent: Some("p_parent".to_owned()) };
    }
    job
}

impl Fixture {
    /// A job of the editor that was drawn; its user has written to the bot.
    async fn drawn_in_editor(&self, prompt: &str) -> JobId {
        self.save_chat(ANNA.0, "{}").await;
        let job = self.submit(from_editor(ANNA.0, prompt)).await;
        let claim = self.next().await.unwrap().claim;
        self.finish(&claim, &[prompt.as_bytes()]).await;
        job
    }

    async fn brought(&self, user: Requester, id: &str, bytes: &[u8]) -> GalleryPicture {
        let picture = EncodedPicture::new(bytes.to_vec());
        let new = NewGalleryPicture { id: id.to_owned(), user, picture, parent: None, size: (4, 3), has_alpha: false };
        self.store.add_picture(new).await.unwrap()
    }

    async fn due(&self) -> usize {
        self.store.due_deliveries(&[], 10).await.unwrap().len()
    }

    /// As if so much time had passed since everything.
    async fn later(&self, time: Duration) {
        let changes = ["deliver_after", "delivered_at", "finished_at"]
            .map(|column| format!("{column} = {column} - {}", time.as_millis()));
        self.store.execute(format!("UPDATE jobs SET {}", changes.join(", "))).await;
    }

    async fn keys(&self, before: Option<&str>, limit: u32) -> (Vec<String>, Option<String>) {
        let (entries, next) = self.store.entries(ANNA, before, limit).await.unwrap();
        let key = |entry: GalleryEntry| match entry {
            GalleryEntry::Job(job) => job.job.recipe.prompt().to_owned(),
            GalleryEntry::Picture(picture) => picture.id,
        };
        (entries.into_iter().map(key).collect(), next)
    }
}

pub(super) async fn a_result_is_held_back_from_the_chat_while_somebody_looks(fixture: Fixture) {
    let job = fixture.drawn_in_editor("a").await;
    assert_eq!(fixture.due().await, 0);
    fixture.later(Duration::from_secs(100)).await;
    fixture.store.hold(ANNA, job, Duration::from_secs(120)).await.unwrap();
    fixture.later(Duration::from_secs(100)).await;
    assert_eq!(fixture.due().await, 0, "the hold was renewed");
    fixture.later(Duration::from_secs(30)).await;
    assert_eq!(fixture.due().await, 1, "nobody looks any more");
    fixture.store.hold(ANNA, job, Duration::from_secs(120)).await.unwrap();
    fixture.store.mark_seen(ANNA, job).await.unwrap();
    assert_eq!(fixture.due().await, 1, "it is on its way already");
}

pub(super) async fn what_was_seen_does_not_come_to_the_chat_unless_it_is_asked_for(fixture: Fixture) {
    let job = fixture.drawn_in_editor("a").await;
    fixture.store.mark_seen(BORIS, job).await.unwrap();
    assert_eq!(fixture.state(job).await, JobState::Drawn, "nobody sees for another");
    fixture.store.mark_seen(ANNA, job).await.unwrap();
    fixture.later(Duration::from_secs(500)).await;
    assert_eq!((fixture.due().await, fixture.state(job).await), (0, JobState::Delivered));
    assert!(!fixture.store.send_to_chat(BORIS, job).await.unwrap());
    assert!(fixture.store.send_to_chat(ANNA, job).await.unwrap());
    assert_eq!(fixture.due().await, 1);
    let sent = DeliveredMessage { chat_id: ANNA.0, message_id: 5, position: Some(0), file_id: None };
    fixture.store.mark_delivered(job, &[sent]).await.unwrap();
    assert!(fixture.store.send_to_chat(ANNA, job).await.unwrap(), "it is there");
    assert_eq!(fixture.due().await, 0, "once is enough");
}

pub(super) async fn a_restart_does_not_end_the_hold(fixture: Fixture) {
    let job = fixture.drawn_in_editor("a").await;
    let fixture = fixture.restart().await;
    assert_eq!(fixture.due().await, 0);
    fixture.later(Duration::from_secs(121)).await;
    assert_eq!(fixture.due().await, 1);
    assert_eq!(fixture.store.job_of(ANNA, job).await.unwrap().unwrap().parent.as_deref(), Some("p_parent"));
    assert!(fixture.store.job_of(BORIS, job).await.unwrap().is_none());
}

pub(super) async fn the_result_of_somebody_without_a_chat_stays_in_the_editor(fixture: Fixture) {
    let job = fixture.submit(from_editor(ANNA.0, "a")).await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[b"a"]).await;
    fixture.later(Duration::from_secs(500)).await;
    assert_eq!((fixture.due().await, fixture.state(job).await), (0, JobState::Delivered));
    assert!(!fixture.store.has_chat(ANNA).await.unwrap());
    fixture.submit(from_editor(ANNA.0, "b")).await;
    let failed = fixture.next().await.unwrap().claim;
    fixture.store.fail(&failed, Failure::Engine).await.unwrap();
    fixture.later(Duration::from_secs(500)).await;
    assert_eq!(fixture.due().await, 0);
}

pub(super) async fn the_gallery_has_drawn_and_brought_pictures_newest_first_in_pages(fixture: Fixture) {
    for (at, prompt) in ["one", "two"].into_iter().enumerate() {
        fixture.drawn_in_editor(prompt).await;
        fixture.brought(ANNA, &format!("p_{at}"), prompt.as_bytes()).await;
        fixture.brought(BORIS, &format!("p_other_{at}"), b"not hers").await;
    }
    fixture.store.execute("UPDATE jobs SET created_at = id * 10".to_owned()).await;
    fixture.store.execute("UPDATE editor_pictures SET created_at = 10 WHERE id = 'p_0'".to_owned()).await;
    fixture.store.execute("UPDATE editor_pictures SET created_at = 30 WHERE id = 'p_1'".to_owned()).await;
    let (all, next) = fixture.keys(None, 10).await;
    assert_eq!((all, next), (vec!["p_1", "two", "p_0", "one"].into_iter().map(str::to_owned).collect(), None));
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let (page, next) = fixture.keys(before.as_deref(), 1).await;
        pages.extend(page);
        match next {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    assert_eq!(pages, ["p_1", "two", "p_0", "one"], "none is lost or doubled, though two are of one moment");
    for nonsense in ["nonsense", "5.\0"] {
        assert_eq!(fixture.keys(Some(nonsense), 10).await.0.len(), 4);
    }
}

/// The first bytes of a PNG, with this type of colour.
fn png(colour: u8) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x03\x08", &[colour][..], b"rest"].concat()
}

pub(super) async fn whether_a_result_is_transparent_is_read_from_its_file(fixture: Fixture) {
    for (number, (colour, has_alpha)) in [(2, false), (6, true)].into_iter().enumerate() {
        let inputs = JobInputs::Encoded(vec![EncodedPicture::new(&b"photo"[..])]);
        let mut job = NewJob { inputs, ..from_editor(ANNA.0, &number.to_string()) };
        job.recipe.task = Task::outpaint("", Margins { left: 64, ..Margins::default() }).unwrap();
        let job = fixture.submit(job).await;
        let claim = fixture.next().await.unwrap().claim;
        fixture.finish(&claim, &[&png(colour)]).await;
        assert_eq!(fixture.store.job_of(ANNA, job).await.unwrap().unwrap().has_alpha, has_alpha);
    }
}

pub(super) async fn brought_pictures_go_with_their_time_and_with_their_user(fixture: Fixture) {
    fixture.brought(ANNA, "p_old", b"old").await;
    fixture.brought(ANNA, "p_new", b"new").await;
    fixture.brought(BORIS, "p_boris", b"boris").await;
    fixture.store.execute("UPDATE editor_pictures SET created_at = 0 WHERE id = 'p_old'".to_owned()).await;
    fixture.store.sweep(&Retention { inputs: Some(HOUR), ..Retention::default() }).await.unwrap();
    let bytes = async |id: &str| fixture.store.own_bytes(id).await.unwrap();
    assert_eq!(bytes("p_old").await, None);
    assert_eq!(bytes("p_new").await.as_deref(), Some(&b"new"[..]));
    fixture.store.open_salt(ANNA, "salt").await.unwrap();
    fixture.store.forget(ANNA, false).await.unwrap();
    assert_eq!(bytes("p_new").await, None);
    assert_eq!(bytes("p_boris").await.as_deref(), Some(&b"boris"[..]));
    assert_eq!(fixture.store.salt(ANNA).await.unwrap(), None, "the session is over");
    assert_eq!(fixture.rows("pictures").await, 1);
    fixture.store.sweep(&Retention { disk: Some(1), ..Retention::default() }).await.unwrap();
    assert_eq!(bytes("p_boris").await, None, "the disk limit takes it");
}

pub(super) async fn a_picture_of_a_job_stays_when_it_is_deleted_in_the_editor(fixture: Fixture) {
    let job = fixture.drawn_in_editor("same").await;
    fixture.brought(ANNA, "p_same", b"same").await;
    assert!(!fixture.store.remove_own_picture(BORIS, "p_same").await.unwrap());
    assert!(fixture.store.remove_own_picture(ANNA, "p_same").await.unwrap());
    assert_eq!(fixture.store.picture(job, 0).await.unwrap().as_deref(), Some(&b"same"[..]));
    fixture.brought(ANNA, "p_same", b"same").await;
    fixture.store.remove(job).await.unwrap();
    assert_eq!(fixture.store.own_bytes("p_same").await.unwrap().as_deref(), Some(&b"same"[..]), "and the other way");
}

pub(super) async fn a_code_opens_once_and_for_a_time(fixture: Fixture) {
    let code = NewCode { user: ANNA, name: "Anna".to_owned(), language: Language::Ru, reference: None };
    let store = &fixture.store;
    store.add_code("h1", &code, HOUR).await.unwrap();
    assert_eq!(store.take_code("h2").await.unwrap(), None);
    assert_eq!(store.take_code("h1").await.unwrap(), Some(code.clone()));
    assert_eq!(store.take_code("h1").await.unwrap(), None);
    store.add_code("h1", &code, HOUR).await.unwrap();
    store.execute("UPDATE editor_codes SET expires_at = 1".to_owned()).await;
    assert_eq!(store.take_code("h1").await.unwrap(), None);
    assert_eq!(store.secret("a").await.unwrap(), "a");
    assert_eq!(store.secret("b").await.unwrap(), "a", "the secret stays");
    assert_eq!(store.open_salt(ANNA, "a").await.unwrap(), store.open_salt(ANNA, "b").await.unwrap());
}
