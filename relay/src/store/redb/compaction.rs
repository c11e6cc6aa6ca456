//! What is kept of the work of the compactor: the compacted documents, and when each is to be compacted next.

use redb::{Error, ReadableTable};
use warroom_protocol::DocumentId;

use super::{RedbStore, Tables};
use crate::limits::{COMPACT_BYTES_MIN, COMPACT_DUE_MAX, COMPACT_SHARE};
use crate::store::tables::{CompactedRow, CompactionRow, document_key};
use crate::store::{Compaction, CompactionState};

impl RedbStore {
    /// A document that has grown enough to be compacted.
    pub fn next_compaction(&mut self) -> Option<DocumentId> {
        self.grown.pop_first()
    }

    /// Remembers a document that may have grown enough. Where too many have, it is found again by its next append or load.
    pub(super) fn note_grown(&mut self, document_id: DocumentId) {
        if self.grown.len() < COMPACT_DUE_MAX {
            self.grown.insert(document_id);
        }
    }

    /// Keeps what is known of a compaction, and with it when the next one is due: after one that failed, and after two that
    /// did not end, when the document has twice as many bytes.
    ///
    /// # Errors
    /// The disk failed; the store must be opened again before the next commit.
    pub fn note_compaction(&mut self, compaction: &Compaction) -> Result<(), Error> {
        let Compaction { document_id, heads, bytes, state } = compaction;
        let key = document_key(document_id);
        let transaction = self.begin_write()?;
        {
            let mut tables = Tables::open(&transaction)?;
            let before = tables.compactions.get(key.as_slice())?;
            let before = before.and_then(|row| CompactionRow::decode(row.value()).ok());
            let row = next_row(before, *bytes, state);
            tables.compactions.insert(key.as_slice(), row.encode().as_slice())?;
            if let CompactionState::Compacted(chunk) = state {
                let row = CompactedRow { heads: heads.clone(), chunk: chunk.clone() };
                tables.compacted.insert(key.as_slice(), row.encode().as_slice())?;
            }
        }
        transaction.commit()?;
        // whoever read it for this found it to have grown
        self.grown.remove(document_id);
        Ok(())
    }
}

fn next_row(before: Option<CompactionRow>, bytes: u64, state: &CompactionState) -> CompactionRow {
    let failed = |report| CompactionRow { due: bytes.saturating_mul(2), unfinished: 0, report };
    match state {
        CompactionState::Begun => match before.map_or(0, |row| row.unfinished) {
            0 => CompactionRow { due: 0, unfinished: 1, report: String::new() },
            _ => failed("the relay ended twice while a worker looked at it".to_owned()),
        },
        CompactionState::Compacted(_) => {
            let growth = (bytes / COMPACT_SHARE).max(COMPACT_BYTES_MIN);
            let due = bytes.saturating_add(growth);
            CompactionRow { due, unfinished: 0, report: String::new() }
        }
        CompactionState::Harmful { change, why } => {
            failed(format!("the change {change} harms it: {why}"))
        }
        CompactionState::Failed(why) => failed(why.clone()),
    }
}

impl Tables<'_> {
    /// Whether a document of so many bytes is to be compacted.
    pub(super) fn is_grown(&self, document_id: &DocumentId, bytes: u64) -> Result<bool, Error> {
        is_grown(&self.compactions, document_id, bytes)
    }

    /// Forgets what was compacted of a document that lost changes, so that it is done anew.
    pub(super) fn forget_compacted(&mut self, document_id: &DocumentId) -> Result<(), Error> {
        let key = document_key(document_id);
        self.compacted.remove(key.as_slice())?;
        self.compactions.remove(key.as_slice())?;
        Ok(())
    }
}

/// Whether a document of so many bytes is to be compacted.
pub(in crate::store) fn is_grown(
    compactions: &impl ReadableTable<&'static [u8], &'static [u8]>,
    document_id: &DocumentId,
    bytes: u64,
) -> Result<bool, Error> {
    if bytes < COMPACT_BYTES_MIN {
        return Ok(false);
    }
    let row = compactions.get(document_key(document_id).as_slice())?;
    let row = row.and_then(|row| CompactionRow::decode(row.value()).ok());
    Ok(row.is_none_or(|row| bytes >= row.due))
}
