//! One websocket: join, decode, check, route, keep alive, close.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use warroom_protocol::ephemeral::Heard;
use warroom_protocol::handshake::{Handshake, Ignored, Party, Step};
use warroom_protocol::limits::{PING_EVERY, PING_MISSES_MAX};
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata, Within};
use warroom_protocol::{Cursor, DocumentId, PeerId, StorageId, Timestamp};

use crate::core::close::CloseReason;
use crate::core::counters::{Counters, FrameKind};
use crate::core::effect::{Access, ConnectionOutput, DocumentInput};
use crate::core::limit::Limit;
use crate::limits::{
    CONNECTION_DOCUMENTS_MAX, CONNECTION_ROOMS_MAX, CONNECTION_WATCHED_MAX, EPHEMERAL_BYTES_MAX,
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
    AwaitingJoin,
    Joined(Joined),
    Closed,
}

#[derive(Debug)]
struct Joined {
    peer: Party,
    documents: BTreeSet<DocumentId>,
    /// Roots of the rooms that it asked about.
    rooms: BTreeSet<DocumentId>,
    watched: BTreeSet<StorageId>,
    heard: Heard,
}

/// When a peer was last known to live.
#[derive(Debug)]
struct Life {
    is_heard: bool,
    misses: u32,
    ping_at: Timestamp,
}

/// One websocket.
#[derive(Debug)]
pub struct Connection {
    settings: ConnectionSettings,
    handshake: Handshake,
    phase: Phase,
    life: Life,
    outputs: VecDeque<ConnectionOutput>,
    counters: Counters,
}

impl Connection {
    /// A socket that was just accepted; it has 10 s to join.
    pub fn open(now: Timestamp, settings: ConnectionSettings) -> Self {
        let metadata = PeerMetadata {
            storage_id: Some(settings.storage.clone()),
            is_ephemeral: false,
            has_rooms: true,
        };
        let own = Party { peer_id: settings.relay.clone(), metadata };
        Self {
            settings,
            handshake: Handshake::server(now, own),
            phase: Phase::AwaitingJoin,
            life: Life { is_heard: false, misses: 0, ping_at: now + PING_EVERY },
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// The longest frame that is taken now, in bytes: what the socket's reader may allow.
    pub fn frame_bytes_max(&self) -> usize {
        self.handshake.frame_bytes_max()
    }

    /// Who joined, as long as the connection is open.
    pub fn peer(&self) -> Option<&PeerId> {
        match &self.phase {
            Phase::Joined(joined) => Some(&joined.peer.peer_id),
            Phase::AwaitingJoin | Phase::Closed => None,
        }
    }

    /// A binary message arrived.
    pub fn handle_frame(&mut self, now: Timestamp, frame: &Bytes) {
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        self.handle_pong(now);
        match Frame::decode(frame, self.handshake.frame_bytes_max()) {
            Ok(decoded) => {
                self.counters.add_frame(FrameKind::of(&decoded), frame.len());
                let step = self.handshake.handle_frame(decoded);
                self.take_step(step, frame.len());
            }
            Err(error) => self.close(CloseReason::Frame(error)),
        }
    }

    /// A text message arrived; only binary ones are spoken here.
    pub fn handle_text(&mut self, now: Timestamp) {
        self.handle_pong(now);
        self.close(CloseReason::Text);
    }

    /// A ping or a pong arrived, or anything else that shows that the peer lives.
    pub fn handle_pong(&mut self, now: Timestamp) {
        let _ = now;
        self.life.is_heard = true;
    }

    /// What the peer could show of its life is held up: the socket still takes an earlier frame, behind which a ping
    /// would wait, or nothing is read for now. A ping that is due waits as well, and nothing is missed.
    pub fn handle_held_up(&mut self, now: Timestamp) {
        self.life.is_heard = true;
        if self.life.ping_at <= now {
            self.life.ping_at = now + PING_EVERY;
        }
    }

    /// The socket is gone, or its peer closed it.
    pub fn handle_disconnected(&mut self, now: Timestamp) {
        self.handle_refused(now, CloseReason::Left);
    }

    /// Something else decided that this connection must close: a document, a full outbox, a takeover, a shutdown.
    pub fn handle_refused(&mut self, now: Timestamp, reason: CloseReason) {
        let _ = now;
        self.close(reason);
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        match self.phase {
            Phase::AwaitingJoin => {
                if let Some(reason) = self.handshake.handle_timeout(now) {
                    self.close(CloseReason::Handshake(reason));
                }
            }
            Phase::Joined(_) if self.life.ping_at <= now => self.ping(now),
            Phase::Joined(_) | Phase::Closed => {}
        }
    }

    /// When to call [`Self::handle_timeout`]; `None` once closed.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::AwaitingJoin => self.handshake.next_timeout(),
            Phase::Joined(_) => Some(self.life.ping_at),
            Phase::Closed => None,
        }
    }

