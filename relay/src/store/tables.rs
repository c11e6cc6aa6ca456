//! The tables of the database file: name, key, value and version of each. Nothing else knows how a byte lies on disk.
//!
//! Every value begins with its own version byte, so that a later version can read what an earlier one wrote. Keys of
//! one document share a prefix (its length, then its bytes), so that one range read gives all of it.

use bytes::Bytes;
use redb::TableDefinition;
use warroom_protocol::{ChangeHash, DocumentId};

use crate::error::RecordError;
use crate::limits::SEGMENT_RECORDS_MAX;

/// What the file is: [`APPLICATION`] → `warroom`, [`FORMAT`] → [`FORMAT_VERSION`] (4 bytes, big endian),
/// [`STORAGE_ID`] → the text of the relay's storage id, [`SEQUENCE`] → the number of the newest row of [`ROOMS`] (8 bytes,
/// big endian), absent before the first.
pub(super) const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");

/// One row for each document. Key: [`document_key`]. Value: [`DocumentRow`].
pub(super) const DOCUMENTS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("documents");

/// The raw change log, the truth. Key: [`change_key`]. Value: [`encode_change`], or [`encode_segment`] of it and of those at
/// the positions behind it. A change lies after all that it depends on.
pub(super) const CHANGES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("changes");

/// Where a change lies, so that appending is idempotent. Key: [`hash_key`]. Value: its position.
pub(super) const POSITIONS: TableDefinition<'_, &[u8], u64> = TableDefinition::new("positions");

/// Records that could not be read, as they were. Key: [`change_key`] of where they lay. Value: version 1 ‖ length of
/// the reason (1 byte) ‖ reason ‖ the record's bytes.
pub(super) const QUARANTINE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("quarantine");

/// Which documents of a room changed, in the order of the commits: for each document that counts to a room one row, of
/// its newest change. Key: [`room_key`]. Value: version 1 ‖ the document's id.
pub(super) const ROOMS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rooms");

/// To which room a document counts. Key: [`document_key`]. Value: [`MemberRow`].
pub(super) const MEMBERS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("members");

/// Documents as one chunk, of the changes that they had at some moment: a cache of the log, from which it can be made again.
/// Key: [`document_key`]. Value: [`CompactedRow`].
pub(super) const COMPACTED: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("compacted");

/// When documents are to be compacted, and why some could not be. Key: [`document_key`]. Value: [`CompactionRow`].
pub(super) const COMPACTIONS: TableDefinition<'_, &[u8], &[u8]> =
    TableDefinition::new("compactions");

/// A table of bytes under bytes.
pub(super) type BytesTable = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// The starts of relays on this store, oldest first. Key: a number that rises. Value: [`EpochRow`].
pub(super) const EPOCHS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("epochs");

/// Key in [`META`].
pub(super) const APPLICATION: &[u8] = b"application";
/// What stands under [`APPLICATION`].
pub(super) const APPLICATION_NAME: &[u8] = b"warroom";
/// Key in [`META`].
pub(super) const FORMAT: &[u8] = b"format";
/// The version of the layout as a whole; raised when an older program must not open the file. 2: [`ROOMS`] came, which
/// a program that does not know it would leave behind what it writes. 3: segments came to [`CHANGES`].
pub(super) const FORMAT_VERSION: u32 = 3;
/// The oldest version that is read: what version 2 added is made empty, and the log is packed as it grows.
pub(super) const FORMAT_VERSION_MIN: u32 = 1;
/// Key in [`META`].
pub(super) const STORAGE_ID: &[u8] = b"storage_id";
/// Key in [`META`].
pub(super) const SEQUENCE: &[u8] = b"sequence";

const RECORD_VERSION: u8 = 1;
/// The version of a value of [`CHANGES`] that is a segment, and of a [`DocumentRow`] that knows what is packed.
const PACKED_VERSION: u8 = 2;
const HASH_BYTES: usize = 32;

