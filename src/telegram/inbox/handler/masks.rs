//! Goes on where a mask can not be shown.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use super::Handler;
use crate::conversation::Event;
use crate::jobs::Requester;
use crate::telegram::inbox::updates::Incoming;
use crate::telegram::outbox::sender::FailedMask;
use crate::telegram::tasks::guarded;

impl Handler {
    /// Answers masks that can not be shown, until the sender of them is gone.
    pub(in crate::telegram) async fn answer_failed_masks(self: Arc<Self>, mut failed: UnboundedReceiver<FailedMask>) {
        while let Some(failed) = failed.recv().await {
            guarded(self.handle(incoming(failed))).await;
        }
    }
}

fn incoming(FailedMask { mask, reason }: FailedMask) -> Incoming {
    Incoming {
        update: None,
        chat_id: mask.to.chat_id,
        thread_id: mask.to.thread_id,
        message_id: mask.message_id,
        user: Requester(mask.user),
        replied_to: None,
        client_language: mask.client_language,
        request_key: format!("k:{}:{}", mask.to.chat_id, mask.message_id),
        press: None,
        reply: None,
        event: Event::BadMask(reason),
    }
}
