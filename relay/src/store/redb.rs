//! The default store as a synchronous core over any disk: what is committed, how it is read back, what is refused.

mod compaction;
mod packing;

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use bytes::Bytes;
use redb::{
    Builder, Database, DatabaseError, Durability, Error, ReadableDatabase, ReadableTable,
    StorageBackend, StorageError, Table, TableError, WriteTransaction,
};
use warroom_protocol::{ChangeHash, DocumentId, StorageId};

pub(super) use self::compaction::is_grown;
pub use self::packing::Packed;
use super::chunk;
use super::reading::{Reading, Records};
use super::rooms::{Epochs, RoomIndex, newest};
use super::snapshot::Snapshot;
use super::tables::{
    APPLICATION, APPLICATION_NAME, CHANGES, COMPACTED, COMPACTIONS, DOCUMENTS, DocumentRow, EPOCHS,
    FORMAT, FORMAT_VERSION, FORMAT_VERSION_MIN, META, POSITIONS, QUARANTINE, STORAGE_ID,
    change_key, decode_change, document_key, document_of_key, encode_change, encode_quarantined,
    hash_key, position_of_key, records_in,
};
use super::{Append, DocumentMeta, Loaded, Page, PageRequest, RoomRequest};
use crate::core::RoomPage;
use crate::error::{OpenError, RecordError};
use crate::limits::{STORE_CACHE_BYTES, STORE_PAGE_DOCUMENTS_MAX};

/// Documents in a redb database. One writer; every commit is durable before it returns.
#[derive(Debug)]
pub struct RedbStore {
    database: Database,
    epochs: Epochs,
    /// Documents that were seen to have enough to pack.
    due: BTreeSet<DocumentId>,
    /// Documents that were seen to have enough to compact.
    grown: BTreeSet<DocumentId>,
}

/// Why one append of a batch was left out; the others of its batch were committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendRefused {
    /// A change depends on one that is neither stored nor before it in the same append.
    MissingDependency(ChangeHash),
    /// A chunk is not a change.
    Malformed,
}

impl RedbStore {
    /// Opens the database on a disk, or makes one where the disk is empty. The whole file is verified, so the time
    /// this takes grows with it (about 2 s a GiB).
    ///
    /// A power cut while a database is made can leave a disk that is refused later; [`super::FileDisk`] makes it
    /// under another name for that reason.
    ///
    /// # Errors
    /// [`OpenError`]; its path is empty, since a disk has none.
    pub fn open_backend(backend: impl StorageBackend) -> Result<Self, OpenError> {
        // redb trusts some of what it reads; whatever it had begun is dropped with it
        catch_unwind(AssertUnwindSafe(|| Self::open_trusting(backend))).unwrap_or_else(|_| {
            let why = "reading it stopped the program's own checks".into();
            Err(OpenError::Damaged { path: PathBuf::new(), why })
        })
    }

    fn open_trusting(backend: impl StorageBackend) -> Result<Self, OpenError> {
        let database = Builder::new()
            .set_cache_size(STORE_CACHE_BYTES)
            .set_check_integrity_on_open(true)
            .create_with_backend(backend)
            .map_err(open_error)?;
        let mut store = Self {
            database,
            epochs: Epochs::default(),
            due: BTreeSet::new(),
            grown: BTreeSet::new(),
        };
        if store.format()? != Some(FORMAT_VERSION) {
            store.make_tables().map_err(unwritten)?;
        }
        let epochs = store.database.begin_read().map_err(Error::from);
        store.epochs =
            epochs.and_then(|reading| Epochs::read(&reading)).map_err(|error| damaged(&error))?;
        Ok(store)
    }

