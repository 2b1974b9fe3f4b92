//! Keeps other web sites away: the server listens on this machine only, but a browser on this machine
//! also runs other people's pages.
//!
//! - `Host` must be this server's own name: a foreign name that resolves to 127.0.0.1 (DNS rebinding) is refused.
//! - `Origin`, which browsers add to every cross-site POST, must be this server's own, or absent (no browser).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::shared::Shared;

/// Names under which this machine reaches itself.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Lets a request through if it comes from this machine's own pages and programs.
pub(crate) async fn own_requests_only(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = text(headers, header::HOST).unwrap_or_default();
    let origin = text(headers, header::ORIGIN).map(|origin| origin.strip_prefix("http://").unwrap_or(origin));
    if !is_own(host, shared.port) {
        return (StatusCode::FORBIDDEN, "This server answers only under its own address.\n").into_response();
    }
    if request.method() != Method::GET && origin.is_some_and(|origin| !is_own(origin, shared.port)) {
        return (StatusCode::FORBIDDEN, "Another site may not use this server.\n").into_response();
    }
    next.run(request).await
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn is_own(host: &str, port: u16) -> bool {
    NAMES.iter().any(|name| host == format!("{name}:{port}") || (port == 80 && host == *name))
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn only_this_machine_under_this_port_is_own() {
        assert!(is_own("127.0.0.1:8080", 8080) && is_own("localhost:8080", 8080) && is_own("localhost", 80));
        for foreign in ["evil.example:8080", "127.0.0.1:8081", "127.0.0.1", "127.0.0.1:8080.evil.example", "null", ""] {
            assert!(!is_own(foreign, 8080), "{foreign}");
        }
    }
}
