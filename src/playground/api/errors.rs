//! What the Bot API answers when it refuses, in the server's own words.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use thiserror::Error;

use crate::playground::html::MarkupError;

/// A refused call. The text is the `description` that clients match on.
#[derive(Debug, Error)]
pub(crate) enum ApiError {
    #[error("Unauthorized")]
    Unauthorized,
    #[error("Not Found")]
    UnknownMethod,
    #[error("Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")]
    OtherGetUpdates,
    #[error("Too Many Requests: retry after {0}")]
    RetryAfter(u32),
    #[error("Internal Server Error")]
    Internal,
    #[error("Request Entity Too Large")]
    TooLarge,
    #[error("Bad Request: {0}")]
    Malformed(String),
    #[error("Bad Request: unknown field \"{0}\"")]
    UnknownField(String),
    #[error("Bad Request: chat_id is empty")]
    ChatIdEmpty,
    #[error("Forbidden: bot was blocked by the user")]
    Blocked,
    #[error("Bad Request: wrong parameter action in request")]
    ChatAction,
    #[error("Bad Request: REACTIONS_TOO_MANY")]
    ReactionsTooMany,
    #[error("Bad Request: reply markup is too long")]
    KeyboardTooLong,
    #[error("Bad Request: BUTTON_COPY_TEXT_INVALID")]
    ButtonCopyText,
    #[error("Bad Request: inline keyboard button URL '{0}' is invalid")]
    ButtonUrl(String),
    #[error("Bad Request: parameter \"{0}\" is required")]
    Missing(&'static str),
    #[error("Bad Request: parameter \"{0}\" is invalid")]
    Invalid(&'static str),
    #[error("Bad Request: chat not found")]
    ChatNotFound,
    #[error("Bad Request: message text is empty")]
    TextEmpty,
    #[error("Bad Request: message is too long")]
    TextTooLong,
    #[error("Bad Request: message caption is too long")]
    CaptionTooLong,
    #[error("Bad Request: can't parse entities: {0}")]
    Markup(#[from] MarkupError),
    #[error("Bad Request: unsupported parse_mode")]
    ParseMode,
    #[error("Bad Request: message to be replied not found")]
    RepliedNotFound,
    #[error("Bad Request: message thread not found")]
    ThreadNotFound,
    #[error("Bad Request: message to edit not found")]
    EditedNotFound,
    #[error("Bad Request: message to delete not found")]
    DeletedNotFound,
    #[error("Bad Request: message to react not found")]
    ReactedNotFound,
    #[error("Bad Request: message can't be edited")]
    NotEditable,
    #[error(
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same \
         as a current content and reply markup of the message"
    )]
    NotModified,
    #[error("Bad Request: there is no text in the message to edit")]
    NoTextToEdit,
    #[error("Bad Request: there is no caption in the message to edit")]
    NoCaptionToEdit,
    #[error("Bad Request: query is too old and response timeout expired or query id is invalid")]
    QueryTooOld,
    #[error("Bad Request: RESULTS_TOO_MUCH")]
    ResultsTooMany,
    #[error("Bad Request: RESULT_ID_INVALID")]
    ResultId,
    #[error("Bad Request: RESULT_ID_DUPLICATE")]
    ResultIdTwice,
    #[error("Bad Request: NEXT_OFFSET_INVALID")]
    NextOffset,
    #[error("Bad Request: START_PARAM_INVALID")]
    StartParam,
    #[error("Bad Request: BUTTON_DATA_INVALID")]
    ButtonData,
    /// A button that opens a Mini App outside of private chats: the whole message is refused.
    #[error("Bad Request: BUTTON_TYPE_INVALID")]
    ButtonType,
    /// There is no such Mini App here.
    #[error("Bad Request: there is no such Mini App")]
    NoMiniApp,
    #[error("Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")]
    ButtonWithoutAction,
    #[error("Bad Request: wrong file identifier/HTTP URL specified")]
    WrongFile,
    #[error("Bad Request: failed to get HTTP URL content")]
    NoDownloads,
    #[error("Bad Request: can't use file of type {found} as {wanted}")]
    FileKind { found: &'static str, wanted: &'static str },
    #[error("Bad Request: invalid file_id")]
    FileId,
    #[error("Bad Request: file is too big")]
    FileTooBig,
    #[error("Bad Request: file must be non-empty")]
    FileEmpty,
    #[error("Bad Request: IMAGE_PROCESS_FAILED")]
    Picture,
    #[error("Bad Request: PHOTO_INVALID_DIMENSIONS")]
    PhotoDimensions,
    #[error("Bad Request: Too much messages to send as an album")]
    AlbumTooLong,
    #[error("Bad Request: too few messages to send as an album")]
    AlbumTooShort,
    #[error("Bad Request: document can't be mixed with other media types")]
    AlbumMixed,
    #[error("Bad Request: BOT_COMMAND_INVALID")]
    Command,
    #[error("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")]
    CommandDescription,
    #[error("Bad Request: {0} is too long")]
    ProfileTooLong(&'static str),
}

impl ApiError {
    /// HTTP status, repeated as `error_code`.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Blocked => StatusCode::FORBIDDEN,
            Self::UnknownMethod => StatusCode::NOT_FOUND,
            Self::OtherGetUpdates => StatusCode::CONFLICT,
            Self::RetryAfter(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut body = json!({ "ok": false, "error_code": status.as_u16(), "description": self.to_string() });
        if let Self::RetryAfter(seconds) = self {
            body["parameters"] = json!({ "retry_after": seconds });
        }
        (status, Json(body)).into_response()
    }
}
