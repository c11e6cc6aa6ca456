//! A document's folder: every chunk is there wholly and durably, or not at all.
//!
//! A file is written under another name, `<SHA-256>.<number>.new`, made durable, renamed, and then the folder and the
//! one above it are made durable.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use warroom_engine::{Chunk, Hash};
use warroom_protocol::DocumentId;

use crate::limits::CHUNK_FILE_BYTES_MAX;

/// The file of what a document reads as.
const PROJECTION: &str = "projection";

pub(super) fn folder(path: &Path, document: &DocumentId) -> PathBuf {
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

/// What a folder holds.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Every chunk that can be read.
    pub(super) chunks: Vec<Chunk>,
    /// Whether those are all.
    pub(super) is_whole: bool,
}

/// How often a folder is read while others replace chunks in it: each does so once in seconds at most.
const LOADS_MAX: usize = 3;

/// Reads a folder. A chunk that can't be read costs itself alone; what is left of unfinished ones is swept away.
pub(super) fn load(folder: &Path) -> io::Result<Loaded> {
    load_by(folder, read)
}

/// As [`load`]. A chunk that was there and is not any more was replaced by another program meanwhile, so that the folder is
/// read again: what replaces it may not have been there before.
fn load_by(folder: &Path, mut read: impl FnMut(&Path) -> io::Result<Bytes>) -> io::Result<Loaded> {
    for _ in 1..LOADS_MAX {
        let mut has_lost = false;
        let loaded = load_once(folder, |path| {
            let result = read(path);
            has_lost |= result.as_ref().is_err_and(is_not_found);
            result
        })?;
        if !has_lost {
            return Ok(loaded);
        }
    }
    load_once(folder, read)
}

fn is_not_found(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn load_once(
    folder: &Path,
    mut read: impl FnMut(&Path) -> io::Result<Bytes>,
) -> io::Result<Loaded> {
    let mut loaded = Loaded { chunks: Vec::new(), is_whole: true };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_not_found(&error) => return Ok(loaded),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if is_unfinished(name) {
            sweep(&path);
        }
        let Some(hash) = name.strip_suffix(".chunk").and_then(from_hex) else { continue };
        match read(&path) {
            Ok(bytes) => loaded.chunks.push(Chunk { hash, bytes }),
            Err(error) => {
                tracing::error!(?path, %error, "a chunk can't be read");
                loaded.is_whole = false;
            }
        }
    }
    Ok(loaded)
}

/// Whether a file has the name of one that is being written.
fn is_unfinished(name: &str) -> bool {
    let parts = name.strip_suffix(".new").and_then(|name| name.split_once('.'));
    parts.is_some_and(|(hash, number)| from_hex(hash).is_some() && number.parse::<u32>().is_ok())
}

/// Takes away what a crash left of a chunk. Whoever writes one just now has it locked.
fn sweep(path: &Path) {
    let swept = File::open(path).and_then(|file| {
        file.try_lock()?;
        fs::remove_file(path)
    });
    if let Err(error) = swept {
        tracing::debug!(?path, %error, "an unfinished chunk is left where it is");
    }
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

/// Stores a chunk. That it is there already says nothing about its name: whoever wrote it may have failed, or died,
/// before the folder was durable.
pub(super) fn write(
    folder: &Path,
    chunk: &Chunk,
    sync_folder: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let path = folder.join(file_name(&chunk.hash));
    fs::create_dir_all(folder)?;
    if !path.exists() {
        let (file, unfinished) = create_unfinished(folder, &chunk.hash)?;
        fill(file, &unfinished, &path, &chunk.bytes)?;
    }
    sync_folder(folder)?;
    sync_folder(above(folder))
}

/// Stores chunks, and deletes those that they replace once all of them are durable. Whatever fails leaves the others.
pub(super) fn replace(
    folder: &Path,
    chunks: &[Chunk],
    replaced: &[Hash],
    sync_folder: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<()> {
    for chunk in chunks {
        write(folder, chunk, &sync_folder)?;
    }
    for hash in replaced {
        remove(&folder.join(file_name(hash)))?;
    }
    sync_folder(folder)
}

/// Takes a file away; another program may have been quicker.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if is_not_found(&error) => Ok(()),
        result => result,
    }
}

