//! Everything that is stored as of one moment, while commits go on: what is copied, checked and told from.

use std::collections::BTreeSet;
use std::fmt;

use bytes::Bytes;
use redb::{Database, Error, ReadTransaction, ReadableDatabase, ReadableTableMetadata, TableError};
use warroom_protocol::{ChangeHash, DocumentId};

use super::DocumentMeta;
use super::reading::Records;
use super::redb::{is_grown, records_of};
use super::rooms::room_of;
use super::tables::{
    BytesTable, CHANGES, COMPACTED, COMPACTIONS, CompactedRow, CompactionRow, DOCUMENTS,
    DocumentRow, MEMBERS, POSITIONS, QUARANTINE, document_key, document_of_prefix, hash_key,
};
use crate::limits::COMPACT_BYTES_MIN;

/// Everything that is stored, as of one moment. The space of what is replaced meanwhile is not used again before this
/// is dropped, so the file grows by it. Once the store was closed or opened again every read fails.
pub struct Snapshot(ReadTransaction);

impl fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Snapshot")
    }
}

impl Snapshot {
    pub(super) fn of(database: &Database) -> Result<Self, Error> {
        Ok(Self(database.begin_read()?))
    }

    pub(super) fn transaction(&self) -> &ReadTransaction {
        &self.0
    }

    /// The document after this one in the order of their keys, where anything is stored of one.
    pub(crate) fn next(&self, after: Option<&DocumentId>) -> Result<Option<DocumentId>, Error> {
        let behind = after.map_or_else(Vec::new, behind);
        let next = [
            first_key(&self.0, DOCUMENTS, &behind)?,
            first_key(&self.0, CHANGES, &behind)?,
            first_key(&self.0, MEMBERS, &behind)?,
            self.first_position(&behind)?,
        ];
        Ok(next.into_iter().flatten().min().and_then(|key| document_of_prefix(&key).ok()))
    }

    /// The records of a document, not looked at.
    pub(super) fn records(&self, document_id: &DocumentId) -> Result<Records, Error> {
        let key = document_key(document_id);
        let row = self.0.open_table(DOCUMENTS)?.get(key.as_slice())?;
        let row = row.map(|value| DocumentRow::decode(value.value()));
        let changes = records_of(&self.0.open_table(CHANGES)?, document_id)?;
        let room = room_of(&self.0.open_table(MEMBERS)?, document_id)?;
        let key = key.as_slice();
        let compacted = match there(self.0.open_table(COMPACTED))? {
            Some(table) => table.get(key)?.map(|row| Bytes::copy_from_slice(row.value())),
            None => None,
        };
        let compacted = compacted.and_then(|row| CompactedRow::decode(&row).ok());
        let bytes = row.as_ref().and_then(|row| row.as_ref().ok()).map_or(0, |row| row.bytes);
        let is_grown = match there(self.0.open_table(COMPACTIONS))? {
            Some(table) => is_grown(&table, document_id, bytes)?,
            None => bytes >= COMPACT_BYTES_MIN,
        };
        Ok(Records { changes, row, room, compacted, is_grown })
    }

    /// Why a document could not be compacted when that was tried last; none where it could, or was not tried.
    pub(crate) fn compaction_report(
        &self,
        document_id: &DocumentId,
    ) -> Result<Option<String>, Error> {
        let Some(table) = there(self.0.open_table(COMPACTIONS))? else { return Ok(None) };
        let row = table.get(document_key(document_id).as_slice())?;
        let row = row.and_then(|row| CompactionRow::decode(row.value()).ok());
        Ok(row.map(|row| row.report).filter(|report| !report.is_empty()))
    }

    /// What is known of a document without reading its changes, and the room that it counts to; none where its row is not there
    /// or can't be read.
    pub(crate) fn meta(
        &self,
        document_id: &DocumentId,
    ) -> Result<Option<(DocumentMeta, Option<DocumentId>)>, Error> {
        let key = document_key(document_id);
        let row = self.0.open_table(DOCUMENTS)?.get(key.as_slice())?;
        let row = row.and_then(|value| DocumentRow::decode(value.value()).ok());
        let Some(DocumentRow { next_position: _, packed: _, changes, bytes, heads }) = row else {
            return Ok(None);
        };
        let room = room_of(&self.0.open_table(MEMBERS)?, document_id)?;
        let document_id = document_id.clone();
        Ok(Some((DocumentMeta { document_id, heads, changes, bytes }, room)))
    }

    /// Which of these changes are not stored of a document.
    pub(crate) fn lacking(
        &self,
        document_id: &DocumentId,
        hashes: &[ChangeHash],
    ) -> Result<BTreeSet<ChangeHash>, Error> {
        let positions = self.0.open_table(POSITIONS)?;
        let mut lacking = BTreeSet::new();
        for hash in hashes {
            if positions.get(hash_key(document_id, hash).as_slice())?.is_none() {
                lacking.insert(*hash);
            }
        }
        Ok(lacking)
    }

    /// Whether a document counts to a room, this one or another.
    pub(crate) fn is_counted(&self, document_id: &DocumentId) -> Result<bool, Error> {
        Ok(room_of(&self.0.open_table(MEMBERS)?, document_id)?.is_some())
    }

    /// The changes of a document that can be read, one chunk after the other, and how many records can't.
    pub(crate) fn chunks(&self, document_id: &DocumentId) -> Result<(Bytes, usize), Error> {
        let loaded = self.records(document_id)?.check().into_loaded();
        let chunks: Vec<&[u8]> = loaded.changes.iter().map(|change| &change.chunk[..]).collect();
        Ok((chunks.concat().into(), loaded.quarantined))
    }

    /// How many records were moved aside because they could not be read.
    pub(super) fn quarantined(&self) -> Result<u64, Error> {
        Ok(self.0.open_table(QUARANTINE)?.len()?)
    }

    fn first_position(&self, behind: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let positions = self.0.open_table(POSITIONS)?;
        let first = positions.range(behind..)?.next().transpose()?;
        Ok(first.map(|(key, _)| key.value().to_vec()))
    }
}

/// A key behind all that belong to the document: what follows its id there is at most 32 bytes.
fn behind(document_id: &DocumentId) -> Vec<u8> {
    let mut key = document_key(document_id);
    key.extend_from_slice(&[u8::MAX; 33]);
    key
}

/// A table, where it exists yet.
fn there<T>(table: Result<T, TableError>) -> Result<Option<T>, Error> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The first key at or behind this one. A table that does not exist yet is empty.
fn first_key(
    transaction: &ReadTransaction,
    table: BytesTable,
    behind: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    let Some(table) = there(transaction.open_table(table))? else { return Ok(None) };
    let first = table.range(behind..)?.next().transpose()?;
    Ok(first.map(|(key, _)| key.value().to_vec()))
}
