//! The bot with its web editor on the playground, and a user of the editor.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;
use kandinsky_bot::jobs::JobStore;
use kandinsky_bot::orders::Orders;
use kandinsky_bot::playground::{MiniApps, Options, Playground, new_token};
use kandinsky_bot::policy::Policy;
use kandinsky_bot::recipe::Recipe;
use kandinsky_bot::store::sqlite::SqliteStore;
use kandinsky_bot::telegram::EditorEntrance;
use kandinsky_bot::web::WebModel;
use kandinsky_bot::web::editor::{EDITOR_PATH, Editor, EditorOptions, EditorServices, sign_init_data};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::chat_user::ChatUser;
use super::fake_backend::FakeBackend;
use super::pictures::png;
use super::test_server::TestBot;
use super::test_store::TestStore;

/// How long tests wait for something.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bot, the playground with its editor, and their data.
pub(crate) struct EditorServer {
    pub(crate) playground: Playground,
    pub(crate) bot: TestBot,
    pub(crate) store: Arc<SqliteStore>,
    data: tempfile::TempDir,
}

/// A user of the editor, with a session.
#[derive(Clone)]
pub(crate) struct EditorUser {
    pub(crate) http: Client,
    pub(crate) url: String,
    pub(crate) token: String,
    /// The answer to the opening of the session.
    pub(crate) session: Value,
}

/// A refusal of the editor.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl EditorServer {
    pub(crate) async fn start() -> Self {
        Self::with(Policy::default(), |_| ()).await
    }

    pub(crate) async fn with(policy: Policy, before: impl FnMut(&Recipe) + Send + 'static) -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(data.path()).await.unwrap());
        let (jobs, policy) = (JobStore::from(Arc::clone(&store)), Arc::new(policy));
        let services = EditorServices {
            orders: Orders::new(&jobs, Arc::clone(&policy)),
            store: jobs,
            gallery: Arc::clone(&store) as _,
            sessions: Arc::clone(&store) as _,
            admin: Arc::clone(&store) as _,
        };
        let token = new_token();
        let options = EditorOptions {
            bot_token: token.clone(),
            url: None,
            model: WebModel { name: "kandinsky-2.1".to_owned(), native: 768 },
            is_full_model: true,
        };
        let editor = Editor::new(services, options).await.unwrap();
        let apps = MiniApps { token, pages: editor.router(), sign: sign_init_data, home: EDITOR_PATH.to_owned() };
        let playground = Playground::start(0, Options { mini_apps: Some(apps), ..Options::default() }).await.unwrap();
        let page = format!("{}{EDITOR_PATH}", playground.url()).parse().unwrap();
        let entrance = EditorEntrance { page, sessions: Arc::clone(&store) as _ };
        let api = (playground.api_url(), playground.token().to_owned());
        let make_backend = || FakeBackend::new(before);
        let bot =
            TestBot::on(TestStore::from(Arc::clone(&store)), (&api.0, &api.1), policy, make_backend, Some(entrance));
        Self { playground, bot, store, data }
    }

    /// A user in the chat, whose client speaks Russian.
    pub(crate) fn user(&self, id: i64) -> ChatUser {
        ChatUser::new(&self.playground.url(), id, "ru")
    }

    /// The address that a button opens, with launch data as the chat platform signs it.
    pub(crate) async fn opens(&self, user: i64, button: Option<&str>) -> String {
        let page = button.map_or(EDITOR_PATH, |url| &url[self.playground.url().len()..]);
        let user = json!({ "id": user, "first_name": "Анна", "language_code": "ru" }).to_string();
        let date = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().to_string();
        let fields = [("query_id", "AAE"), ("user", &user), ("auth_date", &date), ("signature", "x")];
        let data = sign_init_data(&fields, self.playground.token());
        let mut address = reqwest::Url::parse(&format!("http://x{page}")).unwrap();
        let fragment = reqwest::Url::parse_with_params("http://x", [("tgWebAppData", data)]).unwrap();
        address.set_fragment(fragment.query());
        address.as_str()["http://x".len()..].to_owned()
    }

    /// Opens the editor from the page.
    pub(crate) async fn comes_in(&self, user: i64) -> EditorUser {
        let address = self.opens(user, None).await;
        self.comes_in_with(&address).await
    }

    /// Opens the editor by an address with launch data, as its page does.
    pub(crate) async fn comes_in_with(&self, address: &str) -> EditorUser {
        let request = opening(address);
        let user = self.nobody();
        let session = user.request(Method::POST, "session").json(&request).send().await.unwrap();
        let session = done(session).await;
        EditorUser { token: session["token"].as_str().unwrap().to_owned(), session, ..user }
    }

    /// Somebody without a session.
    pub(crate) fn nobody(&self) -> EditorUser {
        let url = self.playground.url();
        EditorUser { http: Client::new(), url, token: String::new(), session: Value::Null }
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn writes(&self, statement: &'static str) {
        let file = sqlx::sqlite::SqliteConnectOptions::new().filename(self.data.path().join("kandinsky.db"));
        let database = sqlx::SqlitePool::connect_with(file).await.unwrap();
        sqlx::query(statement).execute(&database).await.unwrap();
        database.close().await;
    }

    /// As if nobody had looked at the results for longer than they are held back.
    pub(crate) async fn nobody_looks_any_more(&self) {
        self.writes("UPDATE jobs SET deliver_after = 1 WHERE is_from_editor AND deliver_after > 0").await;
    }

    pub(crate) async fn when_quiet(&self, user: &ChatUser) -> Vec<Value> {
        super::quiet::when_quiet(self.data.path(), user).await
    }
}

