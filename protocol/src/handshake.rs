//! Who is at the other end of a connection: `join`, `peer` or `error`, and what may be said after it.
//!
//! One machine for both roles. It decides, its owner sends and closes: a [`Handshake`] holds no queue and no socket.

use crate::error::{HandshakeError, TakenActor};
use crate::ids::PeerId;
use crate::limits::{FRAME_BYTES_BEFORE_JOIN_MAX, FRAME_BYTES_MAX, JOIN_WITHIN};
use crate::time::Timestamp;
use crate::wire::{Frame, PROTOCOL_VERSION, PeerMetadata};

/// One end of a connection as it names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its peer id.
    pub peer_id: PeerId,
    /// What it says of its storage.
    pub metadata: PeerMetadata,
}

/// The state of the handshake of one connection.
#[derive(Debug, Clone)]
pub struct Handshake {
    own: Party,
    role: Role,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Sends `join` first.
    Client,
    /// Waits for `join` and answers it.
    Server,
}

#[derive(Debug, Clone)]
enum Phase {
    Waiting { deadline: Timestamp },
    Open { other: Party },
    Closed,
}

/// What a frame means for the connection that it came on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The other end is known from now on ([`Handshake::other`]). A server sends the answer, before any I/O; or,
    /// when it will not have this peer, what [`Handshake::refuse`] gives instead.
    Opened {
        /// The answer, where the role has one.
        send: Option<Frame>,
    },
    /// The same peer joined again on the same connection: send the same answer, change nothing.
    Repeated {
        /// The answer.
        send: Frame,
    },
    /// A frame for the owner, its sender and target checked.
    Deliver(Frame),
    /// To be counted and dropped; the connection goes on.
    Ignored(Ignored),
    /// The other end says goodbye: close.
    Left,
    /// Send the frame if there is one, then close.
    Refused {
        /// An `error` that tells the other end why.
        send: Option<Frame>,
        /// Why.
        reason: HandshakeError,
    },
}

/// Why a frame was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ignored {
    /// A type that this version does not know.
    UnknownType,
    /// A third peer's ephemeral message, which stock clients pass on but the reference's server drops.
    ForeignEphemeral,
    /// Came before the answer to our join.
    Early,
    /// Came after the connection was refused or left.
    Late,
}

impl Handshake {
    /// The end that joins. The join itself is to be sent at once; the answer is due within [`JOIN_WITHIN`].
    pub fn client(now: Timestamp, own: Party) -> (Self, Frame) {
        let join = Frame::Join {
            sender_id: own.peer_id.clone(),
            metadata: own.metadata.clone(),
            protocol_versions: vec![PROTOCOL_VERSION.to_owned()],
        };
        (Self::new(now, own, Role::Client), join)
    }

    /// The end that is joined, within [`JOIN_WITHIN`].
    pub fn server(now: Timestamp, own: Party) -> Self {
        Self::new(now, own, Role::Server)
    }

    fn new(now: Timestamp, own: Party, role: Role) -> Self {
        Self { own, role, phase: Phase::Waiting { deadline: now + JOIN_WITHIN } }
    }

    /// The other end, once it is known and as long as the connection is open.
    pub fn other(&self) -> Option<&Party> {
        match &self.phase {
            Phase::Open { other } => Some(other),
            Phase::Waiting { .. } | Phase::Closed => None,
        }
    }

    /// How long a frame may be now, in bytes, for [`Frame::decode`] and for the socket's reader.
    pub fn frame_bytes_max(&self) -> usize {
        match (self.role, &self.phase) {
            (Role::Client, _) | (Role::Server, Phase::Open { .. }) => FRAME_BYTES_MAX,
            (Role::Server, Phase::Waiting { .. } | Phase::Closed) => FRAME_BYTES_BEFORE_JOIN_MAX,
        }
    }

