//! What clients may take of the server: connections, time, memory.

use std::time::{Duration, Instant};

use kandinsky_bot::policy::Policy;
use kandinsky_bot::web::{WebBounds, WebTiming};
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::api_server::{ApiServer, WebSetup, refused, timing};
use crate::support::pictures::png;

/// A server that waits for little.
async fn impatient(connections: usize) -> ApiServer {
    let timing = WebTiming { headers_within: Duration::from_millis(500), ..timing() };
    let bounds = WebBounds { connections, ..WebBounds::default() };
    ApiServer::with(Policy::default(), WebSetup { bounds, ..timing.into() }, |_| ()).await
}

async fn connect(server: &ApiServer) -> TcpStream {
    TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap()
}

/// What comes until the server closes the connection.
async fn rest(mut connection: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut bytes)).await;
    let _ = read.expect("the server keeps the connection");
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn whoever_sends_headers_slowly_is_left() {
    let server = impatient(64).await;
    let begun = Instant::now();
    let mut slow = connect(&server).await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    let (mut reader, mut writer) = slow.into_split();
    // One byte now and then would keep a connection for ever.
    let trickle = tokio::spawn(async move {
        while writer.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(10), reader.read_to_end(&mut bytes)).await;
    assert!(end.is_ok() && begun.elapsed() < Duration::from_secs(5), "the server waits for ever");
    trickle.abort();
    assert_eq!(rest(connect(&server).await).await, "", "one that says nothing at all is left too");
}

#[tokio::test]
async fn a_client_that_waits_for_its_next_request_may_send_it() {
    let server = impatient(64).await;
    let mut connection = connect(&server).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for _ in 0..3 {
        connection.write_all(request).await.unwrap();
        let mut answer = [0; 15];
        connection.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        tokio::time::sleep(Duration::from_millis(200)).await;
        // What is left of the answer.
        let _ = connection.try_read(&mut [0; 4096]);
    }
}

#[tokio::test]
async fn further_connections_wait_until_one_ends_and_get_their_answer() {
    let server = impatient(4).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(connect(&server).await);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    let health = reqwest::get(format!("{}/healthz", server.url())).await.unwrap();
    assert_eq!(health.status(), 200);
    assert!(begun.elapsed() > Duration::from_millis(200), "there was no place before: {:?}", begun.elapsed());
    drop(idle);
}

#[tokio::test]
async fn two_pictures_are_read_at_a_time_and_further_ones_are_told_to_come_back() {
    let timing = WebTiming { turn_within: Duration::from_millis(1), ..timing() };
    let server = ApiServer::with(Policy::default(), timing, |_| ()).await;
    let client = server.client("script").await;
    // Large to decode, small to send.
    let large = png(&image::RgbImage::new(6000, 4000));
    let ask = || {
        let picture = Part::bytes(large.clone()).file_name("a.png").mime_str("image/png").unwrap();
        let request = client.http.post(format!("{}/v1/jobs", client.url)).bearer_auth(&client.key);
        request.multipart(Form::new().text("kind", "variation").part("image", picture)).send()
    };
    let responses = futures::future::join_all((0..6).map(|_| ask())).await;
    let (mut taken, mut busy) = (0, 0);
    for response in responses {
        let response = response.unwrap();
        if response.status().is_success() {
            taken += 1;
            continue;
        }
        let error = refused(response).await;
        assert_eq!((error.status, error.code.as_str()), (503, "busy"), "{error:?}");
        assert_eq!(error.headers["retry-after"], "5");
        busy += 1;
    }
    assert!(taken >= 2 && busy >= 1, "{taken} taken, {busy} busy");
    assert!(ask().await.unwrap().status().is_success(), "and then it is free again");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_it_is_sent() {
    let server = ApiServer::start().await;
    let client = server.client("script").await;
    let send = async |path: &str, kind: &str, head: &'static [u8], megabytes: usize| {
        let piece = bytes::Bytes::from(vec![b'a'; 1_000_000]);
        let head = std::iter::once(bytes::Bytes::from_static(head));
        let pieces = head.chain(std::iter::repeat_n(piece, megabytes)).map(Ok::<_, std::io::Error>);
        let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
        let request = client.http.post(format!("{}{path}", client.url)).bearer_auth(&client.key);
        request.header("content-type", kind).body(body).send().await
    };
    // Of unknown length: read up to the limit. The connection may be closed while the client is still sending.
    for (path, kind, head, megabytes) in [
        ("/v1/images/generations", "application/json", &b"{\"prompt\": \""[..], 2),
        ("/v1/jobs", "application/json", b"{\"prompt\": \"", 60),
        (
            "/v1/images/edits",
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n",
            40,
        ),
    ] {
        match send(path, kind, head, megabytes).await {
            Ok(response) => {
                let error = refused(response).await;
                assert_eq!((error.status, error.code.as_str()), (413, "too_large"), "{path}: {error:?}");
            }
            Err(error) => assert!(error.is_request() || error.is_body(), "{path}: {error:?}"),
        }
    }
    // Of a length that is said: nothing of it is kept.
    for (path, kind, length) in [
        ("/v1/images/generations", "application/json", 1_500_000_usize),
        ("/v1/jobs", "application/json", 50_000_000),
        ("/v1/images/edits", "multipart/form-data; boundary=x", 110_000_000),
    ] {
        let request = client.http.post(format!("{}{path}", client.url)).bearer_auth(&client.key);
        let response = request.header("content-type", kind).body(vec![b'a'; length]).send().await.unwrap();
        let error = refused(response).await;
        assert_eq!((error.status, error.code.as_str()), (413, "too_large"), "{path}: {error:?}");
    }
    assert_eq!(client.reads("/v1/jobs").await["data"], json!([]));
}
