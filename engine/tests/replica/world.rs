//! Devices around a hub: each a replica with its storage and a reader of its deltas. Everything that can happen at once
//! does, in order; time passes only when a test says so.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use warroom_engine::{
    Answer, Board, CardId, Chunk, ColumnId, Command, CommandError, CommentId, ConnectionKind,
    Delta, Hash, Output, Person, Position, PresenceDelta, Question, QuestionError, Replica,
    RoomOptions, Splice, StorageState, Talk, TalkCommand, TextTarget, Typist, UserId,
};
use warroom_protocol::{ConnectionId, DocumentId, SaveId, Seed, Timestamp};

use crate::hub::Hub;

/// Chunks under their hash.
type Chunks = BTreeMap<[u8; 32], Bytes>;

/// One device: a tab, or a program.
#[expect(clippy::struct_excessive_bools, reason = "each is a fault of its own")]
pub(crate) struct Device {
    pub(crate) replica: Replica,
    user: String,
    pub(crate) disk: BTreeMap<DocumentId, Chunks>,
    /// What lies beside the chunks.
    pub(crate) projections: BTreeMap<DocumentId, Bytes>,
    /// How many of these were written.
    pub(crate) written: usize,
    /// How often chunks were to be replaced, and whether that fails.
    pub(crate) compactions: usize,
    pub(crate) cannot_compact: bool,
    /// A torn chunk stays where it is, and a copy is put apart.
    pub(crate) leaves_torn: bool,
    pub(crate) quarantine: Vec<Chunk>,
    /// What a reader of the deltas has.
    view: Board,
    talk_view: Talk,
    pub(crate) deltas: Vec<Delta>,
    /// Views that were shown before the board was read.
    pub(crate) projected: Vec<Delta>,
    /// The disk takes its time to read; what it was asked for.
    pub(crate) is_loading: bool,
    asked: Vec<DocumentId>,
    pub(crate) presence: Vec<PresenceDelta>,
    pub(crate) answers: Vec<(u64, Result<Answer, QuestionError>)>,
    /// Reasons of the connections that it closed.
    pub(crate) closed: Vec<String>,
    /// Whether a cable leads to the hub.
    pub(crate) has_network: bool,
    connection: Option<ConnectionId>,
    tabs: BTreeMap<ConnectionId, (usize, ConnectionId)>,
    /// Saves are kept back instead of being confirmed.
    pub(crate) is_slow: bool,
    /// The disk gives nothing back.
    pub(crate) cannot_read: bool,
    /// Frames to and from the relay are lost, and the socket does not notice.
    pub(crate) is_cut_off: bool,
    pub(crate) kept_back: Vec<(SaveId, DocumentId, Chunk)>,
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) hub: Hub,
    pub(crate) devices: Vec<Device>,
    /// What the next replica to be opened is told of earlier ones.
    pub(crate) breakdowns: Vec<Vec<Hash>>,
    connections: u64,
    openings: u8,
}

pub(crate) fn room() -> DocumentId {
    DocumentId::from_room_name("test")
}

pub(crate) fn card(id: &str) -> CardId {
    CardId::new(id).unwrap()
}

pub(crate) fn column(id: &str) -> ColumnId {
    ColumnId::new(id).unwrap()
}

pub(crate) fn add(id: &str) -> Command {
    let (column, title) = (column("todo"), id.to_owned());
    Command::AddCard { id: card(id), column, title, position: Position::End }
}

pub(crate) fn talk(command: TalkCommand) -> Command {
    Command::Talk { command }
}

/// Says something about a card.
pub(crate) fn say(id: &str, about: &str) -> Command {
    let id = CommentId::new(id).unwrap();
    talk(TalkCommand::AddComment { id, card: card(about), text: "hello".to_owned() })
}

pub(crate) fn body(id: &str) -> TextTarget {
    TextTarget::Body { card: card(id) }
}

impl World {
    /// One device for each user, all with a cable, all loaded and connected.
    pub(crate) fn new(users: &[&str]) -> Self {
        let (hub, devices) = (Hub::new(), Vec::new());
        let breakdowns = Vec::new();
        let now = Timestamp(1_000_000);
        let mut world = Self { now, hub, devices, breakdowns, connections: 0, openings: 0 };
        for user in users {
            world.add_device(user);
        }
        world.settle();
        world
    }

