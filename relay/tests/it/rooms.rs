//! [RO]: what a store and a whole relay tell of rooms.
//!
//! Method: random commits against an index that is worked out by scanning them, over restarts and power cuts; copies and
//! older formats of the file; and peers that speak frame by frame to a relay on the loopback.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use proptest::prelude::*;
use redb::{Database, ReadableTable, TableDefinition};
use warroom_protocol::limits::{ROOM_DOCUMENTS_MAX, ROOM_HEADS_MAX};
use warroom_protocol::wire::{Frame, PeerMetadata, RoomDocument, RoomNews, Within};
use warroom_protocol::{ChangeHash, Cursor, Dice, DocumentId, Seed, StorageId};
use warroom_relay::core::{RoomPage, SavedChange};
use warroom_relay::limits::EPOCHS_MAX;
use warroom_relay::store::{Append, RedbStore, RoomRequest, Store, StoreThread};

use crate::disk::FaultyDisk;
use crate::peer::{Peer, Replica};
use crate::relay::{Relay, within};
use crate::store::changes;

fn root(number: usize) -> DocumentId {
    DocumentId::from_room_name(&format!("root {number}"))
}

fn open(image: Vec<u8>, start: &str) -> (FaultyDisk, RedbStore) {
    let disk = FaultyDisk::with(image);
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    store.begin_epoch(start).unwrap();
    (disk, store)
}

/// Everything that is told after a cursor, page by page, and whether it was a list of everything.
fn since(
    store: &RedbStore,
    root: &DocumentId,
    since: Option<&Cursor>,
) -> (Vec<RoomDocument>, Cursor, bool) {
    let (mut documents, mut cursor, mut is_whole) = (Vec::new(), since.cloned(), None);
    loop {
        let request = RoomRequest { root: root.clone(), since: cursor };
        let page = store.room(&request).unwrap();
        documents.extend(page.documents);
        is_whole.get_or_insert(page.is_whole);
        cursor = page.cursor;
        if !page.has_more {
            return (documents, cursor.unwrap(), is_whole.unwrap());
        }
    }
}

/// One step of a made-up history.
#[derive(Debug, Clone)]
enum Step {
    /// Documents get the next change of theirs, in one commit; some say to which room they count.
    Commit(Vec<(usize, bool)>),
    /// Somebody reads a room to its end and remembers where that was.
    Read(usize),
    /// The relay stops and starts again.
    Restart,
    /// The power goes, and everything that was committed is there.
    PowerCut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let commit = proptest::collection::vec((0..DOCUMENTS, any::<bool>()), 1..6);
    let step = prop_oneof![
        6 => commit.prop_map(Step::Commit),
        3 => (0..ROOMS).prop_map(Step::Read),
        1 => Just(Step::Restart),
        1 => Just(Step::PowerCut),
    ];
    proptest::collection::vec(step, 1..40)
}

const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");
const TABLE_OF_CHANGES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("changes");
const ROOMS: usize = 2;
const DOCUMENTS: usize = 8;
const CHANGES: usize = 32;

