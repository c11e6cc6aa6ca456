//! Goal: a store gives back what it was given, in order, once, and says what is wrong with what it can't read.

use std::fs;
use std::path::Path;

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT};
use bytes::Bytes;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use warroom_protocol::{ChangeHash, DocumentId, StorageId};
use warroom_relay::core::SavedChange;
use warroom_relay::error::{OpenError, StoreError};
use warroom_relay::store::{
    Append, AppendRefused, Disk, FileDisk, Loaded, PageRequest, RedbStore, Store, StoreThread,
};

use crate::disk::FaultyDisk;
use crate::relay::within;

/// `count` changes of one actor, each on top of the one before.
#[expect(clippy::disallowed_methods, reason = "the actor is set at once, and no text is counted")]
pub(crate) fn changes(actor: u8, count: usize) -> Vec<SavedChange> {
    let mut document = AutoCommit::new().with_actor(ActorId::from([actor; 16]));
    for number in 0..count {
        document.put(ROOT, format!("key {number}"), i64::from(actor)).unwrap();
        document.commit();
    }
    let changes = document.get_changes(&[]);
    changes
        .into_iter()
        .map(|change| SavedChange {
            hash: ChangeHash(change.hash().0),
            chunk: Bytes::copy_from_slice(change.raw_bytes()),
        })
        .collect()
}

pub(crate) fn append(room: &str, changes: &[SavedChange]) -> Append {
    Append { document_id: DocumentId::from_room_name(room), changes: changes.to_vec(), room: None }
}

pub(crate) fn chunks(changes: &[SavedChange]) -> Vec<Bytes> {
    changes.iter().map(|change| change.chunk.clone()).collect()
}

pub(crate) fn loaded_chunks(loaded: &Loaded) -> Vec<Bytes> {
    loaded.changes.iter().map(|change| change.chunk.clone()).collect()
}

pub(crate) fn load(store: &mut RedbStore, room: &str) -> Loaded {
    store.load(&DocumentId::from_room_name(room)).unwrap()
}

fn check(store: &mut RedbStore, room: &str, expected: &[SavedChange]) {
    let loaded = load(store, room);
    assert_eq!(loaded_chunks(&loaded), chunks(expected), "{room}");
    assert_eq!(loaded.heads, expected.last().map(|change| change.hash).as_slice(), "{room}");
    assert_eq!(loaded.quarantined, 0, "{room}");
}

#[test]
fn what_was_appended_is_loaded_in_order_and_once() {
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let (a, b) = (changes(1, 5), changes(2, 3));
    let batch = [append("a", &a[..2]), append("b", &b), append("a", &a[2..4])];
    assert_eq!(store.commit(&batch).unwrap(), [Ok(()); 3]);
    assert_eq!(store.commit(&[append("a", &a), append("a", &a)]).unwrap(), [Ok(()); 2]);
    check(&mut store, "a", &a);
    check(&mut store, "b", &b);
    check(&mut store, "nobody wrote this", &[]);
}

#[test]
fn heads_are_what_nothing_depends_on() {
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let (a, b) = (changes(1, 3), changes(2, 2));
    store.commit(&[append("room", &a), append("room", &b)]).unwrap()[0].unwrap();
    let mut heads = vec![a[2].hash, b[1].hash];
    heads.sort();
    assert_eq!(load(&mut store, "room").heads, heads);
}

#[test]
fn a_change_without_what_it_depends_on_is_refused_and_the_rest_of_the_batch_is_kept() {
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let a = changes(1, 4);
    let nonsense = SavedChange { hash: ChangeHash([0; 32]), chunk: Bytes::from_static(b"short") };
    let batch = [
        append("a", &a[..1]),
        append("a", &a[2..]),
        append("b", &a[..2]),
        append("b", &[nonsense]),
    ];
    let outcomes = store.commit(&batch).unwrap();
    let missing = Err(AppendRefused::MissingDependency(a[1].hash));
    assert_eq!(outcomes, [Ok(()), missing, Ok(()), Err(AppendRefused::Malformed)]);
    check(&mut store, "a", &a[..1]);
    check(&mut store, "b", &a[..2]);
}