    pub(crate) fn add_device(&mut self, user: &str) -> usize {
        let replica = self.open(user);
        self.devices.push(Device {
            replica,
            user: user.to_owned(),
            disk: BTreeMap::new(),
            projections: BTreeMap::new(),
            written: 0,
            compactions: 0,
            cannot_compact: false,
            leaves_torn: false,
            quarantine: Vec::new(),
            view: Board::default(),
            talk_view: Talk::default(),
            deltas: Vec::new(),
            projected: Vec::new(),
            is_loading: false,
            asked: Vec::new(),
            presence: Vec::new(),
            answers: Vec::new(),
            closed: Vec::new(),
            has_network: true,
            connection: None,
            tabs: BTreeMap::new(),
            is_slow: false,
            cannot_read: false,
            is_cut_off: false,
            kept_back: Vec::new(),
        });
        self.devices.len() - 1
    }

    pub(crate) fn open(&mut self, user: &str) -> Replica {
        self.openings += 1;
        let person =
            Person { id: UserId::new(user).unwrap(), name: user.to_uppercase(), colour: 1 };
        let options = RoomOptions {
            board: room(),
            person,
            storage: StorageState::Durable,
            breakdowns: std::mem::take(&mut self.breakdowns),
        };
        Replica::open(self.now, Seed([self.openings; 32]), options)
    }

    /// The program dies and starts again with what is on its disk.
    pub(crate) fn restart(&mut self, device: usize) {
        self.restart_offline(device);
        self.plug(device);
    }

    /// As [`Self::restart`], without its cable.
    pub(crate) fn restart_offline(&mut self, device: usize) {
        self.unplug(device);
        let tabs: Vec<ConnectionId> = self.devices[device].tabs.keys().copied().collect();
        for tab in tabs {
            self.close_tab(device, tab);
        }
        let user = self.devices[device].user.clone();
        let replica = self.open(&user);
        let it = &mut self.devices[device];
        it.replica = replica;
        it.view = Board::default();
        it.talk_view = Talk::default();
        it.deltas.clear();
        it.kept_back.clear();
        it.projected.clear();
        it.asked.clear();
        self.settle();
    }

    /// Pulls a device's cable.
    pub(crate) fn unplug(&mut self, device: usize) {
        self.devices[device].has_network = false;
        self.cut(device);
    }

    /// Plugs it in again, and says so.
    pub(crate) fn plug(&mut self, device: usize) {
        self.devices[device].has_network = true;
        let now = self.now;
        self.devices[device].replica.handle_retry(now);
        self.settle();
    }

    /// The socket to the hub breaks, with all that was in it.
    pub(crate) fn cut(&mut self, device: usize) {
        if let Some(connection) = self.devices[device].connection.take() {
            self.hub.disconnect(device);
            let now = self.now;
            self.devices[device].replica.handle_disconnected(now, connection);
        }
    }

    /// Joins two devices as tabs of one browser; their disks stay apart.
    pub(crate) fn join_tabs(&mut self, a: usize, b: usize) {
        let (at_a, at_b) = (self.fresh(), self.fresh());
        self.devices[a].tabs.insert(at_a, (b, at_b));
        self.devices[b].tabs.insert(at_b, (a, at_a));
        for (one, at, other) in [(a, at_a, b), (b, at_b, a)] {
            let peer = self.devices[other].replica.peer_id().clone();
            let now = self.now;
            self.devices[one].replica.handle_connected(now, at, ConnectionKind::Tab { peer });
        }
        self.settle();
    }

    fn close_tab(&mut self, device: usize, at: ConnectionId) {
        let Some((other, there)) = self.devices[device].tabs.remove(&at) else { return };
        self.devices[other].tabs.remove(&there);
        let now = self.now;
        self.devices[other].replica.handle_disconnected(now, there);
        self.devices[device].replica.handle_disconnected(now, at);
    }

    fn fresh(&mut self) -> ConnectionId {
        self.connections += 1;
        ConnectionId(self.connections)
    }

    /// A person does something, and everything that follows happens.
    pub(crate) fn command(&mut self, device: usize, command: Command) -> Result<u64, CommandError> {
        let now = self.now;
        let result = self.devices[device].replica.handle_command(now, command);
        self.settle();
        result
    }