/// What a scan of all commits gives.
#[derive(Debug, Default)]
struct Scan {
    /// For each document how many changes it has, and whether it counts to its room.
    written: BTreeMap<usize, (usize, bool)>,
    /// Every time that a document was written, or counted: its number.
    log: Vec<usize>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A room's index names what a scan finds: every document that was written since, once, oldest change first, with
    /// the heads that it has.
    #[test]
    fn ro4_the_index_is_what_a_scan_gives(steps in steps(), seed in any::<u8>()) {
        let mut dice = Dice::new(Seed([seed; 32]));
        let of_document: Vec<Vec<SavedChange>> = (0..DOCUMENTS).map(|number| changes(number as u8 + 1, CHANGES)).collect();
        let room_of = |number: usize| root(number % ROOMS);
        let id_of = |number: usize| DocumentId::derived(&room_of(number), &format!("body/{number}"));
        let (mut disk, mut store) = open(Vec::new(), "start 0");
        let mut scan = Scan::default();
        let mut cursors: Vec<(usize, Cursor, usize)> = Vec::new();
        let mut starts = 0;
        for step in steps {
            match step {
                Step::Commit(documents) => {
                    let mut batch = Vec::new();
                    for (number, proves) in documents {
                        let (written, counts) = scan.written.entry(number).or_default();
                        if *written == CHANGES {
                            continue;
                        }
                        *written += 1;
                        *counts |= proves;
                        if *counts {
                            scan.log.push(number);
                        }
                        batch.push(Append {
                            document_id: id_of(number),
                            changes: vec![of_document[number][*written - 1].clone()],
                            room: proves.then(|| room_of(number)),
                        });
                    }
                    prop_assert!(store.commit(&batch).unwrap().iter().all(Result::is_ok));
                }
                Step::Read(room) => {
                    let (_, cursor, _) = since(&store, &root(room), None);
                    cursors.push((room, cursor, scan.log.len()));
                }
                Step::Restart | Step::PowerCut => {
                    let image = match step {
                        Step::PowerCut => disk.power_cut(&mut dice),
                        Step::Commit(_) | Step::Read(_) | Step::Restart => disk.image(),
                    };
                    drop(store);
                    starts += 1;
                    (disk, store) = open(image, &format!("start {starts}"));
                }
            }
            let everything = (0..ROOMS).map(|room| (room, None, 0));
            let later = cursors.iter().map(|(room, cursor, at)| (*room, Some(cursor), *at));
            for (room, cursor, at) in everything.chain(later) {
                let (told, _, is_whole) = since(&store, &root(room), cursor);
                prop_assert_eq!(is_whole, cursor.is_none());
                let mut expected: Vec<usize> = Vec::new();
                for &number in scan.log[at..].iter().filter(|number| **number % ROOMS == room) {
                    expected.retain(|other| *other != number);
                    expected.push(number);
                }
                let expected: Vec<RoomDocument> = expected.into_iter().map(|number| {
                    let (written, _) = scan.written[&number];
                    let heads = vec![of_document[number][written - 1].hash];
                    RoomDocument { document_id: id_of(number), heads }
                }).collect();
                prop_assert_eq!(told, expected);
            }
        }
    }
}

fn talk(room: usize, count: usize, room_is_said: bool) -> Append {
    let document_id = DocumentId::derived(&root(room), "talk");
    let changes = changes(1, count);
    Append { document_id, changes, room: room_is_said.then(|| root(room)) }
}

#[test]
fn ro2_a_document_that_was_stored_before_joins_the_room_when_it_is_proved() {
    let (_, mut store) = open(Vec::new(), "start");
    store.commit(&[talk(0, 3, false)]).unwrap();
    assert!(since(&store, &root(0), None).0.is_empty());
    let proof = Append { changes: Vec::new(), ..talk(0, 0, true) };
    for _ in 0..2 {
        assert_eq!(store.commit(std::slice::from_ref(&proof)).unwrap(), [Ok(())]);
    }
    let (told, cursor, _) = since(&store, &root(0), None);
    assert_eq!(told.len(), 1);
    assert_eq!(store.load(&proof.document_id).unwrap().room, Some(root(0)));
    let nothing = Append { changes: Vec::new(), ..talk(1, 0, true) };
    store.commit(&[nothing]).unwrap();
    assert!(since(&store, &root(1), None).0.is_empty(), "a proof makes no document");
    store.commit(&[proof]).unwrap();
    assert!(since(&store, &root(0), Some(&cursor)).0.is_empty(), "said again is no change");
}

