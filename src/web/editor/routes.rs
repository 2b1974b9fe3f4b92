//! All paths of the editor.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use axum::{Router, middleware};

use super::state::Editor;
use super::{bounds, cut, files, front, job_events, jobs, page, pictures, session, words};

/// The largest body without pictures.
const SMALL_BODY: usize = 64 * 1024;

impl Editor {
    /// The page and its API.
    pub fn router(&self) -> Router {
        let editor = Arc::clone(&self.0);
        Router::new()
            .route("/editor", get(async || axum::response::Redirect::permanent("/editor/")))
            .route("/editor/", get(page::index))
            .route("/editor/assets/{hash}/{*file}", get(page::asset))
            .route("/editor/p/{name}", get(files::file))
            .route("/editor/api/words", get(words::words))
            .route("/editor/api/session", post(session::open))
            .route(
                "/editor/api/pictures",
                get(pictures::list).merge(post(pictures::upload).layer(DefaultBodyLimit::max(bounds::UPLOAD_BODY))),
            )
            .route("/editor/api/pictures/open", post(pictures::open))
            .route("/editor/api/pictures/{id}", delete(pictures::delete))
            .route("/editor/api/pictures/{id}/crop", post(cut::cut))
            .route(
                "/editor/api/jobs",
                get(jobs::pending).merge(post(jobs::order).layer(DefaultBodyLimit::max(jobs::JOB_BODY))),
            )
            .route("/editor/api/jobs/{id}", get(job_events::look))
            .route("/editor/api/jobs/{id}/events", get(job_events::events))
            .route("/editor/api/jobs/{id}/cancel", post(jobs::cancel))
            .route("/editor/api/jobs/{id}/seen", post(jobs::seen))
            .route("/editor/api/jobs/{id}/send", post(jobs::send))
            .layer(DefaultBodyLimit::max(SMALL_BODY))
            .layer(middleware::from_fn_with_state(Arc::clone(&editor), front::front))
            .with_state(editor)
    }
}
