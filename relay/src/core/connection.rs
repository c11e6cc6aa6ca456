//! One websocket: join, decode, check, route, keep alive, close.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata};
use warroom_protocol::{DocumentId, PeerId, SessionId, StorageId, Timestamp};

use crate::core::close::CloseReason;
use crate::core::counters::Counters;
use crate::core::effect::{Access, ConnectionOutput, DocumentInput};
use crate::limits::{
    CONNECTION_DOCUMENTS_MAX, CONNECTION_SESSIONS_MAX, CONNECTION_WATCHED_MAX,
    FRAME_BYTES_BEFORE_JOIN_MAX, FRAME_BYTES_MAX, JOIN_WITHIN, PING_EVERY, PING_MISSES_MAX,
};

/// What a connection is opened with.
#[derive(Debug, Clone)]
pub struct ConnectionSettings {
    /// The relay's own peer id.
    pub relay: PeerId,
    /// The relay's storage id; survives restarts.
    pub storage: StorageId,
    /// What this connection may do with any document, until a policy says it for each.
    pub access: Access,
}

#[derive(Debug)]
enum Phase {
    AwaitingJoin { deadline: Timestamp },
    Joined(Joined),
    Closed,
}

#[derive(Debug)]
struct Joined {
    peer: PeerId,
    metadata: PeerMetadata,
    documents: BTreeSet<DocumentId>,
    watched: BTreeSet<StorageId>,
    sessions: VecDeque<(SessionId, u64)>,
    ping_at: Timestamp,
    misses: u32,
}

/// One websocket.
#[derive(Debug)]
pub struct Connection {
    settings: ConnectionSettings,
    phase: Phase,
    heard: bool,
    outputs: VecDeque<ConnectionOutput>,
    counters: Counters,
}

impl Connection {
    /// A socket that was just accepted; it has 10 s to join.
    pub fn open(now: Timestamp, settings: ConnectionSettings) -> Self {
        Self {
            settings,
            phase: Phase::AwaitingJoin { deadline: now + JOIN_WITHIN },
            heard: false,
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// The longest frame that is taken now, in bytes: what the socket's reader may allow.
    pub fn frame_bytes_max(&self) -> usize {
        match self.phase {
            Phase::AwaitingJoin { .. } | Phase::Closed => FRAME_BYTES_BEFORE_JOIN_MAX,
            Phase::Joined(_) => FRAME_BYTES_MAX,
        }
    }

    /// Who joined.
    pub fn peer(&self) -> Option<&PeerId> {
        match &self.phase {
            Phase::Joined(joined) => Some(&joined.peer),
            Phase::AwaitingJoin { .. } | Phase::Closed => None,
        }
    }

    /// A binary frame arrived.
    pub fn handle_frame(&mut self, now: Timestamp, frame: &Bytes) {
        let _ = (now, frame);
        todo!()
    }

    /// A text frame arrived.
    pub fn handle_text(&mut self, now: Timestamp) {
        let _ = now;
        self.close(CloseReason::Text);
    }

    /// A ping or a pong arrived.
    pub fn handle_pong(&mut self, now: Timestamp) {
        let _ = now;
        self.heard = true;
    }

    /// The socket is gone, or its peer closed it.
    pub fn handle_disconnected(&mut self, now: Timestamp) {
        let _ = now;
        self.close(CloseReason::Left);
    }

    /// Something else decided that this connection must close: a document, a full outbox, a takeover, a shutdown.
    pub fn handle_refused(&mut self, now: Timestamp, reason: CloseReason) {
        let _ = now;
        self.close(reason);
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = now;
        todo!()
    }

    /// When to call [`Self::handle_timeout`].
    pub fn next_timeout(&self) -> Option<Timestamp> {
        todo!()
    }

    /// The next thing to do; call until `None` after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<ConnectionOutput> {
        self.outputs.pop_front()
    }

    /// What was counted since the last call.
    pub fn take_counters(&mut self) -> Counters {
        std::mem::take(&mut self.counters)
    }

    fn close(&mut self, reason: CloseReason) {
        self.outputs.push_back(ConnectionOutput::Close(reason));
        self.phase = Phase::Closed;
    }
}