#[test]
fn ro4_another_store_and_a_restored_backup_tell_everything() {
    let (disk, mut store) = open(Vec::new(), "start");
    store.commit(&[talk(0, 1, true)]).unwrap();
    let (_, early, _) = since(&store, &root(0), None);
    let backup = disk.image();
    store.commit(&[talk(0, 2, true)]).unwrap();
    let (_, late, _) = since(&store, &root(0), None);
    drop(store);
    for (image, start, expected) in [
        (disk.image(), "next start", [false, false]),
        (backup, "a backup starts", [false, true]),
        (Vec::new(), "another store", [true, true]),
    ] {
        let (_, mut store) = open(image, start);
        // the copy goes its own way, past where the other was
        for count in 1..8 {
            store.commit(&[talk(0, count, true)]).unwrap();
        }
        for (cursor, is_whole) in [&early, &late].into_iter().zip(expected) {
            let (told, _, was_whole) = since(&store, &root(0), Some(cursor));
            assert_eq!((told.len(), was_whole), (1, is_whole), "{start} {cursor}");
        }
    }
    for foreign in [
        "",
        "x",
        ":",
        "1:",
        "18446744073709551616:1:start",
        "9:9:start",
        "1:9:start",
        "9:1:start",
        "1:1:start2",
    ] {
        let Ok(cursor) = Cursor::new(foreign) else { continue };
        let (_, store) = open(disk.image(), "again");
        assert!(since(&store, &root(0), Some(&cursor)).2, "{foreign:?} is nothing that was said");
    }
}

#[test]
fn ro4_a_thousand_starts_later_everything_is_told() {
    let (disk, mut store) = open(Vec::new(), "first");
    store.commit(&[talk(0, 1, true)]).unwrap();
    let (_, early, _) = since(&store, &root(0), None);
    drop(store);
    let disk = FaultyDisk::with(disk.image());
    let mut store = RedbStore::open_backend(disk.clone()).unwrap();
    let mut late = early.clone();
    for start in 0..EPOCHS_MAX + 2 {
        store.begin_epoch(&format!("start {start}")).unwrap();
        if start == 10 {
            store.commit(&[talk(0, 2, true)]).unwrap();
            late = since(&store, &root(0), None).1;
        }
    }
    drop(store);
    let (_, store) = open(disk.image(), "last");
    assert!(since(&store, &root(0), Some(&early)).2, "the first start is forgotten");
    assert!(!since(&store, &root(0), Some(&late)).2, "the eleventh is not");
}

/// A batch of so many documents of a room, each with a change.
fn bodies(count: usize) -> Vec<Append> {
    let change = changes(1, 1);
    let body = |number| Append {
        document_id: DocumentId::derived(&root(0), &format!("body/{number}")),
        changes: change.clone(),
        room: Some(root(0)),
    };
    (0..count).map(body).collect()
}

/// Pages from `since` on; the names, page by page, each with the cursor that it ended with.
fn pages(store: &RedbStore, mut since: Option<Cursor>) -> Vec<(Vec<DocumentId>, Cursor)> {
    let mut pages = Vec::new();
    loop {
        let page = store.room(&RoomRequest { root: root(0), since }).unwrap();
        let names = page.documents.into_iter().map(|told| told.document_id).collect();
        pages.push((names, page.cursor.clone().unwrap()));
        assert!(pages.len() < 10, "it comes to an end");
        if !page.has_more {
            return pages;
        }
        since = page.cursor;
    }
}

#[test]
fn ro5_a_room_of_many_pages_is_told_whole_after_a_new_start_too() {
    let (disk, mut store) = open(Vec::new(), "first");
    store.commit(&bodies(2 * ROOM_DOCUMENTS_MAX + 1)).unwrap();
    let before = pages(&store, None);
    drop(store);
    let (_, store) = open(disk.image(), "second");
    let after = pages(&store, None);
    let names = |pages: &[(Vec<DocumentId>, Cursor)]| -> Vec<DocumentId> {
        pages.iter().flat_map(|(names, _)| names.clone()).collect()
    };
    assert_eq!(names(&after), names(&before));
    assert_eq!(after.len(), 3);
    // who was in the middle when the relay started anew goes on there
    let rest = pages(&store, Some(before[0].1.clone()));
    assert_eq!(names(&rest), names(&before[1..]));
}

