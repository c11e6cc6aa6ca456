//! Which documents of a room changed: an index that is written with the changes themselves, in one transaction.

use redb::{Error, ReadTransaction, ReadableTable, Table, WriteTransaction};
use warroom_protocol::limits::{ROOM_DOCUMENTS_MAX, ROOM_HEADS_MAX};
use warroom_protocol::wire::RoomDocument;
use warroom_protocol::{Cursor, DocumentId};

use super::RoomRequest;
use super::tables::{
    DOCUMENTS, DocumentRow, EPOCHS, EpochRow, MEMBERS, META, MemberRow, ROOMS, SEQUENCE,
    decode_room, document_key, encode_room, room_key,
};
use crate::core::RoomPage;
use crate::limits::{EPOCH_NAME_BYTES_MAX, EPOCHS_MAX};

/// The tables of the index, in a transaction that writes.
pub(super) struct RoomIndex<'a> {
    meta: Table<'a, &'static [u8], &'static [u8]>,
    rooms: Table<'a, &'static [u8], &'static [u8]>,
    members: Table<'a, &'static [u8], &'static [u8]>,
    /// The number of the newest row, and what of it is written down.
    sequence: u64,
    written: u64,
}

impl<'a> RoomIndex<'a> {
    pub(super) fn open(transaction: &'a WriteTransaction) -> Result<Self, Error> {
        let meta = transaction.open_table(META)?;
        let sequence = sequence_of(&meta)?;
        Ok(Self {
            meta,
            rooms: transaction.open_table(ROOMS)?,
            members: transaction.open_table(MEMBERS)?,
            sequence,
            written: sequence,
        })
    }

    /// To which room a document counts.
    pub(super) fn room_of(&self, document_id: &DocumentId) -> Result<Option<DocumentId>, Error> {
        room_of(&self.members, document_id)
    }

    /// A document of a room changed, or counts to it from now on.
    pub(super) fn note(
        &mut self,
        document_id: &DocumentId,
        root: &DocumentId,
    ) -> Result<(), Error> {
        let key = document_key(document_id);
        self.sequence = self.sequence.saturating_add(1);
        let row = MemberRow { sequence: self.sequence, root: root.clone() };
        let before = self.members.insert(key.as_slice(), row.encode().as_slice())?;
        let before = before.and_then(|value| MemberRow::decode(value.value()).ok());
        if let Some(before) = before {
            self.rooms.remove(room_key(&before.root, before.sequence).as_slice())?;
        }
        let key = room_key(root, self.sequence);
        self.rooms.insert(key.as_slice(), encode_room(document_id).as_slice())?;
        Ok(())
    }

    /// Writes down how far the numbers went; before the commit.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        if self.sequence != self.written {
            self.meta.insert(SEQUENCE, self.sequence.to_be_bytes().as_slice())?;
            self.written = self.sequence;
        }
        Ok(())
    }
}

/// The starts of relays on a store, oldest first; the last is the one that runs.
#[derive(Debug, Default)]
pub(super) struct Epochs(Vec<EpochRow>);

impl Epochs {
    /// Those that are written down.
    pub(super) fn read(transaction: &ReadTransaction) -> Result<Self, Error> {
        let mut epochs = Vec::new();
        for entry in transaction.open_table(EPOCHS)?.iter()? {
            epochs.extend(EpochRow::decode(entry?.1.value()).ok());
        }
        Ok(Self(epochs))
    }

    /// A relay starts. It counts even where it can't be written down: then what it says is not known to later ones.
    pub(super) fn begin(&mut self, name: &str, newest: u64) {
        let name = name.get(..name.floor_char_boundary(EPOCH_NAME_BYTES_MAX)).unwrap_or_default();
        self.0.push(EpochRow { first: newest, name: name.to_owned() });
    }

    /// Writes the last one down.
    pub(super) fn write(&self, transaction: &WriteTransaction) -> Result<(), Error> {
        let mut table = transaction.open_table(EPOCHS)?;
        let last = table.last()?.map(|(key, _)| key.value());
        if let Some(epoch) = self.0.last() {
            let key = last.map_or(0, |last| last.saturating_add(1));
            table.insert(key, epoch.encode().as_slice())?;
            table.retain_in(..key.saturating_sub(EPOCHS_MAX), |_, _| false)?;
        }
        Ok(())
    }

