//! Results that are larger than the platform takes: each has a way to its user.

use rand::RngCore;

use super::*;

/// A PNG that can not be compressed: three bytes a pixel.
fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut pixels = vec![0; (width * height * 3) as usize];
    rand::rng().fill_bytes(&mut pixels);
    let picture = image::RgbImage::from_raw(width, height, pixels).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn kind_of(file: &[u8]) -> &'static str {
    match image::guess_format(file) {
        Ok(image::ImageFormat::Png) => "png",
        Ok(image::ImageFormat::Jpeg) => "jpeg",
        _ => "other",
    }
}

impl Bot {
    async fn draws_these(&self, pictures: Vec<Vec<u8>>) -> JobId {
        let claim = self.claim().await;
        self.finish(&claim, pictures).await;
        claim.job
    }
}

#[tokio::test]
async fn two_results_too_large_for_an_album_come_as_files() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    // What a 12-megapixel photo becomes.
    let job = bot.draws_these(vec![noise(2100, 1650), noise(2100, 1650)]).await;
    let (first, second) = (bot.server.call("SendDocument", 1).await, bot.server.call("SendDocument", 2).await);
    bot.reaches(job, JobState::Delivered).await;
    assert_eq!((kind_of(&first.files[0].1), kind_of(&second.files[0].1)), ("png", "png"));
    assert!(first.field("caption").starts_with('«') && first.field("caption").contains("файлом"));
    assert_eq!((reply(&first), reply(&second)), (Some(11), Some(11)));
    assert!(bot.server.calls("SendMediaGroup").is_empty(), "nothing is uploaded in vain");
    bot.hears("SendMessage", "Что сделать с картинкой 1?").await;
    assert_eq!(bot.server.calls("SendDocument").len(), 2);
}

#[tokio::test]
async fn one_result_too_large_for_a_photo_is_uploaded_once() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let job = bot.draws_these(vec![noise(2100, 1650)]).await;
    let file = bot.server.call("SendDocument", 1).await;
    assert_eq!(file.button("🎲 Ещё раз"), "1:again:1");
    bot.reaches(job, JobState::Delivered).await;
    assert!(bot.server.calls("SendPhoto").is_empty());
}

#[tokio::test]
async fn a_result_with_sides_too_long_for_a_photo_is_a_file() {
    for (width, height) in [(9000, 1200), (4000, 150)] {
        let bot = Bot::start().await;
        bot.says(ANNA, 11, "кот");
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bot.draws_these(vec![bytes.into_inner()]).await;
        bot.server.call("SendDocument", 1).await;
        assert!(bot.server.calls("SendPhoto").is_empty());
    }
}

#[tokio::test]
async fn a_result_above_fifty_megabytes_comes_as_a_jpeg_and_that_is_said() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    // What a 48-megapixel photo becomes.
    let png = noise(4300, 4000);
    assert!(png.len() > 50_000_000);
    let job = bot.draws_these(vec![png]).await;
    let file = bot.server.call("SendDocument", 1).await;
    let (name, bytes) = &file.files[0];
    assert!(name.ends_with(".jpg") && bytes.len() < 50_000_000 && kind_of(bytes) == "jpeg", "{name} {}", bytes.len());
    assert!(file.field("caption").contains("JPEG"), "{}", file.field("caption"));
    bot.reaches(job, JobState::Delivered).await;
    let size = image::load_from_memory(bytes).unwrap();
    assert_eq!((size.width(), size.height()), (4300, 4000), "every pixel is there");
    // The button for the file has the same way out.
    bot.presses(ANNA, 1002, &file.button("📄 Файл"));
    let again = bot.server.call("SendDocument", 2).await;
    assert!(again.files[0].0.ends_with(".jpg") && again.field("caption").contains("JPEG"));
}

#[tokio::test]
async fn an_album_that_is_refused_comes_one_by_one() {
    let bot = Bot::start().await;
    bot.server.fail("SendMediaGroup", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    bot.says(ANNA, 11, "кот");
    let job = bot.draws_these(vec![png(); 3]).await;
    bot.server.call("SendPhoto", 3).await;
    bot.reaches(job, JobState::Delivered).await;
}

#[tokio::test]
async fn the_reason_of_a_refused_picture_is_told() {
    let too_many = {
        let mut png = png();
        png[16..20].copy_from_slice(&9000_u32.to_be_bytes());
        png[20..24].copy_from_slice(&6700_u32.to_be_bytes());
        let crc = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        png
    };
    let cut = {
        let mut jpeg = Cursor::new(Vec::new());
        image::RgbImage::new(400, 300).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        jpeg[..jpeg.len() / 2].to_vec()
    };
    for (file, told) in [(too_many, "9000×6700"), (cut, "повреждён"), (b"%PDF-1.4".to_vec(), "PNG, JPEG или WebP")]
    {
        let bot = Bot::start().await;
        bot.server.serves_file(file);
        let mut content = message(ANNA, 11, "");
        content.as_object_mut().unwrap().remove("text");
        content["document"] = json!({"file_id": "f", "file_unique_id": "u", "file_size": 9, "file_name": "a.png",
            "mime_type": "image/png"});
        bot.server.update("message", content);
        let answer = bot.server.call("SendMessage", 1).await;
        assert!(answer.text().contains(told), "{}", answer.text());
        assert!(answer.text().contains("WebP") == told.contains("WebP"), "{}", answer.text());
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}
