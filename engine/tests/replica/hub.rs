//! A relay in a few lines: speaks the protocol's server side, keeps documents in automerge, tells presence on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use automerge::sync::{Message, State, SyncDoc as _};
use automerge::{Automerge, ChangeHash, TextEncoding};
use bytes::Bytes;
use warroom_protocol::ephemeral::EphemeralSession;
use warroom_protocol::handshake::{Handshake, Party, Step};
use warroom_protocol::limits::{FRAME_BYTES_MAX, ROOM_DOCUMENTS_MAX, ROOM_HEADS_MAX};
use warroom_protocol::presence::Roster;
use warroom_protocol::wire::{Ephemeral, Frame, PeerMetadata, RoomDocument, RoomNews, Within};
use warroom_protocol::{Cursor, Dice, DocumentId, PeerId, Seed, Timestamp};

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
    /// Whether it speaks of rooms.
    pub(crate) has_rooms: bool,
    /// Its store's name, in its cursors.
    pub(crate) store: u32,
    /// Documents of the room in the order of their last change, each once, with its number.
    room: Vec<(u64, DocumentId)>,
    /// Documents that were proved to be of the room.
    proved: BTreeSet<DocumentId>,
    sequence: u64,
    /// Sync frames that clients sent, by document, and questions about the room.
    pub(crate) synced: BTreeMap<DocumentId, usize>,
    pub(crate) asked: Vec<Option<Cursor>>,
    /// It gathers what changes in the room, and tells nobody yet.
    pub(crate) is_gathering: bool,
    /// Documents of one message about the room.
    pub(crate) page_documents: usize,
    /// How many messages about the room it sends before it falls silent.
    pub(crate) pages_left: usize,
    /// Whom it does not tell of a document yet.
    pub(crate) keeps_back: Option<(Line, DocumentId)>,
}

/// What a hub had at a moment.
pub(crate) struct Backup {
    documents: BTreeMap<DocumentId, Automerge>,
    room: Vec<(u64, DocumentId)>,
    sequence: u64,
}

struct Client {
    handshake: Handshake,
    states: BTreeMap<DocumentId, State>,
    asked: BTreeSet<DocumentId>,
    said: Option<Ephemeral>,
    /// It asked what changes in the room.
    reader: Option<Reader>,
    /// It was told that rooms are spoken of.
    has_rooms: bool,
}

/// Up to where a client was told.
struct Reader {
    root: DocumentId,
    told: u64,
    is_whole: bool,
    /// There is more, or it was not answered yet.
    is_due: bool,
}

impl Hub {
    pub(crate) fn new() -> Self {
        let peer = PeerId::new("hub").unwrap();
        let (documents, lines) = (BTreeMap::new(), BTreeMap::new());
        Self {
            peer,
            documents,
            lines,
            outgoing: VecDeque::new(),
            requests: Vec::new(),
            has_rooms: false,
            store: 0,
            room: Vec::new(),
            proved: BTreeSet::new(),
            sequence: 0,
            synced: BTreeMap::new(),
            asked: Vec::new(),
            is_gathering: false,
            page_documents: ROOM_DOCUMENTS_MAX,
            pages_left: usize::MAX,
            keeps_back: None,
        }
    }

    pub(crate) fn backup(&self) -> Backup {
        let Self { documents, room, sequence, .. } = self;
        Backup { documents: documents.clone(), room: room.clone(), sequence: *sequence }
    }

    /// It has what it had then; cursors from before are still good.
    pub(crate) fn restore(&mut self, backup: Backup) {
        let Backup { documents, room, sequence } = backup;
        (self.documents, self.room, self.sequence) = (documents, room, sequence);
    }

