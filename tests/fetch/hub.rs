//! A hub on this machine: the answers of huggingface.co that a download needs, and its faults.
//!
//! As there, small files come by a relative redirect, large ones by a redirect to a storage on another host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

/// From this size on a file is a large one, with a checksum in the list.
const LARGE: usize = 1000;
/// The one revision of everything.
pub(crate) const COMMIT: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

/// A server with repositories; it ends when dropped.
pub(crate) struct FakeHub {
    runtime: Runtime,
    port: u16,
    state: Shared,
}

type Shared = Arc<Mutex<HubState>>;

#[derive(Default)]
struct HubState {
    files: HashMap<(String, String), Vec<u8>>,
    /// Files that come with other bytes than the list says.
    damaged: Vec<String>,
    /// Paths whose connection is cut after so many bytes, as often as said.
    cuts: HashMap<String, Cut>,
    /// Whether files come at all.
    is_down: bool,
    /// Whether parts of files can be asked for.
    ignores_ranges: bool,
    seen: Vec<Request>,
}

#[derive(Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) after: usize,
    pub(crate) times: usize,
    pub(crate) end: End,
}

/// How a cut connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Breaks,
    /// And after the last cut nothing is sent any more.
    BreaksForGood,
    /// It stays open, and silent.
    Hangs,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// `list`, `resolve`, or `file` where bytes are sent.
    pub(crate) kind: &'static str,
    /// `owner/name` or `owner/name/path`.
    pub(crate) what: String,
    /// First byte.
    pub(crate) start: u64,
    pub(crate) token: Option<String>,
}

impl FakeHub {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let state = Shared::default();
        let router = Router::new()
            .route("/api/models/{owner}/{name}/revision/{revision}", get(list))
            .route("/{owner}/{name}/resolve/{revision}/{*path}", get(resolve))
            .route("/api/resolve-cache/models/{owner}/{name}/{revision}/{*path}", get(send))
            .route("/storage/{owner}/{name}/{*path}", get(send_large))
            .with_state(Arc::clone(&state));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { runtime, port, state }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn add(&self, repository: &str, path: &str, bytes: impl Into<Vec<u8>>) {
        self.state.lock().unwrap().files.insert((repository.to_owned(), path.to_owned()), bytes.into());
    }

    pub(crate) fn remove(&self, repository: &str, path: &str) {
        self.state.lock().unwrap().files.remove(&(repository.to_owned(), path.to_owned())).unwrap();
    }

    pub(crate) fn damage(&self, path: &str) {
        self.state.lock().unwrap().damaged.push(path.to_owned());
    }

    pub(crate) fn repair(&self) {
        let mut state = self.state.lock().unwrap();
        state.damaged.clear();
        state.cuts.clear();
        state.is_down = false;
    }

    pub(crate) fn cut(&self, path: &str, cut: Cut) {
        self.state.lock().unwrap().cuts.insert(path.to_owned(), cut);
    }

    pub(crate) fn ignore_ranges(&self) {
        self.state.lock().unwrap().ignores_ranges = true;
    }

    /// What was asked for since the last call.
    pub(crate) fn seen(&self) -> Vec<Request> {
        std::mem::take(&mut self.state.lock().unwrap().seen)
    }

