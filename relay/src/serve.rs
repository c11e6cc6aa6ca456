//! The relay from its first socket to its last: open, serve, drain.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use warroom_protocol::PeerId;

use crate::compaction::compact;
use crate::config::Config;
use crate::dice;
use crate::error::{OpenError, ServeError};
use crate::front::{Front, Site, bind};
use crate::http::{self, Http};
use crate::limits::STORE_HEAL_EVERY;
use crate::operator::{self, Socket};
use crate::registry::Registry;
use crate::spawn::{self, Tasks};
use crate::store::Store;
use crate::telemetry::duration_us;

/// Serves on `listener` until `shutdown` completes, then drains: it says that it is not ready, refuses new sockets,
/// saves and tells what it was given, and closes every connection with 1012 and the store. All of that takes no longer
/// than `config.drain_within`.
///
/// Of `config` it needs that, the names it is reached under, and where metrics are; where to listen and what to store in
/// are given as they are.
///
/// # Errors
/// [`ServeError::System`] when the listener has no address; others when there is none for metrics.
pub async fn serve(
    listener: TcpListener,
    store: Arc<dyn Store>,
    config: &Config,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let front = front(listener, config).await?;
    live(front, store, config, shutdown).await
}

/// As [`serve`], with a store that is opened first. That may take long (a file is verified, which is some 2 s a GiB);
/// meanwhile the relay lives, says that it is not ready, and refuses everything else.
///
/// # Errors
/// As [`serve`], and [`ServeError::Open`].
pub async fn open_and_serve(
    listener: TcpListener,
    open: impl FnOnce() -> Result<Arc<dyn Store>, OpenError> + Send + 'static,
    config: &Config,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let front = front(listener, config).await?;
    let (listen, metrics) = front.addresses()?;
    tracing::debug!(%listen, metrics = metrics.map(tracing::field::display), "starting");
    let site = Site { public: http::starting(), operators: http::starting(), registry: None };
    let mut shutdown = pin!(shutdown);
    let store = tokio::select! {
        opened = spawn::blocking(open) => opened??,
        never = front.accept(&site) => match never {},
        () = shutdown.as_mut() => return Ok(()),
    };
    live(front, store, config, shutdown).await
}

async fn front(listener: TcpListener, config: &Config) -> Result<Front, ServeError> {
    let operators = match config.metrics_listen {
        Some(address) => Some(bind(address, "--metrics-listen").await?),
        None => None,
    };
    Ok(Front::new(listener, operators))
}

async fn live(
    front: Front,
    store: Arc<dyn Store>,
    config: &Config,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let (listen, metrics) = front.addresses()?;
    let peer_id = dice::name("relay-", &mut dice::from_system());
    let peer_id = PeerId::new(&peer_id).map_err(io::Error::other)?;
    let registry = Arc::new(Registry::new(store, front.clock, peer_id));
    let sockets = Tasks::default();
    let tasks = (sockets.clone(), front.seats.clone());
    let http = Http::new(Arc::clone(&registry), tasks, listen, config.hosts.clone());
    let http = Arc::new(http);
    let rooms = Arc::clone(&http.rooms);
    let site = Site {
        public: http::router(Arc::clone(&http), !front.has_operators()),
        operators: http::operators_router(http),
        registry: Some(Arc::clone(&registry)),
    };
    let socket = open_socket(config.operator_socket.as_deref());
    let metrics = metrics.map(tracing::field::display);
    tracing::info!(%listen, metrics, peer_id = %registry.peer_id, "serving");
    tokio::select! {
        never = front.accept(&site) => match never {},
        never = heal(&registry) => match never {},
        never = rooms.let_go() => match never {},
        never = compact(&registry, config.worker.as_deref()) => match never {},
        never = obey(&registry, socket.as_ref()) => match never {},
        () = shutdown => {}
    }
    // before the store is closed, for then another relay may have both
    drop(socket);
    drain(front, &site, (&registry, &sockets), config.drain_within).await;
    Ok(())
}

/// Opens the socket for the commands of the operator, where there is to be one.
fn open_socket(path: Option<&Path>) -> Option<Socket> {
    let path = path?;
    match Socket::open(path) {
        Ok(socket) => Some(socket),
        Err(error) => {
            let path = path.display();
            tracing::warn!(%path, %error, "there is no socket for commands: they need a relay that is stopped");
            None
        }
    }
}

/// Answers the commands of the operator.
async fn obey(registry: &Arc<Registry>, socket: Option<&Socket>) -> Infallible {
    match socket {
        Some(socket) => {
            socket
                .serve(registry.clock, &operator::router(Arc::clone(registry), Tasks::default()))
                .await
        }
        None => pending().await,
    }
}

/// Opens a store that failed again, as soon as that works.
async fn heal(registry: &Registry) -> Infallible {
    loop {
        registry.clock.sleep(STORE_HEAL_EVERY).await;
        if !registry.store.is_writable() {
            registry.store.heal().await;
            if registry.store.is_writable() {
                registry.announce_writable().await;
            }
        }
    }
}

/// Ends without losing anything, if that takes no longer than `drain_within`. To the end it answers who asks whether it
/// is ready.
async fn drain(
    front: Front,
    site: &Site,
    (registry, sockets): (&Registry, &Tasks),
    drain_within: Duration,
) {
    let clock = registry.clock;
    let begun = clock.uptime();
    tracing::info!(connections = registry.connections(), "draining");
    registry.start_draining();
    let drained = async {
        let emptied = async {
            registry.flush().await;
            registry.drain();
            sockets.ended().await;
            registry.close_documents().await;
            registry.store.close().await;
        };
        tokio::select! {
            () = emptied => {}
            never = front.accept(site) => match never {},
        }
        front.end().await;
    };
    tokio::select! {
        () = drained => {
            let duration_us = duration_us(clock.uptime().saturating_sub(begun));
            tracing::info!(duration_us, "stopped");
        }
        () = clock.sleep(drain_within) => {
            let connections = registry.connections();
            let duration_us = duration_us(drain_within);
            tracing::warn!(duration_us, connections, "stopped before everything was closed");
        }
    }
    let counters = registry.metrics.counters();
    for (name, _, count) in counters.iter().filter(|(.., count)| *count > 0) {
        tracing::debug!(name, count, "counted");
    }
}
