//! Goal: what one does the others have, whatever the network does. Method: devices around a hub, and tabs without one.

use warroom_engine::{
    CommandError, ConnectionKind, Person, Phase, Replica, RoomOptions, StorageState, UserId,
};
use warroom_protocol::{ConnectionId, Seed, Timestamp};

use crate::world::{World, add, body, card, room};

#[test]
fn two_on_one_relay_see_each_others_cards() {
    let mut world = World::new(&["adam", "bea"]);
    world.command(0, add("x")).unwrap();
    assert!(world.board(1).card(&card("x")).is_some());
    assert_eq!(world.board(0), world.board(1));
}

#[test]
fn an_opened_board_is_there_without_stored_chunks_and_without_a_relay() {
    let mut world = World::new(&["adam"]);
    let device = world.add_device("bea");
    world.devices[device].has_network = false;
    world.settle();
    assert!(world.devices[device].replica.board().is_some());
    assert_eq!(world.status(device).phase, Phase::Offline);
    assert!(world.status(device).retry_at.is_some());
}

#[test]
fn a_command_before_the_board_was_read_is_refused_and_changes_nothing() {
    let person = Person { id: UserId::new("adam").unwrap(), name: String::new(), colour: 0 };
    let options = RoomOptions {
        board: room(),
        person,
        storage: StorageState::Durable,
        breakdowns: Vec::new(),
    };
    let now = Timestamp(1);
    let mut replica = Replica::open(now, Seed([1; 32]), options);
    assert_eq!(replica.handle_command(now, add("x")), Err(CommandError::NotLoaded));
    replica.handle_connected(now, ConnectionId(1), ConnectionKind::Relay);
    replica.handle_loaded(now, &room(), Vec::new());
    assert_eq!(replica.handle_command(now, add("x")), Ok(1));
}

#[test]
fn what_was_done_apart_is_on_both_boards_after_the_reunion() {
    let mut world = World::new(&["adam", "bea"]);
    world.unplug(1);
    world.command(0, add("x")).unwrap();
    world.command(1, add("y")).unwrap();
    assert!(world.board(1).card(&card("x")).is_none());
    world.plug(1);
    assert_eq!(world.board(0), world.board(1));
    assert!(world.board(0).card(&card("y")).is_some());
}

#[test]
fn a_lost_connection_is_made_again_without_being_asked() {
    let mut world = World::new(&["adam", "bea"]);
    for _ in 0..10 {
        world.cut(0);
        world.command(0, add(&format!("c{}", world.now.0))).unwrap();
        world.wait(60_000);
        assert_eq!(world.status(0).phase, Phase::Saved);
    }
    assert_eq!(world.board(0), world.board(1));
}

#[test]
fn two_offline_tabs_agree_on_board_and_open_bodies() {
    let mut world = World::new(&["adam", "adam"]);
    world.unplug(0);
    world.unplug(1);
    world.join_tabs(0, 1);
    world.command(0, add("x")).unwrap();
    assert_eq!(world.board(0), world.board(1));
    world.read(0, &body("x"));
    world.read(1, &body("x"));
    world.type_in(0, &body("x"), "hello");
    world.wait(2_000);
    assert_eq!(world.read(1, &body("x")), "hello");
    assert_eq!(world.status(1).edits_made, 0);
}

#[test]
fn a_tabs_acknowledgement_is_none() {
    let mut world = World::new(&["adam", "adam"]);
    world.unplug(0);
    world.unplug(1);
    world.join_tabs(0, 1);
    world.command(0, add("x")).unwrap();
    assert_eq!((world.status(0).edits_on_relay, world.status(0).waiting), (0, 1));
    assert_eq!(world.status(1).waiting, 1, "neither tab knows the relay to have it");
    world.plug(1);
    assert_eq!(world.status(1).waiting, 0);
    world.plug(0);
    assert_eq!((world.status(0).edits_on_relay, world.status(0).waiting), (1, 0));
}

#[test]
fn a_relay_that_does_not_answer_the_join_is_dialed_again() {
    let mut world = World::new(&[]);
    let device = world.add_device("adam");
    let now = world.now;
    let replica = &mut world.devices[device].replica;
    while replica.poll_output().is_some() {}
    replica.handle_loaded(now, &room(), Vec::new());
    replica.handle_connected(now, ConnectionId(99), ConnectionKind::Relay);
    assert_eq!(replica.status().phase, Phase::Connecting);
    let silent = Timestamp(now.0 + 10_000);
    replica.handle_timeout(silent);
    assert_eq!(replica.status().phase, Phase::Offline);
}

#[test]
fn a_relay_that_falls_silent_while_it_owes_an_answer_is_dialed_again() {
    let mut world = World::new(&["adam", "bea"]);
    world.devices[0].is_cut_off = true;
    world.wait(600_000);
    assert!(world.devices[0].closed.is_empty(), "nothing is owed");
    world.command(0, add("x")).unwrap();
    world.wait(59_000);
    assert_eq!((world.devices[0].closed.len(), world.status(0).phase), (0, Phase::Syncing));
    world.wait(2_000);
    assert_eq!(world.devices[0].closed.len(), 1);
    world.devices[0].is_cut_off = false;
    world.wait(60_000);
    assert_eq!(world.status(0).phase, Phase::Saved);
    assert!(world.board(1).card(&card("x")).is_some());
}
