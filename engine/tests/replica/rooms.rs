//! Goal: coming back to a room costs one question and the bodies that changed, and nothing is taken for here that is not.
//! Method: devices around a hub that speaks of rooms and counts what it is sent; stores that are replaced, starts, faults.

use std::time::Duration;

use automerge::ChangeHash;
use warroom_engine::limits::ROOM_ANSWER;
use warroom_engine::{Command, Phase, body_id, talk_id};
use warroom_protocol::DocumentId;

use crate::hub::Hub;
use crate::world::{World, add, body, card, room};

/// Devices that know the same bodies, all of it saved, around a hub that speaks of rooms.
pub(crate) fn world(users: &[&str], bodies: usize) -> World {
    let mut world = World::new(&[]);
    world.hub.has_rooms = true;
    for user in users {
        world.add_device(user);
    }
    world.settle();
    for index in 0..bodies {
        let name = name(index);
        world.command(0, add(&name)).unwrap();
        world.write_body(0, &name, &name);
    }
    world.wait(30_000);
    for device in 0..users.len() {
        assert_eq!(world.status(device).phase, Phase::Saved, "{device}");
    }
    world
}

pub(crate) fn name(index: usize) -> String {
    format!("c{index}")
}

fn id(index: usize) -> DocumentId {
    body_id(&room(), &card(&name(index)))
}

/// Forgets what was counted so far, and gives what is counted while `act` happens: the bodies that were asked for, and the
/// questions about the room.
pub(crate) fn counted(world: &mut World, act: impl FnOnce(&mut World)) -> (Vec<DocumentId>, usize) {
    world.hub.synced.clear();
    world.hub.asked.clear();
    act(world);
    let others = [room(), talk_id(&room())];
    let synced = world.hub.synced.keys().filter(|document| !others.contains(document));
    (synced.cloned().collect(), world.hub.asked.len())
}

#[test]
fn coming_back_costs_one_question_and_the_bodies_that_changed() {
    const BODIES: usize = 1_000;
    let mut world = world(&["adam", "bea"], BODIES);
    for changed in [0, 1, 100] {
        world.unplug(1);
        for index in 0..changed {
            world.write_body(0, &name(index * 7), "more ");
        }
        world.wait(30_000);
        let (synced, questions) = counted(&mut world, |world| {
            world.plug(1);
            world.wait(10_000);
        });
        assert_eq!((synced.len(), questions), (changed, 1), "{changed} changed");
        assert_eq!(world.status(1).phase, Phase::Saved);
    }
    // after a start, too: the cursor is in storage
    let (synced, questions) = counted(&mut world, |world| {
        world.restart(1);
        world.wait(10_000);
    });
    assert_eq!((synced.len(), questions), (0, 1), "after a start");
    assert!(world.hub.asked[0].is_some(), "since when is in storage");
    assert_eq!(world.status(1).phase, Phase::Saved);
    world.restart_offline(1);
    assert_eq!(world.read(1, &body("c0")), "more more c0");
}

#[test]
fn what_was_written_offline_is_brought_though_nobody_names_it() {
    let mut world = world(&["adam", "bea"], 20);
    world.unplug(1);
    world.write_body(1, "c3", "offline ");
    world.wait(2_000);
    // the process dies with it: only storage knows
    world.restart_offline(1);
    let (synced, _) = counted(&mut world, |world| {
        world.plug(1);
        world.wait(10_000);
    });
    assert_eq!(synced, [id(3)]);
    assert_eq!(world.status(1).phase, Phase::Saved);
    assert_eq!(world.read(0, &body("c3")), "offline c3");
}

#[test]
fn a_device_is_not_saved_before_all_that_waits_is_there() {
    let mut world = world(&["adam"], 20);
    world.unplug(0);
    world.write_body(0, "c3", "offline ");
    world.wait(2_000);
    world.restart_offline(0);
    world.devices[0].is_loading = true;
    world.plug(0);
    assert_ne!(world.status(0).phase, Phase::Saved, "what its storage has is not known yet");
}

