use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use kandinsky_bot::jobs::{Archive, Requester};
use reqwest::Method;
use serde_json::json;

use crate::support::editor_server::{EditorServer, refusal};
use crate::support::pictures::{encoded, gradient_png, noise, png};

#[tokio::test]
async fn a_photo_is_shown_small_and_given_back_whole() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let photo = RgbImage::from_fn(3000, 1500, |x, y| Rgb([(x / 12) as u8, (y / 6) as u8, 90]));
    let brought = anna.brings(png(&photo)).await;
    assert_eq!((&brought["width"], &brought["height"]), (&json!(3000), &json!(1500)));
    assert_eq!((&brought["view"]["width"], &brought["view"]["height"]), (&json!(2048), &json!(1024)));
    assert_eq!(brought["transparent"], false);
    let view = image::load_from_memory(&anna.file(&brought["view"]["url"]).await).unwrap();
    assert_eq!((view.width(), view.height()), (2048, 1024));
    let thumb = image::load_from_memory(&anna.file(&brought["thumb"]).await).unwrap();
    assert_eq!((thumb.width(), thumb.height()), (256, 128));
    let whole = image::load_from_memory(&anna.file(&brought["download"]).await).unwrap().to_rgb8();
    assert_eq!(whole, photo, "every pixel");
    let url = format!("{}{}", anna.url, brought["download"].as_str().unwrap());
    let response = reqwest::get(&url).await.unwrap();
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
}

#[tokio::test]
async fn an_address_opens_its_own_picture_only() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let brought = anna.brings(gradient_png(80, 60)).await;
    let address = brought["thumb"].as_str().unwrap();
    let status = async |path: String| reqwest::get(format!("{}{path}", anna.url)).await.unwrap().status().as_u16();
    assert_eq!(status(address.to_owned()).await, 200);
    let (path, query) = address.split_once('?').unwrap();
    let expires: u64 = query.split(['=', '&']).nth(1).unwrap().parse().unwrap();
    for changed in [
        path.to_owned(),
        format!("{path}?e={expires}&s="),
        address.replace("thumb", "view"),
        address.replace(&expires.to_string(), &(expires + 900).to_string()),
        format!("{}x?{query}", path),
    ] {
        let status = status(changed.clone()).await;
        assert!([400, 404].contains(&status), "{changed}: {status}");
    }
}

#[tokio::test]
async fn the_place_where_a_photo_was_taken_is_not_given_out() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let mut jpeg = encoded(&noise(64, 48), ImageFormat::Jpeg);
    // An EXIF segment behind the start marker, with words that nobody else may read, and the orientation "turned right".
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"GPS 55.75 37.61");
    let mut segment = vec![0xFF, 0xE1];
    segment.extend_from_slice(&((exif.len() + 2) as u16).to_be_bytes());
    segment.extend_from_slice(&exif);
    jpeg.splice(2..2, segment);
    let brought = anna.brings(jpeg).await;
    assert_eq!((&brought["width"], &brought["height"]), (&json!(48), &json!(64)), "upright");
    for address in [&brought["view"]["url"], &brought["thumb"], &brought["download"], &brought["download_jpg"]] {
        let bytes = anna.file(address).await;
        assert!(!bytes.windows(9).any(|part| part == b"GPS 55.75"), "{address}");
    }
}

#[tokio::test]
async fn what_is_no_picture_is_answered_kindly() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let refused = async |bytes: Vec<u8>| {
        let refused = refusal(anna.upload(bytes)).await;
        assert!(refused.message.chars().any(|letter| ('а'..='я').contains(&letter)), "in her language: {refused:?}");
        (refused.status, refused.code)
    };
    assert_eq!(refused(b"hello".to_vec()).await, (415, "not_a_picture".to_owned()));
    assert_eq!(refused(Vec::new()).await, (415, "not_a_picture".to_owned()));
    let cut = gradient_png(60, 60);
    assert_eq!(refused(cut[..cut.len() / 2].to_vec()).await, (415, "not_a_picture".to_owned()));
    assert_eq!(refused(vec![0; 32 * 1024 * 1024 + 1]).await, (413, "too_big".to_owned()));
    let empty = refusal(anna.request(Method::POST, "pictures").body("")).await;
    assert_eq!(empty.code, "invalid");
}

#[tokio::test]
async fn a_part_is_cut_out_pixel_for_pixel() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let photo = noise(90, 70);
    let brought = anna.brings(png(&photo)).await;
    let id = brought["id"].as_str().unwrap();
    let cut = json!({ "x": 5, "y": 6, "width": 40, "height": 30 });
    let part = anna.posts(&format!("pictures/{id}/crop"), cut).await;
    assert_eq!((&part["width"], &part["height"], &part["parent"]), (&json!(40), &json!(30), &json!(id)));
    let pixels = image::load_from_memory(&anna.file(&part["download"]).await).unwrap().to_rgb8();
    assert!(pixels.enumerate_pixels().all(|(x, y, pixel)| pixel == photo.get_pixel(x + 5, y + 6)));
    let beyond = anna.request(Method::POST, &format!("pictures/{id}/crop"));
    let beyond = refusal(beyond.json(&json!({ "x": 60, "y": 0, "width": 40, "height": 30 }))).await;
    assert_eq!((beyond.status, beyond.code.as_str()), (400, "invalid"));
}

