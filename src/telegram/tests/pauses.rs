//! Flood control: a chat has one pause for everything, and it holds up no other chat.

use super::*;

fn retry_after(seconds: u64) -> Value {
    json!({"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": seconds}})
}

#[tokio::test]
async fn a_pause_that_one_method_met_holds_for_all_of_the_chat() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    seconds(0.2).await;
    bot.server.fail_with("SendMessage", 429, retry_after(2));
    bot.says(ANNA, 12, "/help");
    bot.server.call("SendMessage", 2).await;
    let paused = Instant::now();
    let job = bot.draws().await;
    bot.says(BORIS, 11, "/help");
    bot.server.call("SendMessage", 3).await;
    assert_eq!(number(&bot.server.calls("SendMessage")[2], "chat_id"), BORIS);
    bot.server.call("SendPhoto", 1).await;
    assert!(paused.elapsed() >= Duration::from_millis(1900), "{:?}", paused.elapsed());
    bot.reaches(job, JobState::Delivered).await;
}

#[tokio::test]
async fn a_chat_with_twenty_results_holds_up_no_other() {
    let mut bot = Bot::asleep().await;
    bot.wake();
    for number in 0..20 {
        bot.says(ANNA, 11 + number, &format!("кот {number}"));
    }
    bot.server.call("SendMessage", 20).await;
    bot.says(BORIS, 11, "кит");
    bot.server.call("SendMessage", 21).await;
    bot.sleeps().await;
    for _ in 0..21 {
        bot.draws().await;
    }
    bot.server.fail_with("SendPhoto", 429, retry_after(600));
    bot.server.fail_with("DeleteMessage", 429, retry_after(600));
    bot.wake();
    for number in 1.. {
        if number_of(&bot.server.call("SendPhoto", number).await) == BORIS {
            break;
        }
        assert!(number < 3, "Anna's chat has a pause");
    }
}

fn number_of(call: &Call) -> i64 {
    number(call, "chat_id")
}

#[tokio::test]
async fn a_press_is_answered_during_the_pause_of_its_chat() {
    let bot = Bot::start().await;
    bot.server.fail_with("SendMessage", 429, retry_after(60));
    bot.says(ANNA, 11, "/help");
    bot.server.call("SendMessage", 1).await;
    bot.presses(ANNA, 50, "1:idle");
    bot.server.call("AnswerCallbackQuery", 1).await;
}

#[tokio::test]
async fn an_inline_query_is_answered_again_after_a_fault() {
    let bot = Bot::start().await;
    bot.server.fail("AnswerInlineQuery", 200, "Internal Server Error");
    let from = json!({"id": ANNA, "is_bot": false, "first_name": "Anna", "language_code": "ru"});
    bot.server.update("inline_query", json!({"id": "1", "from": from, "query": "", "offset": ""}));
    bot.server.call("AnswerInlineQuery", 2).await;
}