#[test]
fn another_store_gets_everything_and_is_asked_for_everything() {
    for kept in [0, 10, 20] {
        let mut world = world(&["adam", "bea"], 20);
        let lost: Vec<DocumentId> = (kept..20).map(id).collect();
        world.unplug(0);
        world.unplug(1);
        world.hub.replace_store(|document| !lost.contains(document));
        let (synced, _) = counted(&mut world, |world| {
            world.plug(1);
            world.wait(10_000);
        });
        let mut expected = lost.clone();
        expected.sort();
        assert_eq!(synced, expected, "what the other store has is compared, not fetched");
        assert_eq!(world.status(1).phase, Phase::Saved);
        assert!(lost.iter().all(|document| world.hub.documents.contains_key(document)));
    }
}

#[test]
fn a_start_while_another_store_is_filled_goes_on_filling_it() {
    let mut world = world(&["adam"], 20);
    world.unplug(0);
    world.hub.replace_store(|_| false);
    world.devices[0].is_loading = true;
    world.plug(0);
    world.wait(10_000);
    world.devices[0].is_loading = false;
    world.restart(0);
    world.wait(10_000);
    assert_eq!(world.status(0).phase, Phase::Saved);
    assert!((0..20).all(|index| world.hub.documents.contains_key(&id(index))));
}

#[test]
fn a_new_device_fetches_what_others_wrote_and_what_nobody_named() {
    let mut world = world(&["adam"], 20);
    // a body that came by a client which says nothing of rooms
    world.hub.has_rooms = false;
    let old = world.add_device("old");
    world.settle();
    world.command(old, add("plain")).unwrap();
    world.write_body(old, "plain", "plain");
    world.wait(10_000);
    world.unplug(old);
    world.hub.has_rooms = true;
    let bea = world.add_device("bea");
    world.settle();
    world.wait(10_000);
    world.restart_offline(bea);
    for name in (0..20).map(name).chain(["plain".to_owned()]) {
        assert_eq!(world.read(bea, &body(&name)), name);
    }
}

#[test]
fn what_changes_meanwhile_is_fetched_though_nobody_asked_for_the_body_before() {
    let mut world = world(&["adam", "bea"], 20);
    world.unplug(1);
    world.plug(1);
    world.wait(10_000);
    world.write_body(0, "c9", "later ");
    world.wait(10_000);
    world.restart_offline(1);
    assert_eq!(world.read(1, &body("c9")), "later c9");
}

#[test]
fn a_body_that_is_opened_is_asked_for_and_heard_of() {
    let mut world = world(&["adam", "bea"], 20);
    world.unplug(1);
    world.plug(1);
    world.wait(10_000);
    assert_eq!(world.read(1, &body("c9")), "c9");
    world.write_body(0, "c9", "live ");
    world.wait(1_000);
    assert_eq!(world.read(1, &body("c9")), "live c9");
}

#[test]
fn a_connection_that_breaks_before_a_body_came_loses_nothing() {
    let mut world = world(&["adam", "bea"], 20);
    world.unplug(1);
    world.write_body(0, "c9", "later ");
    world.wait(10_000);
    // storage does not answer: the body is named, and the connection breaks before it is asked for
    world.devices[1].is_loading = true;
    world.plug(1);
    world.wait(10_000);
    world.devices[1].is_loading = false;
    world.restart(1);
    world.wait(10_000);
    world.restart_offline(1);
    assert_eq!(world.read(1, &body("c9")), "later c9");
}

#[test]
fn what_another_server_was_given_in_between_is_brought_to_the_first() {
    for restarts in [false, true] {
        let mut world = world(&["adam"], 20);
        world.unplug(0);
        // one that knows nothing of rooms
        let first = std::mem::replace(&mut world.hub, Hub::new());
        world.plug(0);
        world.write_body(0, "c3", "elsewhere ");
        world.wait(30_000);
        assert_eq!(world.status(0).phase, Phase::Saved);
        world.unplug(0);
        world.hub = first;
        if restarts {
            world.restart_offline(0);
        }
        let (synced, _) = counted(&mut world, |world| {
            world.plug(0);
            world.wait(30_000);
        });
        assert!(synced.contains(&id(3)), "restarts: {restarts}");
        let bea = world.add_device("bea");
        world.settle();
        world.wait(10_000);
        assert_eq!(world.read(bea, &body("c3")), "elsewhere c3", "restarts: {restarts}");
    }
}