    /// The next thing to do; call until `None` after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<ConnectionOutput> {
        self.outputs.pop_front()
    }

    /// What was counted since the last call.
    pub fn take_counters(&mut self) -> Counters {
        std::mem::take(&mut self.counters)
    }

    /// Any frame since the last ping is life; two silent intervals are the end.
    fn ping(&mut self, now: Timestamp) {
        self.life.misses = if self.life.is_heard { 0 } else { self.life.misses.saturating_add(1) };
        if self.life.misses >= PING_MISSES_MAX {
            let seconds = PING_EVERY.as_secs().saturating_mul(self.life.misses.into());
            self.close(CloseReason::Silent { seconds });
            return;
        }
        self.life.is_heard = false;
        self.life.ping_at = now + PING_EVERY;
        self.outputs.push_back(ConnectionOutput::Ping);
    }

    fn take_step(&mut self, step: Step, frame_bytes: usize) {
        match step {
            Step::Opened { send } => {
                self.send(send);
                self.open_for_peer();
            }
            Step::Repeated { send } => self.send(Some(send)),
            Step::Deliver(frame) => self.deliver(frame, frame_bytes),
            Step::Ignored(why) => self.count_ignored(why),
            Step::Left => self.close(CloseReason::Left),
            Step::Refused { send, reason } => {
                self.send(send);
                self.counters.refusals += 1;
                self.end(CloseReason::Handshake(reason));
            }
        }
    }

    fn open_for_peer(&mut self) {
        let Some(peer) = self.handshake.other().cloned() else { return };
        self.outputs.push_back(ConnectionOutput::Joined {
            peer: peer.peer_id.clone(),
            metadata: peer.metadata.clone(),
        });
        self.phase = Phase::Joined(Joined {
            peer,
            documents: BTreeSet::new(),
            rooms: BTreeSet::new(),
            watched: BTreeSet::new(),
            heard: Heard::new(1),
        });
    }

    /// Passes on a frame whose sender and target were checked.
    fn deliver(&mut self, frame: Frame, frame_bytes: usize) {
        match frame {
            Frame::Sync { is_request, document_id, data, within, .. } => {
                if self.settings.access != Access::None {
                    self.count(&document_id, within);
                }
                self.deliver_sync(is_request, document_id, &data, frame_bytes);
            }
            Frame::RoomSince { root, since, .. } => self.ask_room(root, since),
            Frame::Ephemeral(message) => self.deliver_ephemeral(message),
            Frame::RemoteSubscriptionChange { add, remove, .. } => self.watch(add, &remove),
            // Whether a peer lacks a document, and what it heard of others, is nothing to a relay.
            Frame::DocUnavailable { .. }
            | Frame::Room(_)
            | Frame::RemoteHeadsChanged { .. }
            | Frame::Unknown { .. } => {
                self.counters.frames_ignored += 1;
            }
            // The handshake keeps these to itself.
            Frame::Join { .. } | Frame::Peer { .. } | Frame::Error { .. } | Frame::Leave { .. } => {
            }
        }
    }

    fn deliver_sync(
        &mut self,
        is_request: bool,
        document: DocumentId,
        data: &Bytes,
        frame_bytes: usize,
    ) {
        let Phase::Joined(joined) = &mut self.phase else { return };
        if self.settings.access == Access::None {
            self.counters.frames_denied += 1;
            let target_id = joined.peer.peer_id.clone();
            self.send(Some(Frame::DocUnavailable {
                sender_id: self.settings.relay.clone(),
                target_id,
                document_id: document,
            }));
            return;
        }
        let message = match SyncMessage::decode(data) {
            Ok(message) => message,
            Err(error) => return self.close(CloseReason::Guard(error)),
        };
        let is_first = !joined.documents.contains(&document);
        if is_first && joined.documents.len() >= CONNECTION_DOCUMENTS_MAX {
            return self.close(CloseReason::Documents { max: CONNECTION_DOCUMENTS_MAX });
        }
        joined.documents.insert(document.clone());
        let storage = if joined.peer.metadata.is_ephemeral {
            None
        } else {
            joined.peer.metadata.storage_id.clone()
        };
        let peer = joined.peer.peer_id.clone();
        let watched: Vec<StorageId> = joined.watched.iter().cloned().collect();
        let access = self.settings.access;
        let input = DocumentInput::Sync { peer, access, is_request, message, storage, frame_bytes };
        self.route(document.clone(), input);
        if is_first && !watched.is_empty() {
            self.route(document, DocumentInput::Watch(watched));
        }
    }

    /// The document counts to a room, where it is derived from its root.
    fn count(&mut self, document: &DocumentId, within: Option<Within>) {
        match within {
            Some(within) if within.proves(document) => {
                self.route(document.clone(), DocumentInput::Counts(within.root));
            }
            Some(_) => self.counters.rooms_unproved += 1,
            None => {}
        }
    }

    /// Who has the root of a room open may ask what changed there.
    fn ask_room(&mut self, root: DocumentId, since: Option<Cursor>) {
        let Phase::Joined(joined) = &mut self.phase else { return };
        if !joined.peer.metadata.has_rooms || !joined.documents.contains(&root) {
            self.counters.frames_ignored += 1;
            return;
        }
        if !joined.rooms.contains(&root) && joined.rooms.len() >= CONNECTION_ROOMS_MAX {
            return self.close(CloseReason::Rooms { max: CONNECTION_ROOMS_MAX });
        }
        joined.rooms.insert(root.clone());
        self.route(root, DocumentInput::RoomSince(since));
    }

    fn deliver_ephemeral(&mut self, message: Ephemeral) {
        let Phase::Joined(joined) = &mut self.phase else { return };
        let bytes = message.data.len();
        if bytes > EPHEMERAL_BYTES_MAX {
            return self.close(CloseReason::Ephemeral { bytes, bytes_max: EPHEMERAL_BYTES_MAX });
        }
        if self.settings.access == Access::None {
            self.counters.frames_denied += 1;
            return;
        }
        if !joined.heard.is_new(&message) {
            self.counters.ephemerals_repeated += 1;
            return;
        }
        // It reaches who is subscribed; a document that this peer never asked for is none of its business.
        if !joined.documents.contains(&message.document_id) {
            self.counters.frames_ignored += 1;
            return;
        }
        self.route(message.document_id.clone(), DocumentInput::Ephemeral(message));
    }

    fn watch(&mut self, add: Vec<StorageId>, remove: &[StorageId]) {
        let Phase::Joined(joined) = &mut self.phase else { return };
        let before = joined.watched.clone();
        for storage in remove {
            joined.watched.remove(storage);
        }
        for storage in add {
            if joined.watched.len() < CONNECTION_WATCHED_MAX {
                joined.watched.insert(storage);
            } else if !joined.watched.contains(&storage) {
                self.counters.add_hits(Limit::ConnectionWatched, 1);
            }
        }
        if joined.watched == before {
            return;
        }
        let watched: Vec<StorageId> = joined.watched.iter().cloned().collect();
        for document in joined.documents.clone() {
            self.route(document, DocumentInput::Watch(watched.clone()));
        }
    }

    fn route(&mut self, document: DocumentId, input: DocumentInput) {
        self.outputs.push_back(ConnectionOutput::Route { document, input });
    }

    fn send(&mut self, frame: Option<Frame>) {
        self.outputs.extend(frame.map(|frame| ConnectionOutput::Send(frame.encode())));
    }

    fn count_ignored(&mut self, why: Ignored) {
        match why {
            // counted by its kind
            Ignored::UnknownType => {}
            Ignored::ForeignEphemeral | Ignored::Early | Ignored::Late => {
                self.counters.frames_ignored += 1;
            }
        }
    }

    /// Says why, where the peer is to hear it, and ends.
    fn close(&mut self, reason: CloseReason) {
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        if reason.is_said() {
            let target_id = self.handshake.other().map(|other| other.peer_id.clone());
            let sender_id = Some(self.settings.relay.clone());
            let (message, taken) = (reason.to_string(), reason.taken());
            self.send(Some(Frame::Error { sender_id, target_id, message, taken }));
            self.counters.refusals += 1;
        }
        self.end(reason);
    }

    fn end(&mut self, reason: CloseReason) {
        let phase = std::mem::replace(&mut self.phase, Phase::Closed);
        if let Phase::Joined(joined) = phase {
            for document in joined.documents {
                self.route(document, DocumentInput::Left);
            }
        }
        self.outputs.push_back(ConnectionOutput::Close(reason));
    }
}
