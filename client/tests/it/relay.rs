//! A relay that can be stopped and started again on the same port and database.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure is the test's failure")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use warroom_client::{Client, ClientOptions, Store};
use warroom_engine::{ColumnId, Command, Person, Position, UserId};
use warroom_protocol::DocumentId;
use warroom_relay::config::Config;
use warroom_relay::store::{FileDisk, StoreThread};

/// A relay that runs.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Relay {
    /// Serves what is in `folder` on any free port.
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_at(folder, "127.0.0.1:0".parse().unwrap()).await
    }

    /// Serves what is in `folder` at `address`.
    #[expect(clippy::disallowed_methods, reason = "a test's own task, ended by `stop`")]
    pub(crate) async fn start_at(folder: &Path, address: SocketAddr) -> Self {
        let fresh = warroom_relay::dice::storage_id(&mut warroom_relay::dice::from_system());
        let disk = FileDisk::new(folder.join("warroom.redb"));
        let store = StoreThread::open(disk, &fresh).unwrap();
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Config { listen: address, ..Config::default() };
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let shutdown = async move { drop(stopped.await) };
            warroom_relay::serve(listener, Arc::new(store), &config, shutdown).await.unwrap();
        });
        Self { address, stop, served }
    }

    pub(crate) async fn stop(self) {
        drop(self.stop);
        self.served.await.unwrap();
    }

    /// Opens the room `ops` as `user`.
    pub(crate) fn open(&self, user: &str, store: Store) -> Client {
        open(Some(self.address), user, store)
    }
}

/// Opens the room `ops` as `user`, with or without a relay.
pub(crate) fn open(relay: Option<SocketAddr>, user: &str, store: Store) -> Client {
    Client::open(ClientOptions {
        relay: relay.map(|address| format!("ws://{address}/sync")),
        token: None,
        board: DocumentId::from_room_name("ops"),
        person: Person { id: UserId::new(user).unwrap(), name: user.to_uppercase(), colour: 1 },
        store,
    })
    .unwrap()
}

/// A command that adds a column whose title is its id.
pub(crate) fn add_column(id: &str) -> Command {
    Command::AddColumn {
        id: ColumnId::new(id).unwrap(),
        title: id.to_owned(),
        role: None,
        position: Position::End,
    }
}