    /// Waits until bytes of a file were asked for.
    pub(crate) fn wait_for(&self, what: &str) {
        for _ in 0..1000 {
            if self.state.lock().unwrap().seen.iter().any(|request| request.kind == "file" && request.what == what) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("nobody asks for {what}");
    }

    /// The server is gone; its address.
    pub(crate) fn stop(self) -> String {
        let endpoint = self.endpoint();
        self.runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        endpoint
    }
}

fn note(state: &mut HubState, kind: &'static str, what: String, headers: &HeaderMap) -> u64 {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let range = text(header::RANGE);
    let start = range.map_or(0, |range| range.strip_prefix("bytes=").unwrap().trim_end_matches('-').parse().unwrap());
    state.seen.push(Request { kind, what, start, token: text(header::AUTHORIZATION) });
    start
}

async fn list(
    State(state): State<Shared>,
    Path((owner, name, revision)): Path<(String, String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let mut state = state.lock().unwrap();
    let repository = format!("{owner}/{name}");
    note(&mut state, "list", repository.clone(), &headers);
    let has_blobs = query.get("blobs").is_some_and(|value| value == "true");
    let mut siblings = Vec::new();
    for ((_, path), bytes) in state.files.iter().filter(|((owner, _), _)| *owner == repository) {
        let mut sibling = serde_json::json!({ "rfilename": path });
        if has_blobs {
            let digest = digest(bytes);
            sibling["size"] = bytes.len().into();
            sibling["blobId"] = digest[..40].into();
            if bytes.len() >= LARGE {
                sibling["lfs"] = serde_json::json!({ "sha256": digest, "size": bytes.len(), "pointerSize": 130 });
            }
        }
        siblings.push(sibling);
    }
    if siblings.is_empty() || revision != "main" {
        return (StatusCode::UNAUTHORIZED, r#"{"error":"Invalid username or password."}"#).into_response();
    }
    axum::Json(serde_json::json!({ "id": repository, "sha": COMMIT, "siblings": siblings })).into_response()
}

async fn resolve(
    State(state): State<Shared>,
    Path((owner, name, revision, path)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut state = state.lock().unwrap();
    note(&mut state, "resolve", format!("{owner}/{name}/{path}"), &headers);
    let Some(bytes) = state.files.get(&(format!("{owner}/{name}"), path.clone())) else {
        return (StatusCode::NOT_FOUND, "Entry not found").into_response();
    };
    if revision != COMMIT {
        return (StatusCode::NOT_FOUND, "Revision not found").into_response();
    }
    if bytes.len() < LARGE {
        let location = format!("/api/resolve-cache/models/{owner}/{name}/{revision}/{path}");
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response();
    }
    let host = headers[header::HOST].to_str().unwrap().replace("127.0.0.1", "localhost");
    let location = format!("http://{host}/storage/{owner}/{name}/{path}");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

async fn send(
    state: State<Shared>,
    Path((owner, name, _revision, path)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    send_large(state, Path((owner, name, path)), headers).await
}

async fn send_large(
    State(state): State<Shared>,
    Path((owner, name, path)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut state = state.lock().unwrap();
    let what = format!("{owner}/{name}/{path}");
    let mut start = note(&mut state, "file", what.clone(), &headers);
    if state.is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if state.ignores_ranges {
        start = 0;
    }
    let mut bytes = state.files[&(format!("{owner}/{name}"), path)].clone();
    let length = bytes.len() as u64;
    if start >= length {
        return StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    }
    if state.damaged.contains(&what) {
        *bytes.last_mut().unwrap() ^= 1;
    }
    let bytes = bytes.split_off(start as usize);
    let ranges = state.ignores_ranges;
    let body_length = bytes.len();
    let body = match state.cuts.get_mut(&what) {
        Some(cut) if cut.times > 0 => {
            cut.times -= 1;
            let cut = *cut;
            state.is_down = cut.times == 0 && cut.end == End::BreaksForGood;
            cut_body(bytes, cut)
        }
        _ => Body::from(bytes),
    };
    let response = Response::builder().header(header::CONTENT_LENGTH, body_length);
    let response = if ranges {
        response.status(StatusCode::OK)
    } else {
        let range = format!("bytes {start}-{}/{length}", length - 1);
        response.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, range)
    };
    response.body(body).unwrap()
}

/// The beginning of a body, and then a broken connection, or nothing.
fn cut_body(mut bytes: Vec<u8>, cut: Cut) -> Body {
    use futures::StreamExt;
    bytes.truncate(cut.after);
    let beginning = futures::stream::iter([Ok(bytes)]);
    if cut.end == End::Hangs {
        return Body::from_stream(beginning.chain(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>()));
    }
    let broken = futures::stream::once(async {
        // What was sent shall arrive before.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        Err(std::io::Error::other("cut"))
    });
    Body::from_stream(beginning.chain(broken))
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
