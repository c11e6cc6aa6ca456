//! Where requests come in: the listeners, the sockets that they accept, and which site answers them.

use std::convert::Infallible;
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

use crate::clock::Clock;
use crate::core::{Counters, Limit};
use crate::error::ServeError;
use crate::limits::{
    ACCEPT_REST, HEADER_BYTES_MAX, HEADER_WITHIN, HEADERS_MAX, SOCKET_STALL_MAX, SOCKETS_MAX,
};
use crate::patience::Patient;
use crate::registry::Registry;
use crate::spawn::Tasks;

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

/// What answers.
#[derive(Debug)]
pub(crate) struct Site {
    /// Requests to the common listener.
    pub(crate) public: Router,
    /// Requests to the one for operators.
    pub(crate) operators: Router,
    /// Who counts the limits that are hit; nobody before there is a store.
    pub(crate) registry: Option<Arc<Registry>>,
}

/// The listeners and what they accepted.
#[derive(Debug)]
pub(crate) struct Front {
    public: TcpListener,
    operators: Option<TcpListener>,
    pub(crate) clock: Clock,
    pub(crate) seats: Seats,
    requests: Tasks,
    stopping: watch::Sender<bool>,
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

impl Front {
    /// Accepts nothing yet.
    pub(crate) fn new(public: TcpListener, operators: Option<TcpListener>) -> Self {
        Self {
            public,
            operators,
            clock: Clock::start(),
            seats: Seats::new(),
            requests: Tasks::default(),
            stopping: watch::Sender::new(false),
        }
    }

    /// Whether operators have a listener of their own.
    pub(crate) fn has_operators(&self) -> bool {
        self.operators.is_some()
    }

    /// Where the common listener is, and the other.
    pub(crate) fn addresses(&self) -> io::Result<(SocketAddr, Option<SocketAddr>)> {
        let operators = self.operators.as_ref().map(TcpListener::local_addr).transpose()?;
        Ok((self.public.local_addr()?, operators))
    }

    /// Has everything that comes in answered by the site.
    pub(crate) async fn accept(&self, site: &Site) -> Infallible {
        let Some(operators) = &self.operators else {
            return self.accept_on(&self.public, &site.public, site).await;
        };
        tokio::select! {
            never = self.accept_on(&self.public, &site.public, site) => never,
            never = self.accept_on(operators, &site.operators, site) => never,
        }
    }

    /// Accepts nothing more, has open connections closed after the answer that is under way, and waits for that.
    pub(crate) async fn end(self) {
        self.stopping.send_replace(true);
        drop((self.public, self.operators));
        self.requests.ended().await;
    }

    async fn accept_on(&self, listener: &TcpListener, router: &Router, site: &Site) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.welcome(stream, router.clone(), site.registry.clone()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.clock.sleep(ACCEPT_REST).await;
                }
            }
        }
    }

    /// Answers what comes through one socket, in a task of its own. A relay that is full drops it at once.
    fn welcome(&self, stream: TcpStream, router: Router, registry: Option<Arc<Registry>>) {
        let count = move |limit| {
            if let Some(registry) = &registry {
                registry.count(&Counters::hit(limit));
            }
        };
        let Some(seat) = self.seats.take() else {
            count(Limit::Sockets);
            tracing::debug!(sockets_max = SOCKETS_MAX, "too many sockets: one was dropped");
            return;
        };
        // small frames are the rule, so none waits for the next
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a socket takes no options");
        }
        let stream = Patient::new(stream, self.clock, SOCKET_STALL_MAX);
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
                limit_of(&error).into_iter().for_each(count);
                tracing::debug!(%error, "a connection ended early");
            }
        });
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
