//! Jobs that are asked for and looked at later.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::streams::events;
use crate::support::api_server::{ApiServer, picture_of, refused};
use crate::support::fake_backend::SLOWLY;
use crate::support::pictures::gradient_png;

#[tokio::test]
async fn a_job_is_asked_for_looked_at_and_fetched() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let response = client.post("/v1/jobs", &json!({ "prompt": "кот", "n": 2, "seed": 7 })).send().await.unwrap();
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let done = client.reads(&format!("{location}?wait=20")).await;
    assert_eq!(
        (&done["status"], &done["kind"], &done["progress"]),
        (&json!("done"), &json!("text_to_image"), &json!(1.0))
    );
    assert_eq!(done["pictures"][1]["seed"], 8);
    let url = done["pictures"][1]["url"].as_str().unwrap();
    let picture = client.http.get(url).bearer_auth(&client.key).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    let jpeg = client.get(&format!("{location}/pictures/1.jpg")).send().await.unwrap();
    assert_eq!(image::guess_format(&jpeg.bytes().await.unwrap()).unwrap(), image::ImageFormat::Jpeg);
    for missing in ["2.png", "0.gif", "x.png", "0"] {
        let response = client.get(&format!("{location}/pictures/{missing}")).send().await.unwrap();
        assert_eq!(response.status(), 404, "{missing}");
    }
    assert_eq!(reqwest::get(url).await.unwrap().status(), 401, "others need the key");
}

#[tokio::test]
async fn who_prefers_to_wait_gets_the_finished_job() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let request = client.post("/v1/jobs", &picture_of("кот")).header("prefer", "respond-async, wait=20");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["status"], "done");
}

#[tokio::test]
async fn every_kind_of_drawing_can_be_asked_for() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let picture = STANDARD.encode(gradient_png(96, 64));
    let parts = json!([{ "image": picture, "weight": 1 }, { "text": "луна", "weight": 3 }]);
    for (kind, body) in [
        ("mix", json!({ "parts": parts })),
        ("mix", json!({ "kind": "mix", "image": [picture, picture], "prompt": "луна", "weights": [1, 1, 2] })),
        ("variation", json!({ "kind": "variation", "image": picture, "closeness": 0.3 })),
        ("change", json!({ "kind": "change", "image": picture, "prompt": "луна", "strength": 0.4 })),
        ("change", json!({ "image": picture, "prompt": "луна" })),
        ("outpaint", json!({ "kind": "outpaint", "image": picture, "outpaint": { "left": 32 } })),
        ("upscale", json!({ "kind": "upscale", "image": picture, "scale": 4 })),
        ("text_to_image", json!({ "kind": "text_to_image", "prompt": "луна" })),
    ] {
        let job = client.asks("/v1/jobs", body).await;
        assert_eq!(job["kind"], kind);
        let done = client.when(job["id"].as_str().unwrap(), &["done", "failed"]).await;
        assert_eq!(done["status"], "done", "{done:#}");
    }
    let mixed = client.reads("/v1/jobs?limit=100").await;
    let weights = &mixed["data"].as_array().unwrap().last().unwrap()["recipe"]["task"]["parts"];
    assert_eq!((&weights[0]["weight"], &weights[1]["weight"]), (&json!(0.25), &json!(0.75)));
    for (body, param) in [
        (json!({ "kind": "dream", "prompt": "a" }), "kind"),
        (json!({ "kind": "upscale", "image": picture, "scale": 3 }), "scale"),
        (json!({ "kind": "upscale" }), "image"),
        (json!({ "kind": "inpaint", "image": picture, "prompt": "луна" }), "mask"),
        (json!({ "parts": [1] }), "parts"),
        (json!({ "parts": [{ "image": 5 }] }), "parts"),
        (json!({ "parts": [] }), "image"),
        (json!({ "kind": "outpaint", "image": picture }), "outpaint"),
    ] {
        assert_eq!(client.is_refused("/v1/jobs", body.clone()).await.param, param, "{body}");
    }
}

#[tokio::test]
async fn a_picture_is_described_in_words() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let picture = STANDARD.encode(gradient_png(96, 64));
    let body = json!({ "kind": "describe", "image": picture, "steps": 9 });
    let response = client.post("/v1/jobs", &body).send().await.unwrap();
    assert_eq!(response.headers()["x-kandinsky-ignored"], "steps", "nothing is drawn");
    let job: serde_json::Value = response.json().await.unwrap();
    let done = client.when(job["id"].as_str().unwrap(), &["done", "failed"]).await;
    let seen = &done["description"];
    assert_eq!((&done["kind"], &seen["objects"][0]["en"]), (&json!("describe"), &json!("a lemon")), "{done:#}");
    assert_eq!(seen["prompt"], json!({ "ru": "лимон на синем фоне", "en": "a lemon on a blue background" }));
    assert_eq!((&done["pictures"], &done["warnings"]), (&json!([]), &json!({})));
    assert_eq!(client.is_refused("/v1/jobs", json!({ "kind": "describe" })).await.param, "image");
}

