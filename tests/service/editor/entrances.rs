use reqwest::Client;
use serde_json::{Value, json};

use crate::support::editor_server::EditorServer;

async fn bot(server: &EditorServer, method: &str, params: Value) -> Value {
    let url = format!("{}/bot{}/{method}", server.playground.api_url(), server.playground.token());
    Client::new().post(url).json(&params).send().await.unwrap().json().await.unwrap()
}

fn buttons(message: &Value) -> Vec<Value> {
    let rows = message["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
    rows.iter().flat_map(|row| row.as_array().unwrap().clone()).collect()
}

#[tokio::test]
async fn a_command_opens_the_editor_in_the_chat_and_once_in_a_browser() {
    let server = EditorServer::start().await;
    let chat = server.user(7);
    chat.says("/editor").await;
    let answer = chat.reads("/editor/#k=").await;
    let button = buttons(&answer)[0].clone();
    let anna = server.comes_in_with(&server.opens(7, button["web_app"]["url"].as_str()).await).await;
    assert_eq!(anna.session["user"]["language"], "ru");
    let text = answer["text"].as_str().unwrap();
    let link = text.split_whitespace().find(|word| word.starts_with("http")).unwrap();
    let path = &link[server.playground.url().len()..];
    let in_browser = server.comes_in_with(path).await;
    in_browser.reads("pictures").await;
}

#[tokio::test]
async fn in_a_group_a_link_leads_into_the_private_chat() {
    let server = EditorServer::start().await;
    let group = server.user(7).in_group(-5);
    group.says("/imagine@kandinsky_playground_bot кот").await;
    let picture = group.gets_picture("кот").await;
    let button = buttons(&picture).into_iter().find(|button| button.get("url").is_some()).unwrap();
    assert!(!picture.to_string().contains("web_app"));
    let chat = server.user(7);
    chat.starts_with(button["url"].as_str().unwrap()).await;
    let answer = chat.reads("/editor/#k=").await;
    let url = buttons(&answer)[0]["web_app"]["url"].as_str().unwrap().to_owned();
    let anna = server.comes_in_with(&server.opens(7, Some(&url)).await).await;
    assert_eq!(anna.session["start"]["picture"]["recipe"]["prompt"], "кот");
    group.says("/editor@kandinsky_playground_bot").await;
    let answer = group.reads("В редакторе можно").await;
    assert!(!answer["text"].as_str().unwrap().contains("#k="), "everybody would see the code");
}

#[tokio::test]
async fn one_mini_app_button_in_a_group_spoils_the_whole_message() {
    let server = EditorServer::start().await;
    server.user(7).in_group(-5).says("/help@kandinsky_playground_bot").await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "x", "web_app": { "url": "https://draw.example.org/" } }]] });
    let message = |chat: i64| json!({ "chat_id": chat, "text": "hello", "reply_markup": keyboard });
    let refused = bot(&server, "sendMessage", message(-5)).await;
    assert_eq!(refused["description"], "Bad Request: BUTTON_TYPE_INVALID");
    server.user(7).says("/help").await;
    assert_eq!(bot(&server, "sendMessage", message(7)).await["ok"], true);
}

#[tokio::test]
async fn the_menu_button_opens_the_editor() {
    let server = EditorServer::start().await;
    let started = std::time::Instant::now();
    loop {
        let button = bot(&server, "getChatMenuButton", json!({})).await;
        if button["result"]["type"] == "web_app" {
            let page = button["result"]["web_app"]["url"].as_str().unwrap();
            assert_eq!(page, format!("{}/editor/", server.playground.url()));
            return;
        }
        assert!(started.elapsed().as_secs() < 30, "{button}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn the_page_opens_the_editor_with_launch_data_of_its_user() {
    let server = EditorServer::start().await;
    let url = format!("{}/page/webapp", server.playground.url());
    let button = format!("{}/editor/?ref=j1.0", server.playground.url());
    let query = [("user", "7"), ("lang", "en"), ("theme", "{}"), ("url", button.as_str())];
    let answer: Value = Client::new().get(&url).query(&query).send().await.unwrap().json().await.unwrap();
    let address = answer["url"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert!(address.starts_with("/editor/?ref=j1.0#tgWebAppData=") && address.contains("tgWebAppVersion=9.1"));
    let user = server.comes_in_with(address).await;
    assert_eq!(user.session["user"]["language"], "en");
    let blank: Value = Client::new().get(&url).send().await.unwrap().json().await.unwrap();
    assert!(blank["url"].as_str().unwrap().starts_with("/editor/#"));
}

#[tokio::test]
async fn the_page_opens_no_foreign_address() {
    let server = EditorServer::start().await;
    let url = format!("{}/page/webapp", server.playground.url());
    for foreign in ["https://evil.example/", "http://127.0.0.1:1/", "javascript:alert(1)"] {
        let answer = Client::new().get(&url).query(&[("url", foreign)]).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{foreign}");
    }
}
