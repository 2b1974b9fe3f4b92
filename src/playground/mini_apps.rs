//! Mini Apps: pages under the same address that the chat page opens in a frame, with launch data that says who opened them.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use rand::Rng;
use rand::distr::Alphanumeric;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::api::errors::ApiError;
use super::page_calls::PageResult;
use super::page_user::Who;
use super::shared::Shared;

/// The version of Mini Apps that the page hosts.
const VERSION: &str = "9.1";
/// What the page is called: a client in a browser, which opens Mini Apps in a frame as it does.
const PLATFORM: &str = "weba";

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/page/webapp", get(open))
}

/// Numbers in a query can not be read out of a part that is flattened into it.
#[derive(Deserialize)]
struct Opened {
    user: Option<i64>,
    lang: Option<String>,
    /// The address of the button.
    url: Option<String>,
    /// The parameters of the page's theme, as the clients name them, in JSON.
    theme: Option<String>,
}

/// The address of a Mini App with launch data of the person at the page.
async fn open(State(shared): State<Arc<Shared>>, Query(opened): Query<Opened>) -> PageResult {
    let apps = shared.options.mini_apps.as_ref().ok_or(ApiError::NoMiniApp)?;
    let page = match &opened.url {
        Some(url) => own_path(url, shared.port).ok_or(ApiError::NoMiniApp)?,
        None => apps.home.clone(),
    };
    let who = Who { user: opened.user, lang: opened.lang, ..Who::default() };
    let person = {
        let mut world = shared.world();
        who.enter(&mut world)?;
        world.person(who.user()).clone()
    };
    let user = json!({
        "id": person.id,
        "first_name": person.first_name,
        "username": person.username,
        "language_code": person.language_code,
        "allows_write_to_pm": true,
    });
    let query_id: String = rand::rng().sample_iter(Alphanumeric).take(24).map(char::from).collect();
    let date = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
    let user = user.to_string();
    let fields = [("query_id", query_id.as_str()), ("user", &user), ("auth_date", &date), ("signature", "playground")];
    let data = (apps.sign)(&fields, &shared.token);
    let mut fragment = url::form_urlencoded::Serializer::new(String::new());
    fragment.append_pair("tgWebAppData", &data).append_pair("tgWebAppVersion", VERSION);
    fragment.append_pair("tgWebAppPlatform", PLATFORM);
    fragment.append_pair("tgWebAppThemeParams", opened.theme.as_deref().unwrap_or("{}"));
    Ok(Json(json!({ "url": format!("{page}#{}", fragment.finish()) })))
}

/// Path and query of an address of this server.
pub(super) fn own_path(url: &str, port: u16) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let is_own = url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if !is_own || url.port_or_known_default() != Some(port) {
        return None;
    }
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}{query}", url.path()))
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_pages_of_this_server_are_opened() {
        assert_eq!(own_path("http://127.0.0.1:8080/editor/?ref=j1.0", 8080).as_deref(), Some("/editor/?ref=j1.0"));
        for foreign in
            ["https://127.0.0.1:8080/", "http://127.0.0.1:8081/", "http://evil.example:8080/", "/editor/", ""]
        {
            assert_eq!(own_path(foreign, 8080), None, "{foreign}");
        }
    }
}
