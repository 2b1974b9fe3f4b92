//! Server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), with a comment now and then that keeps
//! proxies from ending a silent connection.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::mpsc;

/// Proxies end a connection after 60 or 100 seconds without a byte.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events that wait for a slow client.
const BUFFERED: usize = 4;

/// Where the events of one connection go.
pub(super) struct EventSender(mpsc::Sender<Event>);

impl EventSender {
    /// Sends an event; waits as long as the client is slow, and sends nothing once it has left.
    pub(super) async fn send(&mut self, name: &str, data: &Value) {
        let _ = self.0.send(Event::default().event(name).data(data.to_string())).await;
    }

    /// Whether the client has left.
    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until the client has left.
    pub(super) async fn closed(&self) {
        self.0.closed().await;
    }
}

/// The events that a task sends, until it ends. The task sees that the client has left when the stream is dropped.
pub(super) fn event_stream<T>(send: impl FnOnce(EventSender) -> T) -> Response
where
    T: Future<Output = ()> + Send + 'static,
{
    let (sender, mut events) = mpsc::channel(BUFFERED);
    tokio::spawn(send(EventSender(sender)));
    let stream =
        futures::stream::poll_fn(move |context| events.poll_recv(context).map(|event| event.map(Ok::<_, Infallible>)));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let no_buffering = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    ([no_buffering], Sse::new(stream).keep_alive(keep_alive)).into_response()
}
