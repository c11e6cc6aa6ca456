//! Goal: a document that has grown is compacted in a process of its own; what comes of it is what the log says, and a document
//! that ends every worker costs a few of them. Method: stores that are filled before, and the real program as worker.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use redb::{Database, TableDefinition};
use warroom_engine::{Board, BoardDocument, ColumnId, Command, Person, UserId};
use warroom_protocol::guard::check_change;
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::{ChangeHash, StorageId};
use warroom_relay::config::Config;
use warroom_relay::core::SavedChange;
use warroom_relay::limits::COMPACT_BYTES_MIN;
use warroom_relay::operator::Outcome;
use warroom_relay::store::{
    Compaction, CompactionState, Disk, FileDisk, RedbStore, Store, StoreThread,
};

use crate::disk::FaultyDisk;
use crate::metrics::{scrape, scrape_until};
use crate::operator::{operate, text};
use crate::packing::changes_of;
use crate::peer::{Peer, Replica};
use crate::people::{add_column, is_titled, open};
use crate::relay::{Relay, within};
use crate::store::{append, changes, chunks, load, loaded_chunks};

const COMPACTED: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("compacted");

/// Changes of some more than [`COMPACT_BYTES_MIN`] bytes.
fn grown(actor: u8) -> Vec<SavedChange> {
    changes_of(actor, 80, |_| 1_000)
}

fn bytes(changes: &[SavedChange]) -> u64 {
    changes.iter().map(|change| change.chunk.len() as u64).sum()
}

/// What automerge makes of these changes in one chunk.
#[expect(clippy::disallowed_methods, reason = "nothing is written, and no text is counted")]
fn document_of(changes: &[SavedChange]) -> Bytes {
    let changes = changes.iter().map(|change| change.chunk.to_vec());
    let mut document = automerge::AutoCommit::new();
    document
        .apply_changes(changes.map(|chunk| automerge::Change::from_bytes(chunk).unwrap()))
        .unwrap();
    document.save().into()
}

fn compaction(room: &str, changes: &[SavedChange], state: CompactionState) -> Compaction {
    let document_id = append(room, &[]).document_id;
    let heads = vec![changes.last().unwrap().hash];
    Compaction { document_id, heads, bytes: bytes(changes), state }
}

/// Whether the document is named as one to compact.
fn is_due(store: &mut RedbStore, room: &str) -> bool {
    let next = store.next_compaction();
    assert!(next.is_none() || next == Some(append(room, &[]).document_id), "{next:?}");
    next.is_some()
}

#[test]
fn a_document_is_due_once_when_it_has_grown_and_again_when_it_has_grown_by_a_quarter() {
    let mut store = RedbStore::open_backend(FaultyDisk::default()).unwrap();
    let a = grown(1);
    let enough = (1..=a.len()).find(|&count| bytes(&a[..count]) >= COMPACT_BYTES_MIN).unwrap();
    store.commit(&[append("a", &a[..enough - 1])]).unwrap()[0].unwrap();
    assert!(!is_due(&mut store, "a"));
    store.commit(&[append("a", &a[..enough])]).unwrap()[0].unwrap();
    assert!(is_due(&mut store, "a"));
    assert!(!is_due(&mut store, "a"), "it was named");
    let chunk = document_of(&a[..enough]);
    let state = CompactionState::Compacted(chunk.clone());
    store.note_compaction(&compaction("a", &a[..enough], state)).unwrap();
    let loaded = load(&mut store, "a");
    let compacted = loaded.compacted.unwrap();
    assert_eq!((compacted.heads, compacted.chunk), (vec![a[enough - 1].hash], chunk));
    // so few bytes have to double
    let more = changes_of(2, 90, |_| 1_000);
    let before = bytes(&a[..enough]);
    let again = (1..=more.len()).find(|&count| bytes(&more[..count]) >= COMPACT_BYTES_MIN).unwrap();
    store.commit(&[append("a", &more[..again - 1])]).unwrap()[0].unwrap();
    assert!(!is_due(&mut store, "a"), "{before}");
    store.commit(&[append("a", &more[..again])]).unwrap()[0].unwrap();
    assert!(is_due(&mut store, "a"));
}

#[test]
fn a_document_that_can_not_be_compacted_is_tried_again_when_it_has_doubled_also_after_a_restart() {
    let disk = FaultyDisk::default();
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    let a = changes_of(1, 400, |_| 1_000);
    let mut attempts = 0;
    for count in (80..=400).step_by(10) {
        store.commit(&[append("a", &a[..count])]).unwrap()[0].unwrap();
        if is_due(&mut store, "a") {
            attempts += 1;
            let state = CompactionState::Failed("as told".to_owned());
            store.note_compaction(&compaction("a", &a[..count], state)).unwrap();
        }
        drop(store);
        store = RedbStore::open_backend(disk.clone()).unwrap();
    }
    assert_eq!(attempts, 3, "at 80, at 160 and at 320 changes");
    assert!(load(&mut store, "a").compacted.is_none());
}

