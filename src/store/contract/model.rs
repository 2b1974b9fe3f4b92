//! Random operations on a store and on a model of it in memory, which have to agree.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::prelude::*;
use crate::jobs::Claim;
use crate::jobs::order::{Waiting, fair_order};

/// Users, each of whom has a private chat with the same number.
const USERS: i64 = 7;
/// After so many claims in which no worker ended it, a job is given up.
const MAX_ATTEMPTS: i64 = 3;
/// Some jobs are claimed and left: the model knows no time.
const ENDLESS: Duration = DAY;
/// How many operations: `KANDINSKY_MODEL_OPERATIONS` sets another number.
const OPERATIONS: u32 = 1_000;

/// A job as the model knows it.
#[derive(Debug, Clone)]
struct ModelJob {
    user: i64,
    state: JobState,
    attempts: i64,
    is_cancelled: bool,
    is_pending: bool,
    is_delivered: bool,
    /// The claim that may write.
    claim: Option<Claim>,
}

/// What the store should hold.
#[derive(Debug, Default)]
struct Model {
    jobs: BTreeMap<JobId, ModelJob>,
    last_served: BTreeMap<i64, i64>,
    services: i64,
    is_paused: bool,
}

impl Model {
    fn ids(&self, of: impl Fn(&ModelJob) -> bool) -> Vec<JobId> {
        self.jobs.iter().filter(|(_, job)| of(job)).map(|(id, _)| *id).collect()
    }

    /// The jobs that a worker could take, in fair order.
    fn claimable(&self, with_pending: bool) -> Vec<JobId> {
        let waits = |job: &ModelJob| job.state == JobState::Queued && (with_pending || !job.is_pending);
        let waiting: Vec<Waiting> = self
            .ids(waits)
            .into_iter()
            .map(|id| {
                let user = self.jobs[&id].user;
                Waiting { id, user, last_served: self.last_served.get(&user).copied() }
            })
            .collect();
        fair_order(&waiting)
    }

    /// The job that is claimed next; those that were claimed too often fail on the way.
    fn claim(&mut self) -> Option<JobId> {
        while !self.is_paused {
            let id = *self.claimable(false).first()?;
            self.services += 1;
            let job = self.jobs.get_mut(&id)?;
            self.last_served.insert(job.user, self.services);
            job.attempts += 1;
            job.state = JobState::Running;
            if job.attempts <= MAX_ATTEMPTS {
                return Some(id);
            }
            job.state = JobState::Failed;
        }
        None
    }

    /// The job of a claim, if it may still write.
    fn held(&mut self, claim: &Claim) -> Option<&mut ModelJob> {
        self.jobs.get_mut(&claim.job).filter(|job| job.state == JobState::Running && job.claim.as_ref() == Some(claim))
    }

    /// Ends a job in a way, or cancels it.
    fn end(&mut self, claim: &Claim, state: JobState) -> LeaseStatus {
        match self.held(claim) {
            None => LeaseStatus::LeaseLost,
            Some(job) if job.is_cancelled => {
                job.state = JobState::Cancelled;
                LeaseStatus::Cancelled
            }
            Some(job) => {
                job.state = state;
                LeaseStatus::Continue
            }
        }
    }

    /// Gives a job back; so many attempts do not count.
    fn give_up(&mut self, claim: &Claim, forgiven: i64) {
        if let Some(job) = self.held(claim) {
            job.state = if job.is_cancelled { JobState::Cancelled } else { JobState::Queued };
            job.attempts -= forgiven;
        }
    }

    fn cancel(&mut self, id: JobId, by: i64) -> CancelOutcome {
        let Some(job) = self.jobs.get_mut(&id).filter(|job| job.user == by) else { return CancelOutcome::NotYours };
        match job.state {
            JobState::Queued => {
                job.state = JobState::Cancelled;
                CancelOutcome::Cancelled
            }
            JobState::Running => {
                job.is_cancelled = true;
                CancelOutcome::Stopping
            }
            _ => CancelOutcome::TooLate,
        }
    }
}