#[test]
fn ro5_a_room_of_less_or_more_than_a_page_is_told_in_so_many() {
    const PAGE: usize = ROOM_DOCUMENTS_MAX;
    for (count, sizes) in [
        (0, vec![0]),
        (PAGE - 1, vec![PAGE - 1]),
        (PAGE, vec![PAGE]),
        (PAGE + 1, vec![PAGE, 1]),
        (2 * PAGE, vec![PAGE, PAGE]),
    ] {
        let (_, mut store) = open(Vec::new(), "start");
        store.commit(&bodies(count)).unwrap();
        let pages = pages(&store, None);
        let told: Vec<usize> = pages.iter().map(|(names, _)| names.len()).collect();
        assert_eq!(told, sizes, "{count} documents");
        let (_, last) = pages.last().unwrap();
        assert!(since(&store, &root(0), Some(last)).0.is_empty(), "{count} documents, to the end");
    }
}

#[test]
fn ro5_what_changes_between_two_pages_is_told_once_more_and_hides_nothing() {
    let all = bodies(2 * ROOM_DOCUMENTS_MAX + 1);
    let (_, mut store) = open(Vec::new(), "start");
    store.commit(&all[1..]).unwrap();
    let before = pages(&store, None);
    let (told, cursor) = before[0].clone();
    // one that was told, one that was to be told next, and one that is new
    let next = before[1].0[0].clone();
    let moved = [told[0].clone(), next.clone(), all[0].document_id.clone()];
    for document_id in &moved {
        let changes = changes(2, 1);
        let (document_id, room) = (document_id.clone(), Some(root(0)));
        store.commit(&[Append { document_id, changes, room }]).unwrap();
    }
    let after: Vec<DocumentId> =
        pages(&store, Some(cursor)).into_iter().flat_map(|(names, _)| names).collect();
    let untouched = before[1..].iter().flat_map(|(names, _)| names).filter(|name| **name != next);
    let expected: Vec<DocumentId> = untouched.chain(&moved).cloned().collect();
    assert_eq!(after, expected);
}

#[test]
fn ro4_a_page_from_after_the_backup_hides_nothing_of_it() {
    let (disk, mut store) = open(Vec::new(), "first");
    store.commit(&bodies(2 * ROOM_DOCUMENTS_MAX)).unwrap();
    let backup = disk.image();
    // the first of all moves to the end, and the device is told the first page, without it
    let moved = Append { changes: changes(2, 1), ..bodies(1).remove(0) };
    store.commit(std::slice::from_ref(&moved)).unwrap();
    let first = pages(&store, None).remove(0);
    assert!(!first.0.contains(&moved.document_id));
    drop(store);
    let (_, store) = open(backup, "restored");
    let rest = pages(&store, Some(first.1));
    assert!(rest.iter().any(|(names, _)| names.contains(&moved.document_id)));
}

#[test]
fn ro5_a_page_is_full_at_1024_documents_and_many_heads_are_left_out() {
    let (_, mut store) = open(Vec::new(), "start");
    store.commit(&bodies(ROOM_DOCUMENTS_MAX + 1)).unwrap();
    let request = RoomRequest { root: root(0), since: None };
    let RoomPage { documents, has_more, .. } = store.room(&request).unwrap();
    assert_eq!((documents.len(), has_more), (ROOM_DOCUMENTS_MAX, true));
    let all: BTreeSet<DocumentId> =
        since(&store, &root(0), None).0.into_iter().map(|told| told.document_id).collect();
    assert_eq!(all.len(), ROOM_DOCUMENTS_MAX + 1);

    for (heads, told) in [(ROOM_HEADS_MAX, ROOM_HEADS_MAX), (ROOM_HEADS_MAX + 1, 0)] {
        let document_id = DocumentId::derived(&root(1), &format!("{heads} heads"));
        let changes = (0..heads).flat_map(|actor| changes(actor as u8 + 1, 1)).collect();
        store.commit(&[Append { document_id, changes, room: Some(root(1)) }]).unwrap();
        let (documents, _, _) = since(&store, &root(1), None);
        assert_eq!(documents.last().unwrap().heads.len(), told, "{heads} heads");
    }
}

