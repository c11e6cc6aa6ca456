//! Goal: the rules of presence hold between two rooms. Method: rooms without connections, payloads carried by hand.

use std::time::Duration;

use warroom_protocol::presence::{PresenceMessage, PresenceValue};
use warroom_protocol::{PeerId, Timestamp};

use super::{Claim, Hover, Pointer, Presence, PresenceDelta, PresenceRoom, TypingPlace};
use crate::board::Person;
use crate::ids::{CardId, ColumnId, UserId};

const START: Timestamp = Timestamp(1_000_000);

fn later(ms: u64) -> Timestamp {
    START + Duration::from_millis(ms)
}

fn peer(id: &str) -> PeerId {
    PeerId::new(id).unwrap()
}

fn card(id: &str) -> CardId {
    CardId::new(id).unwrap()
}

fn grab(id: &str) -> Presence {
    Presence::Grab { cards: vec![card(id)] }
}

fn typing(id: &str) -> Presence {
    Presence::Typing { place: Some(TypingPlace::Card { card: card(id) }) }
}

fn person(user: &str) -> Person {
    Person { id: UserId::new(user).unwrap(), name: user.to_uppercase(), colour: 3 }
}

/// A room with a connection.
fn room(id: &str, user: &str) -> PresenceRoom {
    let mut room = PresenceRoom::new(START, peer(id), person(user));
    room.handle_connected(START);
    room
}

/// Carries everything that `from` has said to `to`.
fn tell(now: Timestamp, from: (&str, &mut PresenceRoom), to: &mut PresenceRoom) {
    let (id, from) = from;
    from.handle_timeout(now);
    while let Some(payload) = from.poll_payload() {
        let message = PresenceMessage::decode(&payload).unwrap().unwrap();
        to.handle_message(now, &peer(id), message);
    }
}

/// Adam as `a` and `user_b` as `b`, who know each other.
fn two(user_b: &str) -> (PresenceRoom, PresenceRoom) {
    let (mut a, mut b) = (room("a", "adam"), room("b", user_b));
    tell(START, ("a", &mut a), &mut b);
    tell(START, ("b", &mut b), &mut a);
    tell(later(50), ("a", &mut a), &mut b);
    tell(later(50), ("b", &mut b), &mut a);
    assert_eq!((a.peers().len(), b.peers().len()), (1, 1));
    a.take_deltas();
    b.take_deltas();
    (a, b)
}

fn claim(room: &PresenceRoom) -> Option<Claim> {
    room.peers()[0].claim.clone()
}

#[test]
fn of_two_who_grab_one_card_at_once_one_is_revoked_and_told_by_whom() {
    let (mut a, mut b) = two("bea");
    a.handle_presence(later(200), grab("x"));
    b.handle_presence(later(200), grab("x"));
    let said_by_b: Vec<_> = std::iter::from_fn(|| b.poll_payload()).collect();
    assert!(!said_by_b.is_empty(), "a claim is told in the same tick");
    tell(later(200), ("a", &mut a), &mut b);
    for payload in said_by_b {
        let message = PresenceMessage::decode(&payload).unwrap().unwrap();
        a.handle_message(later(200), &peer("b"), message);
    }
    let deltas = b.take_deltas();
    let Some(PresenceDelta::GrabRevoked { card: what, by }) = deltas.last() else {
        panic!("not revoked: {deltas:?}")
    };
    assert_eq!((what, by.name.as_str()), (&card("x"), "ADAM"));
    assert!(a.take_deltas().iter().all(|delta| matches!(delta, PresenceDelta::PeerPut { .. })));
    tell(later(300), ("b", &mut b), &mut a);
    assert!(claim(&a).is_none() && claim(&b).is_some());
}

#[test]
fn a_held_card_is_denied_until_it_is_released() {
    let (mut a, mut b) = two("bea");
    a.handle_presence(later(200), grab("x"));
    tell(later(200), ("a", &mut a), &mut b);
    b.take_deltas();
    b.handle_presence(later(300), grab("x"));
    assert!(matches!(b.take_deltas()[..], [PresenceDelta::GrabDenied { .. }]));
    b.handle_presence(later(300), grab("y"));
    assert_eq!(b.take_deltas(), [], "another card is free");
    a.handle_presence(later(400), Presence::Release);
    tell(later(400), ("a", &mut a), &mut b);
    b.take_deltas();
    b.handle_presence(later(500), grab("x"));
    assert_eq!(b.take_deltas(), []);
    tell(later(500), ("b", &mut b), &mut a);
    assert_eq!(claim(&a).unwrap().cards, [card("x")]);
}

