//! The workloads on a card's body.

use bytes::Bytes;
use warroom_engine::{BodyDocument, Chunk, Splice};
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{Seed, Timestamp};

use crate::board::{card, person, time};
use crate::traces::{Patches, Trace};

/// The body of card `card_number` on replica `number`, opened from what is stored.
pub fn body_of(number: u8, card_number: usize, chunks: Vec<Chunk>) -> BodyDocument {
    let mut seed = [number; 32];
    seed[8..16].copy_from_slice(&u64::try_from(card_number).unwrap_or(0).to_le_bytes());
    let (body, report) = BodyDocument::open(card(card_number), person(number), Seed(seed), chunks);
    assert!(report.quarantined.is_empty(), "every chunk was read");
    body
}

/// Puts a text somewhere into a body as one change.
pub fn paste(body: &mut BodyDocument, at: usize, text: &str) {
    body.open_text(time(0)).expect("a body has a text");
    let (at, insert) = (u32::try_from(at).unwrap_or(0), text.to_owned());
    body.edit_text(time(0), 0, &Splice { at, delete: 0, insert }).expect("within the text");
    body.close_text(time(0));
    drop(body.take_deltas());
}

/// What `body` has beyond `heads`, checked as a receiver would.
pub fn body_beyond(body: &BodyDocument, heads: &[automerge::ChangeHash]) -> Vec<CheckedChange> {
    let changes = body.doc().get_changes(heads).into_iter();
    changes
        .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).expect("our own"))
        .collect()
}

/// Takes in what others did.
pub fn receive_body(body: &mut BodyDocument, changes: &[CheckedChange]) {
    body.receive_changes(time(0), changes).expect("our own");
    drop(body.take_deltas());
}

/// A recorded session on its way into a body: typed as a person types, so that keystrokes become changes at pauses.
#[derive(Debug)]
pub struct Typed {
    /// The body.
    pub body: BodyDocument,
    /// What a shell would have stored.
    pub chunks: Vec<Chunk>,
}

impl Typed {
    /// An empty body, open for typing.
    pub fn new(number: u8) -> Self {
        let mut body = body_of(number, 0, Vec::new());
        body.open_text(Timestamp(0)).expect("a body has a text");
        Self { body, chunks: Vec::new() }
    }

    /// The whole session.
    pub fn whole(number: u8, trace: &Trace) -> Self {
        let mut typed = Self::new(number);
        for (at_ms, patches) in &trace.transactions {
            typed.key(*at_ms, patches);
        }
        typed.end();
        assert!(typed.body.text() == trace.end, "the recording ends in its own text");
        typed
    }

    /// One keystroke, with all that the engine does for it and for the time before it: an echo to the typist, and a
    /// change with its chunk where one is due.
    pub fn key(&mut self, at_ms: u64, patches: &Patches) {
        while let Some(due) = self.body.next_timeout().filter(|due| due.0 <= at_ms) {
            self.body.handle_timeout(due);
            self.take();
        }
        for (at, delete, insert) in patches {
            let splice = Splice { at: *at, delete: *delete, insert: insert.clone() };
            self.body.edit_text(Timestamp(at_ms), 0, &splice).expect("a splice of the recording");
        }
        self.take();
    }

    /// Writes out the rest.
    pub fn end(&mut self) {
        while let Some(due) = self.body.next_timeout() {
            self.body.handle_timeout(due);
            self.take();
        }
    }

    fn take(&mut self) {
        drop(self.body.take_deltas());
        self.chunks.extend(self.body.take_new_chunk());
    }
}
