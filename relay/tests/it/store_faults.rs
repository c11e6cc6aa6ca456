//! Goal: what was acknowledged is there after a power cut, and nothing is acknowledged that a disk refused.
//! Method: a disk in memory that loses or tears what was not synced, and fails at every call in turn; a disk that
//! lies about syncing shows that the checks would notice.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use warroom_protocol::{Dice, Seed, StorageId};
use warroom_relay::core::SavedChange;
use warroom_relay::error::StoreError;
use warroom_relay::store::{RedbStore, Store, StoreThread};

use crate::disk::FaultyDisk;
use crate::relay::within;
use crate::store::{append, changes, chunks, load, loaded_chunks};

const ROOMS: [&str; 3] = ["a", "b", "c"];

/// What was acknowledged: how many changes of each room.
type Acknowledged = BTreeMap<&'static str, usize>;

pub(crate) fn dice(seed: u64) -> Dice {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    Dice::new(Seed(bytes))
}

/// Commits random parts of `all`, until it is through or the disk fails.
fn write(
    store: &mut RedbStore,
    all: &[SavedChange],
    acknowledged: &mut Acknowledged,
    dice: &mut Dice,
) {
    for _ in 0..dice.below(12) {
        let mut batch = Vec::new();
        let mut after = acknowledged.clone();
        for room in ROOMS {
            let from = acknowledged.get(room).copied().unwrap_or(0);
            let to = all.len().min(from + dice.below(4) as usize);
            batch.push(append(room, &all[from..to]));
            after.insert(room, to);
        }
        let Ok(outcomes) = store.commit(&batch) else { return };
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        *acknowledged = after;
    }
}

/// Whether the image opens, holds what was acknowledged, and holds only what was sent.
fn holds(image: Vec<u8>, all: &[SavedChange], acknowledged: &Acknowledged) -> bool {
    let Ok(mut store) = RedbStore::open_backend(FaultyDisk::with(image)) else { return false };
    ROOMS.iter().all(|room| {
        let loaded = load(&mut store, room);
        let is_prefix = chunks(all).starts_with(&loaded_chunks(&loaded));
        let promised = acknowledged.get(room).copied().unwrap_or(0);
        is_prefix && loaded.quarantined == 0 && loaded.changes.len() >= promised
    })
}

/// One run: write, cut the power in the middle of things, several times on the same disk.
fn survives(seed: u64, all: &[SavedChange], is_lying: bool) -> bool {
    let mut dice = dice(seed);
    let mut acknowledged = Acknowledged::new();
    // the first creation is made safe by its file name, so the disk begins with an empty database
    let disk = FaultyDisk::default();
    drop(RedbStore::open_backend(disk.clone()).unwrap());
    let mut image = disk.power_cut(&mut dice);
    for _ in 0..3 {
        let disk = FaultyDisk::with(image);
        if is_lying {
            disk.lie();
        }
        if dice.below(2) == 0 {
            disk.fail_after(dice.below(120));
        }
        if let Ok(mut store) = RedbStore::open_backend(disk.clone()) {
            write(&mut store, all, &mut acknowledged, &mut dice);
            image = disk.power_cut(&mut dice);
            // the file stays behind as the power left it, not as a close would
            drop(store);
        } else {
            image = disk.power_cut(&mut dice);
        }
        if !holds(image.clone(), all, &acknowledged) {
            return false;
        }
    }
    true
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let all = changes(1, 60);
    for seed in 0..500 {
        assert!(survives(seed, &all, false), "seed {seed}");
    }
}

#[test]
fn a_disk_that_lies_about_syncing_is_noticed() {
    let all = changes(1, 60);
    let noticed = (0..40).filter(|seed| {
        // redb may also find a file of a lying disk impossible
        !catch_unwind(AssertUnwindSafe(|| survives(*seed, &all, true))).unwrap_or(false)
    });
    assert!(noticed.count() >= 30);
}

#[test]
fn a_disk_that_fails_at_any_call_acknowledges_nothing_it_did_not_keep() {
    let all = changes(1, 12);
    let script = |disk: &FaultyDisk| {
        let mut acknowledged = 0;
        let mut store = RedbStore::open_backend(disk.clone())?;
        for end in [1, 5, 6, 12] {
            match store.commit(&[append("a", &all[acknowledged..end])]) {
                Ok(outcomes) => assert_eq!(outcomes, [Ok(())]),
                Err(_) => break,
            }
            acknowledged = end;
        }
        // after a failure every later commit fails too, until the store is opened again
        if acknowledged < 12 {
            assert!(store.commit(&[append("a", &all)]).is_err());
        }
        Ok::<_, warroom_relay::error::OpenError>(acknowledged)
    };
    let empty = FaultyDisk::default();
    drop(RedbStore::open_backend(empty.clone()).unwrap());
    let image = empty.power_cut(&mut dice(0));
    let whole = FaultyDisk::with(image.clone());
    assert_eq!(script(&whole).unwrap(), 12);
    for calls in 0..whole.calls() {
        let disk = FaultyDisk::with(image.clone());
        disk.fail_after(calls);
        let acknowledged = script(&disk).unwrap_or(0);
        let left = disk.power_cut(&mut dice(calls));
        let acknowledged = Acknowledged::from([("a", acknowledged)]);
        assert!(holds(left, &all, &acknowledged), "call {calls}");
    }
}

