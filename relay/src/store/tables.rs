//! The tables of the database file: name, key, value and version of each. Nothing else knows how a byte lies on disk.
//!
//! Every value begins with its own version byte, so that a later version can read what an earlier one wrote. Keys of
//! one document share a prefix (its length, then its bytes), so that one range read gives all of it.

use redb::TableDefinition;
use warroom_protocol::{ChangeHash, DocumentId};

use crate::error::RecordError;

/// What the file is: [`APPLICATION`] → `warroom`, [`FORMAT`] → [`FORMAT_VERSION`] (4 bytes, big endian),
/// [`STORAGE_ID`] → the text of the relay's storage id.
pub(super) const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");

/// One row for each document. Key: [`document_key`]. Value: [`DocumentRow`].
pub(super) const DOCUMENTS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("documents");

/// The raw change log, the truth. Key: [`change_key`]. Value: [`encode_change`]. A change lies after all that it
/// depends on.
pub(super) const CHANGES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("changes");

/// Where a change lies, so that appending is idempotent. Key: [`hash_key`]. Value: its position.
pub(super) const POSITIONS: TableDefinition<'_, &[u8], u64> = TableDefinition::new("positions");

/// Records that could not be read, as they were. Key: [`change_key`] of where they lay. Value: version 1 ‖ length of
/// the reason (1 byte) ‖ reason ‖ the record's bytes.
pub(super) const QUARANTINE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("quarantine");

/// Key in [`META`].
pub(super) const APPLICATION: &[u8] = b"application";
/// What stands under [`APPLICATION`].
pub(super) const APPLICATION_NAME: &[u8] = b"warroom";
/// Key in [`META`].
pub(super) const FORMAT: &[u8] = b"format";
/// The version of the layout as a whole; raised when an older program must not open the file.
pub(super) const FORMAT_VERSION: u32 = 1;
/// Key in [`META`].
pub(super) const STORAGE_ID: &[u8] = b"storage_id";

const RECORD_VERSION: u8 = 1;
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

/// `length ‖ id ‖ position` (8 bytes, big endian, so that order of keys is order of appending).
pub(super) fn change_key(document_id: &DocumentId, position: u64) -> Vec<u8> {
    let mut key = document_key(document_id);
    key.extend_from_slice(&position.to_be_bytes());
    key
}

/// `length ‖ id ‖ hash`.
pub(super) fn hash_key(document_id: &DocumentId, hash: &ChangeHash) -> Vec<u8> {
    let mut key = document_key(document_id);
    key.extend_from_slice(&hash.0);
    key
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
/// Value: `version ‖ next position ‖ changes ‖ bytes` (8 bytes each, big endian) `‖ heads` (32 bytes each, sorted).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DocumentRow {
    /// Where the next change goes.
    pub(super) next_position: u64,
    /// How many changes there are.
    pub(super) changes: u64,
    /// How many bytes their chunks have.
    pub(super) bytes: u64,
    /// The changes that no other change depends on, sorted.
    pub(super) heads: Vec<ChangeHash>,
}

impl DocumentRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { next_position, changes, bytes, heads } = self;
        let mut value = vec![RECORD_VERSION];
        for number in [next_position, changes, bytes] {
            value.extend_from_slice(&number.to_be_bytes());
        }
        for head in heads {
            value.extend_from_slice(&head.0);
        }
        value
    }

    pub(super) fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let mut reader = Reader::new(value)?;
        let (next_position, changes, bytes) =
            (reader.number()?, reader.number()?, reader.number()?);
        let mut heads = Vec::new();
        while !reader.rest.is_empty() {
            heads.push(reader.hash()?);
        }
        Ok(Self { next_position, changes, bytes, heads })
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
        let value = row.encode();
        assert_eq!(DocumentRow::decode(&value).unwrap(), row);
        assert!((0..value.len()).all(|end| {
            DocumentRow::decode(&value[..end]).is_err() == (end < 25 || (end - 25) % 32 != 0)
        }));
        assert_eq!(DocumentRow::decode(&[9]), Err(RecordError::Version { version: 9 }));
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
