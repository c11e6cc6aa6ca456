//! The socket beside the database through which commands ask a relay that runs.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::clock::Clock;
use crate::limits::{ACCEPT_REST, OPERATOR_COMMANDS_MAX, SOCKET_PATH_BYTES_MAX};
use crate::spawn::Tasks;

/// Where the socket of a relay on this database is.
pub(crate) fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".sock");
    name.into()
}

/// A path to a socket that the system takes: a longer one leads through the descriptor of its folder, which is to be kept
/// open meanwhile.
fn short(path: &Path) -> io::Result<(PathBuf, Option<File>)> {
    if path.as_os_str().len() <= SOCKET_PATH_BYTES_MAX {
        return Ok((path.to_path_buf(), None));
    }
    let folder = File::open(path.parent().unwrap_or(Path::new(".")))?;
    let name = path.file_name().map(OsString::from).unwrap_or_default();
    let short = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
    Ok((short, Some(folder)))
}

/// Connects to the socket at `path`.
///
/// # Errors
/// Nobody listens there, or not to this user.
pub(super) async fn connect(path: &Path) -> io::Result<UnixStream> {
    let (short, _folder) = short(path)?;
    UnixStream::connect(short).await
}

/// A socket that commands come through; the file is removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// The user of the relay: others are not answered, whatever the file allows.
    owner: u32,
}

impl Socket {
    /// Listens at `path`, in the place of what a relay left there that did not end. To be called by who has the database:
    /// so no other relay listens there.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut making = path.as_os_str().to_owned();
        making.push(".new");
        let making = PathBuf::from(making);
        match fs::remove_file(&making) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let (short, _folder) = short(&making)?;
        let listener = UnixListener::bind(short)?;
        // it gets the name under which it is known only once nobody else may use it
        fs::set_permissions(&making, Permissions::from_mode(0o600))?;
        let owner = fs::metadata(&making)?.uid();
        fs::rename(&making, path)?;
        Ok(Self { listener, path: path.to_path_buf(), owner })
    }

    /// Answers commands.
    pub(crate) async fn serve(&self, clock: Clock, router: &Router) -> Infallible {
        let tasks = Tasks::default();
        let seats = Arc::new(Semaphore::new(OPERATOR_COMMANDS_MAX));
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a command could not be accepted");
                    clock.sleep(ACCEPT_REST).await;
                    continue;
                }
            };
            let is_owner = |user: u32| user == self.owner || user == 0;
            let is_ours = stream.peer_cred().is_ok_and(|user| is_owner(user.uid()));
            let Some(seat) = Arc::clone(&seats).try_acquire_owned().ok().filter(|_| is_ours) else {
                tracing::warn!(is_ours, "a command was not answered");
                continue;
            };
            let router = router.clone();
            tasks.spawn("command", async move {
                let answer = service_fn(move |request: hyper::Request<Incoming>| {
                    router.clone().oneshot(request.map(Body::new))
                });
                // no time runs out: a command may take its own between two requests (a restore of a large document does), and
                // only the owner's get here, a few at once
                let served = http1::Builder::new()
                    .header_read_timeout(None)
                    .serve_connection(TokioIo::new(stream), answer);
                if let Err(error) = served.await {
                    tracing::debug!(%error, "a command ended early");
                }
                drop(seat);
            });
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // whoever comes next replaces it anyway
        fs::remove_file(&self.path).unwrap_or(());
    }
}
