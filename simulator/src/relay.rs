//! The relay's process: its production machines and store, driven by simulated time instead of sockets and threads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{
    ChangeHash, ConnectionId, Cursor, DocumentId, PeerId, SaveId, StorageId, Timestamp,
};
use warroom_relay::core::{
    Access, CloseReason, Connection, ConnectionOutput, ConnectionSettings, Document, DocumentInput,
    DocumentOutput, DocumentSettings, Outbox,
};
use warroom_relay::limits::{
    MAILBOX_INPUTS_MAX, OUTBOX_CONTROL_BYTES_MAX, OUTBOX_PRESENCE_FRAMES_MAX,
};
use warroom_relay::store::{Append, Loaded, RedbStore, RoomRequest};

use crate::disk::Disk;
use crate::plan::Plant;

/// Bytes of the shortest frame there is: a map with a type and two ids.
const FRAME_BYTES_MIN: usize = 32;

/// What the world has to do for the relay.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Read a document from the store.
    Load(DocumentId),
    /// Read from the store what changed in a room.
    ReadRoom(DocumentId, Option<Cursor>),
    /// Something waits for a commit.
    Commit,
    /// The socket's writer may take the next frame.
    Write(ConnectionId),
    /// Close the connection.
    Close(ConnectionId, CloseReason),
}

#[derive(Debug)]
struct Socket {
    machine: Connection,
    outbox: Outbox,
    is_writing: bool,
}

#[derive(Debug)]
struct Open {
    machine: Document,
    mailbox: VecDeque<(ConnectionId, DocumentInput)>,
}

/// The relay's process.
#[derive(Debug)]
pub(crate) struct Relay {
    store: RedbStore,
    storage: StorageId,
    name: PeerId,
    sockets: BTreeMap<ConnectionId, Socket>,
    documents: BTreeMap<DocumentId, Open>,
    peers: BTreeMap<PeerId, ConnectionId>,
    waiting: Vec<(SaveId, Append)>,
    /// What this process saw on the disk or committed to it.
    durable: BTreeMap<DocumentId, BTreeSet<ChangeHash>>,
    /// Says "saved" before the commit: the bug put in on purpose.
    tells_early: bool,
    /// Leaves out the newest document of each page that names what changed in a room: another such bug.
    forgets: bool,
    wishes: Vec<Wish>,
}

impl Relay {
    /// Starts on what the disk kept.
    ///
    /// # Errors
    /// A sentence, when the store can't be opened.
    pub(crate) fn start(
        disk: &Disk,
        (fresh, life): (&StorageId, u64),
        plant: Option<Plant>,
    ) -> Result<Self, String> {
        let mut store =
            RedbStore::open_backend(disk.handle()).map_err(|error| error.to_string())?;
        let storage = store.storage_id(fresh).map_err(|error| error.to_string())?;
        store.begin_epoch(&format!("life {life}")).map_err(|error| error.to_string())?;
        let name = PeerId::new(storage.as_str()).map_err(|error| error.to_string())?;
        Ok(Self {
            store,
            storage,
            name,
            sockets: BTreeMap::new(),
            documents: BTreeMap::new(),
            peers: BTreeMap::new(),
            waiting: Vec::new(),
            durable: BTreeMap::new(),
            tells_early: plant == Some(Plant::TellBeforeCommit),
            forgets: plant == Some(Plant::ForgetDocument),
            wishes: Vec::new(),
        })
    }

    /// A socket was accepted.
    pub(crate) fn accept(&mut self, now: Timestamp, id: ConnectionId) {
        let settings = ConnectionSettings {
            relay: self.name.clone(),
            storage: self.storage.clone(),
            access: Access::Write,
        };
        let machine = Connection::open(now, settings);
        self.sockets.insert(id, Socket { machine, outbox: Outbox::new(), is_writing: false });
    }

    /// Whether the reader of the socket would take a frame now, or waits for a full mailbox.
    pub(crate) fn is_reading(&self) -> bool {
        self.documents.values().all(|open| open.mailbox.len() < MAILBOX_INPUTS_MAX)
    }

