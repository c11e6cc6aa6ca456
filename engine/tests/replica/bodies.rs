//! Goal: bodies are there when they are needed, offline too, and not in memory for ever. Method: devices around a hub.

use warroom_engine::{Command, CommandError, Phase, Splice, body_id};

use crate::world::{World, add, body, card, room};

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
