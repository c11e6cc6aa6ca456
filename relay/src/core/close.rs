//! Why a connection is closed: a WebSocket close code and one sentence that says what to do.

use thiserror::Error;
use warroom_protocol::guard::ActorBytes;
use warroom_protocol::{DecodeError, DocumentId, GuardError, HandshakeError, TakenActor};

use crate::core::limit::Limit;

/// Why the relay closes a connection. The text goes into the `error` frame and, cut to 123 bytes, into the close
/// frame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CloseReason {
    /// The peer sent `leave`, or closed the socket.
    #[error("goodbye")]
    Left,
    /// The relay stops; reconnect and go on.
    #[error("the relay restarts: reconnect in a few seconds")]
    Restart,
    /// A frame was not understood.
    #[error("{0}")]
    Frame(#[from] DecodeError),
    /// A sync message or a change did not pass the guard.
    #[error("refused: {0}")]
    Guard(#[from] GuardError),
    /// A text frame.
    #[error("text frames are not taken: send binary CBOR frames")]
    Text,
    /// Refused for what the peer said of itself, or because it said nothing in time.
    #[error("{0}")]
    Handshake(#[from] HandshakeError),
    /// More documents than one connection may hold open.
    #[error("more than {max} documents on one connection: open another connection")]
    Documents {
        /// The limit.
        max: usize,
    },
    /// More rooms than one connection may ask about.
    #[error("more than {max} rooms on one connection: open another connection")]
    Rooms {
        /// The limit.
        max: usize,
    },
    /// An ephemeral message that is too long to be passed on.
    #[error("an ephemeral message of {bytes} bytes: at most {bytes_max} are passed on")]
    Ephemeral {
        /// How long it was.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// Nothing was heard for two pings.
    #[error("nothing heard for {seconds} s: reconnect")]
    Silent {
        /// How long.
        seconds: u64,
    },
    /// The same peer joined on another connection.
    #[error("this peer joined again on another connection: only the newer one is kept")]
    Replaced,
    /// The socket took nothing of what waits for it.
    #[error("too slow to keep up, nothing taken for {seconds} s: reconnect, nothing is lost")]
    Stalled {
        /// How long.
        seconds: u64,
    },
    /// The peer does not read what is sent to it, or sends faster than the relay takes it.
    #[error("too slow to keep up: reconnect, nothing is lost")]
    Overloaded,
    /// A change does not fit the others of its document.
    #[error("refused: {refusal}")]
    Change {
        /// Which document.
        document_id: DocumentId,
        /// Why.
        refusal: ChangeRefusal,
    },
    /// The disk refused; nothing of it was acknowledged.
    #[error("the relay can't save right now: keep your changes and reconnect later")]
    Store,
    /// The stored document can't be read; it is kept as it is.
    #[error("the relay can't read this document: keep your copy and tell its operator")]
    Unreadable,
    /// The relay's own fault.
    #[error("the relay failed: reconnect, nothing acknowledged is lost")]
    Internal,
}

/// Why a change that is well-formed by itself does not fit its document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChangeRefusal {
    /// A chunk that holds a whole document or a bundle.
    #[error(
        "whole-document chunks are not taken: send single changes (V1), this relay does not advertise V2"
    )]
    DocumentChunk,
    /// Bytes that automerge reads otherwise than they were written.
    #[error("a change that is not written as automerge writes it: update the client")]
    NotCanonical,
    /// Two different changes of one actor bear one number.
    #[error(
        "two different changes of one actor bear the number {seq}: open the document with a fresh actor"
    )]
    Equivocation {
        /// The actor.
        actor: ActorBytes,
        /// The number.
        seq: u64,
    },
    /// An operation that names another actor's operation without depending on it.
    #[error("a change names operations that it does not depend on: update the client")]
    Stranger,
    /// A number was left out.
    #[error("change {seq} of an actor follows {last}: send the ones between first")]
    Gap {
        /// The number.
        seq: u64,
        /// The last one known.
        last: u64,
    },
    /// An operation counter from far away.
    #[error(
        "operation counter {start_op}, known are {max_op}: open the document with a fresh actor"
    )]
    Counter {
        /// Of its first operation.
        start_op: u64,
        /// The greatest known in the document.
        max_op: u64,
    },
    /// Changes whose dependencies never came: too many, or for too long, as the limit says.
    #[error("changes whose dependencies are missing: reconnect to send them again")]
    Orphans(Limit),
    /// The document is full.
    #[error("the document would exceed {bytes_max} bytes: start a new one")]
    Full {
        /// The limit.
        bytes_max: u64,
    },
}

impl CloseReason {
    /// Whether the peer is told by an `error` frame first: for what it did wrong, not for what ends anyway.
    pub fn is_said(&self) -> bool {
        match self {
            Self::Left | Self::Restart | Self::Silent { .. } => false,
            Self::Handshake(reason) => !matches!(reason, HandshakeError::ByOther { .. }),
            Self::Frame(_)
            | Self::Guard(_)
            | Self::Text
            | Self::Documents { .. }
            | Self::Rooms { .. }
            | Self::Ephemeral { .. }
            | Self::Replaced
            | Self::Stalled { .. }
            | Self::Overloaded
            | Self::Change { .. }
            | Self::Store
            | Self::Unreadable
            | Self::Internal => true,
        }
    }

    /// The actor that the peer can't go on with, where that is why: what the `error` frame says for programs.
    pub fn taken(&self) -> Option<TakenActor> {
        if let Self::Change { document_id, refusal: ChangeRefusal::Equivocation { actor, seq } } =
            self
        {
            let (document_id, actor) = (document_id.clone(), actor.clone());
            Some(TakenActor { document_id, actor, seq: *seq })
        } else {
            None
        }
    }

    /// The code of the WebSocket close frame (RFC 6455 §7.4.1, IANA registry).
    pub fn code(&self) -> u16 {
        match self {
            Self::Left => 1000,
            Self::Frame(DecodeError::TooLarge { .. }) | Self::Ephemeral { .. } => 1009,
            Self::Frame(
                DecodeError::Malformed(_) | DecodeError::Field { .. } | DecodeError::Id(_),
            ) => 1002,
            Self::Handshake(reason) => match reason {
                HandshakeError::Version
                | HandshakeError::JoinFirst
                | HandshakeError::Unexpected => 1002,
                HandshakeError::PeerIdTaken
                | HandshakeError::WrongSender
                | HandshakeError::WrongTarget
                | HandshakeError::Timeout => 1008,
                HandshakeError::ByOther { .. } => 1000,
            },
            Self::Text => 1003,
            Self::Guard(_) => 1007,
            Self::Documents { .. }
            | Self::Rooms { .. }
            | Self::Silent { .. }
            | Self::Replaced
            | Self::Change { .. } => 1008,
            Self::Unreadable | Self::Internal => 1011,
            Self::Restart => 1012,
            Self::Stalled { .. } | Self::Overloaded | Self::Store => 1013,
        }
    }
}
