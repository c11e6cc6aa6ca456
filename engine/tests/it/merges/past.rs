//! Pairs about what was before: conflicts that are settled, and cards that are made again as they were.

use warroom_engine::{
    ChangeId, Command, ConflictField, ConflictOwner, ConflictValue, Day, Moment, Position, Priority,
};

use super::{Row, is_deleted, is_in_one_column, row_of, shown};
use crate::world::{Peer, card, delete, item, meet, move_card, title};

const EDITED: &str = "card made as it was ‖ edited or moved";
const SETTLED: &str = "conflict settled ‖ settled";

fn due(day: u8) -> Command {
    Command::SetDue { id: card("a"), due: Day::new(&format!("2026-11-{day}")).ok() }
}

fn to(column: &str) -> Command {
    move_card("a", column, Position::End)
}

fn priority(priority: Priority) -> Command {
    Command::SetPriority { id: card("a"), priority }
}

/// Both wrote a due day at the same time, the 11th and the 12th.
fn conflict(a: &mut Peer, b: &mut Peer) {
    a.act(due(11));
    b.act(due(12));
    meet(a, b);
}

/// The days that the only conflict is about, in their order.
fn days(peer: &Peer) -> Vec<String> {
    let conflicts = peer.doc.conflicts();
    assert!(conflicts.len() < 2, "{conflicts:?}");
    let choices = conflicts.iter().flat_map(|conflict| &conflict.choices);
    let days = choices.map(|choice| match &choice.value {
        ConflictValue::Text { text } => text.clone(),
        ConflictValue::Nothing
        | ConflictValue::Number { .. }
        | ConflictValue::Truth { .. }
        | ConflictValue::Place { .. } => panic!("no day: {choice:?}"),
    });
    let mut days: Vec<String> = days.collect();
    days.sort();
    days
}

/// Settles the conflict by this day.
fn settle(peer: &Peer, day: u8) -> Command {
    let day = format!("2026-11-{day}");
    let conflict = peer.doc.conflicts().remove(0);
    let is_it =
        |value: &ConflictValue| matches!(value, ConflictValue::Text { text } if *text == day);
    let choice = conflict.choices.iter().find(|choice| is_it(&choice.value)).unwrap();
    let (owner, field) = (ConflictOwner::Card { card: card("a") }, ConflictField::Due);
    Command::ResolveConflict { owner, field, choice: choice.id.clone() }
}

fn due_is(peer: &Peer, days: &[u8]) -> bool {
    let due = shown(peer).due.unwrap().to_string();
    days.iter().any(|day| due == format!("2026-11-{day}"))
}

/// The moment after `was` was done; `is` was done since.
fn then(a: &mut Peer, b: &mut Peer, was: Vec<Command>, is: Vec<Command>) -> Command {
    a.act_all(was);
    let heads = a.doc.heads().into_iter().map(ChangeId::from).collect();
    b.pull(a);
    b.act_all(is);
    meet(a, b);
    Command::RestoreCardAt { id: card("a"), moment: Moment::Heads { heads }, body: false }
}

pub(super) fn rows() -> Vec<Row> {
    [conflicts(), registers(), wholes()].into_iter().flatten().collect()
}

fn conflicts() -> Vec<Row> {
    vec![
        row_of(
            &["conflict settled ‖ its register written"],
            "settled and written: one of the two, of which a conflict is about again",
            |a, b| {
                conflict(a, b);
                (settle(a, 11), due(13))
            },
            |p| due_is(p, &[11, 13]) && days(p) == ["2026-11-11", "2026-11-13"],
        ),
        row_of(
            &[SETTLED],
            "settled by two values: one of the two, of which a conflict is about again",
            |a, b| {
                conflict(a, b);
                (settle(a, 11), settle(b, 12))
            },
            |p| due_is(p, &[11, 12]) && days(p) == ["2026-11-11", "2026-11-12"],
        ),
        row_of(
            &[SETTLED],
            "settled by the same value: settled",
            |a, b| {
                conflict(a, b);
                (settle(a, 12), settle(b, 12))
            },
            |p| due_is(p, &[12]) && days(p).is_empty(),
        ),
    ]
}

fn registers() -> Vec<Row> {
    vec![
        row_of(
            &[EDITED],
            "made as it was and the same register edited: one of the two",
            |a, b| (then(a, b, vec![due(11)], vec![due(12)]), due(13)),
            |p| due_is(p, &[11, 13]),
        ),
        row_of(
            &[EDITED],
            "made as it was and another register edited: both",
            |a, b| (then(a, b, vec![due(11)], vec![due(12)]), priority(Priority::High)),
            |p| due_is(p, &[11]) && shown(p).priority == Priority::High,
        ),
        row_of(
            &[EDITED],
            "made as it was and typed in the title: both",
            |a, b| (then(a, b, Vec::new(), vec![title("a", "A ship")]), title("a", "A ship!")),
            |p| p.title_of("a") == "A!",
        ),
        row_of(
            &[EDITED],
            "brought back by being made as it was, and edited: there, with the edit",
            |a, b| (then(a, b, vec![due(11)], vec![delete("a")]), title("a", "A ship")),
            |p| !is_deleted(p) && due_is(p, &[11]) && p.title_of("a") == "A ship",
        ),
        row_of(
            &[EDITED],
            "made as it was, with an item that was deleted, and that edited: there, with the edit or as it was",
            |a, b| {
                let (card, id) = (card("a"), item("one"));
                let delete = Command::DeleteItem { card: card.clone(), id: id.clone() };
                let edit = Command::EditItem { card, id, text: "eins".to_owned() };
                (then(a, b, Vec::new(), vec![delete]), edit)
            },
            |p| {
                let items: Vec<&str> =
                    shown(p).checklist.iter().map(|item| item.text.as_str()).collect();
                items == ["ONE", "TWO"] || items == ["eins", "TWO"]
            },
        ),
    ]
}

fn wholes() -> Vec<Row> {
    vec![
        row_of(
            &[EDITED],
            "made as it was, elsewhere, and moved: one place, whole",
            |a, b| {
                let was = then(a, b, Vec::new(), vec![to("doing")]);
                (was, to("done"))
            },
            |p| {
                let column = shown(p).column.as_str();
                is_in_one_column(p)
                    && ["todo", "done"].contains(&column)
                    && (column == "todo" || shown(p).done.is_some())
            },
        ),
        row_of(
            &[EDITED],
            "made as it was, in the same place, and moved: both",
            |a, b| {
                let was = then(a, b, vec![due(11)], vec![due(12)]);
                (was, to("done"))
            },
            |p| due_is(p, &[11]) && shown(p).column.as_str() == "done" && is_in_one_column(p),
        ),
        row_of(
            &["card made as it was ‖ deleted"],
            "made as it was and deleted: deleted, as it was",
            |a, b| (then(a, b, vec![due(11)], vec![due(12)]), delete("a")),
            |p| is_deleted(p) && due_is(p, &[11]),
        ),
        row_of(
            &["card made as it was ‖ made as it was"],
            "made as it was at two moments: of each register one",
            |a, b| {
                let first = then(a, b, vec![due(11), priority(Priority::Low)], Vec::new());
                let then = vec![due(12), priority(Priority::High)];
                let second = self::then(a, b, then, vec![due(13), priority(Priority::Urgent)]);
                (first, second)
            },
            |p| {
                let of_one = due_is(p, &[11]) && shown(p).priority == Priority::Low;
                of_one || (due_is(p, &[12]) && shown(p).priority == Priority::High)
            },
        ),
    ]
}
