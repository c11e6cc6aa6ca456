//! This device's storage: append-only files, one a chunk, under the hash of their bytes.
//!
//! ```text
//! <folder>/<document id, hexadecimal>/<SHA-256 of the bytes, hexadecimal>.chunk
//! <folder>/<document id, hexadecimal>/quarantine/<SHA-256>.chunk
//! ```
//! A file is written under another name, made durable, renamed, and the folder made durable: a crash leaves whole
//! chunks only. Nothing is ever overwritten or deleted, so several programs may share a folder.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::sync::mpsc;
use warroom_engine::{Chunk, StorageState};
use warroom_protocol::{DocumentId, SaveId};

use crate::error::OpenError;
use crate::limits::{CHUNK_FILE_BYTES_MAX, STORE_REQUESTS_MAX};
use crate::spawn;

/// Where a client keeps the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// Nowhere but in memory: gone with the client, unless the relay has it.
    Memory,
    /// In this folder, which is made when it is not there.
    Directory(PathBuf),
}

impl Store {
    /// Whether this store keeps what it is given.
    pub(crate) fn state(&self) -> StorageState {
        match self {
            Self::Memory => StorageState::MemoryOnly,
            Self::Directory(_) => StorageState::Durable,
        }
    }
}

/// Something for the store to do.
#[derive(Debug)]
pub(crate) enum Request {
    Load { document: DocumentId },
    Store { save: SaveId, document: DocumentId, chunk: Chunk },
    Quarantine { document: DocumentId, chunk: Chunk },
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Answer {
    Loaded { document: DocumentId, chunks: Vec<Chunk> },
    Stored { save: SaveId },
    Failed { save: SaveId, state: StorageState },
}

/// The two ends of the store's thread. It ends when the requests do.
#[derive(Debug)]
pub(crate) struct Channels {
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) answers: mpsc::Receiver<Answer>,
}

/// Starts a store's thread.
pub(crate) fn start(store: Store) -> Result<Channels, OpenError> {
    if let Store::Directory(path) = &store {
        let failed = |error| OpenError::Store { path: path.clone(), error };
        fs::create_dir_all(path).map_err(failed)?;
        probe(path).map_err(failed)?;
    }
    let (requests, mut waiting) = mpsc::channel(STORE_REQUESTS_MAX);
    let (done, answers) = mpsc::channel(STORE_REQUESTS_MAX);
    let work = move || {
        while let Some(request) = waiting.blocking_recv() {
            if let Some(answer) = handle(&store, request)
                && done.blocking_send(answer).is_err()
            {
                break;
            }
        }
    };
    spawn::thread("warroom-store", work).map_err(OpenError::Thread)?;
    Ok(Channels { requests, answers })
}

/// Whether files can be made in a folder.
fn probe(path: &Path) -> io::Result<()> {
    let probe = path.join(format!("probe-{}", std::process::id()));
    File::create(&probe)?.write_all(b"warroom")?;
    fs::remove_file(probe)
}

fn handle(store: &Store, request: Request) -> Option<Answer> {
    match (store, request) {
        (Store::Memory, Request::Load { document }) => {
            Some(Answer::Loaded { document, chunks: Vec::new() })
        }
        (Store::Memory, Request::Store { save, document: _, chunk: _ }) => {
            Some(Answer::Failed { save, state: StorageState::MemoryOnly })
        }
        (Store::Memory, Request::Quarantine { .. }) => None,
        (Store::Directory(path), Request::Load { document }) => {
            let chunks = load(&folder(path, &document)).unwrap_or_else(|error| {
                tracing::error!(%document, %error, "the folder of a document can't be read");
                Vec::new()
            });
            Some(Answer::Loaded { document, chunks })
        }
        (Store::Directory(path), Request::Store { save, document, chunk }) => {
            Some(match write(&folder(path, &document), &chunk) {
                Ok(()) => Answer::Stored { save },
                Err(error) => {
                    tracing::error!(%document, %error, "a chunk was not stored");
                    Answer::Failed { save, state: failed_state(&error) }
                }
            })
        }
        (Store::Directory(path), Request::Quarantine { document, chunk }) => {
            if let Err(error) = quarantine(&folder(path, &document), &chunk) {
                tracing::error!(%document, %error, "an unreadable chunk was not put apart");
            }
            None
        }
    }
}

fn failed_state(error: &io::Error) -> StorageState {
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if is_full { StorageState::Full } else { StorageState::Failed }
}

fn folder(path: &Path, document: &DocumentId) -> PathBuf {
    path.join(hex(document.as_bytes()))
}

fn file_name(hash: &[u8; 32]) -> String {
    format!("{}.chunk", hex(hash))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| DIGITS.get(usize::from(digit))).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(hash)
}

/// Every chunk in a folder. One that can't be read costs itself alone.
fn load(folder: &Path) -> io::Result<Vec<Chunk>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut chunks = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let hash = name.and_then(|name| name.strip_suffix(".chunk")).and_then(from_hex);
        let Some(hash) = hash else { continue };
        match read(&path) {
            Ok(bytes) => chunks.push(Chunk { hash, bytes }),
            Err(error) => tracing::error!(?path, %error, "a chunk can't be read"),
        }
    }
    Ok(chunks)
}

fn read(path: &Path) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    if file.metadata()?.len() > CHUNK_FILE_BYTES_MAX {
        return Err(io::Error::other("the file is too large to be a chunk"));
    }
    file.take(CHUNK_FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

/// Writes a chunk so that it is there wholly or not at all.
fn write(folder: &Path, chunk: &Chunk) -> io::Result<()> {
    let path = folder.join(file_name(&chunk.hash));
    if path.exists() {
        return Ok(());
    }
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        if let Some(parent) = folder.parent() {
            sync_folder(parent)?;
        }
    }
    let unfinished = folder.join(format!("{}.{}.new", hex(&chunk.hash), std::process::id()));
    let mut file = File::create(&unfinished)?;
    file.write_all(&chunk.bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, &path)?;
    sync_folder(folder)
}

/// Puts a chunk apart. It is written there before it is taken from its place.
fn quarantine(folder: &Path, chunk: &Chunk) -> io::Result<()> {
    write(&folder.join("quarantine"), chunk)?;
    match fs::remove_file(folder.join(file_name(&chunk.hash))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => sync_folder(folder),
    }
}

/// Makes the names in a folder durable. Windows has no such call and needs none.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &'static str) -> Chunk {
        Chunk::new(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn what_was_written_is_loaded_and_writing_twice_is_writing_once() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("ab");
        assert_eq!(load(&document).unwrap(), []);
        for _ in 0..2 {
            write(&document, &chunk("one")).unwrap();
        }
        write(&document, &chunk("two")).unwrap();
        let mut loaded = load(&document).unwrap();
        loaded.sort_by_key(|chunk| chunk.bytes.clone());
        assert_eq!(loaded, [chunk("one"), chunk("two")]);
    }

    #[test]
    fn an_unreadable_chunk_is_put_apart_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &chunk("torn")).unwrap();
        quarantine(folder.path(), &chunk("torn")).unwrap();
        assert_eq!(load(folder.path()).unwrap(), []);
        assert_eq!(load(&folder.path().join("quarantine")).unwrap(), [chunk("torn")]);
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["notes.txt", "xyz.chunk", &format!("{}.1.new", "0".repeat(64))] {
            fs::write(folder.path().join(name), "mine").unwrap();
        }
        assert_eq!(load(folder.path()).unwrap(), []);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_refused_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(start(Store::Directory(file)), Err(OpenError::Store { .. })));
    }
}
