//! Goal: packing the log changes how many rows there are, and nothing else; whatever happens in the middle of it.
//! Method: documents of more changes than a segment takes, on disks that fail and lose power.

use std::path::Path;

use redb::{Builder, Database, ReadableDatabase, ReadableTable, TableDefinition};
use warroom_protocol::StorageId;
use warroom_relay::core::SavedChange;
use warroom_relay::limits::{PACK_STEP_BYTES, SEGMENT_BYTES_MAX, SEGMENT_RECORDS_MAX};
use warroom_relay::operator::Outcome;
use warroom_relay::store::{Disk, FileDisk, Packed, PageRequest, RedbStore, Store, StoreThread};

use crate::disk::FaultyDisk;
use crate::operator::{operate, text};
use crate::relay::within;
use crate::store::{append, changes, chunks, load, loaded_chunks};
use crate::store_faults::dice;

const CHANGES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("changes");
const RECORDS: usize = SEGMENT_RECORDS_MAX as usize;

/// Bytes of each row of the log.
fn rows(database: &Database) -> Vec<usize> {
    let table = database.begin_read().unwrap().open_table(CHANGES).unwrap();
    table.iter().unwrap().map(|row| row.unwrap().1.value().len()).collect()
}

fn rows_on(disk: &FaultyDisk) -> Vec<usize> {
    rows(&Builder::new().create_with_backend(FaultyDisk::with(disk.image())).unwrap())
}

/// Packs until there is nothing to pack.
pub(crate) fn pack(store: &mut RedbStore) -> Packed {
    let mut all = Packed::default();
    while store.is_packing_due() {
        let Packed { records, bytes } = store.pack().unwrap();
        all.records += records;
        all.bytes += bytes;
    }
    all
}

fn commit(store: &mut RedbStore, room: &str, changes: &[SavedChange]) {
    assert_eq!(store.commit(&[append(room, changes)]).unwrap(), [Ok(())], "{room}");
}

fn is_all(store: &mut RedbStore, room: &str, all: &[SavedChange]) {
    let loaded = load(store, room);
    assert_eq!((loaded_chunks(&loaded), loaded.quarantined), (chunks(all), 0), "{room}");
    assert_eq!(loaded.heads, [all.last().unwrap().hash], "{room}");
}

#[test]
fn a_packed_document_is_what_it_was_and_goes_on() {
    let disk = FaultyDisk::default();
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    let (a, b) = (changes(1, 3 * RECORDS), changes(2, RECORDS - 1));
    commit(&mut store, "b", &b);
    for part in a[..2 * RECORDS + 9].chunks(100) {
        commit(&mut store, "a", part);
    }
    let list = store.list(&PageRequest { after: None, documents_max: 9 }).unwrap();
    let packed = pack(&mut store);
    assert!(packed.records as usize > RECORDS, "{packed:?}");
    assert_eq!(store.list(&PageRequest { after: None, documents_max: 9 }).unwrap(), list);
    is_all(&mut store, "a", &a[..2 * RECORDS + 9]);
    is_all(&mut store, "b", &b);
    // what is packed is known by its hashes, and what comes is put behind it
    commit(&mut store, "a", &a);
    is_all(&mut store, "a", &a);
    pack(&mut store);
    drop(store);
    let rows = rows_on(&disk);
    assert!(rows.len() < b.len() + RECORDS, "{rows:?}");
    assert!(rows.iter().all(|&bytes| bytes <= SEGMENT_BYTES_MAX), "{rows:?}");
    is_all(&mut RedbStore::open_backend(disk).unwrap(), "a", &a);
}

#[test]
fn no_record_is_packed_twice() {
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let a = changes(1, 6 * RECORDS);
    let (mut packed, mut written) = (Packed::default(), 0);
    for part in a.chunks(7) {
        commit(&mut store, "a", part);
        let step = pack(&mut store);
        packed.records += step.records;
        packed.bytes += step.bytes;
        written += part.len() as u64;
        assert!(packed.records <= written);
        assert!(written - packed.records < SEGMENT_RECORDS_MAX, "{written} {packed:?}");
    }
    let bytes: usize = a.iter().map(|change| 1 + 32 + change.chunk.len()).sum();
    assert!(packed.bytes as usize <= bytes + 4 * a.len() + a.len() / 2, "{packed:?} of {bytes}");
}

#[test]
fn one_step_is_bounded_and_the_next_goes_on_where_it_ended() {
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let a = changes(1, 40 * RECORDS);
    commit(&mut store, "a", &a);
    let mut steps = 0;
    while store.is_packing_due() {
        let step = store.pack().unwrap();
        assert!(step.bytes as usize <= PACK_STEP_BYTES + SEGMENT_BYTES_MAX, "{step:?}");
        steps += 1;
    }
    assert!(steps > 1);
    is_all(&mut store, "a", &a);
}

