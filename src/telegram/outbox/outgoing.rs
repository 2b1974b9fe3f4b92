//! The messages that are stored until they were sent, as JSON.

use serde::{Deserialize, Serialize};

use super::message::{Destination, Target};
use crate::conversation::{Button, MaskShown, Message};
use crate::i18n::Language;
use crate::jobs::{JobId, NewOutgoing, StoreError};

/// A message that answers an update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::telegram) enum OutgoingMessage {
    /// A new message.
    Say {
        /// Where it goes.
        to: Destination,
        /// What it says.
        message: Message,
    },
    /// A message that becomes another; said anew if it is gone.
    Edit {
        /// The message.
        target: Target,
        /// Where it is said anew.
        to: Destination,
        /// What it says.
        message: Message,
    },
    /// Other buttons below a message.
    EditButtons {
        /// The message.
        target: Target,
        /// The buttons.
        buttons: Vec<Vec<Button>>,
    },
    /// The answer to a press, with a line over the chat or silently.
    AnswerPress {
        /// The chat.
        chat_id: i64,
        /// The press.
        press: String,
        /// The line.
        text: Option<String>,
    },
    /// Position and progress of the job that was queued with it.
    Status {
        /// Where the button was pressed, if any: this message becomes the status message.
        pressed: Option<Target>,
        /// Where the job came from.
        chat_id: i64,
    },
    /// The pictures of a job as files, byte for byte.
    SendFiles {
        /// Where they go.
        to: Destination,
        /// The job.
        job: JobId,
        /// The language of the answer.
        language: Language,
    },
    /// The pictures of a job once more, as they were.
    SendPictures {
        /// Where they go.
        to: Destination,
        /// The job.
        job: JobId,
        /// The language of the answer.
        language: Language,
    },
    /// A mask over its picture.
    ShowMask(Box<ShownMask>),
    /// A message of the bot's own goes away.
    Delete {
        /// The message.
        target: Target,
    },
}

/// A mask that is shown, and whose it is: if it can not be made, the conversation goes on with that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::telegram) struct ShownMask {
    /// The chat, and the topic in it.
    pub(in crate::telegram) to: Destination,
    /// The message whose button was pressed, or that brought the picture.
    pub(in crate::telegram) message_id: i32,
    /// The user.
    pub(in crate::telegram) user: i64,
    /// The language of the user's client, an IETF tag.
    pub(in crate::telegram) client_language: Option<String>,
    /// The mask.
    pub(in crate::telegram) shown: MaskShown,
}

impl OutgoingMessage {
    /// The chat whose queue it goes through.
    pub(in crate::telegram) fn chat_id(&self) -> i64 {
        match self {
            Self::Say { to, .. } | Self::SendFiles { to, .. } | Self::SendPictures { to, .. } => to.chat_id,
            Self::Edit { target, .. } | Self::EditButtons { target, .. } | Self::Delete { target } => target.chat_id,
            Self::AnswerPress { chat_id, .. } | Self::Status { chat_id, .. } => *chat_id,
            Self::ShowMask(mask) => mask.to.chat_id,
        }
    }

    /// As it is stored.
    pub(in crate::telegram) fn stored(&self) -> Result<NewOutgoing, StoreError> {
        Ok(NewOutgoing {
            chat_id: self.chat_id(),
            body: serde_json::to_string(self).map_err(StoreError::database)?,
            about_job: matches!(self, Self::Status { .. }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Press;

    #[test]
    fn a_message_is_the_same_after_it_was_stored() {
        let to = Destination { chat_id: -5, thread_id: Some(3), reply_to: None };
        let target = Target { chat_id: -5, message_id: 9 };
        let button = Button::new("✖️".to_owned(), Press::Cancel(JobId(4)));
        let message = Message::plain("<b>кот</b>".to_owned()).row([button]);
        for outgoing in [
            OutgoingMessage::Say { to, message: message.clone() },
            OutgoingMessage::EditButtons { target, buttons: message.buttons.clone() },
            OutgoingMessage::Edit { target, to, message },
            OutgoingMessage::AnswerPress { chat_id: -5, press: "1".to_owned(), text: None },
            OutgoingMessage::Status { pressed: Some(target), chat_id: -5 },
            OutgoingMessage::SendFiles { to, job: JobId(4), language: Language::Ru },
            OutgoingMessage::Delete { target },
        ] {
            let stored = outgoing.stored().unwrap();
            assert_eq!(stored.chat_id, -5);
            assert_eq!(serde_json::from_str::<OutgoingMessage>(&stored.body).unwrap(), outgoing);
        }
    }
}