#[test]
fn documents_are_listed_a_page_at_a_time() {
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let a = changes(1, 2);
    let rooms = ["one", "two", "three", "four", "five"];
    let batch: Vec<_> = rooms.iter().map(|room| append(room, &a)).collect();
    store.commit(&batch).unwrap();
    let mut expected: Vec<_> = rooms.iter().map(|room| DocumentId::from_room_name(room)).collect();
    expected.sort();
    let mut listed = Vec::new();
    let mut request = PageRequest { after: None, documents_max: 2 };
    loop {
        let page = store.list(&request).unwrap();
        assert!(page.documents.len() <= 2);
        for document in page.documents {
            assert_eq!((document.changes, document.heads), (2, vec![a[1].hash]));
            assert_eq!(document.bytes, chunks(&a).iter().map(Bytes::len).sum::<usize>() as u64);
            listed.push(document.document_id);
        }
        request.after = listed.last().cloned();
        if !page.has_more {
            break;
        }
    }
    assert_eq!(listed, expected);
}

#[test]
fn a_store_keeps_its_name_and_its_changes_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = FileDisk::new(folder.path().join("not there yet").join("warroom.redb"));
    let a = changes(1, 3);
    let (first, second) = (StorageId::new("first").unwrap(), StorageId::new("second").unwrap());
    let mut store = disk.open().unwrap();
    assert_eq!(store.storage_id(&first).unwrap(), first);
    store.commit(&[append("a", &a)]).unwrap();
    store.close().unwrap();
    let mut store = disk.open().unwrap();
    assert_eq!(store.storage_id(&second).unwrap(), first);
    check(&mut store, "a", &a);
}

/// Opens what must not be opened; nothing may have changed after it.
fn refused(path: &Path) -> OpenError {
    let before = fs::read(path).ok();
    let error = FileDisk::new(path).open().unwrap_err();
    assert_eq!(fs::read(path).ok(), before, "{error}");
    assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
    error
}

#[test]
fn a_foreign_file_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for content in [&b""[..], b"x", b"a letter to my aunt", &vec![0; 100_000]] {
        fs::write(&path, content).unwrap();
        assert!(matches!(refused(&path), OpenError::Foreign { .. }));
    }
    assert!(matches!(refused(folder.path()), OpenError::Foreign { .. }));
    assert!(matches!(refused(&path.join("below a file")), OpenError::Io { .. }));
}

#[test]
fn a_database_of_another_program_is_refused() {
    const THEIRS: TableDefinition<'_, &str, u64> = TableDefinition::new("theirs");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.redb");
    let theirs = Database::create(&path).unwrap();
    let transaction = theirs.begin_write().unwrap();
    transaction.open_table(THEIRS).unwrap().insert("key", 7).unwrap();
    transaction.commit().unwrap();
    drop(theirs);
    let error = FileDisk::new(&path).open().unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    let theirs = Database::create(&path).unwrap();
    let table = theirs.begin_read().unwrap().open_table(THEIRS).unwrap();
    assert_eq!(table.get("key").unwrap().unwrap().value(), 7);
}

#[test]
fn a_later_format_is_refused() {
    const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warroom.redb");
    FileDisk::new(&path).open().unwrap().close().unwrap();
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let format = u32::MAX.to_be_bytes();
    transaction.open_table(META).unwrap().insert(b"format".as_slice(), &format[..]).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = FileDisk::new(&path).open().unwrap_err();
    assert!(matches!(error, OpenError::Newer { format: u32::MAX, .. }), "{error}");
}

#[test]
fn a_database_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = FileDisk::new(folder.path().join("warroom.redb"));
    let store = disk.open().unwrap();
    assert!(matches!(disk.open().unwrap_err(), OpenError::Locked { .. }));
    drop(store);
    disk.open().unwrap();
}

#[test]
fn a_database_that_is_gone_is_not_made_anew_while_the_relay_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warroom.redb");
    let mut disk = FileDisk::new(&path);
    disk.open().unwrap().close().unwrap();
    disk.probe().unwrap();
    disk.reopen().unwrap().close().unwrap();
    // as when the disk that is mounted there goes
    fs::remove_file(&path).unwrap();
    disk.probe().unwrap_err();
    assert!(matches!(disk.reopen().unwrap_err(), OpenError::Io { .. }));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_start_that_was_cut_off_while_the_database_was_made_is_made_up_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("warroom.redb.making"), b"torn").unwrap();
    let mut store = FileDisk::new(folder.path().join("warroom.redb")).open().unwrap();
    store.commit(&[append("a", &changes(1, 1))]).unwrap();
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["warroom.redb"]);
}

type Damage = fn(&mut Vec<u8>);

const CHANGES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("changes");
const QUARANTINE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("quarantine");

/// Changes the stored record number `index` of all documents.
fn damage(path: &Path, index: usize, damage: Damage) -> Vec<u8> {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    let record = {
        let mut table = transaction.open_table(CHANGES).unwrap();
        let (key, mut record) = {
            let (key, value) = table.iter().unwrap().nth(index).unwrap().unwrap();
            (key.value().to_vec(), value.value().to_vec())
        };
        damage(&mut record);
        table.insert(key.as_slice(), record.as_slice()).unwrap();
        record
    };
    transaction.commit().unwrap();
    record
}

