//! The chat is there before the model is.

use std::sync::mpsc::channel;

use crate::support::test_server::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_answers_while_the_model_is_loading() {
    let (loaded, loading) = channel();
    let server = TestServer::loading(loading).await;
    let (anna, boris) = (server.user(1), server.user(2));
    anna.says("кот").await;
    let status = anna.reads("Модель загружается…").await;
    boris.says("пёс").await;
    boris.reads("Модель загружается…").await;
    boris.says("/queue").await;
    boris.reads("1. «пёс»").await;
    loaded.send(()).unwrap();
    for user in [&anna, &boris] {
        user.gets_picture("«").await;
    }
    let history = anna.history().await;
    let left = history.iter().filter(|message| message["message_id"] == status["message_id"]);
    assert_eq!(left.count(), 0, "the status has done its work: {history:#?}");
    server.bot.stop().await;
}
