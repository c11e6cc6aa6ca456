//! Goal: a board is on screen before its history, nothing is shown that the document would not show beyond being older,
//! and losing what was kept for it harms nothing. Method: devices whose disks read late, lose, tear and mix up.

use bytes::Bytes;
use warroom_engine::{Command, CommandError, Delta, Phase, Splice, StorageState, body_id};

use crate::world::{World, add, body, card, room};

/// One device with two cards that has written what its board reads as.
fn rested() -> World {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    world.command(0, add("y")).unwrap();
    world.wait(10_000);
    assert!(world.devices[0].projections.contains_key(&room()));
    world
}

/// The disk of device 0 is slow to read from now on, and the device starts again.
fn restart_slowly(world: &mut World) {
    world.devices[0].is_loading = true;
    world.restart_offline(0);
    assert_eq!(world.status(0).phase, Phase::Opening);
}

fn read_now(world: &mut World) {
    let now = world.now;
    world.devices[0].load_all(now);
    world.settle();
}

const NONE: [&Delta; 0] = [];

/// What device 0 was told, but for the talk, which is read after the board and has no projection.
fn of_board(world: &World) -> Vec<&Delta> {
    let deltas = world.devices[0].deltas.iter();
    deltas.filter(|delta| !matches!(delta, Delta::TalkReset { .. })).collect()
}

/// What the disk says that the board reads as.
fn projected(world: &World) -> Option<Bytes> {
    world.devices[0].projections.get(&room()).cloned()
}

#[test]
fn a_board_is_shown_before_its_history_and_nothing_is_said_when_they_agree() {
    let mut world = rested();
    let before = world.board(0).to_reset();
    restart_slowly(&mut world);
    assert_eq!(world.devices[0].projected, [before]);
    assert_eq!(world.command(0, add("z")), Err(CommandError::NotLoaded));
    read_now(&mut world);
    assert_eq!(of_board(&world), NONE);
    world.command(0, add("z")).unwrap();
    world.plug(0);
    assert_eq!(world.status(0).phase, Phase::Saved);
}

#[test]
fn bodies_are_known_where_nothing_was_said() {
    let mut world = rested();
    world.read(0, &body("x"));
    world.type_in(0, &body("x"), "hello");
    world.wait(10_000);
    let bea = world.add_device("bea");
    world.settle();
    world.unplug(bea);
    restart_slowly(&mut world);
    read_now(&mut world);
    world.plug(0);
    let document = body_id(&room(), &card("x"));
    assert!(world.hub.documents.contains_key(&document) && !world.hub.requests.is_empty());
    assert_eq!(world.status(0).phase, Phase::Saved, "the body was visited");
    assert_eq!(world.read(0, &body("x")), "hello");
}

#[test]
fn an_older_one_is_shown_and_the_board_follows() {
    let mut world = rested();
    let old = world.devices[0].projections.clone();
    world.command(0, add("z")).unwrap();
    world.wait(10_000);
    world.devices[0].projections = old;
    restart_slowly(&mut world);
    let [Delta::Reset { cards, .. }] = world.devices[0].projected.as_slice() else { panic!() };
    assert_eq!(cards.len(), 2);
    read_now(&mut world);
    assert!(matches!(of_board(&world).as_slice(), [Delta::Reset { .. }]));
    world.wait(10_000);
    restart_slowly(&mut world);
    read_now(&mut world);
    assert_eq!(of_board(&world), NONE, "it was written anew");
}

#[test]
fn one_that_is_lost_torn_or_foreign_is_not_shown() {
    let world = rested();
    let whole = world.devices[0].projections[&room()].clone();
    let other = whole.iter().map(|byte| byte ^ 0x20).collect::<Vec<u8>>();
    let rows =
        [None, Some(whole.slice(..whole.len() - 1)), Some(Bytes::new()), Some(Bytes::from(other))];
    for row in rows {
        let mut world = rested();
        let it = &mut world.devices[0].projections;
        it.remove(&room());
        it.extend(row.map(|bytes| (room(), bytes)));
        restart_slowly(&mut world);
        assert_eq!(world.devices[0].projected, []);
        read_now(&mut world);
        assert!(world.board(0).card(&card("y")).is_some());
        world.wait(10_000);
        assert_eq!(world.devices[0].projections[&room()], whole, "it is written again");
    }
}

#[test]
fn one_that_comes_after_the_board_is_ignored() {
    let mut world = rested();
    let old = world.devices[0].projections[&room()].clone();
    world.command(0, add("z")).unwrap();
    let now = world.now;
    world.devices[0].replica.handle_projection(now, &room(), Some(&old));
    world.settle();
    assert_eq!(world.devices[0].projected, []);
}

