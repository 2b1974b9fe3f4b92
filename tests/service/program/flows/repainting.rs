//! Drawing a part of a picture anew.

use image::{Rgb, RgbImage};

use super::{difference, mean, photo};
use crate::support::chat_user::ChatUser;
use crate::support::pictures::png;
use crate::support::test_program::TestProgram;

const RED: [u8; 3] = [220, 40, 40];
const BLUE: [u8; 3] = [40, 80, 200];

/// The photo with a bright square painted into its upper left corner.
fn painted(photo: &RgbImage) -> RgbImage {
    let mut copy = photo.clone();
    for y in 8..72 {
        for x in 8..72 {
            copy.put_pixel(x, y, Rgb([0, 255, 0]));
        }
    }
    copy
}

async fn is_shown_in_red(user: &ChatUser, what: &serde_json::Value, part: (u32, u32, u32, u32)) -> bool {
    let preview = user.looks_at(what).await;
    mean(&preview, part)[0] > 160.0 && mean(&preview, part)[2] < 140.0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_painted_in_telegrams_editor_is_drawn_anew() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    let original = photo(RED, BLUE);
    anna.says("/inpaint").await;
    anna.reads("часть которой надо перерисовать").await;
    anna.sends_photo(&original, "").await;
    let how = anna.reads("Как отметить").await;
    anna.presses(&how, "Закрасить в Telegram").await;
    anna.reads("закрасьте нужное место").await;
    anna.sends_photo(&painted(&original), "").await;

    let question = anna.gets_picture("Перерисую отмеченное красным").await;
    assert!(is_shown_in_red(&anna, &question, (20, 20, 40, 40)).await);
    assert!(!is_shown_in_red(&anna, &question, (200, 20, 40, 40)).await);
    anna.presses(&question, "Инвертировать").await;
    let inverted = {
        let mut is_inverted = false;
        for _ in 0..200 {
            let message = anna.gets_picture("Перерисую отмеченное красным").await;
            is_inverted = is_shown_in_red(&anna, &message, (200, 20, 40, 40)).await;
            if is_inverted {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        is_inverted
    };
    assert!(inverted, "the same message shows the other part");
    anna.presses(&question, "Инвертировать").await;
    anna.presses(&question, "Верно").await;
    anna.reads("Что нарисовать на этом месте?").await;
    anna.says("жёлтая звезда на синем фоне").await;
    let answer = anna.gets_picture("жёлтая звезда").await;
    let drawn = anna.looks_at(&answer).await;
    assert_eq!(drawn.dimensions(), original.dimensions());
    let kept = difference(mean(&drawn, (200, 120, 40, 40)), BLUE.map(f64::from));
    assert!(kept < 4.0, "far from the mask the photo is untouched: {kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mask_file_is_as_good_and_needs_no_prompt() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    let original = photo(RED, BLUE);
    ben.sends_photo(&original, "/inpaint").await;
    let how = ben.reads("How will you show me what to redraw?").await;
    ben.presses(&how, "Send a mask").await;
    ben.reads("Send a mask of the same size").await;

    let black = RgbImage::new(256, 192);
    ben.sends_photo(&black, "").await;
    ben.reads("I can’t see anything marked").await;
    ben.sends_photo(&RgbImage::from_pixel(200, 192, Rgb([255; 3])), "").await;
    ben.reads("The mask has different proportions").await;

    let mask = RgbImage::from_fn(256, 192, |x, _| Rgb([if x < 64 { 255 } else { 0 }; 3]));
    ben.sends_file("mask.png", "image/png", &png(&mask), "").await;
    let question = ben.gets_picture("I’ll redraw what is marked red").await;
    ben.presses(&question, "Right").await;
    let prompt = ben.reads("What should I draw there?").await;
    ben.presses(&prompt, "No description").await;
    let answer = ben.gets_picture("Redrawn part").await;
    assert_eq!(ben.looks_at(&answer).await.dimensions(), (256, 192));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_two_taps() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("красное яблоко на синем фоне").await;
    let apple = anna.gets_picture("красное яблоко").await;
    anna.presses(&apple, "Перерисовать часть").await;
    let how = anna.reads("Как отметить").await;
    anna.presses(&how, "Область").await;
    let areas = anna.reads("Какую часть перерисовать?").await;
    anna.presses(&areas, "Нижняя половина").await;
    let question = anna.gets_picture("Перерисую отмеченное красным").await;
    anna.presses(&question, "Верно").await;
    let prompt = anna.reads("Что нарисовать на этом месте?").await;
    anna.presses(&prompt, "Без описания").await;
    anna.gets_picture("Перерисованная часть").await;
}
