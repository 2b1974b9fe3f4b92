//! A Bot API server for tests: notes what it is asked, answers with the fields that Telegram would send, fails where it is told to.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use serde_json::{Value, json};
use teloxide::Bot;
use tokio::time::sleep;
use url::Url;

pub(super) const TOKEN: &str = "1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// In lower case.
    pub(super) method: String,
    /// The parameters; those of multipart requests that are JSON are read.
    pub(super) fields: HashMap<String, Value>,
    /// Uploads: file name and bytes.
    pub(super) files: Vec<(String, Bytes)>,
}

/// The server. Ends with the test's runtime.
#[derive(Clone)]
pub(super) struct FakeServer {
    url: Url,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Vec<Call>>,
    /// What the next requests of a method are answered with instead of a success.
    faults: Mutex<HashMap<String, VecDeque<(u16, Value)>>>,
    /// What files hold instead of a small picture.
    file: Mutex<Option<Vec<u8>>>,
    updates: Mutex<Vec<Value>>,
    delivered: Mutex<Vec<Value>>,
    next_update: AtomicI32,
    next_id: AtomicI32,
}

impl Call {
    pub(super) fn text(&self) -> &str {
        self.field("text")
    }

    #[track_caller]
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is no text: {:?}", self.fields))
    }

    /// The callback data of the button with this label.
    #[track_caller]
    pub(super) fn button(&self, label: &str) -> String {
        let rows = self.fields["reply_markup"]["inline_keyboard"].as_array().unwrap();
        let buttons = rows.iter().flat_map(|row| row.as_array().unwrap());
        let found = buttons.clone().find(|button| button["text"] == label);
        found.unwrap_or_else(|| panic!("no {label:?} in {rows:?}"))["callback_data"].as_str().unwrap().to_owned()
    }
}

