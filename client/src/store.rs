//! This device's storage: append-only files, one a chunk, under the hash of their bytes.
//!
//! ```text
//! <folder>/<document id, hexadecimal>/<SHA-256 of the bytes, hexadecimal>.chunk
//! <folder>/<document id, hexadecimal>/quarantine/<SHA-256>.chunk
//! <folder>/<document id, hexadecimal>/projection        what the document reads as; may be lost
//! ```
//! Chunks are never overwritten, and deleted only once a snapshot that holds their changes is durable, so several programs
//! may share a folder.

mod files;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::sync::mpsc;
use warroom_engine::{Chunk, Hash, StorageState};
use warroom_protocol::{DocumentId, SaveId};

use crate::error::OpenError;
use crate::limits::STORE_REQUESTS_MAX;
use crate::spawn;
use files::Loaded;

/// Where a client keeps the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// Nowhere but in memory: gone with the client, unless the relay has it.
    Memory,
    /// In this folder, which is made when it is not there.
    Directory(PathBuf),
}

impl Store {
    /// Whether this store keeps what it is given.
    pub(crate) fn state(&self) -> StorageState {
        match self {
            Self::Memory => StorageState::MemoryOnly,
            Self::Directory(_) => StorageState::Durable,
        }
    }
}

/// Something for the store to do.
#[derive(Debug)]
pub(crate) enum Request {
    LoadProjection { document: DocumentId },
    Load { document: DocumentId },
    Store { save: SaveId, document: DocumentId, chunk: Chunk },
    StoreProjection { document: DocumentId, bytes: Bytes },
    Compact { document: DocumentId, chunks: Vec<Chunk>, replaced: Vec<Hash> },
    Quarantine { document: DocumentId, chunk: Chunk },
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Answer {
    Projection { document: DocumentId, bytes: Option<Bytes> },
    Loaded { document: DocumentId, chunks: Vec<Chunk>, is_whole: bool },
    LoadFailed { document: DocumentId },
    Stored { save: SaveId },
    Compacted { document: DocumentId, is_done: bool },
    Failed { save: SaveId, state: StorageState },
}

/// The two ends of the store's thread. It ends when the requests do.
#[derive(Debug)]
pub(crate) struct Channels {
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) answers: mpsc::Receiver<Answer>,
}

/// Starts a store's thread.
pub(crate) fn start(store: Store) -> Result<Channels, OpenError> {
    if let Store::Directory(path) = &store {
        let failed = |error| OpenError::Store { path: path.clone(), error };
        files::make_folder(path).map_err(failed)?;
        probe(path).map_err(failed)?;
    }
    let (requests, mut waiting) = mpsc::channel(STORE_REQUESTS_MAX);
    let (done, answers) = mpsc::channel(STORE_REQUESTS_MAX);
    let work = move || {
        while let Some(request) = waiting.blocking_recv() {
            if let Some(answer) = handle(&store, request)
                && done.blocking_send(answer).is_err()
            {
                break;
            }
        }
    };
    spawn::thread("warroom-store", work).map_err(OpenError::Thread)?;
    Ok(Channels { requests, answers })
}

/// Whether files can be made in a folder.
fn probe(path: &Path) -> io::Result<()> {
    let probe = path.join(format!("probe-{}", std::process::id()));
    File::create(&probe)?.write_all(b"warroom")?;
    fs::remove_file(probe)
}

fn handle(store: &Store, request: Request) -> Option<Answer> {
    match (store, request) {
        (Store::Memory, Request::LoadProjection { document }) => {
            Some(Answer::Projection { document, bytes: None })
        }
        (Store::Directory(path), Request::LoadProjection { document }) => {
            let bytes = files::load_projection(&files::folder(path, &document));
            Some(Answer::Projection { document, bytes })
        }
        (Store::Memory, Request::Load { document }) => {
            Some(Answer::Loaded { document, chunks: Vec::new(), is_whole: true })
        }
        (Store::Memory, Request::Store { save, document: _, chunk: _ }) => {
            Some(Answer::Failed { save, state: StorageState::MemoryOnly })
        }
        (Store::Memory, Request::Compact { document, chunks: _, replaced: _ }) => {
            Some(Answer::Compacted { document, is_done: false })
        }
        (Store::Memory, Request::StoreProjection { .. } | Request::Quarantine { .. }) => None,
        (Store::Directory(path), Request::Load { document }) => {
            Some(match files::load(&files::folder(path, &document)) {
                Ok(Loaded { chunks, is_whole }) => Answer::Loaded { document, chunks, is_whole },
                Err(error) => {
                    tracing::error!(%document, %error, "the folder of a document can't be read");
                    Answer::LoadFailed { document }
                }
            })
        }
        (Store::Directory(path), Request::Store { save, document, chunk }) => {
            Some(match files::write(&files::folder(path, &document), &chunk, files::sync_folder) {
                Ok(()) => Answer::Stored { save },
                Err(error) => {
                    tracing::error!(%document, %error, "a chunk was not stored");
                    Answer::Failed { save, state: failed_state(&error) }
                }
            })
        }
        (Store::Directory(path), Request::StoreProjection { document, bytes }) => {
            let folder = files::folder(path, &document);
            if let Err(error) = files::write_projection(&folder, bytes) {
                tracing::debug!(%document, %error, "what a document reads as was not stored");
            }
            None
        }
        (Store::Directory(path), Request::Compact { document, chunks, replaced }) => {
            let folder = files::folder(path, &document);
            let done = files::replace(&folder, &chunks, &replaced, files::sync_folder);
            if let Err(error) = &done {
                tracing::warn!(%document, %error, "chunks were not all replaced by a snapshot");
            }
            Some(Answer::Compacted { document, is_done: done.is_ok() })
        }
        (Store::Directory(path), Request::Quarantine { document, chunk }) => {
            if let Err(error) = files::quarantine(&files::folder(path, &document), &chunk) {
                tracing::error!(%document, %error, "an unreadable chunk was not put apart");
            }
            None
        }
    }
}

fn failed_state(error: &io::Error) -> StorageState {
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if is_full { StorageState::Full } else { StorageState::Failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_written_is_refused_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(start(Store::Directory(file)), Err(OpenError::Store { .. })));
    }
}
