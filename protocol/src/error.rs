//! What can be wrong with what comes from outside.

use thiserror::Error;

use crate::guard::ActorBytes;
use crate::ids::DocumentId;

/// Why a text or some bytes are not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdError {
    /// Too short or too long.
    #[error("an id of {bytes} bytes: use 16 to 64 for a document, 1 to 512 for a peer")]
    Length {
        /// How long it was.
        bytes: usize,
    },
    /// A character outside the base58 alphabet.
    #[error("not base58: copy the whole automerge: address again")]
    Base58,
    /// The check bytes do not fit the rest.
    #[error("the check of the id does not fit: copy the whole automerge: address again")]
    Check,
}

/// Why a frame was not understood; the connection closes with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Longer than the limit of this moment.
    #[error("a frame of {bytes} bytes: at most {bytes_max} are taken here")]
    TooLarge {
        /// How long it was.
        bytes: usize,
        /// What was allowed.
        bytes_max: usize,
    },
    /// Not CBOR, or CBOR that ends early, nests too deep or goes on after its end.
    #[error("not a CBOR map of the automerge-repo protocol: {0}")]
    Malformed(&'static str),
    /// A known frame lacks a field, or has it in a wrong type.
    #[error("{kind}: field {field} is missing or of a wrong type")]
    Field {
        /// Which frame.
        kind: &'static str,
        /// Which field.
        field: &'static str,
    },
    /// An id in the frame is wrong.
    #[error(transparent)]
    Id(#[from] IdError),
}

/// Why a connection ends before or because of what its other end said of itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HandshakeError {
    /// No version in common.
    #[error("unsupported protocol version: speak version 1")]
    Version,
    /// Something else came before the join.
    #[error("expected a join: send it first")]
    JoinFirst,
    /// A join or an answer that this connection has no use for, such as a join in another name.
    #[error("an unexpected join or peer message: open another connection for another peer id")]
    Unexpected,
    /// Somebody else uses this peer id.
    #[error("this peer id is taken: join with a fresh one")]
    PeerIdTaken,
    /// A message in the name of a third peer.
    #[error("senderId is not the peer that joined on this connection")]
    WrongSender,
    /// A message for a third peer.
    #[error("targetId is not the peer at this end of the connection")]
    WrongTarget,
    /// Nobody joined, or nobody answered the join, in time.
    #[error("no join, or no answer to it, within 10 seconds")]
    Timeout,
    /// The other end refused.
    #[error("refused by the other end: {message}")]
    ByOther {
        /// Its words.
        message: String,
        /// The actor that is taken, where that is why.
        taken: Option<TakenActor>,
    },
}

/// An actor one number of which was given to another change before, so that the change which was refused, and all that
/// builds on it, can only be written anew under fresh actors (`docs/SECURITY.md`, F7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenActor {
    /// In which document.
    pub document_id: DocumentId,
    /// The actor.
    pub actor: ActorBytes,
    /// The number of the first change that was refused.
    pub seq: u64,
}

/// Why a presence of our own was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PresenceError {
    /// The whole state would not fit one message.
    #[error("a presence of {bytes} bytes: at most {bytes_max} are sent, tell less")]
    TooLarge {
        /// Bytes it would have.
        bytes: usize,
        /// What is allowed.
        bytes_max: usize,
    },
    /// One channel too many, or one with too long a name.
    #[error("too many presence channels, or too long a name: use at most 32 of 64 bytes")]
    Channels,
}

/// Why the guard refused bytes that were meant for automerge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GuardError {
    /// Ends early, has a wrong tag, magic, checksum or type, or goes on after its end.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// Sync message, change, …
        what: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// More of something than any honest peer sends.
    #[error("{what}: {count}, at most {max} are taken")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there were, or were announced.
        count: u64,
        /// The limit.
        max: u64,
    },
}
