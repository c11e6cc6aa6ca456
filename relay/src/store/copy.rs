//! A copy of a store as of one moment: its rows as a stream of bytes, and a new file made of them, whole or not at all.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{
    Builder, Database, Durability, ReadTransaction, ReadableTable, TableError, TableHandle,
    WriteTransaction,
};

use super::file::FileDisk;
use super::snapshot::Snapshot;
use super::tables::{
    BytesTable, CHANGES, COMPACTED, COMPACTIONS, DOCUMENTS, EPOCHS, MEMBERS, META, POSITIONS,
    QUARANTINE, ROOMS,
};
use super::thread::Disk;
use super::untouched::UntouchedDisk;
use super::verify::{Finding, Verified};
use crate::error::CopyError;
use crate::limits::{STORE_CACHE_BYTES, STORE_COPY_BLOCK_BYTES};

/// The tables of bytes under bytes, each with its number in the stream. [`POSITIONS`] and [`EPOCHS`] are the others.
const OF_BYTES: [(u8, BytesTable); 8] = [
    (0, META),
    (1, DOCUMENTS),
    (2, CHANGES),
    (4, QUARANTINE),
    (5, ROOMS),
    (6, MEMBERS),
    (8, COMPACTED),
    (9, COMPACTIONS),
];
const OF_POSITIONS: u8 = 3;
const OF_EPOCHS: u8 = 7;
/// Behind the last row: the number of rows (8 bytes) as key, no value.
const END: u8 = 255;
/// Instead of the end: a sentence as key, no value.
const FAILURE: u8 = 254;
/// Bytes of the number of the table and of the two lengths.
const HEAD_BYTES: usize = 9;

/// The rows of a snapshot as a stream of bytes: for each row the number of its table (1 byte) ‖ the length of its key
/// (4, big endian) ‖ that of its value (4) ‖ key ‖ value. Numbers are 8 bytes, big endian.
struct Rows<'a> {
    give: &'a mut dyn FnMut(Vec<u8>) -> bool,
    block: Vec<u8>,
    count: u64,
}

impl Snapshot {
    /// Hands all rows over as a stream of bytes that [`Copying`] takes, some at a time, and then that they are all or why
    /// not. `give` says whether somebody still wants more.
    pub fn rows(&self, mut give: impl FnMut(Vec<u8>) -> bool) {
        let mut rows = Rows { give: &mut give, block: Vec::new(), count: 0 };
        let told = match rows.tell(self.transaction()) {
            Ok(()) => {
                let count = rows.count.to_be_bytes();
                rows.push(END, &count, &[])
            }
            Err(CopyError::Unwanted) => return,
            Err(error) => rows.push(FAILURE, error.to_string().as_bytes(), &[]),
        };
        if told.is_ok() {
            // whoever left does not wait for the end
            rows.flush().unwrap_or(());
        }
    }
}

impl Rows<'_> {
    fn tell(&mut self, transaction: &ReadTransaction) -> Result<(), CopyError> {
        let known = OF_BYTES.iter().map(|(_, table)| table.name());
        let known: Vec<&str> = known.chain([POSITIONS.name(), EPOCHS.name()]).collect();
        for table in transaction.list_tables().map_err(unread)? {
            if !known.contains(&table.name()) {
                return Err(CopyError::Table { name: table.name().to_owned() });
            }
        }
        for (number, table) in OF_BYTES {
            let Some(table) = there(transaction.open_table(table))? else { continue };
            for row in table.iter().map_err(unread)? {
                let (key, value) = row.map_err(unread)?;
                self.row(number, key.value(), value.value())?;
            }
        }
        if let Some(table) = there(transaction.open_table(POSITIONS))? {
            for row in table.iter().map_err(unread)? {
                let (key, value) = row.map_err(unread)?;
                self.row(OF_POSITIONS, key.value(), &value.value().to_be_bytes())?;
            }
        }
        if let Some(table) = there(transaction.open_table(EPOCHS))? {
            for row in table.iter().map_err(unread)? {
                let (key, value) = row.map_err(unread)?;
                self.row(OF_EPOCHS, &key.value().to_be_bytes(), value.value())?;
            }
        }
        Ok(())
    }

    fn row(&mut self, table: u8, key: &[u8], value: &[u8]) -> Result<(), CopyError> {
        self.count = self.count.saturating_add(1);
        self.push(table, key, value)
    }

    fn push(&mut self, table: u8, key: &[u8], value: &[u8]) -> Result<(), CopyError> {
        let length = |bytes: &[u8]| {
            let length = u32::try_from(bytes.len()).map_err(|_| CopyError::Malformed)?;
            Ok::<_, CopyError>(length.to_be_bytes())
        };
        let head = ([table], length(key)?, length(value)?);
        for part in [head.0.as_slice(), &head.1, &head.2, key, value] {
            self.block.extend_from_slice(part);
        }
        if self.block.len() < STORE_COPY_BLOCK_BYTES {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), CopyError> {
        let block = std::mem::take(&mut self.block);
        if (self.give)(block) { Ok(()) } else { Err(CopyError::Unwanted) }
    }
}

