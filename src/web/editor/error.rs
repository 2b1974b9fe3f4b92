//! Errors of the editor: `{"error": {"code", "message", "field"?}}`, with words for the user in the session's language.
//!
//! A handler does not know the language of the page that asked; [`super::front`] does and writes the words.

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::bounds::FILE_MEGABYTES;
use super::init_data::InitDataError;
use crate::i18n::{Language, Value};
use crate::jobs::{Failure, StoreError};
use crate::limits::{Limit, OverLimit};
use crate::moderation::Kind;
use crate::orders::Refusal;
use crate::pictures::{MaskError, PictureError};
use crate::recipe::RecipeError;

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EditorError {
    pub(super) status: StatusCode,
    /// What the page decides by.
    pub(super) code: &'static str,
    /// The words, by their key in the locales.
    key: &'static str,
    /// A number that the words mention.
    count: Option<u64>,
    field: Option<&'static str>,
    retry_after: Option<Duration>,
    /// Words of another part of the program, in English, for what no page of ours sends.
    detail: Option<String>,
}

/// What handlers return.
pub(super) type EditorResult<T> = Result<T, EditorError>;

impl EditorError {
    fn new(status: StatusCode, code: &'static str, key: &'static str) -> Self {
        Self { status, code, key, count: None, field: None, retry_after: None, detail: None }
    }

    fn with_count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }

    fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// The session is over, or there never was one.
    pub(super) fn expired() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "expired", "web-error-expired")
    }

    /// A one-time code that was used or is too old.
    pub(super) fn code() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "code", "web-error-code")
    }

    /// The owner does not serve this user.
    pub(super) fn banned() -> Self {
        Self::new(StatusCode::FORBIDDEN, "banned", "web-error-banned")
    }

    /// The user is not on the owner's list.
    pub(super) fn stranger() -> Self {
        Self::new(StatusCode::FORBIDDEN, "stranger", "web-error-stranger")
    }

    /// A page of another site, or a name that is not this server's.
    pub(super) fn origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "origin", "web-error-origin")
    }

    /// A field that can not be used: no page of ours sends it.
    pub(super) fn invalid(field: &'static str, detail: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "invalid", "web-error-invalid");
        Self { field: Some(field), detail: Some(detail.into()), ..error }
    }

    /// The mask can not be used.
    pub(super) fn mask(key: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "mask", key)
    }

    /// The window can not be used.
    pub(super) fn window() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "window", "web-error-window")
    }

    /// A file that is too large.
    pub(super) fn too_big(megabytes: u64) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_big", "web-error-too-big").with_count(megabytes)
    }

    /// A picture that has too many pixels, or would have.
    pub(super) fn too_many_pixels() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_big", "web-error-too-many-pixels")
    }

    /// There is no such thing, or it belongs to somebody else.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "web-error-not-found")
    }

    /// The picture is kept no longer.
    pub(super) fn gone() -> Self {
        Self::new(StatusCode::GONE, "gone", "web-error-gone")
    }

    /// Too many requests.
    pub(super) fn pace(wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "pace", "web-error-pace").after(wait)
    }

    /// Other pictures are being read.
    pub(super) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "web-error-busy").after(Duration::from_secs(5))
    }

    /// The server ends.
    pub(super) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "web-error-stopping").after(Duration::from_secs(3))
    }

    /// The user has no chat with the bot.
    pub(super) fn no_chat() -> Self {
        Self::new(StatusCode::CONFLICT, "no_chat", "web-error-no-chat")
    }

    /// A defect of this program; the log says more.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "web-error-internal")
    }

    /// The words, as the user reads them.
    pub(super) fn message(&self, language: Language) -> String {
        match self.count {
            Some(count) => language.text_with(self.key, [("count", Value::from(count))]),
            None => language.text(self.key),
        }
    }

    /// As the page reads it.
    pub(super) fn json(&self, language: Language) -> serde_json::Value {
        let mut error = json!({ "code": self.code, "message": self.message(language) });
        if let Some(field) = self.field {
            error["field"] = field.into();
        }
        if let Some(detail) = &self.detail {
            error["detail"] = detail.as_str().into();
        }
        json!({ "error": error })
    }

    /// The whole answer.
    pub(super) fn response(&self, language: Language) -> Response {
        let mut response = (self.status, Json(self.json(language))).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        }
        response
    }
}

