//! What every request to the editor passes: the server's name and the page's origin, headers, and the words of errors.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::bearer;
use super::error::EditorError;
use super::state::EditorState;
use super::token::Token;
use crate::i18n::Language;

/// Names under which this machine reaches itself.
const OWN_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// What keeps browsers careful. The page has a policy of its own.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
    (header::CACHE_CONTROL, "private, no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Answers one request.
pub(super) async fn front(State(editor): State<Arc<EditorState>>, request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let mut response = match is_own(&editor, request.method(), request.headers()) {
        true => next.run(request).await,
        false => EditorError::origin().into_response(),
    };
    if let Some(error) = response.extensions_mut().remove::<EditorError>() {
        response = error.response(language);
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The language of the session, or that of the browser.
fn language(headers: &HeaderMap) -> Language {
    let claimed = bearer(headers).and_then(Token::claimed).map(|(token, _)| token.language);
    claimed.unwrap_or_else(|| Language::from_code(text(headers, header::ACCEPT_LANGUAGE).map(first_language)))
}

fn first_language(list: &str) -> &str {
    list.split([',', ';']).next().unwrap_or_default().trim()
}

/// Whether the request is for this server under one of its names, and not sent by a page of another site.
fn is_own(editor: &EditorState, method: &Method, headers: &HeaderMap) -> bool {
    let Some(host) = text(headers, header::HOST) else { return false };
    let public = editor.options.url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let name = name_of(host);
    let is_name = OWN_NAMES.contains(&name) || (!public.is_empty() && name.eq_ignore_ascii_case(public));
    let origin = text(headers, header::ORIGIN).filter(|_| method != Method::GET);
    // A proxy may put its own port or name into Host, but the browser names the page's.
    let is_page = origin.is_none_or(|origin| {
        let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
        authority.eq_ignore_ascii_case(host) || (!public.is_empty() && name_of(authority).eq_ignore_ascii_case(public))
    });
    is_name && is_page
}

/// An authority without its port.
fn name_of(authority: &str) -> &str {
    let port = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    port.map_or(authority, |(name, _)| name)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
