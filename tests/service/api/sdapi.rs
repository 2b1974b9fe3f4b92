//! The dialect of A1111.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{Rgba, RgbaImage};
use serde_json::{Value, json};

use crate::support::api_server::{ApiServer, refused};
use crate::support::fake_backend::SLOWLY;
use crate::support::pictures::gradient_png;

#[tokio::test]
async fn a_client_looks_around_and_draws() {
    let server = ApiServer::start().await;
    let client = server.client("webui").await;
    for list in
        ["sd-models", "samplers", "schedulers", "upscalers", "latent-upscale-modes", "sd-vae", "loras", "prompt-styles"]
    {
        assert!(client.reads(&format!("/sdapi/v1/{list}")).await.is_array(), "{list}");
    }
    assert_eq!(client.reads("/sdapi/v1/options").await["sd_model_checkpoint"], "kandinsky-2.1");
    assert!(client.reads("/sdapi/v1/scripts").await["txt2img"].is_array());
    client.asks("/sdapi/v1/options", json!({ "sd_model_checkpoint": "other" })).await;
    let body = json!({
        "prompt": "кот", "negative_prompt": "вода", "seed": 5, "steps": 4, "cfg_scale": 7, "width": 512, "height": 512,
        "batch_size": 2, "n_iter": 1, "sampler_name": "Euler a", "override_settings": {},
    });
    let answer = client.asks("/sdapi/v1/txt2img", body).await;
    assert_eq!(answer["images"].as_array().unwrap().len(), 2);
    let info: Value = serde_json::from_str(answer["info"].as_str().unwrap()).unwrap();
    assert_eq!((&info["seed"], &info["all_seeds"]), (&json!(5), &json!([5, 6])));
    assert_eq!(info["infotexts"].as_array().unwrap().len(), 2);
    assert_eq!(client.reads("/sdapi/v1/progress").await["progress"], 0.0);
}

#[tokio::test]
async fn white_is_drawn_anew_whatever_is_transparent() {
    let server = ApiServer::start().await;
    let client = server.client("webui").await;
    // Left white and opaque, right black and transparent: the other custom would draw the right half.
    let mask = RgbaImage::from_fn(96, 64, |x, _| if x < 48 { Rgba([255; 4]) } else { Rgba([0; 4]) });
    let mut bytes = std::io::Cursor::new(Vec::new());
    mask.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let body = json!({
        "prompt": "луна", "init_images": [format!("data:image/png;base64,{}", STANDARD.encode(gradient_png(96, 64)))],
        "mask": STANDARD.encode(bytes.into_inner()), "denoising_strength": 0.75, "inpainting_mask_invert": 0,
    });
    client.asks("/sdapi/v1/img2img", body).await;
    let mask: Vec<u8> = sqlx::query_scalar(
        "SELECT bytes FROM job_pictures JOIN pictures ON pictures.id = picture_id WHERE role = 'input' AND position = 1",
    )
    .fetch_one(&server.database())
    .await
    .unwrap();
    let mask = image::load_from_memory(&mask).unwrap().to_luma8();
    assert_eq!((mask.get_pixel(10, 5).0[0], mask.get_pixel(90, 5).0[0]), (255, 0));
}

#[tokio::test]
async fn a_password_is_a_key_here_and_an_error_has_a_detail() {
    let server = ApiServer::start().await;
    let client = server.client("webui").await;
    let url = |path: &str| format!("{}{path}", server.url());
    let by_password = |path: &str| client.http.get(url(path)).basic_auth("me", Some(&client.key)).send();
    assert_eq!(by_password("/sdapi/v1/options").await.unwrap().status(), 200);
    assert_eq!(by_password("/v1/models").await.unwrap().status(), 401);
    assert_eq!(refused(client.http.get(url("/sdapi/v1/options")).send().await.unwrap()).await.status, 401);
    let response = client.post("/sdapi/v1/txt2img", &json!({ "prompt": "a", "steps": 0 })).send().await.unwrap();
    assert!(response.json::<Value>().await.unwrap()["detail"].as_str().unwrap().contains("steps"));
}

#[tokio::test]
async fn progress_is_that_of_the_key_and_an_interrupt_ends_its_jobs() {
    let server = ApiServer::start().await;
    let (client, other) = (server.client("webui").await, server.client("other").await);
    let drawing = tokio::spawn(client.post("/sdapi/v1/txt2img", &json!({ "prompt": SLOWLY })).send());
    let progress = loop {
        let progress = client.reads("/sdapi/v1/progress").await;
        if progress["current_image"].is_string() {
            break progress;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    };
    assert!(progress["progress"].as_f64().unwrap() > 0.0);
    assert_eq!(other.reads("/sdapi/v1/progress").await["state"]["job_count"], 0);
    client.asks("/sdapi/v1/interrupt", json!({})).await;
    assert_eq!(refused(drawing.await.unwrap().unwrap()).await.code, "cancelled");
}
