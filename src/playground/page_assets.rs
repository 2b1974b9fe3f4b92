//! The chat page itself, compiled into the binary: HTML, style sheet, scripts, pictures. Nothing comes from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use include_dir::{Dir, File, include_dir};

use super::shared::Shared;

static PAGE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/playground/page");

/// Scripts, styles, pictures and connections from this server alone, and no frame around the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(async || serve("index.html")))
        .route("/favicon.ico", get(async || serve("icon.svg")))
        .route("/assets/{file}", get(async |Path(file): Path<String>| serve(&file)))
}

fn serve(name: &str) -> Response {
    PAGE.get_file(name).map_or_else(|| StatusCode::NOT_FOUND.into_response(), answer)
}

fn answer(file: &'static File<'static>) -> Response {
    let extension = file.path().extension().and_then(|extension| extension.to_str());
    let kind = match extension {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    };
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The binary may be a newer one after the next start.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, file.contents()).into_response()
}

/// All files of the page, for the test that reads which words they use.
#[cfg(test)]
pub(crate) fn sources() -> impl Iterator<Item = &'static [u8]> {
    PAGE.files().map(File::contents)
}
