//! From the records of a document to what can be used of it: pure, so that it need not hold up the store's thread.

use std::collections::BTreeSet;

use bytes::Bytes;
use warroom_protocol::guard::{self, CheckedChange, ChunkKind, check_change};
use warroom_protocol::{ChangeHash, DocumentId};

use super::Loaded;
use super::tables::{CompactedRow, DocumentRow, decode_change, position_of_key};
use crate::core::Compacted;
use crate::error::RecordError;

/// The records of a document as of one moment, not looked at yet.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Key and value of each change, in the order of appending.
    pub(super) changes: Vec<(Vec<u8>, Bytes)>,
    /// Its row, where there is one.
    pub(super) row: Option<Result<DocumentRow, RecordError>>,
    /// The room that it counts to.
    pub(super) room: Option<DocumentId>,
    /// What was compacted of it.
    pub(super) compacted: Option<CompactedRow>,
    /// Whether it has grown enough to be compacted.
    pub(super) is_grown: bool,
}

/// What was found in the records of a document.
#[derive(Debug, Default)]
pub(super) struct Reading {
    taken: Vec<CheckedChange>,
    hashes: BTreeSet<ChangeHash>,
    /// The row that fits the changes that can be used.
    pub(super) row: DocumentRow,
    is_row_stored: bool,
    room: Option<DocumentId>,
    compacted: Option<CompactedRow>,
    /// Keys of changes that can't be used, and why.
    pub(super) unreadable: Vec<(Vec<u8>, RecordError)>,
}

impl Records {
    /// Verifies every record: a microsecond each where it holds one keystroke.
    pub(super) fn check(self) -> Reading {
        let mut reading = Reading { room: self.room, ..Reading::default() };
        for (key, value) in self.changes {
            reading.take(key, &value);
        }
        reading.compacted = self.compacted.filter(|compacted| reading.holds(compacted));
        reading.is_row_stored = match self.row {
            Some(Ok(stored)) => {
                reading.row.next_position = reading.row.next_position.max(stored.next_position);
                // where records are moved aside, those behind them are looked at once more
                let is_whole = reading.unreadable.is_empty();
                reading.row.packed = if is_whole { stored.packed } else { 0 };
                reading.row == stored
            }
            Some(Err(_)) => false,
            None => reading.row == DocumentRow::default(),
        };
        reading
    }
}

impl Reading {
    /// Whether everything is as it was written.
    pub(super) fn is_clean(&self) -> bool {
        self.unreadable.is_empty() && self.is_row_stored
    }

    /// Whether what was compacted of it can be used.
    pub(super) fn has_compacted(&self) -> bool {
        self.compacted.is_some()
    }

    /// What can be served.
    pub(super) fn into_loaded(self) -> Loaded {
        let quarantined = self.unreadable.len();
        let compacted =
            self.compacted.map(|CompactedRow { heads, chunk }| Compacted { heads, chunk });
        Loaded {
            changes: self.taken,
            heads: self.row.heads,
            quarantined,
            room: self.room,
            compacted,
        }
    }

    /// Whether a compacted document is whole, and of changes that are here.
    pub(super) fn holds(&self, compacted: &CompactedRow) -> bool {
        let CompactedRow { heads, chunk } = compacted;
        let mut chunks = guard::chunks(chunk);
        let is_document = chunks.next().is_some_and(|chunk| {
            chunk.is_ok_and(|chunk| chunk.kind == ChunkKind::Document && chunk.is_intact())
        });
        is_document
            && chunks.next().is_none()
            && !heads.is_empty()
            && heads.iter().all(|head| self.hashes.contains(head))
    }

    fn take(&mut self, key: Vec<u8>, value: &Bytes) {
        let position = position_of_key(&key);
        self.row.next_position = position;
        match self.check(value) {
            Ok(change) => {
                self.row.push(change.hash, &change.deps, change.chunk.len());
                self.hashes.insert(change.hash);
                self.taken.push(change);
            }
            Err(reason) => {
                self.row.next_position = position.saturating_add(1);
                self.unreadable.push((key, reason));
            }
        }
    }

    fn check(&self, value: &Bytes) -> Result<CheckedChange, RecordError> {
        let (hash, chunk) = decode_change(value)?;
        let chunk = value.slice_ref(chunk);
        let change = check_change(&chunk).map_err(|_| RecordError::Guard)?;
        if change.hash != hash {
            return Err(RecordError::Checksum);
        }
        if change.deps.iter().all(|dep| self.hashes.contains(dep)) {
            Ok(change)
        } else {
            Err(RecordError::Dependency)
        }
    }
}