/// Without words yet: see [`super::front`].
impl IntoResponse for EditorError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for EditorError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request of the editor failed");
        Self::internal()
    }
}

impl From<InitDataError> for EditorError {
    fn from(error: InitDataError) -> Self {
        match error {
            InitDataError::Old => Self::expired(),
            InitDataError::Clock => {
                tracing::warn!("launch data comes from the future: check the clock of this machine");
                Self::new(StatusCode::UNAUTHORIZED, "clock", "web-error-clock")
            }
            InitDataError::Forged | InitDataError::NoUser => {
                Self::new(StatusCode::UNAUTHORIZED, "init_data", "web-error-init-data")
            }
        }
    }
}

impl From<PictureError> for EditorError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Bytes { .. } => Self::too_big(FILE_MEGABYTES),
            PictureError::Pixels { .. } => Self::too_many_pixels(),
            PictureError::Format => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_picture", "web-error-not-a-picture")
            }
            PictureError::Damaged { .. } => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_picture", "web-error-damaged")
            }
        }
    }
}

impl From<MaskError> for EditorError {
    fn from(error: MaskError) -> Self {
        Self::mask(match error {
            MaskError::Size { .. } | MaskError::Unclear => "web-error-mask-shape",
            MaskError::Empty | MaskError::TooSmall => "web-error-mask-empty",
            MaskError::TooLarge => "web-error-mask-full",
        })
    }
}

impl From<RecipeError> for EditorError {
    fn from(error: RecipeError) -> Self {
        let field = match &error {
            RecipeError::EmptyPrompt => {
                let error = Self::new(StatusCode::BAD_REQUEST, "invalid", "web-error-no-prompt");
                return Self { field: Some("prompt"), ..error };
            }
            RecipeError::LongPrompt { .. } => {
                let error = Self::new(StatusCode::BAD_REQUEST, "invalid", "web-error-long-prompt");
                return Self { field: Some("prompt"), ..error.with_count(crate::recipe::PROMPT_LIMIT as u64) };
            }
            RecipeError::BadWindow => return Self::window(),
            RecipeError::BadSize { .. } | RecipeError::BadRatio { .. } => "ratio",
            RecipeError::BadCount { .. } => "count",
            RecipeError::BadStrength { .. } => "strength",
            RecipeError::BadCloseness { .. } => "closeness",
            RecipeError::BadParts { .. } | RecipeError::WeightCount { .. } | RecipeError::BadWeight => "parts",
            RecipeError::BadSteps { .. } => "steps",
            RecipeError::BadScale { .. } => "scale",
            RecipeError::NoMargins => "margins",
        };
        Self::invalid(field, error.to_string())
    }
}

impl From<Refusal> for EditorError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Moderated(kind) => Self::new(StatusCode::BAD_REQUEST, "moderated", moderated_key(kind)),
            Refusal::InputsGone => Self::gone(),
            Refusal::OverLimit(OverLimit { limit, most, wait }) => {
                let key = match limit {
                    Limit::Waiting => "limit-waiting",
                    Limit::Hour => "limit-hour",
                    Limit::Day => "limit-day",
                    Limit::ChatHour => "limit-chat-hour",
                };
                let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "limit", key).with_count(most.into());
                error.after(wait.unwrap_or(Duration::from_secs(10)))
            }
        }
    }
}

/// Why a job failed, as the user reads it.
pub(super) fn failure_key(failure: Option<Failure>) -> &'static str {
    match failure {
        Some(Failure::PictureGone) => "web-error-gone",
        Some(Failure::BadPicture | Failure::Unreadable) => "web-error-damaged",
        Some(Failure::TooLarge) => "web-error-too-many-pixels",
        Some(Failure::BadMask) => "web-error-mask-empty",
        Some(Failure::Moderated(kind)) => moderated_key(kind),
        Some(Failure::Engine | Failure::Crashed) | None => "web-error-engine",
    }
}

/// The words for what is not drawn.
fn moderated_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Minors => "refused-minors",
        Kind::Sexual => "refused-sexual",
        Kind::Hate => "refused-hate",
        Kind::Gore => "refused-gore",
    }
}
