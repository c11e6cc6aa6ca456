//! What this device keeps: chunks in `IndexedDB`, asked for and told of as values.

mod indexeddb;
mod request;

pub(crate) use indexeddb::Database;
pub(crate) use request::{Request, Save};

use bytes::Bytes;
use warroom_engine::{Chunk, StorageState};
use warroom_protocol::{DocumentId, SaveId};

/// What the database tells.
#[derive(Debug)]
pub(crate) enum StorageEvent {
    /// It is open, or there is none; told once, first.
    Opened(StorageState),
    /// What a document reads as, where that is known.
    Projected { document: DocumentId, bytes: Option<Bytes> },
    /// Every chunk of a document that this device has.
    Loaded { document: DocumentId, chunks: Vec<Chunk> },
    /// What this device has of a document can't be read now.
    LoadFailed(DocumentId),
    /// These are on the disk.
    Stored(Vec<SaveId>),
    /// Chunks of a document were replaced, or not.
    Compacted { document: DocumentId, is_done: bool },
    /// These are not.
    Failed { saves: Vec<SaveId>, state: StorageState },
}
