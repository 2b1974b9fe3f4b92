//! Waits for the pictures of albums, over a restart as well.

use std::sync::Arc;

use super::{Handler, HandlerError};
use crate::conversation::{Arriving, ChatState, Event};
use crate::jobs::Requester;
use crate::telegram::updates::Incoming;

impl Handler {
    /// Asks again once no more pictures of this album come. If the program ends before, the draft knows that they were
    /// awaited.
    pub(super) fn await_album(self: &Arc<Self>, incoming: &Incoming, album: String) {
        let (handler, incoming) = (Arc::clone(self), incoming.with_event(Event::AlbumEnded(album)));
        let wait = self.albums.another((incoming.chat_id, incoming.person.0));
        let mut stopped = self.stopped.clone();
        tokio::spawn(async move {
            let is_complete = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => false,
                is_last = wait => is_last,
            };
            if is_complete {
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

    async fn find_albums(self: &Arc<Self>) -> Result<(), HandlerError> {
        for (chat_id, text) in self.chats.containing("\"arriving\":").await? {
            // A row that can not be read begins anew at the chat's next message.
            let Ok(state) = serde_json::from_str::<ChatState>(&text) else { continue };
            for (person, album, arriving) in state.arriving() {
                self.await_album(&resumed(chat_id, person, arriving), album.to_owned());
            }
        }
        Ok(())
    }
}

fn resumed(chat_id: i64, person: i64, arriving: &Arriving) -> Incoming {
    Incoming {
        chat_id,
        thread_id: arriving.thread_id,
        message_id: 0,
        person: Requester(person),
        replied_to: None,
        client_language: arriving.client_language.clone(),
        request_key: format!("a:{chat_id}:{person}"),
        press: None,
        reply: None,
        event: Event::AlbumEnded(String::new()),
    }
}
