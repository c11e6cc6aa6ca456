//! How a command gets its answers: from the relay that runs, or from the file where none runs.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tower::ServiceExt;
use warroom_protocol::PeerId;

use super::lines::{Line, Lines, Listed};
use super::router::router;
use super::socket;
use crate::clock::Clock;
use crate::dice;
use crate::error::{OpenError, OperateError};
use crate::limits::OPERATOR_SENTENCE_BYTES_MAX;
use crate::registry::Registry;
use crate::spawn::{self, Tasks};
use crate::store::{Disk, FileDisk, StoreThread, UntouchedDisk};

/// Who answers.
#[derive(Debug)]
pub(super) enum Relay {
    /// A relay that runs.
    Running(SendRequest<Body>),
    /// This process, which has the store open.
    Here(Router, Arc<Registry>, Tasks),
}

/// What a command does to the store where no relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Reads it.
    Read,
    /// Writes to it, and makes it where it is not there.
    Write,
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
            Use::Write => start(FileDisk::new(path)),
        });
        let store = opened.await.map_err(OperateError::System)??;
        let peer_id = dice::name("relay-", &mut dice::from_system());
        let peer_id = PeerId::new(&peer_id).map_err(|_| OperateError::Left)?;
        let registry = Arc::new(Registry::new(Arc::new(store), Clock::start(), peer_id));
        let tasks = Tasks::default();
        Ok(Self::Here(router(Arc::clone(&registry), tasks.clone()), registry, tasks))
    }

    /// The answer to a request.
    ///
    /// # Errors
    /// [`OperateError`]; with the sentence that the answer has, where it refuses.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Body,
    ) -> Result<Response<Body>, OperateError> {
        let request = Request::builder().method(method).uri(path).header("host", "warroom");
        let request = request.body(body).map_err(|_| OperateError::Version)?;
        let (head, body) = match self {
            Self::Running(relay) => {
                let answer = relay.send_request(request).await.map_err(|_| OperateError::Left)?;
                let (head, body) = answer.into_parts();
                (head, Body::new(body))
            }
            Self::Here(router, _, _) => {
                let answer =
                    router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
                answer.into_parts()
            }
        };
        match head.status {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(Response::from_parts(head, body)),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err(OperateError::Version),
            _ => {
                let sentence = axum::body::to_bytes(body, OPERATOR_SENTENCE_BYTES_MAX).await;
                let sentence = sentence.map_err(|_| OperateError::Left)?;
                Err(OperateError::Failed(String::from_utf8_lossy(&sentence).into_owned()))
            }
        }
    }

    /// The lines of the answer to a question.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(super) async fn lines(&mut self, path: &str) -> Result<Lines, OperateError> {
        Ok(Lines::of(self.ask(Method::GET, path, Body::empty()).await?.into_body()))
    }

    /// The documents that are stored.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(super) async fn documents(&mut self) -> Result<Vec<Listed>, OperateError> {
        let mut lines = self.lines("/1/documents").await?;
        let mut documents = Vec::new();
        loop {
            match lines.next().await? {
                Line::Document(listed) => documents.push(listed),
                Line::End => return Ok(documents),
                Line::Finding(_) | Line::Verified(_) | Line::Brought(_) | Line::Failed(_) => {
                    return Err(OperateError::Version);
                }
            }
        }
    }

    /// Gives back what was opened. Answers are to be dropped before: nothing reads the file any more when this is done.
    pub(super) async fn close(self) {
        if let Self::Here(router, registry, tasks) = self {
            drop(router);
            tasks.ended().await;
            registry.flush().await;
            registry.close_documents().await;
            registry.store.close().await;
        }
    }
}

fn start(disk: impl Disk) -> Result<StoreThread, OperateError> {
    Ok(StoreThread::open(disk, &dice::storage_id(&mut dice::from_system()))?)
}