#[test]
fn nothing_is_written_before_it_is_durable_or_while_the_storage_fails() {
    let mut world = rested();
    let before = projected(&world);
    world.devices[0].is_slow = true;
    world.command(0, add("z")).unwrap();
    world.wait(120_000);
    assert_eq!(projected(&world), before, "z is not durable");
    let now = world.now;
    for (save, _, _) in std::mem::take(&mut world.devices[0].kept_back) {
        world.devices[0].replica.handle_store_failed(now, save, StorageState::Full);
    }
    world.devices[0].is_slow = false;
    world.wait(20_000);
    assert_eq!(world.status(0).storage, StorageState::Full);
    assert_eq!(projected(&world), before, "the disk is full");
    world.wait(60_000);
    assert_eq!(world.status(0).storage, StorageState::Durable);
    assert_ne!(projected(&world), before);
}

#[test]
fn a_board_that_never_rests_is_written_all_the_same() {
    let mut world = rested();
    let before = projected(&world);
    for index in 0..70 {
        world.command(0, add(&format!("c{index}"))).unwrap();
        world.wait(1_000);
        assert_eq!(projected(&world) == before, index < 59, "{index}");
    }
}

#[test]
fn closing_writes_what_is_new_once_it_is_durable() {
    let mut world = rested();
    let before = projected(&world);
    world.unplug(0);
    world.devices[0].is_slow = true;
    world.command(0, add("z")).unwrap();
    let now = world.now;
    world.devices[0].replica.handle_closing(now);
    world.settle();
    assert_eq!(projected(&world), before);
    world.devices[0].store_all(now);
    world.settle();
    assert_ne!(projected(&world), before);
    world.devices[0].is_slow = false;
    restart_slowly(&mut world);
    read_now(&mut world);
    assert_eq!(of_board(&world), NONE);
}

#[test]
fn a_damaged_board_ends_as_its_document_reads() {
    let mut world = rested();
    let chunks = world.devices[0].disk.get_mut(&room()).unwrap();
    for bytes in chunks.values_mut() {
        *bytes = bytes.slice(..bytes.len() / 2);
    }
    restart_slowly(&mut world);
    assert_eq!(world.devices[0].projected.len(), 1);
    read_now(&mut world);
    assert!(world.board(0).card(&card("x")).is_none(), "nothing of it can be read");
    assert!(world.status(0).quarantined > 0);
}

#[test]
fn a_body_is_written_before_it_leaves_memory_and_not_at_every_visit() {
    let mut world = World::new(&["adam"]);
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    world.wait(30_000);
    let of = |name: &str| body_id(&room(), &card(name));
    let written = world.devices[0].projections.clone();
    assert!((0..20).all(|index| written.contains_key(&of(&format!("c{index}")))));
    assert!(String::from_utf8_lossy(&written[&of("c7")]).ends_with("c7"));
    world.devices[0].written = 0;
    world.restart(0);
    world.wait(30_000);
    assert_eq!(world.devices[0].written, 0);
}

#[test]
fn what_is_typed_into_an_older_body_comes_where_it_was_meant() {
    let mut world = rested();
    world.read(0, &body("x"));
    world.type_in(0, &body("x"), "one two three");
    world.wait(10_000);
    let old = world.devices[0].projections.clone();
    for (at, delete, insert) in [(8, 5, "drei"), (0, 3, "eins")] {
        let (seen, splice) = (0, Splice { at, delete, insert: insert.to_owned() });
        world.command(0, Command::EditText { text: body("x"), seen, splice }).unwrap();
    }
    world.wait(10_000);
    world.devices[0].projections = old;
    world.restart_offline(0);
    world.devices[0].is_loading = true;
    world.command(0, Command::OpenText { text: body("x") }).unwrap();
    read_now(&mut world);
    // typed when "one two three" was on screen
    let splice = Splice { at: 7, delete: 0, insert: "!".to_owned() };
    let edit = Command::EditText { text: body("x"), seen: 0, splice };
    world.command(0, edit).unwrap();
    assert_eq!(world.read(0, &body("x")), "eins two! drei");
}

#[test]
fn a_body_shows_what_it_read_as_until_its_history_is_here() {
    let mut world = rested();
    world.read(0, &body("x"));
    world.type_in(0, &body("x"), "hello");
    world.wait(10_000);
    world.restart_offline(0);
    world.devices[0].is_loading = true;
    world.command(0, Command::OpenText { text: body("x") }).unwrap();
    let content = "hello".to_owned();
    let shown = Delta::TextProjected { text: body("x"), content: content.clone() };
    assert_eq!(world.devices[0].deltas.last(), Some(&shown));
    read_now(&mut world);
    let opened = Delta::TextOpened { text: body("x"), content };
    assert_eq!(world.devices[0].deltas.last(), Some(&opened));
}
