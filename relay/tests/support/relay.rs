//! A relay in this process, and what tests ask of it.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use warroom_relay::config::Config;
use warroom_relay::store::{Disk, FileDisk, Store, StoreThread};
use warroom_relay::{dice, serve};

/// Longer than anything here takes on a slow machine: whoever waits longer waits for ever.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What `future` gives; a test that would hang fails here instead.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited for {what}"))
}

/// How long an honest edit may take while others attack. The machine may be busy with other tests.
const PROMPT: Duration = Duration::from_secs(20);

/// As [`within`], for what must not be held up by others.
pub(crate) async fn promptly<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PROMPT, future).await.unwrap_or_else(|_| panic!("held up: {what}"))
}

/// A relay that serves until it is stopped.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Relay {
    /// A relay whose database is in the folder.
    pub(crate) async fn start(folder: &tempfile::TempDir) -> Self {
        Self::on_disk(FileDisk::new(folder.path().join("warroom.redb"))).await
    }

    /// A relay whose database is on that disk.
    pub(crate) async fn on_disk(disk: impl Disk) -> Self {
        let fresh = dice::storage_id(&mut dice::from_system());
        Self::with_store(Arc::new(StoreThread::open(disk, &fresh).unwrap())).await
    }

    /// A relay over that store.
    pub(crate) async fn with_store(store: Arc<dyn Store>) -> Self {
        Self::with_config(store, Config::default()).await
    }

    /// A relay over that store, which is told some things.
    #[expect(clippy::disallowed_methods, reason = "the test owns the relay and waits for its end")]
    pub(crate) async fn with_config(store: Arc<dyn Store>, config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Config { listen: address, hosts: vec!["board.example.org".into()], ..config };
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let shutdown = async move { drop(stopped.await) };
            serve(listener, store, &config, shutdown).await.unwrap();
        });
        Self { address, stop, served }
    }

    /// Asks the relay to stop, as SIGTERM does.
    pub(crate) fn ask_to_stop(self) -> JoinHandle<()> {
        drop(self.stop);
        self.served
    }

    /// Stops the relay and waits until it has.
    pub(crate) async fn stop(self) {
        within("the relay to stop", self.ask_to_stop()).await.unwrap();
    }

    /// Status line, headers and body of the answer to `GET path`.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> String {
        get(self.address, path, headers)
    }

    /// Asks until the answer fulfils the condition.
    pub(crate) async fn until(&self, path: &str, condition: impl Fn(&str) -> bool) {
        until(self.address, path, condition).await;
    }
}

/// Asks until the answer to `GET path` fulfils the condition.
pub(crate) async fn until(address: SocketAddr, path: &str, condition: impl Fn(&str) -> bool) {
    within(path, async {
        while !condition(&get(address, path, &[])) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Status line, headers and body of the answer to `GET path`; a `host` in `headers` replaces the true one.
pub(crate) fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> String {
    let mut request = format!("GET {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        write!(request, "host: {address}\r\n").unwrap();
    }
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    send(address, (request + "\r\n").as_bytes())
}

/// Sends bytes and gives all that comes back before the other side closes.
pub(crate) fn send(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // a relay may refuse before it has read everything
    drop(stream.write_all(bytes));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}
