//! The board on our engine: its document, and those of the bodies.

use std::collections::BTreeMap;

use benches::script::{Edit, WORD, body, title};
use benches::{body_of, edit_board, label_all, time};
use bytes::Bytes;
use warroom_engine::{Board, BoardDocument, BodyDocument, Chunk, Command, Splice, TextTarget};
use warroom_protocol::guard::{CheckedChange, check_change};

use crate::Library;

/// A board with those of its bodies that were opened; the others are as they were stored.
#[derive(Debug)]
pub struct Desk {
    number: u8,
    board: BoardDocument,
    bodies: BTreeMap<usize, BodyDocument>,
    closed: BTreeMap<usize, Chunk>,
    /// The heads of each body when it was opened.
    opened_at: BTreeMap<usize, Vec<Hash>>,
    round: usize,
    /// Bytes that went to storage, chunk by chunk.
    pub saved_bytes: usize,
}

/// A document of a room: the board, or the body of a card.
type Which = Option<usize>;

/// The hash of a change.
type Hash = automerge::ChangeHash;

impl Desk {
    /// The board.
    pub fn board(&self) -> &BoardDocument {
        &self.board
    }

    /// The body of a card, opened where it was not.
    pub fn open_body(&mut self, card: usize) -> &mut BodyDocument {
        let Self { number, bodies, closed, opened_at, .. } = self;
        bodies.entry(card).or_insert_with(|| {
            let body = body_of(*number, card, closed.remove(&card).into_iter().collect());
            if !body.is_pristine() {
                opened_at.insert(card, body.heads());
            }
            body
        })
    }

    /// Takes what a shell would take after an input.
    fn take(&mut self) {
        drop(self.board.take_deltas());
        let chunk = self.board.take_new_chunk();
        self.saved_bytes += chunk.map_or(0, |chunk| chunk.bytes.len());
    }

    fn note_body(&mut self, card: usize) {
        let now = time(self.round);
        self.board.note_body_edit(now, &benches::card(card)).expect("a card that is there");
        self.take();
    }
}

impl Library for Desk {
    const NAME: &'static str = "ours";
    type Stored = (Vec<Chunk>, BTreeMap<usize, Chunk>);
    type Mark = (Vec<Hash>, BTreeMap<usize, Vec<Hash>>);
    type Update = Vec<(Which, Vec<Bytes>)>;

    fn empty(number: u8) -> Self {
        // one replica made the labels, the others have them from it
        let mut first = benches::empty(255);
        label_all(&mut first);
        Self::load(number, &(benches::snapshot(&first), BTreeMap::new()))
    }

    fn create(&mut self, card: usize, column: usize) {
        edit_board(&mut self.board, self.round, Edit::Create { card, column });
        self.take();
        self.splice(card, 0, 0, &body(card));
        debug_assert!(title(card).len() < 40, "a title of about 30 characters");
    }

    fn edit(&mut self, edit: &Edit) {
        self.round += 1;
        if let Edit::Body { card, at } = *edit {
            self.splice(card, at, 0, WORD);
        } else {
            edit_board(&mut self.board, self.round, *edit);
            self.take();
        }
    }

    fn key(&mut self, card: usize, at: usize) -> Self::Update {
        let text = TextTarget::Title { card: benches::card(card) };
        let mut act = |command| {
            self.board.apply_command(time(self.round), command).expect("a command that fits");
            drop(self.board.take_deltas());
        };
        if at == 0 {
            act(Command::OpenText { text: text.clone() });
        }
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let splice = Splice { at, delete: 0, insert: "x".to_owned() };
        act(Command::EditText { text: text.clone(), seen: 0, splice });
        act(Command::FlushText { text });
        let chunk = self.board.take_new_chunk().expect("a change");
        vec![(None, vec![chunk.bytes])]
    }

    fn splice(&mut self, card: usize, at: usize, delete: usize, insert: &str) {
        let now = time(self.round);
        let body = self.open_body(card);
        if !body.is_text_open() {
            body.open_text(now).expect("a body has a text");
        }
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let delete = u32::try_from(delete).unwrap_or(u32::MAX);
        let splice = Splice { at, delete, insert: insert.to_owned() };
        body.edit_text(now, 0, &splice).expect("within the text");
        body.flush(now);
        drop(body.take_deltas());
        let chunk = body.take_new_chunk();
        self.saved_bytes += chunk.map_or(0, |chunk| chunk.bytes.len());
        self.note_body(card);
    }

    fn mark(&self) -> Self::Mark {
        let heads = self.bodies.iter().map(|(card, body)| (*card, body.heads()));
        (self.board.heads(), heads.collect())
    }

    fn since(&self, mark: &Self::Mark) -> Self::Update {
        let (board, bodies) = mark;
        let bytes = |changes: Vec<automerge::Change>| -> Vec<Bytes> {
            changes.iter().map(|change| Bytes::copy_from_slice(change.raw_bytes())).collect()
        };
        let mut update = vec![(None, bytes(self.board.doc().get_changes(board)))];
        for (card, body) in &self.bodies {
            let heads = bodies.get(card).or_else(|| self.opened_at.get(card));
            let heads = heads.map(Vec::as_slice).unwrap_or_default();
            if body.heads() != heads {
                update.push((Some(*card), bytes(body.doc().get_changes(heads))));
            }
        }
        update
    }

    fn update_bytes(update: &Self::Update) -> usize {
        update.iter().flat_map(|(_, changes)| changes).map(Bytes::len).sum()
    }

    fn receive(&mut self, update: &Self::Update) {
        for (which, changes) in update {
            let checked = changes.iter().map(|bytes| check_change(bytes).expect("our own"));
            let checked: Vec<CheckedChange> = checked.collect();
            match which {
                None => benches::receive(&mut self.board, &checked),
                Some(card) => benches::receive_body(self.open_body(*card), &checked),
            }
        }
        self.take();
    }

    fn save(&self) -> Self::Stored {
        let mut bodies = self.closed.clone();
        for (card, body) in &self.bodies {
            bodies.insert(*card, Chunk::new(Bytes::from(body.doc().save())));
        }
        (benches::snapshot(&self.board), bodies)
    }

    fn stored_bytes(stored: &Self::Stored) -> usize {
        stored.0.iter().chain(stored.1.values()).map(|chunk| chunk.bytes.len()).sum()
    }

    fn load(number: u8, stored: &Self::Stored) -> Self {
        let board = benches::opened(number, stored.0.clone());
        let (bodies, opened_at) = (BTreeMap::new(), BTreeMap::new());
        let closed = stored.1.clone();
        Self { number, board, bodies, closed, opened_at, round: 0, saved_bytes: 0 }
    }

    fn read(&self) -> (usize, usize) {
        count(self.board.board())
    }

    fn read_anew(&self) -> (usize, usize) {
        count(&self.board.rebuilt())
    }

    fn body(&self, card: usize) -> String {
        if let Some(body) = self.bodies.get(&card) {
            return body.text();
        }
        body_of(self.number, card, self.closed.get(&card).cloned().into_iter().collect()).text()
    }
}

/// Cards that are not deleted, and the bytes of their titles.
fn count(board: &Board) -> (usize, usize) {
    let there = board.cards().filter(|card| card.deleted.is_none());
    there.fold((0, 0), |(count, bytes), card| (count + 1, bytes + card.title.len()))
}