#[test]
fn what_a_restored_relay_acknowledged_after_the_backup_is_brought_again() {
    let mut world = world(&["adam"], 20);
    let backup = world.hub.backup();
    // acknowledged, and the program ends before the room hears of it
    world.hub.is_gathering = true;
    world.write_body(0, "c3", "later ");
    world.wait(100);
    let now = world.now;
    world.devices[0].replica.handle_closing(now);
    world.settle();
    world.restart_offline(0);
    world.hub.is_gathering = false;
    world.hub.restore(backup);
    world.plug(0);
    world.wait(30_000);
    assert_eq!(world.status(0).phase, Phase::Saved);
    let bea = world.add_device("bea");
    world.settle();
    world.wait(10_000);
    assert_eq!(world.read(bea, &body("c3")), "later c3");
}

/// Milliseconds.
fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

#[test]
fn a_relay_that_does_not_answer_or_stops_in_between_is_asked_for_each_body() {
    for pages in [0, 1] {
        let mut world = world(&["adam", "bea"], 20);
        world.unplug(1);
        for index in 0..20 {
            world.write_body(0, &name(index), "later ");
        }
        world.wait(30_000);
        (world.hub.page_documents, world.hub.pages_left) = (8, pages);
        world.plug(1);
        world.wait(ms(ROOM_ANSWER) - 1);
        assert_eq!(world.status(1).phase, Phase::Syncing, "it is waited for, {pages} pages");
        world.wait(1_000);
        assert_eq!(world.status(1).phase, Phase::Saved, "{pages} pages");
        // it keeps count of the room all the same
        world.command(1, add("new")).unwrap();
        world.write_body(1, "new", "new");
        world.wait(10_000);
        assert!(world.hub.is_counted(&body_id(&room(), &card("new"))), "{pages} pages");
        world.restart_offline(1);
        for index in 0..20 {
            let name = name(index);
            assert_eq!(world.read(1, &body(&name)), format!("later {name}"), "{pages} pages");
        }
    }
}

#[test]
fn a_relay_that_takes_its_time_between_two_pages_is_waited_for() {
    let mut world = world(&["adam", "bea"], 20);
    world.unplug(1);
    for index in 0..20 {
        world.write_body(0, &name(index), "later ");
    }
    world.wait(30_000);
    world.hub.page_documents = 8;
    let (synced, _) = counted(&mut world, |world| {
        world.hub.pages_left = 0;
        world.plug(1);
        for _ in 0..3 {
            world.wait(ms(ROOM_ANSWER) - 1);
            assert_eq!(world.status(1).phase, Phase::Syncing);
            world.hub.pages_left = 1;
            world.settle();
        }
    });
    assert_eq!((synced.len(), world.status(1).phase), (20, Phase::Saved));
}

#[test]
fn a_change_that_is_left_out_holds_up_no_visit() {
    let mut world = world(&["adam", "bea"], 20);
    // automerge sends a short history as a whole, which is not taken apart
    for _ in 0..8 {
        world.write_body(0, "c3", "x");
    }
    world.wait(10_000);
    world.unplug(1);
    for index in [2, 3, 4] {
        world.write_body(0, &name(index), "later ");
    }
    world.wait(2_000);
    // bea's program broke down over the change of one of them: it is left out from now on
    let harmful: Vec<ChangeHash> = world.hub.documents[&id(3)].get_heads();
    world.breakdowns = vec![harmful.iter().map(|head| head.0).collect()];
    world.restart_offline(1);
    for attempt in 0..2 {
        world.plug(1);
        world.wait(100);
        assert_eq!(world.status(1).phase, Phase::Saved, "attempt {attempt}");
        world.unplug(1);
        world.write_body(0, "c3", "upon ");
        world.wait(2_000);
    }
    assert_eq!(world.status(1).left_out, 2, "what builds on it is, too");
    let read = ["c2", "c3", "c4"].map(|name| world.read(1, &body(name)));
    assert_eq!(read, ["later c2", "xxxxxxxxc3", "later c4"]);
}