/// A row in a stream.
struct Row<'a> {
    table: u8,
    key: &'a [u8],
    value: &'a [u8],
}

impl<'a> Row<'a> {
    /// The first row of a stream and what is behind it, when all of it is there.
    fn read(stream: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (head, rest) = stream.split_at_checked(HEAD_BYTES)?;
        let (&table, lengths) = head.split_first()?;
        let length = |at: usize| {
            let bytes = lengths.get(at..)?.first_chunk()?;
            usize::try_from(u32::from_be_bytes(*bytes)).ok()
        };
        let (key, rest) = rest.split_at_checked(length(0)?)?;
        let (value, rest) = rest.split_at_checked(length(4)?)?;
        Some((Self { table, key, value }, rest))
    }
}

/// A new database file that is made of rows. It gets its name when it is whole, on the disk, and was read again; dropped before
/// that, nothing is left of it.
pub struct Copying {
    file: NewFile,
    database: Option<Database>,
    transaction: Option<WriteTransaction>,
    stream: Vec<u8>,
    rows: u64,
    is_whole: bool,
}

impl fmt::Debug for Copying {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, rows, .. } = self;
        formatter.debug_struct("Copying").field("file", file).field("rows", rows).finish()
    }
}

/// What a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// How many rows it has.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// What was found in it.
    pub verified: Verified,
    /// What does not fit together in it: so it was in the store that it is a copy of.
    pub findings: Vec<Finding>,
}

impl Copying {
    /// Begins a file that is to be at `path`, where nothing may be yet.
    ///
    /// # Errors
    /// [`CopyError`]; nothing was made.
    pub fn begin(path: &Path) -> Result<Self, CopyError> {
        let file = NewFile::begin(path)?;
        let made = OpenOptions::new().read(true).write(true).create_new(true).open(file.making());
        let made = made.map_err(|error| file.failed(error))?;
        let backend = FileBackend::new(made);
        let made = backend.and_then(|backend| {
            Builder::new().set_cache_size(STORE_CACHE_BYTES).create_with_backend(backend)
        });
        let database = made.map_err(|error| file.failed(error))?;
        let mut transaction = database.begin_write().map_err(|error| file.failed(error))?;
        let durability = transaction.set_durability(Durability::Immediate);
        durability.map_err(|error| file.failed(error))?;
        transaction.set_two_phase_commit(true);
        transaction.set_quick_repair(true);
        Ok(Self {
            file,
            database: Some(database),
            transaction: Some(transaction),
            stream: Vec::new(),
            rows: 0,
            is_whole: false,
        })
    }

    /// Takes the next bytes of the stream.
    ///
    /// # Errors
    /// [`CopyError`]: to be dropped.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), CopyError> {
        self.stream.extend_from_slice(bytes);
        if Row::read(&self.stream).is_none() {
            return Ok(());
        }
        let stream = std::mem::take(&mut self.stream);
        let (mut rest, mut rows) = (stream.as_slice(), Vec::new());
        while let Some((row, behind)) = Row::read(rest) {
            rest = behind;
            match row.table {
                _ if self.is_whole => return Err(CopyError::Malformed),
                FAILURE => {
                    return Err(CopyError::Source(String::from_utf8_lossy(row.key).into_owned()));
                }
                END => {
                    let told = row.key.try_into().ok().map(u64::from_be_bytes);
                    if told != Some(self.rows.saturating_add(count(rows.len()))) {
                        return Err(CopyError::Torn);
                    }
                    self.is_whole = true;
                }
                _ => rows.push(row),
            }
        }
        self.rows = self.rows.saturating_add(count(rows.len()));
        if let Some(transaction) = &self.transaction {
            for group in rows.chunk_by(|one, next| one.table == next.table) {
                write(transaction, group).map_err(|error| self.unwritten(error))?;
            }
        }
        self.stream = rest.to_vec();
        Ok(())
    }

    /// Ends the file: it is synced, read again from its first page to its last, and gets its name.
    ///
    /// # Errors
    /// [`CopyError`]; nothing is left of it.
    pub fn finish(mut self) -> Result<Copied, CopyError> {
        if !self.is_whole {
            return Err(CopyError::Torn);
        }
        if let Some(transaction) = self.transaction.take() {
            make_tables(&transaction).map_err(|error| self.unwritten(error))?;
            transaction.commit().map_err(|error| self.file.failed(error))?;
        }
        if let Some(database) = self.database.take() {
            database.close().map_err(|error| self.file.failed(error))?;
        }
        let synced = File::open(self.file.making()).and_then(|file| {
            file.sync_all()?;
            file.metadata()
        });
        let bytes = synced.map_err(|error| self.file.failed(error))?.len();
        let store = UntouchedDisk::new(self.file.making()).open().map_err(CopyError::Unreadable)?;
        let snapshot = store.snapshot().map_err(unread)?;
        let mut rows = 0;
        snapshot.rows(|block| {
            rows += rows_in(&block);
            true
        });
        if rows != self.rows {
            return Err(CopyError::Torn);
        }
        let mut findings = Vec::new();
        let verified = snapshot.verify(&mut |finding| findings.push(finding)).map_err(unread)?;
        drop((snapshot, store));
        self.file.name()?;
        Ok(Copied { rows, bytes, verified, findings })
    }

    fn unwritten(&self, error: Unwritten) -> CopyError {
        match error {
            Unwritten::Malformed => CopyError::Malformed,
            Unwritten::Failed(error) => self.file.failed(error),
        }
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        drop(self.transaction.take());
        drop(self.database.take());
    }
}