impl FakeServer {
    pub(super) async fn start() -> Self {
        let (next_id, next_update) = (AtomicI32::new(1001), AtomicI32::new(5000));
        let shared = Arc::new(Shared { next_id, next_update, ..Shared::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let router = Router::new()
            .route("/{bot}/{method}", post(answer))
            .route("/file/{bot}/{*path}", get(file))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared }
    }

    pub(super) fn bot(&self) -> Bot {
        super::bot(TOKEN, Some(self.url.clone())).unwrap()
    }

    /// The next request of this method fails.
    pub(super) fn fail(&self, method: &str, status: u16, description: &str) {
        self.fail_with(method, status, json!({"ok": false, "error_code": status, "description": description}));
    }

    /// The next request of this method is answered like this.
    pub(super) fn fail_with(&self, method: &str, status: u16, answer: Value) {
        let mut faults = self.shared.faults.lock().unwrap();
        faults.entry(method.to_lowercase()).or_default().push_back((status, answer));
    }

    /// Every file holds these bytes from now on.
    pub(super) fn serves_file(&self, bytes: Vec<u8>) {
        *self.shared.file.lock().unwrap() = Some(bytes);
    }

    /// Puts an update on the wire.
    pub(super) fn update(&self, kind: &str, content: Value) {
        let id = self.shared.next_update.fetch_add(1, Ordering::Relaxed);
        let update = json!({"update_id": id, kind: content});
        self.shared.updates.lock().unwrap().push(update.clone());
        self.shared.delivered.lock().unwrap().push(update);
    }

    /// Delivers all updates so far again, as a server does that did not hear that they were received.
    pub(super) fn redeliver(&self) {
        let delivered = self.shared.delivered.lock().unwrap().clone();
        self.shared.updates.lock().unwrap().extend(delivered);
    }

    /// All requests of a method so far.
    pub(super) fn calls(&self, method: &str) -> Vec<Call> {
        let calls = self.shared.calls.lock().unwrap();
        calls.iter().filter(|call| call.method == method.to_lowercase()).cloned().collect()
    }

    /// Waits for the `number`-th request (from 1) of a method.
    #[track_caller]
    pub(super) fn call(&self, method: &str, number: usize) -> impl Future<Output = Call> {
        let (server, method) = (self.clone(), method.to_owned());
        async move {
            for _ in 0..1000 {
                if let Some(call) = server.calls(&method).get(number - 1) {
                    return call.clone();
                }
                sleep(Duration::from_millis(10)).await;
            }
            let calls = server.shared.calls.lock().unwrap();
            panic!("no {method} number {number} in {:#?}", calls.iter().map(|call| &call.method).collect::<Vec<_>>());
        }
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Path((_, method)): Path<(String, String)>,
    request: Request,
) -> (StatusCode, String) {
    let method = method.to_lowercase();
    let call = read(method.clone(), request).await;
    let fault = shared.faults.lock().unwrap().get_mut(&method).and_then(VecDeque::pop_front);
    let (status, answer) = match fault {
        Some((status, answer)) => (status, answer),
        None => (200, json!({"ok": true, "result": result(&shared, &call).await})),
    };
    shared.calls.lock().unwrap().push(call);
    (StatusCode::from_u16(status).unwrap(), answer.to_string())
}

async fn read(method: String, request: Request) -> Call {
    let mut call = Call { method, fields: HashMap::new(), files: Vec::new() };
    let content_type = request.headers().get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap()).to_owned();
    if content_type.starts_with("multipart") {
        let mut parts = Multipart::from_request(request, &()).await.unwrap();
        while let Some(part) = parts.next_field().await.unwrap() {
            let (name, file_name) = (part.name().unwrap().to_owned(), part.file_name().map(str::to_owned));
            let bytes = part.bytes().await.unwrap();
            match file_name {
                Some(file_name) => call.files.push((file_name, bytes)),
                None => {
                    let text = String::from_utf8(bytes.to_vec()).unwrap();
                    call.fields.insert(name, serde_json::from_str(&text).unwrap_or(Value::String(text)));
                }
            }
        }
    } else {
        let body = Bytes::from_request(request, &()).await.unwrap();
        call.fields = serde_json::from_slice(&body).unwrap_or_default();
    }
    call
}

async fn result(shared: &Shared, call: &Call) -> Value {
    match call.method.as_str() {
        "getme" => me(),
        "getwebhookinfo" => json!({"url": "", "has_custom_certificate": false, "pending_update_count": 0}),
        "getmycommands" => json!([]),
        "getmyname" => json!({"name": "Kandinsky"}),
        "getmydescription" => json!({"description": ""}),
        "getmyshortdescription" => json!({"short_description": ""}),
        "getupdates" => {
            sleep(Duration::from_millis(20)).await;
            Value::Array(std::mem::take(&mut *shared.updates.lock().unwrap()))
        }
        "sendmediagroup" => call.fields["media"].as_array().unwrap().iter().map(|_| message(shared, call)).collect(),
        "sendmessage" | "sendphoto" | "senddocument" | "editmessagetext" | "editmessagecaption"
        | "editmessagemedia" => message(shared, call),
        "getfile" => json!({"file_id": "f", "file_unique_id": "u", "file_size": 9, "file_path": "photos/one.png"}),
        _ => json!(true),
    }
}

async fn file(State(shared): State<Arc<Shared>>) -> Vec<u8> {
    shared.file.lock().unwrap().clone().unwrap_or_else(picture)
}

/// What a file holds, unless a test says otherwise.
pub(super) fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(96, 64).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub(super) fn me() -> Value {
    json!({
        "id": 1, "is_bot": true, "first_name": "Kandinsky", "username": "kandinsky_bot", "can_join_groups": true,
        "can_read_all_group_messages": false, "supports_inline_queries": false, "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}

fn message(shared: &Shared, call: &Call) -> Value {
    let id = call.fields.get("message_id").cloned();
    let chat_id = call.fields["chat_id"].as_i64().or_else(|| call.fields["chat_id"].as_str()?.parse().ok()).unwrap();
    let chat = match chat_id {
        ..0 => json!({"id": chat_id, "type": "supergroup", "title": "Friends"}),
        _ => json!({"id": chat_id, "type": "private", "first_name": "Anna"}),
    };
    json!({
        "message_id": id.unwrap_or_else(|| json!(shared.next_id.fetch_add(1, Ordering::Relaxed))),
        "date": 1_700_000_000, "chat": chat, "from": me(), "text": "sent",
    })
}
