//! Connections: how many there may be, and how long a client may take to say what it wants. axum's own loop has no bounds for that.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service;

/// After the system could not give a connection (too many open files), it is asked again after this time.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);
/// The most bytes of a request's head.
const HEAD: usize = 64 * 1024;

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub struct WebBounds {
    /// All together. Further ones wait until one ends.
    pub connections: usize,
    /// From one address of another machine. Further ones are closed at once.
    pub of_address: usize,
}

impl Default for WebBounds {
    fn default() -> Self {
        Self { connections: 512, of_address: 320 }
    }
}

/// Connections of each address.
#[derive(Debug, Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection of an address; it no longer counts when this is dropped.
struct Counted {
    addresses: Addresses,
    address: IpAddr,
}

/// Serves until the server stops, then until all connections have ended. When this is dropped, they end at once.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: WebBounds,
    headers_within: Duration,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let (places, addresses) = (Arc::new(Semaphore::new(bounds.connections)), Addresses::default());
    let mut service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut connections = JoinSet::new();
    loop {
        let next = async { (Arc::clone(&places).acquire_owned().await, accept(&listener).await) };
        let (place, (stream, peer)) = tokio::select! {
            accepted = next => accepted,
            () = stopped(&mut stopping) => break,
            Some(_) = connections.join_next() => continue,
        };
        let Some(counted) = addresses.enter(peer.ip(), bounds.of_address) else { continue };
        let connection = connection(stream, peer, &mut service, headers_within, stopping.clone()).await;
        connections.spawn(async move {
            connection.await;
            drop((place, counted));
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// The next connection.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "the HTTP API gets no connection from the system");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// Whether a client left before it was greeted.
fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// What serves one connection. A client that does not send the whole head of a request in time, the first or a later one, is left.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    service: &mut IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    headers_within: Duration,
    mut stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    let _ = stream.set_nodelay(true);
    let Ok(service) = service.call(peer).await;
    async move {
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(TokioTimer::new()).header_read_timeout(headers_within).max_buf_size(HEAD);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut stopping) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection broke");
        }
    }
}

/// Waits until the server ends.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

impl Addresses {
    /// Counts one more of an address; `None` if it has enough. This machine may have any number: a proxy brings all there are.
    fn enter(&self, address: IpAddr, most: usize) -> Option<Counted> {
        let address = address.to_canonical();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Counted { addresses: self.clone(), address })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_can_not_take_every_place() {
        let addresses = Addresses::default();
        let enter = |address: &str| addresses.enter(address.parse().unwrap(), 2);
        let first = (enter("192.0.2.1").unwrap(), enter("::ffff:192.0.2.1").unwrap());
        assert!(enter("192.0.2.1").is_none() && enter("192.0.2.2").is_some());
        drop(first);
        assert!(enter("192.0.2.1").is_some());
        let _proxy: Vec<_> = (0..9).map(|_| enter("127.0.0.1").unwrap()).collect();
        assert_eq!(addresses.0.lock().unwrap().len(), 1, "who has none is not remembered");
    }
}
