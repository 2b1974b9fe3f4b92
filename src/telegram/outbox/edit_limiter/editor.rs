//! Makes the edits, one attempt each.

use bytes::Bytes;

use crate::conversation::Message;
use crate::telegram::outbox::api::Api;
use crate::telegram::outbox::fault::Fault;
use crate::telegram::outbox::message::{Picture, Target};

/// What a message is. A picture can not become a text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::telegram) enum Kind {
    /// A text.
    Text,
    /// A picture with a caption.
    Picture,
}

/// Makes edits.
pub(in crate::telegram) trait Editor: Send + Sync + 'static {
    /// Replaces text or caption, and the buttons, of a message that is of this kind as far as is known. Returns its kind.
    fn edit(&self, target: Target, message: &Message, kind: Kind) -> impl Future<Output = Result<Kind, Fault>> + Send;

    /// Turns a message into a picture (JPEG) with this caption, or gives it another picture.
    fn show(
        &self,
        target: Target,
        message: &Message,
        picture: &Bytes,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}

impl Editor for Api {
    async fn edit(&self, target: Target, message: &Message, kind: Kind) -> Result<Kind, Fault> {
        let is_picture = match kind {
            Kind::Text => Self::edit(self, target, message).await?,
            Kind::Picture => self.edit_caption(target, message).await.map(|()| true)?,
        };
        Ok(if is_picture { Kind::Picture } else { Kind::Text })
    }

    async fn show(&self, target: Target, message: &Message, picture: &Bytes) -> Result<(), Fault> {
        let picture = Picture { bytes: picture.clone(), file_name: "preview.jpg".to_owned(), is_covered: false };
        self.edit_photo(target, &picture, &message.text, &message.buttons).await
    }
}