/// What a document reads as, where it can be read.
pub(super) fn load_projection(folder: &Path) -> Option<Bytes> {
    read(&folder.join(PROJECTION)).ok()
}

/// Stores what a document reads as, instead of what was there. It names what it holds by a hash of its own, so that it
/// need not be durable.
pub(super) fn write_projection(folder: &Path, bytes: Bytes) -> io::Result<()> {
    let chunk = Chunk::new(bytes);
    let (mut file, unfinished) = create_unfinished(folder, &chunk.hash)?;
    drop(file.try_lock());
    let filled = file.write_all(&chunk.bytes);
    let named = filled.and_then(|()| fs::rename(&unfinished, folder.join(PROJECTION)));
    named.inspect_err(|_| drop(fs::remove_file(&unfinished)))
}

/// A file under a name that nobody writes to.
fn create_unfinished(folder: &Path, hash: &[u8; 32]) -> io::Result<(File, PathBuf)> {
    let mut number = 0_u32;
    loop {
        let unfinished = folder.join(format!("{}.{number}.new", hex(hash)));
        match File::create_new(&unfinished) {
            Ok(file) => return Ok((file, unfinished)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Writes a file and gives it its name; nothing is left of it when that fails.
fn fill(mut file: File, unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Keeps a sweep of another program away. One that was quicker makes the renaming fail, and one where the system has
    // no locks leaves the file where it is.
    drop(file.try_lock());
    let filled = file.write_all(bytes).and_then(|()| file.sync_all());
    let named = filled.and_then(|()| fs::rename(unfinished, path));
    named.inspect_err(|_| drop(fs::remove_file(unfinished)))
}

/// Puts a chunk apart. It is written there before it is taken from its place.
pub(super) fn quarantine(folder: &Path, chunk: &Chunk) -> io::Result<()> {
    write(&folder.join("quarantine"), chunk, sync_folder)?;
    remove(&folder.join(file_name(&chunk.hash)))?;
    sync_folder(folder)
}

/// Makes a folder, with those above it that are missing, and makes their names durable.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    make_folder(above(folder))?;
    fs::create_dir_all(folder)?;
    sync_folder(above(folder))
}

/// The folder that holds a folder's name.
fn above(folder: &Path) -> &Path {
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
    above.unwrap_or(Path::new("."))
}

/// Makes the names in a folder durable. Windows has no such call and needs none.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn chunk(text: &'static str) -> Chunk {
        Chunk::new(Bytes::from_static(text.as_bytes()))
    }

    fn store(folder: &Path, chunk: &Chunk) {
        write(folder, chunk, sync_folder).unwrap();
    }

    fn chunks(folder: &Path) -> Vec<Chunk> {
        let Loaded { chunks, is_whole } = load(folder).unwrap();
        assert!(is_whole);
        chunks
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_written_is_loaded_and_writing_twice_is_writing_once() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("ab");
        assert_eq!(chunks(&document), []);
        for text in ["one", "one", "two"] {
            store(&document, &chunk(text));
        }
        let mut loaded = chunks(&document);
        loaded.sort_by_key(|chunk| chunk.bytes.clone());
        assert_eq!(loaded, [chunk("one"), chunk("two")]);
    }

    #[test]
    fn a_chunk_is_stored_only_once_both_folders_are_durable() {
        let root = tempfile::tempdir().unwrap();
        let document = root.path().join("ab");
        for failing in [document.as_path(), root.path()] {
            let sync = |folder: &Path| match folder {
                folder if folder == failing => Err(io::Error::other("the disk fails")),
                _ => Ok(()),
            };
            write(&document, &chunk("one"), sync).unwrap_err();
        }
        let synced = RefCell::new(Vec::new());
        let sync = |folder: &Path| {
            synced.borrow_mut().push(folder.to_owned());
            Ok(())
        };
        write(&document, &chunk("one"), sync).unwrap();
        assert_eq!(*synced.borrow(), [document.as_path(), root.path()]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_is_left_of_a_chunk_that_the_disk_has_no_room_for() {
        let folder = tempfile::tempdir().unwrap();
        let one = chunk("one");
        let (_, unfinished) = create_unfinished(folder.path(), &one.hash).unwrap();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let path = folder.path().join(file_name(&one.hash));
        let error = fill(full, &unfinished, &path, &one.bytes).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn what_a_crash_left_is_swept_away_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (left, written) = (chunk("left"), chunk("written"));
        store(folder.path(), &left);
        drop(create_unfinished(folder.path(), &left.hash).unwrap());
        let (file, unfinished) = create_unfinished(folder.path(), &written.hash).unwrap();
        file.lock().unwrap();
        assert_eq!(chunks(folder.path()), std::slice::from_ref(&left));
        fill(file, &unfinished, &folder.path().join(file_name(&written.hash)), &written.bytes)
            .unwrap();
        let mut expected = [file_name(&left.hash), file_name(&written.hash)];
        expected.sort();
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn two_who_write_the_same_chunk_do_not_meet() {
        let folder = tempfile::tempdir().unwrap();
        let one = chunk("one");
        let (_, first) = create_unfinished(folder.path(), &one.hash).unwrap();
        let (_, second) = create_unfinished(folder.path(), &one.hash).unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn an_unreadable_chunk_is_put_apart_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        store(folder.path(), &chunk("torn"));
        quarantine(folder.path(), &chunk("torn")).unwrap();
        assert_eq!(chunks(folder.path()), []);
        assert_eq!(chunks(&folder.path().join("quarantine")), [chunk("torn")]);
    }

    #[test]
    fn chunks_are_deleted_only_once_what_replaces_them_is_durable() {
        let folder = tempfile::tempdir().unwrap();
        let old = ["one", "two", "three"].map(chunk);
        for chunk in &old {
            store(folder.path(), chunk);
        }
        let gone: Vec<Hash> = [&old[0], &old[1], &chunk("never there")].map(|it| it.hash).to_vec();
        let new = [chunk("snapshot"), chunk("note")];
        let fails = |_: &Path| Err(io::Error::other("the disk fails"));
        replace(folder.path(), &new, &gone, fails).unwrap_err();
        assert!(old.iter().all(|chunk| chunks(folder.path()).contains(chunk)));
        replace(folder.path(), &new, &gone, sync_folder).unwrap();
        let mut left = chunks(folder.path());
        left.sort_by_key(|chunk| chunk.bytes.clone());
        assert_eq!(left, [chunk("note"), chunk("snapshot"), chunk("three")]);
    }

    #[test]
    fn a_chunk_that_is_replaced_while_the_folder_is_read_is_not_missed() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (chunk("old"), chunk("new"));
        store(folder.path(), &old);
        let mut is_first = true;
        let loaded = load_by(folder.path(), |path| {
            if std::mem::take(&mut is_first) {
                let (new, old) = (std::slice::from_ref(&new), [old.hash]);
                replace(folder.path(), new, &old, sync_folder).unwrap();
            }
            read(path)
        });
        let Loaded { chunks, is_whole } = loaded.unwrap();
        assert_eq!((chunks, is_whole), (vec![new], true));
    }

    #[test]
    fn what_a_document_reads_as_is_replaced_and_is_no_chunk() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load_projection(folder.path()), None);
        store(folder.path(), &chunk("one"));
        for text in ["old", "new"] {
            write_projection(folder.path(), Bytes::from_static(text.as_bytes())).unwrap();
            assert_eq!(load_projection(folder.path()).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(chunks(folder.path()), [chunk("one")]);
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn a_chunk_that_cannot_be_read_costs_itself_alone_and_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        store(folder.path(), &chunk("one"));
        fs::create_dir(folder.path().join(file_name(&chunk("two").hash))).unwrap();
        let loaded = load(folder.path()).unwrap();
        assert_eq!((loaded.chunks, loaded.is_whole), (vec![chunk("one")], false));
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let kept = ["notes.new", "notes.txt", "xyz.1.new", "xyz.chunk"];
        for name in kept {
            fs::write(folder.path().join(name), "mine").unwrap();
        }
        assert_eq!(chunks(folder.path()), []);
        assert_eq!(names(folder.path()), kept);
    }

    #[test]
    fn a_folder_is_made_with_those_above_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b/c");
        for _ in 0..2 {
            make_folder(&folder).unwrap();
        }
        assert!(folder.is_dir());
    }
}