    /// Commits a batch of appends, all in one transaction, and returns what became of each, in order. `Ok` outside
    /// means that all that were not refused survive a power cut.
    ///
    /// # Errors
    /// The disk failed: nothing may be told to anyone, and the store must be opened again before the next commit.
    /// Some or all of the batch may be on the disk.
    pub fn commit(&mut self, batch: &[Append]) -> Result<Vec<Result<(), AppendRefused>>, Error> {
        let transaction = self.begin_write()?;
        let mut outcomes = Vec::with_capacity(batch.len());
        let (due, grown);
        {
            let mut tables = Tables::open(&transaction)?;
            for append in batch {
                outcomes.push(tables.append(append)?);
            }
            tables.rooms.finish()?;
            (due, grown) = (tables.due, tables.grown);
        }
        transaction.commit()?;
        for document_id in due {
            self.note_due(document_id);
        }
        for document_id in grown {
            self.note_grown(document_id);
        }
        Ok(outcomes)
    }

    /// Reads a document back, as of one moment. Records that can't be read, and those that depend on them, are moved
    /// to quarantine; when that fails they stay where they are and the next load finds them again.
    ///
    /// # Errors
    /// The disk failed.
    pub fn load(&mut self, document_id: &DocumentId) -> Result<Loaded, Error> {
        let reading = self.read(document_id)?.check();
        if !reading.is_clean() {
            let quarantined = reading.unreadable.len();
            tracing::error!(%document_id, quarantined, "records of a document could not be read");
            if let Err(error) = self.quarantine(document_id, &reading) {
                tracing::error!(%document_id, %error, "the quarantine could not be written");
            }
        }
        Ok(reading.into_loaded())
    }

    /// Reads the records of a document, as of one moment, without looking at them.
    pub(super) fn read(&mut self, document_id: &DocumentId) -> Result<Records, Error> {
        let records = self.snapshot()?.records(document_id)?;
        if matches!(&records.row, Some(Ok(row)) if row.is_packing_due()) {
            self.note_due(document_id.clone());
        }
        if records.is_grown {
            self.note_grown(document_id.clone());
        }
        Ok(records)
    }

