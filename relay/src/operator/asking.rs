//! How a command gets its answers: from the relay that runs, or from the file where none runs.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tower::ServiceExt;
use warroom_protocol::PeerId;

use super::router::router;
use super::socket;
use crate::clock::Clock;
use crate::dice;
use crate::error::{OpenError, OperateError};
use crate::limits::OPERATOR_SENTENCE_BYTES_MAX;
use crate::registry::Registry;
use crate::spawn::{self, Tasks};
use crate::store::{Disk, StoreThread, UntouchedDisk};

/// Who answers.
#[derive(Debug)]
pub(super) enum Relay {
    /// A relay that runs.
    Running(SendRequest<Body>),
    /// This process, which has the store open.
    Here(Router, Arc<Registry>),
}

/// What a command does to the store where no relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Reads it.
    Read,
}

impl Relay {
    /// Reaches the store in `database`.
    ///
    /// # Errors
    /// [`OperateError`].
    pub(super) async fn reach(database: &Path, usage: Use) -> Result<Self, OperateError> {
        let socket = socket::beside(database);
        let unreached = match socket::connect(&socket).await {
            Ok(stream) => {
                let (relay, connection) =
                    handshake(TokioIo::new(stream)).await.map_err(|_| OperateError::Left)?;
                Tasks::default().spawn("relay", async move {
                    // what failed is told by the answer that does not come
                    connection.await.unwrap_or(());
                });
                return Ok(Self::Running(relay));
            }
            Err(error) => error,
        };
        if unreached.kind() == io::ErrorKind::PermissionDenied {
            return Err(OperateError::Denied { socket });
        }
        match Self::open(database, usage).await {
            Err(OperateError::Open(OpenError::Locked { path })) => {
                Err(OperateError::Silent { path, socket })
            }
            opened => opened,
        }
    }

    /// Opens the store in `database`, which no relay has.
    ///
    /// # Errors
    /// [`OperateError`].
    pub(super) async fn open(database: &Path, usage: Use) -> Result<Self, OperateError> {
        let path = database.to_path_buf();
        let opened = spawn::blocking(move || match usage {
            Use::Read => start(UntouchedDisk::new(path)),
        });
        let store = opened.await.map_err(OperateError::System)??;
        let peer_id = dice::name("relay-", &mut dice::from_system());
        let peer_id = PeerId::new(&peer_id).map_err(|_| OperateError::Left)?;
        let registry = Arc::new(Registry::new(Arc::new(store), Clock::start(), peer_id));
        Ok(Self::Here(router(Arc::clone(&registry)), registry))
    }

    /// The body of the answer to a request.
    ///
    /// # Errors
    /// [`OperateError`]; with the sentence that the answer has, where it refuses.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Body,
    ) -> Result<Body, OperateError> {
        let request = Request::builder().method(method).uri(path).header("host", "warroom");
        let request = request.body(body).map_err(|_| OperateError::Version)?;
        let (head, body) = match self {
            Self::Running(relay) => {
                let answer = relay.send_request(request).await.map_err(|_| OperateError::Left)?;
                let (head, body) = answer.into_parts();
                (head, Body::new(body))
            }
            Self::Here(router, _) => {
                let answer =
                    router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
                answer.into_parts()
            }
        };
        match head.status {
            StatusCode::OK => Ok(body),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err(OperateError::Version),
            _ => {
                let sentence = axum::body::to_bytes(body, OPERATOR_SENTENCE_BYTES_MAX).await;
                let sentence = sentence.map_err(|_| OperateError::Left)?;
                Err(OperateError::Failed(String::from_utf8_lossy(&sentence).into_owned()))
            }
        }
    }

    /// Gives back what was opened.
    pub(super) async fn close(self) {
        if let Self::Here(router, registry) = self {
            drop(router);
            registry.flush().await;
            registry.close_documents().await;
            registry.store.close().await;
        }
    }
}

fn start(disk: impl Disk) -> Result<StoreThread, OperateError> {
    Ok(StoreThread::open(disk, &dice::storage_id(&mut dice::from_system()))?)
}
