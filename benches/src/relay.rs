//! Replicas in step through the relay's own machines, in one thread and without sockets; what goes over the wire is
//! counted.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use warroom_engine::{
    Board, BodyDocument, Chunk, Command, ConnectionKind, Output, Person, Replica, RoomOptions,
    Splice, StorageState, TextTarget,
};
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::limits::{FRAME_BYTES_MAX, ROOM_DOCUMENTS_MAX, ROOM_HEADS_MAX};
use warroom_protocol::wire::{Frame, PeerMetadata, RoomDocument};
use warroom_protocol::{
    ChangeHash, ConnectionId, Cursor, DocumentId, PeerId, Seed, StorageId, Timestamp,
};
use warroom_relay::core::{
    Access, Connection, ConnectionOutput, ConnectionSettings, Document, DocumentInput,
    DocumentOutput, DocumentSettings, Outbox, RoomPage,
};

use crate::board::{card, command_of, person, room, time};
use crate::clock::Stopwatch;
use crate::script::{Edit, WORD, body};

/// What went over the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Told {
    /// Frames, both ways.
    pub frames: usize,
    /// Bytes, both ways, without what WebSocket and TLS add.
    pub bytes: usize,
    /// Milliseconds of processor time from connecting until the last view changed for the last time; the bodies follow in
    /// the background.
    pub seen_ms: f64,
}

/// What a device has on its disk.
pub type Disk = BTreeMap<DocumentId, Vec<Chunk>>;

#[derive(Debug)]
struct Socket {
    machine: Connection,
    outbox: Outbox,
}

/// Some people's replicas of one room, and the relay between them. Nobody is connected at first.
#[derive(Debug)]
pub struct Room {
    now: Timestamp,
    replicas: Vec<Replica>,
    disks: Vec<Disk>,
    /// Since when.
    connected: Option<Stopwatch>,
    /// How many of them have a network.
    people: usize,
    relay: PeerId,
    storage: StorageId,
    sockets: BTreeMap<ConnectionId, Socket>,
    documents: BTreeMap<DocumentId, Document>,
    stored: BTreeMap<DocumentId, Vec<CheckedChange>>,
    index: Index,
    /// The relay speaks of rooms.
    has_rooms: bool,
    told: Told,
}

/// What the relay's store keeps of rooms, in memory and of one room.
#[derive(Debug, Default)]
struct Index {
    /// The document of each number: its newest change.
    changed: BTreeMap<u64, DocumentId>,
    numbers: BTreeMap<DocumentId, u64>,
    newest: u64,
}

impl Index {
    fn note(&mut self, document: &DocumentId) {
        self.newest += 1;
        if let Some(before) = self.numbers.insert(document.clone(), self.newest) {
            self.changed.remove(&before);
        }
        self.changed.insert(self.newest, document.clone());
    }
}

impl Room {
    /// Opens a replica for each disk, and a relay that has `stored`.
    pub fn new(disks: Vec<Disk>, stored: BTreeMap<DocumentId, Vec<CheckedChange>>) -> Self {
        let now = time(0);
        let open = |number: usize| {
            let number = u8::try_from(number + 1).expect("fewer than 255 replicas");
            let person = Person { id: person(number), name: format!("P{number}"), colour: 0 };
            let storage = StorageState::Durable;
            let options = RoomOptions { board: room(), person, storage, breakdowns: Vec::new() };
            Replica::open(now, Seed([number; 32]), options)
        };
        let relay = PeerId::new("relay").expect("an id");
        let storage = StorageId::new("relay").expect("an id");
        let mut opened = Self {
            now,
            replicas: (0..disks.len()).map(open).collect(),
            disks,
            connected: None,
            people: usize::MAX,
            relay,
            storage,
            sockets: BTreeMap::new(),
            documents: BTreeMap::new(),
            stored,
            index: Index::default(),
            has_rooms: true,
            told: Told::default(),
        };
        opened.settle();
        opened
    }

