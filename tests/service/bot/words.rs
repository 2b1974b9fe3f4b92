//! Answers in words on a bad line: they come, in their place, and once.

use kandinsky_bot::playground::Fault;

use super::network_faults::{becomes, drawn, from_bot, times_sent, with_each_fault};
use crate::support::chat_user::{is_photo, words_of};
use crate::support::fake_backend::{FOR_AGES, SLOWLY};
use crate::support::press_answers::PressAnswers;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_in_spite_of_everything() {
    with_each_fault(async |server, anna, fault| {
        server.playground.inject("sendMessage", fault);
        anna.says("/help").await;
        anna.reads("Опишите картинку").await;
        let history = server.when_quiet(anna).await;
        assert_eq!(from_bot(&history).len(), times_sent(fault), "{fault:?}: {history:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_to_change_changes() {
    with_each_fault(async |server, anna, fault| {
        anna.says("/style").await;
        let picker = anna.reads("стил").await;
        server.playground.inject("editMessageText", fault);
        anna.presses(&picker, "Аниме").await;
        let chosen = anna.sees("the choice", |message| message.to_string().contains("✅ Аниме")).await;
        assert_eq!(chosen["message_id"], picker["message_id"], "{fault:?}");
        let history = server.when_quiet(anna).await;
        assert_eq!(from_bot(&history).len(), 1, "{fault:?}: {history:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_gone_when_it_is_to_change_is_said_anew() {
    with_each_fault(async |server, anna, fault| {
        anna.says("/style").await;
        let picker = anna.reads("стил").await;
        server.playground.inject("editMessageText", Fault::Refused("message to edit not found"));
        server.playground.inject("sendMessage", fault);
        anna.presses(&picker, "Аниме").await;
        anna.sees("the choice", |message| message.to_string().contains("✅ Аниме")).await;
        let history = server.when_quiet(anna).await;
        assert_eq!(from_bot(&history).len(), 1 + times_sent(fault), "{fault:?}: {history:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_gets_its_answer() {
    with_each_fault(async |server, anna, fault| {
        let answers = PressAnswers::of(server, 1).await;
        anna.says("/style").await;
        let picker = anna.reads("стил").await;
        server.playground.inject("answerCallbackQuery", fault);
        anna.presses(&picker, "Аниме").await;
        assert_eq!(answers.are(1).await, ["Стиль: Аниме"], "{fault:?}");
        server.when_quiet(anna).await;
        assert_eq!(answers.all().len(), 1, "{fault:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_in_the_queue_goes_when_the_picture_has_come() {
    with_each_fault(async |server, anna, fault| {
        server.playground.inject("deleteMessage", fault);
        anna.says("кот").await;
        anna.gets_picture("кот").await;
        let history = server.when_quiet(anna).await;
        let history = match history.len() {
            2 => history,
            _ => becomes(anna, "tidy", |history| history.len() == 2).await,
        };
        assert_eq!(drawn(&history), 1, "{fault:?}: {history:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_and_its_end_are_told_in_the_same_message() {
    with_each_fault(async |server, anna, fault| {
        let anna = anna.in_group(-5);
        server.playground.inject("editMessageText", fault);
        anna.says(&format!("/imagine {FOR_AGES}")).await;
        let status = anna.reads("очередь").await;
        let progress = anna.sees("progress", |message| words_of(message).starts_with("Рисую")).await;
        assert_eq!(progress["message_id"], status["message_id"], "{fault:?}");
        server.playground.inject("editMessageText", fault);
        anna.presses(&progress, "Отменить").await;
        let end = anna.reads("Отменено").await;
        assert_eq!(end["message_id"], status["message_id"], "{fault:?}");
        let history = server.when_quiet(&anna).await;
        assert_eq!(history.len(), 2, "{fault:?}: {history:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_was_lost_spoils_nothing() {
    with_each_fault(async |server, anna, fault| {
        server.playground.inject("editMessageMedia", fault);
        anna.says(SLOWLY).await;
        let status = anna.reads("очередь").await;
        // A server's stumble takes ten seconds: by then the picture may be there.
        let seen = anna.sees("a picture", is_photo).await;
        if !words_of(&seen).starts_with('«') {
            assert_eq!(seen["message_id"], status["message_id"], "{fault:?}");
        }
        anna.gets_picture("«").await;
        let history = becomes(anna, "tidy", |history| history.len() == 2).await;
        assert_eq!(drawn(&history), 1, "{fault:?}: {history:#?}");
    })
    .await;
}
