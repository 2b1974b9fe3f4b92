//! Russian descriptions that were drawn wrongly, with a model that reads English.

use kandinsky_bot::moderation::{Moderator, Strictness};
use kandinsky_bot::policy::Policy;

use crate::support::chat_user::{is_photo, words_of};
use crate::support::fake_backend::Russian;
use crate::support::test_server::TestServer;

const DICTIONARY: Russian = Russian::Translated(&[("рыжий кот", "a red cat"), ("клубничка", "porn")]);
const OWNER: i64 = 9;

#[tokio::test]
async fn a_wrong_translation_is_put_right() {
    let server = TestServer::for_model(DICTIONARY, Policy::default()).await;
    let anna = server.user(7);
    anna.says("рыжий кот --seed 5").await;
    let picture = anna.gets_picture("рыжий кот").await;
    anna.presses(&picture, "Параметры").await;
    let parameters = anna.reads("Нарисовано по: a red cat").await;
    anna.presses(&parameters, "Исправить перевод").await;
    anna.reads("Пришлите английский текст, по которому нарисовать «рыжий кот»").await;
    anna.says("a ginger cat").await;
    let better = anna.sees("another picture", |message| {
        is_photo(message) && message["message_id"].as_i64() > picture["message_id"].as_i64()
    });
    let better = better.await;
    anna.presses(&better, "Параметры").await;
    let parameters = anna.reads("Нарисовано по: a ginger cat").await;
    assert!(words_of(&parameters).contains("Сид: 5"), "{parameters:#}");
    // The same picture again is drawn by the better text.
    anna.presses(&better, "Ещё раз").await;
    server.when_quiet(&anna).await;
    let again = anna.history().await.into_iter().rfind(is_photo);
    anna.presses(&again.unwrap(), "Параметры").await;
    server.when_quiet(&anna).await;
    let parameters = anna.history().await.pop().unwrap();
    assert!(words_of(&parameters).contains("Нарисовано по: a ginger cat"), "{parameters:#}");
    server.bot.stop().await;
}

#[tokio::test]
async fn a_user_who_wants_no_translation_turns_it_off() {
    let server = TestServer::for_model(DICTIONARY, Policy::default()).await;
    let anna = server.user(7);
    anna.says("/settings").await;
    let settings = anna.reads("Переводить описания: да").await;
    anna.presses(&settings, "Не переводить").await;
    anna.reads("Переводить описания: нет").await;
    anna.says("рыжий кот").await;
    let picture = anna.gets_picture("рыжий кот").await;
    anna.presses(&picture, "Параметры").await;
    let parameters = anna.reads("Описание: рыжий кот").await;
    assert!(!words_of(&parameters).contains("Нарисовано по"), "{parameters:#}");
    server.bot.stop().await;
}

#[tokio::test]
async fn what_is_forbidden_only_in_english_is_refused_before_it_is_drawn() {
    let moderator = Moderator::new(Strictness::On, None).unwrap();
    let server = TestServer::for_model(DICTIONARY, Policy { moderator, ..Policy::default() }).await;
    let (anna, john) = (server.user(7), server.user(8));
    anna.says("клубничка").await;
    anna.reads("Такого я не рисую: похоже на сексуальное содержание.").await;
    server.when_quiet(&anna).await;
    let chat = anna.history().await;
    let answers = chat.iter().filter(|message| words_of(message).contains("Такого я не рисую")).count();
    assert_eq!(answers, 1, "{chat:#?}");
    assert!(chat.iter().all(|message| !words_of(message).contains("что-то пошло не так")), "{chat:#?}");
    john.says("/lang en").await;
    john.reads("I speak English now.").await;
    john.says("клубничка").await;
    john.reads("I don’t draw that: it looks like sexual content.").await;
    // A translation that its user puts "right" is read as well.
    anna.says("рыжий кот").await;
    let picture = anna.gets_picture("рыжий кот").await;
    anna.presses(&picture, "Параметры").await;
    let parameters = anna.reads("Нарисовано по: a red cat").await;
    anna.presses(&parameters, "Исправить перевод").await;
    anna.reads("Пришлите английский текст").await;
    let said = anna.says("porn").await;
    let is_refusal = |message: &serde_json::Value| {
        words_of(message).contains("Такого я не рисую") && message["message_id"].as_i64() > Some(said)
    };
    anna.sees("a refusal", is_refusal).await;
    server.bot.stop().await;
}

#[tokio::test]
async fn once_a_day_a_chat_learns_that_the_model_reads_english_best() {
    let server = TestServer::for_model(Russian::Unread, Policy { admins: vec![OWNER], ..Policy::default() }).await;
    let (anna, owner) = (server.user(7), server.user(OWNER));
    anna.says("a cat").await;
    let picture = anna.gets_picture("a cat").await;
    assert!(!words_of(&picture).contains("английский"), "{picture:#}");
    anna.says("рыжий кот").await;
    let picture = anna.gets_picture("рыжий кот").await;
    assert!(words_of(&picture).contains("Опишите то же самое по-английски — выйдет точнее."), "{picture:#}");
    assert!(!words_of(&picture).contains("kandinsky-bot"), "{picture:#}");
    anna.says("белый кот").await;
    let picture = anna.gets_picture("белый кот").await;
    assert!(!words_of(&picture).contains("английский"), "once a day: {picture:#}");
    owner.says("/lang en").await;
    owner.reads("I speak English now.").await;
    owner.says("рыжий кот").await;
    let picture = owner.gets_picture("рыжий кот").await;
    assert!(words_of(&picture).contains("kandinsky-bot model fetch"), "{picture:#}");
    anna.says("/settings").await;
    let settings = anna.reads("Настройки этого чата").await;
    assert!(!words_of(&settings).contains("Переводить"), "{settings:#}");
    server.bot.stop().await;
}
