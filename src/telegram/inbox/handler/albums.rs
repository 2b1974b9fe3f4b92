//! Waits for the pictures of albums, over a restart as well.

use std::sync::Arc;

use super::Handler;
use crate::conversation::{Arriving, ChatState, Event};
use crate::jobs::{Requester, StoreError};
use crate::telegram::inbox::updates::Incoming;

impl Handler {
    /// Goes on once no more pictures of this album come. If the program ends before, the draft says that they were awaited.
    pub(super) fn await_album(self: &Arc<Self>, incoming: &Incoming, album: String) {
        let (handler, incoming) = (Arc::clone(self), incoming.with_event(Event::AlbumEnded(album)));
        let is_last = self.albums.another((incoming.chat_id, incoming.user.0));
        self.tasks.spawn_until_stop(async move {
            if is_last.await {
                handler.handle(incoming).await;
            }
        });
    }

    /// Goes on with the albums that were arriving when the program ended.
    pub(in crate::telegram) async fn resume_albums(self: &Arc<Self>) {
        if let Err(error) = self.find_albums().await {
            tracing::error!(%error, "albums that were arriving can not be found");
        }
    }

    async fn find_albums(self: &Arc<Self>) -> Result<(), StoreError> {
        for (chat_id, text) in self.chats.chats_containing("\"arriving\":").await? {
            // A row that can not be read begins anew at the chat's next message.
            let Ok(state) = serde_json::from_str::<ChatState>(&text) else { continue };
            for (user, album, arriving) in state.arriving() {
                self.await_album(&resumed(chat_id, user, album, arriving), album.to_owned());
            }
        }
        Ok(())
    }
}

fn resumed(chat_id: i64, user: i64, album: &str, arriving: &Arriving) -> Incoming {
    Incoming {
        update: None,
        chat_id,
        thread_id: arriving.thread_id,
        message_id: 0,
        user: Requester(user),
        replied_to: None,
        client_language: arriving.client_language.clone(),
        request_key: format!("a:{chat_id}:{user}:{album}"),
        press: None,
        reply: None,
        event: Event::AlbumEnded(String::new()),
    }
}