/// `length ‖ id`: where everything of a document begins.
pub(super) fn document_key(document_id: &DocumentId) -> Vec<u8> {
    let id = document_id.as_bytes();
    let mut key = Vec::with_capacity(1 + id.len() + HASH_BYTES);
    // ids are 16 to 64 bytes, so one byte holds the length
    key.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
    key.extend_from_slice(id);
    key
}

/// The id in a key of [`DOCUMENTS`].
pub(super) fn document_of_key(key: &[u8]) -> Result<DocumentId, RecordError> {
    let (length, id) = key.split_first().ok_or(RecordError::Short)?;
    if usize::from(*length) != id.len() {
        return Err(RecordError::Short);
    }
    DocumentId::from_bytes(id).map_err(|_| RecordError::Short)
}

/// The document whose prefix a longer key begins with.
pub(super) fn document_of_prefix(key: &[u8]) -> Result<DocumentId, RecordError> {
    let length = key.first().copied().map_or(0, usize::from);
    document_of_key(key.get(..=length).ok_or(RecordError::Short)?)
}

/// `length ‖ id ‖ position` (8 bytes, big endian, so that order of keys is order of appending).
pub(super) fn change_key(document_id: &DocumentId, position: u64) -> Vec<u8> {
    let mut key = document_key(document_id);
    key.extend_from_slice(&position.to_be_bytes());
    key
}

/// The position in a [`change_key`].
pub(super) fn position_of_key(key: &[u8]) -> u64 {
    key.last_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// `length ‖ id ‖ hash`.
pub(super) fn hash_key(document_id: &DocumentId, hash: &ChangeHash) -> Vec<u8> {
    let mut key = document_key(document_id);
    key.extend_from_slice(&hash.0);
    key
}

/// `length ‖ id of the root ‖ sequence` (8 bytes, big endian, so that order of keys is order of commits).
pub(super) fn room_key(root: &DocumentId, sequence: u64) -> Vec<u8> {
    change_key(root, sequence)
}

/// A value of [`ROOMS`].
pub(super) fn encode_room(document_id: &DocumentId) -> Vec<u8> {
    [&[RECORD_VERSION], document_id.as_bytes()].concat()
}

/// The document in a value of [`ROOMS`].
pub(super) fn decode_room(value: &[u8]) -> Result<DocumentId, RecordError> {
    let reader = Reader::new(value)?;
    DocumentId::from_bytes(reader.rest).map_err(|_| RecordError::Short)
}

/// To which room a document counts, and where it stands in [`ROOMS`].
///
/// Value: `version ‖ sequence` (8 bytes, big endian) `‖ id of the root`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MemberRow {
    /// The number of its row.
    pub(super) sequence: u64,
    /// The room.
    pub(super) root: DocumentId,
}

impl MemberRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { sequence, root } = self;
        [&[RECORD_VERSION], sequence.to_be_bytes().as_slice(), root.as_bytes()].concat()
    }

    pub(super) fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let mut reader = Reader::new(value)?;
        let sequence = reader.number()?;
        let root = DocumentId::from_bytes(reader.rest).map_err(|_| RecordError::Short)?;
        Ok(Self { sequence, root })
    }
}

/// A start of a relay: rows of [`ROOMS`] above `first` were numbered since. A copy of the file that is started on its own
/// has a start of its own, so that its numbers are never taken for those of the other.
///
/// Value: `version ‖ first` (8 bytes, big endian) `‖ name` (text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EpochRow {
    /// The newest row there was.
    pub(super) first: u64,
    /// What nobody else has.
    pub(super) name: String,
}

impl EpochRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { first, name } = self;
        [&[RECORD_VERSION], first.to_be_bytes().as_slice(), name.as_bytes()].concat()
    }

    pub(super) fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let mut reader = Reader::new(value)?;
        let first = reader.number()?;
        let name = String::from_utf8(reader.rest.to_vec()).map_err(|_| RecordError::Short)?;
        Ok(Self { first, name })
    }
}

