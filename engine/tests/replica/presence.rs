//! Goal: who is here, types and moves is shown to the others, by every way once. Method: devices around a hub and tabs.

use warroom_engine::{Presence, PresenceDelta, TypingPlace};

use crate::world::{World, card};

fn grab(id: &str) -> Presence {
    Presence::Grab { cards: vec![card(id)] }
}

fn does(world: &mut World, device: usize, presence: Presence) {
    let now = world.now;
    world.devices[device].replica.handle_presence(now, presence);
    world.settle();
}

#[test]
fn who_comes_is_shown_by_name_and_who_leaves_is_gone_at_once() {
    let mut world = World::new(&["adam", "bea"]);
    world.wait(2_000);
    let peers = world.devices[0].replica.peers();
    assert_eq!((peers.len(), peers[0].name.as_str()), (1, "BEA"));
    world.unplug(1);
    world.settle();
    assert_eq!(world.devices[0].replica.peers(), []);
    assert_eq!(world.devices[1].replica.peers(), [], "alone without a connection");
    world.plug(1);
    world.wait(2_000);
    assert_eq!(world.devices[0].replica.peers().len(), 1);
    assert_eq!(world.devices[1].replica.peers().len(), 1);
}

#[test]
fn of_two_who_grab_one_card_one_is_revoked() {
    let mut world = World::new(&["adam", "bea"]);
    world.wait(2_000);
    let now = world.now;
    for device in [0, 1] {
        world.devices[device].presence.clear();
        world.devices[device].replica.handle_presence(now, grab("x"));
    }
    world.settle();
    world.wait(1_000);
    let revoked = |device: usize| {
        let deltas = &world.devices[device].presence;
        deltas.iter().any(|delta| matches!(delta, PresenceDelta::GrabRevoked { .. }))
    };
    assert!(revoked(0) != revoked(1), "exactly one goes on");
}

#[test]
fn a_tab_that_dies_frees_its_card_within_four_seconds() {
    let mut world = World::new(&["adam", "bea"]);
    world.wait(2_000);
    does(&mut world, 0, grab("x"));
    world.wait(100);
    does(&mut world, 1, grab("x"));
    let denied = world.devices[1].presence.last().cloned();
    assert!(matches!(denied, Some(PresenceDelta::GrabDenied { .. })), "{denied:?}");
    // the machine freezes: its socket stays open, nothing comes any more
    let frozen = world.devices.remove(0);
    let now = world.now;
    world.now = warroom_protocol::Timestamp(now.0 + 4_000);
    let now = world.now;
    let bea = &mut world.devices[0].replica;
    bea.handle_timeout(now);
    assert!(bea.peers()[0].claim.is_none());
    drop(frozen);
}

#[test]
fn typing_shows_and_ends_a_second_after_the_last_key() {
    let mut world = World::new(&["adam", "bea"]);
    world.wait(2_000);
    let typing = Presence::Typing { place: Some(TypingPlace::Card { card: card("x") }) };
    does(&mut world, 0, typing);
    world.wait(100);
    assert!(world.devices[1].replica.peers()[0].typing.is_some());
    world.wait(1_000);
    assert!(world.devices[1].replica.peers()[0].typing.is_none());
}

#[test]
fn a_tab_that_is_heard_by_two_ways_is_one_peer() {
    let mut world = World::new(&["adam", "adam"]);
    world.join_tabs(0, 1);
    world.wait(2_000);
    world.devices[1].presence.clear();
    does(&mut world, 0, Presence::Viewing { card: Some(card("x")) });
    world.wait(500);
    let told = world.devices[1].presence.len();
    assert_eq!((world.devices[1].replica.peers().len(), told), (1, 1));
}
