//! Who sends a request: a user with a session.

use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use super::error::{EditorError, EditorResult};
use super::state::EditorState;
use super::token::Token;
use crate::i18n::Language;
use crate::jobs::Requester;

/// A user of the editor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visitor {
    pub(super) user: Requester,
    pub(super) language: Language,
}

impl FromRequestParts<Arc<EditorState>> for Visitor {
    type Rejection = EditorError;

    async fn from_request_parts(parts: &mut Parts, editor: &Arc<EditorState>) -> EditorResult<Self> {
        let (token, signature) = bearer(&parts.headers).and_then(Token::claimed).ok_or_else(EditorError::expired)?;
        let salt = editor.sessions.salt(token.user).await?.ok_or_else(EditorError::expired)?;
        if !token.is_valid(&signature, &editor.signer, &salt, SystemTime::now()) {
            return Err(EditorError::expired());
        }
        check_served(editor, token.user).await?;
        if parts.method == Method::GET {
            editor.reads.take(token.user.0).map_err(EditorError::pace)?;
        }
        Ok(Self { user: token.user, language: token.language })
    }
}

/// Whether the owner serves a user, as of now.
pub(super) async fn check_served(editor: &EditorState, user: Requester) -> EditorResult<()> {
    let policy = editor.orders.policy();
    if policy.is_admin(user) {
        return Ok(());
    }
    if editor.admin.is_banned(user.0).await? {
        return Err(EditorError::banned());
    }
    if !policy.allows(user, user.0) {
        return Err(EditorError::stranger());
    }
    Ok(())
}

/// The token in `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
