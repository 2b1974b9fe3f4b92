use futures::StreamExt;
use image::{Rgb, RgbImage};
use kandinsky_bot::limits::Limits;
use kandinsky_bot::moderation::{Moderator, Strictness};
use kandinsky_bot::policy::Policy;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::editor_server::{EditorServer, EditorUser, refusal};
use crate::support::fake_backend::SLOWLY;
use crate::support::pictures::gradient_png;

/// White on the left half.
fn half(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| Rgb([if x < width / 2 { 255 } else { 0 }; 3]))
}

async fn photo(anna: &EditorUser) -> String {
    anna.brings(gradient_png(120, 90)).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn everything_that_the_canvas_can_ask_for_is_drawn() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let picture = photo(&anna).await;
    let margins = json!({ "left": 0, "top": 16, "right": 0, "bottom": 0 });
    let window = json!({ "x": -20, "y": 10, "width": 64, "height": 64 });
    let parts = json!([{ "picture": picture, "weight": 0.7 }, { "text": "кот", "weight": 0.3 }]);
    for (job, mask) in [
        (json!({ "kind": "text", "prompt": "кот", "style": "anime", "ratio": "3:2", "seed": 5, "count": 2 }), false),
        (json!({ "kind": "inpaint", "picture": picture, "prompt": "луна" }), true),
        (json!({ "kind": "inpaint", "picture": picture, "prompt": "" }), true),
        (json!({ "kind": "inpaint", "picture": picture, "prompt": "лес", "window": window }), false),
        (json!({ "kind": "inpaint", "picture": picture, "window": window, "inverted": true }), true),
        (json!({ "kind": "outpaint", "picture": picture, "prompt": "небо", "margins": margins }), false),
        (json!({ "kind": "change", "picture": picture, "prompt": "зима", "strength": 0.4 }), false),
        (json!({ "kind": "variation", "picture": picture, "closeness": 0.3 }), false),
        (json!({ "kind": "mix", "parts": parts }), false),
        (json!({ "kind": "upscale", "picture": picture, "scale": 2 }), false),
    ] {
        let mask = mask.then(|| half(120, 90));
        let id = anna.orders(job.clone(), mask.as_ref()).await;
        let done = anna.waits_for(&id).await;
        assert_eq!(done["state"], "done", "{job} {done:#}");
        let drawn = &done["pictures"][0];
        assert_eq!(drawn["recipe"]["kind"], job["kind"]);
        for name in ["strength", "closeness", "margins", "window", "scale", "seed"] {
            if job.get(name).is_some() {
                assert_eq!(drawn["recipe"][name], job[name], "{job}");
            }
        }
        assert_eq!(done["pictures"].as_array().unwrap().len(), job["count"].as_u64().unwrap_or(1) as usize);
        if job.get("picture").is_some() {
            assert_eq!(drawn["parent"], json!(picture));
        }
        assert!(anna.file(&drawn["download"]).await.starts_with(b"\x89PNG"));
    }
}

#[tokio::test]
async fn the_next_picture_is_made_from_the_last_one() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let first = anna.draws("кот").await;
    let job = json!({ "kind": "inpaint", "picture": first["id"], "prompt": "шляпа" });
    let id = anna.orders(job, Some(&half(64, 64))).await;
    let second = anna.waits_for(&id).await["pictures"][0].clone();
    assert_eq!(second["parent"], first["id"]);
    let opened = anna.posts("pictures/open", json!({ "ref": second["id"] })).await;
    assert_eq!((&opened["parent"], &opened["recipe"]["prompt"]), (&first["id"], &json!("шляпа")));
}

#[tokio::test]
async fn what_can_not_be_drawn_is_told_with_its_field() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let picture = photo(&anna).await;
    let black = RgbImage::new(120, 90);
    let white = RgbImage::from_pixel(120, 90, Rgb([255; 3]));
    let wrong = half(90, 90);
    let window = |x: i32| json!({ "x": x, "y": 0, "width": 64, "height": 64 });
    for (job, mask, code) in [
        (json!({ "kind": "text", "prompt": "" }), None, "invalid"),
        (json!({ "kind": "text", "prompt": "я".repeat(1001) }), None, "invalid"),
        (json!({ "kind": "text", "prompt": "кот", "count": 5 }), None, "invalid"),
        (json!({ "kind": "text", "prompt": "кот", "style": "none such" }), None, "invalid"),
        (json!({ "kind": "text", "prompt": "кот", "ratio": "9:1" }), None, "invalid"),
        (json!({ "kind": "text", "prompt": "кот", "seed": "many" }), None, "invalid"),
        (json!({ "kind": "text", "prompt": "кот", "steps": 100_000 }), None, "invalid"),
        (json!({ "kind": "paint" }), None, "invalid"),
        (json!({ "kind": "change", "prompt": "зима" }), None, "invalid"),
        (json!({ "kind": "change", "prompt": "зима", "picture": "p_nothing" }), None, "gone"),
        (json!({ "kind": "change", "prompt": "зима", "picture": "j999.0" }), None, "not_found"),
        (json!({ "kind": "outpaint", "picture": picture }), None, "invalid"),
        (json!({ "kind": "outpaint", "picture": picture, "margins": { "left": 4_000_000_000u32 } }), None, "too_big"),
        (json!({ "kind": "inpaint", "picture": picture }), None, "mask"),
        (json!({ "kind": "inpaint", "picture": picture }), Some(&black), "mask"),
        (json!({ "kind": "inpaint", "picture": picture }), Some(&white), "mask"),
        (json!({ "kind": "inpaint", "picture": picture }), Some(&wrong), "mask"),
        (json!({ "kind": "inpaint", "picture": picture, "window": window(0) }), Some(&black), "mask"),
        (json!({ "kind": "inpaint", "picture": picture, "window": window(115) }), None, "window"),
        (json!({ "kind": "inpaint", "picture": picture, "window": window(5000) }), None, "window"),
        (json!({ "kind": "mix", "parts": [] }), None, "invalid"),
        (json!({ "kind": "mix", "parts": [{ "weight": 1 }] }), None, "invalid"),
    ] {
        let refused = refusal(anna.order(&job, mask)).await;
        assert_eq!(refused.code, code, "{job} {refused:?}");
        assert!(!refused.message.is_empty() && !refused.message.contains("web-error"), "{refused:?}");
    }
    assert_eq!(anna.reads("jobs").await, json!({ "jobs": [] }));
}

