//! What is wrong with a request is said in the way that clients read.

use kandinsky_bot::jobs::Queue;
use kandinsky_bot::limits::Limits;
use kandinsky_bot::moderation::{Moderator, Strictness};
use kandinsky_bot::policy::Policy;
use serde_json::{Value, json};

use crate::support::api_server::{ApiServer, picture_of, refused, timing};
use crate::support::fake_backend::SLOWLY;

const GENERATIONS: &str = "/v1/images/generations";

#[tokio::test]
async fn a_wrong_field_is_named() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let long = "я".repeat(1001);
    for (body, param, code) in [
        (json!({}), "prompt", "missing_required_parameter"),
        (json!({ "prompt": " " }), "prompt", "missing_required_parameter"),
        (json!({ "prompt": long }), "prompt", "string_above_max_length"),
        (json!({ "prompt": ["a"] }), "prompt", "invalid_value"),
        (json!({ "prompt": "a", "n": 0 }), "n", "invalid_value"),
        (json!({ "prompt": "a", "n": 11 }), "n", "invalid_value"),
        (json!({ "prompt": "a", "n": "many" }), "n", "invalid_value"),
        (json!({ "prompt": "a", "size": "large" }), "size", "invalid_value"),
        (json!({ "prompt": "a", "steps": 1001 }), "steps", "invalid_value"),
        (json!({ "prompt": "a", "guidance_scale": 1e9 }), "guidance_scale", "invalid_value"),
        (json!({ "prompt": "a", "seed": -1 }), "seed", "invalid_value"),
        (json!({ "prompt": "a", "quality": "ultra" }), "quality", "invalid_value"),
        (json!({ "prompt": "a", "sampler": "euler" }), "sampler", "invalid_value"),
        (json!({ "prompt": "a", "negative_prompt": long }), "negative_prompt", "invalid_value"),
        (json!({ "prompt": "a", "output_format": "gif" }), "output_format", "invalid_value"),
        (json!({ "prompt": "a", "background": "transparent" }), "background", "invalid_value"),
        (json!({ "prompt": "a", "response_format": "file" }), "response_format", "invalid_value"),
        (json!({ "prompt": "a", "stream": "yes" }), "stream", "invalid_value"),
        (json!({ "prompt": "a", "partial_images": 4 }), "partial_images", "invalid_value"),
    ] {
        let error = client.is_refused(GENERATIONS, body.clone()).await;
        assert_eq!((error.status, error.code.as_str(), &error.param), (400, code, &json!(param)), "{body}: {error:?}");
        assert!(error.message.len() > 10, "{error:?}");
    }
    assert_eq!(server.jobs().await, 0);
}

#[tokio::test]
async fn a_body_that_can_not_be_read_is_refused() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let send = async |kind: &str, body: Vec<u8>| {
        let request = client.http.post(format!("{}{GENERATIONS}", client.url)).bearer_auth(&client.key);
        refused(request.header("content-type", kind).body(body).send().await.unwrap()).await
    };
    for body in ["", "{", "[]", "\"text\"", "{\"prompt\": \"\u{0}"] {
        let error = send("application/json", body.as_bytes().to_vec()).await;
        assert_eq!((error.status, error.code.as_str()), (400, "invalid_body"), "{body}");
    }
    assert_eq!(send("text/html", b"<p>".to_vec()).await.status, 415);
    assert_eq!(send("multipart/form-data", b"x".to_vec()).await.code, "invalid_body");
    assert_eq!(send("multipart/form-data; boundary=x", b"--x\r\n".to_vec()).await.code, "invalid_body");
    let large = json!({ "prompt": "a", "user": "x".repeat(2_000_000) }).to_string();
    let error = send("application/json", large.into_bytes()).await;
    assert_eq!((error.status, error.code.as_str()), (413, "too_large"));
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_said_so() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let error = refused(client.get("/v1/chat/completions").send().await.unwrap()).await;
    assert_eq!((error.status, error.code.as_str()), (404, "not_found"));
    let error = refused(client.get(GENERATIONS).send().await.unwrap()).await;
    assert_eq!((error.status, error.code.as_str()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn what_is_not_drawn_in_the_chat_is_not_drawn_here() {
    let moderator = Moderator::new(Strictness::On, None).unwrap();
    let server = ApiServer::with(Policy { moderator, ..Policy::default() }, timing(), |_| ()).await;
    let client = server.client("script").await;
    let error = client.is_refused(GENERATIONS, picture_of("порно")).await;
    assert_eq!((error.status, error.code.as_str(), &error.param), (400, "moderation_blocked", &json!("prompt")));
    assert_eq!(server.jobs().await, 0);
}

#[tokio::test]
async fn one_job_too_many_is_a_full_queue() {
    let limits = Limits { waiting: 1, ..Limits::NONE };
    let server = ApiServer::with(Policy { limits, ..Policy::default() }, timing(), |_| ()).await;
    let client = server.client("script").await;
    let first = client.asks("/v1/jobs", picture_of(SLOWLY)).await;
    let error = client.is_refused(GENERATIONS, picture_of("кот")).await;
    assert_eq!((error.status, error.code.as_str()), (429, "queue_full"));
    assert!(error.headers.contains_key("retry-after"));
    client.asks(&format!("/v1/jobs/{}/cancel", first["id"].as_str().unwrap()), json!({})).await;
}

#[tokio::test]
async fn a_paused_queue_takes_jobs_for_later_and_no_requests_that_wait() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    server.store.set_paused(true).await.unwrap();
    let error = client.is_refused(GENERATIONS, picture_of("кот")).await;
    assert_eq!((error.status, error.code.as_str()), (503, "paused"));
    assert_eq!(error.headers["x-should-retry"], "false");
    let job = client.asks("/v1/jobs", picture_of("кот")).await;
    assert_eq!((&job["status"], &job["is_paused"]), (&json!("queued"), &json!(true)));
    server.store.set_paused(false).await.unwrap();
    client.when(job["id"].as_str().unwrap(), &["done"]).await;
}

#[tokio::test]
async fn a_failure_of_the_engine_is_not_tried_again_by_clients() {
    let server = ApiServer::with(Policy::default(), timing(), |_| panic!("no memory")).await;
    let client = server.client("script").await;
    let error = client.is_refused(GENERATIONS, picture_of("кот")).await;
    assert_eq!((error.status, error.code.as_str()), (500, "engine"));
    assert_eq!(error.headers["x-should-retry"], "false");
    assert!(!error.message.contains("no memory"), "the reason is for the owner");
}

#[tokio::test]
async fn a_request_that_takes_too_long_leaves_its_job_to_be_fetched() {
    let timing = kandinsky_bot::web::WebTiming { answer_within: std::time::Duration::from_millis(300), ..timing() };
    let server = ApiServer::with(Policy::default(), timing, |_| ()).await;
    let client = server.client("script").await;
    let response = client.post(GENERATIONS, &picture_of(SLOWLY)).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["x-should-retry"]), (503, &"false".parse().unwrap()));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "still_drawing");
    let job = body["error"]["job"].as_str().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(client.reads(&format!("/v1/jobs/{job}")).await["status"], "running", "it is not cancelled");
    client.asks(&format!("/v1/jobs/{job}/cancel"), json!({})).await;
}
