//! Figures of requests: how many, and how long until their answers began. By the path's template and the class of the status:
//! neither a key nor anything that was sent is in them.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;

/// Of paths that there are not.
const OTHER: &str = "other";

/// The path of a request with its parts named, such as `/v1/jobs/{job}`.
pub(super) fn route(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or(OTHER, MatchedPath::as_str).to_owned()
}

/// Counts a request whose answer begins.
pub(super) fn count(route: String, status: StatusCode, took: Duration) {
    let class = match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    metrics::counter!("kandinsky_http_requests_total", "route" => route.clone(), "status" => class).increment(1);
    metrics::histogram!("kandinsky_http_request_seconds", "route" => route, "status" => class).record(took);
}
