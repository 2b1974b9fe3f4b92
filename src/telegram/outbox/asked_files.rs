//! Sends pictures as files that were asked for elsewhere than in the chat.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use super::message::Destination;
use super::outgoing::OutgoingMessage;
use super::sender::{PostedMessage, Sender};
use crate::jobs::{JobEvent, JobId, StoreError};

/// Sends them for ever. What was asked for while the program ended is not: its user asks again.
pub(in crate::telegram) async fn send_asked_files(sender: Arc<Sender>) {
    let mut events = sender.store.signals.events();
    loop {
        match events.recv().await {
            Ok(JobEvent::FilesAsked(job)) => {
                if let Err(error) = post(&sender, job).await {
                    tracing::warn!(%job, %error, "pictures that were asked for can not be sent");
                }
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

async fn post(sender: &Arc<Sender>, id: JobId) -> Result<(), StoreError> {
    let job = sender.store.queue.job(id).await?;
    if let Some(address) = job.as_ref().and_then(|job| job.chat()) {
        let (to, language) = (Destination::of(address), address.language);
        sender.post(PostedMessage::unstored(OutgoingMessage::SendFiles { to, job: id, language }));
    }
    Ok(())
}
