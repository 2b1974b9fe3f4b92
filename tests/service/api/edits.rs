//! Requests with pictures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgba, RgbaImage};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::api_server::{ApiClient, ApiServer, refused};
use crate::support::pictures::gradient_png;

const EDITS: &str = "/v1/images/edits";
const VARIATIONS: &str = "/v1/images/variations";

fn file(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("a.png").mime_str("image/png").unwrap()
}

/// A picture whose right half is transparent.
fn half_transparent(width: u32, height: u32) -> Vec<u8> {
    let opacity = |x| if x < width / 2 { 255 } else { 0 };
    let picture = RgbaImage::from_fn(width, height, |x, _| Rgba([255, 255, 255, opacity(x)]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn send(client: &ApiClient, path: &str, form: Form) -> reqwest::Response {
    let request = client.http.post(format!("{}{path}", client.url)).bearer_auth(&client.key).multipart(form);
    request.send().await.unwrap()
}

/// The task that was made of a form.
async fn task(client: &ApiClient, path: &str, form: Form) -> Value {
    let response = send(client, path, form).await;
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{answer}");
    task_of(client, &answer).await
}

async fn task_of(client: &ApiClient, answer: &Value) -> Value {
    client.reads(&format!("/v1/jobs/{}", answer["id"].as_str().unwrap())).await["recipe"]["task"].clone()
}

#[tokio::test]
async fn what_is_sent_decides_what_is_done() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let picture = || file(gradient_png(96, 64));
    let prompt = || Form::new().text("prompt", "луна").text("n", "1");
    let one = task(&client, EDITS, prompt().part("image", picture()).text("strength", "0.25")).await;
    assert_eq!(one, json!({ "kind": "change", "prompt": "луна", "strength": 0.25 }));
    let masked = prompt().part("image", picture()).part("mask", file(half_transparent(96, 64)));
    assert_eq!(task(&client, EDITS, masked).await, json!({ "kind": "inpaint", "prompt": "луна" }));
    let erased = prompt().part("image", file(half_transparent(96, 64)));
    assert_eq!(task(&client, EDITS, erased).await["kind"], "inpaint", "a picture with a part erased is its own mask");
    let several = prompt().part("image[]", picture()).part("image[]", picture()).text("weights", "1,1,2");
    let mix = task(&client, EDITS, several).await;
    assert_eq!(
        (&mix["kind"], &mix["parts"][2]["weight"], &mix["parts"][2]["prompt"]),
        (&json!("mix"), &json!(0.5), &json!("луна"))
    );
    let wider = prompt().part("image", picture()).text("outpaint", r#"{"left": 16}"#);
    assert_eq!(task(&client, EDITS, wider).await["margins"]["left"], 16);
    let flat = prompt().part("image", picture()).text("outpaint[top]", "8");
    assert_eq!(task(&client, EDITS, flat).await["margins"]["top"], 8);
    let varied = task(&client, VARIATIONS, Form::new().part("image", picture()).text("closeness", "0.5")).await;
    assert_eq!(varied, json!({ "kind": "variation", "closeness": 0.5 }));
}

#[tokio::test]
async fn pictures_may_come_in_json() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let (picture, mask) = (STANDARD.encode(gradient_png(96, 64)), STANDARD.encode(half_transparent(96, 64)));
    let url = format!("data:image/png;base64,{picture}");
    for images in [json!({ "image": picture }), json!({ "images": [{ "image_url": url }] }), json!({ "image": [url] })]
    {
        let mut body = json!({ "prompt": "луна", "mask": { "image_url": format!("data:image/png;base64,{mask}") } });
        body.as_object_mut().unwrap().extend(images.as_object().unwrap().clone());
        let answer = client.asks(EDITS, body).await;
        assert_eq!(task_of(&client, &answer).await["kind"], "inpaint");
    }
}

#[tokio::test]
async fn transparent_means_drawn_as_at_openai_even_if_the_rest_is_white() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let form = Form::new().text("prompt", "луна").part("image", file(gradient_png(96, 64)));
    let response = send(&client, EDITS, form.part("mask", file(half_transparent(96, 64)))).await;
    assert_eq!(response.status(), 200);
    let bytes: Vec<u8> = sqlx::query_scalar(
        "SELECT bytes FROM job_pictures JOIN pictures ON pictures.id = picture_id WHERE role = 'input' AND position = 1",
    )
    .fetch_one(&server.database())
    .await
    .unwrap();
    let mask = image::load_from_memory(&bytes).unwrap().to_luma8();
    assert_eq!((mask.get_pixel(10, 5).0[0], mask.get_pixel(90, 5).0[0]), (0, 255));
}

#[tokio::test]
async fn pictures_that_can_not_be_used_are_refused_before_a_job_is_made() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let picture = || file(gradient_png(96, 64));
    let prompt = || Form::new().text("prompt", "луна");
    let opaque_black = || file(crate::support::pictures::png(&image::RgbImage::new(96, 64)));
    for (form, code, param) in [
        (prompt(), "missing_required_parameter", "image"),
        (prompt().part("image", file(b"GIF89a".to_vec())), "invalid_image", "image"),
        (prompt().part("image", file(gradient_png(96, 64)[..200].to_vec())), "invalid_image", "image"),
        (prompt().part("image", picture()).part("mask", file(half_transparent(64, 96))), "invalid_mask", "mask"),
        (prompt().part("image", picture()).part("mask", opaque_black()), "invalid_mask", "mask"),
        (prompt().part("image", picture()).text("strength", "2"), "invalid_value", "strength"),
        (prompt().part("image", picture()).text("outpaint", "{}"), "invalid_value", "outpaint"),
        (prompt().part("image", picture()).part("image", picture()).text("weights", "1"), "invalid_value", "weights"),
        (prompt().text("image", "https://example.org/a.png"), "invalid_image", "image"),
        (prompt().text("image", "http://169.254.169.254/"), "invalid_image", "image"),
    ] {
        let error = refused(send(&client, EDITS, form).await).await;
        assert_eq!((error.status, error.code.as_str(), &error.param), (400, code, &json!(param)), "{error:?}");
    }
    let heavy = prompt().part("image", file(vec![0; 33 * 1024 * 1024]));
    assert_eq!(refused(send(&client, EDITS, heavy).await).await.status, 413);
    let mut many = prompt();
    for _ in 0..17 {
        many = many.part("image[]", picture());
    }
    assert_eq!(refused(send(&client, EDITS, many).await).await.param, json!("image"));
    assert_eq!(server.jobs().await, 0);
}
