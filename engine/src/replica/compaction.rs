//! When the chunks of a document become one snapshot: where there are many, in a pause, never on the way of an edit.

use warroom_protocol::{DocumentId, Timestamp};

use super::mark::Mark;
use super::pause::Pause;
use super::{Output, Replica, StorageState};
use crate::document::{Compacted, Growth, Hash};
use crate::limits::{
    COMPACT_AFTER, COMPACT_CHUNKS_MAX, COMPACT_CHUNKS_MIN, COMPACT_SHARE, COMPACT_WAIT_MAX,
};
use crate::output::Chunk;

/// When a document is to be compacted, and what was asked of storage.
#[derive(Debug, Default)]
pub(super) struct Compactor {
    pause: Pause,
    /// Its pause has come: to be done as soon as all is durable.
    is_due: bool,
    /// It was tried since the last change.
    is_tried: bool,
    under_way: Option<UnderWay>,
    /// The chunks that are notes.
    pub(super) notes: Vec<Hash>,
}

#[derive(Debug)]
struct UnderWay {
    compacted: Compacted,
    /// Notes that are to go, and those that say the same.
    old: Vec<Hash>,
    new: Vec<Hash>,
}

impl Compactor {
    /// A document with these notes among its chunks.
    pub(super) fn new(notes: Vec<Hash>) -> Self {
        Self { notes, ..Self::default() }
    }

    /// The document changed, or was just read.
    pub(super) fn handle_changed(&mut self, now: Timestamp) {
        self.is_tried = false;
        self.pause.handle_happened(now, COMPACT_AFTER, COMPACT_WAIT_MAX);
    }

    /// When to call `handle_timeout`.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        self.pause.next_timeout()
    }

    /// The pause may have come.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.is_due |= self.pause.handle_timeout(now);
    }

    /// Whether its pause has come.
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// The next timeout is the pause.
    pub(super) fn hurry(&mut self, now: Timestamp) {
        self.pause.end(now);
    }

    /// Whether there is so much that it is worth it.
    fn is_worth_it(&self, growth: Growth) -> bool {
        let chunks = growth.chunks + self.notes.len();
        let is_large = growth.bytes.saturating_mul(COMPACT_SHARE) >= growth.snapshot_bytes;
        let is_many = growth.chunks >= COMPACT_CHUNKS_MAX || self.notes.len() >= COMPACT_CHUNKS_MIN;
        chunks >= COMPACT_CHUNKS_MIN && (is_large || is_many)
    }
}

impl Replica {
    /// [`Output::Compact`] is done, or was not possible.
    pub fn handle_compacted(&mut self, now: Timestamp, document: &DocumentId, is_done: bool) {
        if let Some(opened) = self.opened.get_mut(document)
            && let Some(done) = opened.compactor.under_way.take()
            && is_done
        {
            opened.kind.document_mut().handle_compacted(&done.compacted);
            opened.compactor.notes.retain(|note| !done.old.contains(note));
            opened.compactor.notes.extend(done.new);
        }
        self.finish(now);
    }

    /// Compacts what has its pause now and is durable.
    pub(super) fn compact_due(&mut self) {
        if self.storage != StorageState::Durable {
            return;
        }
        for document in self.opened.due() {
            if self.opened.get(&document).is_some_and(|opened| opened.compactor.is_due) {
                self.compact(&document);
            }
        }
    }

    fn compact(&mut self, document: &DocumentId) {
        let is_board = *document == self.options.board;
        let Some(opened) = self.opened.get_mut(document) else { return };
        opened.compactor.is_due = false;
        if !is_wanted(&opened.compactor, opened.kind.document().growth()) {
            return;
        }
        opened.compactor.is_tried = true;
        let Some(compacted) = opened.kind.document().compact() else { return };
        let may_note = self.catch_up.may_note(document);
        let note = if may_note { opened.note_of_all() } else { None };
        let mut notes: Vec<Chunk> = note.into_iter().collect();
        if is_board && self.suspects.harmful().next().is_some() {
            notes.push(Mark::LeftOut.write(self.suspects.harmful()));
        }
        let new: Vec<Hash> = notes.iter().map(|note| note.hash).collect();
        let old = opened.compactor.notes.iter().filter(|note| !new.contains(note));
        let old: Vec<Hash> = old.copied().collect();
        let chunks = [vec![compacted.snapshot.clone()], notes].concat();
        let replaced = [compacted.replaced.clone(), old.clone()].concat();
        let new = new.into_iter().filter(|note| !opened.compactor.notes.contains(note)).collect();
        opened.compactor.under_way = Some(UnderWay { compacted, old, new });
        self.outputs.push_back(Output::Compact { document: document.clone(), chunks, replaced });
    }

    /// A document is about to leave memory. Whether it stays a moment longer, to be compacted in the next pause.
    pub(super) fn is_kept_to_compact(&mut self, now: Timestamp, document: &DocumentId) -> bool {
        let Some(opened) = self.opened.get_mut(document) else { return false };
        let growth = opened.kind.document().growth();
        let is_kept = is_wanted(&opened.compactor, growth) && !opened.compactor.is_tried;
        if is_kept && !opened.compactor.is_due {
            opened.compactor.hurry(now);
        }
        is_kept || opened.compactor.under_way.is_some()
    }
}

fn is_wanted(compactor: &Compactor, growth: Growth) -> bool {
    compactor.under_way.is_none() && compactor.is_worth_it(growth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_worth_it_where_there_is_much_since_the_last_snapshot() {
        let rows = [
            (31, 10_000, 0, 0, false),
            (32, 10_000, 0, 0, true),
            (32, 10_000, 40_000, 0, true),
            (32, 10_000, 40_001, 0, false),
            (1_023, 10_000, 1_000_000, 0, false),
            (1_024, 10_000, 1_000_000, 0, true),
            (0, 0, 1_000_000, 31, false),
            (0, 0, 1_000_000, 32, true),
        ];
        for (chunks, bytes, snapshot_bytes, notes, expected) in rows {
            let compactor = Compactor::new(vec![[0; 32]; notes]);
            let growth = Growth { chunks, bytes, snapshot_bytes };
            assert_eq!(compactor.is_worth_it(growth), expected, "{growth:?} {notes}");
        }
    }
}
