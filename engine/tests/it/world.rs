//! Replicas without a network: each holds its view against the deltas it told and against a view made anew.

use automerge::sync::{State, SyncDoc};
use automerge::transaction::{CommitOptions, Transaction};
use automerge::{ActorId, Automerge, ReadDoc, TextEncoding};
use bytes::Bytes;
use warroom_engine::{
    AttachmentKind, BlobId, Board, BoardDocument, CardId, Chunk, Colour, ColumnId, Command,
    CommandError, Delta, Edited, Import, ImportError, Imported, ItemId, LabelId, Position, UserId,
};
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{DocumentId, Seed, Timestamp};

pub(crate) fn card(text: &str) -> CardId {
    CardId::new(text).unwrap()
}

pub(crate) fn column(text: &str) -> ColumnId {
    ColumnId::new(text).unwrap()
}

pub(crate) fn add(id: &str, to: &str, title: &str) -> Command {
    let (id, column, position) = (card(id), column(to), Position::End);
    Command::AddCard { id, column, title: title.to_owned(), position }
}

pub(crate) fn move_card(id: &str, to: &str, position: Position<CardId>) -> Command {
    Command::MoveCard { id: card(id), column: column(to), position }
}

pub(crate) fn title(id: &str, title: &str) -> Command {
    Command::SetTitle { id: card(id), title: title.to_owned() }
}

pub(crate) fn label(text: &str) -> LabelId {
    LabelId::new(text).unwrap()
}

pub(crate) fn item(text: &str) -> ItemId {
    ItemId::new(text).unwrap()
}

pub(crate) fn user(text: &str) -> UserId {
    UserId::new(text).unwrap()
}

pub(crate) fn add_label(id: &str) -> Command {
    Command::AddLabel { id: label(id), name: id.to_uppercase(), colour: Some(Colour::Red) }
}

/// Adds an item to the checklist of card a.
pub(crate) fn add_item(id: &str) -> Command {
    let (card, id, text, position) = (card("a"), item(id), id.to_uppercase(), Position::End);
    Command::AddItem { card, id, text, position }
}

/// Adds a file to card a.
pub(crate) fn attach(id: &str) -> Command {
    let (name, mime) = (format!("{id}.png"), "image/png".to_owned());
    let (card, id, kind) = (card("a"), BlobId::new(id).unwrap(), AttachmentKind::File);
    Command::AddAttachment { card, id, kind, name, mime, bytes: 1_234, duration_ms: None }
}

pub(crate) fn delete(id: &str) -> Command {
    Command::DeleteCard { id: card(id) }
}

/// One replica of the room *test*.
pub(crate) struct Peer {
    pub(crate) doc: BoardDocument,
    /// What a reader of the deltas has.
    view: Board,
    /// Every delta told so far since the last look.
    pub(crate) told: Vec<Delta>,
    pub(crate) now: Timestamp,
    chunks: Vec<Chunk>,
}

impl Peer {
    /// A new replica of person `p<number>`; its actor grows from the number.
    pub(crate) fn new(number: u8) -> Self {
        Self::of_chunks(number, Vec::new())
    }

    /// A replica that reads what an earlier one has stored.
    pub(crate) fn of_chunks(number: u8, chunks: Vec<Chunk>) -> Self {
        let id = DocumentId::from_room_name("test");
        let person = UserId::new(&format!("p{number}")).unwrap();
        let (doc, report) = BoardDocument::open(id, person, Seed([number; 32]), chunks.clone());
        assert_eq!(report.quarantined, [], "every chunk was read");
        let (view, told, now) = (Board::default(), Vec::new(), Timestamp(1_000_000));
        let mut peer = Self { doc, view, told, now, chunks };
        peer.settle();
        peer
    }

    /// Takes deltas and chunks, and checks that the deltas lead to the view and the view is that of the document.
    fn settle(&mut self) {
        for delta in self.doc.take_deltas() {
            self.view.apply(&delta);
            self.told.push(delta);
        }
        assert_eq!(&self.view, self.doc.board(), "the deltas lead to the view");
        if !self.doc.has_unwritten() {
            assert_eq!(self.doc.board(), &self.doc.rebuilt(), "the view is that of the document");
        }
        self.chunks.extend(self.doc.take_new_chunk());
    }

    pub(crate) fn stored(&self) -> Vec<Chunk> {
        self.chunks.clone()
    }

    pub(crate) fn board(&self) -> &Board {
        self.doc.board()
    }

    pub(crate) fn try_do(&mut self, command: Command) -> Result<Edited, CommandError> {
        self.now.0 += 1;
        let result = self.doc.apply_command(self.now, command);
        self.settle();
        result
    }

    pub(crate) fn import(&mut self, import: Import) -> Result<Imported, ImportError> {
        self.now.0 += 1;
        let result = self.doc.import(self.now, import);
        self.settle();
        result
    }

    /// Does what must succeed.
    pub(crate) fn act(&mut self, command: Command) -> bool {
        let name = format!("{command:?}");
        match self.try_do(command) {
            Ok(edited) => edited.wrote,
            Err(error) => panic!("{name}: {error}"),
        }
    }