#[test]
fn what_was_begun_twice_and_never_ended_is_left_alone() {
    let disk = FaultyDisk::default();
    let a = grown(1);
    for life in 0..4 {
        let mut store = RedbStore::open_backend(disk.clone()).unwrap();
        store.commit(&[append("a", &a)]).unwrap()[0].unwrap();
        load(&mut store, "a");
        let is_tried = is_due(&mut store, "a");
        assert_eq!(is_tried, life < 2, "life {life}");
        if is_tried {
            store.note_compaction(&compaction("a", &a, CompactionState::Begun)).unwrap();
        }
        // and the relay ends
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compacted_document_that_is_damaged_or_of_lost_changes_is_not_used() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 3] = [
        ("a bit", |row| *row.last_mut().unwrap() ^= 1),
        ("its end", |row| row.truncate(100)),
        ("a head", |row| row[10] ^= 1),
    ];
    let a = grown(1);
    for (name, damage) in damages {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warroom.redb");
        let mut store = FileDisk::new(&path).open().unwrap();
        store.commit(&[append("a", &a)]).unwrap()[0].unwrap();
        let state = CompactionState::Compacted(document_of(&a));
        store.note_compaction(&compaction("a", &a, state)).unwrap();
        assert!(load(&mut store, "a").compacted.is_some());
        store.close().unwrap();
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut table = transaction.open_table(COMPACTED).unwrap();
            let (key, mut row) = {
                let (key, row) = redb::ReadableTable::first(&table).unwrap().unwrap();
                (key.value().to_vec(), row.value().to_vec())
            };
            damage(&mut row);
            table.insert(key.as_slice(), row.as_slice()).unwrap();
        }
        transaction.commit().unwrap();
        drop(database);
        let mut store = FileDisk::new(&path).open().unwrap();
        let loaded = load(&mut store, "a");
        assert_eq!((loaded_chunks(&loaded), loaded.quarantined), (chunks(&a), 0), "{name}");
        assert_eq!(loaded.compacted, None, "{name}");
        store.close().unwrap();
        let (ended, said) = operate(&["verify", text(&path)]).await;
        assert_eq!(ended, Ok(Outcome::Wrong), "{name}: {said}");
        assert!(said.contains("compacted"), "{name}: {said}");
    }
}

/// A relay over a store with these changes of the room `a`, and the program that is its worker.
async fn relay(folder: &Path, all: &[SavedChange], worker: PathBuf) -> (Relay, Arc<StoreThread>) {
    let disk = FileDisk::new(folder.join("warroom.redb"));
    let store = Arc::new(StoreThread::open(disk, &StorageId::new("name").unwrap()).unwrap());
    within("an append", store.append(append("a", all))).await.unwrap();
    let config = Config { worker: Some(worker), ..Config::default() };
    (Relay::with_config(store.clone(), config).await, store)
}

fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_warroom").into()
}

fn series(outcome: &str) -> String {
    format!("warroom_compactions_total{{outcome=\"{outcome}\"}}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_compacts_what_has_grown_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let a = grown(1);
    let (relay, store) = relay(folder.path(), &a, program()).await;
    within("an append", store.append(append("b", &changes(2, 9)))).await.unwrap();
    scrape_until(&relay, &series("compacted"), 1.0).await;
    let kept = async {
        loop {
            let loaded = store.load(append("a", &[]).document_id).await.unwrap();
            if let Some(compacted) = loaded.compacted {
                return compacted;
            }
        }
    };
    let compacted = within("the compacted document", kept).await;
    assert_eq!(compacted.heads, [a.last().unwrap().hash]);
    assert_eq!(compacted.chunk, document_of(&a));
    let b = within("a load", store.load(append("b", &[]).document_id)).await.unwrap();
    assert_eq!(b.compacted, None);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_gets_the_compacted_board_and_what_came_after_it_and_writes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, _store) = relay(folder.path(), &board(500), program()).await;
    // somebody who has it open hears of it, and is the one who writes more
    let ann = open(relay.address, "a", "ann");
    within("the board", ann.board_when(|board| is_titled(board, "c0", "c0"))).await.unwrap();
    scrape_until(&relay, &series("compacted"), 1.0).await;
    let edit = ann.command(add_column("later")).await.unwrap();
    within("a save", ann.saved(edit)).await.unwrap();
    let before = scrape(&relay).value("warroom_answers_compacted_total");
    let ben = open(relay.address, "a", "ben");
    let has_all =
        |board: &Board| is_titled(board, "later", "later") && is_titled(board, "c0", "c0");
    within("the whole board", ben.board_when(has_all)).await.unwrap();
    scrape_until(&relay, "warroom_answers_compacted_total", before + 1.0).await;
    let edit = ben.command(add_column("back")).await.unwrap();
    within("a save", ben.saved(edit)).await.unwrap();
    within("an edit", ann.board_when(|board| is_titled(board, "back", "back"))).await.unwrap();
    let (at_ann, at_ben) = (ann.board().await.unwrap(), ben.board().await.unwrap());
    assert_eq!(at_ann, at_ben);
    ann.close().await;
    ben.close().await;
    relay.stop().await;
}

