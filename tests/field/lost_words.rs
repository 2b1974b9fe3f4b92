//! Words that were understood and then dropped in silence.

use crate::support::chat_user::{is_photo, words_of};
use crate::support::pictures::gradient_png;
use crate::support::test_server::TestServer;

#[tokio::test]
async fn flags_in_an_answer_to_a_result_count() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says("a moon").await;
    let moon = anna.gets_picture("a moon").await;
    anna.replies(&moon, "a yellow moon --style anime --no stars --n 2 --seed 7 --iw 0.7").await;
    anna.reads("--iw здесь не пригодится").await;
    let album = anna.gets_picture("a yellow moon").await;
    assert!(words_of(&album).contains("· Аниме"), "{album:#}");
    let below = anna
        .sees("the buttons of the album", |message| {
            !is_photo(message) && message["reply_markup"].to_string().contains("Параметры")
        })
        .await;
    anna.presses(&below, "Параметры").await;
    let parameters = anna.reads("Исключить: stars").await;
    assert!(words_of(&parameters).contains("Сид: 7–8"), "{parameters:#}");
}

#[tokio::test]
async fn everything_that_shall_not_be_there_is_kept() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says("a cat --no water --no snow\nБез: льда").await;
    let cat = anna.gets_picture("a cat").await;
    anna.presses(&cat, "Параметры").await;
    anna.reads("Исключить: water, snow, льда").await;
}

#[tokio::test]
async fn two_sizes_in_one_prompt_are_asked_about() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says("a cat --ar 16:9 --ar 1:1").await;
    anna.reads("Флаг --ar написан дважды").await;
}

#[tokio::test]
async fn a_flag_that_can_do_nothing_is_told() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says("a cat --strength 40").await;
    anna.reads("--strength здесь не пригодится").await;
    anna.gets_picture("a cat").await;
    anna.sends_photo(&gradient_png(320, 240), "/change a dog --ar 16:9").await;
    anna.reads("--ar здесь не пригодится").await;
}

#[tokio::test]
async fn a_weight_of_two_is_not_two_percent() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.sends_photo(&gradient_png(320, 240), "a cat --iw 2").await;
    anna.reads("«--iw 2» — какая это доля?").await;
}

#[tokio::test]
async fn a_long_wrong_flag_gets_an_answer() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says(&format!("кот --ar {}", "я".repeat(4000))).await;
    anna.reads("Не понимаю «--ar яяя").await;
    anna.says(&format!("кот --{}", "x".repeat(4000))).await;
    anna.reads("Флага --xxx").await;
}