#[test]
fn long_changes_keep_their_rows() {
    let disk = FaultyDisk::default();
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    let a = changes_of(1, 2 * RECORDS, |number| if number % 50 == 0 { 8_000 } else { 1 });
    commit(&mut store, "a", &a);
    pack(&mut store);
    is_all(&mut store, "a", &a);
    drop(store);
    let long = a.iter().filter(|change| change.chunk.len() > 8_000).count();
    let rows = rows_on(&disk);
    assert_eq!(rows.iter().filter(|&&bytes| (8_000..9_000).contains(&bytes)).count(), long);
    assert!(rows.len() < 2 * long + RECORDS, "{rows:?}");
    // and a document of nothing but long ones is looked at once
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let a = changes_of(1, RECORDS + 1, |_| 5_000);
    commit(&mut store, "a", &a[..RECORDS]);
    assert!(store.is_packing_due());
    assert_eq!(pack(&mut store), Packed::default());
    commit(&mut store, "a", &a);
    assert!(!store.is_packing_due());
}

/// As [`changes`], each with a text of that length in it.
#[expect(clippy::disallowed_methods, reason = "the actor is set at once, and no text is counted")]
pub(crate) fn changes_of(
    actor: u8,
    count: usize,
    length: impl Fn(usize) -> usize,
) -> Vec<SavedChange> {
    use automerge::transaction::Transactable;
    let actor = automerge::ActorId::from([actor; 16]);
    let mut document = automerge::AutoCommit::new().with_actor(actor);
    for number in 0..count {
        document.put(automerge::ROOT, format!("key {number}"), "x".repeat(length(number))).unwrap();
        document.commit();
    }
    let changes = document.get_changes(&[]).into_iter();
    changes
        .map(|change| SavedChange {
            hash: warroom_protocol::ChangeHash(change.hash().0),
            chunk: bytes::Bytes::copy_from_slice(change.raw_bytes()),
        })
        .collect()
}

#[tokio::test]
async fn a_store_packs_by_itself_while_nobody_waits_for_it() {
    let disk = FaultyDisk::default();
    let store = StoreThread::open(disk.clone(), &StorageId::new("name").unwrap()).unwrap();
    let a = changes(1, 2 * RECORDS);
    within("an append", store.append(append("a", &a))).await.unwrap();
    let packed = async {
        while rows_on(&disk).len() > RECORDS {
            store.list(PageRequest::default()).await.unwrap();
        }
    };
    within("the packing", packed).await;
    let loaded = within("a load", store.load(append("a", &[]).document_id)).await.unwrap();
    assert_eq!(loaded_chunks(&loaded), chunks(&a));
}

