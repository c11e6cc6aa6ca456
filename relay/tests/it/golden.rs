//! Goal: what any released version stored is read by this one.
//! Method: a small store of each format in `golden`, made by the code that first wrote it (of format 1: from one of
//! format 2, by the layout that its code had). Where the format was raised, `WARROOM_GOLDEN=make` adds the new one.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use redb::{Database, ReadableDatabase, TableDefinition};
use warroom_protocol::StorageId;
use warroom_relay::operator::Outcome;
use warroom_relay::store::{Append, Disk, FileDisk, PageRequest, RedbStore, RoomRequest};

use crate::disk::FaultyDisk;
use crate::operator::{operate, text};
use crate::packing::pack;
use crate::store::{append, changes, load, loaded_chunks};

const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");

fn golden(format: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("format-{format}.redb.gz"))
}

/// The store of that format, as it was written.
fn unpacked(format: u32) -> Vec<u8> {
    let packed = fs::read(golden(format)).unwrap_or_else(|error| {
        panic!("format {format} has no golden file ({error}): run this with WARROOM_GOLDEN=make")
    });
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The format that this program writes.
fn format_now() -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warroom.redb");
    FileDisk::new(&path).open().unwrap().close().unwrap();
    let database = Database::open(&path).unwrap();
    let meta = database.begin_read().unwrap().open_table(META).unwrap();
    let format = meta.get(b"format".as_slice()).unwrap().unwrap();
    u32::from_be_bytes(format.value().try_into().unwrap())
}

/// What is in each of them: three documents, of which one counts to the room of another.
fn fill(store: &mut RedbStore) {
    store.storage_id(&StorageId::new("golden").unwrap()).unwrap();
    store.begin_epoch("a start").unwrap();
    let root = append("root", &changes(1, 40));
    let more = append("root", &changes(2, 3));
    let body = append("body", &changes(3, 500));
    let body = Append { room: Some(root.document_id.clone()), ..body };
    let alone = append("alone", &changes(4, 1));
    assert!(store.commit(&[root, body, alone]).unwrap().iter().all(Result::is_ok), "all is new");
    assert!(store.commit(&[more]).unwrap().iter().all(Result::is_ok), "all is new");
    assert!(pack(store).records > 0, "some of it is packed");
}

/// Each document with its heads, its changes and its bytes, a line each.
fn described(store: &mut RedbStore) -> String {
    let page = store.list(&PageRequest { after: None, documents_max: 9 }).unwrap();
    let mut lines = String::new();
    for meta in page.documents {
        let loaded = store.load(&meta.document_id).unwrap();
        assert_eq!((loaded.quarantined, &loaded.heads), (0, &meta.heads), "{}", meta.document_id);
        assert_eq!(loaded.changes.len() as u64, meta.changes, "{}", meta.document_id);
        let (id, heads) = (&meta.document_id, &meta.heads);
        writeln!(lines, "{id} {} {} {heads:?}", meta.changes, meta.bytes).unwrap();
    }
    lines
}

#[test]
fn a_store_of_every_format_is_read_and_goes_on() {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/documents.txt");
    let now = format_now();
    if std::env::var("WARROOM_GOLDEN").is_ok_and(|value| value == "make") && !golden(now).exists() {
        let disk = FaultyDisk::default();
        let mut store = RedbStore::open_backend(disk.clone()).unwrap();
        fill(&mut store);
        if !documents.exists() {
            fs::write(&documents, described(&mut store)).unwrap();
        }
        store.close().unwrap();
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&disk.image()).unwrap();
        fs::write(golden(now), packed.finish().unwrap()).unwrap();
    }
    let documents = fs::read_to_string(documents).unwrap();
    for format in 1..=now {
        let disk = FaultyDisk::with(unpacked(format));
        let mut store = RedbStore::open_backend(disk.clone()).unwrap();
        assert_eq!(store.stored_id().unwrap(), StorageId::new("golden").ok(), "format {format}");
        assert_eq!(described(&mut store), documents, "format {format}");
        // reading it was enough to have it packed
        assert_eq!(
            pack(&mut store).records > 0,
            format < 3,
            "format {format}: packing came with 3"
        );
        assert_eq!(described(&mut store), documents, "format {format}");
        let root = append("root", &[]).document_id;
        let rooms = store.room(&RoomRequest { root, since: None }).unwrap().documents.len();
        assert_eq!(rooms, usize::from(format > 1), "format {format}: rooms came with 2");
        // and it is written to and opened again
        let more = changes(5, 2);
        assert!(store.commit(&[append("root", &more)]).unwrap()[0].is_ok(), "format {format}");
        store.close().unwrap();
        let mut store = RedbStore::open_backend(disk).unwrap();
        assert_eq!(loaded_chunks(&load(&mut store, "root")).len(), 45, "format {format}");
    }
}

#[test]
fn a_disk_that_fails_while_an_older_format_is_opened_loses_nothing() {
    let documents = fs::read_to_string(golden(1).with_file_name("documents.txt")).unwrap();
    for format in 1..=format_now() {
        for calls in 0.. {
            let disk = FaultyDisk::with(unpacked(format));
            disk.fail_after(calls);
            let opened = RedbStore::open_backend(disk.clone());
            let is_through = opened.is_ok();
            drop(opened);
            let left = FaultyDisk::with(disk.image());
            let mut store = RedbStore::open_backend(left).unwrap();
            assert_eq!(described(&mut store), documents, "format {format}, call {calls}");
            if is_through {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_every_format_is_verified_and_copied_without_being_touched() {
    for format in 1..=format_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warroom.redb");
        let bytes = unpacked(format);
        fs::write(&path, &bytes).unwrap();
        let (ended, said) = operate(&["verify", text(&path)]).await;
        assert_eq!(ended, Ok(Outcome::Done), "format {format}: {said}");
        let copy = folder.path().join("copy.redb");
        let (ended, said) = operate(&["backup", "--database", text(&path), text(&copy)]).await;
        assert_eq!(ended, Ok(Outcome::Done), "format {format}: {said}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "format {format}");
    }
}