#[test]
fn ro7_what_was_lost_is_told_again() {
    let (disk, mut store) = open(Vec::new(), "start");
    let append = talk(0, 3, true);
    store.commit(std::slice::from_ref(&append)).unwrap();
    let (_, cursor, _) = since(&store, &root(0), None);
    drop(store);
    // the last change gets a wrong byte
    let database = Database::builder().create_with_backend(disk.clone()).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(TABLE_OF_CHANGES).unwrap();
        let (key, mut value) = {
            let (key, value) = table.last().unwrap().unwrap();
            (key.value().to_vec(), value.value().to_vec())
        };
        *value.last_mut().unwrap() ^= 1;
        table.insert(key.as_slice(), value.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    drop(database);
    let (_, mut store) = open(disk.image(), "next start");
    assert_eq!(store.load(&append.document_id).unwrap().quarantined, 1);
    let (told, _, is_whole) = since(&store, &root(0), Some(&cursor));
    let heads: Vec<ChangeHash> = vec![append.changes[1].hash];
    assert_eq!(
        (told, is_whole),
        (vec![RoomDocument { document_id: append.document_id, heads }], false)
    );
}

#[test]
fn a_store_of_format_1_opens_and_counts_from_then_on() {
    let (disk, mut store) = open(Vec::new(), "start");
    store.commit(&[talk(0, 2, false)]).unwrap();
    drop(store);
    let database = Database::builder().create_with_backend(disk.clone()).unwrap();
    let transaction = database.begin_write().unwrap();
    for name in ["rooms", "members"] {
        let table: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new(name);
        assert!(transaction.delete_table(table).unwrap(), "{name}");
    }
    let epochs: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("epochs");
    assert!(transaction.delete_table(epochs).unwrap(), "epochs");
    transaction
        .open_table(META)
        .unwrap()
        .insert(b"format".as_slice(), 1_u32.to_be_bytes().as_slice())
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let (disk, mut store) = open(disk.image(), "next start");
    let old = talk(0, 2, false);
    assert_eq!(store.load(&old.document_id).unwrap().changes.len(), 2);
    assert!(since(&store, &root(0), None).0.is_empty());
    store.commit(&[talk(0, 3, true)]).unwrap();
    drop(store);
    let (_, store) = open(disk.image(), "the start after");
    assert_eq!(since(&store, &root(0), None).0.len(), 1);
}

#[tokio::test]
async fn a_store_that_was_opened_again_knows_what_it_said() {
    let disk = FaultyDisk::default();
    let fresh = StorageId::new("fresh").unwrap();
    let store = StoreThread::open(disk.clone(), &fresh).unwrap();
    store.append(talk(0, 1, true)).await.unwrap();
    let request = RoomRequest { root: root(0), since: None };
    let cursor = store.room(request.clone()).await.unwrap().cursor;
    disk.fail_after(0);
    assert!(store.append(talk(0, 2, true)).await.is_err());
    disk.repair();
    store.heal().await;
    assert!(store.is_writable());
    store.append(talk(0, 2, true)).await.unwrap();
    let page = store.room(RoomRequest { since: cursor, ..request }).await.unwrap();
    assert_eq!((page.is_whole, page.documents.len()), (false, 1));
}

/// A sync message that says nothing.
const NOTHING: Bytes = Bytes::from_static(&[0x42, 0, 0, 0, 0]);

/// Proves to which room a document counts.
pub(crate) async fn prove(peer: &mut Peer, replica: &Replica, proof: Within) {
    let mut frame = replica.frame(peer, NOTHING);
    if let Frame::Sync { within, .. } = &mut frame {
        *within = Some(proof);
    }
    peer.send(&frame).await;
}

/// A peer that speaks of rooms.
async fn join(relay: &Relay, name: &str) -> Peer {
    let mut peer = Peer::open(relay.address, name).await;
    let metadata = PeerMetadata { storage_id: None, is_ephemeral: true, has_rooms: true };
    let (sender_id, protocol_versions) = (peer.id.clone(), vec!["1".to_owned()]);
    peer.send(&Frame::Join { sender_id, metadata, protocol_versions }).await;
    let Frame::Peer { sender_id, metadata, .. } = peer.receive().await.unwrap() else {
        panic!("no answer to the join")
    };
    assert!(metadata.has_rooms, "the relay speaks of rooms, too");
    peer.relay_id = sender_id;
    peer
}

async fn news(peer: &mut Peer) -> RoomNews {
    loop {
        if let Frame::Room(news) = peer.receive().await.unwrap() {
            return news;
        }
    }
}

#[tokio::test]
async fn ro6_who_asked_hears_of_what_others_write_and_a_stock_peer_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    let mut board = Replica::new("board");
    let talk = DocumentId::derived(&board.document_id, "talk");
    let mut reader = join(&relay, "reader").await;
    let mut stock = Peer::join(relay.address, "stock").await;
    let ask = |peer: &Peer, root: &DocumentId, since| Frame::RoomSince {
        sender_id: peer.id.clone(),
        target_id: peer.relay_id.clone(),
        root: root.clone(),
        since,
    };
    let mut board_of_stock = Replica::new("board");
    board.request(&mut reader).await;
    board_of_stock.request(&mut stock).await;
    for peer in [&mut reader, &mut stock] {
        let frame = ask(peer, &board.document_id, None);
        peer.send(&frame).await;
    }
    let first = news(&mut reader).await;
    assert!(first.documents.is_empty() && first.is_whole && !first.has_more);

    let mut writer = join(&relay, "writer").await;
    let mut written = Replica::new("talk");
    written.document_id = talk.clone();
    written.put("a", 1);
    let within_board = Within { root: board.document_id.clone(), label: "talk".to_owned() };
    prove(&mut writer, &written, within_board).await;
    written.speak(&mut writer).await;
    while !written.is_acknowledged() {
        let frame = writer.receive().await.unwrap();
        written.hear(&frame);
        written.speak(&mut writer).await;
    }
    let second = within("the news", news(&mut reader)).await;
    let heads = written.document.get_heads().iter().map(|head| ChangeHash(head.0)).collect();
    assert_eq!(second.documents, [RoomDocument { document_id: talk.clone(), heads }]);
    assert!(!second.is_whole);

    // the stock peer is answered about its board, and nothing else ever came
    let frame = board_of_stock.frame(&stock, NOTHING);
    stock.send(&frame).await;
    stock.send(&Frame::Leave { sender_id: stock.id.clone() }).await;
    while let Ok(frame) = stock.receive().await {
        assert!(!matches!(frame, Frame::Room(_)), "a stock peer was told of a room");
    }

    // a relay that starts again goes on where it was
    relay.stop().await;
    let relay = Relay::start(&folder).await;
    let mut back = join(&relay, "back").await;
    board.forget_peer();
    board.request(&mut back).await;
    for (since, expected) in [(Some(second.cursor), 0), (Some(first.cursor), 1)] {
        let frame = ask(&back, &board.document_id, since);
        back.send(&frame).await;
        let told = news(&mut back).await;
        assert_eq!((told.documents.len(), told.is_whole), (expected, false));
        back = join(&relay, "back again").await;
        board.forget_peer();
        board.request(&mut back).await;
    }
    relay.stop().await;
}
