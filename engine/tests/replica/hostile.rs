//! Goal: whatever comes, the replica lives, keeps its board and says why it closed. Method: frames of the test's making.

use bytes::Bytes;
use warroom_engine::Phase;

use crate::world::{World, add, card, room};

/// Sync messages that make automerge 0.12 panic, abort or wait for ever.
const SYNC_MESSAGES: [&[u8]; 5] = [
    &[0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0],
    &[0x42, 0, 0, 1, 0, 9, 1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0],
    &[0x42, 0, 0, 0, 1, 11, 0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 1, 0],
    &[0x42],
    b"junk",
];

/// After a refusal the replica comes back, and works as before.
fn recovers(world: &mut World) {
    assert_eq!(world.devices[0].closed.len(), 1, "{:?}", world.devices[0].closed);
    assert_eq!(world.devices[0].replica.refused(), 1);
    world.wait(60_000);
    world.command(0, add("y")).unwrap();
    assert_eq!(world.status(0).phase, Phase::Saved);
    assert!(world.board(1).card(&card("y")).is_some());
}

#[test]
fn a_bad_sync_message_closes_the_connection_and_nothing_else() {
    for data in SYNC_MESSAGES {
        let mut world = World::new(&["adam", "bea"]);
        world.command(0, add("x")).unwrap();
        let frame = world.hub.sync_frame(0, &room(), Bytes::from_static(data));
        world.hub.inject(0, frame);
        world.settle();
        recovers(&mut world);
    }
}

#[test]
fn a_bad_frame_closes_the_connection_and_nothing_else() {
    for frame in [&b""[..], &[0xf6], &[0xa1], b"\xa1dtype\xf6", &[0x9f; 200]] {
        let mut world = World::new(&["adam", "bea"]);
        world.hub.inject(0, Bytes::from_static(frame));
        world.settle();
        recovers(&mut world);
    }
}

#[test]
fn a_document_that_nobody_asked_for_is_ignored() {
    let mut world = World::new(&["adam"]);
    let other = warroom_protocol::DocumentId::from_room_name("other");
    let frame = world.hub.sync_frame(0, &other, Bytes::from_static(&[0x42, 0, 0, 0, 0]));
    world.hub.inject(0, frame);
    world.settle();
    assert!(world.devices[0].closed.is_empty());
    assert_eq!(world.status(0).phase, Phase::Saved);
}
