//! CORS (<https://fetch.spec.whatwg.org/#http-cors-protocol>): web pages of the origins that the owner names may use the API from a
//! browser, with a key like every other program. Without any named, no page may.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Seconds for which a browser need not ask again.
const ASK_AGAIN: &str = "600";
const METHODS: &str = "GET, POST";
/// Headers of a request beside those that every page may send; clients of OpenAI add some of their own.
const OFFERED: &str = "authorization, api-key, x-api-key, content-type, idempotency-key, prefer";
const OWN: &str = "x-stainless-";
/// Headers of an answer that a page may read.
const EXPOSED: &str = "location, retry-after, x-kandinsky-ignored, x-request-id, x-should-retry";

/// The origins that are let in.
#[derive(Debug, Clone, Default)]
pub(super) struct Cors(Vec<HeaderValue>);

/// A request of a page that is let in.
pub(super) struct LetIn {
    origin: HeaderValue,
    /// The headers that the page wants to send, where it asks before it sends anything.
    preflight: Option<Option<HeaderValue>>,
}

impl Cors {
    pub(super) fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// What is to be said to the browser; `None` if its page is not let in, or there is no browser.
    pub(super) fn lets_in(&self, request: &Request) -> Option<LetIn> {
        let path = request.uri().path();
        let origin = request.headers().get(header::ORIGIN)?;
        if !(path.starts_with("/v1/") || path.starts_with("/sdapi/")) || !self.0.contains(origin) {
            return None;
        }
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let wanted = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        Some(LetIn { origin: origin.clone(), preflight: asks.then_some(wanted) })
    }

    /// Whether answers depend on the origin.
    pub(super) fn is_on(&self) -> bool {
        !self.0.is_empty()
    }
}

impl LetIn {
    /// The answer to a browser that asks first.
    pub(super) fn preflight(&self) -> Option<Response> {
        let wanted = self.preflight.as_ref()?.as_ref().and_then(|wanted| wanted.to_str().ok()).unwrap_or_default();
        let own = wanted.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| {
            name.strip_prefix(OWN)
                .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
        });
        let headers: String = std::iter::once(OFFERED.to_owned()).chain(own.take(20)).collect::<Vec<_>>().join(", ");
        let answer: [(HeaderName, String); 3] = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS.to_owned()),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, headers),
            (header::ACCESS_CONTROL_MAX_AGE, ASK_AGAIN.to_owned()),
        ];
        Some((StatusCode::NO_CONTENT, answer).into_response())
    }

    /// Lets the page read an answer.
    pub(super) fn allow(self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}