#[test]
fn a_body_of_more_heads_than_are_named_is_fetched_and_asked_for_once_more() {
    const WRITERS: usize = 17;
    let users: Vec<String> = (0..WRITERS).map(|number| format!("writer{number}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut world = world(&users, 3);
    let bea = world.add_device("bea");
    world.settle();
    world.wait(10_000);
    world.unplug(bea);
    (0..WRITERS).for_each(|writer| world.unplug(writer));
    for writer in 0..WRITERS {
        world.write_body(writer, "c1", "w");
        world.wait(2_000);
    }
    (0..WRITERS).for_each(|writer| world.plug(writer));
    world.wait(30_000);
    assert_eq!(world.hub.documents[&id(1)].get_heads().len(), WRITERS);
    // that all was named which it got can't be seen: it asks once more
    for expected in [vec![id(1)], vec![id(1)], Vec::new()] {
        let (synced, _) = counted(&mut world, |world| {
            world.plug(bea);
            world.wait(10_000);
        });
        assert_eq!((synced, world.status(bea).phase), (expected, Phase::Saved));
        world.restart_offline(bea);
        assert_eq!(world.read(bea, &body("c1")), "w".repeat(WRITERS) + "c1");
        world.command(bea, Command::CloseText { text: body("c1") }).unwrap();
        world.wait(10_000);
    }
}

#[test]
fn heads_that_are_not_named_are_not_taken_for_those_that_were_heard_before() {
    const WRITERS: usize = 17;
    let users: Vec<String> = (0..WRITERS).map(|number| format!("writer{number}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut world = world(&users, 3);
    let bea = world.add_device("bea");
    world.settle();
    // she has it open, so that what others write comes by itself
    world.read(bea, &body("c1"));
    world.wait(10_000);
    (0..WRITERS).for_each(|writer| world.unplug(writer));
    for writer in 0..WRITERS {
        world.write_body(writer, "c1", "w");
        world.wait(2_000);
    }
    // but the room's news overtake it, and the connection breaks
    world.hub.keeps_back = Some((bea, id(1)));
    (0..WRITERS).for_each(|writer| world.plug(writer));
    world.wait(30_000);
    world.hub.keeps_back = None;
    world.restart(bea);
    world.wait(10_000);
    assert_eq!(world.status(bea).phase, Phase::Saved);
    world.restart_offline(bea);
    assert_eq!(world.read(bea, &body("c1")), "w".repeat(WRITERS) + "c1");
}

/// Two tabs of one browser that know the same bodies; the second is not asked for any of them by the first. They share what
/// lies on the disk once the first has died.
fn tabs() -> World {
    let mut world = world(&["adam", "adam"], 20);
    world.join_tabs(0, 1);
    world.wait(10_000);
    world
}

/// The first tab writes in a body without a network and dies, and the second finds it on the disk.
fn die(world: &mut World) {
    world.write_body(0, "c3", "unsent ");
    world.wait(2_000);
    world.devices[1].disk = world.devices[0].disk.clone();
}

#[test]
fn what_a_tab_that_left_had_not_sent_is_brought_at_once() {
    let mut world = tabs();
    world.unplug(0);
    die(&mut world);
    world.restart_offline(0);
    world.wait(10_000);
    let bea = world.add_device("bea");
    world.settle();
    world.wait(10_000);
    assert_eq!(world.read(bea, &body("c3")), "unsent c3");
}

#[test]
fn what_a_tab_that_ended_without_a_word_had_not_sent_is_brought_on_the_next_connection() {
    let mut world = tabs();
    world.unplug(0);
    world.unplug(1);
    die(&mut world);
    world.plug(1);
    world.wait(10_000);
    assert_eq!(world.status(1).phase, Phase::Saved);
    let bea = world.add_device("bea");
    world.settle();
    world.wait(10_000);
    assert_eq!(world.read(bea, &body("c3")), "unsent c3");
}