    /// Everything that is stored, as of now.
    ///
    /// # Errors
    /// The disk failed.
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        Snapshot::of(&self.database)
    }

    /// A relay starts, or goes on after its disk failed, under a name that nobody else has: what it says of rooms
    /// from now on is never taken for the words of a copy of this store.
    ///
    /// # Errors
    /// The disk failed: what is said of rooms in this life will not be known to later ones, and the store must be opened
    /// again before the next commit.
    pub fn begin_epoch(&mut self, name: &str) -> Result<(), Error> {
        self.epochs.begin(name, newest(&self.database.begin_read()?)?);
        let transaction = self.begin_write()?;
        self.epochs.write(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// One page of what changed in a room, as of one moment.
    ///
    /// # Errors
    /// The disk failed.
    pub fn room(&self, request: &RoomRequest) -> Result<RoomPage, Error> {
        self.epochs.page(&self.database.begin_read()?, request)
    }

    /// What documents there are. A row that can't be read is left out; loading its document repairs it.
    ///
    /// # Errors
    /// The disk failed.
    pub fn list(&self, page: &PageRequest) -> Result<Page, Error> {
        let documents = self.database.begin_read()?.open_table(DOCUMENTS)?;
        let documents_max = page.documents_max.min(STORE_PAGE_DOCUMENTS_MAX);
        let after = page.after.as_ref().map(document_key).unwrap_or_default();
        let mut found = Page::default();
        for entry in documents.range(after.as_slice()..)? {
            let (key, value) = entry?;
            if page.after.is_some() && key.value() == after {
                continue;
            }
            if found.documents.len() == documents_max {
                found.has_more = true;
                break;
            }
            if let (Ok(document_id), Ok(row)) =
                (document_of_key(key.value()), DocumentRow::decode(value.value()))
            {
                let DocumentRow { next_position: _, packed: _, changes, bytes, heads } = row;
                found.documents.push(DocumentMeta { document_id, heads, changes, bytes });
            }
        }
        Ok(found)
    }

    /// The name of this store towards peers. `fresh` becomes it when there is none yet.
    ///
    /// # Errors
    /// The disk failed.
    pub fn storage_id(&mut self, fresh: &StorageId) -> Result<StorageId, Error> {
        if let Some(stored) = self.stored_id()? {
            return Ok(stored);
        }
        let transaction = self.begin_write()?;
        transaction.open_table(META)?.insert(STORAGE_ID, fresh.as_str().as_bytes())?;
        transaction.commit()?;
        Ok(fresh.clone())
    }

    /// The name of this store towards peers, where it has one already.
    ///
    /// # Errors
    /// The disk failed.
    pub fn stored_id(&self) -> Result<Option<StorageId>, Error> {
        let meta = self.database.begin_read()?.open_table(META)?;
        let text = meta.get(STORAGE_ID)?.map(|value| value.value().to_vec());
        let text = text.and_then(|text| String::from_utf8(text).ok());
        Ok(text.and_then(|text| StorageId::new(&text).ok()))
    }

    /// How many records are in quarantine.
    ///
    /// # Errors
    /// The disk failed.
    pub fn quarantined(&self) -> Result<u64, Error> {
        let quarantine = self.database.begin_read()?.open_table(QUARANTINE)?;
        Ok(redb::ReadableTableMetadata::len(&quarantine)?)
    }

    /// Gives the disk back. Dropping does the same and keeps silent about errors.
    ///
    /// # Errors
    /// The disk failed; everything that was committed is there all the same.
    pub fn close(self) -> Result<(), Error> {
        self.database.close().map_err(Error::from)
    }

    /// Two phases, since an attacker may choose what is written; quick repair, so that the start after a crash does
    /// not walk the file twice.
    fn begin_write(&self) -> Result<WriteTransaction, Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        transaction.set_two_phase_commit(true);
        transaction.set_quick_repair(true);
        Ok(transaction)
    }

    /// The version of the layout; none for a new database.
    fn format(&self) -> Result<Option<u32>, OpenError> {
        let foreign = |why| OpenError::Foreign { path: PathBuf::new(), why };
        let reading = self.database.begin_read().map_err(|error| damaged(&error.into()))?;
        let meta = match reading.open_table(META) {
            Ok(meta) => meta,
            Err(TableError::TableDoesNotExist(_)) => {
                let mut tables = reading.list_tables().map_err(|error| damaged(&error.into()))?;
                return match tables.next() {
                    None => Ok(None),
                    Some(_) => Err(foreign("a redb database of another program")),
                };
            }
            Err(_) => return Err(foreign("a redb database of another program")),
        };
        let value = |key| -> Result<Option<Vec<u8>>, OpenError> {
            let value = meta.get(key).map_err(|error| damaged(&error.into()))?;
            Ok(value.map(|value| value.value().to_vec()))
        };
        if value(APPLICATION)?.as_deref() != Some(APPLICATION_NAME) {
            return Err(foreign("a redb database of another program"));
        }
        let format = value(FORMAT)?.and_then(|bytes| bytes.try_into().ok().map(u32::from_be_bytes));
        match format {
            Some(format @ FORMAT_VERSION_MIN..=FORMAT_VERSION) => Ok(Some(format)),
            Some(format) if format > FORMAT_VERSION => {
                Err(OpenError::Newer { path: PathBuf::new(), format })
            }
            Some(_) | None => Err(OpenError::Damaged {
                path: PathBuf::new(),
                why: "its format can't be read".into(),
            }),
        }
    }

    /// Makes what is not there: everything in a new database, what came since in one of an older version.
    fn make_tables(&self) -> Result<(), Error> {
        let transaction = self.begin_write()?;
        {
            let mut meta = transaction.open_table(META)?;
            meta.insert(APPLICATION, APPLICATION_NAME)?;
            meta.insert(FORMAT, FORMAT_VERSION.to_be_bytes().as_slice())?;
            transaction.open_table(QUARANTINE)?;
            transaction.open_table(EPOCHS)?;
        }
        Tables::open(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// Moves what a reading could not use to [`QUARANTINE`] and writes the row that fits the rest. The hashes that
    /// are no longer stored are forgotten, so that a peer that has the changes can bring them again.
    fn quarantine(&mut self, document_id: &DocumentId, reading: &Reading) -> Result<(), Error> {
        let transaction = self.begin_write()?;
        {
            let mut tables = Tables::open(&transaction)?;
            let mut quarantine = transaction.open_table(QUARANTINE)?;
            tables.unpack(document_id, &reading.unreadable)?;
            tables.forget_compacted(document_id)?;
            for (key, reason) in &reading.unreadable {
                if let Some(record) = tables.changes.remove(key.as_slice())? {
                    let value = encode_quarantined(&reason.to_string(), record.value());
                    quarantine.insert(key.as_slice(), value.as_slice())?;
                }
            }
            tables.rebuild_positions(document_id)?;
            let row = reading.row.encode();
            tables.documents.insert(document_key(document_id).as_slice(), row.as_slice())?;
            // who has what was lost is to hear that it is wanted again
            if let Some(root) = tables.rooms.room_of(document_id)? {
                tables.rooms.note(document_id, &root)?;
                tables.rooms.finish()?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

/// The changes of a document as they were put in the table, each with its own key.
pub(super) fn records_of(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    document_id: &DocumentId,
) -> Result<Vec<(Vec<u8>, Bytes)>, Error> {
    let (first, last) = (change_key(document_id, 0), change_key(document_id, u64::MAX));
    let mut records = Vec::new();
    for entry in table.range(first.as_slice()..=last.as_slice())? {
        let (key, value) = entry?;
        let first = position_of_key(key.value());
        let value = Bytes::copy_from_slice(value.value());
        let positions = (0..).map(|index| first.saturating_add(index));
        let of_row = positions.zip(records_in(&value));
        records.extend(of_row.map(|(at, record)| (change_key(document_id, at), record)));
    }
    Ok(records)
}

/// The tables that an append writes.
struct Tables<'a> {
    documents: Table<'a, &'static [u8], &'static [u8]>,
    changes: Table<'a, &'static [u8], &'static [u8]>,
    positions: Table<'a, &'static [u8], u64>,
    rooms: RoomIndex<'a>,
    compacted: Table<'a, &'static [u8], &'static [u8]>,
    compactions: Table<'a, &'static [u8], &'static [u8]>,
    /// Documents that have enough to pack, and to compact.
    due: Vec<DocumentId>,
    grown: Vec<DocumentId>,
}

impl<'a> Tables<'a> {
    fn open(transaction: &'a WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            documents: transaction.open_table(DOCUMENTS)?,
            changes: transaction.open_table(CHANGES)?,
            positions: transaction.open_table(POSITIONS)?,
            rooms: RoomIndex::open(transaction)?,
            compacted: transaction.open_table(COMPACTED)?,
            compactions: transaction.open_table(COMPACTIONS)?,
            due: Vec::new(),
            grown: Vec::new(),
        })
    }

    /// Writes what is new of an append; writes nothing of one that is refused.
    fn append(&mut self, append: &Append) -> Result<Result<(), AppendRefused>, Error> {
        let Append { document_id, changes, room } = append;
        let mut new = Vec::new();
        let mut hashes = BTreeSet::new();
        for change in changes {
            if !hashes.insert(change.hash) || self.has(document_id, &change.hash)? {
                continue;
            }
            let Ok(deps) = chunk::deps(&change.chunk) else {
                return Ok(Err(AppendRefused::Malformed));
            };
            for dep in &deps {
                if !hashes.contains(dep) && !self.has(document_id, dep)? {
                    return Ok(Err(AppendRefused::MissingDependency(*dep)));
                }
            }
            new.push((change, deps));
        }
        let key = document_key(document_id);
        let counted = self.rooms.room_of(document_id)?;
        let is_uncounted = counted.is_none();
        let root = counted.or_else(|| room.clone());
        if new.is_empty() {
            let is_here = self.documents.get(key.as_slice())?.is_some();
            if let Some(root) = root.filter(|_| is_uncounted && is_here) {
                self.rooms.note(document_id, &root)?;
            }
            return Ok(Ok(()));
        }
        let row = self.documents.get(key.as_slice())?;
        let row = row.map(|value| DocumentRow::decode(value.value()));
        // a row that can't be read is rebuilt from the changes by the next load
        let mut row = match row {
            Some(Ok(row)) => row,
            Some(Err(_)) | None => self.row_of_changes(document_id)?,
        };
        for (change, deps) in new {
            let position = row.next_position;
            let value = encode_change(&change.hash, &change.chunk);
            self.changes.insert(change_key(document_id, position).as_slice(), value.as_slice())?;
            self.positions.insert(hash_key(document_id, &change.hash).as_slice(), position)?;
            row.push(change.hash, &deps, change.chunk.len());
        }
        self.documents.insert(key.as_slice(), row.encode().as_slice())?;
        if row.is_packing_due() {
            self.due.push(document_id.clone());
        }
        if self.is_grown(document_id, row.bytes)? {
            self.grown.push(document_id.clone());
        }
        if let Some(root) = root {
            self.rooms.note(document_id, &root)?;
        }
        Ok(Ok(()))
    }

    fn has(&self, document_id: &DocumentId, hash: &ChangeHash) -> Result<bool, Error> {
        Ok(self.positions.get(hash_key(document_id, hash).as_slice())?.is_some())
    }

    fn row_of_changes(&self, document_id: &DocumentId) -> Result<DocumentRow, Error> {
        let changes = records_of(&self.changes, document_id)?;
        Ok(Records { changes, ..Records::default() }.check().row)
    }

    /// Makes [`POSITIONS`] name exactly what [`CHANGES`] holds of a document.
    fn rebuild_positions(&mut self, document_id: &DocumentId) -> Result<(), Error> {
        let first = hash_key(document_id, &ChangeHash([0; 32]));
        let last = hash_key(document_id, &ChangeHash([u8::MAX; 32]));
        self.positions.retain_in(first.as_slice()..=last.as_slice(), |_, _| false)?;
        for (key, value) in records_of(&self.changes, document_id)? {
            let position = position_of_key(&key);
            if let Ok((hash, _)) = decode_change(&value) {
                self.positions.insert(hash_key(document_id, &hash).as_slice(), position)?;
            }
        }
        Ok(())
    }
}

/// Tables can't be made: of an intact file on a disk that is full.
fn unwritten(error: Error) -> OpenError {
    if let Error::Io(source) = error {
        return OpenError::Io { path: PathBuf::new(), source };
    }
    damaged(&error)
}

fn damaged(error: &Error) -> OpenError {
    OpenError::Damaged { path: PathBuf::new(), why: error.to_string() }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "redb adds errors between versions")]
fn open_error(error: DatabaseError) -> OpenError {
    let path = PathBuf::new();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            OpenError::Locked { path }
        }
        DatabaseError::UpgradeRequired(_) => {
            OpenError::Foreign { path, why: "a redb database of an older format" }
        }
        DatabaseError::Storage(StorageError::Io(source)) => match source.kind() {
            io::ErrorKind::InvalidData => {
                OpenError::Foreign { path, why: "its first bytes are not those of a database" }
            }
            io::ErrorKind::UnexpectedEof => {
                OpenError::Damaged { path, why: "it ends early".into() }
            }
            _ => OpenError::Io { path, source },
        },
        error => OpenError::Damaged { path, why: error.to_string() },
    }
}
