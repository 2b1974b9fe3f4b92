use kandinsky_bot::gallery::{CODE_LIFETIME, EditorSessions, NewCode, code_hash};
use kandinsky_bot::i18n::Language;
use kandinsky_bot::jobs::Requester;
use kandinsky_bot::policy::{AdminStore, Policy};
use kandinsky_bot::web::editor::sign_init_data;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::editor_server::{EditorServer, EditorUser, opening, refusal};

#[tokio::test]
async fn anna_opens_the_editor_and_it_knows_her() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    let session = &anna.session;
    assert_eq!(session["user"]["language"], "ru");
    assert!(!session["user"]["name"].as_str().unwrap().is_empty());
    assert_eq!((&session["model"]["native"], &session["model"]["full"]), (&json!(768), &json!(true)));
    assert_eq!(session["ratios"], json!(["1:1", "2:3", "3:2", "9:16", "16:9"]));
    assert_eq!(session["limits"]["prompt"], 1000);
    let styles = session["styles"].as_array().unwrap();
    assert!(styles.iter().any(|style| style["code"] == "anime" && style["name"] == "Аниме"), "{styles:?}");
    assert_eq!(session["features"]["send"], false, "she has not written to the bot yet");
    assert!(session.get("start").is_none());
    assert_eq!(anna.reads("pictures").await, json!({ "pictures": [] }));
}

#[tokio::test]
async fn without_a_session_nothing_is_answered() {
    let server = EditorServer::start().await;
    let nobody = server.nobody();
    let anna = server.comes_in(7).await;
    let mut forged = anna.token.clone();
    forged.replace_range(0..1, if forged.starts_with('A') { "B" } else { "A" });
    for token in [String::new(), "nonsense".to_owned(), forged, format!("{}x", anna.token)] {
        let guest = EditorUser { token, ..nobody.clone() };
        for (method, path) in [
            (Method::GET, "pictures"),
            (Method::POST, "pictures"),
            (Method::GET, "jobs"),
            (Method::POST, "jobs"),
            (Method::GET, "jobs/1"),
            (Method::GET, "jobs/1/events"),
            (Method::POST, "jobs/1/cancel"),
            (Method::POST, "jobs/1/seen"),
            (Method::POST, "jobs/1/send"),
            (Method::DELETE, "pictures/j1.0"),
            (Method::POST, "pictures/j1.0/crop"),
        ] {
            let refused = refusal(guest.request(method, path).header("accept-language", "ru")).await;
            assert_eq!((refused.status, refused.code.as_str()), (401, "expired"), "{path}");
            assert!(refused.message.contains("из чата"), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn launch_data_of_another_bot_and_old_data_open_nothing() {
    let server = EditorServer::start().await;
    let nobody = server.nobody();
    let code = async |data: String| {
        let request = nobody.request(Method::POST, "session").json(&json!({ "init_data": data }));
        refusal(request).await.code
    };
    let user = r#"{"id":7,"first_name":"Anna"}"#;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let signed = |date: u64, token: &str| sign_init_data(&[("user", user), ("auth_date", &date.to_string())], token);
    let token = server.playground.token();
    assert_eq!(code(signed(now, "1:other")).await, "init_data");
    assert_eq!(code(signed(now - 4000, token)).await, "expired");
    assert_eq!(code(signed(now + 4000, token)).await, "clock");
    assert_eq!(code(String::new()).await, "init_data");
    assert_eq!(refusal(nobody.request(Method::POST, "session").body("{")).await.code, "invalid");
    let request = opening(&server.opens(7, None).await);
    let answer = nobody.request(Method::POST, "session").json(&request).send().await.unwrap();
    assert!(answer.status().is_success(), "and the right data does");
}

#[tokio::test]
async fn a_code_opens_the_editor_in_a_browser_once() {
    let server = EditorServer::start().await;
    let reference = Some("j99.0".to_owned());
    let code = NewCode { user: Requester(7), name: "Anna".to_owned(), language: Language::En, reference };
    server.store.add_code(&code_hash("secret"), &code, CODE_LIFETIME).await.unwrap();
    let anna = server.comes_in_with("/editor/#k=secret").await;
    assert_eq!(anna.session["user"], json!({ "name": "Anna", "language": "en" }));
    assert_eq!(anna.session["start"]["error"]["code"], "not_found", "the session is good all the same");
    let again = server.nobody().request(Method::POST, "session").json(&json!({ "code": "secret" }));
    assert_eq!(refusal(again).await.code, "code");
}

#[tokio::test]
async fn a_ban_ends_a_session_at_once_and_forgetting_ends_it_too() {
    let server = EditorServer::start().await;
    let (anna, boris) = (server.comes_in(7).await, server.comes_in(8).await);
    server.store.ban(7).await.unwrap();
    assert_eq!(refusal(anna.request(Method::GET, "pictures")).await.code, "banned");
    let request = opening(&server.opens(7, None).await);
    let again = server.nobody().request(Method::POST, "session").json(&request);
    assert_eq!(refusal(again).await.code, "banned");
    boris.reads("pictures").await;
    kandinsky_bot::jobs::Archive::forget(&*server.store, Requester(8), false).await.unwrap();
    assert_eq!(refusal(boris.request(Method::GET, "pictures")).await.code, "expired");
    server.comes_in(8).await.reads("pictures").await;
}

#[tokio::test]
async fn whoever_is_not_on_the_list_does_not_come_in() {
    let policy = Policy { allow: vec![7], ..Policy::default() };
    let server = EditorServer::with(policy, |_| ()).await;
    server.comes_in(7).await;
    let request = opening(&server.opens(8, None).await);
    let refused = refusal(server.nobody().request(Method::POST, "session").json(&request)).await;
    assert_eq!((refused.status, refused.code.as_str()), (403, "stranger"));
}

#[tokio::test]
async fn the_page_comes_with_a_strict_policy_and_files_for_ever() {
    let server = EditorServer::start().await;
    let url = server.playground.url();
    let page = reqwest::get(format!("{url}/editor/")).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'self' https://web.telegram.org"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && page.headers()["x-content-type-options"] == "nosniff");
    let html = page.text().await.unwrap();
    let script = html.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(!script.contains("/-/"), "{script}");
    let file = reqwest::get(format!("{url}/editor/{script}")).await.unwrap();
    assert!(file.status().is_success());
    assert!(file.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    for missing in ["assets/x/index.html", "assets/x/../mod.rs", "assets/x/none.js"] {
        assert_eq!(reqwest::get(format!("{url}/editor/{missing}")).await.unwrap().status(), 404, "{missing}");
    }
    let words: Value = reqwest::get(format!("{url}/editor/api/words?lang=ru")).await.unwrap().json().await.unwrap();
    assert_eq!(words["language"], "ru");
    assert_eq!(words["words"]["style-anime"], "Аниме");
}

#[tokio::test]
async fn a_page_of_another_site_is_refused() {
    let server = EditorServer::start().await;
    let anna = server.comes_in(7).await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let request =
            anna.request(Method::POST, "pictures/open").header("origin", origin).json(&json!({ "ref": "j1" }));
        assert_eq!(request.send().await.unwrap().status(), 403, "{origin}");
    }
    let own = anna.request(Method::POST, "pictures/open").header("origin", server.playground.url());
    assert_eq!(refusal(own.json(&json!({ "ref": "j1.0" }))).await.code, "not_found");
}
