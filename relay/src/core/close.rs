//! Why a connection is closed: a WebSocket close code and one sentence that says what to do.

use thiserror::Error;
use warroom_protocol::{DecodeError, GuardError};

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
    /// Nothing joined within the limit.
    #[error("no join within {seconds} s: send join first, then reconnect")]
    JoinLate {
        /// The limit.
        seconds: u64,
    },
    /// The first frame was not a join.
    #[error("a {kind} before join: send join first")]
    NotJoined {
        /// What came instead.
        kind: &'static str,
    },
    /// The peer speaks no version that we speak.
    #[error("unsupported protocol version: this relay speaks version 1")]
    Version,
    /// A second join under another name.
    #[error("a second join under another peer id: open a second connection for it")]
    SecondJoin,
    /// A frame in somebody else's name.
    #[error("senderId is not the peer that joined: send in your own name")]
    Sender,
    /// A frame that only a server sends.
    #[error("a {kind} frame is not for a relay: connect as a client")]
    Direction {
        /// Which.
        kind: &'static str,
    },
    /// More documents than one connection may hold open.
    #[error("more than {max} documents on one connection: open another connection")]
    Documents {
        /// The limit.
        max: usize,
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
    /// The peer does not read what is sent to it, or sends faster than the relay takes it.
    #[error("too slow to keep up: reconnect, nothing is lost")]
    Overloaded,
    /// A change does not fit the others of its document.
    #[error("refused: {0}")]
    Change(#[from] ChangeRefusal),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
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
        /// The number.
        seq: u64,
    },
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
    /// Changes whose dependencies never came.
    #[error("changes whose dependencies are missing: reconnect to send them again")]
    Orphans,
    /// The document is full.
    #[error("the document would exceed {bytes_max} bytes: start a new one")]
    Full {
        /// The limit.
        bytes_max: u64,
    },
}

impl CloseReason {
    /// The code of the WebSocket close frame (RFC 6455 §7.4.1, IANA registry).
    pub fn code(&self) -> u16 {
        match self {
            Self::Left => 1000,
            Self::Frame(DecodeError::TooLarge { .. }) => 1009,
            Self::Frame(
                DecodeError::Malformed(_) | DecodeError::Field { .. } | DecodeError::Id(_),
            )
            | Self::NotJoined { .. }
            | Self::Version
            | Self::SecondJoin
            | Self::Direction { .. } => 1002,
            Self::Text => 1003,
            Self::Guard(_) => 1007,
            Self::JoinLate { .. }
            | Self::Sender
            | Self::Documents { .. }
            | Self::Silent { .. }
            | Self::Replaced
            | Self::Change(_) => 1008,
            Self::Unreadable | Self::Internal => 1011,
            Self::Restart => 1012,
            Self::Overloaded | Self::Store => 1013,
        }
    }
}
