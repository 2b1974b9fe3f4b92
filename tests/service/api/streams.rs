//! Events of a request that streams.

use serde_json::{Value, json};

use crate::support::api_server::{ApiServer, timing};
use crate::support::fake_backend::SLOWLY;
use kandinsky_bot::policy::Policy;

const GENERATIONS: &str = "/v1/images/generations";

/// The names and data of events.
pub(super) fn events(text: &str) -> Vec<(String, Value)> {
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        Some((field("event:")?.to_owned(), serde_json::from_str(field("data:")?).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

#[tokio::test]
async fn a_stream_shows_previews_and_then_each_picture() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let body = json!({ "prompt": SLOWLY, "n": 2, "seed": 5, "stream": true, "partial_images": 2 });
    let response = client.post(GENERATIONS, &body).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let events = events(&response.text().await.unwrap());
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let (partial, completed) = ("image_generation.partial_image", "image_generation.completed");
    assert_eq!(names, [partial, partial, completed, completed]);
    assert_eq!((&events[1].1["partial_image_index"], &events[1].1["type"]), (&json!(1), &json!(partial)));
    assert!(events[0].1["b64_json"].as_str().unwrap().starts_with("/9j/"), "a JPEG");
    let last = &events[3].1;
    assert_eq!((&last["seed"], &last["size"], &last["usage"]["total_tokens"]), (&json!(6), &json!("64x64"), &json!(0)));
    assert!(last["b64_json"].as_str().unwrap().starts_with("iVBOR"), "a PNG");
}

#[tokio::test]
async fn a_failure_after_the_headers_is_an_event() {
    let server = ApiServer::with(Policy::default(), timing(), |_| panic!("no memory")).await;
    let client = server.client("script").await;
    let response = client.post(GENERATIONS, &json!({ "prompt": "кот", "stream": true })).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let events = events(&response.text().await.unwrap());
    assert_eq!((events[0].0.as_str(), &events[0].1["error"]["code"]), ("error", &json!("engine")));
}

#[tokio::test]
async fn whoever_leaves_a_stream_gets_no_picture_drawn() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let response = client.post(GENERATIONS, &json!({ "prompt": SLOWLY, "stream": true })).send().await.unwrap();
    let jobs = client.reads("/v1/jobs").await;
    drop(response);
    client.when(jobs["data"][0]["id"].as_str().unwrap(), &["cancelled"]).await;
}
