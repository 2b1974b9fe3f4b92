//! Messages to all users.

use super::prelude::*;

async fn with_chats(fixture: Fixture) -> Fixture {
    for chat in [7, 8, 9, -5] {
        fixture.save_chat(chat, "{}").await;
    }
    fixture
}

pub(super) async fn a_message_goes_once_to_every_private_chat_that_is_not_banned(fixture: Fixture) {
    let fixture = with_chats(fixture).await;
    let store = &fixture.store;
    store.ban(9).await.unwrap();
    assert_eq!(store.broadcast_chats().await.unwrap(), 2);
    let id = store.draft_broadcast(1, Language::Ru, "news").await.unwrap();
    assert!(store.unfinished_broadcasts().await.unwrap().is_empty(), "not without the admin's word");
    let broadcast = store.start_broadcast(id, (1, 50)).await.unwrap().unwrap();
    assert_eq!(broadcast.status, Some((1, 50)));
    assert_eq!(store.start_broadcast(id, (1, 50)).await.unwrap(), None, "a second press");
    assert_eq!(store.next_broadcast_chat(id).await.unwrap(), Some(7));
    store.settle_broadcast_chat(id, 7, BroadcastOutcome::Sent).await.unwrap();
    // As after a restart.
    let fixture = fixture.restart().await;
    let store = &fixture.store;
    assert_eq!(store.unfinished_broadcasts().await.unwrap(), [broadcast]);
    assert_eq!(store.next_broadcast_chat(id).await.unwrap(), Some(8));
    store.settle_broadcast_chat(id, 8, BroadcastOutcome::Gone).await.unwrap();
    store.mark_gone(8).await.unwrap();
    assert_eq!(store.next_broadcast_chat(id).await.unwrap(), None);
    store.finish_broadcast(id).await.unwrap();
    assert!(store.unfinished_broadcasts().await.unwrap().is_empty());
    assert_eq!(store.broadcast_tally(id).await.unwrap(), BroadcastTally { all: 2, sent: 1, gone: 1, refused: 0 });
    assert_eq!(store.broadcast_chats().await.unwrap(), 1, "whoever is gone is not written to again");
    assert!(!store.note_activity(8, 8).await.unwrap());
    assert_eq!(store.broadcast_chats().await.unwrap(), 2, "until they write");
}

pub(super) async fn a_draft_that_was_dropped_is_never_sent(fixture: Fixture) {
    let fixture = with_chats(fixture).await;
    let store = &fixture.store;
    let id = store.draft_broadcast(1, Language::Ru, "oops").await.unwrap();
    assert!(store.drop_broadcast(id).await.unwrap());
    assert_eq!(store.start_broadcast(id, (1, 50)).await.unwrap(), None);
    assert!(!store.drop_broadcast(id).await.unwrap());
}