    /// What to say to who was told everything up to `told`, when `newest` was the newest row.
    fn cursor(&self, told: u64, newest: u64) -> Option<Cursor> {
        let name = self.0.last().map_or("", |epoch| &epoch.name);
        Cursor::new(&format!("{told}:{newest}:{name}")).ok()
    }

    /// Up to which row somebody was told, where this store said it: a start of it, and none of a copy of it. What counts is
    /// the moment when it was said, because a page that is not the last ends at a row that may be older than the start, and
    /// older than the backup which did not see where the rows behind it went.
    fn position(&self, cursor: &Cursor, newest: u64) -> Option<u64> {
        let mut parts = cursor.as_str().splitn(3, ':');
        let told: u64 = parts.next()?.parse().ok()?;
        let moment: u64 = parts.next()?.parse().ok()?;
        let name = parts.next()?;
        let ends = self.0.iter().skip(1).map(|epoch| epoch.first).chain([newest]);
        let mut spans = self.0.iter().zip(ends);
        let is_there =
            spans.any(|(epoch, end)| epoch.name == name && (epoch.first..=end).contains(&moment));
        (is_there && told <= moment).then_some(told)
    }

    /// One page of what changed in a room.
    pub(super) fn page(
        &self,
        transaction: &ReadTransaction,
        request: &RoomRequest,
    ) -> Result<RoomPage, Error> {
        let newest = newest(transaction)?;
        let RoomRequest { root, since } = request;
        let since = since.as_ref().and_then(|cursor| self.position(cursor, newest));
        let after = since.unwrap_or(0);
        let rooms = transaction.open_table(ROOMS)?;
        let documents = transaction.open_table(DOCUMENTS)?;
        let first = room_key(root, after.saturating_add(1));
        let last = room_key(root, u64::MAX);
        let mut page = RoomPage { is_whole: since.is_none(), ..RoomPage::default() };
        let mut reached = after;
        for entry in rooms.range(first.as_slice()..=last.as_slice())? {
            if page.documents.len() == ROOM_DOCUMENTS_MAX {
                page.has_more = true;
                break;
            }
            let (key, value) = entry?;
            reached = key.value().last_chunk().map_or(reached, |bytes| u64::from_be_bytes(*bytes));
            let Ok(document_id) = decode_room(value.value()) else { continue };
            let row = documents.get(document_key(&document_id).as_slice())?;
            // a row of a hundred thousand heads is not read for each page
            let row =
                row.filter(|value| value.value().len() <= DocumentRow::bytes_with(ROOM_HEADS_MAX));
            let row = row.and_then(|value| DocumentRow::decode(value.value()).ok());
            let heads = row.map(|row| row.heads).filter(|heads| heads.len() <= ROOM_HEADS_MAX);
            page.documents.push(RoomDocument { document_id, heads: heads.unwrap_or_default() });
        }
        page.cursor = self.cursor(if page.has_more { reached } else { newest }, newest);
        Ok(page)
    }
}

/// The number of the newest row.
pub(super) fn newest(transaction: &ReadTransaction) -> Result<u64, Error> {
    sequence_of(&transaction.open_table(META)?)
}

/// To which room a document counts.
pub(super) fn room_of(
    members: &impl ReadableTable<&'static [u8], &'static [u8]>,
    document_id: &DocumentId,
) -> Result<Option<DocumentId>, Error> {
    let row = members.get(document_key(document_id).as_slice())?;
    Ok(row.and_then(|value| MemberRow::decode(value.value()).ok()).map(|row| row.root))
}

/// The number of the newest row, as it is written down.
pub(super) fn sequence_of(
    meta: &impl ReadableTable<&'static [u8], &'static [u8]>,
) -> Result<u64, Error> {
    let value = meta.get(SEQUENCE)?;
    Ok(value.and_then(|value| value.value().try_into().ok().map(u64::from_be_bytes)).unwrap_or(0))
}