    /// The relay does not speak of rooms, as a stock server does not: every body is asked for.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.has_rooms = false;
        self
    }

    /// It is later. What is done after a pause is not done: nobody has to wait for it.
    pub fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    /// Everybody loses the connection, and the relay lets go of everything.
    pub fn disconnect(&mut self) {
        self.connected = None;
        self.sockets.clear();
        self.documents.clear();
        for (index, replica) in self.replicas.iter_mut().enumerate() {
            let connection = ConnectionId(u64::try_from(index).unwrap_or(0));
            replica.handle_disconnected(self.now, connection);
        }
        self.settle();
    }

    /// One of them makes an edit, ten seconds after the one before.
    ///
    /// # Panics
    /// When the edit does not fit.
    pub fn edit(&mut self, index: usize, edit: Edit) {
        self.pass(time(1).since(time(0)));
        let board = self.replicas.get(index).and_then(Replica::board).expect("a board");
        if let Some(command) = command_of(board, edit) {
            self.act_for(index, command);
        }
        let (number, at, insert) = match edit {
            Edit::Body { card, at } => (card, at, WORD.to_owned()),
            Edit::Create { card, column: _ } => (card, 0, body(card)),
            Edit::Move { .. } | Edit::Title { .. } | Edit::Label { .. } | Edit::Delete { .. } => {
                return;
            }
        };
        let text = TextTarget::Body { card: card(number) };
        self.act_for(index, Command::OpenText { text: text.clone() });
        let splice = Splice { at: u32::try_from(at).unwrap_or(0), delete: 0, insert };
        self.act_for(index, Command::EditText { text: text.clone(), seen: 0, splice });
        self.act_for(index, Command::CloseText { text });
    }

    fn act_for(&mut self, index: usize, command: Command) {
        let replica = self.replicas.get_mut(index).expect("a replica");
        replica.handle_command(self.now, command).expect("a command that fits");
        while let Some(output) = self.replicas.get_mut(index).and_then(Replica::poll_output) {
            self.act(index, output);
        }
    }

    /// Whether all disks have the same bodies.
    pub fn has_same_bodies(&self) -> bool {
        let heads = |disk: &Disk| {
            let bodies = disk.iter().filter(|(document, _)| **document != room());
            let heads = bodies.map(|(document, chunks)| {
                let (person, seed) = (person(0), Seed([0; 32]));
                let (body, _) = BodyDocument::open(card(0), person, seed, chunks.clone());
                (document.clone(), body.heads())
            });
            heads.collect::<BTreeMap<_, _>>()
        };
        let all: Vec<_> = self.disks.iter().map(heads).collect();
        all.windows(2).all(|pair| pair.first() == pair.last())
    }

    /// The people up to this one get a connection, where they have none, and everything that follows happens. What went over
    /// the wire is counted from the first of them on, until all lose it.
    pub fn connect_one(&mut self, person: usize) -> Told {
        if self.connected.is_none() {
            self.told = Told::default();
        }
        let before = self.told;
        self.connected.get_or_insert_with(Stopwatch::start);
        self.people = person + 1;
        if let Some(replica) = self.replicas.get_mut(person) {
            replica.handle_retry(self.now);
        }
        self.settle();
        self.people = usize::MAX;
        let Told { frames, bytes, seen_ms } = self.told;
        Told { frames: frames - before.frames, bytes: bytes - before.bytes, seen_ms }
    }

    /// Everybody gets a connection, and everything that follows happens.
    ///
    /// # Panics
    /// When the boards differ in the end.
    pub fn connect(&mut self) -> Told {
        self.told = Told::default();
        self.connected = Some(Stopwatch::start());
        for replica in &mut self.replicas {
            replica.handle_retry(self.now);
        }
        self.settle();
        let boards: Vec<&Board> = self.replicas.iter().filter_map(Replica::board).collect();
        let is_one = boards.windows(2).all(|pair| matches!(pair, [one, other] if one == other));
        assert!(is_one && boards.len() == self.replicas.len(), "all see the same board");
        assert!(self.replicas.iter().all(|replica| replica.status().waiting == 0), "all is saved");
        self.told
    }

    /// Everything that can happen without time passing happens; the relay's own pauses between two rounds are skipped.
    fn settle(&mut self) {
        loop {
            let mut is_quiet = true;
            for index in 0..self.replicas.len() {
                while let Some(output) = self.replicas.get_mut(index).and_then(Replica::poll_output)
                {
                    is_quiet = false;
                    self.act(index, output);
                }
                is_quiet &= !self.deliver(index);
            }
            if is_quiet && !self.resume() {
                return;
            }
        }
    }

    fn resume(&mut self) -> bool {
        let soon = self.now + Duration::from_secs(1);
        let due = self.documents.values().filter_map(Document::next_timeout).min();
        let Some(due) = due.filter(|due| *due <= soon) else { return false };
        self.now = due.max(self.now);
        let ids: Vec<DocumentId> = self.documents.keys().cloned().collect();
        for id in ids {
            if let Some(document) = self.documents.get_mut(&id) {
                document.handle_timeout(self.now);
            }
            self.drain_document(&id);
        }
        true
    }

    fn act(&mut self, index: usize, output: Output) {
        let now = self.now;
        let Some(replica) = self.replicas.get_mut(index) else { return };
        match output {
            Output::Load { document } => {
                let chunks = self.disks.get(index).and_then(|disk| disk.get(&document));
                replica.handle_loaded(now, &document, chunks.cloned().unwrap_or_default());
            }
            Output::Store { save, document, chunk } => {
                if let Some(disk) = self.disks.get_mut(index) {
                    disk.entry(document).or_default().push(chunk);
                }
                replica.handle_stored(now, save);
            }
            Output::Dial if self.connected.is_some() && index < self.people => {
                let connection = ConnectionId(u64::try_from(index).unwrap_or(0));
                let settings = ConnectionSettings {
                    relay: self.relay.clone(),
                    storage: self.storage.clone(),
                    access: Access::Write,
                };
                let machine = Connection::open(now, settings);
                self.sockets.insert(connection, Socket { machine, outbox: Outbox::new() });
                replica.handle_connected(now, connection, ConnectionKind::Relay);
            }
            Output::Dial => replica.handle_dial_failed(now),
            Output::Send { connection, frame } => {
                self.count(&frame);
                let frame = if self.has_rooms { frame } else { without_rooms(frame) };
                if let Some(socket) = self.sockets.get_mut(&connection) {
                    socket.machine.handle_frame(now, &frame);
                }
                self.drain_socket(connection);
            }
            Output::Deltas(_) => {
                self.told.seen_ms = self.connected.map_or(0.0, |since| since.ms());
            }
            Output::LoadProjection { document } => replica.handle_projection(now, &document, None),
            Output::Presence(_)
            | Output::Status(_)
            | Output::Answer { .. }
            | Output::Projected { .. }
            | Output::Compact { .. }
            | Output::StoreProjection { .. } => {}
            Output::Close { reason, .. } => panic!("a replica closed: {reason}"),
            Output::Quarantine { .. } => panic!("a chunk was not read"),
        }
    }

    fn count(&mut self, frame: &Bytes) {
        self.told.frames += 1;
        self.told.bytes += frame.len();
    }

    /// The socket of a replica takes what waits for it. False when nothing does.
    fn deliver(&mut self, index: usize) -> bool {
        let connection = ConnectionId(u64::try_from(index).unwrap_or(0));
        let taken = self.sockets.get_mut(&connection).and_then(|socket| socket.outbox.take_next());
        let Some(taken) = taken else { return false };
        self.count(&taken.frame);
        if let Some(replica) = self.replicas.get_mut(index) {
            replica.handle_received(self.now, connection, &taken.frame);
        }
        if let Some(document) = taken.credit {
            self.post(&document, connection, DocumentInput::Credit);
        }
        true
    }

    fn drain_socket(&mut self, connection: ConnectionId) {
        loop {
            let Some(socket) = self.sockets.get_mut(&connection) else { return };
            let Some(output) = socket.machine.poll_output() else { return };
            match output {
                ConnectionOutput::Send(frame) => {
                    socket.outbox.push_control(frame).expect("room in the outbox");
                }
                ConnectionOutput::Route { document, input } => {
                    self.post(&document, connection, input);
                }
                ConnectionOutput::Joined { .. } | ConnectionOutput::Ping => {}
                ConnectionOutput::Close(reason) => panic!("the relay closed: {reason:?}"),
            }
        }
    }

    fn post(&mut self, id: &DocumentId, connection: ConnectionId, input: DocumentInput) {
        let (now, relay) = (self.now, &self.relay);
        let document = self.documents.entry(id.clone()).or_insert_with(|| {
            let settings =
                DocumentSettings { id: id.clone(), relay: relay.clone(), is_writable: true };
            Document::open(now, settings)
        });
        document.handle_input(now, connection, input);
        self.drain_document(id);
    }

    fn drain_document(&mut self, id: &DocumentId) {
        let mut waiting = VecDeque::new();
        loop {
            let Some(document) = self.documents.get_mut(id) else { return };
            if let Some(save) = waiting.pop_front() {
                document.handle_saved(self.now, save);
            }
            let Some(output) = document.poll_output() else { return };
            match output {
                DocumentOutput::Load => {
                    let stored = self.stored.get(id).cloned().unwrap_or_default();
                    if self.index.numbers.contains_key(id) {
                        document.handle_counted(room());
                    }
                    document.handle_loaded(self.now, stored).expect("honest changes");
                }
                DocumentOutput::Save { save, changes, room } => {
                    if room.is_some() {
                        self.index.note(id);
                    }
                    let changes = changes.iter().map(|change| check_change(&change.chunk));
                    let changes = changes.map(|change| change.expect("it was taken in"));
                    self.stored.entry(id.clone()).or_default().extend(changes);
                    waiting.push_back(save);
                }
                DocumentOutput::Send { connection, lane, frame } => {
                    if let Some(socket) = self.sockets.get_mut(&connection) {
                        socket.outbox.push(id, lane, frame).expect("room in the outbox");
                    }
                }
                DocumentOutput::Refuse { reason, .. } => panic!("the relay refused: {reason:?}"),
                DocumentOutput::RoomChanged(root) => {
                    if let Some(document) = self.documents.get_mut(&root) {
                        document.handle_room_changed(self.now);
                    }
                }
                DocumentOutput::ReadRoom { since } => {
                    let page = self.page(since.as_ref());
                    if let Some(document) = self.documents.get_mut(id) {
                        document.handle_room_read(&page);
                    }
                }
                DocumentOutput::Idle => {}
            }
        }
    }

    /// What the relay's store tells of the room.
    fn page(&self, since: Option<&Cursor>) -> RoomPage {
        let after = since.and_then(|cursor| cursor.as_str().parse().ok());
        let mut page = RoomPage { is_whole: after.is_none(), ..RoomPage::default() };
        let mut reached = after.unwrap_or(0);
        for (number, document) in self.index.changed.range(reached + 1..) {
            if page.documents.len() == ROOM_DOCUMENTS_MAX {
                page.has_more = true;
                break;
            }
            reached = *number;
            let heads = heads_of(self.stored.get(document).map_or(&[], Vec::as_slice));
            page.documents.push(RoomDocument { document_id: document.clone(), heads });
        }
        page.cursor = Cursor::new(&reached.to_string()).ok();
        page
    }
}

/// A join as of a client that does not speak of rooms; other frames as they are.
fn without_rooms(frame: Bytes) -> Bytes {
    match Frame::decode(&frame, FRAME_BYTES_MAX) {
        Ok(Frame::Join { sender_id, metadata, protocol_versions }) => {
            let metadata = PeerMetadata { has_rooms: false, ..metadata };
            Frame::Join { sender_id, metadata, protocol_versions }.encode()
        }
        Ok(_) | Err(_) => frame,
    }
}

/// The changes that no other depends on, sorted; none where there are too many to be named.
fn heads_of(changes: &[CheckedChange]) -> Vec<ChangeHash> {
    let mut heads: BTreeSet<ChangeHash> = changes.iter().map(|change| change.hash).collect();
    for dep in changes.iter().flat_map(|change| &change.deps) {
        heads.remove(dep);
    }
    if heads.len() > ROOM_HEADS_MAX { Vec::new() } else { heads.into_iter().collect() }
}