    pub(crate) fn act_all(&mut self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            self.act(command);
        }
    }

    /// The body of this card was written in.
    pub(crate) fn note_body_edit(&mut self, id: &str) {
        self.now.0 += 1;
        self.doc.note_body_edit(self.now, &card(id)).unwrap();
        self.settle();
    }

    pub(crate) fn timeout(&mut self, now: Timestamp) {
        self.now = now;
        self.doc.handle_timeout(now);
        self.settle();
    }

    pub(crate) fn flush(&mut self) {
        self.doc.flush(self.now);
        self.settle();
    }

    /// Gets every change that `other` has written out.
    pub(crate) fn pull(&mut self, other: &Self) {
        let changes: Vec<_> = other
            .doc
            .doc()
            .get_changes(&[])
            .iter()
            .filter(|change| self.doc.doc().get_change_by_hash(&change.hash()).is_none())
            .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap())
            .collect();
        self.doc.receive_changes(self.now, &changes).unwrap();
        self.settle();
    }

    /// The ids of the cards in a column, in order.
    pub(crate) fn cards_in(&self, id: &str) -> Vec<String> {
        self.board().cards_in(&column(id)).map(|card| card.id.to_string()).collect()
    }

    pub(crate) fn title_of(&self, id: &str) -> String {
        self.board().card(&card(id)).unwrap().title.clone()
    }

    pub(crate) fn take_told(&mut self) -> Vec<Delta> {
        std::mem::take(&mut self.told)
    }
}

/// A foreign program changes what it likes, and the peer hears of it.
pub(crate) fn foreign(peer: &mut Peer, write: impl FnOnce(&mut Transaction<'_>)) {
    foreign_at(peer, 0, write);
}

/// As [`foreign`], at a time of its own clock, in seconds.
pub(crate) fn foreign_at(peer: &mut Peer, time: i64, write: impl FnOnce(&mut Transaction<'_>)) {
    foreign_with(peer, CommitOptions::default().with_time(time), write);
}

/// As [`foreign`], with what it says of the change.
pub(crate) fn foreign_with(
    peer: &mut Peer,
    options: CommitOptions,
    write: impl FnOnce(&mut Transaction<'_>),
) {
    let chunk = foreign_chunk_with(peer.doc.doc(), options, write);
    let checked = check_change(&chunk.bytes).unwrap();
    peer.doc.receive_changes(peer.now, &[checked]).unwrap();
    peer.settle();
}

/// What a foreign program writes that has everything of this document.
pub(crate) fn foreign_chunk(
    of: &Automerge,
    time: i64,
    write: impl FnOnce(&mut Transaction<'_>),
) -> Chunk {
    foreign_chunk_with(of, CommitOptions::default().with_time(time), write)
}

#[expect(clippy::disallowed_methods, reason = "a foreign program makes its documents as it likes")]
fn foreign_chunk_with(
    of: &Automerge,
    options: CommitOptions,
    write: impl FnOnce(&mut Transaction<'_>),
) -> Chunk {
    let mut doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit)
        .with_actor(ActorId::from(*b"a foreign writer"));
    doc.apply_changes(of.get_changes(&[])).unwrap();
    let mut to = doc.transaction();
    write(&mut to);
    to.commit_with(options);
    let change = doc.get_last_local_change().unwrap();
    Chunk::new(Bytes::copy_from_slice(change.raw_bytes()))
}

/// Both get everything from each other.
pub(crate) fn meet(a: &mut Peer, b: &mut Peer) {
    a.flush();
    b.flush();
    a.pull(b);
    b.pull(a);
    assert_eq!(a.board(), b.board(), "same changes, same view");
    assert_eq!(a.doc.projection(), b.doc.projection());
    assert_eq!(a.doc.heads(), b.doc.heads());
    crate::oracle::check(&a.doc);
}

/// The changes of a message; a whole document, which automerge sends where there is nothing yet, is none.
fn checked(message: &automerge::sync::Message) -> Vec<CheckedChange> {
    let chunks = message.changes.iter().map(Bytes::copy_from_slice);
    chunks.filter_map(|chunk| check_change(&chunk).ok()).collect()
}

/// Both get everything from each other by automerge's sync protocol.
pub(crate) fn sync(a: &mut Peer, b: &mut Peer) {
    a.flush();
    b.flush();
    let (mut to_b, mut to_a) = (State::new(), State::new());
    for _ in 0..100 {
        let from_a = a.doc.doc().generate_sync_message(&mut to_b);
        if let Some(message) = from_a.clone() {
            let changes = checked(&message);
            b.doc.receive_message(b.now, &mut to_a, message, &changes).unwrap();
            b.settle();
        }
        let from_b = b.doc.doc().generate_sync_message(&mut to_a);
        if let Some(message) = from_b.clone() {
            let changes = checked(&message);
            a.doc.receive_message(a.now, &mut to_b, message, &changes).unwrap();
            a.settle();
        }
        if from_a.is_none() && from_b.is_none() {
            assert_eq!(a.board(), b.board(), "same changes, same view");
            assert_eq!(a.doc.projection(), b.doc.projection());
            return;
        }
    }
    panic!("the two never come to rest");
}