#[test]
fn a_damaged_record_is_put_aside_with_what_depends_on_it_and_can_be_brought_again() {
    let damages: [(&str, Damage); 4] = [
        ("checksum", |record| *record.last_mut().unwrap() ^= 1),
        ("version", |record| record[0] = 9),
        ("length", |record| record.truncate(20)),
        ("hash", |record| record[1] ^= 1),
    ];
    for (name, change) in damages {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warroom.redb");
        let (a, b) = (changes(1, 4), changes(2, 2));
        let mut store = FileDisk::new(&path).open().unwrap();
        // one document alone, so that the records are in the order of the changes
        store.commit(&[append("a", &a)]).unwrap();
        store.close().unwrap();
        let record = damage(&path, 2, change);

        let mut store = FileDisk::new(&path).open().unwrap();
        store.commit(&[append("b", &b)]).unwrap();
        let loaded = load(&mut store, "a");
        assert_eq!((loaded_chunks(&loaded), loaded.quarantined), (chunks(&a[..2]), 2), "{name}");
        assert_eq!(loaded.heads, [a[1].hash], "{name}");
        check(&mut store, "b", &b);
        assert_eq!(store.quarantined().unwrap(), 2, "{name}");
        check(&mut store, "a", &a[..2]);
        store.commit(&[append("a", &a)]).unwrap()[0].unwrap();
        check(&mut store, "a", &a);
        store.close().unwrap();

        let database = Database::create(&path).unwrap();
        let kept = database.begin_read().unwrap().open_table(QUARANTINE).unwrap();
        assert_eq!(kept.len().unwrap(), 2, "{name}");
        let (_, first) = kept.iter().unwrap().next().unwrap().unwrap();
        assert!(first.value().ends_with(&record), "{name}: the record is kept as it was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_record_is_put_aside_once_while_the_store_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warroom.redb");
    let (a, name) = (changes(1, 3), StorageId::new("name").unwrap());
    let store = StoreThread::open(FileDisk::new(&path), &name).unwrap();
    within("an append", store.append(append("a", &a))).await.unwrap();
    within("the close", store.close()).await;
    drop(damage(&path, 1, |record| record.truncate(40)));
    let store = StoreThread::open(FileDisk::new(&path), &name).unwrap();
    let document_id = append("a", &[]).document_id;
    for quarantined in [2, 0] {
        let loaded = within("a load", store.load(document_id.clone())).await.unwrap();
        assert_eq!((loaded_chunks(&loaded), loaded.quarantined), (chunks(&a[..1]), quarantined));
    }
    within("the close", store.close()).await;
}

#[test]
fn a_lost_row_is_written_again() {
    const DOCUMENTS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("documents");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warroom.redb");
    let a = changes(1, 3);
    let mut store = FileDisk::new(&path).open().unwrap();
    store.commit(&[append("a", &a)]).unwrap();
    store.close().unwrap();
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(DOCUMENTS).unwrap().retain(|_, _| false).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let mut store = FileDisk::new(&path).open().unwrap();
    check(&mut store, "a", &a);
    let page = store.list(&PageRequest { after: None, documents_max: 9 }).unwrap();
    assert_eq!(page.documents[0].heads, [a[2].hash]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_waits_is_committed_at_once() {
    let disk = FaultyDisk::default();
    let store = StoreThread::open(disk.clone(), &StorageId::new("name").unwrap()).unwrap();
    let a = changes(1, 1);
    within("one append", store.append(append("warm", &a))).await.unwrap();
    let before = disk.calls();
    within("one append", store.append(append("one", &a))).await.unwrap();
    let one = disk.calls() - before;
    let before = disk.calls();
    let appends = (0..64).map(|room| store.append(append(&format!("room {room}"), &a)));
    let outcomes = within("64 appends", futures_util::future::join_all(appends)).await;
    assert!(outcomes.iter().all(Result::is_ok));
    let many = disk.calls() - before;
    assert!(many < 64 * one / 4, "64 appends took {many} calls, one takes {one}");
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let disk = FaultyDisk::default();
    let store = StoreThread::open(disk, &StorageId::new("name").unwrap()).unwrap();
    assert!(store.is_writable());
    within("the close", store.close()).await;
    assert!(!store.is_writable());
    let appended = within("an append", store.append(append("a", &changes(1, 1)))).await;
    assert_eq!(appended, Err(StoreError::Closed));
    within("a second close", store.close()).await;
}
