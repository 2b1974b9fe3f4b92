//! What an error of the Bot API means for the request that met it.

use std::error::Error;
use std::time::Duration;

use teloxide::{ApiError, RequestError};

/// What to do about a failed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telegram) enum Fault {
    /// Flood control (429): nothing more to this chat before the time is over.
    Wait(Duration),
    /// The network or the server failed: try again.
    Passing(String),
    /// The group became a supergroup with this number.
    Moved(i64),
    /// Nobody is there: blocked, kicked, deleted.
    Gone(String),
    /// The chat does not allow messages of this kind, or any; others may be allowed, and later this one.
    Forbidden(String),
    /// The forum topic is deleted or closed.
    TopicGone(String),
    /// This request will never be accepted.
    Refused(String),
}

impl Fault {
    /// Reads an error. `None` if the request succeeded in spite of it: a message that was to be changed into what it is
    /// already, or an answer that says "ok" in words that this version can not read.
    pub(in crate::telegram) fn of(error: &RequestError) -> Option<Self> {
        Some(match error {
            RequestError::Api(ApiError::MessageNotModified) => return None,
            RequestError::InvalidJson { raw, .. } if raw.trim_start().starts_with(r#"{"ok":true"#) => return None,
            RequestError::RetryAfter(seconds) => Self::Wait(seconds.duration()),
            RequestError::MigrateToChatId(chat) => Self::Moved(chat.0),
            RequestError::Api(error) => Self::of_api(error),
            other => Self::Passing(brief(other)),
        })
    }

    fn of_api(error: &ApiError) -> Self {
        let text = error.to_string();
        match error {
            ApiError::BotBlocked
            | ApiError::ChatNotFound
            | ApiError::UserNotFound
            | ApiError::UserDeactivated
            | ApiError::GroupDeactivated
            | ApiError::BotKicked
            | ApiError::BotKickedFromSupergroup
            | ApiError::BotKickedFromChannel
            | ApiError::CantInitiateConversation
            | ApiError::CantTalkWithBots => Self::Gone(text),
            ApiError::NotEnoughRightsToPostMessages => Self::Forbidden(text),
            ApiError::Unknown(reason) if has_sign(reason, &TOPIC_SIGNS) => Self::TopicGone(text),
            ApiError::Unknown(reason) if has_sign(reason, &RIGHTS_SIGNS) => Self::Forbidden(text),
            ApiError::Unknown(reason) if has_sign(reason, &GONE_SIGNS) => Self::Gone(text),
            ApiError::Unknown(reason) if !reason.starts_with("Bad Request") => Self::Passing(text),
            // The token was revoked or the server is not (yet) a Bot API server; neither is this request's fault.
            ApiError::InvalidToken => Self::Passing(text),
            _ => Self::Refused(text),
        }
    }
}

/// Telegram's words for what the bot may not do in a chat, which says nothing about who is there; teloxide knows few of them.
const RIGHTS_SIGNS: [&str; 9] = [
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "CHAT_WRITE_FORBIDDEN",
    "CHAT_RESTRICTED",
    "CHAT_ADMIN_REQUIRED",
    "CHAT_SEND_",
    "CHAT_GUEST_SEND_FORBIDDEN",
    "USER_RESTRICTED",
];
/// Its words for a topic that can not be written to.
const TOPIC_SIGNS: [&str; 5] =
    ["message thread not found", "topic not found", "TOPIC_CLOSED", "TOPIC_DELETED", "TOPIC_ID_INVALID"];
/// Its words for a chat in which nobody is.
const GONE_SIGNS: [&str; 2] = ["Forbidden", "PEER_ID_INVALID"];

fn has_sign(reason: &str, signs: &[&str]) -> bool {
    signs.iter().any(|sign| reason.contains(sign))
}

/// An error for the log: with its causes, but without the token (teloxide hides it) and without the text of messages.
pub(in crate::telegram) fn brief(error: &RequestError) -> String {
    match error {
        RequestError::InvalidJson { source, .. } => format!("the answer can not be read: {source}"),
        other => {
            let mut text = other.to_string();
            let mut cause = other.source();
            while let Some(error) = cause {
                let line = error.to_string();
                if !text.contains(&line) {
                    text = format!("{text}: {line}");
                }
                cause = error.source();
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error that teloxide makes of this answer.
    fn error(answer: &str) -> RequestError {
        let description: ApiError = serde_json::from_value(serde_json::json!(answer)).unwrap();
        RequestError::Api(description)
    }

    fn fault(answer: &str) -> Option<Fault> {
        Fault::of(&error(answer))
    }

    #[test]
    fn a_chat_that_is_gone_is_not_asked_again() {
        for answer in [
            "Forbidden: bot was blocked by the user",
            "Forbidden: bot is not a member of the supergroup chat",
            "Forbidden: the group chat was deleted",
            "Bad Request: chat not found",
            "Bad Request: PEER_ID_INVALID",
        ] {
            assert!(matches!(fault(answer), Some(Fault::Gone(_))), "{answer}");
        }
    }

    #[test]
    fn a_right_that_is_missing_does_not_mean_that_nobody_is_there() {
        for answer in [
            "Bad Request: not enough rights to send photos to the chat",
            "Bad Request: not enough rights to send text messages to the chat",
            "Bad Request: need administrator rights in the channel chat",
            "Bad Request: CHAT_WRITE_FORBIDDEN",
            "Forbidden: CHAT_WRITE_FORBIDDEN",
            "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN",
        ] {
            assert!(matches!(fault(answer), Some(Fault::Forbidden(_))), "{answer}");
        }
        for answer in ["Bad Request: message thread not found", "Bad Request: TOPIC_CLOSED"] {
            assert!(matches!(fault(answer), Some(Fault::TopicGone(_))), "{answer}");
        }
    }

    #[test]
    fn a_server_that_fails_is_asked_again() {
        for answer in ["Internal Server Error", "Bad Gateway", "Unauthorized"] {
            assert!(matches!(fault(answer), Some(Fault::Passing(_))), "{answer}");
        }
    }

    #[test]
    fn a_request_that_is_wrong_stays_wrong() {
        for answer in ["Bad Request: PHOTO_INVALID_DIMENSIONS", "Bad Request: message is too long"] {
            assert!(matches!(fault(answer), Some(Fault::Refused(_))), "{answer}");
        }
    }

    #[test]
    fn what_is_already_so_is_a_success() {
        let answer = "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                      the same as a current content and reply markup of the message";
        assert_eq!(fault(answer), None);
    }
}