/// `version ‖ hash (32 bytes) ‖ chunk`.
pub(super) fn encode_change(hash: &ChangeHash, chunk: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(1 + HASH_BYTES + chunk.len());
    value.push(RECORD_VERSION);
    value.extend_from_slice(&hash.0);
    value.extend_from_slice(chunk);
    value
}

/// The hash and the chunk in a value of [`CHANGES`].
pub(super) fn decode_change(value: &[u8]) -> Result<(ChangeHash, &[u8]), RecordError> {
    let mut reader = Reader::new(value)?;
    let hash = reader.hash()?;
    Ok((hash, reader.rest))
}

/// Many values of [`CHANGES`] in one: `version 2`, then for each its length (4 bytes, big endian) and its bytes, as
/// [`encode_change`] made them. The first lies at the position that the key names, each other behind the one before.
pub(super) fn encode_segment(records: &[Bytes]) -> Vec<u8> {
    let mut value = vec![PACKED_VERSION];
    for record in records {
        // a record is a change, of which the guard takes no longer ones
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
        value.extend_from_slice(&length.to_be_bytes());
        value.extend_from_slice(record);
    }
    value
}

/// Bytes that a record takes in a segment beside its own.
pub(super) const SEGMENT_RECORD_BYTES: usize = size_of::<u32>();

/// Whether a value of [`CHANGES`] is a segment.
pub(super) fn is_segment(value: &[u8]) -> bool {
    value.first() == Some(&PACKED_VERSION)
}

/// The records in a value of [`CHANGES`] in order: of a segment all, else itself. What is left of a segment that is torn
/// is one more record, which can't be read.
pub(super) fn records_in(value: &Bytes) -> Vec<Bytes> {
    if !is_segment(value) {
        return vec![value.clone()];
    }
    let mut records = Vec::new();
    let mut rest = value.slice(1..);
    while !rest.is_empty() {
        let length = rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        let length = length.and_then(|length| usize::try_from(length).ok());
        let end = length.and_then(|length| length.checked_add(SEGMENT_RECORD_BYTES));
        let Some(end) = end.filter(|end| *end <= rest.len()) else {
            records.push(rest);
            break;
        };
        records.push(rest.slice(SEGMENT_RECORD_BYTES..end));
        rest = rest.slice(end..);
    }
    records
}

/// A value of [`QUARANTINE`].
pub(super) fn encode_quarantined(reason: &str, record: &[u8]) -> Vec<u8> {
    let reason: Vec<u8> = reason.bytes().take(usize::from(u8::MAX)).collect();
    let mut value = vec![RECORD_VERSION, u8::try_from(reason.len()).unwrap_or(u8::MAX)];
    value.extend_from_slice(&reason);
    value.extend_from_slice(record);
    value
}

/// What is known of a document without reading its changes.
///
/// Value: `version 2 ‖ next position ‖ packed ‖ changes ‖ bytes` (8 bytes each, big endian) `‖ heads` (32 bytes each,
/// sorted). Version 1 has no `packed`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DocumentRow {
    /// Where the next change goes.
    pub(super) next_position: u64,
    /// Nothing before this position is to be packed any more. No more than a hint: what it skips is read all the same.
    pub(super) packed: u64,
    /// How many changes there are.
    pub(super) changes: u64,
    /// How many bytes their chunks have.
    pub(super) bytes: u64,
    /// The changes that no other change depends on, sorted.
    pub(super) heads: Vec<ChangeHash>,
}

impl DocumentRow {
    /// How long a value with so many heads is.
    pub(super) const fn bytes_with(heads: usize) -> usize {
        1 + 4 * size_of::<u64>() + heads * HASH_BYTES
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { next_position, packed, changes, bytes, heads } = self;
        let mut value = vec![PACKED_VERSION];
        for number in [next_position, packed, changes, bytes] {
            value.extend_from_slice(&number.to_be_bytes());
        }
        for head in heads {
            value.extend_from_slice(&head.0);
        }
        value
    }