#[tokio::test]
async fn the_chat_and_the_editor_refuse_alike() {
    let moderator = Moderator::new(Strictness::On, None).unwrap();
    let limits = Limits { hour: 1, ..Limits::NONE };
    let server = EditorServer::with(Policy { moderator, limits, ..Policy::default() }, |_| ()).await;
    let (anna, chat) = (server.comes_in(7).await, server.user(7));
    let refused = refusal(anna.order(&json!({ "kind": "text", "prompt": "порно" }), None)).await;
    assert_eq!(refused.code, "moderated");
    chat.says("порно").await;
    chat.reads(&refused.message).await;
    chat.says("кот").await;
    chat.gets_picture("кот").await;
    let refused = refusal(anna.order(&json!({ "kind": "text", "prompt": "кит" }), None)).await;
    assert_eq!((refused.status, refused.code.as_str()), (429, "limit"));
    assert!(refused.message.contains("Лимит на час"), "{refused:?}");
}

#[tokio::test]
async fn the_same_request_twice_is_one_job() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let job = json!({ "kind": "text", "prompt": "кот" });
    let order = async |key: &str| {
        let response = anna.order(&job, None).header("idempotency-key", key).send().await.unwrap();
        response.json::<Value>().await.unwrap()["id"].clone()
    };
    let first = order("a").await;
    assert_eq!(order("a").await, first);
    assert_ne!(order("b").await, first);
    let boris = server.comes_in(8).await;
    let other = boris.order(&job, None).header("idempotency-key", "a").send().await.unwrap();
    assert_ne!(other.json::<Value>().await.unwrap()["id"], first, "each user has names of their own");
}

#[tokio::test]
async fn progress_and_previews_come_while_it_is_drawn() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let job = anna.orders(json!({ "kind": "text", "prompt": SLOWLY }), None).await;
    assert_eq!(anna.reads("jobs").await["jobs"][0]["id"], job.as_str(), "a page that is loaded anew finds it");
    let (mut after, mut shares, mut preview) = (0, Vec::new(), Value::Null);
    loop {
        let found = anna.reads(&format!("jobs/{job}?after={after}&wait=20")).await;
        assert_ne!(found["rev"], json!(after), "each answer is news");
        after = found["rev"].as_u64().unwrap();
        if found["state"] == "done" {
            break;
        }
        shares.push(found["progress"].as_f64().unwrap());
        if let Some(url) = found.pointer("/preview/url").filter(|_| preview.is_null()) {
            assert!(anna.file(url).await.starts_with(&[0xFF, 0xD8]), "a JPEG");
            preview = url.clone();
        }
    }
    assert!(shares.len() > 5 && shares.is_sorted(), "{shares:?}");
    assert!(!preview.is_null());
}

#[tokio::test]
async fn a_stream_tells_the_same_and_ends() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let job = anna.orders(json!({ "kind": "text", "prompt": SLOWLY }), None).await;
    let response = anna.request(Method::GET, &format!("jobs/{job}/events")).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let mut stream = response.bytes_stream();
    let mut text = String::new();
    while let Some(part) = stream.next().await {
        text.push_str(std::str::from_utf8(&part.unwrap()).unwrap());
    }
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert!(names.contains(&"progress") && names.contains(&"preview"), "{names:?}");
    assert_eq!(names.last(), Some(&"done"));
    let last = text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    let last: Value = serde_json::from_str(last.trim_start_matches("data: ")).unwrap();
    assert_eq!((&last["id"], &last["state"]), (&json!(job), &json!("done")));
    assert!(last["pictures"][0]["view"]["url"].is_string());
}

#[tokio::test]
async fn a_job_is_stopped() {
    let server = EditorServer::start().await;
    let (anna, boris) = (server.comes_in(7).await, server.comes_in(8).await);
    let job = anna.orders(json!({ "kind": "text", "prompt": SLOWLY }), None).await;
    assert_eq!(refusal(boris.request(Method::POST, &format!("jobs/{job}/cancel"))).await.status, 404);
    anna.posts(&format!("jobs/{job}/cancel"), json!({})).await;
    assert_eq!(anna.waits_for(&job).await["state"], "cancelled");
    assert_eq!(refusal(anna.request(Method::POST, "jobs/x/cancel")).await.code, "not_found");
}
