//! Pictures from texts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kandinsky_bot::pictures::read_recipe;
use serde_json::{Value, json};

use crate::support::api_server::{ApiServer, picture_of};

const GENERATIONS: &str = "/v1/images/generations";

fn bytes(entry: &Value) -> Vec<u8> {
    STANDARD.decode(entry["b64_json"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_program_asks_for_a_picture_and_gets_it_with_the_recipe_inside() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let body = json!({
        "model": "kandinsky-2.1", "prompt": "красное яблоко", "n": 2, "size": "1536x1024", "seed": 41, "steps": 7,
        "negative_prompt": "вода", "guidance_scale": 5, "style": "anime", "response_format": "b64_json",
    });
    let answer = client.asks(GENERATIONS, body).await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 2);
    let picture = bytes(&answer["data"][1]);
    assert_eq!(image::guess_format(&picture).unwrap(), image::ImageFormat::Png);
    assert_eq!(answer["data"][1]["seed"], 42);
    assert_eq!(answer["size"], "64x64", "what was really drawn: the fake backend draws no other size");
    assert_eq!(answer["usage"]["total_tokens"], 0);
    assert!(answer["created"].as_u64().unwrap() > 1_700_000_000);
    let job = client.reads(&format!("/v1/jobs/{}", answer["id"].as_str().unwrap())).await;
    assert_eq!(job["status"], "done");
    let recipe = &job["recipe"];
    assert_eq!((&recipe["negative"], &recipe["style"]), (&json!("вода"), &json!("anime")));
    assert_eq!(recipe["settings"]["steps"], 7);
    assert_eq!(recipe["settings"]["size"], json!({ "width": 1024, "height": 683 }));
    assert!(read_recipe(&picture).is_none(), "the fake backend writes none");
}

#[tokio::test]
async fn the_file_is_of_the_format_that_was_asked_for() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    for (name, format) in [("jpeg", image::ImageFormat::Jpeg), ("webp", image::ImageFormat::WebP)] {
        let body = json!({ "prompt": "кот", "output_format": name, "output_compression": 80 });
        let answer = client.asks(GENERATIONS, body).await;
        assert_eq!(image::guess_format(&bytes(&answer["data"][0])).unwrap(), format);
        assert_eq!(answer["output_format"], name);
    }
}

#[tokio::test]
async fn a_link_opens_without_a_key_and_a_guessed_one_does_not() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    for body in [json!({ "prompt": "кот", "response_format": "url" }), json!({ "prompt": "кот", "model": "dall-e-3" })]
    {
        let answer = client.asks(GENERATIONS, body).await;
        let url = answer["data"][0]["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with(&server.url()) && url.ends_with(".png"), "{url}");
        let file = reqwest::get(&url).await.unwrap();
        assert_eq!(file.headers()["content-type"], "image/png");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff");
        assert!(file.bytes().await.unwrap().starts_with(b"\x89PNG"));
        let guessed = url.replace(&url[url.len() - 10..url.len() - 4], "000000");
        assert_eq!(reqwest::get(&guessed).await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn fields_of_other_servers_are_passed_over_and_named() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let body =
        json!({ "prompt": "кот", "user": "anna", "moderation": "low", "frame_count": 3, "style": "vivid", "новое": 1 });
    let response = client.post(GENERATIONS, &body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-kandinsky-ignored"], "frame_count, style, ?????");
    let response = client.post(GENERATIONS, &picture_of("кот")).send().await.unwrap();
    assert!(!response.headers().contains_key("x-kandinsky-ignored"));
    assert!(!response.headers().contains_key("access-control-allow-origin"), "no page of another site reads it");
}

#[tokio::test]
async fn the_model_and_the_styles_are_listed() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let models = client.reads("/v1/models").await;
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&json!("list"), &json!("kandinsky-2.1")));
    assert_eq!(client.reads("/v1/models/kandinsky-2.1").await["owned_by"], "local");
    assert_eq!(client.get("/v1/models/gpt-image-2").send().await.unwrap().status(), 404);
    let styles = client.reads("/v1/styles").await;
    let anime = styles["data"].as_array().unwrap().iter().find(|style| style["id"] == "anime").unwrap();
    assert_eq!(anime["names"], json!({ "en": "Anime", "ru": "Аниме" }));
    assert_eq!(reqwest::get(format!("{}/healthz", server.url())).await.unwrap().text().await.unwrap(), "ok\n");
}
