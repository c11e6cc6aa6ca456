//! "While you were away": what others changed, summed up for each card, without what I changed myself.

use automerge::ReadDoc;
use automerge::transaction::Transactable;
use warroom_engine::{Action, Away, ChangeId, Command, Moment, Person, Position};
use warroom_protocol::Timestamp;

use crate::world::{
    Peer, add, add_label, card, column, delete, foreign_at, label, meet, move_card, title, user,
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

fn rename(title: &str) -> Command {
    Command::RenameColumn { id: column("todo"), title: title.to_owned() }
}

#[test]
fn what_i_wrote_last_of_the_board_is_left_out() {
    let room = |title: &str| Command::RenameRoom { title: title.to_owned() };
    let name = |name: &str| Command::RenameLabel { id: label("l"), name: name.to_owned() };
    let person = |name: &str, colour| Command::SetPerson {
        person: Person { id: user("p1"), name: name.to_owned(), colour },
    };
    let wip = Command::SetColumnWip { id: column("todo"), wip: Some(3) };
    let mine = vec![rename("Mine"), room("mine"), name("mine"), person("Me", 4), add_label("m")];
    let theirs = vec![rename("Theirs"), room("theirs"), name("theirs"), person("Them", 5), wip];
    let away = absence(mine, theirs);
    let set = Action::ColumnWipSet { column: column("todo"), before: None, after: Some(3) };
    assert_eq!(away.board, [set]);
    assert_eq!(away.changes, 5);
}

#[test]
fn a_column_of_mine_is_told_from_when_i_made_it() {
    let (mut me, mut other) = (Peer::new(1), Peer::new(2));
    let since = seen(&me);
    let (id, title) = (column("x"), "X".to_owned());
    me.act(Command::AddColumn { id, title, role: None, position: Position::Start });
    meet(&mut me, &mut other);
    other.act(Command::RenameColumn { id: column("x"), title: "XX".to_owned() });
    other.act(Command::SetColumnWip { id: column("x"), wip: Some(3) });
    meet(&mut me, &mut other);
    me.act(Command::SetColumnWip { id: column("x"), wip: Some(4) });
    let (before, after) = ("X".to_owned(), "XX".to_owned());
    let expected = [Action::ColumnRenamed { column: column("x"), before, after }];
    assert_eq!(me.doc.away(me.now, &since).unwrap().board, expected);
}

#[test]
fn new_parts_of_the_board_that_are_gone_again_are_not_told() {
    let (id, title) = (column("x"), "X".to_owned());
    let new = Command::AddColumn { id, title, role: None, position: Position::End };
    let gone = [Command::DeleteColumn { id: column("x") }, Command::DeleteLabel { id: label("m") }];
    let theirs = [vec![new, add_label("m"), add_label("n")], gone.to_vec()].concat();
    let added = Action::LabelAdded { label: label("n"), name: "N".to_owned() };
    assert_eq!(absence(vec![], theirs).board, [added]);
}

#[test]
fn each_column_that_others_moved_is_told() {
    let to = |id: &str, position| Command::MoveColumn { id: column(id), position };
    let moved = |id: &str| Action::ColumnMoved { column: column(id) };
    let theirs = || vec![to("done", Position::Start), to("doing", Position::Start)];
    assert_eq!(absence(vec![], theirs()).board, [moved("doing"), moved("done")]);
    let mine = vec![to("done", Position::End)];
    assert_eq!(absence(mine, theirs()).board, [moved("doing")]);
}

#[test]
fn neighbours_that_made_room_were_not_moved() {
    let (mut me, mut other) = (Peer::new(1), Peer::new(2));
    me.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    foreign_at(&mut me, 5_000, |to| {
        for (container, key, value, ids) in [
            ("cards", "place", "todo/a1", ["a", "b"]),
            ("columns", "order", "a1", ["todo", "doing"]),
        ] {
            let (_, parts) = to.get(automerge::ROOT, container).unwrap().unwrap();
            for id in ids {
                let (_, part) = to.get(&parts, id).unwrap().unwrap();
                to.put(&part, key, value).unwrap();
            }
        }
    });
    meet(&mut me, &mut other);
    let since = seen(&me);
    let orders = |peer: &Peer| -> Vec<String> {
        let cards = peer.board().cards().map(|card| card.order.clone());
        cards.chain(peer.board().columns().map(|column| column.order.clone())).collect()
    };
    let before = orders(&other);
    other.act(move_card("c", "todo", Position::After { id: card("a") }));
    let first = other.board().columns().next().unwrap().id.clone();
    other.act(Command::MoveColumn { id: column("done"), position: Position::After { id: first } });
    let changed = before.iter().zip(orders(&other)).filter(|(was, is)| *was != is).count();
    assert!(changed > 2, "some made room");
    meet(&mut me, &mut other);
    let away = me.doc.away(me.now, &since).unwrap();
    let (from, to) = (column("todo"), column("todo"));
    assert_eq!(cards(&away), [("c".to_owned(), 1, vec![Action::Moved { from, to }])]);
    assert_eq!(away.board, [Action::ColumnMoved { column: column("done") }]);
}
