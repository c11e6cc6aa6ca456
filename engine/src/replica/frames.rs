//! Connections, and what comes and goes over them.

use bytes::Bytes;
use warroom_protocol::ephemeral::EphemeralSession;
use warroom_protocol::handshake::{Ignored, Step};
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::presence::PresenceMessage;
use warroom_protocol::wire::{Ephemeral, Frame};
use warroom_protocol::{ConnectionId, DocumentId, PeerId, Timestamp};

use super::connection::{Connection, Link};
use super::opened::{Kind, Refusal};
use super::{ConnectionKind, Output, Replica};
use crate::error::ReceiveError;
use crate::limits::CONNECTIONS_MAX;

/// What a frame turned out to be.
enum Arrival {
    /// The relay answered the join.
    Joined,
    /// A frame for this replica, its sender checked.
    Frame(Frame),
    /// Nothing to do.
    Nothing,
    /// The connection is to be closed, after the frame was sent.
    End { send: Option<Frame>, reason: String },
}

impl Replica {
    pub(super) fn connect(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        kind: ConnectionKind,
    ) {
        if self.connections.len() >= CONNECTIONS_MAX || self.connections.contains_key(&connection) {
            let reason = "there are too many connections".to_owned();
            self.outputs.push_back(Output::Close { connection, reason });
            return;
        }
        let (opened, first) = Connection::new(now, &self.peer, kind);
        let is_relay = opened.is_relay();
        if is_relay && let Some(replaced) = self.dialer.handle_connected(connection) {
            self.close(now, replaced, "replaced by a newer connection".to_owned());
        }
        self.connections.insert(connection, opened);
        if let Some(first) = first {
            self.send(connection, &first);
        }
        if !is_relay {
            self.handle_ready(now, connection);
        }
    }

    /// Somebody is at the other end: documents and presence go there from now on.
    fn handle_ready(&mut self, now: Timestamp, connection: ConnectionId) {
        if !self.opened.contains_key(&self.options.board) {
            return;
        }
        let documents = self.opened.ids();
        for document in documents {
            if self.must_ask(connection, &document) {
                self.begin(connection, &document);
            }
        }
        self.presence.handle_connected(now);
    }

    pub(super) fn disconnect(&mut self, now: Timestamp, connection: ConnectionId) {
        let Some(closed) = self.connections.remove(&connection) else { return };
        let is_alone = !self.connections.values().any(|other| other.other().is_some());
        match &closed.link {
            Link::Tab { peer } => {
                self.presence.handle_gone(now, peer);
                self.bodies.handle_tab_gone();
            }
            Link::Relay(_) => {
                self.dialer.handle_closed(now, connection, &mut self.dice);
                self.silence.handle_heard();
                self.bodies.handle_left();
                self.catch_up.handle_left();
                let tabs = self.connections.values().filter_map(Connection::other);
                let tabs: Vec<PeerId> = tabs.cloned().collect();
                self.presence.handle_only(now, &tabs);
            }
        }
        if is_alone {
            self.presence.handle_disconnected(now);
        }
    }

    /// Closes a connection for a reason of ours.
    fn close(&mut self, now: Timestamp, connection: ConnectionId, reason: String) {
        self.outputs.push_back(Output::Close { connection, reason });
        self.disconnect(now, connection);
    }

    /// Closes a connection for what came from it.
    fn refuse(&mut self, now: Timestamp, connection: ConnectionId, reason: String) {
        self.refused += 1;
        self.close(now, connection, reason);
    }

    pub(super) fn close_unanswered(&mut self, now: Timestamp) {
        let late = self.connections.iter_mut().filter_map(|(id, connection)| {
            let Link::Relay(handshake) = &mut connection.link else { return None };
            Some((*id, handshake.handle_timeout(now)?.to_string()))
        });
        let late: Vec<_> = late.collect();
        for (connection, reason) in late {
            self.close(now, connection, reason);
        }
    }

    /// A relay that owes an answer for too long is as good as gone.
    pub(super) fn close_silent(&mut self, now: Timestamp) {
        if let Some(relay) = self.dialer.joined()
            && self.silence.next_timeout().is_some_and(|at| at <= now)
        {
            self.close(now, relay, "the relay has not answered for too long".to_owned());
        }
    }

    pub(super) fn receive(&mut self, now: Timestamp, connection: ConnectionId, frame: &Bytes) {
        if self.dialer.joined() == Some(connection) {
            self.silence.handle_heard();
        }
        match self.read(connection, frame) {
            Arrival::Nothing => {}
            Arrival::Joined => {
                self.dialer.handle_joined(connection);
                self.voice = EphemeralSession::new(self.peer.clone(), &mut self.dice);
                let has_rooms =
                    self.connections.get(&connection).is_some_and(Connection::has_rooms);
                self.catch_up.handle_joined(has_rooms);
                self.bodies.handle_joined(has_rooms);
                self.handle_ready(now, connection);
            }
            Arrival::Frame(frame) => self.handle_frame(now, connection, frame),
            Arrival::End { send, reason } => {
                if let Some(frame) = send {
                    self.send(connection, &frame);
                }
                self.refuse(now, connection, reason);
            }
        }
    }

