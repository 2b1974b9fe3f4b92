//! The card: the official order, settings, flags.

use crate::support::chat_user::{is_photo, words_of};
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn the_official_order_is_prompt_style_start() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("/settings").await;
    let settings = anna.reads("Настройки этого чата").await;
    anna.presses(&settings, "Сначала параметры").await;
    anna.reads("сначала показываю параметры").await;
    anna.says("лимон на зелёном фоне").await;
    let card = anna.reads("Параметры картинки").await;
    anna.presses(&card, "Стиль").await;
    let styles = anna.reads("В каком стиле?").await;
    anna.presses(&styles, "Аниме").await;
    let card = anna.reads("Стиль: Аниме").await;
    anna.presses(&card, "Размер").await;
    let sizes = anna.reads("Какой размер?").await;
    anna.presses(&sizes, "16:9").await;
    let card = anna.reads("Размер: 16:9").await;
    anna.presses(&card, "Исключить").await;
    anna.reads("чего не должно быть").await;
    anna.says("вода").await;
    let card = anna.reads("Исключить: вода").await;
    anna.presses(&card, "Нарисовать").await;
    anna.presses(&card, "Нарисовать").await;
    let answer = anna.gets_picture("лимон на зелёном фоне").await;
    assert!(words_of(&answer).contains("» · Аниме"), "{}", words_of(&answer));
    let picture = anna.looks_at(&answer).await;
    assert!(picture.width() > picture.height() * 3 / 2, "{:?}", picture.dimensions());
    assert_eq!(
        program.when_quiet(&anna).await.iter().filter(|message| is_photo(message)).count(),
        1,
        "pressed twice, drawn once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn experts_write_it_all_in_one_line() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    ben.says("a lemon on a green background --seed 42 —n 2 --style anime\nWithout: water").await;
    let below = ben.reads("What next with picture 1?").await;
    ben.presses(&below, "Parameters").await;
    let info = ben.reads("Picture from text").await;
    let expected =
        "Picture from text\nDescription: a lemon on a green background\nStyle: Anime\nLeave out: water\nSeed: 42–43";
    assert_eq!(words_of(&info), expected);
    ben.says("a lemon --sed 4").await;
    ben.reads("Did you mean --seed?").await;
}