#[tokio::test]
async fn transparent_pictures_are_shown_transparent() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let half = RgbaImage::from_fn(40, 40, |x, _| image::Rgba([9, 9, 9, if x < 20 { 0 } else { 255 }]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(half).write_to(&mut bytes, ImageFormat::Png).unwrap();
    let brought = anna.brings(bytes.into_inner()).await;
    assert_eq!(brought["transparent"], true);
    let view = image::load_from_memory(&anna.file(&brought["view"]["url"]).await).unwrap().to_rgba8();
    assert_eq!((view.get_pixel(3, 3).0[3], view.get_pixel(30, 3).0[3]), (0, 255));
    let jpeg = image::load_from_memory(&anna.file(&brought["download_jpg"]).await).unwrap().to_rgb8();
    assert!(jpeg.get_pixel(3, 3).0[0] > 240, "on white");
}

#[tokio::test]
async fn nobody_opens_the_pictures_of_another() {
    let server = EditorServer::start().await;
    let (anna, boris) = (server.comes_in(7).await, server.comes_in(8).await);
    let brought = anna.brings(gradient_png(50, 50)).await;
    let drawn = anna.draws("кот").await;
    for picture in [&brought, &drawn] {
        let id = picture["id"].as_str().unwrap();
        let open = refusal(boris.request(Method::POST, "pictures/open").json(&json!({ "ref": id }))).await;
        assert!(["not_found", "gone"].contains(&open.code.as_str()), "{open:?}");
        let cut = json!({ "x": 0, "y": 0, "width": 9, "height": 9 });
        assert!(refusal(boris.request(Method::POST, &format!("pictures/{id}/crop")).json(&cut)).await.status >= 404);
        assert_eq!(refusal(boris.request(Method::DELETE, &format!("pictures/{id}"))).await.status, 404);
        let order = boris.order(&json!({ "kind": "variation", "picture": id }), None);
        assert!(refusal(order).await.status >= 404);
        assert_eq!(anna.posts("pictures/open", json!({ "ref": id })).await["id"], id);
    }
    let job = drawn["job"].as_str().unwrap();
    for path in [format!("jobs/{job}"), format!("jobs/{job}/events")] {
        assert_eq!(refusal(boris.request(Method::GET, &path)).await.status, 404);
    }
    assert_eq!(boris.reads("pictures").await["pictures"], json!([]));
}

#[tokio::test]
async fn the_gallery_shows_what_was_drawn_and_brought_and_forgets_what_is_deleted() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let drawn = anna.draws("кот в шляпе").await;
    let brought = anna.brings(gradient_png(50, 50)).await;
    let list = anna.reads("pictures").await;
    let ids: Vec<&str> = list["pictures"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [brought["id"].as_str().unwrap(), drawn["id"].as_str().unwrap()]);
    assert_eq!(list["pictures"][1]["recipe"]["prompt"], "кот в шляпе", "so that she can search");
    let first = anna.reads("pictures?limit=1").await;
    let second = anna.reads(&format!("pictures?limit=1&before={}", first["next"].as_str().unwrap())).await;
    assert_eq!(second["pictures"][0]["id"], drawn["id"]);
    for id in ids {
        anna.deletes(&format!("pictures/{id}")).await;
    }
    assert_eq!(anna.reads("pictures").await["pictures"], json!([]));
    let gone = anna.request(Method::POST, "pictures/open").json(&json!({ "ref": drawn["id"] }));
    assert_eq!(refusal(gone).await.code, "gone");
    let thumb = format!("{}{}", anna.url, drawn["thumb"].as_str().unwrap());
    assert_eq!(reqwest::get(&thumb).await.unwrap().status(), 404, "and its address opens nothing");
}

#[tokio::test]
async fn a_shared_picture_becomes_ones_own() {
    let server = EditorServer::start().await;
    let (anna, boris) = (server.comes_in(7).await, server.comes_in(8).await);
    let drawn = anna.draws("кот").await;
    let job = kandinsky_bot::jobs::JobId(drawn["job"].as_str().unwrap().parse().unwrap());
    let token = server.store.share(job, "sharedname").await.unwrap().unwrap();
    let own = boris.posts("pictures/open", json!({ "ref": format!("e_{token}.0") })).await;
    assert!(own["id"].as_str().unwrap().starts_with("p_"));
    let same = anna.posts("pictures/open", json!({ "ref": format!("e_{token}.0") })).await;
    assert_eq!(same["id"], drawn["id"]);
    server.store.forget(Requester(7), false).await.unwrap();
    assert_eq!(boris.posts("pictures/open", json!({ "ref": own["id"] })).await["id"], own["id"]);
}
