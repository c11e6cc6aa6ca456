//! Goal: made, stored here and on the relay stay three facts, and what was stored survives. Method: disks that confirm
//! when the test says so, restarts from what they hold.

use bytes::Bytes;
use warroom_engine::{Command, Delta, ImportFormat, Phase, StorageState, TextTarget};

use crate::world::{World, add, body, card, room};

#[test]
fn an_edit_is_made_then_stored_then_on_the_relay() {
    let mut world = World::new(&["adam"]);
    world.unplug(0);
    world.devices[0].is_slow = true;
    assert_eq!(world.command(0, add("x")), Ok(1));
    let of = |world: &World| {
        let status = world.status(0);
        (status.edits_made, status.edits_stored, status.edits_on_relay, status.waiting)
    };
    assert_eq!(of(&world), (1, 0, 0, 1));
    let now = world.now;
    world.devices[0].store_all(now);
    assert_eq!(of(&world), (1, 1, 0, 1));
    world.plug(0);
    assert_eq!(of(&world), (1, 1, 1, 0));
    assert_eq!(world.status(0).phase, Phase::Saved);
}

#[test]
fn a_restart_loses_nothing_that_was_stored() {
    let mut world = World::new(&["adam"]);
    world.unplug(0);
    for name in ["x", "y", "z"] {
        world.command(0, add(name)).unwrap();
    }
    let before = world.board(0).clone();
    world.restart(0);
    assert_eq!(&before, world.board(0));
    assert_eq!(world.status(0).waiting, 0, "all of it went to the relay meanwhile");
}

#[test]
fn what_waits_is_known_after_a_restart_without_a_relay() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.wait(5_000);
    world.unplug(0);
    world.command(0, add("y")).unwrap();
    world.command(0, add("z")).unwrap();
    assert_eq!(world.status(0).waiting, 2);
    world.restart_offline(0);
    assert_eq!(world.status(0).waiting, 2, "storage says what the relay had");
    assert_eq!(world.status(0).edits_made, 0);
    world.plug(0);
    assert_eq!(world.status(0).waiting, 0);
}

#[test]
fn typing_that_was_written_out_survives_and_counts() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.read(0, &body("x"));
    world.type_in(0, &body("x"), "a");
    world.type_in(0, &body("x"), "b");
    assert_eq!(world.status(0).edits_made, 3);
    assert!(world.status(0).edits_on_relay < 3, "it is no change yet");
    world.wait(2_000);
    assert_eq!((world.status(0).edits_stored, world.status(0).edits_on_relay), (3, 3));
    world.restart(0);
    assert_eq!(world.read(0, &body("x")), "ba");
}

#[test]
fn closing_writes_out_what_was_typed() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.read(0, &body("x"));
    world.type_in(0, &body("x"), "last words");
    let now = world.now;
    world.devices[0].replica.handle_closing(now);
    world.settle();
    world.restart(0);
    assert_eq!(world.read(0, &body("x")), "last words");
}

#[test]
fn a_torn_chunk_is_put_apart_and_the_rest_is_read() {
    let mut world = World::new(&["adam"]);
    world.unplug(0);
    world.command(0, add("x")).unwrap();
    let before: Vec<_> = world.devices[0].disk[&room()].keys().copied().collect();
    world.command(0, add("y")).unwrap();
    let chunks = world.devices[0].disk.get_mut(&room()).unwrap();
    let torn = *chunks.keys().find(|hash| !before.contains(hash)).unwrap();
    let bytes = chunks[&torn].clone();
    chunks.insert(torn, bytes.slice(..bytes.len() / 2));
    world.restart_offline(0);
    assert!(world.board(0).card(&card("x")).is_some() && world.board(0).card(&card("y")).is_none());
    assert_eq!((world.status(0).quarantined, world.devices[0].quarantine.len()), (1, 1));
    world.restart_offline(0);
    assert!(world.board(0).card(&card("x")).is_some(), "what was read is stored again");
    assert_eq!(world.status(0).quarantined, 0);
}

