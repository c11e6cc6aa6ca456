//! Many small records of a document become one row: fewer rows to search, to copy and to read back.
//!
//! A record is packed once and then stays where it is, so packing writes no byte of the log twice: for each record its
//! own bytes and 4 for its length, a row for at least every other record, and a row of the document for each step.
//! Segments are not joined to larger ones, since what a row costs is already shared by a hundred records. The index and
//! the rooms know nothing of it: positions stay.

use std::ops::Range;

use bytes::Bytes;
use redb::{Error, ReadableTable};
use warroom_protocol::DocumentId;

use super::{RecordError, RedbStore, Tables};
use crate::limits::{
    PACK_DUE_MAX, PACK_STEP_BYTES, SEGMENT_BYTES_MAX, SEGMENT_RECORD_BYTES_MAX, SEGMENT_RECORDS_MAX,
};
use crate::store::tables::{
    DocumentRow, SEGMENT_RECORD_BYTES, change_key, document_key, encode_segment, is_segment,
    position_of_key, records_in,
};

/// What one step of packing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Packed {
    /// How many records lie in segments that had rows of their own.
    pub records: u64,
    /// Bytes of these segments.
    pub bytes: u64,
}

impl RedbStore {
    /// Whether [`Self::pack`] has something to do.
    pub fn is_packing_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// Does one step of packing, some MiB of one document at most, in a transaction of its own. What was packed is durable
    /// and was read again and compared.
    ///
    /// # Errors
    /// The disk failed: the log is as it was, or packed; the store must be opened again before the next commit.
    pub fn pack(&mut self) -> Result<Packed, Error> {
        let Some(document_id) = self.due.pop_first() else { return Ok(Packed::default()) };
        let transaction = self.begin_write()?;
        let Some((packed, is_more)) = Tables::open(&transaction)?.pack(&document_id)? else {
            transaction.abort()?;
            return Ok(Packed::default());
        };
        transaction.commit()?;
        if is_more {
            self.due.insert(document_id);
        }
        Ok(packed)
    }

    /// Remembers a document that has enough to pack. Where too many have, it is found again by its next append or load.
    pub(super) fn note_due(&mut self, document_id: DocumentId) {
        if self.due.len() < PACK_DUE_MAX {
            self.due.insert(document_id);
        }
    }
}

/// Records that follow one another and fit one segment.
#[derive(Debug, Default)]
struct Group {
    first: u64,
    records: Vec<Bytes>,
    bytes: usize,
}

impl Group {
    fn end(&self) -> u64 {
        self.first.saturating_add(count(self.records.len()))
    }

    fn positions(&self) -> Range<u64> {
        self.first..self.end()
    }

    fn takes(&self, position: u64, record: &[u8]) -> bool {
        let bytes = self.bytes + SEGMENT_RECORD_BYTES + record.len();
        position == self.end() && bytes <= SEGMENT_BYTES_MAX
    }

    fn is_full(&self) -> bool {
        count(self.records.len()) == SEGMENT_RECORDS_MAX
    }

    fn push(&mut self, record: Bytes) {
        self.bytes += SEGMENT_RECORD_BYTES + record.len();
        self.records.push(record);
    }
}

impl Tables<'_> {
    /// Packs what a document has from where the last step ended, and says whether there is more; none where nothing changed.
    fn pack(&mut self, document_id: &DocumentId) -> Result<Option<(Packed, bool)>, Error> {
        let key = document_key(document_id);
        let row = self.documents.get(key.as_slice())?;
        let row = row.and_then(|value| DocumentRow::decode(value.value()).ok());
        // a row that can't be read is written anew by the next load
        let Some(mut row) = row else { return Ok(None) };
        let (groups, reached) = self.groups(document_id, row.packed)?;
        if reached <= row.packed {
            return Ok(None);
        }
        let mut packed = Packed::default();
        for group in groups {
            packed.bytes += count(self.write_segment(document_id, &group)?);
            packed.records += count(group.records.len());
        }
        row.packed = reached;
        self.documents.insert(key.as_slice(), row.encode().as_slice())?;
        Ok(Some((packed, row.is_packing_due())))
    }

    /// The groups from this position on that nothing will be added to, as many as one step takes, and where they end.
    fn groups(&self, document_id: &DocumentId, from: u64) -> Result<(Vec<Group>, u64), Error> {
        let (first, last) = (change_key(document_id, from), change_key(document_id, u64::MAX));
        let (mut groups, mut bytes) = (Vec::new(), 0);
        let mut open = Group { first: from, ..Group::default() };
        for entry in self.changes.range(first.as_slice()..=last.as_slice())? {
            let (key, value) = entry?;
            let (position, record) = (position_of_key(key.value()), value.value());
            let is_apart = is_segment(record) || record.len() > SEGMENT_RECORD_BYTES_MAX;
            if is_apart || open.is_full() || !open.takes(position, record) {
                bytes += open.bytes;
                groups.push(std::mem::replace(
                    &mut open,
                    Group { first: position, ..Group::default() },
                ));
                if bytes >= PACK_STEP_BYTES {
                    break;
                }
            }
            if is_apart {
                let records = records_in(&Bytes::copy_from_slice(record)).len();
                open.first = position.saturating_add(count(records));
            } else {
                open.push(Bytes::copy_from_slice(record));
            }
        }
        if open.is_full() {
            let first = open.end();
            groups.push(std::mem::replace(&mut open, Group { first, ..Group::default() }));
        }
        // one record alone gains nothing
        groups.retain(|group| group.records.len() > 1);
        Ok((groups, open.first))
    }

    /// Puts a segment in the place of its records, and gives its bytes.
    fn write_segment(&mut self, document_id: &DocumentId, group: &Group) -> Result<usize, Error> {
        let segment = encode_segment(&group.records);
        let key = change_key(document_id, group.first);
        self.changes.insert(key.as_slice(), segment.as_slice())?;
        let written = self.changes.get(key.as_slice())?;
        let written = written.map(|value| records_in(&Bytes::copy_from_slice(value.value())));
        if written.as_ref() != Some(&group.records) {
            return Err(Error::Corrupted("a segment reads otherwise than it was written".into()));
        }
        for position in group.positions().skip(1) {
            self.changes.remove(change_key(document_id, position).as_slice())?;
        }
        Ok(segment.len())
    }

    /// Gives the records of segments in which some can't be read rows of their own again.
    pub(super) fn unpack(
        &mut self,
        document_id: &DocumentId,
        unreadable: &[(Vec<u8>, RecordError)],
    ) -> Result<(), Error> {
        let begin = change_key(document_id, 0);
        for (key, _) in unreadable {
            let mut rows = self.changes.range(begin.as_slice()..=key.as_slice())?;
            let row = rows.next_back().transpose()?;
            let row = row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec()));
            drop(rows);
            let Some((key, segment)) = row.filter(|(_, value)| is_segment(value)) else { continue };
            let first = position_of_key(&key);
            self.changes.remove(key.as_slice())?;
            for (position, record) in (first..).zip(records_in(&segment.into())) {
                self.changes.insert(change_key(document_id, position).as_slice(), &record[..])?;
            }
        }
        Ok(())
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
