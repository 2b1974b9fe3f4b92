//! What the handlers of the editor share.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use url::Url;

use super::signature::Signer;
use super::streams::Streams;
use super::view_cache::ViewCache;
use crate::gallery::{EditorSessions, Gallery};
use crate::jobs::{JobStore, StoreError};
use crate::orders::Orders;
use crate::policy::AdminStore;
use crate::web::rate_limit::RateLimiter;
use crate::web::state::WebModel;

/// Pictures that are decoded at a time: each may have 50 million pixels.
const DECODING: usize = 2;
/// Large bodies that are in memory at a time.
const RECEIVING: usize = 4;

/// What the editor is made of.
#[derive(Clone)]
pub struct EditorServices {
    /// Takes orders.
    pub orders: Orders,
    /// Jobs, pictures and events.
    pub store: JobStore,
    /// Pictures of users.
    pub gallery: Arc<dyn Gallery>,
    /// Who may come in.
    pub sessions: Arc<dyn EditorSessions>,
    /// Bans.
    pub admin: Arc<dyn AdminStore>,
}

/// Where and for whom the editor is.
#[derive(Clone)]
pub struct EditorOptions {
    /// The bot's token: launch data is signed with it.
    pub bot_token: String,
    /// The address under which the editor is reached; names of this machine are taken in any case.
    pub url: Option<Url>,
    /// What draws.
    pub model: WebModel,
    /// Whether it is a full model, and not the miniature.
    pub is_full_model: bool,
}

/// The web editor. Cheap to clone.
#[derive(Clone)]
pub struct Editor(pub(super) Arc<EditorState>);

/// What handlers need.
pub(super) struct EditorState {
    pub(super) orders: Orders,
    pub(super) store: JobStore,
    pub(super) gallery: Arc<dyn Gallery>,
    pub(super) sessions: Arc<dyn EditorSessions>,
    pub(super) admin: Arc<dyn AdminStore>,
    pub(super) options: EditorOptions,
    pub(super) signer: Signer,
    pub(super) views: ViewCache,
    pub(super) decoding: Arc<Semaphore>,
    /// Places for large bodies.
    pub(super) receiving: Arc<Semaphore>,
    pub(super) streams: Streams,
    pub(super) reads: RateLimiter<i64>,
    pub(super) uploads: RateLimiter<i64>,
    pub(super) orders_limit: RateLimiter<i64>,
    pub(super) session_limit: RateLimiter<IpAddr>,
    /// Becomes true when the server ends.
    stopping: watch::Sender<bool>,
}

impl Editor {
    /// Opens the editor: its secret is made at the first time and stays.
    ///
    /// # Errors
    /// The store failed.
    pub async fn new(services: EditorServices, options: EditorOptions) -> Result<Self, StoreError> {
        let new: [u8; 32] = rand::random();
        let new: String = new.iter().map(|byte| format!("{byte:02x}")).collect();
        let secret = services.sessions.secret(&new).await?;
        let EditorServices { orders, store, gallery, sessions, admin } = services;
        Ok(Self(Arc::new(EditorState {
            orders,
            store,
            gallery,
            sessions,
            admin,
            options,
            signer: Signer::new(secret),
            views: ViewCache::default(),
            decoding: Arc::new(Semaphore::new(DECODING)),
            receiving: Arc::new(Semaphore::new(RECEIVING)),
            streams: Streams::default(),
            reads: RateLimiter::new(300, 300),
            uploads: RateLimiter::new(20, 20),
            orders_limit: RateLimiter::new(60, 60),
            session_limit: RateLimiter::new(10, 10),
            stopping: watch::Sender::new(false),
        })))
    }

    /// Ends requests that wait.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }
}

impl EditorState {
    /// Becomes true when the server ends.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }
}
