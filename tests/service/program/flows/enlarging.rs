//! A picture made larger.

use image::GenericImageView;
use kandinsky_bot::pictures::read_recipe;

use super::{difference, mean, photo};
use crate::support::chat_user::words_of;
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_becomes_twice_as_large_and_comes_as_a_file() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("лимон на синем фоне --seed 7").await;
    let lemon = anna.gets_picture("лимон на синем фоне").await;
    let small = anna.looks_at(&lemon).await;
    anna.presses(&lemon, "Крупнее").await;
    let how = anna.reads("Во сколько раз увеличить?").await;
    anna.presses(&how, "2×").await;
    let message = anna.sees("a file", |message| message["document"].is_object()).await;

    let (width, height) = (small.width() * 2, small.height() * 2);
    let caption = words_of(&message);
    assert!(caption.starts_with(&format!("Увеличил в 2 раза: {width}×{height}\n«лимон на синем фоне»")), "{caption}");
    assert!(caption.contains("картинка просто растянута"), "{caption}");
    assert_eq!(message["document"]["file_name"], "kandinsky-7-x2.png");
    let file = anna.file(&message["document"]).await;
    let large = image::load_from_memory(&file).unwrap();
    assert_eq!(large.dimensions(), (width, height));
    let whole = |width, height| (0, 0, width, height);
    let colours = (mean(&small, whole(width / 2, height / 2)), mean(&large.into_rgb8(), whole(width, height)));
    assert!(difference(colours.0, colours.1) < 3.0, "{colours:?}");
    // The file and the history say what it came from.
    let recipe = read_recipe(&file).unwrap();
    assert_eq!((recipe.prompt(), recipe.origin().seed), ("лимон на синем фоне", 7));
    anna.says("/history").await;
    anna.reads("1. «лимон на синем фоне» · 2×").await;

    anna.replies(&message, "груша на синем фоне").await;
    anna.gets_picture("груша на синем фоне").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_becomes_four_times_as_large() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    ben.sends_photo(&photo([220, 40, 40], [255, 255, 255]), "/upscale 4").await;
    let message = ben.sees("a file", |message| message["document"].is_object()).await;
    assert!(words_of(&message).starts_with("Enlarged 4×: 1024×768"), "{message:#}");
}