    fn read(&mut self, connection: ConnectionId, bytes: &Bytes) -> Arrival {
        let Some(known) = self.connections.get_mut(&connection) else { return Arrival::Nothing };
        let bytes_max = match &known.link {
            Link::Relay(handshake) => handshake.frame_bytes_max(),
            Link::Tab { peer: _ } => FRAME_BYTES_MAX,
        };
        let frame = match Frame::decode(bytes, bytes_max) {
            Ok(frame) => frame,
            Err(error) => return Arrival::End { send: None, reason: error.to_string() },
        };
        match &mut known.link {
            Link::Relay(handshake) => match handshake.handle_frame(frame) {
                Step::Opened { send: _ } => Arrival::Joined,
                Step::Deliver(frame) => Arrival::Frame(frame),
                Step::Repeated { send: _ }
                | Step::Ignored(
                    Ignored::UnknownType
                    | Ignored::ForeignEphemeral
                    | Ignored::Early
                    | Ignored::Late,
                ) => Arrival::Nothing,
                Step::Left => Arrival::End { send: None, reason: "the relay left".to_owned() },
                Step::Refused { send, reason } => Arrival::End { send, reason: reason.to_string() },
            },
            Link::Tab { peer } => read_tab(frame, peer, &self.peer),
        }
    }

    fn handle_frame(&mut self, now: Timestamp, connection: ConnectionId, frame: Frame) {
        match frame {
            Frame::Sync { document_id, data, .. } => {
                self.receive_sync(now, connection, &document_id, data);
            }
            Frame::DocUnavailable { document_id, .. } => {
                self.dialer.handle_worked(connection);
                if let Some(known) = self.connections.get_mut(&connection)
                    && let Some(session) = known.sessions.get_mut(&document_id)
                    && let Some(opened) = self.opened.get(&document_id)
                {
                    session.handle_unavailable(opened.doc());
                }
            }
            Frame::Ephemeral(message) => self.receive_ephemeral(now, &message),
            Frame::Room(news) => self.receive_room(now, connection, news),
            Frame::Leave { .. } => self.close(now, connection, "the other end left".to_owned()),
            Frame::Join { .. }
            | Frame::Peer { .. }
            | Frame::Error { .. }
            | Frame::RoomSince { .. }
            | Frame::RemoteSubscriptionChange { .. }
            | Frame::RemoteHeadsChanged { .. }
            | Frame::Unknown { .. } => {}
        }
    }

    /// What comes for a document that is not in memory: a body that was synced on this connection before is read
    /// again, because the other end counts what it sent as received. Others were never asked for.
    fn receive_sync(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        document: &DocumentId,
        data: Bytes,
    ) {
        let Some(known) = self.connections.get_mut(&connection) else { return };
        let Some(opened) = self.opened.get_mut(document) else {
            if known.sessions.contains_key(document) {
                self.hold(now, connection, document, data);
            } else if !known.is_relay() {
                self.bodies.handle_tab_spoke(document);
            }
            return;
        };
        let is_relay = known.is_relay();
        let session = known.sessions.get_or_default(document.clone());
        match opened.receive(now, session.state(), &data) {
            Ok(()) => {
                if is_relay {
                    let before = opened.acknowledged.heads().to_vec();
                    opened.handle_told(session.told_heads().unwrap_or_default());
                    let acknowledged = &opened.acknowledged;
                    // notes of several times may name what the newest is built on
                    let has_more = acknowledged.heads().iter().any(|head| !before.contains(head));
                    if matches!(opened.kind, Kind::Body(_)) && has_more {
                        self.catch_up.handle_acknowledged(document, acknowledged.heads());
                    }
                    self.ledger.handle_acknowledged(document, |heads| acknowledged.has(heads));
                    self.dialer.handle_worked(connection);
                }
                self.settle(now, document);
                self.tell(connection, document);
            }
            Err(Refusal::Message(error)) => self.refuse(now, connection, error.to_string()),
            Err(Refusal::Document(error)) => {
                self.settle(now, document);
                self.refuse(now, connection, error.to_string());
                if error == ReceiveError::Broken {
                    self.reload(now, document);
                }
            }
        }
    }

    fn hold(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        document: &DocumentId,
        data: Bytes,
    ) {
        if !self.bodies.hold(document, connection, data) {
            let reason = "more came for a document that is being read than can be kept".to_owned();
            self.close(now, connection, reason);
        } else if self.bodies.load(document) {
            self.load(document.clone());
        }
    }

