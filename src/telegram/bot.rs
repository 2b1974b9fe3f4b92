//! The connection to the Bot API server.

use std::time::Duration;

use teloxide::prelude::{Bot, Requester};
use teloxide::types::Me;
use teloxide::{ApiError, RequestError};
use url::{Host, Url};

use super::error::TelegramError;
use super::outbox::fault::brief;

/// The whole of one request; uploads of albums take their time.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Pauses between attempts to reach the server double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A bot with time-outs that suit long polling and uploads; `api_url` is the Bot API server, by default Telegram's own.
///
/// # Errors
/// [`TelegramError::ApiUrl`] and [`TelegramError::Client`].
pub fn bot(token: &str, api_url: Option<Url>) -> Result<Bot, TelegramError> {
    if let Some(url) = api_url.as_ref().filter(|url| !matches!(url.scheme(), "http" | "https")) {
        // The rest may hold a password.
        return Err(TelegramError::ApiUrl { address: format!("{}:…", url.scheme()) });
    }
    let mut client =
        teloxide::net::default_reqwest_settings().connect_timeout(CONNECT_TIMEOUT).timeout(REQUEST_TIMEOUT);
    if api_url.as_ref().is_some_and(is_local) {
        // A proxy on the way out can not reach this machine's own addresses.
        client = client.no_proxy();
    }
    let client = client.build().map_err(|error| TelegramError::Client { reason: error.without_url().to_string() })?;
    let bot = Bot::with_client(token, client);
    Ok(match api_url {
        Some(mut url) => {
            // teloxide appends path segments; an empty last one would double the slash.
            let path = url.path().trim_end_matches('/').to_owned();
            url.set_path(&path);
            bot.set_api_url(url)
        }
        None => bot,
    })
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Waits until the server answers.
pub(super) async fn connect(bot: &Bot) -> Result<Me, TelegramError> {
    let mut pause = FIRST_PAUSE;
    loop {
        match bot.get_me().await {
            Ok(me) => {
                tracing::info!(bot = me.username(), "connected to the Bot API server");
                return Ok(me);
            }
            Err(RequestError::Api(ApiError::InvalidToken)) => return Err(TelegramError::WrongToken),
            Err(error) => {
                // Once: the next attempts would say the same.
                if pause == FIRST_PAUSE {
                    tracing::warn!(error = brief(&error), "the Bot API server can not be reached; trying again");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_end_in_a_slash_and_must_be_one_of_the_web() {
        let url = |text: &str| Some(Url::parse(text).unwrap());
        assert_eq!(bot("1:a", None).unwrap().api_url().as_str(), "https://api.telegram.org/");
        assert_eq!(bot("1:a", url("http://127.0.0.1:8081/tg/")).unwrap().api_url().path(), "/tg");
        assert!(matches!(bot("1:a", url("data:text/plain,x")), Err(TelegramError::ApiUrl { .. })));
    }

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for (address, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:1", true),
            ("https://api.telegram.org", false),
        ] {
            assert_eq!(is_local(&Url::parse(address).unwrap()), expected, "{address}");
        }
    }
}
