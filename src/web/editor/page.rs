//! The page of the editor, compiled into the binary. Nothing comes from elsewhere.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, File, include_dir};
use sha2::{Digest, Sha256};

use super::error::{EditorError, EditorResult};

static PAGE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/web/editor/page");

/// What stands in the page's source for the hash of its files.
const HASH_PLACE: &str = "assets/-/";

/// Scripts, styles and connections from this server alone; only the chat platform's web clients and this server may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://web.telegram.org; \
                      require-trusted-types-for 'script'";

/// The page with the addresses of its files: another version of them has other addresses, so that they can be cached for ever.
static INDEX: LazyLock<String> = LazyLock::new(|| {
    let source = PAGE.get_file("index.html").and_then(File::contents_utf8).unwrap_or_default();
    source.replace(HASH_PLACE, &format!("assets/{}/", *HASH))
});

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    let mut files = Vec::new();
    collect(&PAGE, &mut files);
    for file in files {
        hash.update(file.path().to_string_lossy().as_bytes());
        hash.update(file.contents());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
});

fn collect(folder: &'static Dir<'static>, files: &mut Vec<&'static File<'static>>) {
    files.extend(folder.files());
    folder.dirs().for_each(|folder| collect(folder, files));
}

/// The page.
pub(super) async fn index() -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin-allow-popups"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
        ),
    ];
    (headers, INDEX.as_str()).into_response()
}

/// A file of the page. The hash in its address only keeps versions apart.
pub(super) async fn asset(Path((hash, name)): Path<(String, String)>) -> EditorResult<Response> {
    let file = PAGE.get_file(&name).filter(|_| name != "index.html").ok_or_else(EditorError::not_found)?;
    let cache = match hash == *HASH {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let headers: [(HeaderName, &str); 2] = [(header::CONTENT_TYPE, kind(file)), (header::CACHE_CONTROL, cache)];
    Ok((headers, file.contents()).into_response())
}

fn kind(file: &File<'_>) -> &'static str {
    match file.path().extension().and_then(|extension| extension.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
