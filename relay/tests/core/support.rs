//! What the tests of the core share: names, authors of changes, and a document with its outputs sorted by receiver.
use std::collections::BTreeMap;

use automerge::sync::{State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, Change, ROOT};
use bytes::Bytes;
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::wire::{Ephemeral, Frame};
use warroom_protocol::{
    ChangeHash, ConnectionId, Cursor, DocumentId, PeerId, SaveId, StorageId, Timestamp,
};
use warroom_relay::core::close::ChangeRefusal;
use warroom_relay::core::history::LoadError;
use warroom_relay::core::{
    Access, CloseReason, Compacted, Document, DocumentInput, DocumentOutput, DocumentSettings,
    Lane, RoomPage, SavedChange,
};

pub(crate) fn peer(name: &str) -> PeerId {
    PeerId::new(name).unwrap()
}

pub(crate) fn storage(name: &str) -> StorageId {
    StorageId::new(name).unwrap()
}

pub(crate) fn document_id() -> DocumentId {
    DocumentId::from_bytes(&[7; 16]).unwrap()
}

pub(crate) fn relay_peer() -> PeerId {
    peer("relay")
}

/// An automerge document of the writer `actor`.
#[expect(clippy::disallowed_methods, reason = "the actor is set at once, and no text is counted")]
pub(crate) fn replica(actor: u32) -> Automerge {
    let mut bytes = [0; 16];
    bytes[12..].copy_from_slice(&actor.to_be_bytes());
    Automerge::new().with_actor(ActorId::from(&bytes))
}

/// One change that sets `key`.
pub(crate) fn put(replica: &mut Automerge, key: &str, value: i64) {
    let mut transaction = replica.transaction();
    transaction.put(ROOT, key, value).unwrap();
    transaction.commit();
}

/// A replica with `count` changes of the writer `actor`.
pub(crate) fn written(actor: u32, count: i64) -> Automerge {
    let mut writer = replica(actor);
    for number in 0..count {
        put(&mut writer, "n", number);
    }
    writer
}

/// All changes of a replica, each as an uncompressed chunk.
pub(crate) fn chunks(replica: &Automerge) -> Vec<Bytes> {
    let changes = replica.get_changes(&[]);
    changes.iter().map(|change| Bytes::copy_from_slice(change.raw_bytes())).collect()
}

/// Changes as a worker makes one chunk of them.
pub(crate) fn compacted(chunks: &[Bytes]) -> Compacted {
    let mut document = replica(0);
    let changes = chunks.iter().map(|chunk| Change::from_bytes(chunk.to_vec()).unwrap());
    document.apply_changes(changes).unwrap();
    Compacted { heads: heads(&document), chunk: document.save().into() }
}

/// Chunks as a store gives them back.
pub(crate) fn checked(chunks: &[Bytes]) -> Vec<CheckedChange> {
    chunks.iter().map(|chunk| check_change(chunk).unwrap()).collect()
}

pub(crate) fn heads(replica: &Automerge) -> Vec<ChangeHash> {
    replica.get_heads().iter().map(|head| ChangeHash(head.0)).collect()
}

/// What automerge says first on a new connection.
pub(crate) fn greeting(replica: &Automerge) -> SyncMessage {
    generate(replica, &mut State::new()).unwrap()
}

/// What automerge says next, through bytes.
pub(crate) fn generate(replica: &Automerge, state: &mut State) -> Option<SyncMessage> {
    let message = replica.generate_sync_message(state)?;
    Some(SyncMessage::decode(&message.encode().into()).unwrap())
}

/// Why who sent a change that does not fit is closed.
pub(crate) fn misfit(refusal: ChangeRefusal) -> CloseReason {
    CloseReason::Change { document_id: document_id(), refusal }
}

/// A message that carries `changes` and claims nothing else.
pub(crate) fn upload(replica: &Automerge, changes: Vec<Bytes>) -> SyncMessage {
    SyncMessage { heads: heads(replica), changes, ..SyncMessage::default() }
}

/// A document machine, the outputs of which are kept by receiver until they are looked at.
pub(crate) struct Desk {
    pub(crate) document: Document,
    pub(crate) now: Timestamp,
    pub(crate) frames: BTreeMap<ConnectionId, Vec<(Lane, Bytes)>>,
    pub(crate) saves: Vec<(SaveId, Vec<SavedChange>)>,
    /// The room that each save named, in their order.
    pub(crate) rooms_saved: Vec<Option<DocumentId>>,
    pub(crate) rooms_changed: Vec<DocumentId>,
    pub(crate) room_reads: Vec<Option<Cursor>>,
    pub(crate) refused: Vec<(ConnectionId, CloseReason)>,
    pub(crate) loads: usize,
    pub(crate) idles: usize,
}

