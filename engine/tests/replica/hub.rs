//! A relay in a few lines: speaks the protocol's server side, keeps documents in automerge, tells presence on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use automerge::sync::{Message, State, SyncDoc as _};
use automerge::{Automerge, TextEncoding};
use bytes::Bytes;
use warroom_protocol::ephemeral::EphemeralSession;
use warroom_protocol::handshake::{Handshake, Party, Step};
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::presence::Roster;
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata};
use warroom_protocol::{Dice, DocumentId, PeerId, Seed, Timestamp};

/// A device's end, numbered by the world.
pub(crate) type Line = usize;

/// The relay. Documents outlive its connections.
pub(crate) struct Hub {
    peer: PeerId,
    pub(crate) documents: BTreeMap<DocumentId, Automerge>,
    lines: BTreeMap<Line, Client>,
    outgoing: VecDeque<(Line, Bytes)>,
    /// The documents that were asked for by `request`.
    pub(crate) requests: Vec<DocumentId>,
}

struct Client {
    handshake: Handshake,
    states: BTreeMap<DocumentId, State>,
    asked: BTreeSet<DocumentId>,
    said: Option<Ephemeral>,
}

impl Hub {
    pub(crate) fn new() -> Self {
        let peer = PeerId::new("hub").unwrap();
        let (documents, lines) = (BTreeMap::new(), BTreeMap::new());
        Self { peer, documents, lines, outgoing: VecDeque::new(), requests: Vec::new() }
    }

    pub(crate) fn connect(&mut self, now: Timestamp, line: Line) {
        let own = Party { peer_id: self.peer.clone(), metadata: PeerMetadata::default() };
        let handshake = Handshake::server(now, own);
        let (states, asked) = (BTreeMap::new(), BTreeSet::new());
        self.lines.insert(line, Client { handshake, states, asked, said: None });
    }

    /// A socket is gone: frames to it are lost, and a goodbye goes out in its name.
    pub(crate) fn disconnect(&mut self, line: Line) {
        let Some(gone) = self.lines.remove(&line) else { return };
        self.outgoing.retain(|(to, _)| *to != line);
        if let (Some(said), Some(other)) = (gone.said, gone.handshake.other()) {
            let mut dice = Dice::new(Seed([0; 32]));
            let mut voice = EphemeralSession::new(other.peer_id.clone(), &mut dice);
            let document = said.document_id.clone();
            let mut goodbye = voice.message(document, self.peer.clone(), Roster::goodbye());
            goodbye.session_id = said.session_id;
            goodbye.count = said.count + 1;
            self.pass_on(&goodbye);
        }
    }

    pub(crate) fn poll(&mut self) -> Option<(Line, Bytes)> {
        self.outgoing.pop_front()
    }

    /// Sends a frame of the test's making.
    pub(crate) fn inject(&mut self, line: Line, frame: Bytes) {
        self.outgoing.push_back((line, frame));
    }

    /// A sync frame about a document, to whoever is on the line.
    pub(crate) fn sync_frame(&self, line: Line, document: &DocumentId, data: Bytes) -> Bytes {
        let target_id = self.lines[&line].handshake.other().unwrap().peer_id.clone();
        self.frame(target_id, document, data).encode()
    }

    pub(crate) fn receive(&mut self, line: Line, bytes: &Bytes) {
        let Some(client) = self.lines.get_mut(&line) else { return };
        let frame = Frame::decode(bytes, FRAME_BYTES_MAX).unwrap();
        match client.handshake.handle_frame(frame) {
            Step::Opened { send } => {
                self.outgoing.push_back((line, send.unwrap().encode()));
            }
            Step::Deliver(Frame::Sync { is_request, document_id, data, .. }) => {
                self.sync(line, is_request, &document_id, &data);
            }
            Step::Deliver(Frame::Ephemeral(message)) => {
                client.said = Some(message.clone());
                self.pass_on(&message);
            }
            step => panic!("a client said what the relay would refuse: {step:?}"),
        }
    }

    fn sync(&mut self, line: Line, is_request: bool, document: &DocumentId, data: &Bytes) {
        self.requests.extend(is_request.then(|| document.clone()));
        let client = self.lines.get_mut(&line).unwrap();
        client.asked.insert(document.clone());
        if is_request && !self.documents.contains_key(document) {
            let target_id = client.handshake.other().unwrap().peer_id.clone();
            let sender_id = self.peer.clone();
            let document_id = document.clone();
            let frame = Frame::DocUnavailable { sender_id, target_id, document_id };
            self.outgoing.push_back((line, frame.encode()));
            return;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a relay never writes, so that its actor is nobody's"
        )]
        let made = || Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);
        let doc = self.documents.entry(document.clone()).or_insert_with(made);
        let state = client.states.entry(document.clone()).or_default();
        doc.receive_sync_message(state, Message::decode(data).unwrap()).unwrap();
        let everyone: Vec<Line> = self.lines.keys().copied().collect();
        for line in everyone {
            self.tell(line, document);
        }
    }

    fn tell(&mut self, line: Line, document: &DocumentId) {
        let client = self.lines.get_mut(&line).unwrap();
        if !client.asked.contains(document) {
            return;
        }
        let state = client.states.entry(document.clone()).or_default();
        let Some(message) = self.documents[document].generate_sync_message(state) else { return };
        let target_id = client.handshake.other().unwrap().peer_id.clone();
        let frame = self.frame(target_id, document, message.encode().into());
        self.outgoing.push_back((line, frame.encode()));
    }

    fn frame(&self, target_id: PeerId, document: &DocumentId, data: Bytes) -> Frame {
        let (sender_id, document_id) = (self.peer.clone(), document.clone());
        let within = None;
        Frame::Sync { is_request: false, sender_id, target_id, document_id, data, within }
    }

    fn pass_on(&mut self, message: &Ephemeral) {
        for (line, client) in &self.lines {
            let Some(other) = client.handshake.other() else { continue };
            if other.peer_id != message.sender_id && client.asked.contains(&message.document_id) {
                let mut message = message.clone();
                message.target_id = other.peer_id.clone();
                self.outgoing.push_back((*line, Frame::Ephemeral(message).encode()));
            }
        }
    }
}
