//! Larger pictures on their way to the chat.

use super::*;
use crate::recipe::Recipe;

impl Bot {
    /// Draws a cat and asks for it twice as large; the claim of that job.
    async fn asks_for_a_larger_cat(&self) -> Claim {
        self.says(ANNA, 11, "кот");
        self.draws().await;
        let photo = self.server.call("SendPhoto", 1).await;
        self.presses(ANNA, 50, &photo.button("🔍 Крупнее"));
        let how = self.server.call("SendMessage", 2).await;
        assert_eq!(how.text(), "Во сколько раз увеличить?");
        self.presses(ANNA, 60, &how.button("2× · 192×128"));
        let queued = self.server.call("EditMessageText", 1).await;
        assert_eq!(queued.text(), "Добавил в очередь на увеличение. Начинаю.");
        let claim = self.claim().await;
        let cat = Recipe::text_to_image("кот", 7).unwrap();
        let recipe = self.store.job(claim.job).await.unwrap().unwrap().recipe.with_source(cat);
        self.store.set_recipe(&claim, &recipe).await.unwrap();
        claim
    }
}

fn large_png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(192, 128).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn a_larger_picture_comes_as_a_file_with_its_size() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_larger_cat().await;
    bot.finish(&claim, vec![large_png()]).await;
    let file = bot.server.call("SendDocument", 1).await;
    assert_eq!(file.field("caption"), "Увеличил в 2 раза: 192×128\n«кот»");
    assert_eq!(file.files, [("kandinsky-7-x2.png".to_owned(), large_png().into())]);
    assert_eq!(reply(&file), Some(11));
    bot.reaches(claim.job, JobState::Delivered).await;
    assert_eq!(bot.server.calls("SendPhoto").len(), 1, "a photo would be made smaller");

    // What can be done below it: variations of the larger picture.
    bot.presses(ANNA, 70, &file.button("🔁 Вариации"));
    bot.draws().await;
    bot.server.call("SendPhoto", 2).await;
}

#[tokio::test]
async fn where_no_network_drew_it_that_is_said() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_larger_cat().await;
    bot.finish_with(&claim, vec![large_png()], &Warnings { resampled: true, ..Warnings::default() }).await;
    let file = bot.server.call("SendDocument", 1).await;
    assert_eq!(
        file.field("caption"),
        "Увеличил в 2 раза: 192×128\n«кот»\n\nМодели для увеличения здесь нет, поэтому картинка просто растянута: новых деталей в ней нет."
    );
}

#[tokio::test]
async fn a_flagged_one_is_covered_and_its_file_is_a_press_away() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_larger_cat().await;
    bot.finish_with(&claim, vec![large_png()], &Warnings { flagged: vec![0], ..Warnings::default() }).await;
    let photo = bot.server.call("SendPhoto", 2).await;
    assert_eq!(photo.fields["has_spoiler"], json!(true));
    assert!(photo.field("caption").contains("пришлю её по кнопке «Файл»"), "{}", photo.field("caption"));
    assert!(bot.server.calls("SendDocument").is_empty(), "files can not be covered");
    bot.presses(ANNA, 70, &photo.button("📄 Файл"));
    assert_eq!(bot.server.call("SendDocument", 1).await.files[0].1, large_png());
}

#[tokio::test]
async fn where_files_are_forbidden_it_comes_as_a_photo() {
    let bot = Bot::start().await;
    bot.server.fail("SendDocument", 400, "Bad Request: not enough rights to send documents to the chat");
    let claim = bot.asks_for_a_larger_cat().await;
    bot.finish(&claim, vec![large_png()]).await;
    let photo = bot.server.call("SendPhoto", 2).await;
    assert!(photo.field("caption").contains("Отправить файлом не вышло"), "{}", photo.field("caption"));
}

#[tokio::test]
async fn it_is_cancelled_as_any_job_and_waits_while_the_bot_is_paused() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_larger_cat().await;
    bot.says(ANNA, 12, "/cancel");
    bot.server.call("SendMessage", 3).await;
    let report = Heartbeat { progress: 0.5, preview: None };
    assert_eq!(bot.store.heartbeat(&claim, report, LEASE).await.unwrap(), LeaseStatus::Cancelled);
    bot.store.set_paused(true).await.unwrap();
    let photo = bot.server.call("SendPhoto", 1).await;
    bot.presses(ANNA, 51, &photo.button("🔍 Крупнее"));
    let how = bot.server.call("SendMessage", 4).await;
    bot.presses(ANNA, 61, &how.button("4× · 384×256"));
    for _ in 0..500 {
        let edits = bot.server.calls("EditMessageText");
        if edits.iter().any(|edit| edit.text().contains("Бот на паузе, запрос сохранён")) {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", bot.server.calls("EditMessageText").iter().map(Call::text).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_that_came_out_too_large_says_what_to_do() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_larger_cat().await;
    bot.store.fail(&claim, Failure::TooLarge).await.unwrap();
    for _ in 0..500 {
        let said = bot.server.calls("SendMessage");
        if let Some(failure) = said.iter().find(|call| call.text().starts_with("Картинка вышла бы слишком большой."))
        {
            assert!(!failure.fields.contains_key("reply_markup"), "another time it would be as large");
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", bot.server.calls("SendMessage").iter().map(Call::text).collect::<Vec<_>>());
}
