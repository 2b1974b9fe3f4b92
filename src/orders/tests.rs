//! The rules for orders, over a store in a folder of its own.

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::i18n::Language;
use crate::jobs::{ChatAddress, EncodedPicture, JobInputs, JobState, NewJob, Origin, UpdateOutcome, WorkQueue};
use crate::limits::{Limit, Limits};
use crate::moderation::{Kind, Moderator, Strictness};
use crate::recipe::{Recipe, Translation};
use crate::store::sqlite::SqliteStore;

const ANNA: Requester = Requester(7);
const BORIS: Requester = Requester(8);
const GROUP: i64 = -5;

struct Fixture {
    store: Arc<SqliteStore>,
    orders: Orders,
    _folder: TempDir,
}

impl Fixture {
    async fn with(policy: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
        let orders = Orders::new(&JobStore::from(Arc::clone(&store)), Arc::new(policy));
        Self { store, orders, _folder: folder }
    }

    async fn place(&self, job: NewJob) -> Placed {
        self.orders.place(job, with_state()).await.unwrap()
    }

    async fn queue(&self, job: NewJob) -> JobId {
        match self.place(job).await {
            Placed::Queued { job, .. } => job,
            Placed::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    /// Asks for a picture in the group and draws it.
    async fn draw(&self, user: Requester, prompt: &str) -> JobId {
        let job = self.queue(order(user, GROUP, prompt)).await;
        let claim = self.store.claim("test", std::time::Duration::from_secs(60)).await.unwrap().unwrap().claim;
        let pictures = vec![EncodedPicture::new(prompt.as_bytes().to_vec())];
        self.store.finish(&claim, pictures, &crate::jobs::Warnings::default()).await.unwrap();
        job
    }
}

/// What the same request writes into the chat.
fn with_state() -> UpdateOutcome {
    UpdateOutcome { chat_state: Some((ANNA.0, "{}".to_owned())), ..UpdateOutcome::default() }
}

fn order(user: Requester, chat_id: i64, prompt: &str) -> NewJob {
    NewJob {
        request_key: format!("{}:{prompt}", user.0),
        requester: user,
        origin: Origin::Chat(ChatAddress {
            chat_id,
            thread_id: None,
            request_message_id: None,
            status_message_id: None,
            language: Language::Ru,
            previews: false,
        }),
        recipe: Recipe::text_to_image(prompt, 1).unwrap(),
        inputs: JobInputs::None,
    }
}

#[tokio::test]
async fn what_is_not_drawn_is_refused_and_nothing_is_written() {
    let moderator = Moderator::new(Strictness::On, None).unwrap();
    let fixture = Fixture::with(Policy { moderator, ..Policy::default() }).await;
    let placed = fixture.place(order(ANNA, ANNA.0, "порно")).await;
    assert_eq!(placed, Placed::Refused(Refusal::Moderated(Kind::Sexual)));
    assert_eq!(fixture.store.pending_count().await.unwrap(), 0);
    assert_eq!(crate::chats::ChatStore::chat_state(&*fixture.store, ANNA.0).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_not_drawn_is_not_drawn_by_an_english_text_either() {
    let moderator = Moderator::new(Strictness::On, None).unwrap();
    let fixture = Fixture::with(Policy { moderator, ..Policy::default() }).await;
    let mut job = order(ANNA, ANNA.0, "кот");
    let texts = [("кот".to_owned(), "porn".to_owned())].into();
    job.recipe = job.recipe.with_translation(Translation { texts, only_for_prior: false });
    assert_eq!(fixture.place(job).await, Placed::Refused(Refusal::Moderated(Kind::Sexual)));
    assert_eq!(fixture.store.pending_count().await.unwrap(), 0);
}

#[tokio::test]
async fn one_too_many_is_refused_but_not_to_an_admin() {
    let limits = Limits { waiting: 1, ..Limits::NONE };
    let fixture = Fixture::with(Policy { limits, admins: vec![BORIS.0], ..Policy::default() }).await;
    fixture.queue(order(ANNA, ANNA.0, "a")).await;
    let placed = fixture.place(order(ANNA, ANNA.0, "b")).await;
    assert!(matches!(placed, Placed::Refused(Refusal::OverLimit(over)) if over.limit == Limit::Waiting), "{placed:?}");
    for prompt in ["a", "b", "c"] {
        fixture.queue(order(BORIS, BORIS.0, prompt)).await;
    }
}

#[tokio::test]
async fn a_picture_that_is_gone_can_not_be_used_again() {
    let fixture = Fixture::with(Policy::default()).await;
    let recipe = Recipe::new(crate::recipe::Task::Variation { closeness: 0.5 }, 1);
    let job = NewJob { inputs: JobInputs::SameAs(JobId(99)), recipe, ..order(ANNA, ANNA.0, "a") };
    assert_eq!(fixture.place(job).await, Placed::Refused(Refusal::InputsGone));
}

#[tokio::test]
async fn a_job_is_cancelled_by_its_requester_or_by_an_admin_of_its_chat() {
    let fixture = Fixture::with(Policy::default()).await;
    let job = fixture.queue(order(ANNA, GROUP, "a")).await;
    let cancel = async |by| fixture.orders.cancel(job, by).await.unwrap();
    assert_eq!(cancel(Authority::Requester(BORIS)).await, CancelOutcome::NotYours);
    assert_eq!(cancel(Authority::ChatAdmin { chat_id: -6 }).await, CancelOutcome::NotYours);
    assert_eq!(cancel(Authority::ChatAdmin { chat_id: ANNA.0 }).await, CancelOutcome::NotYours, "no group");
    assert_eq!(cancel(Authority::ChatAdmin { chat_id: GROUP }).await, CancelOutcome::Cancelled);
    assert_eq!(cancel(Authority::Requester(ANNA)).await, CancelOutcome::TooLate);
}

#[tokio::test]
async fn pictures_are_deleted_by_whoever_may() {
    let fixture = Fixture::with(Policy::default()).await;
    let job = fixture.draw(ANNA, "a").await;
    let delete = async |by| fixture.orders.delete(job, by).await.unwrap();
    assert_eq!(delete(Authority::Requester(BORIS)).await, Deleted::NotAllowed);
    assert_eq!(fixture.store.picture_infos(job).await.unwrap().len(), 1);
    assert_eq!(delete(Authority::ChatAdmin { chat_id: GROUP }).await, Deleted::Done(Vec::new()));
    assert!(fixture.store.picture_infos(job).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_shared_recipe_keeps_its_name() {
    let fixture = Fixture::with(Policy::default()).await;
    let job = fixture.draw(ANNA, "a").await;
    let token = fixture.orders.share(job).await.unwrap().unwrap();
    assert_eq!(token.len(), SHARE_TOKEN_LENGTH);
    assert_eq!(fixture.orders.share(job).await.unwrap().unwrap(), token);
    assert_eq!(fixture.orders.share(JobId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn whoever_is_forgotten_has_no_jobs_any_more() {
    let fixture = Fixture::with(Policy { limits: Limits { day: 9, ..Limits::NONE }, ..Policy::default() }).await;
    let job = fixture.queue(order(ANNA, ANNA.0, "a")).await;
    fixture.queue(order(BORIS, BORIS.0, "b")).await;
    let forgotten = fixture.orders.forget(ANNA).await.unwrap();
    assert!(forgotten.usage_is_kept);
    assert_eq!(forgotten.pending.iter().map(|job| job.id).collect::<Vec<_>>(), [job]);
    assert_eq!(fixture.store.pending_count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_ban_cancels_what_waits_of_a_user_and_for_a_chat() {
    let fixture = Fixture::with(Policy { admins: vec![BORIS.0], ..Policy::default() }).await;
    let of_anna = fixture.queue(order(ANNA, GROUP, "a")).await;
    let of_admin = fixture.queue(order(BORIS, GROUP, "b")).await;
    assert_eq!(fixture.orders.cancel_all_of(GROUP).await.unwrap(), 1);
    let state = async |job| fixture.store.job(job).await.unwrap().unwrap().state;
    assert_eq!((state(of_anna).await, state(of_admin).await), (JobState::Cancelled, JobState::Queued));
}
