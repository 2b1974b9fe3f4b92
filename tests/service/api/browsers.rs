//! Web pages that call the API from a browser.

use kandinsky_bot::policy::Policy;
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};

use crate::support::api_server::{ApiServer, WebSetup, picture_of, timing};

const PAGE: &str = "https://chat.example.org";
const GENERATIONS: &str = "/v1/images/generations";

async fn with_origins(origins: &[&str]) -> ApiServer {
    let origins = origins.iter().map(ToString::to_string).collect();
    ApiServer::with(Policy::default(), WebSetup { origins, ..timing().into() }, |_| ()).await
}

/// A browser asks whether a page may send this.
async fn preflight(server: &ApiServer, origin: &str, path: &str) -> Response {
    let request = reqwest::Client::new().request(Method::OPTIONS, format!("{}{path}", server.url()));
    let request = request.header("origin", origin).header("access-control-request-method", "POST");
    request.header("access-control-request-headers", "authorization,content-type,x-stainless-os").send().await.unwrap()
}

fn says_nothing_of_origins(headers: &HeaderMap) -> bool {
    headers.keys().all(|name| !name.as_str().starts_with("access-control-"))
}

#[tokio::test]
async fn no_page_is_let_in_unless_the_owner_names_it() {
    for server in [ApiServer::start().await, with_origins(&["https://other.example.org"]).await] {
        let client = server.client("page").await;
        let asked = preflight(&server, PAGE, GENERATIONS).await;
        assert!(!asked.status().is_success() && says_nothing_of_origins(asked.headers()), "{asked:?}");
        let answer = client.get("/v1/models").header("origin", PAGE).send().await.unwrap();
        assert!(answer.status().is_success() && says_nothing_of_origins(answer.headers()), "{answer:?}");
    }
}

#[tokio::test]
async fn a_page_that_the_owner_names_draws_with_its_key() {
    let server = with_origins(&["https://other.example.org", PAGE]).await;
    let client = server.client("page").await;
    let asked = preflight(&server, PAGE, GENERATIONS).await;
    assert_eq!(
        (asked.status().as_u16(), &asked.headers()["access-control-allow-origin"]),
        (204, &PAGE.parse().unwrap())
    );
    let allowed = asked.headers()["access-control-allow-headers"].to_str().unwrap();
    for name in ["authorization", "content-type", "x-stainless-os"] {
        assert!(allowed.contains(name), "{allowed}");
    }
    assert!(asked.headers()["access-control-allow-methods"].to_str().unwrap().contains("POST"));
    let answer = client.post(GENERATIONS, &picture_of("кот")).header("origin", PAGE).send().await.unwrap();
    assert!(answer.status().is_success());
    assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);
    assert!(answer.headers()["access-control-expose-headers"].to_str().unwrap().contains("x-request-id"));
    assert!(answer.headers().get_all("vary").iter().any(|name| name == "origin"));
    assert!(!answer.headers().contains_key("access-control-allow-credentials"), "there are no cookies");
    // A refusal can be read as well.
    let wrong = client.http.get(format!("{}/v1/models", server.url())).bearer_auth("kb_wrong").header("origin", PAGE);
    let wrong = wrong.send().await.unwrap();
    assert_eq!(
        (wrong.status().as_u16(), &wrong.headers()["access-control-allow-origin"]),
        (401, &PAGE.parse().unwrap())
    );
}

#[tokio::test]
async fn a_page_is_let_in_to_the_api_alone() {
    let server = with_origins(&[PAGE]).await;
    assert!(says_nothing_of_origins(preflight(&server, PAGE, "/healthz").await.headers()));
    let similar = preflight(&server, "https://chat.example.org.evil.example", GENERATIONS).await;
    assert!(says_nothing_of_origins(similar.headers()));
}
