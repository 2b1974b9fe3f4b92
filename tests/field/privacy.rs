//! What is private stays there.

use crate::support::chat_user::words_of;
use crate::support::test_server::TestServer;

const FRIENDS: i64 = -1001;

#[tokio::test(flavor = "multi_thread")]
async fn a_group_does_not_see_what_somebody_drew_in_private() {
    let server = TestServer::start().await;
    let (anna, in_group) = (server.user(1), server.user(1).in_group(FRIENDS));
    anna.says("подарок для Бориса").await;
    anna.gets_picture("подарок").await;
    in_group.says("/imagine лимон").await;
    in_group.gets_picture("лимон").await;
    server.when_quiet(&in_group).await;
    in_group.says("/history").await;
    let list = in_group.reads("1. «лимон»").await;
    assert!(!words_of(&list).contains("подарок"), "{}", words_of(&list));
    anna.says("/history").await;
    let list = anna.reads("2. «подарок для Бориса»").await;
    assert!(words_of(&list).contains("лимон"), "their own history is whole: {}", words_of(&list));
    server.bot.stop().await;
}
