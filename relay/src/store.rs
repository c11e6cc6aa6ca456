//! Where documents live: what every store does, and the one there is now (redb, in a thread of its own).

mod chunk;
mod copy;
mod file;
mod reading;
mod redb;
mod rooms;
mod snapshot;
mod stats;
mod tables;
mod thread;
mod untouched;
mod verify;

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{ChangeHash, Cursor, DocumentId, StorageId};

pub(crate) use self::copy::NewFile;
pub use self::copy::{Copied, Copying};
pub use self::file::FileDisk;
pub use self::redb::{AppendRefused, Packed, RedbStore};
pub use self::snapshot::Snapshot;
pub use self::stats::StoreStats;
pub use self::thread::{Disk, StoreThread};
pub use self::untouched::UntouchedDisk;
pub use self::verify::{Finding, Verified};
use crate::core::{Compacted, RoomPage, SavedChange};
use crate::error::StoreError;

/// A place where the changes of documents are kept.
///
/// The relay holds one behind an `Arc`; stores that several relays share come later, which is why this is a trait
/// before there are two of them.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Adds changes to a document, creating it. `Ok` means that they survive a power cut. A change that is there
    /// already is left as it is.
    ///
    /// # Errors
    /// [`StoreError`]: nothing may be told to anyone. Some of it may be on the disk all the same; appending it again
    /// is harmless.
    fn append(&self, append: Append) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Everything that is kept of a document, as of one moment; empty for a document that nobody wrote.
    ///
    /// # Errors
    /// [`StoreError`].
    fn load(&self, document_id: DocumentId) -> BoxFuture<'static, Result<Loaded, StoreError>>;

    /// What documents there are, a page at a time, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`].
    fn list(&self, page: PageRequest) -> BoxFuture<'static, Result<Page, StoreError>>;

    /// Which documents of a room changed, a page at a time, in the order of their commits; as of one moment.
    ///
    /// # Errors
    /// [`StoreError`].
    fn room(&self, request: RoomRequest) -> BoxFuture<'static, Result<RoomPage, StoreError>>;

    /// Everything that is kept, as of one moment, for copies and checks. Commits go on meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]; always of a store that keeps no such thing.
    fn snapshot(&self) -> BoxFuture<'static, Result<Snapshot, StoreError>> {
        Box::pin(async { Err(StoreError::Unreadable) })
    }

    /// A document that has grown so much since it was compacted last that it is to be compacted; each is named once. None
    /// of a store that keeps no compacted documents.
    ///
    /// # Errors
    /// [`StoreError`].
    fn next_compaction(&self) -> BoxFuture<'static, Result<Option<DocumentId>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    /// Keeps what is known of a compaction, durably.
    ///
    /// # Errors
    /// [`StoreError`]; always of a store that keeps no such thing.
    fn note_compaction(
        &self,
        compaction: Compaction,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        drop(compaction);
        Box::pin(async { Err(StoreError::ReadOnly) })
    }

    /// Whether appending can succeed now: what readiness tells.
    fn is_writable(&self) -> bool;

    /// What it counts and measures of itself.
    fn stats(&self) -> StoreStats {
        StoreStats::default()
    }

    /// The name of this store towards peers; the same after every start.
    fn storage_id(&self) -> StorageId;

    /// Tries to become writable again, where it is not. To be called now and then.
    fn heal(&self) -> BoxFuture<'static, ()>;

    /// Finishes what is under way and gives the store back; later requests fail.
    fn close(&self) -> BoxFuture<'static, ()>;
}

/// Changes for one document.
#[derive(Debug, Clone)]
pub struct Append {
    /// Which document.
    pub document_id: DocumentId,
    /// Changes that passed the guard, each after all that it depends on and that is not stored yet. May be none, where
    /// all that is to be stored is the room.
    pub changes: Vec<SavedChange>,
    /// The room that the document counts to from now on, where somebody proved that it is derived from this root. A
    /// document that counts to one stays there.
    pub room: Option<DocumentId>,
}

impl Append {
    /// Bytes of the chunks.
    pub fn bytes(&self) -> usize {
        self.changes.iter().map(|change| change.chunk.len()).sum()
    }
}

/// What is known of compacting a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compaction {
    /// Which document.
    pub document_id: DocumentId,
    /// Its heads then, sorted.
    pub heads: Vec<ChangeHash>,
    /// How many bytes its changes had then.
    pub bytes: u64,
    /// How far it is.
    pub state: CompactionState,
}

/// How far a compaction is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompactionState {
    /// A worker is about to look at it: what is known when the relay ends before it did.
    Begun,
    /// A document chunk, which was loaded again and holds all changes; it takes the place of the one before.
    Compacted(Bytes),
    /// The document can't live with one of its changes.
    Harmful {
        /// Which.
        change: ChangeHash,
        /// What happens, in a sentence.
        why: String,
    },
    /// There is none, for a reason that is a sentence.
    Failed(String),
}

/// A document as it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// Its changes, each after all that it depends on. This is where a disk that changed a bit is found out: they passed
    /// the guard, and their hashes are those that they were stored under.
    pub changes: Vec<CheckedChange>,
    /// The changes that no other change depends on, sorted.
    pub heads: Vec<ChangeHash>,
    /// How many records could not be read, or depend on one that could not, and were moved to quarantine by this
    /// load. They are served to nobody and deleted by nobody.
    pub quarantined: usize,
    /// The room that it counts to.
    pub room: Option<DocumentId>,
    /// Some of its changes as one chunk, where it was compacted. They are all in [`Self::changes`] too.
    pub compacted: Option<Compacted>,
}

/// Which part of what changed in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRequest {
    /// The document that the others are derived from.
    pub root: DocumentId,
    /// What the page before said; everything is told without it, and where it is not of this store.
    pub since: Option<Cursor>,
}

/// Which part of a list.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// The last document of the page before; `None` begins at the front.
    pub after: Option<DocumentId>,
    /// How many documents at most; at most [`crate::limits::STORE_PAGE_DOCUMENTS_MAX`] are given.
    pub documents_max: usize,
}

/// One part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Documents in the order of their ids.
    pub documents: Vec<DocumentMeta>,
    /// Whether there are more after the last.
    pub has_more: bool,
}

/// What is known of a stored document without loading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentMeta {
    /// Which document.
    pub document_id: DocumentId,
    /// The changes that no other change depends on, sorted.
    pub heads: Vec<ChangeHash>,
    /// How many changes it has.
    pub changes: u64,
    /// How many bytes their chunks have.
    pub bytes: u64,
}