    pub(super) fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let (mut reader, is_packed) = match value.split_first() {
            Some((&PACKED_VERSION, rest)) => (Reader { rest }, true),
            Some(_) | None => (Reader::new(value)?, false),
        };
        let next_position = reader.number()?;
        let packed = if is_packed { reader.number()? } else { 0 };
        let (changes, bytes) = (reader.number()?, reader.number()?);
        let mut heads = Vec::new();
        while !reader.rest.is_empty() {
            heads.push(reader.hash()?);
        }
        Ok(Self { next_position, packed, changes, bytes, heads })
    }

    /// Whether at least one segment can be made.
    pub(super) fn is_packing_due(&self) -> bool {
        self.next_position.saturating_sub(self.packed) >= SEGMENT_RECORDS_MAX
    }

    /// Takes in a change that lies at [`Self::next_position`] and depends on `deps`.
    pub(super) fn push(&mut self, hash: ChangeHash, deps: &[ChangeHash], bytes: usize) {
        self.next_position = self.next_position.saturating_add(1);
        self.changes = self.changes.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.heads.retain(|head| !deps.contains(head));
        if let Err(at) = self.heads.binary_search(&hash) {
            self.heads.insert(at, hash);
        }
    }
}

/// A compacted document.
///
/// Value: `version ‖ number of heads` (8 bytes, big endian) `‖ heads` (32 bytes each, sorted) `‖ document chunk`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CompactedRow {
    /// The changes in it that no other change in it depends on, sorted.
    pub(super) heads: Vec<ChangeHash>,
    /// The chunk.
    pub(super) chunk: Bytes,
}

impl CompactedRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { heads, chunk } = self;
        let count = u64::try_from(heads.len()).unwrap_or(u64::MAX);
        let mut value = vec![RECORD_VERSION];
        value.extend_from_slice(&count.to_be_bytes());
        for head in heads {
            value.extend_from_slice(&head.0);
        }
        value.extend_from_slice(chunk);
        value
    }

    pub(super) fn decode(value: &Bytes) -> Result<Self, RecordError> {
        let mut reader = Reader::new(value)?;
        let count = reader.number()?;
        let mut heads = Vec::new();
        for _ in 0..count {
            heads.push(reader.hash()?);
        }
        Ok(Self { heads, chunk: value.slice_ref(reader.rest) })
    }
}

/// When a document is to be compacted.
///
/// Value: `version ‖ due ‖ unfinished` (8 bytes each, big endian) `‖ report` (text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CompactionRow {
    /// When it has so many bytes of changes.
    pub(super) due: u64,
    /// How many compactions were begun, and not heard of again, since the last that ended.
    pub(super) unfinished: u64,
    /// Why the last one failed, in a sentence; empty where it did not.
    pub(super) report: String,
}

impl CompactionRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { due, unfinished, report } = self;
        let numbers = [due.to_be_bytes(), unfinished.to_be_bytes()].concat();
        [&[RECORD_VERSION], numbers.as_slice(), report.as_bytes()].concat()
    }

    pub(super) fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let mut reader = Reader::new(value)?;
        let (due, unfinished) = (reader.number()?, reader.number()?);
        let report = String::from_utf8(reader.rest.to_vec()).map_err(|_| RecordError::Short)?;
        Ok(Self { due, unfinished, report })
    }
}