    /// A document failed for good: it is read from storage again, and synced anew on new connections.
    fn reload(&mut self, now: Timestamp, document: &DocumentId) {
        let open: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for connection in open {
            self.close(now, connection, "a document is read again".to_owned());
        }
        self.opened.remove(document);
        if let Some(body) = self.bodies.get_mut(document) {
            body.stage = super::Stage::Loading;
        }
        self.outputs.push_back(Output::Load { document: document.clone() });
    }

    /// Begins or goes on with the sync of a document that was just read, wherever somebody is, and takes in what came
    /// for it meanwhile.
    pub(super) fn begin_everywhere(&mut self, now: Timestamp, document: &DocumentId) {
        let ready = self.connections.iter().filter(|(_, known)| known.other().is_some());
        let ready: Vec<ConnectionId> = ready.map(|(id, _)| *id).collect();
        for (connection, data) in self.bodies.take_held(document) {
            self.receive_sync(now, connection, document, data);
        }
        for connection in ready {
            if *document == self.options.board {
                self.handle_ready(now, connection);
            } else if self.must_ask(connection, document) {
                self.begin(connection, document);
            }
        }
    }

    /// A body or talk that nobody wrote here is asked for by `request`, so that asking does not make it; everything else is
    /// told by `sync`, because its first change is here.
    pub(super) fn begin(&mut self, connection: ConnectionId, document: &DocumentId) {
        let known = self.connections.get_mut(&connection).filter(|known| known.other().is_some());
        if let Some(known) = known {
            known.sessions.get_or_default(document.clone());
            self.tell(connection, document);
        }
    }

    /// Sends what the other end lacks of a document, where there is something to say.
    pub(super) fn tell(&mut self, connection: ConnectionId, document: &DocumentId) {
        let within = self.within(connection, document);
        let Some(known) = self.connections.get_mut(&connection) else { return };
        let Some(opened) = self.opened.get(document) else { return };
        let Some(target_id) = known.other().cloned() else { return };
        let Some(session) = known.sessions.get_mut(document) else { return };
        let is_first = session.told_heads().is_none() && !session.is_unavailable();
        let Some(data) = session.next_message(opened.doc()) else { return };
        let is_made_by_writing = match &opened.kind {
            Kind::Body(_) | Kind::Talk(_) => true,
            Kind::Board(_) => false,
        };
        let frame = Frame::Sync {
            is_request: is_first && is_made_by_writing && opened.is_pristine(),
            sender_id: self.peer.clone(),
            target_id,
            document_id: document.clone(),
            data,
            within: within.filter(|_| is_first),
        };
        self.send(connection, &frame);
    }

    fn receive_ephemeral(&mut self, now: Timestamp, message: &Ephemeral) {
        if message.document_id != self.options.board
            || message.sender_id == self.peer
            || !self.heard.is_new(message)
        {
            return;
        }
        // what is no presence is an application's own, and a malformed one is dropped: nobody else checks payloads
        if let Ok(Some(presence)) = PresenceMessage::decode(&message.data) {
            self.presence.handle_message(now, &message.sender_id, presence);
        }
    }

    /// Says something to everyone who has the board open, on every connection under one number.
    pub(super) fn say(&mut self, payload: Bytes) {
        let board = self.options.board.clone();
        let mut message = self.voice.message(board, self.peer.clone(), payload);
        let others = self.connections.iter().filter(|(_, known)| {
            // a relay passes on what comes from those who have asked for the document
            known.sessions.contains_key(&message.document_id)
        });
        let others = others.filter_map(|(id, known)| Some((*id, known.other()?.clone())));
        let others: Vec<(ConnectionId, PeerId)> = others.collect();
        for (connection, target_id) in others {
            message.target_id = target_id;
            self.send(connection, &Frame::Ephemeral(message.clone()));
        }
    }

    pub(super) fn send(&mut self, connection: ConnectionId, frame: &Frame) {
        let frame = frame.encode();
        if self.dialer.joined() == Some(connection) {
            self.silence.handle_sent(frame.len());
        }
        self.outputs.push_back(Output::Send { connection, frame });
    }
}

/// A frame from another tab: one that is for a third tab, or says that it is from one, is not for us.
fn read_tab(frame: Frame, peer: &PeerId, own: &PeerId) -> Arrival {
    let is_ours = match &frame {
        Frame::Sync { sender_id, target_id, .. }
        | Frame::DocUnavailable { sender_id, target_id, .. } => {
            sender_id == peer && target_id == own
        }
        Frame::Ephemeral(message) => message.sender_id == *peer && message.target_id == *own,
        Frame::Leave { sender_id } => sender_id == peer,
        Frame::Join { .. }
        | Frame::Peer { .. }
        | Frame::Error { .. }
        | Frame::RoomSince { .. }
        | Frame::Room(_)
        | Frame::RemoteSubscriptionChange { .. }
        | Frame::RemoteHeadsChanged { .. }
        | Frame::Unknown { .. } => false,
    };
    if is_ours { Arrival::Frame(frame) } else { Arrival::Nothing }
}
