//! What goes between the machines of the relay and their shell: plain values, no behaviour.

use bytes::Bytes;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::{Ephemeral, PeerMetadata, RoomDocument};
use warroom_protocol::{ChangeHash, ConnectionId, Cursor, DocumentId, PeerId, SaveId, StorageId};

use crate::core::close::CloseReason;

/// What a connection may do with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Nothing: the document answers as if it did not exist.
    None,
    /// Receive changes, send and receive ephemerals.
    Read,
    /// Also send changes, and create the document by it.
    Write,
}

/// In which order what documents send leaves through a socket: sync before presence, and both behind what the connection
/// itself sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// At most one frame for each document: the document sends no other before it got its credit back.
    Sync,
    /// A ring: the oldest is dropped when it is full.
    Presence,
}

/// What [`crate::core::Connection`] wants done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionOutput {
    /// Put this frame into the control lane of the socket's outbox.
    Send(Bytes),
    /// The peer joined under this name. Another connection that holds the name is to be told
    /// [`CloseReason::Replaced`].
    Joined {
        /// Who.
        peer: PeerId,
        /// What it says of its storage.
        metadata: PeerMetadata,
    },
    /// Hand `input` to the document (open it if it is not), with this connection's id.
    Route {
        /// Which document.
        document: DocumentId,
        /// What happened.
        input: DocumentInput,
    },
    /// Send a WebSocket ping.
    Ping,
    /// Send what is in the control lane, close the socket with the reason's code and text, and forget the
    /// connection. Always the last output; every document was told [`DocumentInput::Left`] before it.
    Close(CloseReason),
}

/// What happened to one connection, as a document sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentInput {
    /// A `sync` or `request` frame; it subscribes the connection.
    Sync {
        /// Who sent it.
        peer: PeerId,
        /// What it may do here; never [`Access::None`].
        access: Access,
        /// `request`: say so if the document is not here.
        is_request: bool,
        /// The parsed and checked message.
        message: SyncMessage,
        /// The storage whose heads these are, where the peer named one that others may ask about.
        storage: Option<StorageId>,
        /// Bytes of the frame that it came in: the message keeps all of it in memory, whatever else it held.
        frame_bytes: usize,
    },
    /// The document counts to the room of this root, as the connection proved.
    Counts(DocumentId),
    /// The connection wants to hear what changed in the room of which this document is the root, and what changes
    /// from now on.
    RoomSince(Option<Cursor>),
    /// An ephemeral frame from this connection's own peer, with a count that rises.
    Ephemeral(Ephemeral),
    /// The storages whose heads this connection wants to hear of, all of them, from now on.
    Watch(Vec<StorageId>),
    /// The socket took the last sync frame of this document and can take the next.
    Credit,
    /// The connection is gone.
    Left,
}

impl DocumentInput {
    /// Bytes that it keeps in memory while it waits, besides a few fixed ones.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Sync { frame_bytes, .. } => *frame_bytes,
            Self::Ephemeral(message) => message.data.len(),
            Self::Counts(_) | Self::RoomSince(_) | Self::Watch(_) | Self::Credit | Self::Left => 0,
        }
    }
}

/// One change on its way to the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedChange {
    /// Its hash, the key of an idempotent append.
    pub hash: ChangeHash,
    /// The whole uncompressed change chunk.
    pub chunk: Bytes,
}

/// A document as one chunk, of the changes that it had at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// The changes in it that no other change in it depends on, sorted.
    pub heads: Vec<ChangeHash>,
    /// An automerge document chunk, whole, that was found to hold them and all that they depend on.
    pub chunk: Bytes,
}

/// One part of what changed in a room, as of one moment: all of it is durable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomPage {
    /// Each document that changed, once, oldest change first; at most
    /// [`warroom_protocol::limits::ROOM_DOCUMENTS_MAX`].
    pub documents: Vec<RoomDocument>,
    /// Everything up to here was told; absent only where it could not be written.
    pub cursor: Option<Cursor>,
    /// The page is of everything, because no cursor of this store was given.
    pub is_whole: bool,
    /// Whether there are more after the last.
    pub has_more: bool,
}

/// What [`crate::core::Document`] wants done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentOutput {
    /// Read all stored changes of the document; answer with `handle_loaded` or `handle_load_failed`. Once, first.
    Load,
    /// Append these changes durably, all or none; answer with `handle_saved` or `handle_save_failed`.
    Save {
        /// To be named in the answer.
        save: SaveId,
        /// A change comes after what it depends on. Empty only where all that is new is the room.
        changes: Vec<SavedChange>,
        /// The room that the document counts to, as far as it is known.
        room: Option<DocumentId>,
    },
    /// Something of this room is durable that was not: call [`crate::core::Document::handle_room_changed`] of the
    /// root's document, if that is open.
    RoomChanged(DocumentId),
    /// Read what changed in the room of which this document is the root; answer with `handle_room_read` or
    /// `handle_room_read_failed`. One at a time.
    ReadRoom {
        /// What the page before said.
        since: Option<Cursor>,
    },
    /// Put this frame into a lane of that connection's outbox.
    Send {
        /// To whom.
        connection: ConnectionId,
        /// In which lane.
        lane: Lane,
        /// The whole frame.
        frame: Bytes,
    },
    /// That connection is to be closed: call `Connection::handle_refused` with the reason.
    Refuse {
        /// Whose.
        connection: ConnectionId,
        /// Why.
        reason: CloseReason,
    },
    /// Nobody needs this machine any more (or it failed): drop it, unless inputs wait for it. A later input opens
    /// the document anew.
    Idle,
}