/// Reads a versioned value from its front.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(value: &'a [u8]) -> Result<Self, RecordError> {
        match value.split_first() {
            Some((&RECORD_VERSION, rest)) => Ok(Self { rest }),
            Some((&version, _)) => Err(RecordError::Version { version }),
            None => Err(RecordError::Short),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(RecordError::Short)?;
        self.rest = rest;
        Ok(*array)
    }

    fn number(&mut self) -> Result<u64, RecordError> {
        self.array().map(u64::from_be_bytes)
    }

    fn hash(&mut self) -> Result<ChangeHash, RecordError> {
        self.array().map(ChangeHash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_as_it_was_written_and_a_torn_one_is_refused() {
        let mut row = DocumentRow::default();
        row.push(ChangeHash([2; 32]), &[], 10);
        row.push(ChangeHash([1; 32]), &[], 20);
        row.push(ChangeHash([3; 32]), &[ChangeHash([2; 32])], 5);
        assert_eq!(row.heads, [ChangeHash([1; 32]), ChangeHash([3; 32])]);
        assert_eq!((row.next_position, row.changes, row.bytes), (3, 3, 35));
        row.packed = 2;
        let value = row.encode();
        assert_eq!(DocumentRow::decode(&value).unwrap(), row);
        assert!((0..value.len()).all(|end| {
            DocumentRow::decode(&value[..end]).is_err() == (end < 33 || (end - 33) % 32 != 0)
        }));
        let older = [&[RECORD_VERSION], &value[1..9], &value[17..]].concat();
        assert_eq!(DocumentRow::decode(&older).unwrap(), DocumentRow { packed: 0, ..row });
        assert_eq!(DocumentRow::decode(&[9]), Err(RecordError::Version { version: 9 }));
    }

    #[test]
    fn rows_of_rooms_read_as_they_were_written_and_torn_ones_are_refused() {
        let root = DocumentId::from_room_name("ops");
        let member = MemberRow { sequence: 7, root: root.clone() };
        assert_eq!(MemberRow::decode(&member.encode()), Ok(member.clone()));
        assert!((0..25).all(|end| MemberRow::decode(&member.encode()[..end]).is_err()));
        let epoch = EpochRow { first: 7, name: "a start".to_owned() };
        assert_eq!(EpochRow::decode(&epoch.encode()), Ok(epoch.clone()));
        assert!((0..9).all(|end| EpochRow::decode(&epoch.encode()[..end]).is_err()));
        assert_eq!(decode_room(&encode_room(&root)), Ok(root.clone()));
        assert!((0..17).all(|end| decode_room(&encode_room(&root)[..end]).is_err()));
        assert!(room_key(&root, 255) < room_key(&root, 256));
    }

    #[test]
    fn a_segment_reads_as_the_records_it_was_made_of_and_a_torn_one_as_those_before_the_tear() {
        let record = |byte: u8, length| {
            Bytes::from(encode_change(&ChangeHash([byte; 32]), &vec![byte; length]))
        };
        let records = vec![record(1, 9), record(2, 0), record(3, 300)];
        let value = Bytes::from(encode_segment(&records));
        assert!(is_segment(&value) && !is_segment(&records[0]));
        assert_eq!(records_in(&value), records);
        assert_eq!(records_in(&records[0]), records[..1]);
        for end in 1..value.len() {
            let read = records_in(&value.slice(..end));
            let whole = read.iter().zip(&records).take_while(|(read, record)| read == record);
            let whole = whole.count();
            assert!(read.len() - whole <= 1, "{end}");
            assert!(read[whole..].iter().all(|rest| decode_change(rest).is_err()), "{end}");
        }
    }

    #[test]
    fn rows_of_compaction_read_as_they_were_written_and_torn_ones_are_refused() {
        let heads = vec![ChangeHash([1; 32]), ChangeHash([2; 32])];
        let row = CompactedRow { heads, chunk: Bytes::from_static(b"chunk") };
        let value = Bytes::from(row.encode());
        assert_eq!(CompactedRow::decode(&value), Ok(row));
        assert!((0..73).all(|end| CompactedRow::decode(&value.slice(..end)).is_err()));
        let row = CompactionRow { due: 7, unfinished: 2, report: "why".to_owned() };
        assert_eq!(CompactionRow::decode(&row.encode()), Ok(row.clone()));
        assert!((0..17).all(|end| CompactionRow::decode(&row.encode()[..end]).is_err()));
    }

    #[test]
    fn a_key_names_its_document() {
        let id = DocumentId::from_room_name("ops");
        assert_eq!(document_of_key(&document_key(&id)).unwrap(), id);
        assert!(document_of_key(&[]).is_err());
        assert!(document_of_key(&[16, 1]).is_err());
        assert!(change_key(&id, 255) < change_key(&id, 256));
    }
}
