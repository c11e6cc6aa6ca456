//! The relay from its first socket to its last: accept, answer, and stop without losing anything.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt;
use warroom_protocol::PeerId;

use crate::clock::Clock;
use crate::config::Config;
use crate::core::{Counters, Limit};
use crate::dice;
use crate::error::ServeError;
use crate::http::{Http, operators_router, router};
use crate::limits::{
    ACCEPT_REST, HEADER_BYTES_MAX, HEADER_WITHIN, HEADERS_MAX, SHUTDOWN_WITHIN, SOCKET_STALL_MAX,
    SOCKETS_MAX, STORE_HEAL_EVERY,
};
use crate::patience::Patient;
use crate::registry::Registry;
use crate::spawn::Tasks;
use crate::store::Store;

/// Places for [`SOCKETS_MAX`] sockets.
#[derive(Debug, Clone)]
pub(crate) struct Seats(Arc<Semaphore>);

/// One of them, held as long as the socket is open.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Seats {
    fn new() -> Self {
        Self(Arc::new(Semaphore::new(SOCKETS_MAX)))
    }

    fn take(&self) -> Option<Seat> {
        let permit = Arc::clone(&self.0).try_acquire_owned().ok()?;
        Some(Seat { _permit: Arc::new(permit) })
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        SOCKETS_MAX.saturating_sub(self.0.available_permits())
    }
}

/// Serves on `listener` until `shutdown` completes; then refuses new work, saves what it was given, closes every
/// connection with 1012 and the store, all within [`SHUTDOWN_WITHIN`].
///
/// Of `config` it needs the names it is reached under; where to listen and what to store in are given as they are.
///
/// # Errors
/// [`ServeError::System`] when the listener has no address; others when there is none for metrics.
pub async fn serve(
    listener: TcpListener,
    store: Arc<dyn Store>,
    config: &Config,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let listen = listener.local_addr()?;
    let operators = match config.metrics_listen {
        Some(address) => Some(bind(address, "--metrics-listen").await?),
        None => None,
    };
    let clock = Clock::start();
    let peer_id = dice::name("relay-", &mut dice::from_system());
    let peer_id = PeerId::new(&peer_id).map_err(io::Error::other)?;
    let registry = Arc::new(Registry::new(store, clock, peer_id));
    let sockets = Tasks::default();
    let seats = Seats::new();
    let tasks = (sockets.clone(), seats.clone());
    let http = Http::new(Arc::clone(&registry), tasks, listen, config.hosts.clone());
    let http = Arc::new(http);
    let server = Server {
        registry,
        requests: Tasks::default(),
        sockets,
        seats,
        stopping: watch::Sender::new(false),
    };
    let metrics = operators.as_ref().and_then(|listener| listener.local_addr().ok());
    let metrics = metrics.map(tracing::field::display);
    tracing::info!(%listen, metrics, peer_id = %server.registry.peer_id, "serving");
    tokio::select! {
        () = server.accept(listener, router(Arc::clone(&http), operators.is_none())) => {}
        () = server.accept_operators(operators, operators_router(http)) => {}
        () = server.heal() => {}
        () = shutdown => {}
    }
    server.stop().await;
    Ok(())
}

/// Listens on `address`, which `flag` named.
///
/// # Errors
/// [`ServeError`].
pub async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            ServeError::PortInUse { listen: address, flag }
        } else {
            ServeError::Listen { listen: address, flag, source }
        }
    })
}

struct Server {
    registry: Arc<Registry>,
    requests: Tasks,
    sockets: Tasks,
    seats: Seats,
    stopping: watch::Sender<bool>,
}

impl Server {
    /// Accepts on the listener that is for operators alone, where there is one.
    async fn accept_operators(&self, listener: Option<TcpListener>, router: Router) {
        match listener {
            Some(listener) => self.accept(listener, router).await,
            None => std::future::pending().await,
        }
    }

    async fn accept(&self, listener: TcpListener, router: Router) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.welcome(stream, router.clone()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.registry.clock.sleep(ACCEPT_REST).await;
                }
            }
        }
    }

    /// Answers what comes through one socket, in a task of its own. A relay that is full drops it at once.
    fn welcome(&self, stream: TcpStream, router: Router) {
        let Some(seat) = self.seats.take() else {
            self.registry.count(&Counters::hit(Limit::Sockets));
            tracing::debug!(sockets_max = SOCKETS_MAX, "too many sockets: one was dropped");
            return;
        };
        // small frames are the rule, so none waits for the next
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a socket takes no options");
        }
        let stream = Patient::new(stream, self.registry.clock, SOCKET_STALL_MAX);
        let registry = Arc::clone(&self.registry);
        let mut stopping = self.stopping.subscribe();
        self.requests.spawn("requests", async move {
            let answer = service_fn(move |request: hyper::Request<Incoming>| {
                let mut request: Request = request.map(Body::new);
                request.extensions_mut().insert(seat.clone());
                router.clone().oneshot(request)
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_WITHIN)
                .max_headers(HEADERS_MAX)
                .max_header_size(HEADER_BYTES_MAX)
                .max_buf_size(HEADER_BYTES_MAX.saturating_mul(2))
                .serve_connection(TokioIo::new(stream), answer)
                .with_upgrades();
            let mut connection = pin!(connection);
            let served = tokio::select! {
                served = connection.as_mut() => served,
                () = async { drop(stopping.wait_for(|is_stopping| *is_stopping).await) } => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = served {
                if let Some(limit) = limit_of(&error) {
                    registry.count(&Counters::hit(limit));
                }
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }

    /// Opens a store that failed again, as soon as that works.
    async fn heal(&self) {
        loop {
            self.registry.clock.sleep(STORE_HEAL_EVERY).await;
            if !self.registry.store.is_writable() {
                self.registry.store.heal().await;
                if self.registry.store.is_writable() {
                    self.registry.announce_writable().await;
                }
            }
        }
    }

    async fn stop(&self) {
        tracing::info!(connections = self.registry.connections(), "stopping");
        self.registry.start_draining();
        let stopped = async {
            self.registry.flush().await;
            self.stopping.send_replace(true);
            self.registry.drain();
            self.sockets.ended().await;
            self.registry.close_documents().await;
            self.registry.store.close().await;
            self.requests.ended().await;
        };
        tokio::select! {
            () = stopped => tracing::info!("stopped"),
            () = self.registry.clock.sleep(SHUTDOWN_WITHIN) => {
                tracing::warn!(within = ?SHUTDOWN_WITHIN, "stopped before everything was closed");
            }
        }
        let counters = self.registry.metrics.counters();
        for (name, _, count) in counters.iter().filter(|(.., count)| *count > 0) {
            tracing::debug!(name, count, "counted");
        }
    }
}

/// The limit that ended a connection before it was a WebSocket.
fn limit_of(error: &hyper::Error) -> Option<Limit> {
    if error.is_parse_too_large() {
        return Some(Limit::HeaderBytes);
    }
    let is_stalled = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    let source = error.source().and_then(|source| source.downcast_ref());
    if source.is_some_and(is_stalled) {
        return Some(Limit::SocketStall);
    }
    error.is_timeout().then_some(Limit::HeaderWithin)
}
