//! From the records of a document to what can be used of it: pure, so that it need not hold up the store's thread.

use std::collections::BTreeSet;

use bytes::Bytes;
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{ChangeHash, DocumentId};

use super::Loaded;
use super::tables::{DocumentRow, decode_change, position_of_key};
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

    /// What can be served.
    pub(super) fn into_loaded(self) -> Loaded {
        let quarantined = self.unreadable.len();
        Loaded { changes: self.taken, heads: self.row.heads, quarantined, room: self.room }
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
