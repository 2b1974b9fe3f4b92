//! Who is let in.

use kandinsky_bot::keys::ApiKeys;
use kandinsky_bot::limits::Limits;
use kandinsky_bot::policy::{KeyMakers, Policy};
use reqwest::Client;
use serde_json::{Value, json};

use crate::support::api_server::{ApiServer, picture_of, refused, timing};
use crate::support::fake_backend::SLOWLY;

const GENERATIONS: &str = "/v1/images/generations";

#[tokio::test]
async fn without_a_key_nothing_opens() {
    let server = ApiServer::start().await;
    let http = Client::new();
    for path in ["/v1/models", "/v1/styles", "/v1/jobs", "/v1/jobs/1", "/v1/jobs/1/events"] {
        let response = refused(http.get(format!("{}{path}", server.url())).send().await.unwrap()).await;
        assert_eq!((response.status, response.code.as_str()), (401, "invalid_api_key"), "{path}");
    }
    for path in [GENERATIONS, "/v1/images/edits", "/v1/images/variations", "/v1/jobs"] {
        let request = http.post(format!("{}{path}", server.url())).json(&json!({ "prompt": "x" }));
        assert_eq!(refused(request.send().await.unwrap()).await.status, 401, "{path}");
    }
    assert_eq!(server.jobs().await, 0);
}

#[tokio::test]
async fn what_the_description_says_to_need_a_key_does() {
    let server = ApiServer::start().await;
    let (http, url) = (Client::new(), server.url());
    let description: Value = http.get(format!("{url}/v1/openapi.json")).send().await.unwrap().json().await.unwrap();
    let mut open = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            let request = http.request(method, format!("{url}{}", path.replace(['{', '}'], ""))).json(&json!({}));
            let status = request.send().await.unwrap().status().as_u16();
            match operation["security"] == json!([]) {
                true => open.push(path.as_str()),
                false => assert_eq!(status, 401, "{path}"),
            }
        }
    }
    open.sort_unstable();
    assert_eq!(open, ["/healthz", "/v1/files/{file}", "/v1/openapi.json"]);
}

#[tokio::test]
async fn a_removed_key_opens_nothing_from_then_on() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    client.asks(GENERATIONS, picture_of("кот")).await;
    let used = server.store.keys().await.unwrap()[0].used_at;
    assert!(used.is_some(), "the owner sees when it was used");
    server.store.remove_key("script").await.unwrap();
    assert_eq!(client.is_refused(GENERATIONS, picture_of("кот")).await.status, 401);
}

#[tokio::test]
async fn a_key_may_come_in_another_header() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let url = format!("{}/v1/models", server.url());
    let request = client.http.get(url).header("api-key", &client.key);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn whoever_guesses_keys_has_to_wait_and_others_do_not() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let url = format!("{}/v1/models", server.url());
    let guess = async || {
        let request = client.http.get(&url).bearer_auth("kb_guessed");
        refused(request.send().await.unwrap()).await
    };
    for _ in 0..5 {
        assert_eq!(guess().await.status, 401);
    }
    let limited = guess().await;
    assert_eq!((limited.status, limited.code.as_str()), (429, "rate_limit_exceeded"));
    let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    client.reads("/v1/models").await;
}

#[tokio::test]
async fn a_key_sends_so_many_requests_a_minute_and_others_have_their_own() {
    let server = ApiServer::start().await;
    let (client, other) = (server.client("script").await, server.client("other").await);
    for _ in 0..60 {
        client.asks("/sdapi/v1/options", json!({})).await;
    }
    let limited = client.is_refused("/sdapi/v1/options", json!({})).await;
    assert_eq!((limited.status, limited.code.as_str()), (429, "rate_limit_exceeded"));
    assert!(limited.headers.contains_key("retry-after"));
    client.reads("/v1/models").await;
    other.asks("/sdapi/v1/options", json!({})).await;
}

#[tokio::test]
async fn another_name_for_this_machine_is_refused() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let rebound = client.get("/v1/models").header("host", "evil.example:80").send().await.unwrap();
    assert_eq!(refused(rebound).await.code, "foreign_host");
    let local = client.get("/v1/models").header("host", "localhost:8081").send().await.unwrap();
    assert_eq!(local.status(), 200);
}

#[tokio::test]
async fn a_key_has_limits_of_its_own() {
    let server = ApiServer::start().await;
    let (narrow, wide) = (server.client_within("narrow", Some(1)).await, server.client("wide").await);
    narrow.asks(GENERATIONS, picture_of("кот")).await;
    let over = narrow.is_refused(GENERATIONS, picture_of("пёс")).await;
    assert_eq!((over.status, over.code.as_str()), (429, "rate_limit_exceeded"));
    assert!(over.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 3500);
    for prompt in ["кот", "пёс", "ёж"] {
        wide.asks(GENERATIONS, picture_of(prompt)).await;
    }
}

#[tokio::test]
async fn two_keys_of_a_user_share_limits_and_nothing_else() {
    let limits = Limits { waiting: 2, ..Limits::NONE };
    let policy = Policy { limits, key_makers: KeyMakers::Everyone, ..Policy::default() };
    let server = ApiServer::with(policy, timing(), |_| ()).await;
    let (one, other) = (server.client_of(7, "one").await, server.client_of(7, "other").await);
    let first = one.asks("/v1/jobs", picture_of(SLOWLY)).await["id"].as_str().unwrap().to_owned();
    other.asks("/v1/jobs", picture_of(SLOWLY)).await;
    assert_eq!(other.is_refused("/v1/jobs", picture_of("кот")).await.code, "queue_full");
    assert_eq!(other.get(&format!("/v1/jobs/{first}")).send().await.unwrap().status(), 404);
    let progress = other.reads("/sdapi/v1/progress").await;
    assert_eq!(progress["state"]["job_count"], 1);
    other.asks("/sdapi/v1/interrupt", json!({})).await;
    assert_ne!(
        one.reads(&format!("/v1/jobs/{first}")).await["status"],
        "cancelled",
        "that is what the other asked for"
    );
    one.asks(&format!("/v1/jobs/{first}/cancel"), json!({})).await;
}

#[tokio::test]
async fn a_key_of_somebody_who_may_have_none_opens_nothing() {
    for (key_makers, allow) in [(KeyMakers::Off, vec![]), (KeyMakers::Admins, vec![]), (KeyMakers::Everyone, vec![8])] {
        let server = ApiServer::with(Policy { key_makers, allow, ..Policy::default() }, timing(), |_| ()).await;
        let client = server.client_of(7, "script").await;
        let refused = client.is_refused("/v1/jobs", picture_of("кот")).await;
        assert_eq!((refused.status, refused.code.as_str()), (403, "banned"), "{key_makers:?}");
    }
}
