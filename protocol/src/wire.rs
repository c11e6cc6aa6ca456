//! The frames of the automerge-repo WebSocket protocol, version 1, and their CBOR.
//!
//! One binary WebSocket frame holds one CBOR map. Decoding is tolerant, encoding strict (`docs/PROTOCOL.md`).

pub(crate) mod cbor;
mod decode;
mod encode;

use bytes::Bytes;

use crate::error::TakenActor;
use crate::ids::{ChangeHash, Cursor, DocumentId, PeerId, SessionId, StorageId};
use crate::time::Timestamp;

pub use encode::SharedFrame;

/// The only version of the protocol there is.
pub const PROTOCOL_VERSION: &str = "1";

/// The `code` of an error that names a taken actor.
const CODE_ACTOR_TAKEN: &str = "actor-taken";

/// What `x-caps` names where a peer speaks of whole rooms.
const CAP_ROOM: &str = "room";

/// What a peer says of its storage, and of what it speaks, when it joins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeerMetadata {
    /// Its storage, where it has one that others may ask about.
    pub storage_id: Option<StorageId>,
    /// True: "do not keep sync state for me".
    pub is_ephemeral: bool,
    /// It speaks of whole rooms: its `x-caps`, beside the metadata on the wire, name `room`.
    pub has_rooms: bool,
}

/// One message of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// First frame of a client.
    Join {
        /// Who joins.
        sender_id: PeerId,
        /// What it says of its storage.
        metadata: PeerMetadata,
        /// Versions it speaks; absent on the wire means `["1"]`.
        protocol_versions: Vec<String>,
    },
    /// The answer to a join.
    Peer {
        /// Who answers.
        sender_id: PeerId,
        /// Who joined.
        target_id: PeerId,
        /// What the answerer says of its storage.
        metadata: PeerMetadata,
        /// The version that both will speak.
        protocol_version: String,
    },
    /// A refusal; the sender closes after it.
    Error {
        /// Who refuses, where known.
        sender_id: Option<PeerId>,
        /// Who is refused, where known.
        target_id: Option<PeerId>,
        /// Why, for people.
        message: String,
        /// The actor that is taken, where that is why: a program can go on by itself.
        taken: Option<TakenActor>,
    },
    /// A client says goodbye before it closes.
    Leave {
        /// Who leaves.
        sender_id: PeerId,
    },
    /// A sync message: "and tell me if you do not have this document" when `is_request`.
    Sync {
        /// `request` on the wire instead of `sync`.
        is_request: bool,
        /// Who sends.
        sender_id: PeerId,
        /// Who is to receive.
        target_id: PeerId,
        /// About which document.
        document_id: DocumentId,
        /// An automerge sync message; never empty.
        data: Bytes,
        /// To which room the document belongs, says the sender.
        within: Option<Within>,
    },
    /// "Tell me which documents of this room changed."
    RoomSince {
        /// Who asks.
        sender_id: PeerId,
        /// Who is asked.
        target_id: PeerId,
        /// The document that the others are derived from.
        root: DocumentId,
        /// Since when, as the one who is asked said it before; everything when it never did.
        since: Option<Cursor>,
    },
    /// Documents of a room that changed.
    Room(RoomNews),
    /// The answer to a request for a document that the sender lacks or denies.
    DocUnavailable {
        /// Who answers.
        sender_id: PeerId,
        /// Who asked.
        target_id: PeerId,
        /// Which document.
        document_id: DocumentId,
    },
    /// A message to whoever has a document open, never stored.
    Ephemeral(Ephemeral),
    /// "Tell me what these storages have" and "no more".
    RemoteSubscriptionChange {
        /// Who asks.
        sender_id: PeerId,
        /// Who is asked.
        target_id: PeerId,
        /// Storages to tell about from now on.
        add: Vec<StorageId>,
        /// Storages to be silent about from now on.
        remove: Vec<StorageId>,
    },
    /// What storages have of a document.
    RemoteHeadsChanged {
        /// Who tells.
        sender_id: PeerId,
        /// Who asked.
        target_id: PeerId,
        /// Which document.
        document_id: DocumentId,
        /// Per storage: its heads and when it was seen to have them.
        new_heads: Vec<(StorageId, RemoteHeads)>,
    },
    /// A type that this version does not know. Counted and ignored.
    Unknown {
        /// Its `type`, cut to 64 bytes.
        kind: String,
    },
}

/// To which room a document belongs, in a way that anybody can check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// The document that the others are derived from.
    pub root: DocumentId,
    /// What it is called in its room: 1 to [`crate::limits::ROOM_LABEL_BYTES_MAX`] bytes without a zero, so that no document
    /// can belong to two rooms.
    pub label: String,
}

impl Within {
    /// Whether the document is the one that this root and label give.
    pub fn proves(&self, document: &DocumentId) -> bool {
        DocumentId::derived(&self.root, &self.label) == *document
    }
}

/// Which documents of a room changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomNews {
    /// Who tells.
    pub sender_id: PeerId,
    /// Who asked.
    pub target_id: PeerId,
    /// The document that the others are derived from.
    pub root: DocumentId,
    /// Everything up to here is told with this message.
    pub cursor: Cursor,
    /// Each once, oldest change first; at most [`crate::limits::ROOM_DOCUMENTS_MAX`].
    pub documents: Vec<RoomDocument>,
    /// This is a part of a list of all documents of the room, not of those that changed since a cursor.
    pub is_whole: bool,
    /// The rest follows at once.
    pub has_more: bool,
}

/// One document of a room, and what the teller has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomDocument {
    /// Which.
    pub document_id: DocumentId,
    /// Its heads, sorted; none where there are more than [`crate::limits::ROOM_HEADS_MAX`].
    pub heads: Vec<ChangeHash>,
}

/// A message to whoever has a document open. `sender_id`, `session_id` and `count` are the origin's and stay as
/// they are on every hop; `target_id` is the next hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ephemeral {
    /// The origin.
    pub sender_id: PeerId,
    /// The next hop.
    pub target_id: PeerId,
    /// About which document.
    pub document_id: DocumentId,
    /// The origin's session.
    pub session_id: SessionId,
    /// Rises within the session.
    pub count: u64,
    /// CBOR that relays never open.
    pub data: Bytes,
}

/// What a storage has of a document, and when it was seen to have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteHeads {
    /// Heads, in the order of the wire.
    pub heads: Vec<ChangeHash>,
    /// When.
    pub timestamp: Timestamp,
}
