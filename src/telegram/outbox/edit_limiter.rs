//! Edits at a pace that a chat bears.
//!
//! There is a pause after each edit in a chat ([`Pace`]), and of each message only the latest edit is kept: what is shown may be late,
//! never old.

mod chat_edits;
mod editor;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

pub(in crate::telegram) use chat_edits::Content;
pub(in crate::telegram) use editor::Editor;

use super::message::Target;
use crate::conversation::Message;
use crate::jobs::Pace;
use crate::telegram::tasks::Tasks;
use chat_edits::{ChatEdits, Edit, Next};
use editor::Kind;

/// Paces edits. Cheap to clone.
#[derive(Debug)]
pub(in crate::telegram) struct EditLimiter<E>(Arc<Inner<E>>);

#[derive(Debug)]
struct Inner<E> {
    editor: E,
    pace: Pace,
    chats: DashMap<i64, ChatEdits>,
    tasks: Tasks,
}

impl<E> Clone for EditLimiter<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Editor> EditLimiter<E> {
    pub(in crate::telegram) fn new(editor: E, pace: Pace, tasks: Tasks) -> Self {
        Self(Arc::new(Inner { editor, pace, chats: DashMap::new(), tasks }))
    }

    /// The message was just sent with this text: the pause begins.
    pub(in crate::telegram) fn sent(&self, target: Target, message: Message) {
        let mut chat = self.0.chats.entry(target.chat_id).or_insert_with(ChatEdits::new);
        chat.sent(target.message_id, message);
        chat.pause_until = Instant::now() + self.0.pace.edits_in(target.chat_id);
    }

    /// The message shows this since an earlier process.
    pub(in crate::telegram) fn known(&self, target: Target, message: Message) {
        let mut chat = self.0.chats.entry(target.chat_id).or_insert_with(ChatEdits::new);
        chat.sent(target.message_id, message);
    }

    /// Edits the message when it is its turn. A later edit takes the place of an earlier one.
    pub(in crate::telegram) fn edit(&self, target: Target, content: impl Into<Content>) {
        drop(self.edit_and_report(target, content));
    }

    /// The same. The receiver gets something once the message shows it, and an error if it does already or never will.
    pub(in crate::telegram) fn edit_and_report(
        &self,
        target: Target,
        content: impl Into<Content>,
    ) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        self.put(target.chat_id, Edit::new(target.message_id, content.into(), done));
        receiver
    }

    /// Edits the message for the last time: before all others, without our own pause. The receiver gets something once the
    /// message shows that, or can not show it any more.
    pub(in crate::telegram) fn finish(&self, target: Target, message: Message) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        self.put(target.chat_id, Edit::last(target.message_id, message, done));
        receiver
    }

    /// The message is about to be deleted: no more edits.
    pub(in crate::telegram) fn forget(&self, target: Target) {
        if let Some(mut chat) = self.0.chats.get_mut(&target.chat_id) {
            chat.forget(target.message_id);
        }
        self.0.chats.remove_if(&target.chat_id, |_, chat| chat.is_over());
    }

    fn put(&self, chat_id: i64, edit: Edit) {
        let mut chat = self.0.chats.entry(chat_id).or_insert_with(ChatEdits::new);
        chat.put(edit);
        if chat.is_waiting() && !chat.is_running {
            chat.is_running = true;
            self.0.tasks.spawn_until_stop(run(Arc::clone(&self.0), chat_id));
        }
    }
}

/// Makes a chat's edits until none waits.
async fn run<E: Editor>(inner: Arc<Inner<E>>, chat_id: i64) {
    loop {
        let next = inner.chats.get_mut(&chat_id).map_or(Next::Rest, |mut chat| chat.next());
        match next {
            Next::Rest => {
                inner.chats.remove_if(&chat_id, |_, chat| chat.is_over());
                return;
            }
            Next::Wait(until, changed) => tokio::select! {
                () = sleep_until(until) => {}
                () = changed.notified() => {}
            },
            Next::Edit(edit, kind, picture) => {
                let (target, message) = (Target { chat_id, message_id: edit.message_id }, &edit.content.message);
                let outcome = match &picture {
                    Some(picture) => inner.editor.show(target, message, picture).await.map(|()| Kind::Picture),
                    None => inner.editor.edit(target, message, kind).await,
                };
                if let Some(mut chat) = inner.chats.get_mut(&chat_id) {
                    chat.settle(edit, outcome, picture, inner.pace.edits_in(chat_id));
                }
            }
        }
    }
}
