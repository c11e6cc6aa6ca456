//! What was given to storage and is not durable yet.

use warroom_protocol::sorted::{SortedMap, SortedSet};
use warroom_protocol::{DocumentId, SaveId, Timestamp};

use crate::limits::SAVE_RETRY;
use crate::output::{Chunk, Output};

/// The saves under way, and those that failed and are tried again. Memory ≤ what is not stored, which is in memory
/// as a document too, but for what an import brought of bodies.
#[derive(Debug, Default)]
pub(super) struct Saves {
    last: u64,
    pending: SortedMap<SaveId, (DocumentId, Chunk)>,
    failed: SortedSet<SaveId>,
    retry_at: Option<Timestamp>,
}

impl Saves {
    /// Asks for a chunk to be stored.
    pub(super) fn store(&mut self, document: &DocumentId, chunk: Chunk) -> (SaveId, Output) {
        self.last += 1;
        let save = SaveId(self.last);
        self.pending.insert(save, (document.clone(), chunk.clone()));
        (save, Output::Store { save, document: document.clone(), chunk })
    }

    /// A save is durable; of which document.
    pub(super) fn handle_stored(&mut self, save: SaveId) -> Option<DocumentId> {
        self.failed.remove(&save);
        self.pending.remove(&save).map(|(document, _)| document)
    }

    /// A save failed; it is tried again after a while.
    pub(super) fn handle_failed(&mut self, now: Timestamp, save: SaveId) {
        if self.pending.contains_key(&save) {
            self.failed.insert(save);
            self.retry_at.get_or_insert(now + SAVE_RETRY);
        }
    }

    /// What of a document is not durable yet.
    pub(super) fn chunks_of(&self, document: &DocumentId) -> Vec<Chunk> {
        let pending = self.pending.values().filter(|(pending, _)| pending == document);
        pending.map(|(_, chunk)| chunk.clone()).collect()
    }

    /// Which saves of a document are under way.
    pub(super) fn pending_of(&self, document: &DocumentId) -> SortedSet<SaveId> {
        let mut pending = SortedSet::new();
        for (save, (of, _)) in self.pending.iter() {
            if of == document {
                pending.insert(*save);
            }
        }
        pending
    }

    /// Nothing is going to be stored any more. Gives what was under way, oldest first.
    pub(super) fn give_up(&mut self) -> SortedMap<SaveId, (DocumentId, Chunk)> {
        self.failed.clear();
        self.retry_at = None;
        std::mem::take(&mut self.pending)
    }

    /// Whether all that was asked for is durable.
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Whether something failed and was not stored since.
    pub(super) fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// What is to be tried again now.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) -> Vec<Output> {
        if self.retry_at.is_none_or(|at| now < at) {
            return Vec::new();
        }
        self.retry_at = None;
        let again = self.failed.iter().filter_map(|save| {
            let (document, chunk) = self.pending.get(save)?.clone();
            Some(Output::Store { save: *save, document, chunk })
        });
        again.collect()
    }

    /// When to call `handle_timeout`.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        self.retry_at
    }
}
