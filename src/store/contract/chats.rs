//! The states of chats.

use super::prelude::*;

pub(super) async fn a_state_is_replaced_only_if_it_is_what_was_read(fixture: Fixture) {
    fixture.save_chat(7, "read").await;
    assert!(fixture.store.replace_chat_state(7, "read", "new").await.unwrap());
    assert!(!fixture.store.replace_chat_state(7, "read", "newer").await.unwrap());
    assert!(!fixture.store.replace_chat_state(8, "read", "new").await.unwrap(), "this chat never wrote");
    assert_eq!(fixture.store.chat_state(7).await.unwrap().as_deref(), Some("new"));
    assert_eq!(fixture.store.chat_state(8).await.unwrap(), None);
}