/// A file that gets its name when it is whole; dropped before that, nothing is left of it.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    making: PathBuf,
}

impl NewFile {
    /// Begins a file that is to be at `path`, where nothing may be yet.
    ///
    /// # Errors
    /// [`CopyError`].
    pub(crate) fn begin(path: &Path) -> Result<Self, CopyError> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(CopyError::Exists { path: path.to_path_buf() });
        }
        let making = FileDisk::new(path).beside(".partial");
        clear(&making).map_err(|source| CopyError::Io { path: path.to_path_buf(), source })?;
        Ok(Self { path: path.to_path_buf(), making })
    }

    /// Where it is while it is made.
    pub(crate) fn making(&self) -> &Path {
        &self.making
    }

    /// Gives it its name, for good.
    ///
    /// # Errors
    /// [`CopyError`]; where the name was taken meanwhile, nothing is left of it.
    pub(crate) fn name(&self) -> Result<(), CopyError> {
        let disk = FileDisk::new(&self.path);
        if !disk.name(&self.making).map_err(|error| self.failed(error))? {
            return Err(CopyError::Exists { path: self.path.clone() });
        }
        disk.sync_folder().map_err(|error| self.failed(error))
    }

    /// It can't be written.
    pub(crate) fn failed(
        &self,
        error: impl std::error::Error + Send + Sync + 'static,
    ) -> CopyError {
        CopyError::Io { path: self.path.clone(), source: io::Error::other(error) }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // it has its name, or it is nothing
        fs::remove_file(&self.making).unwrap_or(());
    }
}

/// Removes what a copy that was cut off left; not one that is being made.
fn clear(making: &Path) -> io::Result<()> {
    let file = match File::open(making) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    match file.try_lock() {
        Ok(()) => fs::remove_file(making),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::ResourceBusy.into()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Why rows were not written.
enum Unwritten {
    Malformed,
    Failed(redb::Error),
}

impl<E: Into<redb::Error>> From<E> for Unwritten {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Writes rows of one table.
fn write(transaction: &WriteTransaction, rows: &[Row<'_>]) -> Result<(), Unwritten> {
    let number = rows.first().map(|row| row.table);
    let of_bytes = OF_BYTES.into_iter().find(|(table, _)| Some(*table) == number);
    if let Some((_, table)) = of_bytes {
        let mut table = transaction.open_table(table)?;
        for row in rows {
            table.insert(row.key, row.value)?;
        }
    } else if number == Some(OF_POSITIONS) {
        let mut table = transaction.open_table(POSITIONS)?;
        for row in rows {
            let value = row.value.try_into().map_err(|_| Unwritten::Malformed)?;
            table.insert(row.key, u64::from_be_bytes(value))?;
        }
    } else if number == Some(OF_EPOCHS) {
        let mut table = transaction.open_table(EPOCHS)?;
        for row in rows {
            let key = row.key.try_into().map_err(|_| Unwritten::Malformed)?;
            table.insert(u64::from_be_bytes(key), row.value)?;
        }
    } else {
        return Err(Unwritten::Malformed);
    }
    Ok(())
}

/// Makes the tables that have no rows.
fn make_tables(transaction: &WriteTransaction) -> Result<(), Unwritten> {
    for (_, table) in OF_BYTES {
        transaction.open_table(table)?;
    }
    transaction.open_table(POSITIONS)?;
    transaction.open_table(EPOCHS)?;
    Ok(())
}

/// How many rows are in whole rows of a stream, its end not counted.
fn rows_in(mut block: &[u8]) -> u64 {
    let mut rows = 0;
    while let Some((row, rest)) = Row::read(block) {
        rows += u64::from(row.table != END && row.table != FAILURE);
        block = rest;
    }
    rows
}

/// A table that does not exist yet is empty.
fn there<T>(table: Result<T, TableError>) -> Result<Option<T>, CopyError> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(unread(error)),
    }
}

fn unread(error: impl std::error::Error) -> CopyError {
    CopyError::Source(error.to_string())
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
