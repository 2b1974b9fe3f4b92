//! What all handlers share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, watch};

use super::cors::Cors;
use super::links::Links;
use super::presence::Presences;
use super::rate_limit::RateLimiter;
use super::streams::StreamCounts;
use crate::jobs::{ApiJobs, JobStore};
use crate::keys::ApiKeys;
use crate::orders::Orders;
use crate::policy::AdminStore;

/// Bodies with pictures that are in memory at a time.
const UPLOADS: usize = 4;
/// Pictures that are decoded at a time.
const DECODING: usize = 2;

/// What the model is called, and the side of the square that it draws best.
#[derive(Debug, Clone)]
pub struct WebModel {
    /// Its name for clients, such as `kandinsky-2.1`.
    pub name: String,
    /// Pixels.
    pub native: u32,
}

/// How long the server waits for what.
#[derive(Debug, Clone, Copy)]
pub struct WebTiming {
    /// A request that waits for its pictures is answered after this time at the latest. OpenAI's clients wait for ten minutes.
    pub answer_within: Duration,
    /// A client that has left may come back within this time; after it, its job is cancelled.
    pub return_within: Duration,
    /// The head of a request has to arrive within this time; a connection without a request is kept for so long.
    pub headers_within: Duration,
    /// How long a large body, or a picture that has to be decoded, waits for its turn.
    pub turn_within: Duration,
}

impl Default for WebTiming {
    fn default() -> Self {
        Self {
            answer_within: Duration::from_secs(540),
            return_within: Duration::from_secs(30),
            headers_within: Duration::from_secs(30),
            turn_within: Duration::from_secs(10),
        }
    }
}

/// What handlers need.
pub(super) struct Api {
    pub(super) orders: Orders,
    pub(super) store: JobStore,
    pub(super) jobs: Arc<dyn ApiJobs>,
    pub(super) keys: Arc<dyn ApiKeys>,
    pub(super) admin: Arc<dyn AdminStore>,
    pub(super) model: WebModel,
    pub(super) timing: WebTiming,
    /// The address for links, without a slash at its end.
    pub(super) url: String,
    /// Whether the server is reached from this machine only.
    pub(super) is_local: bool,
    /// Web pages that may use the API.
    pub(super) cors: Cors,
    pub(super) presences: Presences,
    pub(super) links: Links,
    pub(super) streams: StreamCounts,
    /// One request at a time looks for its job and makes one: a repeated request finds the first.
    pub(super) submission: Mutex<()>,
    pub(super) uploads: Arc<Semaphore>,
    pub(super) decoding: Arc<Semaphore>,
    pub(super) reads: RateLimiter<i64>,
    pub(super) writes: RateLimiter<i64>,
    pub(super) wrong_keys: RateLimiter<IpAddr>,
    /// Becomes true when the server ends.
    pub(super) stopping: watch::Receiver<bool>,
}

/// What the server is made of.
pub struct WebServices {
    /// Takes orders.
    pub orders: Orders,
    /// Jobs, pictures and events.
    pub store: JobStore,
    /// Jobs by key.
    pub jobs: Arc<dyn ApiJobs>,
    /// Keys.
    pub keys: Arc<dyn ApiKeys>,
    /// Bans.
    pub admin: Arc<dyn AdminStore>,
}

impl Api {
    pub(super) fn new(
        services: WebServices,
        model: WebModel,
        timing: WebTiming,
        (url, is_local): (String, bool),
        origins: &[String],
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let WebServices { orders, store, jobs, keys, admin } = services;
        Self {
            presences: Presences::new(orders.clone(), timing.return_within),
            orders,
            store,
            jobs,
            keys,
            admin,
            model,
            timing,
            url,
            is_local,
            cors: Cors::new(origins),
            links: Links::default(),
            streams: StreamCounts::default(),
            submission: Mutex::default(),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            decoding: Arc::new(Semaphore::new(DECODING)),
            reads: RateLimiter::new(300, 300),
            writes: RateLimiter::new(60, 60),
            wrong_keys: RateLimiter::new(5, 1),
            stopping,
        }
    }
}