/// The board of the room `a` with a column that was renamed so often, as the engine writes it.
fn board(edits: usize) -> Vec<SavedChange> {
    let person = Person { id: UserId::new("eve").unwrap(), name: "Eve".to_owned(), colour: 1 };
    let document_id = append("a", &[]).document_id;
    let seed = warroom_protocol::Seed([7; 32]);
    let (mut board, _) = BoardDocument::open(document_id, person.id.clone(), seed, Vec::new());
    let id = ColumnId::new("c0").unwrap();
    let rename = |number| {
        let title = if number == edits { "c0".to_owned() } else { format!("number {number}") };
        Command::RenameColumn { id: id.clone(), title }
    };
    let commands = [Command::SetPerson { person }, add_column("c0")];
    for command in commands.into_iter().chain((1..=edits).map(rename)) {
        board.apply_command(warroom_protocol::Timestamp(1_000_000), command).unwrap();
    }
    let changes = board.doc().get_changes(&[]).into_iter();
    let saved = |change: automerge::Change| SavedChange {
        hash: ChangeHash(change.hash().0),
        chunk: Bytes::copy_from_slice(change.raw_bytes()),
    };
    changes.map(saved).collect()
}

/// A board, and a change behind it that harms it: its hash, and all changes with enough of somebody else's behind them.
fn poisoned(fixture: &'static [u8]) -> (ChangeHash, Vec<SavedChange>) {
    let chunks = SyncMessage::decode(&Bytes::from_static(fixture)).unwrap().changes;
    let saved = |chunk: Bytes| SavedChange { hash: check_change(&chunk).unwrap().hash, chunk };
    let mut all: Vec<SavedChange> = chunks.into_iter().map(saved).collect();
    let harmful = all.last().unwrap().hash;
    all.extend(grown(1));
    (harmful, all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_automerge_can_not_live_with_is_named_and_its_document_is_served() {
    for fixture in [
        &include_bytes!("../../../web/e2e/fixtures/poison/panics.bin")[..],
        &include_bytes!("../../../web/e2e/fixtures/poison/bricks.bin")[..],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (harmful, all) = poisoned(fixture);
        let (relay, store) = relay(folder.path(), &all, program()).await;
        scrape_until(&relay, &series("harmful"), 1.0).await;
        // as a peer that has nothing is told of any other
        let mut peer = Peer::join(relay.address, "reader").await;
        let replica = Replica::new("a");
        let asking = SyncMessage {
            have: vec![warroom_protocol::sync_message::Have::default()],
            ..SyncMessage::default()
        };
        peer.send(&replica.frame(&peer, asking.encode())).await;
        let warroom_protocol::wire::Frame::Sync { data, .. } = peer.receive().await.unwrap() else {
            panic!("no answer")
        };
        assert_eq!(SyncMessage::decode(&data).unwrap().changes, chunks(&all));
        relay.stop().await;
        drop(store);
        let path = folder.path().join("warroom.redb");
        let (ended, said) = operate(&["list", "--of", text(&path)]).await;
        assert_eq!(ended, Ok(Outcome::Done), "{said}");
        assert!(said.contains(&format!("the change {harmful} harms it")), "{said}");
    }
}

/// A program that does this, whatever it is told.
fn script(folder: &Path, does: &str) -> PathBuf {
    let path = folder.join("worker");
    std::fs::write(&path, format!("#!/bin/sh\n{does}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_or_talks_nonsense_fails_and_harms_nobody() {
    for does in ["kill -9 $$", "exit 1", "echo nonsense", "cat >/dev/null; printf '\\001'", "yes"] {
        let folder = tempfile::tempdir().unwrap();
        let worker = script(folder.path(), does);
        let (relay, store) = relay(folder.path(), &grown(1), worker).await;
        scrape_until(&relay, &series("failed"), 1.0).await;
        let mut peer = Peer::join(relay.address, "reader").await;
        let mut replica = Replica::new("a");
        replica.sync_until(&mut peer, |replica| replica.len() == 80).await.unwrap();
        relay.stop().await;
        drop(store);
    }
}
