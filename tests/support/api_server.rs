//! The HTTP API over a fake backend, and a program that calls it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kandinsky_bot::jobs::{JobStore, Pace, WorkQueue};
use kandinsky_bot::keys::{ApiKeys, NewApiKey, hash_key, new_key};
use kandinsky_bot::orders::Orders;
use kandinsky_bot::policy::Policy;
use kandinsky_bot::recipe::Recipe;
use kandinsky_bot::store::sqlite::SqliteStore;
use kandinsky_bot::web::{WebBounds, WebModel, WebOptions, WebServer, WebServices, WebTiming};
use kandinsky_bot::worker::Worker;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use super::fake_backend::FakeBackend;

/// How long tests wait for something.
const PATIENCE: Duration = Duration::from_secs(30);
/// Previews come at once.
const PACE: Pace = Pace { first_preview: Duration::ZERO, preview: Duration::from_millis(100), ..Pace::TELEGRAM };

/// The HTTP API with its store and worker.
pub(crate) struct ApiServer {
    pub(crate) store: Arc<SqliteStore>,
    web: WebServer,
    worker: Worker<Infallible>,
    data: tempfile::TempDir,
}

/// A program with a key.
#[derive(Clone)]
pub(crate) struct ApiClient {
    pub(crate) http: Client,
    pub(crate) url: String,
    pub(crate) key: String,
}

/// How a server is set up.
pub(crate) struct WebSetup {
    pub(crate) timing: WebTiming,
    pub(crate) bounds: WebBounds,
    pub(crate) origins: Vec<String>,
}

impl From<WebTiming> for WebSetup {
    fn from(timing: WebTiming) -> Self {
        Self { timing, bounds: WebBounds::default(), origins: Vec::new() }
    }
}

/// A server without any rules, that lets clients come back for a moment.
pub(crate) fn timing() -> WebTiming {
    WebTiming { return_within: Duration::from_millis(300), ..WebTiming::default() }
}

impl ApiServer {
    pub(crate) async fn start() -> Self {
        Self::with(Policy::default(), timing(), |_| ()).await
    }

    pub(crate) async fn with(
        policy: Policy,
        setup: impl Into<WebSetup>,
        before: impl FnMut(&Recipe) + Send + 'static,
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (store, worker, web) = Self::open(data.path(), policy, setup.into(), before).await;
        Self { store, web, worker, data }
    }

    async fn open(
        data: &Path,
        policy: Policy,
        setup: WebSetup,
        before: impl FnMut(&Recipe) + Send + 'static,
    ) -> (Arc<SqliteStore>, Worker<Infallible>, WebServer) {
        let store = Arc::new(SqliteStore::open(data).await.unwrap());
        let make_backend = || Ok(FakeBackend::new(before));
        let worker =
            Worker::start(Arc::clone(&store) as Arc<dyn WorkQueue>, PACE, Box::new(|_| Ok(())), make_backend).unwrap();
        let jobs = JobStore::from(Arc::clone(&store));
        let services = WebServices {
            orders: Orders::new(&jobs, Arc::new(policy)),
            store: jobs,
            jobs: Arc::clone(&store) as _,
            keys: Arc::clone(&store) as _,
            admin: Arc::clone(&store) as _,
        };
        let model = WebModel { name: "kandinsky-2.1".to_owned(), native: 768 };
        let listen: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let WebSetup { timing, bounds, origins } = setup;
        let options = WebOptions { listen, url: None, model, timing, bounds, origins };
        (Arc::clone(&store), worker, WebServer::start(options, services, None).await.unwrap())
    }

    /// The program ends and begins again with the same data.
    pub(crate) async fn restarts(self) -> Self {
        let Self { store, web, worker, data } = self;
        web.stop().await;
        worker.stop().await;
        store.close().await;
        drop(store);
        let (store, worker, web) = Self::open(data.path(), Policy::default(), timing().into(), |_| ()).await;
        Self { store, web, worker, data }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.web.address())
    }

    /// A program with a new key.
    pub(crate) async fn client(&self, name: &str) -> ApiClient {
        self.client_within(name, None).await
    }

    /// A program whose key may ask for so many jobs per hour.
    pub(crate) async fn client_within(&self, name: &str, hour: Option<u32>) -> ApiClient {
        let key = new_key();
        let new = NewApiKey { user: None, name: name.to_owned(), hash: hash_key(&key), hour, day: None };
        self.store.add_key(&new).await.unwrap().unwrap();
        ApiClient { http: Client::new(), url: self.url(), key }
    }

    /// A program with a new key of a user of the chat.
    pub(crate) async fn client_of(&self, user: i64, name: &str) -> ApiClient {
        let key = new_key();
        let new = NewApiKey { user: Some(user), name: name.to_owned(), hash: hash_key(&key), hour: None, day: None };
        self.store.add_key(&new).await.unwrap().unwrap();
        ApiClient { http: Client::new(), url: self.url(), key }
    }

    /// How many jobs there ever were.
    pub(crate) async fn jobs(&self) -> u64 {
        kandinsky_bot::jobs::Queue::stats(&*self.store).await.unwrap().jobs
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn writes(&self, statement: &'static str) {
        let file = sqlx::sqlite::SqliteConnectOptions::new().filename(self.data.path().join("kandinsky.db"));
        let database = sqlx::SqlitePool::connect_with(file).await.unwrap();
        sqlx::query(statement).execute(&database).await.unwrap();
        database.close().await;
    }

    /// The database, for reading.
    pub(crate) fn database(&self) -> sqlx::SqlitePool {
        super::quiet::database(self.data.path())
    }
}

impl ApiClient {
    /// The same program at the server's new address.
    pub(crate) fn at(&self, server: &ApiServer) -> Self {
        Self { url: server.url(), ..self.clone() }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.key).json(body)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    /// Reads something that is there.
    pub(crate) async fn reads(&self, path: &str) -> Value {
        let response = self.get(path).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {response:?}");
        response.json().await.unwrap()
    }

    /// Asks for something that is done.
    pub(crate) async fn asks(&self, path: &str, body: Value) -> Value {
        let response = self.post(path, &body).send().await.unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{status} {answer}");
        answer
    }

    /// Asks for something that is refused: status, code, field and the whole response's headers.
    pub(crate) async fn is_refused(&self, path: &str, body: Value) -> Refused {
        refused(self.post(path, &body).send().await.unwrap()).await
    }

    /// Waits until a job is in one of these states: the job.
    pub(crate) async fn when(&self, job: &str, states: &[&str]) -> Value {
        let started = Instant::now();
        loop {
            let found = self.reads(&format!("/v1/jobs/{job}")).await;
            if states.contains(&found["status"].as_str().unwrap()) {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "never {states:?}: {found:#}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) param: Value,
    pub(crate) message: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

pub(crate) async fn refused(response: Response) -> Refused {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"));
    let error = &body["error"];
    assert!(status >= 400 && error.is_object(), "{status} {body}");
    assert!(headers.contains_key("x-request-id"), "{headers:?}");
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Refused { status, code: text("code"), param: error["param"].clone(), message: text("message"), headers }
}

/// A request for a picture.
pub(crate) fn picture_of(prompt: &str) -> Value {
    json!({ "prompt": prompt })
}
