//! Errors as clients of OpenAI's API read them: `{"error": {"message", "type", "param", "code"}}`.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::jobs::{Failure, JobId, StoreError};
use crate::limits::{Limit, OverLimit};
use crate::orders::Refusal;
use crate::recipe::RecipeError;

/// OpenAI's clients repeat 408, 409, 429 and 5xx, unless this header says `false`.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
/// When a job may have ended that is in the way.
const NEXT_JOB: Duration = Duration::from_secs(10);

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    param: Option<String>,
    message: String,
    retry_after: Option<Duration>,
    may_retry: bool,
    job: Option<JobId>,
}

/// What handlers return.
pub(super) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, kind, code, param: None, message, retry_after: None, may_retry: true, job: None }
    }

    fn request(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(status, "invalid_request_error", code, message)
    }

    fn server(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(status, "server_error", code, message)
    }

    /// The same, about this field.
    pub(super) fn about(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }

    fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    fn for_good(self) -> Self {
        Self { may_retry: false, ..self }
    }

    /// A field that can not be used.
    pub(super) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::request(StatusCode::BAD_REQUEST, "invalid_value", message).about(param)
    }

    /// A field that has to be there.
    pub(super) fn missing(param: &str) -> Self {
        let message = format!("the field {param} is missing");
        Self::request(StatusCode::BAD_REQUEST, "missing_required_parameter", message).about(param)
    }

    /// A picture that can not be used.
    pub(super) fn picture(param: &str, message: impl Into<String>) -> Self {
        let code = if param == "mask" { "invalid_mask" } else { "invalid_image" };
        Self::request(StatusCode::BAD_REQUEST, code, message).about(param)
    }

    /// A body that can not be read.
    pub(super) fn body(message: impl Into<String>) -> Self {
        Self::request(StatusCode::BAD_REQUEST, "invalid_body", message)
    }

    /// A body of another kind.
    pub(super) fn media_type() -> Self {
        let message = "send the fields as application/json or as multipart/form-data";
        Self::request(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }

    /// A body or a file that is larger than is read.
    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("at most {} MB are read", limit / 1_000_000);
        Self::request(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// A body that does not arrive.
    pub(super) fn slow_body() -> Self {
        Self::request(StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not arrive in time")
    }

    /// No key, or one that opens nothing.
    pub(super) fn unauthorized() -> Self {
        let message = "this needs an API key: Authorization: Bearer kb_…; `kandinsky-bot key add NAME` makes one";
        Self::request(StatusCode::UNAUTHORIZED, "invalid_api_key", message)
    }

    /// A key whose user is not served any more.
    pub(super) fn banned() -> Self {
        let message = "the owner of this server does not serve the user of this key";
        Self::new(StatusCode::FORBIDDEN, "permission_error", "banned", message)
    }

    /// A name that this server does not have, as one that some web page lets resolve to it.
    pub(super) fn foreign_host() -> Self {
        let message = "this server has another name; its owner can set it with KANDINSKY_WEB_URL";
        Self::new(StatusCode::FORBIDDEN, "permission_error", "foreign_host", message)
    }

    /// Too many requests.
    pub(super) fn too_many(wait: Duration) -> Self {
        let message = "too many requests; wait a little";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded", message).after(wait)
    }

    /// Too many connections that wait.
    pub(super) fn too_many_streams() -> Self {
        let message = "too many requests of this key are waiting; end some";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "too_many_streams", message).after(NEXT_JOB)
    }

    /// The machine has enough to do with other uploads.
    pub(super) fn busy() -> Self {
        let message = "other pictures are being read; try again";
        Self::server(StatusCode::SERVICE_UNAVAILABLE, "busy", message).after(Duration::from_secs(5))
    }

    /// The owner has paused the queue.
    pub(super) fn paused() -> Self {
        let message = "the owner has paused drawing; POST /v1/jobs queues a job for later";
        Self::server(StatusCode::SERVICE_UNAVAILABLE, "paused", message).after(Duration::from_secs(60)).for_good()
    }

    /// The program ends; a repeated request will find its job.
    pub(super) fn stopping() -> Self {
        let message = "the server restarts; send the same request again";
        Self::server(StatusCode::SERVICE_UNAVAILABLE, "restarting", message).after(Duration::from_secs(5))
    }

    /// A job that takes longer than a request may.
    pub(super) fn still_drawing(job: JobId) -> Self {
        let message = format!("it is still being drawn; GET /v1/jobs/{job} tells when it is done");
        let error = Self::server(StatusCode::SERVICE_UNAVAILABLE, "still_drawing", message).for_good();
        Self { job: Some(job), ..error }
    }

    /// The job was cancelled.
    pub(super) fn cancelled() -> Self {
        Self::request(StatusCode::BAD_REQUEST, "cancelled", "the job was cancelled")
    }

    /// A path, a job or a picture that is not there, or not for this key.
    pub(super) fn not_found(what: &str) -> Self {
        Self::request(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// A picture that was deleted: it is kept for a time.
    pub(super) fn gone() -> Self {
        Self::request(StatusCode::GONE, "gone", "the picture is not kept any more")
    }

    /// Another method than the path has.
    pub(super) fn method() -> Self {
        Self::request(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path has another method")
    }

    /// What is not drawn, or not shown.
    pub(super) fn moderated(message: &str) -> Self {
        Self::request(StatusCode::BAD_REQUEST, "moderation_blocked", message).about("prompt")
    }

    /// A defect of this program; the log says more.
    pub(super) fn internal() -> Self {
        Self::server(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here; the log says more")
    }

    /// Why a job failed.
    pub(super) fn failed(failure: Option<Failure>) -> Self {
        match failure {
            Some(Failure::BadPicture) => {
                Self::picture("image", "the picture is too small or too large, or can not be opened")
            }
            Some(Failure::BadMask) => {
                Self::picture("mask", "the mask marks nothing or everything, or is of another shape")
            }
            Some(Failure::PictureGone) => Self::picture("image", "the picture is not there any more"),
            Some(Failure::Unreadable) => Self::picture("image", "the picture can not be opened"),
            Some(Failure::TooLarge) => Self::picture("scale", "the picture would come out too large"),
            Some(Failure::Moderated(_)) => Self::moderated("the text is not drawn here"),
            Some(Failure::Engine | Failure::Crashed) | None => {
                let message = "the picture could not be drawn; the owner finds the reason in the log";
                Self::server(StatusCode::INTERNAL_SERVER_ERROR, "engine", message).for_good()
            }
        }
    }

    fn over_limit(over: OverLimit) -> Self {
        let (code, what) = match over.limit {
            Limit::Waiting => ("queue_full", "waiting at the same time"),
            Limit::Hour => ("rate_limit_exceeded", "per hour"),
            Limit::Day => ("rate_limit_exceeded", "per day"),
            Limit::ChatHour => ("rate_limit_exceeded", "per chat and hour"),
        };
        let message = format!("this key may have {} jobs {what}", over.most);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", code, message).after(over.wait.unwrap_or(NEXT_JOB))
    }

    /// The message, as people read it.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// What stands in the body.
    pub(super) fn json(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        });
        if let Some(job) = self.job {
            error["job"] = job.to_string().into();
        }
        // A1111's clients read `detail`.
        json!({ "error": error, "detail": self.message })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.json())).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        }
        if !self.may_retry {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request of the HTTP API failed");
        Self::internal()
    }
}

impl From<RecipeError> for ApiError {
    fn from(error: RecipeError) -> Self {
        let param = match &error {
            RecipeError::EmptyPrompt => return Self::missing("prompt"),
            RecipeError::LongPrompt { .. } => {
                let code = "string_above_max_length";
                return Self::request(StatusCode::BAD_REQUEST, code, error.to_string()).about("prompt");
            }
            RecipeError::BadSize { .. } | RecipeError::BadRatio { .. } => "size",
            RecipeError::BadCount { .. } => "n",
            RecipeError::BadStrength { .. } => "strength",
            RecipeError::BadCloseness { .. } => "closeness",
            RecipeError::BadParts { .. } => "image",
            RecipeError::WeightCount { .. } | RecipeError::BadWeight => "weights",
            RecipeError::BadSteps { .. } => "steps",
            RecipeError::BadScale { .. } => "scale",
            RecipeError::NoMargins => "outpaint",
            RecipeError::BadWindow => "window",
        };
        Self::invalid(param, error.to_string())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Moderated(_) => Self::moderated("the owner of this server does not let this be drawn"),
            Refusal::OverLimit(over) => Self::over_limit(over),
            Refusal::InputsGone => Self::picture("image", "the picture is not there any more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_an_object_with_words_in_it() {
        let error = ApiError::from(RecipeError::BadCount { count: 99 }).json();
        assert_eq!(error["error"]["type"], "invalid_request_error");
        assert_eq!((&error["error"]["param"], &error["error"]["code"]), (&"n".into(), &"invalid_value".into()));
        assert!(error["error"]["message"].as_str().unwrap().contains("99"));
    }

    #[test]
    fn what_will_fail_again_is_not_tried_again() {
        let header = |error: ApiError| error.into_response().headers().get(SHOULD_RETRY).cloned();
        assert_eq!(header(ApiError::failed(Some(Failure::Engine))).unwrap(), "false");
        assert_eq!(header(ApiError::still_drawing(JobId(3))).unwrap(), "false");
        assert_eq!(header(ApiError::busy()), None);
    }

    #[test]
    fn a_full_queue_says_when_to_come_back() {
        let over = OverLimit { limit: Limit::Hour, most: 3, wait: Some(Duration::from_secs(90)) };
        let response = ApiError::from(Refusal::OverLimit(over)).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "90");
    }
}