    pub(crate) fn connect(&mut self, now: Timestamp, line: Line) {
        let has_rooms = self.has_rooms;
        let metadata = PeerMetadata { has_rooms, ..PeerMetadata::default() };
        let own = Party { peer_id: self.peer.clone(), metadata };
        let handshake = Handshake::server(now, own);
        let (states, asked) = (BTreeMap::new(), BTreeSet::new());
        self.lines
            .insert(line, Client { handshake, states, asked, said: None, reader: None, has_rooms });
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
        if self.outgoing.is_empty() && self.pages_left > 0 {
            let due = |client: &Client| client.reader.as_ref().is_some_and(|reader| reader.is_due);
            let due = self.lines.iter().find(|(_, client)| due(client)).map(|(line, _)| *line);
            if let Some(line) = due {
                self.tell_room(line);
            }
        }
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
            Step::Deliver(Frame::Sync { is_request, document_id, data, within, .. }) => {
                *self.synced.entry(document_id.clone()).or_default() += 1;
                assert!(within.is_none() || client.has_rooms, "a stock server is told version 1");
                let before = self.heads(&document_id);
                self.sync(line, is_request, &document_id, &data);
                self.count(&document_id, within, &before);
            }
            Step::Deliver(Frame::RoomSince { root, since, .. }) => {
                assert!(client.has_rooms, "a stock server is asked nothing of rooms");
                self.asked.push(since.clone());
                let since = since.and_then(|cursor| {
                    let (sequence, store) = cursor.as_str().split_once(':')?;
                    (store == self.store.to_string()).then(|| sequence.parse().ok())?
                });
                let (told, is_whole) = (since.unwrap_or(0), since.is_none());
                client.reader = Some(Reader { root, told, is_whole, is_due: true });
            }
            Step::Deliver(Frame::Ephemeral(message)) => {
                client.said = Some(message.clone());
                self.pass_on(&message);
            }
            step => panic!("a client said what the relay would refuse: {step:?}"),
        }
    }

    fn heads(&self, document: &DocumentId) -> Vec<ChangeHash> {
        self.documents.get(document).map(Automerge::get_heads).unwrap_or_default()
    }

    /// The store is another, with the same documents as far as `keeps` says.
    pub(crate) fn replace_store(&mut self, keeps: impl Fn(&DocumentId) -> bool) {
        self.store += 1;
        self.documents.retain(|document, _| keeps(document));
        self.room.retain(|(_, document)| keeps(document));
    }

    /// Counts a document to the room, and tells who asked when it changed.
    fn count(&mut self, document: &DocumentId, within: Option<Within>, before: &[ChangeHash]) {
        let is_counted = self.room.iter().any(|(_, counted)| counted == document);
        if within.is_some_and(|within| within.proves(document)) {
            self.proved.insert(document.clone());
        }
        let is_proved = self.proved.contains(document);
        let is_here = self.documents.contains_key(document);
        let has_changed = self.heads(document) != before;
        if !is_here || !((is_proved && !is_counted) || (is_counted && has_changed)) {
            return;
        }
        self.room.retain(|(_, counted)| counted != document);
        self.sequence += 1;
        self.room.push((self.sequence, document.clone()));
        if !self.is_gathering {
            let readers = self.lines.values_mut().filter_map(|client| client.reader.as_mut());
            readers.for_each(|reader| reader.is_due = true);
        }
    }

    /// Whether a document counts to the room.
    pub(crate) fn is_counted(&self, document: &DocumentId) -> bool {
        self.room.iter().any(|(_, counted)| counted == document)
    }

    /// Tells a page of what changed in the room; the rest follows when the sockets took what was sent.
    fn tell_room(&mut self, line: Line) {
        self.pages_left -= 1;
        let client = &self.lines[&line];
        let Reader { root, told, is_whole, .. } = client.reader.as_ref().unwrap();
        let changed = self.room.iter().filter(|(sequence, _)| sequence > told);
        let page: Vec<&(u64, DocumentId)> = changed.clone().take(self.page_documents).collect();
        let has_more = changed.count() > page.len();
        let told = page.last().filter(|_| has_more).map_or(self.sequence, |(number, _)| *number);
        let documents = page.iter().map(|(_, document)| {
            let heads = self.heads(document).into_iter();
            let heads = heads.map(|head| warroom_protocol::ChangeHash(head.0));
            let heads = Some(heads.collect::<Vec<_>>()).filter(|all| all.len() <= ROOM_HEADS_MAX);
            RoomDocument { document_id: document.clone(), heads: heads.unwrap_or_default() }
        });
        let news = RoomNews {
            sender_id: self.peer.clone(),
            target_id: client.handshake.other().unwrap().peer_id.clone(),
            root: root.clone(),
            cursor: Cursor::new(&format!("{told}:{}", self.store)).unwrap(),
            documents: documents.collect(),
            is_whole: *is_whole,
            has_more,
        };
        self.outgoing.push_back((line, Frame::Room(news).encode()));
        let reader = self.lines.get_mut(&line).unwrap().reader.as_mut().unwrap();
        (reader.told, reader.is_due) = (told, has_more);
        reader.is_whole &= has_more;
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
        let is_kept_back =
            self.keeps_back.as_ref().is_some_and(|(to, of)| *to == line && of == document);
        if is_kept_back || !client.asked.contains(document) {
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