#[test]
fn another_tab_of_the_same_person_takes_over() {
    let (mut a, mut b) = two("adam");
    a.handle_presence(later(200), grab("x"));
    tell(later(200), ("a", &mut a), &mut b);
    b.take_deltas();
    b.handle_presence(later(300), grab("x"));
    assert_eq!(b.take_deltas(), [], "nothing is denied between one's own tabs");
    tell(later(300), ("b", &mut b), &mut a);
    assert!(matches!(a.take_deltas().last(), Some(PresenceDelta::GrabRevoked { .. })));
    tell(later(400), ("a", &mut a), &mut b);
    assert!(claim(&b).is_none() && claim(&a).is_some());
}

#[test]
fn a_claim_that_is_not_confirmed_for_four_seconds_frees_its_card() {
    let (mut a, mut b) = two("bea");
    a.handle_presence(later(200), grab("x"));
    tell(later(200), ("a", &mut a), &mut b);
    b.handle_timeout(later(4_199));
    assert!(claim(&b).is_some());
    assert!(b.next_timeout().is_some_and(|at| at <= later(4_200)));
    b.handle_timeout(later(4_200));
    assert!(claim(&b).is_none());
    b.handle_presence(later(4_300), grab("x"));
    b.handle_timeout(later(4_300));
    tell(later(4_300), ("b", &mut b), &mut a);
    assert!(claim(&a).is_some());
}

#[test]
fn a_held_claim_is_confirmed_every_second_and_ends_after_a_minute_without_a_move() {
    let (mut a, mut b) = two("bea");
    a.handle_presence(later(200), grab("x"));
    for step in 0..60 {
        let now = later(200 + 1_000 * step);
        tell(now, ("a", &mut a), &mut b);
        b.handle_timeout(now);
        assert!(claim(&b).is_some(), "lost after {step} s");
        if step == 30 {
            a.handle_presence(now, Presence::Carry { hover: None });
        }
    }
    a.take_deltas();
    tell(later(60_200), ("a", &mut a), &mut b);
    assert_eq!(a.take_deltas(), [PresenceDelta::GrabExpired { cards: vec![card("x")] }]);
    assert!(claim(&b).is_none());
}

#[test]
fn a_claim_that_moves_is_kept_for_another_minute() {
    let (mut a, _) = two("bea");
    a.handle_presence(later(200), grab("x"));
    let hover = Some(Hover { column: ColumnId::new("todo").unwrap(), before: None });
    a.handle_presence(later(30_000), Presence::Carry { hover });
    let has_expired = |deltas: Vec<PresenceDelta>| {
        deltas.iter().any(|delta| matches!(delta, PresenceDelta::GrabExpired { .. }))
    };
    a.handle_timeout(later(89_999));
    assert!(!has_expired(a.take_deltas()));
    a.handle_timeout(later(90_000));
    assert!(has_expired(a.take_deltas()));
}

#[test]
fn typing_ends_a_second_after_the_last_key() {
    let (mut a, mut b) = two("bea");
    a.handle_presence(later(200), typing("x"));
    tell(later(200), ("a", &mut a), &mut b);
    assert!(b.watched().contains(&card("x")) && b.peers()[0].typing.is_some());
    a.handle_presence(later(700), typing("x"));
    tell(later(1_699), ("a", &mut a), &mut b);
    assert!(b.peers()[0].typing.is_some());
    tell(later(1_740), ("a", &mut a), &mut b);
    assert!(b.peers()[0].typing.is_none() && !b.watched().contains(&card("x")));
}

