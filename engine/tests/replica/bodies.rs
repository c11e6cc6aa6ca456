//! Goal: bodies are there when they are needed, offline too, and not in memory for ever. Method: devices around a hub.

use warroom_engine::{Command, CommandError, Phase, Splice, body_id};

use crate::world::{World, add, body, card, room};

/// A quarter of an hour, in which marks settle.
const A_WHILE: u64 = 15 * 60 * 1_000;

/// Adam and Bea, twenty bodies by Adam, and a while.
fn settled() -> World {
    let mut world = World::new(&["adam", "bea"]);
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    world.wait(A_WHILE);
    world
}

/// Which of the twenty bodies Bea asks for when her cable is plugged in.
fn asked_for(world: &mut World) -> Vec<usize> {
    world.hub.synced.clear();
    world.plug(1);
    assert_eq!(world.status(1).phase, Phase::Saved);
    let synced: Vec<_> = world.hub.synced.iter().filter(|(line, _)| *line == 1).collect();
    let document = |index: usize| body_id(&room(), &card(&format!("c{index}")));
    (0..20).filter(|index| synced.iter().any(|(_, asked)| *asked == document(*index))).collect()
}

#[test]
fn two_who_first_write_a_body_apart_have_both_lines() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("x")).unwrap();
    for (device, line) in [(0, "from Adam\n"), (1, "from Bea\n")] {
        world.unplug(device);
        world.read(device, &body("x"));
        world.type_in(device, &body("x"), line);
        world.wait(2_000);
    }
    world.plug(0);
    world.plug(1);
    world.wait(1_000);
    let (a, b) = (world.read(0, &body("x")), world.read(1, &body("x")));
    assert_eq!(a, b);
    assert!(a.contains("from Adam\n") && a.contains("from Bea\n"), "{a}");
}

#[test]
fn bodies_are_fetched_so_that_they_are_there_offline() {
    let mut world = World::new(&["adam"]);
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    let bea = world.add_device("bea");
    world.settle();
    assert_eq!(world.status(bea).phase, Phase::Saved);
    world.restart_offline(bea);
    for index in 0..20 {
        let name = format!("c{index}");
        assert_eq!(world.read(bea, &body(&name)), name);
    }
}

#[test]
fn an_edit_of_a_body_that_left_memory_reaches_the_disk() {
    let mut world = World::new(&["adam", "bea"]);
    for index in 0..20 {
        let name = format!("c{index}");
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    world.wait(30_000);
    world.write_body(0, "c0", "again ");
    world.restart_offline(1);
    assert_eq!(world.read(1, &body("c0")), "again c0");
}

#[test]
fn a_body_that_nobody_wrote_is_asked_for_and_not_made() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    assert_eq!(world.read(0, &body("x")), "");
    let document = body_id(&room(), &card("x"));
    let requests = world.hub.requests.iter().filter(|asked| **asked == document);
    assert_eq!(requests.count(), 1);
    assert!(!world.hub.documents.contains_key(&document));
    world.type_in(0, &body("x"), "now it is");
    world.wait(2_000);
    assert!(world.hub.documents.contains_key(&document));
    assert_eq!(world.status(0).phase, Phase::Saved);
}

#[test]
fn a_body_asked_for_in_vain_comes_when_somebody_writes_it() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("x")).unwrap();
    world.read(0, &body("x"));
    world.read(1, &body("x"));
    world.type_in(1, &body("x"), "hello");
    world.wait(2_000);
    assert_eq!(world.read(0, &body("x")), "hello");
}

#[test]
fn a_text_that_is_not_open_or_not_known_is_refused() {
    let mut world = World::new(&["adam"]);
    world.command(0, add("x")).unwrap();
    let open = Command::OpenText { text: body("none") };
    assert_eq!(world.command(0, open), Err(CommandError::UnknownCard));
    let splice = Splice { at: 0, delete: 0, insert: "a".to_owned() };
    let edit = Command::EditText { text: body("x"), seen: 0, splice };
    assert_eq!(world.command(0, edit), Err(CommandError::OutsideText));
}

#[test]
fn who_comes_back_asks_only_for_bodies_that_may_have_changed() {
    let mut world = settled();
    world.unplug(1);
    world.wait(A_WHILE);
    world.write_body(0, "c3", "again ");
    // those that are in memory are asked for anyway
    let asked = asked_for(&mut world);
    assert!(asked.contains(&3) && asked.len() <= 9, "{asked:?}");
    world.restart_offline(1);
    for index in 0..20 {
        let expected = if index == 3 { "again c3".to_owned() } else { format!("c{index}") };
        assert_eq!(world.read(1, &body(&format!("c{index}"))), expected);
    }
}

#[test]
fn an_edit_without_a_mark_of_its_own_comes_with_the_mark_before_it() {
    let mut world = settled();
    world.write_body(0, "c3", "one ");
    let mark = world.board(1).card(&card("c3")).unwrap().body_edited.clone();
    world.wait(30_000);
    for index in 10..20 {
        // so that it has left memory
        world.read(1, &body(&format!("c{index}")));
        world.command(1, Command::CloseText { text: body(&format!("c{index}")) }).unwrap();
    }
    world.unplug(1);
    world.write_body(0, "c3", "two ");
    world.wait(A_WHILE);
    assert!(asked_for(&mut world).contains(&3));
    assert_eq!(world.board(1).card(&card("c3")).unwrap().body_edited, mark, "no mark of its own");
    world.restart_offline(1);
    assert_eq!(world.read(1, &body("c3")), "two one c3");
}

#[test]
fn every_body_is_asked_for_again_after_a_day_and_of_another_storage() {
    let mut world = settled();
    world.unplug(1);
    world.wait(25 * 3_600 * 1_000);
    assert_eq!(asked_for(&mut world).len(), 20, "a foreign program leaves no mark");
    world.wait(A_WHILE);
    world.unplug(1);
    assert!(asked_for(&mut world).len() < 20);
    world.unplug(1);
    world.hub.storage = "another".to_owned();
    assert_eq!(asked_for(&mut world).len(), 20);
    world.unplug(1);
    assert!(asked_for(&mut world).len() < 20);
}

#[test]
fn what_is_taken_back_in_a_body_leaves_a_mark_too() {
    let mut world = settled();
    world.write_body(0, "c3", "oops ");
    world.wait(A_WHILE);
    let mark = world.board(0).card(&card("c3")).unwrap().body_edited.clone();
    world.command(0, Command::Undo).unwrap();
    assert_ne!(world.board(0).card(&card("c3")).unwrap().body_edited, mark);
    assert_eq!(world.read(0, &body("c3")), "c3");
}