#[test]
fn a_disk_that_fails_at_any_call_of_packing_loses_nothing() {
    let a = changes(1, 2 * RECORDS + 9);
    let disk = FaultyDisk::default();
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    commit(&mut store, "a", &a[..2 * RECORDS]);
    drop(store);
    let image = disk.power_cut(&mut dice(0));
    for calls in 0.. {
        let disk = FaultyDisk::with(image.clone());
        let mut store = RedbStore::open_backend(disk.clone()).unwrap();
        is_all(&mut store, "a", &a[..2 * RECORDS]);
        disk.fail_after(calls);
        let packed = store.pack();
        let is_through = packed.is_ok_and(|packed| packed.records > 0) && !store.is_packing_due();
        for seed in 0..3 {
            let left = FaultyDisk::with(disk.power_cut(&mut dice(seed)));
            let mut store = RedbStore::open_backend(left).unwrap();
            is_all(&mut store, "a", &a[..2 * RECORDS]);
            commit(&mut store, "a", &a);
            pack(&mut store);
            is_all(&mut store, "a", &a);
        }
        if is_through {
            return;
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_between_packing_and_appending() {
    let all = changes(1, 4 * RECORDS);
    for seed in 0..60 {
        let mut dice = dice(seed);
        let disk = FaultyDisk::default();
        drop(RedbStore::open_backend(disk.clone()).unwrap());
        let (mut image, mut acknowledged) = (disk.power_cut(&mut dice), 0);
        for _ in 0..3 {
            let disk = FaultyDisk::with(image);
            if dice.below(2) == 0 {
                disk.fail_after(dice.below(80));
            }
            if let Ok(mut store) = RedbStore::open_backend(disk.clone()) {
                for _ in 0..dice.below(9) {
                    let to = all.len().min(acknowledged + dice.below(200) as usize);
                    if store.commit(&[append("a", &all[acknowledged..to])]).is_err() {
                        break;
                    }
                    acknowledged = to;
                    if dice.below(2) == 0 && store.pack().is_err() {
                        break;
                    }
                }
                image = disk.power_cut(&mut dice);
                drop(store);
            } else {
                image = disk.power_cut(&mut dice);
            }
            let left = FaultyDisk::with(image.clone());
            let loaded = load(&mut RedbStore::open_backend(left).unwrap(), "a");
            assert!(chunks(&all).starts_with(&loaded_chunks(&loaded)), "seed {seed}");
            assert!(loaded.changes.len() >= acknowledged, "seed {seed}");
            assert_eq!(loaded.quarantined, 0, "seed {seed}");
            acknowledged = loaded.changes.len();
        }
    }
}

type Damage = fn(&mut Vec<u8>);

/// Changes the first row of the log, which is a segment.
fn damage(path: &Path, damage: Damage) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(CHANGES).unwrap();
        let (key, mut value) = {
            let (key, value) = table.first().unwrap().unwrap();
            (key.value().to_vec(), value.value().to_vec())
        };
        assert!(value.len() > 10_000, "it is a segment");
        damage(&mut value);
        table.insert(key.as_slice(), value.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

/// What `warroom verify` says of a copy: a command lets go of its file a moment after it has ended.
async fn verify(path: &Path) -> (Result<Outcome, String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.redb");
    std::fs::copy(path, &copy).unwrap();
    operate(&["verify", text(&copy)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_segment_gives_what_is_whole_and_the_rest_can_be_brought_again() {
    let damages: [(&str, Damage); 4] = [
        ("a bit", |segment| segment[5_000] ^= 1),
        ("its end", |segment| segment.truncate(5_000)),
        ("a length", |segment| segment[1] ^= 1),
        ("its version", |segment| segment[0] = 9),
    ];
    for (name, how) in damages {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warroom.redb");
        let a = changes(1, 2 * RECORDS);
        let mut store = FileDisk::new(&path).open().unwrap();
        commit(&mut store, "a", &a);
        commit(&mut store, "b", &a[..3]);
        pack(&mut store);
        store.close().unwrap();
        let (ended, said) = verify(&path).await;
        assert_eq!(ended, Ok(Outcome::Done), "{said}");
        damage(&path, how);
        let (ended, said) = verify(&path).await;
        assert_eq!(ended, Ok(Outcome::Wrong), "{name}: {said}");

        let mut store = FileDisk::new(&path).open().unwrap();
        let loaded = load(&mut store, "a");
        assert!(chunks(&a).starts_with(&loaded_chunks(&loaded)), "{name}");
        assert!(loaded.changes.len() < RECORDS && loaded.quarantined > 0, "{name}");
        assert_eq!(store.quarantined().unwrap(), loaded.quarantined as u64, "{name}");
        is_all(&mut store, "b", &a[..3]);
        // nothing of it is found a second time, and who has the changes brings them
        assert_eq!(load(&mut store, "a").quarantined, 0, "{name}");
        commit(&mut store, "a", &a);
        is_all(&mut store, "a", &a);
        pack(&mut store);
        is_all(&mut store, "a", &a);
        store.close().unwrap();
        let (ended, said) = verify(&path).await;
        assert_eq!(ended, Ok(Outcome::Done), "{name}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_store_is_listed_copied_exported_and_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let (path, copy) = (file("warroom.redb"), file("copy.redb"));
    let a = changes(1, 2 * RECORDS);
    let mut store = FileDisk::new(&path).open().unwrap();
    commit(&mut store, "a", &a);
    assert!(pack(&mut store).records > 0);
    store.close().unwrap();
    let at = ["--database", text(&path)];
    let (ended, listed) = operate(&["list", at[0], at[1]]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{listed}");
    assert!(listed.contains(&format!("\t{}\t", a.len())), "{listed}");
    let (ended, said) = operate(&["backup", at[0], at[1], text(&copy)]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{said}");
    let unpacked = a.len();
    assert!(rows(&Database::open(&copy).unwrap()).len() < unpacked / 2);
    let exported = file("a.changes");
    let (ended, said) = operate(&["export", at[0], at[1], "room:a", text(&exported)]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{said}");
    assert_eq!(std::fs::read(&exported).unwrap(), chunks(&a).concat());
    let other = file("other.redb");
    let (ended, said) = operate(&["restore", "--database", text(&other), text(&copy)]).await;
    assert_eq!(ended, Ok(Outcome::Done), "{said}");
    is_all(&mut FileDisk::new(&other).open().unwrap(), "a", &a);
}
