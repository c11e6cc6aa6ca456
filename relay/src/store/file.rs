//! The database as a file: made whole or not at all, and never written over.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;

use super::redb::RedbStore;
use super::thread::Disk;
use crate::error::OpenError;
use crate::limits::STORE_PROBE_BYTES;

/// The file that a database lives in.
#[derive(Debug, Clone)]
pub struct FileDisk {
    path: PathBuf,
}

impl FileDisk {
    /// The database in the file at `path`, which need not exist yet, nor its folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// A file beside the database, named as it is with something behind.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Makes an empty database under another name, so that a power cut leaves either nothing or all of it, and gives
    /// it its name only when nobody else was faster.
    fn create(&self) -> Result<(), OpenError> {
        let making = self.beside(".making");
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            move |source| OpenError::Io { path, source }
        };
        fs::create_dir_all(self.folder()).map_err(failed(self.folder()))?;
        // nothing was ever acknowledged from a database that did not get its name
        match fs::remove_file(&making) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&making)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&making)
            .map_err(failed(&making))?;
        let backend = FileBackend::new(file).map_err(|error| OpenError::Io {
            path: making.clone(),
            source: io::Error::other(error),
        })?;
        let store = RedbStore::open_backend(backend).map_err(|error| error.at(&making))?;
        store.close().map_err(|error| OpenError::Io {
            path: making.clone(),
            source: io::Error::other(error),
        })?;
        File::open(&making).and_then(|file| file.sync_all()).map_err(failed(&making))?;
        // somebody who was faster made the same
        let _is_ours = self.name(&making).map_err(failed(&self.path))?;
        self.sync_folder().map_err(failed(self.folder()))
    }

    /// Makes the names in the folder durable.
    pub(super) fn sync_folder(&self) -> io::Result<()> {
        File::open(self.folder()).and_then(|folder| folder.sync_all())
    }

    /// Links, since a rename would replace a file that another process made meanwhile; file systems without links
    /// get the rename. Whether the name was free; where it was not, what was made is removed.
    pub(super) fn name(&self, making: &Path) -> io::Result<bool> {
        match fs::hard_link(making, &self.path) {
            Ok(()) => fs::remove_file(making).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(making).map(|()| false)
            }
            Err(_) => fs::rename(making, &self.path).map(|()| true),
        }
    }

    fn open_existing(&self) -> Result<RedbStore, OpenError> {
        let failed = |source| OpenError::Io { path: self.path.clone(), source };
        if fs::metadata(&self.path).map_err(failed)?.is_dir() {
            return Err(OpenError::Foreign { path: self.path.clone(), why: "it is a folder" });
        }
        let file = OpenOptions::new().read(true).write(true).open(&self.path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() == 0 {
            return Err(OpenError::Foreign { path: self.path.clone(), why: "it is empty" });
        }
        let backend = FileBackend::new(file).map_err(|error| failed(io::Error::other(error)))?;
        RedbStore::open_backend(backend).map_err(|error| error.at(&self.path))
    }
}

impl Disk for FileDisk {
    fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file is gone, what its folder takes says nothing: the disk that was mounted there may be gone too.
    fn probe(&mut self) -> io::Result<()> {
        fs::metadata(&self.path)?;
        let path = self.beside(".probe");
        let mut file = File::create(&path)?;
        let written = file.write_all(&vec![0; STORE_PROBE_BYTES]).and_then(|()| file.sync_all());
        drop(file);
        fs::remove_file(&path)?;
        written
    }

    fn open(&mut self) -> Result<RedbStore, OpenError> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.create()?,
            Ok(_) | Err(_) => {}
        }
        self.open_existing()
    }

    fn reopen(&mut self) -> Result<RedbStore, OpenError> {
        self.open_existing()
    }

    fn bytes(&self) -> Option<u64> {
        fs::metadata(&self.path).ok().map(|metadata| metadata.len())
    }
}
