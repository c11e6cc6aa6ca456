//! One connection: who is at the other end, and the sync of each document over it.

use warroom_protocol::handshake::{Handshake, Party};
use warroom_protocol::sorted::SortedMap;
use warroom_protocol::wire::{Frame, PeerMetadata};
use warroom_protocol::{DocumentId, PeerId, Timestamp};

use super::ConnectionKind;
use crate::session::Session;

/// A connection, from its opening to its end.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) link: Link,
    pub(super) sessions: SortedMap<DocumentId, Box<Session>>,
}

/// What is at the other end.
#[derive(Debug)]
pub(super) enum Link {
    Relay(Box<Handshake>),
    Tab { peer: PeerId },
}

impl Connection {
    /// A connection that just opened, and what to say first.
    pub(super) fn new(now: Timestamp, own: &PeerId, kind: ConnectionKind) -> (Self, Option<Frame>) {
        let (link, first) = match kind {
            ConnectionKind::Relay => {
                // no storage that others could ask about: each opening has a name of its own
                let metadata =
                    PeerMetadata { storage_id: None, is_ephemeral: true, has_rooms: true };
                let own = Party { peer_id: own.clone(), metadata };
                let (handshake, join) = Handshake::client(now, own);
                (Link::Relay(Box::new(handshake)), Some(join))
            }
            ConnectionKind::Tab { peer } => (Link::Tab { peer }, None),
        };
        (Self { link, sessions: SortedMap::new() }, first)
    }

    pub(super) fn is_relay(&self) -> bool {
        match self.link {
            Link::Relay(_) => true,
            Link::Tab { peer: _ } => false,
        }
    }

    /// Whether a relay is there that speaks of rooms.
    pub(super) fn has_rooms(&self) -> bool {
        match &self.link {
            Link::Relay(handshake) => {
                handshake.other().is_some_and(|other| other.metadata.has_rooms)
            }
            Link::Tab { peer: _ } => false,
        }
    }

    /// Who is there, once it is known.
    pub(super) fn other(&self) -> Option<&PeerId> {
        match &self.link {
            Link::Relay(handshake) => handshake.other().map(|other| &other.peer_id),
            Link::Tab { peer } => Some(peer),
        }
    }
}
