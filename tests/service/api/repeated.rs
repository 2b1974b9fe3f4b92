//! Requests that are sent again, and clients that leave.

use std::time::Duration;

use kandinsky_bot::policy::Policy;
use kandinsky_bot::web::WebTiming;
use serde_json::{Value, json};

use crate::support::api_server::{ApiClient, ApiServer, picture_of};
use crate::support::fake_backend::SLOWLY;

const GENERATIONS: &str = "/v1/images/generations";

/// Sends a request and leaves once its job is there: the job.
async fn asks_and_leaves(client: &ApiClient, body: Value) -> String {
    let request = client.post(GENERATIONS, &body);
    let sending = tokio::spawn(request.send());
    let job = loop {
        let jobs = client.reads("/v1/jobs").await;
        match jobs["data"][0]["id"].as_str() {
            Some(job) => break job.to_owned(),
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    sending.abort();
    job
}

#[tokio::test]
async fn a_repeated_request_finds_the_job_of_the_first() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let first = client.asks(GENERATIONS, picture_of("кот")).await;
    let repeat = async |name: &str, value: &str| -> Value {
        let request = client.post(GENERATIONS, &picture_of("кот")).header(name, value);
        request.send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(repeat("x-stainless-retry-count", "1").await["id"], first["id"]);
    assert_ne!(repeat("x-stainless-retry-count", "0").await["id"], first["id"], "that is another wish for a cat");
    let named = repeat("idempotency-key", "a").await["id"].clone();
    assert_eq!(repeat("idempotency-key", "a").await["id"], named);
    assert_ne!(repeat("idempotency-key", "b").await["id"], named);
    assert_eq!(server.jobs().await, 4);
}

#[tokio::test]
async fn the_same_request_of_another_key_is_another_job() {
    let server = ApiServer::start().await;
    let (anna, boris) = (server.client("anna").await, server.client("boris").await);
    let ask = async |client: &ApiClient| -> Value {
        let request = client.post(GENERATIONS, &picture_of("кот")).header("idempotency-key", "a");
        request.send().await.unwrap().json().await.unwrap()
    };
    let (of_anna, of_boris) = (ask(&anna).await, ask(&boris).await);
    assert_ne!(of_anna["id"], of_boris["id"]);
    let job = of_anna["id"].as_str().unwrap();
    for path in ["", "/events", "/pictures/0.png"] {
        let response = boris.get(&format!("/v1/jobs/{job}{path}")).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
    let cancel = boris.is_refused(&format!("/v1/jobs/{job}/cancel"), json!({})).await;
    assert_eq!(cancel.status, 404);
}

#[tokio::test]
async fn whoever_leaves_gets_no_picture_drawn() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let job = asks_and_leaves(&client, picture_of(SLOWLY)).await;
    client.when(&job, &["cancelled"]).await;
}

#[tokio::test]
async fn whoever_comes_back_in_time_finds_the_job() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let job = asks_and_leaves(&client, picture_of(SLOWLY)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let back = tokio::spawn(client.post(GENERATIONS, &picture_of(SLOWLY)).send());
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(client.reads(&format!("/v1/jobs/{job}")).await["status"], "running");
    assert_eq!(server.jobs().await, 1);
    back.abort();
    client.when(&job, &["cancelled"]).await;
}

#[tokio::test]
async fn whoever_comes_back_again_and_again_has_the_whole_time_each_time() {
    let timing = WebTiming { return_within: Duration::from_millis(600), ..WebTiming::default() };
    let server = ApiServer::with(Policy::default(), timing, |_| ()).await;
    let client = server.client("script").await;
    let job = asks_and_leaves(&client, picture_of(SLOWLY)).await;
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let request = client.post(GENERATIONS, &picture_of(SLOWLY)).header("x-stainless-retry-count", "1");
        let answer = request.timeout(Duration::from_millis(50)).send().await;
        assert!(answer.is_err(), "{answer:?}");
    }
    assert_eq!(client.reads(&format!("/v1/jobs/{job}")).await["status"], "running");
    assert_eq!(server.jobs().await, 1);
    client.when(&job, &["cancelled"]).await;
}

#[tokio::test]
async fn two_who_want_the_same_at_once_get_a_picture_each() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let ask = || client.asks(GENERATIONS, picture_of("кот"));
    let (one, other) = tokio::join!(ask(), ask());
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test]
async fn after_a_restart_a_repeated_request_gets_its_picture_and_it_is_drawn_once() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let waiting = tokio::spawn(client.post(GENERATIONS, &picture_of(SLOWLY)).send());
    let job = loop {
        match client.reads("/v1/jobs").await["data"][0]["id"].as_str() {
            Some(job) => break job.to_owned(),
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    client.when(&job, &["running"]).await;
    let server = server.restarts().await;
    let response = waiting.await.unwrap().unwrap();
    assert_eq!(response.status(), 503, "it is told to come back");
    assert!(response.headers().contains_key("retry-after"));
    let client = client.at(&server);
    let answer = client.asks(GENERATIONS, picture_of(SLOWLY)).await;
    assert_eq!(answer["id"].as_str().unwrap(), job);
    assert_eq!(server.jobs().await, 1);
}
