//! The HTTP server for those who look after the program.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::figures;
use super::readiness::Readiness;
use crate::jobs::Queue;

/// How often the recorder puts away what it has collected.
const UPKEEP: Duration = Duration::from_secs(5);
/// The format of Prometheus (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Why the figures can not be served.
#[derive(Debug, thiserror::Error)]
pub enum MonitorError {
    /// The address can not be listened on.
    #[error("{address} can not be listened on")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What went wrong.
        source: std::io::Error,
    },
    /// Another recorder is installed, or a setting of this one is wrong.
    #[error("the figures can not be collected: {0}")]
    Recorder(String),
}

/// Serves `/healthz`, `/readyz` and `/metrics` until it is dropped.
#[derive(Debug)]
pub struct Monitor {
    address: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Clone)]
struct Shared {
    recorder: PrometheusHandle,
    queue: Arc<dyn Queue>,
    readiness: Readiness,
}

impl Monitor {
    /// Begins to collect figures and to serve them.
    ///
    /// # Errors
    /// [`MonitorError`].
    pub async fn start(address: SocketAddr, queue: Arc<dyn Queue>, readiness: Readiness) -> Result<Self, MonitorError> {
        let listen = |source| MonitorError::Address { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let recorder = install().map_err(|error| MonitorError::Recorder(error.to_string()))?;
        let upkeep = tokio::spawn(keep_up(recorder.clone()));
        let router = router(Shared { recorder, queue, readiness });
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the figures are no longer served");
            }
        });
        Ok(Self { address, tasks: [upkeep, serving] })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn install() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    let of = |name: &str| Matcher::Full(name.to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(of("kandinsky_attempt_seconds"), &figures::SECONDS)?
        .set_buckets_for_metric(of("kandinsky_http_request_seconds"), &figures::REQUEST_SECONDS)?
        .install_recorder()?;
    figures::describe();
    Ok(recorder)
}

async fn keep_up(recorder: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        recorder.run_upkeep();
    }
}

fn router(shared: Shared) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(shared)
}

async fn ready(State(shared): State<Shared>) -> Response {
    match shared.readiness.is_ready() {
        true => "ready\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the model is loading\n").into_response(),
    }
}

async fn render(State(shared): State<Shared>) -> Response {
    match shared.queue.stats().await {
        Ok(stats) => figures::set(&stats, &shared.readiness),
        Err(error) => {
            tracing::warn!(%error, "the queue can not be asked for its figures");
            return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response();
        }
    }
    ([(header::CONTENT_TYPE, FORMAT)], shared.recorder.render()).into_response()
}