    /// A person asks, and the answer comes.
    pub(crate) fn ask(
        &mut self,
        device: usize,
        question: Question,
    ) -> Result<Answer, QuestionError> {
        let number = u64::MAX;
        let now = self.now;
        self.devices[device].replica.handle_question(now, number, question);
        self.settle();
        let answers = &mut self.devices[device].answers;
        let at = answers.iter().position(|(of, _)| *of == number).unwrap();
        answers.remove(at).1
    }

    /// Types at the start of an open text.
    pub(crate) fn type_in(&mut self, device: usize, text: &TextTarget, insert: &str) {
        let seen = self.devices[device].seen(text);
        let splice = Splice { at: 0, delete: 0, insert: insert.to_owned() };
        self.command(device, Command::EditText { text: text.clone(), seen, splice }).unwrap();
    }

    /// Opens the body of a card, types at its start and closes it.
    pub(crate) fn write_body(&mut self, device: usize, id: &str, text: &str) {
        self.read(device, &body(id));
        self.type_in(device, &body(id), text);
        self.command(device, Command::CloseText { text: body(id) }).unwrap();
    }

    /// As [`Self::type_in`], if the text is open.
    pub(crate) fn try_type(&mut self, device: usize, text: &TextTarget, insert: &str) {
        let seen = self.devices[device].seen(text);
        let splice = Splice { at: 0, delete: 0, insert: insert.to_owned() };
        drop(self.command(device, Command::EditText { text: text.clone(), seen, splice }));
    }

    /// Whether no two devices are joined as tabs.
    pub(crate) fn tabs_are_apart(&self) -> bool {
        self.devices.iter().all(|device| device.tabs.is_empty())
    }

    /// Opens a text and gives what it holds.
    pub(crate) fn read(&mut self, device: usize, text: &TextTarget) -> String {
        self.devices[device].deltas.clear();
        self.command(device, Command::OpenText { text: text.clone() }).unwrap();
        let mut typist = None;
        for delta in &self.devices[device].deltas {
            match delta {
                Delta::TextOpened { text: opened, content } if opened == text => {
                    typist = Some(Typist::new(content));
                }
                Delta::TextSpliced { text: spliced, origin, splice } if spliced == text => {
                    typist.as_mut().unwrap().handle_spliced(*origin, splice);
                }
                _ => {}
            }
        }
        typist.unwrap().text()
    }

    /// Everything that can happen without time passing happens.
    pub(crate) fn settle(&mut self) {
        loop {
            let mut is_quiet = true;
            for device in 0..self.devices.len() {
                while let Some(output) = self.devices[device].replica.poll_output() {
                    is_quiet = false;
                    self.act(device, output);
                }
                self.devices[device].check();
            }
            while let Some((line, frame)) = self.hub.poll() {
                is_quiet = false;
                let now = self.now;
                let it = &mut self.devices[line];
                if let Some(connection) = it.connection.filter(|_| !it.is_cut_off) {
                    it.replica.handle_received(now, connection, &frame);
                }
            }
            if is_quiet {
                break;
            }
        }
    }

    /// Time passes, timeout by timeout.
    pub(crate) fn wait(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        loop {
            let next = self.devices.iter().filter_map(|device| device.replica.next_timeout()).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = next.max(self.now);
            let now = self.now;
            for device in &mut self.devices {
                if device.replica.next_timeout().is_some_and(|at| at <= now) {
                    device.replica.handle_timeout(now);
                }
            }
            self.settle();
        }
        self.now = end;
    }

