//! One person, two devices, and fingers that hit twice.

use image::{Rgb, RgbImage};

use crate::house::House;
use crate::person::is_photo;
use crate::toasts::Toasts;
use crate::troubles::{drawn, from_bot, in_the_end};

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_write_at_once_and_both_get_their_picture() {
    let house = House::open().await;
    let (phone, computer) = (house.person(1), house.person(1));
    tokio::join!(phone.says("кот"), computer.says("пёс"));
    phone.gets_picture("кот").await;
    computer.gets_picture("пёс").await;
    let history = in_the_end(&phone).await;
    assert_eq!((drawn(&history), from_bot(&history).len()), (2, 2), "{history:#?}");
    house.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_answer_one_question_and_nothing_is_lost() {
    let house = House::open().await;
    let (phone, computer) = (house.person(1), house.person(1));
    phone.says("/mix").await;
    phone.reads("Пришлите две картинки").await;
    let photo = |red| RgbImage::from_pixel(96, 96, Rgb([red, 90, 60]));
    let (red, black) = (photo(220), photo(20));
    tokio::join!(phone.sends_photo(&red, ""), computer.sends_photo(&black, ""));
    let card = phone.reads("картинка 2 — 50 %").await;
    // Both press the same button: one picture.
    tokio::join!(phone.presses(&card, "Начать генерацию"), computer.presses(&card, "Начать генерацию"));
    phone.gets_picture("Смешивание").await;
    assert_eq!(drawn(&in_the_end(&phone).await), 1);
    house.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_press_two_buttons_at_once_and_both_do_what_they_say() {
    let house = House::open().await;
    let (phone, computer) = (house.person(1), house.person(1));
    phone.says("кот").await;
    let picture = phone.gets_picture("кот").await;
    let toasts = Toasts::of(&house, 1).await;
    tokio::join!(phone.presses(&picture, "Заново"), computer.presses(&picture, "Файл"));
    phone.sees("the file", |message| message["document"].is_object()).await;
    phone.sees("another", |message| is_photo(message) && message["message_id"] != picture["message_id"]).await;
    let history = in_the_end(&phone).await;
    assert_eq!((drawn(&history), from_bot(&history).len()), (2, 3), "{history:#?}");
    assert_eq!(toasts.are(2).await.len(), 2);
    house.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_a_finger_hits_twice_sends_once() {
    let house = House::open().await;
    let anna = house.person(1);
    anna.says("кот").await;
    let picture = anna.gets_picture("кот").await;
    let toasts = Toasts::of(&house, 1).await;
    for (number, button) in (1..).zip(["Файл", "Изменить стиль", "Параметры", "Заново"])
    {
        let before = from_bot(&anna.history().await).len();
        tokio::join!(anna.presses(&picture, button), anna.presses(&picture, button));
        let history = in_the_end(&anna).await;
        assert_eq!(from_bot(&history).len(), before + 1, "{button}: {history:#?}");
        assert_eq!(toasts.are(2 * number).await.len(), 2 * number, "both presses are answered");
    }
    anna.presses(&picture, "Файл").await;
    let history = in_the_end(&anna).await;
    let files = history.iter().filter(|message| message["document"].is_object()).count();
    assert_eq!(files, 2, "pressed again later it is a new wish");
    house.bot.stop().await;
}
