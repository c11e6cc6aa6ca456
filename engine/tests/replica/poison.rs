//! Goal: a change that makes automerge panic costs itself alone, at once where panics are caught and after two breakdowns
//! where they end the process. Method: a message with an honest board and such a change after it, as
//! `relay/tests/hostile/poison.rs` makes them.

use std::cell::RefCell;
use std::panic;

use bytes::Bytes;
use warroom_engine::{Hash, in_hand};
use warroom_protocol::guard::check_change;
use warroom_protocol::sync_message::SyncMessage;

use crate::world::{World, add, card, room};

/// Each with an honest board, and a harmful change after it.
pub(crate) const MESSAGES: [&[u8]; 2] = [
    include_bytes!("../../../web/e2e/fixtures/poison/panics.bin"),
    include_bytes!("../../../web/e2e/fixtures/poison/bricks.bin"),
];

/// The hashes of the changes of a message, in their order: the last is the harmful one.
fn hashes(message: &'static [u8]) -> Vec<Hash> {
    let message = SyncMessage::decode(&Bytes::from_static(message)).unwrap();
    message.changes.iter().map(|chunk| check_change(chunk).unwrap().hash.0).collect()
}

/// The message comes, and the board goes on.
fn receive(world: &mut World, message: &'static [u8]) {
    let frame = world.hub.sync_frame(0, &room(), Bytes::from_static(message));
    world.hub.inject(0, frame);
    world.settle();
    assert!(world.board(0).card(&card("still")).is_some(), "the honest changes are there");
    assert_eq!(world.status(0).left_out, 1);
}

#[test]
fn what_panics_automerge_is_left_out_and_closes_the_connection() {
    for message in MESSAGES {
        let mut world = World::new(&["adam"]);
        receive(&mut world, message);
        assert_eq!(world.devices[0].closed.len(), 1, "{:?}", world.devices[0].closed);
        world.wait(60_000);
        world.command(0, add("y")).unwrap();
    }
}

#[test]
fn what_was_alone_in_hand_at_a_breakdown_is_left_out_from_the_start_and_at_the_next_start_too() {
    for message in MESSAGES {
        let mut world = World::new(&[]);
        world.breakdowns = vec![hashes(message), vec![*hashes(message).last().unwrap()]];
        world.add_device("adam");
        world.settle();
        for _ in 0..2 {
            receive(&mut world, message);
            assert!(world.devices[0].closed.is_empty(), "{:?}", world.devices[0].closed);
            world.restart(0);
        }
    }
}

thread_local! {
    static SEEN: RefCell<Vec<Vec<Hash>>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_panic_hook_sees_all_that_is_in_hand_and_after_a_breakdown_one_at_a_time() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        SEEN.with_borrow_mut(|seen| seen.push(in_hand()));
        before(info);
    }));
    for message in MESSAGES {
        let all = hashes(message);
        let harmful = *all.last().unwrap();
        let mut world = World::new(&["adam"]);
        receive(&mut world, message);
        let seen = SEEN.take();
        assert_eq!(seen.first(), Some(&all));
        assert!(in_hand().is_empty());

        let mut world = World::new(&[]);
        world.breakdowns = vec![all];
        world.add_device("adam");
        world.settle();
        receive(&mut world, message);
        assert_eq!(SEEN.take().first(), Some(&vec![harmful]));
    }
}
