//! Figures of the HTTP API, and how much memory a client can make the program take.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use super::keys::{key, stdout};
use crate::support::program::{ProgramProcess, program};

fn free_address() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("127.0.0.1:{port}")
}

async fn answers(url: &str) {
    let started = Instant::now();
    while reqwest::get(url).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(30), "{url} does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn requests_are_counted_by_path_and_class_and_nothing_that_was_sent_is_in_the_figures() {
    let data = tempfile::tempdir().unwrap();
    let (api, metrics) = (free_address(), free_address());
    let mut command = program();
    command.args(["--port", "0", "--web-listen", &api, "--metrics", &metrics, "--data"]).arg(data.path());
    let process = ProgramProcess::spawn(&mut command);
    answers(&format!("http://{metrics}/healthz")).await;
    let secret = stdout(&key(data.path(), &["add", "script"])).trim().to_owned();
    let client = reqwest::Client::new();
    let get = async |path: &str, key: &str| {
        client.get(format!("http://{api}{path}")).bearer_auth(key).send().await.unwrap().status().as_u16()
    };
    let ask = client.post(format!("http://{api}/v1/jobs")).bearer_auth(&secret).json(&json!({ "prompt": "бегемот" }));
    assert_eq!(ask.send().await.unwrap().status().as_u16(), 202);
    assert_eq!((get("/v1/models", &secret).await, get("/v1/models", "kb_wrong").await), (200, 401));
    for job in 1..4 {
        get(&format!("/v1/jobs/{job}"), &secret).await;
    }
    get("/no/such/path?of=бегемот", &secret).await;
    let figures = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    for line in [
        r#"kandinsky_http_requests_total{route="/v1/models",status="2xx"} 1"#,
        r#"kandinsky_http_requests_total{route="/v1/models",status="4xx"} 1"#,
        r#"kandinsky_http_requests_total{route="/v1/jobs",status="2xx"} 1"#,
        r#"kandinsky_http_requests_total{route="/v1/jobs/{job}",status="2xx"} 1"#,
        r#"kandinsky_http_requests_total{route="/v1/jobs/{job}",status="4xx"} 2"#,
        r#"kandinsky_http_requests_total{route="other",status="4xx"} 1"#,
        r#"kandinsky_http_request_seconds_count{route="/v1/models",status="2xx"} 1"#,
        r#"kandinsky_http_request_seconds_bucket{route="/v1/models",status="2xx",le="300"} 1"#,
    ] {
        assert!(figures.lines().any(|other| other == line), "{line} is not in\n{figures}");
    }
    assert!(!figures.contains(&secret) && !figures.contains("wrong") && !figures.contains("бегемот"));
    assert!(!figures.contains("/v1/jobs/1") && !figures.contains("script"));
    assert!(process.terminate().success());
}

/// The most memory that a process ever had, megabytes.
#[cfg(target_os = "linux")]
fn peak(process: &ProgramProcess) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1000
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_body_that_is_too_large_takes_no_memory() {
    let data = tempfile::tempdir().unwrap();
    let address = free_address();
    let process = super::keys::serving(data.path(), &address).await;
    let secret = stdout(&key(data.path(), &["add", "script"])).trim().to_owned();
    let client = reqwest::Client::new();
    // The model is loaded once a picture is drawn.
    let ask = client.post(format!("http://{address}/v1/images/generations")).bearer_auth(&secret);
    let drawn = ask.json(&json!({ "prompt": "кот", "steps": 1, "prior_steps": 1 })).send().await.unwrap();
    assert!(drawn.status().is_success());
    let before = peak(&process);
    let send = |kind: &'static str, length: usize| {
        let request = client.post(format!("http://{address}/v1/images/edits")).bearer_auth(&secret);
        request.header("content-type", kind).body(vec![b'a'; length]).send()
    };
    for (kind, length) in [("application/json", 60_000_000), ("multipart/form-data; boundary=x", 150_000_000)] {
        let status = send(kind, length).await.unwrap().status().as_u16();
        assert_eq!(status, 413, "{kind}");
        let grown = peak(&process) - before;
        assert!(grown < 25, "{length} bytes that are refused took {grown} MB");
    }
    assert!(process.terminate().success());
}
