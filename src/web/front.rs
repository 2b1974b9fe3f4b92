//! What every request passes: the server's name, an id for the log, headers that keep browsers careful.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rand::Rng;
use rand::distr::Alphanumeric;
use tracing::Instrument;

use super::cors::LetIn;
use super::error::ApiError;
use super::request_metrics;
use super::state::Api;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Letters and digits of a request's id.
const ID_LENGTH: usize = 20;

const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
    (header::CACHE_CONTROL, "private, no-store"),
];

/// Answers one request, with an id that its log lines have too. The log has the path, and nothing that was sent.
pub(super) async fn front(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let id: String = rand::rng().sample_iter(Alphanumeric).take(ID_LENGTH).map(char::from).collect();
    let id = format!("req_{id}");
    let span = tracing::info_span!("web", id, method = %request.method(), path = shown_path(&request));
    let (begun, route, let_in) = (Instant::now(), request_metrics::route(&request), api.cors.lets_in(&request));
    let mut response = match let_in.as_ref().and_then(LetIn::preflight) {
        _ if !is_own_host(&api, &request) => ApiError::foreign_host().into_response(),
        Some(preflight) => preflight,
        None => next.run(request).instrument(span.clone()).await,
    };
    let status = response.status();
    request_metrics::count(route, status, begun.elapsed());
    span.in_scope(|| match status {
        StatusCode::INTERNAL_SERVER_ERROR => tracing::warn!(status = status.as_u16(), "a request failed"),
        _ => tracing::debug!(status = status.as_u16(), "a request is answered"),
    });
    let headers = response.headers_mut();
    if let Some(page) = let_in {
        page.allow(headers);
    }
    if api.cors.is_on() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The path for the log; of a link to a picture only its beginning, because whoever knows the rest can open it.
fn shown_path(request: &Request) -> String {
    let path = request.uri().path();
    let shown = if path.starts_with("/v1/files/") { "/v1/files/…" } else { path };
    shown.chars().filter(|letter| !letter.is_control()).take(100).collect()
}

/// A server that only this machine reaches answers under its own names: a web page of another name that resolves to this machine is
/// kept out. Where others reach it, it can not know its names, and keys protect it.
fn is_own_host(api: &Api, request: &Request) -> bool {
    if !api.is_local {
        return true;
    }
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = header.or_else(|| request.uri().authority().map(|authority| authority.as_str())) else {
        return false;
    };
    let own = api.url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    let name = |host: &str| {
        host.rsplit_once(':')
            .filter(|(_, port)| port.parse::<u16>().is_ok())
            .map_or(host.to_owned(), |(name, _)| name.to_owned())
    };
    let host = name(host);
    ["127.0.0.1", "localhost", "[::1]"].contains(&host.as_str()) || host.eq_ignore_ascii_case(&name(own))
}
