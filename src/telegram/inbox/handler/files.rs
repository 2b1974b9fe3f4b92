//! Opens files that users sent: what they are decides how the conversation goes on.

use std::sync::Arc;

use bytes::Bytes;

use super::Handler;
use crate::conversation::{BadPicture, Event, GivenPicture};
use crate::jobs::Source;
use crate::pictures::{Picture, read_recipe};
use crate::telegram::inbox::updates::Incoming;
use crate::telegram::inputs::picture_fetcher::reason;

impl Handler {
    /// Opens the file of the event, then goes on with what it is. The update ends with that: if the program ends before, the
    /// file is opened again after the next start.
    pub(super) fn open_file(self: &Arc<Self>, incoming: &Arc<Incoming>) {
        let Event::File { file, caption, album, .. } = incoming.event.clone() else { return };
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.tasks.spawn_until_stop(async move {
            let event = {
                // It is never closed.
                let _permit = handler.open_files.acquire().await;
                let source = Source::File(file);
                match handler.fetcher.picture(&source).await {
                    Ok(bytes) => opened(source, bytes, incoming.message_id, caption, album).await,
                    Err(error) => Event::BadPicture(error.bad_picture()),
                }
            };
            handler.handle(Incoming { update: incoming.update, ..incoming.with_event(event) }).await;
        });
    }
}

/// What a file holds: a picture, perhaps with a recipe of ours in it.
async fn opened(source: Source, bytes: Bytes, message_id: i32, caption: String, album: Option<String>) -> Event {
    let decoded = tokio::task::spawn_blocking(move || {
        let picture = Picture::decode(&bytes).map_err(|error| reason(&error))?;
        Ok((picture.rgb.dimensions(), read_recipe(&bytes)))
    });
    // A panic of the decoder: something is wrong with the file.
    match decoded.await.unwrap_or(Err(BadPicture::Damaged)) {
        Ok(((width, height), recipe)) => Event::Picture {
            picture: GivenPicture { source, width, height, message_id },
            caption,
            album,
            addressed: true,
            recipe: recipe.map(Box::new),
        },
        Err(reason) => Event::BadPicture(reason),
    }
}
