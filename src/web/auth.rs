//! Who sends a request: a program with a key.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::error::{ApiError, ApiResult};
use super::picture_data::decode_base64;
use super::state::Api;
use crate::jobs::Requester;
use crate::keys::{ApiKey, hash_key};

/// Longer texts are no keys.
const MAX_KEY: usize = 256;

/// The key that a request came with.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) key: ApiKey,
}

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> ApiResult<Self> {
        let secret = secret(&parts.headers, parts.uri.path().starts_with("/sdapi/"));
        let found = match &secret {
            Some(secret) => api.keys.key_by_hash(&hash_key(secret)).await?,
            None => None,
        };
        let Some(key) = found else {
            // Only wrong keys are counted: a right one always opens. A request without any guesses nothing.
            if secret.is_some() {
                api.wrong_keys.take(client_address(parts)).map_err(ApiError::too_many)?;
            }
            return Err(ApiError::unauthorized());
        };
        let limiter = if parts.method == Method::GET { &api.reads } else { &api.writes };
        limiter.take(key.id).map_err(ApiError::too_many)?;
        if let Some(user) = key.user
            && !is_served(api, user).await?
        {
            return Err(ApiError::banned());
        }
        if key.is_use_noteworthy() {
            api.keys.note_key_use(key.id).await?;
        }
        Ok(Self { key })
    }
}

/// Whether the user to whom a key belongs is still served, and may still have keys.
async fn is_served(api: &Api, user: i64) -> ApiResult<bool> {
    let (policy, person) = (api.orders.policy(), Requester(user));
    Ok(policy.may_have_keys(person) && (policy.is_admin(person) || !api.admin.is_banned(user).await?))
}

/// The key in `Authorization: Bearer`, in `api-key`, or, for A1111's clients, the password of `Authorization: Basic`.
fn secret(headers: &HeaderMap, takes_password: bool) -> Option<String> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    let authorization = header("authorization").and_then(|value| value.split_once(' '));
    let found = match authorization {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Some(key.trim().to_owned()),
        Some((scheme, login)) if takes_password && scheme.eq_ignore_ascii_case("basic") => password(login),
        _ => header("api-key").or_else(|| header("x-api-key")).map(|key| key.trim().to_owned()),
    };
    found.filter(|key| !key.is_empty() && key.len() <= MAX_KEY)
}

fn password(login: &str) -> Option<String> {
    let login = decode_base64(login.get(..login.len().min(4 * MAX_KEY))?, "login").ok()?;
    let (_, password) = std::str::from_utf8(&login).ok()?.split_once(':')?;
    Some(password.to_owned())
}

/// Where a request comes from. A proxy on this machine says so in a header; nobody else is believed.
fn client_address(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let forwarded = || {
        let header = parts.headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        header.rsplit(',').next()?.trim().parse().ok()
    };
    if peer.is_loopback() { forwarded().unwrap_or(peer) } else { peer }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_key_comes_in_one_of_the_usual_headers() {
        let read = |pairs: &[(&'static str, &str)], basic| secret(&headers(pairs), basic);
        assert_eq!(read(&[("authorization", "Bearer kb_a")], false).as_deref(), Some("kb_a"));
        assert_eq!(read(&[("authorization", "bearer  kb_a ")], false).as_deref(), Some("kb_a"));
        assert_eq!(read(&[("api-key", "kb_a")], false).as_deref(), Some("kb_a"));
        assert_eq!(read(&[("authorization", "Basic bWU6a2JfYQ==")], true).as_deref(), Some("kb_a"));
        assert_eq!(read(&[("authorization", "Basic bWU6a2JfYQ==")], false), None);
        for wrong in ["Bearer", "Bearer ", "Basic &&", "Basic 9", "kb_a"] {
            assert_eq!(read(&[("authorization", wrong)], true), None, "{wrong}");
        }
        assert_eq!(read(&[("api-key", &"x".repeat(300))], false), None);
    }

    #[test]
    fn only_a_proxy_on_this_machine_says_where_a_request_comes_from() {
        let address = |peer: &str, forwarded: &str| {
            let request = Request::builder().header("x-forwarded-for", forwarded);
            let peer: SocketAddr = peer.parse().unwrap();
            client_address(&request.extension(ConnectInfo(peer)).body(()).unwrap().into_parts().0).to_string()
        };
        assert_eq!(
            address("127.0.0.1:5", "6.6.6.6, 1.2.3.4"),
            "1.2.3.4",
            "the proxy appends to what the client claims"
        );
        assert_eq!(address("9.9.9.9:5", "1.2.3.4"), "9.9.9.9");
        assert_eq!(address("127.0.0.1:5", "nonsense"), "127.0.0.1");
    }
}