/// A store and its model, and all claims that there ever were.
struct Pair {
    fixture: Fixture,
    model: Model,
    random: StdRng,
    claims: Vec<Claim>,
    keys: u64,
}

impl Pair {
    async fn step(&mut self) {
        let user = self.random.random_range(1..=USERS);
        match self.random.random_range(0..100) {
            0..26 => self.submit(user, false).await,
            26..31 => self.submit(user, true).await,
            31..53 => self.claim().await,
            53..84 => self.use_claim().await,
            84..90 => self.cancel(user).await,
            90..93 => self.fetch().await,
            93..97 => self.deliver().await,
            97 => self.pause().await,
            98 => self.cancel_chat(user).await,
            _ => self.forget(user).await,
        }
    }

    async fn submit(&mut self, user: i64, is_pending: bool) {
        self.keys += 1;
        let inputs = if is_pending { JobInputs::Pending(Vec::new()) } else { JobInputs::None };
        let job = NewJob { inputs, ..new_job(user, &self.keys.to_string()) };
        let id = self.fixture.submit(job.clone()).await;
        assert_eq!(self.fixture.submit(job).await, id, "the same request");
        let state = JobState::Queued;
        let job =
            ModelJob { user, state, attempts: 0, is_cancelled: false, is_pending, is_delivered: false, claim: None };
        assert!(self.model.jobs.insert(id, job).is_none(), "a number is given once");
    }

    async fn claim(&mut self) {
        // Every worker has a name of its own.
        let worker = format!("w{}", self.claims.len());
        let claimed = self.fixture.store.claim(&worker, ENDLESS).await.unwrap();
        let expected = self.model.claim();
        assert_eq!(claimed.as_ref().map(|job| job.claim.job), expected, "the next in fair order");
        let Some(claimed) = claimed else { return };
        let job = self.model.jobs.get_mut(&claimed.claim.job).unwrap();
        assert_eq!(claimed.claim.attempt, job.attempts);
        job.claim = Some(claimed.claim.clone());
        self.claims.push(claimed.claim);
    }

    /// A worker does something with a claim, which may have ended long ago.
    async fn use_claim(&mut self) {
        let from = self.claims.len().saturating_sub(12);
        let Some(claim) = self.claims[from..].choose(&mut self.random).cloned() else { return };
        let store = &self.fixture.store;
        match self.random.random_range(0..10) {
            0..3 => {
                let heartbeat = Heartbeat { progress: 0.5, preview: None };
                // An answer may be a second old, but never for a claim that does not hold, or that was cancelled here.
                let status = store.heartbeat(&claim, heartbeat, ENDLESS).await.unwrap();
                assert_eq!(status, self.model.end(&claim, JobState::Running));
            }
            3..7 => {
                let status = self.fixture.finish(&claim, &[claim.worker.as_bytes()]).await;
                assert_eq!(status, self.model.end(&claim, JobState::Drawn));
            }
            7 => {
                let status = store.fail(&claim, Failure::Engine).await.unwrap();
                assert_eq!(status, self.model.end(&claim, JobState::Failed));
            }
            8 => {
                store.release(&claim).await.unwrap();
                self.model.give_up(&claim, 1);
            }
            _ => {
                store.retry(&claim).await.unwrap();
                self.model.give_up(&claim, 0);
            }
        }
    }

    async fn cancel(&mut self, user: i64) {
        let Some(id) = self.some_job() else { return };
        let outcome = self.fixture.store.cancel(id, Requester(user)).await.unwrap();
        assert_eq!(outcome, self.model.cancel(id, user));
        let owner = self.model.jobs[&id].user;
        let outcome = self.fixture.store.cancel(id, Requester(owner)).await.unwrap();
        assert_eq!(outcome, self.model.cancel(id, owner));
    }

    /// One of the youngest jobs.
    fn some_job(&mut self) -> Option<JobId> {
        let youngest: Vec<JobId> = self.model.jobs.keys().rev().take(20).copied().collect();
        youngest.choose(&mut self.random).copied()
    }