    /// When to call [`Self::handle_timeout`].
    pub fn next_timeout(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Waiting { deadline } => Some(*deadline),
            Phase::Open { .. } | Phase::Closed => None,
        }
    }

    /// Whether the connection is to be closed because nobody joined, or nobody answered, in time.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Option<HandshakeError> {
        let is_due = self.next_timeout().is_some_and(|deadline| deadline <= now);
        is_due.then(|| {
            self.phase = Phase::Closed;
            HandshakeError::Timeout
        })
    }

    /// Says what `frame` means.
    pub fn handle_frame(&mut self, frame: Frame) -> Step {
        match (self.role, &self.phase) {
            (_, Phase::Closed) => Step::Ignored(Ignored::Late),
            (Role::Server, Phase::Waiting { .. }) => self.expect_join(frame),
            (Role::Client, Phase::Waiting { .. }) => self.expect_peer(frame),
            (_, Phase::Open { other }) => {
                let other = other.clone();
                self.check(frame, &other)
            }
        }
    }

    /// Closes the connection for a reason of the owner's, and gives the `error` that says so.
    pub fn refuse(&mut self, reason: &HandshakeError) -> Frame {
        let target_id = self.other().map(|other| other.peer_id.clone());
        self.phase = Phase::Closed;
        self.error(target_id, reason)
    }

    fn expect_join(&mut self, frame: Frame) -> Step {
        match frame {
            Frame::Join { sender_id, metadata, protocol_versions } => {
                self.join(Party { peer_id: sender_id, metadata }, &protocol_versions)
            }
            Frame::Error { message, taken, .. } => self.closed_by_other(message, taken),
            Frame::Leave { .. } => self.left(),
            Frame::Unknown { .. } => Step::Ignored(Ignored::UnknownType),
            Frame::Peer { .. }
            | Frame::Sync { .. }
            | Frame::RoomSince { .. }
            | Frame::Room(_)
            | Frame::DocUnavailable { .. }
            | Frame::Ephemeral(_)
            | Frame::RemoteSubscriptionChange { .. }
            | Frame::RemoteHeadsChanged { .. } => self.refused(None, HandshakeError::JoinFirst),
        }
    }

    fn join(&mut self, other: Party, versions: &[String]) -> Step {
        if !versions.iter().any(|version| version == PROTOCOL_VERSION) {
            return self.refused(Some(other.peer_id), HandshakeError::Version);
        }
        if other.peer_id == self.own.peer_id {
            return self.refused(Some(other.peer_id), HandshakeError::PeerIdTaken);
        }
        let send = Some(self.answer(&other));
        self.phase = Phase::Open { other };
        Step::Opened { send }
    }

    fn expect_peer(&mut self, frame: Frame) -> Step {
        match frame {
            Frame::Peer { sender_id, target_id, metadata, protocol_version } => {
                if protocol_version != PROTOCOL_VERSION {
                    return self.refused(Some(sender_id), HandshakeError::Version);
                }
                if target_id != self.own.peer_id {
                    return self.refused(Some(sender_id), HandshakeError::WrongTarget);
                }
                self.phase = Phase::Open { other: Party { peer_id: sender_id, metadata } };
                Step::Opened { send: None }
            }
            Frame::Error { message, taken, .. } => self.closed_by_other(message, taken),
            Frame::Leave { .. } => self.left(),
            Frame::Join { sender_id, .. } => {
                self.refused(Some(sender_id), HandshakeError::Unexpected)
            }
            Frame::Unknown { .. } => Step::Ignored(Ignored::UnknownType),
            Frame::Sync { .. }
            | Frame::RoomSince { .. }
            | Frame::Room(_)
            | Frame::DocUnavailable { .. }
            | Frame::Ephemeral(_)
            | Frame::RemoteSubscriptionChange { .. }
            | Frame::RemoteHeadsChanged { .. } => Step::Ignored(Ignored::Early),
        }
    }

    /// A frame on an open connection: from whom it says it is, to whom it should be.
    fn check(&mut self, frame: Frame, other: &Party) -> Step {
        let (sender_id, target_id) = match &frame {
            Frame::Join { sender_id, .. } => {
                return if self.role == Role::Server && *sender_id == other.peer_id {
                    Step::Repeated { send: self.answer(other) }
                } else {
                    self.refused(Some(other.peer_id.clone()), HandshakeError::Unexpected)
                };
            }
            // the answer to a join that was sent twice
            Frame::Peer { sender_id, .. }
                if self.role == Role::Client && *sender_id == other.peer_id =>
            {
                return Step::Ignored(Ignored::Late);
            }
            Frame::Peer { .. } => {
                return self.refused(Some(other.peer_id.clone()), HandshakeError::Unexpected);
            }
            Frame::Error { message, taken, .. } => {
                return self.closed_by_other(message.clone(), taken.clone());
            }
            Frame::Leave { .. } => return self.left(),
            Frame::Unknown { .. } => return Step::Ignored(Ignored::UnknownType),
            Frame::Ephemeral(message) => {
                if self.role == Role::Server && message.sender_id != other.peer_id {
                    return Step::Ignored(Ignored::ForeignEphemeral);
                }
                (&other.peer_id, &message.target_id)
            }
            Frame::Room(news) => (&news.sender_id, &news.target_id),
            Frame::Sync { sender_id, target_id, .. }
            | Frame::RoomSince { sender_id, target_id, .. }
            | Frame::DocUnavailable { sender_id, target_id, .. }
            | Frame::RemoteSubscriptionChange { sender_id, target_id, .. }
            | Frame::RemoteHeadsChanged { sender_id, target_id, .. } => (sender_id, target_id),
        };
        if *sender_id != other.peer_id {
            return self.refused(Some(other.peer_id.clone()), HandshakeError::WrongSender);
        }
        if *target_id != self.own.peer_id {
            return self.refused(Some(other.peer_id.clone()), HandshakeError::WrongTarget);
        }
        Step::Deliver(frame)
    }

    /// What is beyond version 1 is said only to who speaks of it.
    fn answer(&self, other: &Party) -> Frame {
        let has_rooms = self.own.metadata.has_rooms && other.metadata.has_rooms;
        Frame::Peer {
            sender_id: self.own.peer_id.clone(),
            target_id: other.peer_id.clone(),
            metadata: PeerMetadata { has_rooms, ..self.own.metadata.clone() },
            protocol_version: PROTOCOL_VERSION.to_owned(),
        }
    }

    fn error(&self, target_id: Option<PeerId>, reason: &HandshakeError) -> Frame {
        let sender_id = Some(self.own.peer_id.clone());
        Frame::Error { sender_id, target_id, message: reason.to_string(), taken: None }
    }

    fn refused(&mut self, target_id: Option<PeerId>, reason: HandshakeError) -> Step {
        self.phase = Phase::Closed;
        Step::Refused { send: Some(self.error(target_id, &reason)), reason }
    }

    /// An `error` is never answered with another.
    fn closed_by_other(&mut self, message: String, taken: Option<TakenActor>) -> Step {
        self.phase = Phase::Closed;
        Step::Refused { send: None, reason: HandshakeError::ByOther { message, taken } }
    }

    fn left(&mut self) -> Step {
        self.phase = Phase::Closed;
        Step::Left
    }
}