#[test]
fn typing_that_goes_on_stays_shown_and_tells_no_delta_twice() {
    let (mut a, mut b) = two("bea");
    for step in 0..60 {
        let now = later(200 + 250 * step);
        a.handle_presence(now, typing("x"));
        tell(now, ("a", &mut a), &mut b);
        b.handle_timeout(now);
        assert!(b.peers()[0].typing.is_some(), "lost at step {step}");
    }
    assert_eq!(b.take_deltas().len(), 1);
}

#[test]
fn changes_are_told_at_most_thirty_times_a_second() {
    let (mut a, _) = two("bea");
    let mut told = 0;
    for ms in 1_000..2_000 {
        let viewing = Presence::Viewing { card: Some(card(&ms.to_string())) };
        a.handle_presence(later(ms), viewing);
        told += std::iter::from_fn(|| a.poll_payload()).count();
    }
    assert!((25..=31).contains(&told), "{told} in a second");
}

#[test]
fn a_peer_is_gone_at_its_goodbye_and_after_45_s_of_silence() {
    let (mut a, mut b) = two("bea");
    a.handle_message(later(100), &peer("b"), PresenceMessage::Goodbye);
    assert_eq!(a.take_deltas(), [PresenceDelta::PeerGone { peer: "b".into() }]);
    b.handle_message(later(15_000), &peer("a"), PresenceMessage::Heartbeat);
    b.handle_timeout(later(59_999));
    assert_eq!(b.peers().len(), 1);
    b.handle_timeout(later(60_000));
    assert_eq!(b.take_deltas(), [PresenceDelta::PeerGone { peer: "a".into() }]);
}

#[test]
fn everybody_is_gone_when_the_last_connection_is() {
    let (mut a, _) = two("bea");
    a.handle_disconnected(later(100));
    assert_eq!(a.take_deltas(), [PresenceDelta::PeerGone { peer: "b".into() }]);
}

#[test]
fn everything_that_is_shown_arrives_as_it_was() {
    let (mut a, mut b) = two("bea");
    let pointer = Pointer {
        column: ColumnId::new("todo").unwrap(),
        card: Some(card("x")),
        fx: 0.25,
        fy: 1.0,
    };
    a.handle_presence(later(100), Presence::Viewing { card: Some(card("x")) });
    a.handle_presence(later(100), Presence::Pointing { pointer: Some(pointer.clone()) });
    a.handle_presence(later(100), Presence::Idle { idle: true });
    tell(later(200), ("a", &mut a), &mut b);
    let seen = &b.peers()[0];
    assert_eq!((seen.pointer.as_ref(), seen.viewing.as_ref()), (Some(&pointer), Some(&card("x"))));
    assert_eq!((seen.idle, seen.colour, seen.name.as_str()), (true, 3, "ADAM"));
}

#[test]
fn strange_channels_are_empty_ones_and_names_are_cut() {
    let mut a = room("a", "adam");
    let long = PresenceValue::Map(vec![
        ("id".into(), PresenceValue::Text("nick".into())),
        ("name".into(), PresenceValue::Text("n".repeat(900))),
        ("colour".into(), PresenceValue::Integer(2)),
    ]);
    let strange = [
        ("user", long),
        ("viewing", PresenceValue::Integer(7)),
        ("typing", PresenceValue::Text("everywhere".into())),
        ("cursor", PresenceValue::Map(vec![("fx".into(), PresenceValue::Float(f64::NAN))])),
        ("dragging", PresenceValue::List(vec![PresenceValue::Null; 200])),
        ("idle", PresenceValue::Null),
        ("weather", PresenceValue::Text("sunny".into())),
    ];
    let state = strange.map(|(channel, value)| (channel.to_owned(), Some(value.encode()))).to_vec();
    a.handle_message(START, &peer("stock"), PresenceMessage::Snapshot { state });
    let seen = &a.peers()[0];
    assert_eq!(seen.name.len(), 200);
    let empty = seen.viewing.is_none() && seen.typing.is_none() && seen.pointer.is_none();
    assert!(empty && seen.claim.is_none() && !seen.idle);
}

#[test]
fn a_stock_client_shows_as_a_peer_without_a_name() {
    let mut a = room("a", "adam");
    a.handle_message(START, &peer("stock"), PresenceMessage::Heartbeat);
    assert_eq!((a.peers()[0].name.as_str(), a.peers()[0].user.as_ref()), ("", None));
}