/// What the page sends for the address that it was opened with.
pub(crate) fn opening(address: &str) -> Value {
    let address = reqwest::Url::parse("http://x").unwrap().join(address).unwrap();
    let fragment = format!("http://x/?{}", address.fragment().unwrap_or_default());
    let fragment = reqwest::Url::parse(&fragment).unwrap();
    let of = |url: &reqwest::Url, wanted: &str| {
        url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    json!({ "init_data": of(&fragment, "tgWebAppData"), "code": of(&fragment, "k"), "start": of(&address, "ref") })
}

async fn done(response: Response) -> Value {
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

impl EditorUser {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/editor/api/{path}", self.url));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub(crate) async fn reads(&self, path: &str) -> Value {
        done(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn posts(&self, path: &str, body: Value) -> Value {
        done(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn deletes(&self, path: &str) {
        done(self.request(Method::DELETE, path).send().await.unwrap()).await;
    }

    /// Uploads a file.
    pub(crate) async fn brings(&self, bytes: Vec<u8>) -> Value {
        done(self.upload(bytes).send().await.unwrap()).await
    }

    pub(crate) fn upload(&self, bytes: Vec<u8>) -> RequestBuilder {
        let form = Form::new().part("file", Part::bytes(bytes).file_name("photo"));
        self.request(Method::POST, "pictures").multipart(form)
    }

    /// Orders something, with a mask.
    pub(crate) async fn orders(&self, job: Value, mask: Option<&RgbImage>) -> String {
        let ordered = done(self.order(&job, mask).send().await.unwrap()).await;
        ordered["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn order(&self, job: &Value, mask: Option<&RgbImage>) -> RequestBuilder {
        let mut form = Form::new().text("job", job.to_string());
        if let Some(mask) = mask {
            form = form.part("mask", Part::bytes(png(mask)).file_name("mask.png").mime_str("image/png").unwrap());
        }
        self.request(Method::POST, "jobs").multipart(form)
    }

    /// Waits for the end of a job as the page does: the job.
    pub(crate) async fn waits_for(&self, job: &str) -> Value {
        let started = Instant::now();
        let mut after = 0;
        loop {
            let found = self.reads(&format!("jobs/{job}?after={after}&wait=5")).await;
            if ["done", "failed", "cancelled"].contains(&found["state"].as_str().unwrap()) {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "{found:#}");
            after = found["rev"].as_u64().unwrap();
        }
    }

    /// Draws a picture from a text: the picture.
    pub(crate) async fn draws(&self, prompt: &str) -> Value {
        let job = self.orders(json!({ "kind": "text", "prompt": prompt }), None).await;
        self.waits_for(&job).await["pictures"][0].clone()
    }

    /// The bytes behind an address.
    pub(crate) async fn file(&self, path: &Value) -> Vec<u8> {
        let response = self.http.get(format!("{}{}", self.url, path.as_str().unwrap())).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {response:?}");
        response.bytes().await.unwrap().to_vec()
    }
}

/// A refused request.
pub(crate) async fn refusal(request: RequestBuilder) -> Refusal {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"));
    let word = |name: &str| body["error"][name].as_str().unwrap_or_else(|| panic!("{status}: {text}")).to_owned();
    assert!(status >= 400, "{status} {body}");
    Refusal { status, code: word("code"), message: word("message") }
}