impl Desk {
    /// A document that is not loaded yet.
    pub(crate) fn opening(is_writable: bool) -> Self {
        let now = Timestamp(1_000);
        let settings = DocumentSettings { id: document_id(), relay: relay_peer(), is_writable };
        let mut desk = Self {
            document: Document::open(now, settings),
            now,
            frames: BTreeMap::new(),
            saves: Vec::new(),
            rooms_saved: Vec::new(),
            rooms_changed: Vec::new(),
            room_reads: Vec::new(),
            refused: Vec::new(),
            loads: 0,
            idles: 0,
        };
        desk.drain();
        desk
    }

    /// A document with these stored chunks.
    pub(crate) fn open(stored: &[Bytes]) -> Self {
        let mut desk = Self::opening(true);
        desk.document.handle_loaded(desk.now, checked(stored)).unwrap();
        desk.drain();
        desk
    }

    fn drain(&mut self) {
        while let Some(output) = self.document.poll_output() {
            match output {
                DocumentOutput::Load => self.loads += 1,
                DocumentOutput::Save { save, changes, room } => {
                    self.saves.push((save, changes));
                    self.rooms_saved.push(room);
                }
                DocumentOutput::RoomChanged(root) => self.rooms_changed.push(root),
                DocumentOutput::ReadRoom { since } => self.room_reads.push(since),
                DocumentOutput::Send { connection, lane, frame } => {
                    self.frames.entry(connection).or_default().push((lane, frame));
                }
                DocumentOutput::Refuse { connection, reason } => {
                    self.refused.push((connection, reason));
                }
                DocumentOutput::Idle => self.idles += 1,
            }
        }
    }

    pub(crate) fn input(&mut self, connection: u64, input: DocumentInput) {
        self.document.handle_input(self.now, ConnectionId(connection), input);
        self.drain();
    }

    pub(crate) fn loaded(&mut self, stored: &[Bytes]) -> Result<(), LoadError> {
        let loaded = self.document.handle_loaded(self.now, checked(stored));
        self.drain();
        loaded
    }

    /// The peer `p<connection>` sends a message and may write.
    pub(crate) fn sync(&mut self, connection: u64, message: SyncMessage) {
        self.say(connection, (Access::Write, false), message);
    }

    pub(crate) fn request(&mut self, connection: u64, message: SyncMessage) {
        self.say(connection, (Access::Write, true), message);
    }

    pub(crate) fn say(
        &mut self,
        connection: u64,
        (access, is_request): (Access, bool),
        message: SyncMessage,
    ) {
        let (peer, storage) = (peer(&format!("p{connection}")), storage(&format!("s{connection}")));
        let (storage, frame_bytes) = (Some(storage), message.encode().len());
        let input = DocumentInput::Sync { peer, access, is_request, message, storage, frame_bytes };
        self.input(connection, input);
    }

    pub(crate) fn speak(&mut self, connection: u64, count: u64, data: &[u8]) {
        let message = Ephemeral {
            sender_id: peer(&format!("p{connection}")),
            target_id: relay_peer(),
            document_id: document_id(),
            session_id: warroom_protocol::SessionId::new("session").unwrap(),
            count,
            data: Bytes::copy_from_slice(data),
        };
        self.input(connection, DocumentInput::Ephemeral(message));
    }

    /// The disk answers the save that is under way.
    pub(crate) fn saved(&mut self) -> Vec<SavedChange> {
        let (save, changes) = self.saves.pop().unwrap();
        self.document.handle_saved(self.now, save);
        self.drain();
        changes
    }

    pub(crate) fn save_failed(&mut self) {
        let (save, _) = self.saves.pop().unwrap();
        self.document.handle_save_failed(self.now, save);
        self.drain();
    }

    /// The store answers the question about the room that is under way.
    pub(crate) fn room_read(&mut self, page: &RoomPage) {
        self.room_reads.pop().unwrap();
        self.document.handle_room_read(page);
        self.drain();
    }

    pub(crate) fn room_changed(&mut self) {
        self.document.handle_room_changed(self.now);
        self.drain();
    }

    pub(crate) fn wait_ms(&mut self, milliseconds: u64) {
        self.now = Timestamp(self.now.0 + milliseconds);
        if self.document.next_timeout().is_some_and(|at| at <= self.now) {
            self.document.handle_timeout(self.now);
        }
        self.drain();
    }

    /// Takes what was sent to a connection, and gives credit back for its sync frame.
    pub(crate) fn take(&mut self, connection: u64) -> Vec<Frame> {
        let frames = self.frames.remove(&ConnectionId(connection)).unwrap_or_default();
        let decoded =
            frames.iter().map(|(_, frame)| Frame::decode(frame, 1 << 24).unwrap()).collect();
        if frames.iter().any(|(lane, _)| *lane == Lane::Sync) {
            self.input(connection, DocumentInput::Credit);
        }
        decoded
    }

    /// As [`Self::take`], where the one thing sent is a sync message.
    pub(crate) fn take_sync(&mut self, connection: u64) -> SyncMessage {
        let frames = self.take(connection);
        assert_eq!(frames.len(), 1, "one frame: {frames:?}");
        let Frame::Sync { data, is_request: false, .. } = &frames[0] else {
            panic!("a sync frame: {frames:?}")
        };
        SyncMessage::decode(data).unwrap()
    }
}
