//! A database file that is read and left as it is: what opening it would write is kept in memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use super::redb::RedbStore;
use super::thread::Disk;
use crate::error::OpenError;

/// Bytes that are kept together once one of them was written.
const PAGE_BYTES: usize = 4096;

/// A database file that nothing is written to. One that was not closed, or that is of an older format, is opened all
/// the same: what that takes is written to memory, some pages of it.
#[derive(Debug, Clone)]
pub struct UntouchedDisk {
    path: PathBuf,
}

impl UntouchedDisk {
    /// The file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Disk for UntouchedDisk {
    fn path(&self) -> &Path {
        &self.path
    }

    fn probe(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn open(&mut self) -> Result<RedbStore, OpenError> {
        let path = || self.path.clone();
        let failed = |source| OpenError::Io { path: path(), source };
        let file = File::open(&self.path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(OpenError::Foreign { path: path(), why: "it is a folder" });
        }
        if metadata.len() == 0 {
            return Err(OpenError::Foreign { path: path(), why: "it is empty" });
        }
        match file.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked { path: path() }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let length = metadata.len();
        let written = Mutex::new(Written { length, kept: length, pages: BTreeMap::new() });
        RedbStore::open_backend(Untouched { file, written }).map_err(|error| error.at(&self.path))
    }

    fn reopen(&mut self) -> Result<RedbStore, OpenError> {
        self.open()
    }

    fn bytes(&self) -> Option<u64> {
        std::fs::metadata(&self.path).ok().map(|metadata| metadata.len())
    }
}

#[derive(Debug)]
struct Untouched {
    file: File,
    written: Mutex<Written>,
}

/// What is not in the file.
#[derive(Debug)]
struct Written {
    length: u64,
    /// Bytes of the file that still count: it was never shorter.
    kept: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Untouched {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page as it is in the file, zeros where the file has none.
    fn page_of_file(&self, at: u64, kept: u64) -> io::Result<Vec<u8>> {
        let mut page = vec![0; PAGE_BYTES];
        let length = usize::try_from(kept.saturating_sub(at)).unwrap_or(PAGE_BYTES);
        if let Some(part) = page.get_mut(..length.min(PAGE_BYTES)) {
            self.file.read_exact_at(part, at)?;
        }
        Ok(page)
    }
}

/// The pages that a range of bytes touches: where each begins, the part of it, and the part of the range.
fn parts(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize, usize)> {
    let page_bytes = u64::try_from(PAGE_BYTES).unwrap_or(u64::MAX);
    let mut done = 0;
    std::iter::from_fn(move || {
        let at = offset + u64::try_from(done).unwrap_or(u64::MAX);
        let within = usize::try_from(at % page_bytes).unwrap_or(0);
        let count = (PAGE_BYTES - within).min(length - done);
        let part = (at - at % page_bytes, within, done, count);
        done += count;
        (count > 0).then_some(part)
    })
}

impl StorageBackend for Untouched {
    fn len(&self) -> io::Result<u64> {
        Ok(self.written().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let Written { length, kept, ref pages } = *self.written();
        let end = offset.saturating_add(u64::try_from(out.len()).unwrap_or(u64::MAX));
        if end > length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // most of what is read was never written
        if end <= kept {
            self.file.read_exact_at(out, offset)?;
        }
        for (at, within, from, count) in parts(offset, out.len()) {
            let page = match pages.get(&at) {
                Some(page) => page,
                None if end <= kept => continue,
                None => &self.page_of_file(at, kept)?,
            };
            let (Some(to), Some(bytes)) =
                (out.get_mut(from..from + count), page.get(within..within + count))
            else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            to.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut written = self.written();
        written.length = length;
        written.kept = written.kept.min(length);
        drop(written.pages.split_off(&length));
        // what is cut off comes back as zeros
        if let Some((at, within, ..)) = parts(length, 1).next()
            && let Some(page) = written.pages.get_mut(&at)
        {
            page.truncate(within);
            page.resize(PAGE_BYTES, 0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.written();
        let kept = written.kept;
        for (at, within, from, count) in parts(offset, data.len()) {
            let page = match written.pages.entry(at) {
                Entry::Occupied(page) => page.into_mut(),
                Entry::Vacant(page) => page.insert(self.page_of_file(at, kept)?),
            };
            let page = page.get_mut(within..within + count);
            if let (Some(to), Some(bytes)) = (page, data.get(from..from + count)) {
                to.copy_from_slice(bytes);
            }
        }
        Ok(())
    }
}