#[test]
fn a_failed_save_is_tried_again_and_said() {
    let mut world = World::new(&["adam"]);
    world.devices[0].is_slow = true;
    world.command(0, add("x")).unwrap();
    let now = world.now;
    let failed = std::mem::take(&mut world.devices[0].kept_back);
    assert!(!failed.is_empty());
    for (save, _, _) in &failed {
        world.devices[0].replica.handle_store_failed(now, *save, StorageState::Full);
    }
    assert_eq!((world.status(0).storage, world.status(0).edits_stored), (StorageState::Full, 0));
    world.devices[0].is_slow = false;
    world.wait(60_000);
    assert_eq!((world.status(0).storage, world.status(0).edits_stored), (StorageState::Durable, 1));
}

#[test]
fn what_an_import_brought_stays_when_storage_gives_up_before_it_is_stored() {
    for is_wanted in [false, true] {
        let mut world = World::new(&["adam", "bea"]);
        world.unplug(0);
        (world.devices[0].is_slow, world.devices[0].is_loading) = (true, is_wanted);
        let now = world.now;
        let file = "title,body\nCard,\"Said\nin two lines\"";
        world.devices[0].replica.handle_import(now, ImportFormat::Csv, file).unwrap();
        world.settle();
        let id = world.board(0).cards().next().unwrap().id.clone();
        let text = TextTarget::Body { card: id };
        if is_wanted {
            // the disk has not answered yet
            world.command(0, Command::OpenText { text: text.clone() }).unwrap();
        }
        let (save, _, _) = world.devices[0].kept_back[0];
        world.devices[0].kept_back.clear();
        world.devices[0].replica.handle_store_failed(now, save, StorageState::MemoryOnly);
        world.settle();
        let mut deltas = world.devices[0].deltas.iter();
        let opened = deltas.any(|delta| matches!(delta, Delta::TextOpened { .. }));
        assert_eq!(opened, is_wanted, "who wants to read it does");
        world.devices[0].load_all(now);
        world.settle();
        world.plug(0);
        world.wait(60_000);
        for device in [0, 1] {
            assert_eq!(world.read(device, &text), "Said\nin two lines", "{device} {is_wanted}");
        }
    }
}

#[test]
fn a_relay_that_lost_everything_gets_it_again() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("x")).unwrap();
    world.wait(5_000);
    world.cut(0);
    world.cut(1);
    world.hub.documents.clear();
    world.wait(60_000);
    assert_eq!((world.status(0).waiting, world.status(1).waiting), (0, 0));
    let device = world.add_device("nick");
    world.settle();
    assert_eq!(world.board(device), world.board(0));
}

#[test]
fn chunks_that_are_no_automerge_do_not_hide_the_board() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    let chunks = world.devices[0].disk.get_mut(&room()).unwrap();
    for junk in [&b""[..], b"junk", b"warroom relay 1\nshort", &[0x85, 0x6f, 0x4a, 0x83]] {
        let chunk = warroom_engine::Chunk::new(Bytes::copy_from_slice(junk));
        chunks.insert(chunk.hash, chunk.bytes);
    }
    world.restart_offline(0);
    assert!(world.board(0).card(&card("x")).is_some());
}

#[test]
fn a_storage_that_cannot_be_read_is_told_and_what_is_stored_later_joins_what_is_there() {
    let mut world = World::new(&["adam"]);
    world.unplug(0);
    world.command(0, add("x")).unwrap();
    world.devices[0].cannot_read = true;
    world.restart_offline(0);
    assert_eq!(world.status(0).storage, StorageState::Failed);
    world.command(0, add("y")).unwrap();
    assert_eq!(world.status(0).storage, StorageState::Failed, "a part of the board is not here");
    world.devices[0].cannot_read = false;
    world.restart_offline(0);
    assert_eq!(world.status(0).storage, StorageState::Durable);
    assert!(["x", "y"].iter().all(|id| world.board(0).card(&card(id)).is_some()));
}
