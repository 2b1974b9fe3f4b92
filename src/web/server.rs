//! Starting and stopping the HTTP API.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use super::editor::Editor;
use super::routes::router;
use super::state::{Api, WebModel, WebServices, WebTiming};

/// How long open requests may take to end when the server stops.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the HTTP API is not served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address can not be listened on.
    #[error("the HTTP API can not listen on {address}: {source}; choose another address with --web-listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The task that serves ended, after a defect.
    #[error("the HTTP API ended: {reason}")]
    Ended {
        /// Why.
        reason: String,
    },
}

/// Where and how the server listens.
#[derive(Debug, Clone)]
pub struct WebOptions {
    /// The address; port 0 is any free one.
    pub listen: SocketAddr,
    /// The address under which others reach it, if it is another.
    pub url: Option<Url>,
    /// What the model is called.
    pub model: WebModel,
    /// How long the server waits for what.
    pub timing: WebTiming,
}

/// A running HTTP API. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

impl WebServer {
    /// Listens and serves.
    ///
    /// # Errors
    /// [`WebError::Listen`].
    pub async fn start(options: WebOptions, services: WebServices, editor: Option<Editor>) -> Result<Self, WebError> {
        let listen_error = |source| WebError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let url = options.url.map_or_else(|| format!("http://{address}"), |url| url.to_string());
        let url = url.trim_end_matches('/').to_owned();
        let (stop, stopping) = watch::channel(false);
        let mut stopped = stopping.clone();
        let api = Api::new(services, options.model, options.timing, (url, address.ip().is_loopback()), stopping);
        let pages = editor.as_ref().map(Editor::router).unwrap_or_default();
        let service = router(Arc::new(api)).merge(pages).into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
            if let Some(editor) = editor {
                editor.stop();
            }
        });
        Ok(Self { address, stop, task: tokio::spawn(server.into_future()) })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for an end that nobody asked for.
    pub async fn ended(&mut self) -> WebError {
        let reason = match (&mut self.task).await {
            Ok(Ok(())) => "it stopped by itself".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        WebError::Ended { reason }
    }

    /// Answers what waits, then ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if !self.task.is_finished() && tokio::time::timeout(PATIENCE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