    /// A frame arrived.
    pub(crate) fn receive(&mut self, now: Timestamp, id: ConnectionId, frame: &Bytes) -> Vec<Wish> {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.machine.handle_frame(now, frame);
            self.drain_socket(now, id);
        }
        self.take_wishes()
    }

    /// The socket is gone.
    pub(crate) fn disconnect(&mut self, now: Timestamp, id: ConnectionId) -> Vec<Wish> {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.machine.handle_disconnected(now);
            self.drain_socket(now, id);
        }
        self.take_wishes()
    }

    /// The socket's writer takes the next frame.
    pub(crate) fn write(&mut self, now: Timestamp, id: ConnectionId) -> (Option<Bytes>, Vec<Wish>) {
        let Some(socket) = self.sockets.get_mut(&id) else { return (None, Vec::new()) };
        socket.is_writing = false;
        let Some(taken) = socket.outbox.take_next() else { return (None, Vec::new()) };
        if !socket.outbox.is_empty() {
            socket.is_writing = true;
            self.wishes.push(Wish::Write(id));
        }
        if let Some(document) = taken.credit {
            self.post(now, &document, id, DocumentInput::Credit);
        }
        (Some(taken.frame), self.take_wishes())
    }

    /// The store read a document.
    ///
    /// # Errors
    /// A sentence, when the disk failed.
    pub(crate) fn load(&mut self, now: Timestamp, id: &DocumentId) -> Result<Vec<Wish>, String> {
        let Loaded { changes, room, .. } = self.read_all(id)?;
        if let Some(open) = self.documents.get_mut(id) {
            if let Some(room) = room {
                open.machine.handle_counted(room);
            }
            open.machine.handle_loaded(now, changes).map_err(|error| error.to_string())?;
            self.drain_document(now, id);
        }
        Ok(self.take_wishes())
    }

    /// What the store has of a document.
    ///
    /// # Errors
    /// A sentence, when the disk failed or something in it could not be read.
    pub(crate) fn read(&mut self, id: &DocumentId) -> Result<Vec<CheckedChange>, String> {
        Ok(self.read_all(id)?.changes)
    }

    fn read_all(&mut self, id: &DocumentId) -> Result<Loaded, String> {
        let loaded = self.store.load(id).map_err(|error| error.to_string())?;
        if loaded.quarantined > 0 {
            return Err(format!("{} records of {id} went to quarantine", loaded.quarantined));
        }
        let durable = self.durable.entry(id.clone()).or_default();
        durable.extend(loaded.changes.iter().map(|change| change.hash));
        Ok(loaded)
    }

    /// The store read what changed in a room.
    ///
    /// # Errors
    /// A sentence, when the disk failed.
    pub(crate) fn read_room(
        &mut self,
        now: Timestamp,
        root: &DocumentId,
        since: Option<Cursor>,
    ) -> Result<Vec<Wish>, String> {
        let request = RoomRequest { root: root.clone(), since };
        let mut page = self.store.room(&request).map_err(|error| error.to_string())?;
        if self.forgets {
            page.documents.pop();
        }
        if let Some(open) = self.documents.get_mut(root) {
            open.machine.handle_room_read(&page);
            self.drain_document(now, root);
        }
        Ok(self.take_wishes())
    }

    /// Whether a change is known to be on the disk.
    pub(crate) fn is_durable(&self, id: &DocumentId, hash: &ChangeHash) -> bool {
        self.durable.get(id).is_some_and(|hashes| hashes.contains(hash))
    }

    /// Commits everything that waits, in one transaction.
    ///
    /// # Errors
    /// A sentence, when the disk failed or an append was refused.
    pub(crate) fn commit(&mut self, now: Timestamp) -> Result<Vec<Wish>, String> {
        let (saves, appends): (Vec<SaveId>, Vec<Append>) =
            std::mem::take(&mut self.waiting).into_iter().unzip();
        let outcomes = self.store.commit(&appends).map_err(|error| error.to_string())?;
        for ((save, append), outcome) in saves.into_iter().zip(&appends).zip(outcomes) {
            outcome.map_err(|refused| format!("an append was refused: {refused:?}"))?;
            let durable = self.durable.entry(append.document_id.clone()).or_default();
            durable.extend(append.changes.iter().map(|change| change.hash));
            if let Some(open) =
                self.documents.get_mut(&append.document_id).filter(|_| !self.tells_early)
            {
                open.machine.handle_saved(now, save);
                self.drain_document(now, &append.document_id);
            }
        }
        Ok(self.take_wishes())
    }

    /// When something is due.
    pub(crate) fn next_timeout(&self) -> Option<Timestamp> {
        let sockets = self.sockets.values().filter_map(|socket| socket.machine.next_timeout());
        let documents = self.documents.values().filter_map(|open| open.machine.next_timeout());
        sockets.chain(documents).min()
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp) -> Vec<Wish> {
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let due = self.sockets.iter().filter(|(_, socket)| is_due(socket.machine.next_timeout()));
        for id in due.map(|(id, _)| *id).collect::<Vec<_>>() {
            if let Some(socket) = self.sockets.get_mut(&id) {
                socket.machine.handle_timeout(now);
                self.drain_socket(now, id);
            }
        }
        let due = self.documents.iter().filter(|(_, open)| is_due(open.machine.next_timeout()));
        for id in due.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            if let Some(open) = self.documents.get_mut(&id) {
                open.machine.handle_timeout(now);
                self.drain_document(now, &id);
            }
        }
        self.take_wishes()
    }

    /// Whether nothing waits in any mailbox, outbox or save.
    pub(crate) fn is_quiet(&self) -> bool {
        self.waiting.is_empty()
            && self.documents.values().all(|open| open.mailbox.is_empty())
            && self.sockets.values().all(|socket| socket.outbox.is_empty())
    }

    fn take_wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    fn drain_socket(&mut self, now: Timestamp, id: ConnectionId) {
        while let Some(output) =
            self.sockets.get_mut(&id).and_then(|socket| socket.machine.poll_output())
        {
            match output {
                ConnectionOutput::Send(frame) => {
                    let pushed =
                        self.sockets.get_mut(&id).map(|socket| socket.outbox.push_control(frame));
                    if pushed.is_some_and(|pushed| pushed.is_err()) {
                        self.refuse(now, id, CloseReason::Overloaded);
                    }
                    self.wish_to_write(id);
                }
                ConnectionOutput::Joined { peer, .. } => {
                    if let Some(older) = self.peers.insert(peer, id).filter(|older| *older != id) {
                        self.refuse(now, older, CloseReason::Replaced);
                    }
                }
                ConnectionOutput::Route { document, input } => self.post(now, &document, id, input),
                // the simulated network answers for the socket
                ConnectionOutput::Ping => {
                    if let Some(socket) = self.sockets.get_mut(&id) {
                        socket.machine.handle_pong(now);
                    }
                }
                ConnectionOutput::Close(reason) => {
                    self.sockets.remove(&id);
                    self.peers.retain(|_, holder| *holder != id);
                    self.wishes.push(Wish::Close(id, reason));
                }
            }
        }
    }

    fn post(
        &mut self,
        now: Timestamp,
        id: &DocumentId,
        connection: ConnectionId,
        input: DocumentInput,
    ) {
        if !self.documents.contains_key(id) {
            let settings =
                DocumentSettings { id: id.clone(), relay: self.name.clone(), is_writable: true };
            let open = Open { machine: Document::open(now, settings), mailbox: VecDeque::new() };
            self.documents.insert(id.clone(), open);
        }
        if let Some(open) = self.documents.get_mut(id) {
            open.mailbox.push_back((connection, input));
        }
        self.drain_document(now, id);
    }

    fn drain_document(&mut self, now: Timestamp, id: &DocumentId) {
        loop {
            let Some(open) = self.documents.get_mut(id) else { return };
            if let Some(output) = open.machine.poll_output() {
                self.take_output(now, id, output);
            } else if open.machine.is_taking()
                && let Some((connection, input)) = open.mailbox.pop_front()
            {
                open.machine.handle_input(now, connection, input);
            } else {
                return;
            }
        }
    }

    fn take_output(&mut self, now: Timestamp, id: &DocumentId, output: DocumentOutput) {
        match output {
            DocumentOutput::Load => self.wishes.push(Wish::Load(id.clone())),
            DocumentOutput::Save { save, changes, room } => {
                self.waiting.push((save, Append { document_id: id.clone(), changes, room }));
                self.wishes.push(Wish::Commit);
                if let Some(open) = self.documents.get_mut(id).filter(|_| self.tells_early) {
                    open.machine.handle_saved(now, save);
                }
            }
            DocumentOutput::RoomChanged(root) => {
                if let Some(open) = self.documents.get_mut(&root) {
                    open.machine.handle_room_changed(now);
                }
            }
            DocumentOutput::ReadRoom { since } => {
                self.wishes.push(Wish::ReadRoom(id.clone(), since));
            }
            DocumentOutput::Send { connection, lane, frame } => {
                let Some(socket) = self.sockets.get_mut(&connection) else { return };
                let pushed = socket.outbox.push(id, lane, frame);
                let bound = OUTBOX_CONTROL_BYTES_MAX / FRAME_BYTES_MIN
                    + OUTBOX_PRESENCE_FRAMES_MAX
                    + self.documents.len();
                assert!(
                    socket.outbox.len() <= bound,
                    "an outbox of {} frames",
                    socket.outbox.len()
                );
                if pushed.is_err() {
                    self.refuse(now, connection, CloseReason::Overloaded);
                }
                self.wish_to_write(connection);
            }
            DocumentOutput::Refuse { connection, reason } => self.refuse(now, connection, reason),
            DocumentOutput::Idle => {
                let is_needed = self.documents.get(id).is_some_and(|open| !open.mailbox.is_empty());
                if !is_needed {
                    self.documents.remove(id);
                }
            }
        }
    }

    fn refuse(&mut self, now: Timestamp, id: ConnectionId, reason: CloseReason) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.machine.handle_refused(now, reason);
            self.drain_socket(now, id);
        }
    }

    fn wish_to_write(&mut self, id: ConnectionId) {
        if let Some(socket) = self.sockets.get_mut(&id).filter(|socket| !socket.is_writing) {
            socket.is_writing = true;
            self.wishes.push(Wish::Write(id));
        }
    }
}
