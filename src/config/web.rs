//! Where the HTTP API is served.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::Args;
use url::Url;

/// The HTTP API for other programs.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "HTTP API")]
pub struct WebArgs {
    /// Address and port of the HTTP API, for example 127.0.0.1:8081, or 0.0.0.0:8081 for other machines; without it there is none.
    /// Programs need a key: see `kandinsky-bot key`
    #[arg(long, value_name = "ADDRESS", env = "KANDINSKY_WEB_LISTEN")]
    pub web_listen: Option<SocketAddr>,
    /// Address under which others reach it, where it is another, as behind a proxy: https://draw.example.org. With it, the editor
    /// opens in Telegram from a button below each picture
    #[arg(long, value_name = "URL", env = "KANDINSKY_WEB_URL", value_parser = web_url)]
    pub web_url: Option<Url>,
    /// Origins of web pages that may use the HTTP API from a browser, separated by commas: https://chat.example.org. Without it, none
    /// may
    #[arg(long, value_name = "ORIGINS", env = "KANDINSKY_API_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub api_origins: Vec<Origin>,
}

/// Where a web page comes from, as browsers write it: scheme, host, and the port where it is not the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

/// Where the server listens if only its public address is set.
const USUAL_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8081);

impl WebArgs {
    /// Where to listen, if anywhere.
    #[must_use]
    pub fn listen(&self) -> Option<SocketAddr> {
        self.web_listen.or_else(|| self.web_url.as_ref().map(|_| USUAL_LISTEN))
    }
}

/// An address that no browser could open, or one with more than the server's own part.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is no address of a server; write, for example, https://draw.example.org")]
pub struct WebUrlError {
    text: String,
}

/// The address of a server: scheme, host, perhaps a port and a path; no query.
///
/// # Errors
/// [`WebUrlError`] shows what it should look like.
pub fn web_url(text: &str) -> Result<Url, WebUrlError> {
    let is_server = |url: &Url| {
        let is_web = matches!(url.scheme(), "http" | "https");
        is_web && url.host().is_some() && url.query().is_none() && url.fragment().is_none() && url.username().is_empty()
    };
    let url = Url::parse(text.trim()).ok().filter(is_server);
    url.ok_or_else(|| WebUrlError { text: text.to_owned() })
}

/// An origin (<https://html.spec.whatwg.org/multipage/browsers.html#origin>). There is no word for all of them: whoever has a key in
/// some page would have it in every page.
///
/// # Errors
/// [`WebUrlError`] shows what an address should look like.
fn origin(text: &str) -> Result<Origin, WebUrlError> {
    let url = web_url(text)?;
    match url.path() {
        "/" => Ok(Origin(url.origin().ascii_serialization())),
        _ => Err(WebUrlError { text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_a_server() {
        for good in ["https://draw.example.org", "http://127.0.0.1:8081/", "https://example.org/draw"] {
            assert!(web_url(good).is_ok(), "{good}");
        }
        assert_eq!(origin(" https://Chat.Example.org:443/").unwrap(), Origin("https://chat.example.org".to_owned()));
        for bad in ["*", "null", "https://chat.example.org/page"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
        for bad in ["draw.example.org", "ftp://example.org", "https://example.org/?a=b", "https://me@example.org", ""] {
            assert!(web_url(bad).is_err(), "{bad}");
        }
    }
}
