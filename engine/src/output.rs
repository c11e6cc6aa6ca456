//! What a replica asks of its shell, in order.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use warroom_protocol::{ConnectionId, DocumentId, SaveId};

use crate::delta::Delta;
use crate::document::Hash;
use crate::presence::PresenceDelta;
use crate::question::{Answer, QuestionError};
use crate::status::Status;

/// Bytes of one document, as stored: change chunks or a snapshot, under the hash of the bytes (SHA-256).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// SHA-256 of `bytes`: the key it is stored under, so that storing twice is storing once.
    pub hash: [u8; 32],
    /// The bytes.
    pub bytes: Bytes,
}

impl Chunk {
    /// The chunk of these bytes.
    pub fn new(bytes: Bytes) -> Self {
        Self { hash: Sha256::digest(&bytes).into(), bytes }
    }

    /// Whether the bytes are those that the hash was made of: what a disk wrote half is not.
    pub fn is_intact(&self) -> bool {
        <[u8; 32]>::from(Sha256::digest(&self.bytes)) == self.hash
    }
}

/// One thing for the shell to do. Outputs are drained after each input, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// The view changed.
    Deltas(Vec<Delta>),
    /// Who is here changed.
    Presence(Vec<PresenceDelta>),
    /// The status changed.
    Status(Status),
    /// A question is answered.
    Answer {
        /// The number that it was asked with.
        number: u64,
        /// What is answered.
        answer: Result<Answer, QuestionError>,
    },
    /// Read what is stored beside the document's chunks by [`Output::StoreProjection`] and answer with
    /// `handle_projection`: before the chunks, because it is small and a person waits for it.
    LoadProjection {
        /// Which document.
        document: DocumentId,
    },
    /// The board as it was when it was last at rest, to be shown until its history has been read. What differs then
    /// comes as deltas; where nothing does, nothing comes.
    Projected {
        /// The JSON of a [`Delta::Reset`].
        json: String,
    },
    /// Read the document's chunks from this device's storage and answer with `handle_loaded`.
    Load {
        /// Which document.
        document: DocumentId,
    },
    /// Store a chunk; answer with `handle_stored` once it is durable, or `handle_store_failed`.
    Store {
        /// The number to answer with.
        save: SaveId,
        /// Which document.
        document: DocumentId,
        /// What.
        chunk: Chunk,
    },
    /// Keep these bytes beside the document's chunks, instead of those before. Nothing is to be answered: when it is
    /// lost, the next start shows the document only once its history has been read.
    StoreProjection {
        /// Which document.
        document: DocumentId,
        /// What.
        bytes: Bytes,
    },
    /// Store the chunks, then delete those that they replace, and no others: in one transaction, or the first durably
    /// before the second. Answer with `handle_compacted`. When it fails at any point nothing is lost, and nothing is to be
    /// tried again.
    Compact {
        /// Which document.
        document: DocumentId,
        /// A snapshot, and the notes that go on.
        chunks: Vec<Chunk>,
        /// The hashes of the chunks to delete.
        replaced: Vec<Hash>,
    },
    /// Keep a chunk that could not be read apart; never delete it.
    Quarantine {
        /// Which document.
        document: DocumentId,
        /// What.
        chunk: Chunk,
    },
    /// Send a frame.
    Send {
        /// On which connection.
        connection: ConnectionId,
        /// The frame's bytes.
        frame: Bytes,
    },
    /// Connect to the relay; answer with `handle_connected`, or `handle_dial_failed`.
    Dial,
    /// Close a connection; what comes from it later is ignored.
    Close {
        /// Which.
        connection: ConnectionId,
        /// Why, for logs and people.
        reason: String,
    },
}