    fn act(&mut self, device: usize, output: Output) {
        let now = self.now;
        let it = &mut self.devices[device];
        match output {
            Output::Deltas(deltas) => {
                for delta in &deltas {
                    it.view.apply(delta);
                    it.talk_view.apply(delta);
                }
                it.deltas.extend(deltas);
            }
            Output::LoadProjection { document } => {
                let bytes = it.projections.get(&document).cloned();
                it.replica.handle_projection(now, &document, bytes.as_ref());
            }
            Output::Projected { json } => {
                let reset = Delta::of_json(&json).unwrap();
                it.view.apply(&reset);
                it.projected.push(reset);
            }
            Output::StoreProjection { document, bytes } => {
                it.written += 1;
                it.projections.insert(document, bytes);
            }
            Output::Presence(deltas) => it.presence.extend(deltas),
            Output::Status(_) => {}
            Output::Answer { number, answer } => it.answers.push((number, answer)),
            Output::Load { document } if it.cannot_read => {
                it.replica.handle_load_failed(now, &document);
            }
            Output::Load { document } if it.is_loading => it.asked.push(document),
            Output::Load { document } => it.load(now, &document),
            Output::Store { save, document, chunk } => {
                it.kept_back.push((save, document, chunk));
                if !it.is_slow {
                    it.store_all(now);
                }
            }
            Output::Compact { document, chunks, replaced } => {
                it.compact(now, &document, chunks, &replaced);
            }
            Output::Quarantine { document, chunk } => {
                if !it.leaves_torn {
                    it.disk.entry(document).or_default().remove(&chunk.hash);
                }
                it.quarantine.push(chunk);
            }
            Output::Send { connection, frame } => self.carry(device, connection, &frame),
            Output::Dial if it.has_network => {
                let connection = self.fresh();
                self.devices[device].connection = Some(connection);
                self.hub.connect(now, device);
                let replica = &mut self.devices[device].replica;
                replica.handle_connected(now, connection, ConnectionKind::Relay);
            }
            Output::Dial => it.replica.handle_dial_failed(now),
            Output::Close { connection, reason } => {
                it.closed.push(reason);
                if it.connection == Some(connection) {
                    it.connection = None;
                    self.hub.disconnect(device);
                } else {
                    self.close_tab(device, connection);
                }
            }
        }
    }

    fn carry(&mut self, device: usize, connection: ConnectionId, frame: &Bytes) {
        let it = &self.devices[device];
        if it.connection == Some(connection) {
            if it.is_cut_off {
                return;
            }
            self.hub.receive(device, frame);
        } else if let Some((other, there)) = it.tabs.get(&connection).copied() {
            let now = self.now;
            self.devices[other].replica.handle_received(now, there, frame);
        }
    }

    pub(crate) fn board(&self, device: usize) -> &Board {
        self.devices[device].replica.board().unwrap()
    }

    pub(crate) fn talk(&self, device: usize) -> &Talk {
        self.devices[device].replica.talk().unwrap()
    }

    pub(crate) fn status(&self, device: usize) -> &warroom_engine::Status {
        self.devices[device].replica.status()
    }
}

impl Device {
    /// The disk reads a document.
    fn load(&mut self, now: Timestamp, document: &DocumentId) {
        let chunks = self.disk.entry(document.clone()).or_default().iter();
        let chunks = chunks.map(|(hash, bytes)| Chunk { hash: *hash, bytes: bytes.clone() });
        let chunks = chunks.collect();
        self.replica.handle_loaded(now, document, chunks);
    }

    /// The disk replaces chunks, if it can.
    fn compact(
        &mut self,
        now: Timestamp,
        document: &DocumentId,
        chunks: Vec<Chunk>,
        replaced: &[Hash],
    ) {
        self.compactions += 1;
        if !self.cannot_compact {
            let stored = self.disk.entry(document.clone()).or_default();
            stored.extend(chunks.into_iter().map(|chunk| (chunk.hash, chunk.bytes)));
            stored.retain(|hash, _| !replaced.contains(hash));
        }
        self.replica.handle_compacted(now, document, !self.cannot_compact);
    }

    /// The disk reads what it was asked for.
    pub(crate) fn load_all(&mut self, now: Timestamp) {
        self.is_loading = false;
        for document in std::mem::take(&mut self.asked) {
            self.load(now, &document);
        }
    }

    /// The disk does what was asked of it.
    pub(crate) fn store_all(&mut self, now: Timestamp) {
        for (save, document, chunk) in std::mem::take(&mut self.kept_back) {
            self.disk.entry(document).or_default().insert(chunk.hash, chunk.bytes);
            self.replica.handle_stored(now, save);
        }
    }

    /// The deltas lead to the board and the talk.
    fn check(&self) {
        if let Some(talk) = self.replica.talk() {
            assert_eq!(&self.talk_view, talk, "the deltas lead to the view");
        }
        if let Some(board) = self.replica.board() {
            assert_eq!(&self.view, board, "the deltas lead to the view");
        }
    }

    /// How many splices of others were told of a text since it was opened.
    fn seen(&self, text: &TextTarget) -> u64 {
        let mut seen = 0;
        for delta in &self.deltas {
            match delta {
                Delta::TextOpened { text: opened, .. } if opened == text => seen = 0,
                Delta::TextSpliced { text: spliced, origin, .. }
                    if spliced == text && *origin == warroom_engine::Origin::Remote =>
                {
                    seen += 1;
                }
                _ => {}
            }
        }
        seen
    }
}
