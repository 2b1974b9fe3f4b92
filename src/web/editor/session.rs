//! Lets a user in, and says what there is.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{Extensions, HeaderMap};
use rand::Rng;
use rand::distr::Alphanumeric;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Visitor, check_served};
use super::body::JsonBody;
use super::bounds::{FILE_BYTES, MASK_BYTES};
use super::error::{EditorError, EditorResult};
use super::init_data::LaunchData;
use super::pictures::open_reference;
use super::state::EditorState;
use super::token::Token;
use super::views::VIEW_SIDE;
use crate::gallery::code_hash;
use crate::i18n::Language;
use crate::jobs::Requester;
use crate::pictures::{PIXELS_LIMIT, SIDE_LIMIT};
use crate::recipe::{PROMPT_LIMIT, Ratio, STEPS_LIMIT, Size};
use crate::styles::Style;

/// Letters and digits of a salt: 142 bits.
const SALT_LENGTH: usize = 24;
/// Pictures of one order.
pub(super) const MAX_COUNT: u32 = 4;
/// Pictures and texts of a mix.
pub(super) const MAX_PARTS: usize = 4;

#[derive(Deserialize)]
pub(super) struct Opening {
    init_data: Option<String>,
    code: Option<String>,
    start: Option<String>,
    language: Option<String>,
}

/// Somebody whose launch data or code is good.
struct Guest {
    user: Requester,
    name: String,
    language: Language,
    start: Option<String>,
}

/// A session, and all that the page has to know.
pub(super) async fn open(
    State(editor): State<Arc<EditorState>>,
    headers: HeaderMap,
    extensions: Extensions,
    JsonBody(opening): JsonBody<Opening>,
) -> EditorResult<Json<Value>> {
    if let Some(address) = client_address(&headers, &extensions) {
        editor.session_limit.take(address).map_err(EditorError::pace)?;
    }
    let language = opening.language.clone();
    let start = opening.start.clone().filter(|start| !start.is_empty());
    let guest = guest(&editor, opening).await?;
    check_served(&editor, guest.user).await?;
    let language = language.map_or(guest.language, |code| Language::from_code(Some(&code)));
    let new_salt: String = rand::rng().sample_iter(Alphanumeric).take(SALT_LENGTH).map(char::from).collect();
    let salt = editor.sessions.open_salt(guest.user, &new_salt).await?;
    let token = Token::new(guest.user, language, SystemTime::now());
    let visitor = Visitor { user: guest.user, language };
    let mut answer = description(&editor, visitor, &guest.name).await?;
    answer["token"] = token.write(&editor.signer, &salt).into();
    answer["expires"] = token.expires.into();
    if let Some(reference) = start.or(guest.start) {
        answer["start"] = match open_reference(&editor, visitor, &reference).await {
            Ok(picture) => json!({ "picture": picture }),
            Err(error) => error.json(language),
        };
    }
    Ok(Json(answer))
}

/// Where a request comes from. A proxy on this machine says so in a header, and nobody else is believed. Nobody is counted on the
/// playground, which this machine alone reaches.
fn client_address(headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
    let forwarded = || {
        let header = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        header.rsplit(',').next()?.trim().parse().ok()
    };
    Some(if peer.is_loopback() { forwarded().unwrap_or(peer) } else { peer })
}

async fn guest(editor: &EditorState, opening: Opening) -> EditorResult<Guest> {
    if let Some(code) = &opening.code {
        let code = editor.sessions.take_code(&code_hash(code)).await?.ok_or_else(EditorError::code)?;
        return Ok(Guest { user: code.user, name: code.name, language: code.language, start: code.reference });
    }
    let init_data = opening.init_data.unwrap_or_default();
    let launch = LaunchData::check(&init_data, &editor.options.bot_token, SystemTime::now())?;
    Ok(Guest {
        user: Requester(launch.user),
        name: launch.name,
        language: Language::from_code(launch.language_code.as_deref()),
        start: launch.start_param,
    })
}

async fn description(editor: &EditorState, visitor: Visitor, name: &str) -> EditorResult<Value> {
    let model = &editor.options.model;
    let styles: Vec<Value> = Style::all()
        .map(|style| json!({ "code": style.code(), "name": visitor.language.text(&format!("style-{}", style.code())) }))
        .collect();
    let ratios: Vec<String> = Ratio::OFFERED.iter().map(ToString::to_string).collect();
    Ok(json!({
        "user": { "name": name, "language": visitor.language.code() },
        "model": {
            "name": model.name, "native": model.native, "full": editor.options.is_full_model, "inpaint": true,
        },
        "features": { "send": editor.sessions.has_chat(visitor.user).await?, "share": false, "window": true },
        "limits": {
            "prompt": PROMPT_LIMIT, "count": MAX_COUNT, "parts": MAX_PARTS, "file_bytes": FILE_BYTES,
            "mask_bytes": MASK_BYTES, "pixels": PIXELS_LIMIT, "side": SIDE_LIMIT, "view": VIEW_SIDE,
            "size_min": Size::MIN, "size_max": Size::MAX, "steps_max": STEPS_LIMIT,
        },
        "styles": styles,
        "ratios": ratios,
    }))
}
