//! "While you were away": what others changed, summed up for each card, without what I changed myself.

use warroom_engine::{Action, Away, ChangeId, Command, Moment, Position};
use warroom_protocol::Timestamp;

use crate::world::{
    Peer, add, add_label, card, column, delete, label, meet, move_card, title, user,
};

fn seen(peer: &Peer) -> Moment {
    Moment::Heads { heads: peer.doc.heads().into_iter().map(ChangeId::from).collect() }
}

/// Two people who share the cards a, b and c; then the second works alone, and they meet.
fn absence(mine: Vec<Command>, theirs: Vec<Command>) -> Away {
    let (mut me, mut other) = (Peer::new(1), Peer::new(2));
    me.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    me.act(add_label("l"));
    meet(&mut me, &mut other);
    let since = seen(&me);
    for command in theirs {
        other.now = Timestamp(other.now.0 + 1_000);
        other.act(command);
    }
    meet(&mut me, &mut other);
    for command in mine {
        me.now = Timestamp(other.now.0 + 5_000);
        me.act(command);
    }
    me.doc.away(me.now, &since).unwrap()
}

fn to(id: &str, column: &str) -> Command {
    move_card(id, column, Position::End)
}

fn cards(away: &Away) -> Vec<(String, u32, Vec<Action>)> {
    let cards = away.cards.iter();
    cards.map(|card| (card.card.to_string(), card.changes, card.what.clone())).collect()
}

#[test]
fn many_moves_are_one_from_where_it_was_to_where_it_is() {
    let away =
        absence(vec![], vec![to("a", "doing"), to("a", "todo"), to("a", "done"), title("b", "BB")]);
    let (from, to) = (column("todo"), column("done"));
    let (before, after) = ("B".to_owned(), "BB".to_owned());
    let expected = [
        ("b".to_owned(), 1, vec![Action::Titled { before, after }]),
        ("a".to_owned(), 3, vec![Action::Completed { from, to }]),
    ];
    assert_eq!(cards(&away), expected);
    assert_eq!((away.changes, away.completed, away.by.clone()), (4, 1, vec![user("p2")]));
    assert!(!away.more && away.board.is_empty());
}

#[test]
fn what_came_and_went_is_not_told() {
    let label = |on: bool| {
        let (id, label) = (card("a"), label("l"));
        if on { Command::AttachLabel { id, label } } else { Command::DetachLabel { id, label } }
    };
    let away = absence(vec![], vec![label(true), label(false), add("x", "todo", "X"), delete("x")]);
    assert_eq!(cards(&away), []);
    assert_eq!((away.changes, away.added, away.deleted), (4, 0, 0));
}

#[test]
fn new_and_deleted_cards_are_counted_and_the_board_is_told() {
    let rename = Command::RenameColumn { id: column("todo"), title: "Soon".to_owned() };
    let away = absence(vec![], vec![add("x", "doing", "X"), title("x", "XX"), delete("b"), rename]);
    let added = Action::CardAdded { column: column("doing"), title: "XX".to_owned() };
    let expected =
        [("b".to_owned(), 1, vec![Action::Deleted {}]), ("x".to_owned(), 2, vec![added])];
    assert_eq!(cards(&away), expected);
    assert_eq!((away.added, away.deleted), (1, 1));
    let (before, after) = ("To do".to_owned(), "Soon".to_owned());
    assert_eq!(away.board, [Action::ColumnRenamed { column: column("todo"), before, after }]);
}

#[test]
fn what_i_did_myself_is_left_out_also_after_others() {
    let mine = vec![to("a", "done"), title("c", "mine"), add("y", "todo", "Y")];
    let away = absence(mine, vec![to("a", "doing"), title("a", "theirs")]);
    let (before, after) = ("A".to_owned(), "theirs".to_owned());
    assert_eq!(cards(&away), [("a".to_owned(), 2, vec![Action::Titled { before, after }])]);
    assert_eq!((away.changes, away.added, away.completed), (2, 0, 0));
}

#[test]
fn nothing_happened_since_now() {
    let mut me = Peer::new(1);
    me.act(add("a", "todo", "A"));
    let since = seen(&me);
    assert_eq!(me.doc.away(me.now, &since), Some(Away::default()));
    let unknown = Moment::Heads { heads: vec![ChangeId([5; 32])] };
    assert_eq!(me.doc.away(me.now, &unknown), None);
}