    async fn fetch(&mut self) {
        let due = self.fixture.store.due_fetches(1000).await.unwrap();
        let due: Vec<JobId> = due.iter().map(|fetch| fetch.job.id).collect();
        assert_eq!(due, self.model.ids(|job| job.state == JobState::Queued && job.is_pending));
        let Some(id) = due.choose(&mut self.random).copied() else { return };
        let job = self.model.jobs.get_mut(&id).unwrap();
        if self.random.random_bool(0.8) {
            self.fixture.store.store_inputs(id, Vec::new()).await.unwrap();
            job.is_pending = false;
        } else {
            self.fixture.store.fail_fetch(id, Failure::PictureGone).await.unwrap();
            (job.state, job.is_pending) = (JobState::Failed, false);
        }
    }

    async fn deliver(&mut self) {
        let due = self.fixture.store.due_deliveries(&[], 1000).await.unwrap();
        let is_due = |job: &ModelJob| matches!(job.state, JobState::Drawn | JobState::Failed) && !job.is_delivered;
        let chats: BTreeSet<i64> = due.iter().map(|delivery| delivery.address.chat_id).collect();
        let expected: BTreeSet<i64> = self.model.jobs.values().filter(|job| is_due(job)).map(|job| job.user).collect();
        assert_eq!((chats, due.len()), (expected.clone(), expected.len()), "one for each chat");
        for delivery in due {
            let job = self.model.jobs.get_mut(&delivery.job.id).unwrap();
            assert!(is_due(job), "{:?}", delivery.job);
            self.fixture.store.mark_delivered(delivery.job.id, &[]).await.unwrap();
            job.is_delivered = true;
            if job.state == JobState::Drawn {
                job.state = JobState::Delivered;
            }
        }
    }

    async fn pause(&mut self) {
        self.model.is_paused = self.random.random_bool(0.3);
        self.fixture.store.set_paused(self.model.is_paused).await.unwrap();
    }

    async fn cancel_chat(&mut self, user: i64) {
        let waiting = self.model.ids(|job| job.user == user && job.state == JobState::Queued);
        assert_eq!(self.fixture.store.cancel_chat(user).await.unwrap(), waiting.len() as u64);
        for id in waiting {
            self.model.cancel(id, user);
        }
    }

    async fn forget(&mut self, user: i64) {
        let pending = self.fixture.store.forget(Requester(user), false).await.unwrap();
        let pending: Vec<JobId> = pending.iter().map(|job| job.id).collect();
        let is_pending = |job: &ModelJob| matches!(job.state, JobState::Queued | JobState::Running);
        assert_eq!(pending, self.model.ids(|job| job.user == user && is_pending(job)));
        self.model.jobs.retain(|_, job| job.user != user);
        self.model.last_served.remove(&user);
    }

    /// Compares all of the store with all of the model.
    async fn compare(&self) {
        let store = &self.fixture.store;
        let running = self.model.ids(|job| job.state == JobState::Running);
        let order: Vec<JobId> = running.into_iter().chain(self.model.claimable(true)).collect();
        let pending: Vec<JobId> = store.pending().await.unwrap().iter().map(|job| job.id).collect();
        assert_eq!(pending, order, "the announced order");
        for (id, job) in &self.model.jobs {
            let stored = store.job(*id).await.unwrap().unwrap();
            assert_eq!((stored.state, stored.requester), (job.state, Requester(job.user)), "{id}");
        }
        assert_eq!(self.fixture.rows("jobs").await, self.model.jobs.len() as i64);
        assert_eq!(store.is_paused().await.unwrap(), self.model.is_paused);
    }
}

pub(super) async fn random_operations_have_the_effect_that_they_have_on_a_model(fixture: Fixture) {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let operations = number("KANDINSKY_MODEL_OPERATIONS").unwrap_or(OPERATIONS);
    let seed = number("KANDINSKY_MODEL_SEED").unwrap_or(1);
    let (model, random) = (Model::default(), StdRng::seed_from_u64(seed.into()));
    let mut pair = Pair { fixture, model, random, claims: Vec::new(), keys: 0 };
    for operation in 1..=operations {
        pair.step().await;
        if operation % 100 == 0 {
            pair.compare().await;
        }
    }
    pair.compare().await;
}