#[tokio::test]
async fn jobs_are_listed_page_by_page() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    for prompt in ["a", "b", "c"] {
        client.asks("/v1/jobs", picture_of(prompt)).await;
    }
    let first = client.reads("/v1/jobs?limit=2").await;
    assert_eq!((first["data"].as_array().unwrap().len(), &first["has_more"]), (2, &json!(true)));
    let last = first["data"][1]["id"].as_str().unwrap();
    let rest = client.reads(&format!("/v1/jobs?limit=2&before={last}")).await;
    assert_eq!((&rest["data"][0]["recipe"]["task"]["prompt"], &rest["has_more"]), (&json!("a"), &json!(false)));
    assert_eq!(client.get("/v1/jobs?limit=0").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_cancelled_job_ends_and_stays_so() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let job = client.asks("/v1/jobs", picture_of(SLOWLY)).await["id"].as_str().unwrap().to_owned();
    client.when(&job, &["running"]).await;
    client.asks(&format!("/v1/jobs/{job}/cancel"), json!({})).await;
    client.when(&job, &["cancelled"]).await;
    assert_eq!(client.asks(&format!("/v1/jobs/{job}/cancel"), json!({})).await["status"], "cancelled");
    assert_eq!(client.is_refused("/v1/jobs/999/cancel", json!({})).await.status, 404);
}

#[tokio::test]
async fn events_tell_the_whole_way() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let job = client.asks("/v1/jobs", picture_of(SLOWLY)).await["id"].as_str().unwrap().to_owned();
    let response = client.get(&format!("/v1/jobs/{job}/events")).send().await.unwrap();
    let events = events(&response.text().await.unwrap());
    let count = |name: &str| events.iter().filter(|(other, _)| other == name).count();
    assert!(
        count("progress") > 3 && count("preview") > 2,
        "{:?}",
        events.iter().map(|event| &event.0).collect::<Vec<_>>()
    );
    let (name, last) = events.last().unwrap();
    assert_eq!((name.as_str(), &last["status"]), ("done", &json!("done")));
    let again = client.get(&format!("/v1/jobs/{job}/events")).send().await.unwrap().text().await.unwrap();
    assert_eq!(super::streams::events(&again)[0].0, "done", "who comes late sees the end");
}

#[tokio::test]
async fn a_doubtful_picture_is_kept_back() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let ask = async || {
        let request = client.post("/v1/images/generations", &json!({ "prompt": "кот", "n": 2 }));
        request.header("idempotency-key", "a").send().await.unwrap()
    };
    let answer: serde_json::Value = ask().await.json().await.unwrap();
    let job = answer["id"].as_str().unwrap();
    // As if the safety checker had found something in the second picture, then in both.
    server.writes(r#"UPDATE jobs SET warnings = '{"flagged":[1]}'"#).await;
    let answer: serde_json::Value = ask().await.json().await.unwrap();
    assert_eq!((answer["data"].as_array().unwrap().len(), &answer["warnings"]["flagged"]), (1, &json!([1])));
    let described = client.reads(&format!("/v1/jobs/{job}")).await;
    assert_eq!((&described["pictures"][1]["flagged"], &described["pictures"][1]["url"]), (&json!(true), &json!(null)));
    let status =
        async |file: &str| client.get(&format!("/v1/jobs/{job}/pictures/{file}")).send().await.unwrap().status();
    assert_eq!((status("0.png").await.as_u16(), status("1.png").await.as_u16()), (200, 400));
    server.writes(r#"UPDATE jobs SET warnings = '{"flagged":[0,1]}'"#).await;
    assert_eq!(refused(ask().await).await.code, "moderation_blocked");
}

#[tokio::test]
async fn deleted_pictures_are_gone() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let job = client.asks("/v1/jobs", picture_of("кот")).await["id"].as_str().unwrap().to_owned();
    client.when(&job, &["done"]).await;
    let id = kandinsky_bot::jobs::JobId(job.parse().unwrap());
    kandinsky_bot::jobs::Archive::remove(&*server.store, id).await.unwrap();
    assert_eq!(client.get(&format!("/v1/jobs/{job}/pictures/0.png")).send().await.unwrap().status(), 410);
}