#[test]
fn a_flipped_bit_is_refused_or_harmless() {
    let all = changes(1, 12);
    let disk = FaultyDisk::default();
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    store.commit(&[append("a", &all)]).unwrap();
    drop(store);
    let image = disk.power_cut(&mut dice(0));
    let mut dice = dice(1);
    for _ in 0..300 {
        let mut damaged = image.clone();
        let at = dice.below(damaged.len() as u64) as usize;
        damaged[at] ^= 1 << dice.below(8);
        let Ok(mut store) = RedbStore::open_backend(FaultyDisk::with(damaged)) else { continue };
        assert_eq!(loaded_chunks(&load(&mut store, "a")), chunks(&all), "byte {at}");
    }
}

#[tokio::test]
async fn a_store_that_failed_is_read_only_until_its_disk_works_again() {
    let disk = FaultyDisk::default();
    let store = StoreThread::open(disk.clone(), &StorageId::new("name").unwrap()).unwrap();
    let all = changes(1, 3);
    within("an append", store.append(append("a", &all[..1]))).await.unwrap();
    disk.fail_after(3);
    let failed = within("an append", store.append(append("a", &all[1..2]))).await;
    assert_eq!(failed, Err(StoreError::ReadOnly));
    assert!(!store.is_writable());
    within("a hopeless repair", store.heal()).await;
    assert!(!store.is_writable());
    // reading goes on meanwhile
    let document_id = append("a", &[]).document_id;
    let loaded = within("a load", store.load(document_id.clone())).await.unwrap();
    assert_eq!(loaded_chunks(&loaded), chunks(&all[..1]));
    let failed = within("an append", store.append(append("a", &all[1..2]))).await;
    assert_eq!(failed, Err(StoreError::ReadOnly));

    disk.repair();
    within("the repair", store.heal()).await;
    assert!(store.is_writable());
    within("an append", store.append(append("a", &all))).await.unwrap();
    let loaded = within("a load", store.load(document_id)).await.unwrap();
    assert_eq!(loaded_chunks(&loaded), chunks(&all));
}

#[tokio::test]
async fn a_store_that_panics_says_so_and_is_opened_again() {
    let disk = FaultyDisk::default();
    let store = StoreThread::open(disk.clone(), &StorageId::new("name").unwrap()).unwrap();
    let all = changes(1, 2);
    within("an append", store.append(append("a", &all[..1]))).await.unwrap();
    disk.panic_once();
    let failed = within("an append", store.append(append("a", &all))).await;
    assert_eq!(failed, Err(StoreError::Unreadable));
    let document_id = append("a", &[]).document_id;
    let failed = within("a load", store.load(document_id.clone())).await;
    assert_eq!(failed, Err(StoreError::Unreadable));
    assert!(!store.is_writable());
    within("the repair", store.heal()).await;
    assert!(store.is_writable());
    within("an append", store.append(append("a", &all))).await.unwrap();
    let loaded = within("a load", store.load(document_id)).await.unwrap();
    assert_eq!(loaded_chunks(&loaded), chunks(&all));
}

/// What lies on the disk of a store of that name.
fn image(name: &str) -> Vec<u8> {
    let disk = FaultyDisk::default();
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    store.storage_id(&StorageId::new(name).unwrap()).unwrap();
    store.close().unwrap();
    disk.power_cut(&mut dice(0))
}

#[tokio::test]
async fn a_store_that_failed_is_not_opened_again_as_another_one() {
    let disk = FaultyDisk::with(image("ours"));
    let store = StoreThread::open(disk.clone(), &StorageId::new("new").unwrap()).unwrap();
    disk.fail_after(0);
    let failed = within("an append", store.append(append("a", &changes(1, 1)))).await;
    assert_eq!(failed, Err(StoreError::ReadOnly));
    for (name, image, is_ours) in [
        ("an empty disk", Vec::new(), false),
        ("another store", image("another"), false),
        ("our store", image("ours"), true),
    ] {
        disk.replace(image);
        within("the repair", store.heal()).await;
        assert_eq!(store.is_writable(), is_ours, "{name}");
    }
}
