//! The order of cards: total, the same everywhere, with room between any two.

use automerge::transaction::Transactable;
use automerge::{ROOT, ReadDoc};
use warroom_engine::{Command, Position};

use crate::world::{Peer, add, card, foreign, meet, move_card};

/// A foreign program gives cards these places.
fn with_places(peer: &mut Peer, places: &[(&str, &str)]) {
    foreign(peer, |to| {
        let (_, cards) = to.get(ROOT, "cards").unwrap().unwrap();
        for (id, place) in places {
            let (_, obj) = to.get(&cards, *id).unwrap().unwrap();
            to.put(obj, "place", *place).unwrap();
        }
    });
}

#[test]
fn equal_keys_are_ordered_by_id_and_make_room() {
    let mut peer = Peer::new(1);
    for id in ["a", "b", "c", "d", "x"] {
        peer.act(add(id, "todo", id));
    }
    let same = "todo/a1";
    with_places(&mut peer, &[("d", same), ("b", same), ("a", same), ("c", same), ("x", "done/a0")]);
    assert_eq!(peer.cards_in("todo"), ["a", "b", "c", "d"]);
    peer.act(move_card("x", "todo", Position::After { id: card("a") }));
    assert_eq!(peer.cards_in("todo"), ["a", "x", "b", "c", "d"]);
    peer.act(move_card("x", "todo", Position::Before { id: card("d") }));
    assert_eq!(peer.cards_in("todo"), ["a", "b", "c", "x", "d"]);
}

#[test]
fn foreign_keys_are_ordered_as_bytes_and_make_room() {
    let mut peer = Peer::new(1);
    for id in ["a", "b", "c", "x"] {
        peer.act(add(id, "todo", id));
    }
    with_places(&mut peer, &[("a", "todo/"), ("b", "todo/~~"), ("c", "todo/é/1"), ("x", "oops")]);
    assert_eq!(peer.cards_in("todo"), ["a", "b", "c"]);
    let x = peer.board().card(&card("x")).unwrap();
    assert!(x.damaged && peer.board().unsorted().len() == 1, "a card without a place is unsorted");
    peer.act(move_card("x", "todo", Position::After { id: card("b") }));
    assert_eq!(peer.cards_in("todo"), ["a", "b", "x", "c"]);
}

#[test]
fn offline_inserts_into_one_gap_do_not_collide() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    for number in 0..20 {
        a.act(add(&format!("a{number}"), "todo", ""));
        b.act(add(&format!("b{number}"), "todo", ""));
    }
    meet(&mut a, &mut b);
    let mut orders: Vec<_> = a.board().cards().map(|card| card.order.clone()).collect();
    orders.sort();
    orders.dedup();
    assert_eq!(orders.len(), 40);
}

#[test]
fn a_card_moved_a_thousand_times_to_the_front_has_a_short_key() {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add("b", "todo", "B")]);
    for round in 0..1_000 {
        let id = if round % 2 == 0 { "b" } else { "a" };
        peer.act(move_card(id, "todo", Position::Start));
    }
    peer.act(Command::Undo);
    let longest = peer.board().cards().map(|card| card.order.len()).max().unwrap();
    assert!(longest <= 8, "{longest} bytes");
}
