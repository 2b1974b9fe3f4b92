//! Starting and stopping the HTTP API.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use super::connections::{WebBounds, serve};
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
    /// How many connections there may be.
    pub bounds: WebBounds,
    /// Origins of web pages that may use the API from a browser.
    pub origins: Vec<String>,
}

/// A running HTTP API. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    url: String,
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
        let WebOptions { model, timing, bounds, origins, .. } = options;
        let place = (url.clone(), address.ip().is_loopback());
        let api = Api::new(services, model, timing, place, &origins, stopping.clone());
        let pages = editor.as_ref().map(Editor::router).unwrap_or_default();
        if let Some(editor) = editor {
            let mut stopped = stopping.clone();
            tokio::spawn(async move {
                let _ = stopped.wait_for(|stopped| *stopped).await;
                editor.stop();
            });
        }
        let service = router(Arc::new(api)).merge(pages);
        let server = serve(listener, service, bounds, timing.headers_within, stopping);
        Ok(Self { address, url, stop, task: tokio::spawn(server) })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address under which programs reach it, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
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
