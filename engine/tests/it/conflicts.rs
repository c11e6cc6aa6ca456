//! Registers that two people wrote at the same time: both values are listed with who wrote them, everywhere alike, and settling
//! clears it everywhere; for each register, in both orders of actors.

use warroom_engine::{
    Colour, ColumnRole, Command, Conflict, ConflictField, ConflictOwner, ConflictValue, Day,
    Position, Priority,
};

use crate::world::{
    Peer, add, add_item, add_label, card, column, item, label, meet, move_card, title, user,
};

struct Row {
    owner: ConflictOwner,
    field: ConflictField,
    mine: Command,
    theirs: Command,
}

fn of_column(field: ConflictField, mine: Command, theirs: Command) -> Row {
    Row { owner: ConflictOwner::Column { column: column("todo") }, field, mine, theirs }
}

fn of_card(field: ConflictField, mine: Command, theirs: Command) -> Row {
    Row { owner: ConflictOwner::Card { card: card("a") }, field, mine, theirs }
}

fn rows() -> Vec<Row> {
    use ConflictField::{Colour as Tint, Due, Name, Order, Place, Role, Text, Title, Wip};

    let text = |text: &str| text.to_owned();
    let todo = || column("todo");
    let rename = |title: &str| Command::RenameColumn { id: todo(), title: text(title) };
    let shift = |position| Command::MoveColumn { id: todo(), position };
    let role = |role| Command::SetColumnRole { id: todo(), role };
    let wip = |wip| Command::SetColumnWip { id: todo(), wip };
    let column_colour = |colour| Command::SetColumnColour { id: todo(), colour };
    let due = |day: &str| Command::SetDue { id: card("a"), due: Day::new(day).ok() };
    let priority = |priority| Command::SetPriority { id: card("a"), priority };
    let name = |name: &str| Command::RenameLabel { id: label("l"), name: text(name) };
    let colour = |colour| Command::SetLabelColour { id: label("l"), colour };
    let say = |new: &str| Command::EditItem { card: card("a"), id: item("i"), text: text(new) };
    let to = |column: &str| move_card("a", column, Position::End);
    let room = |title: &str| Command::RenameRoom { title: text(title) };
    let (of_label, of_item) = (
        || ConflictOwner::Label { label: label("l") },
        || ConflictOwner::Item { card: card("a"), item: item("i") },
    );
    let (red, blue) = (Some(Colour::Orange), Some(Colour::Blue));
    vec![
        Row { owner: ConflictOwner::Room, field: Title, mine: room("X"), theirs: room("Y") },
        of_column(Title, rename("X"), rename("Y")),
        of_column(Order, shift(Position::End), shift(Position::After { id: column("doing") })),
        of_column(Role, role(Some(ColumnRole::Doing)), role(None)),
        of_column(Wip, wip(Some(3)), wip(Some(4))),
        of_column(Tint, column_colour(red), column_colour(blue)),
        of_card(Place, to("doing"), to("done")),
        of_card(Due, due("2026-11-25"), due("2026-11-26")),
        of_card(ConflictField::Priority, priority(Priority::Low), priority(Priority::High)),
        Row { owner: of_label(), field: Name, mine: name("X"), theirs: name("Y") },
        Row { owner: of_label(), field: Tint, mine: colour(red), theirs: colour(blue) },
        Row { owner: of_item(), field: Text, mine: say("X"), theirs: say("Y") },
    ]
}

fn two(numbers: (u8, u8)) -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(numbers.0), Peer::new(numbers.1));
    a.act_all([add("a", "todo", "A"), add_label("l"), add_item("i")]);
    meet(&mut a, &mut b);
    (a, b)
}

#[test]
fn both_values_are_listed_everywhere_and_settling_clears_it_everywhere() {
    for (numbers, chosen) in [((1, 2), 0), ((2, 1), 0), ((1, 2), 1), ((2, 1), 1)] {
        for Row { owner, field, mine, theirs } in rows() {
            let name = format!("{owner:?} {field:?} {numbers:?} {chosen}");
            let (mut a, mut b) = two(numbers);
            assert_eq!(a.doc.conflicts(), [], "{name}");
            a.act(mine);
            b.act(theirs);
            meet(&mut a, &mut b);
            let listed = a.doc.conflicts();
            assert_eq!(listed, b.doc.conflicts(), "{name}");
            let found: Vec<&Conflict> =
                listed.iter().filter(|it| it.owner == owner && it.field == field).collect();
            let [conflict] = found.as_slice() else { panic!("{name}: {listed:?}") };
            let mut people: Vec<_> = conflict.choices.iter().map(|it| it.by.clone()).collect();
            people.sort();
            assert_eq!(people, [user("p1"), user("p2")], "{name}");
            assert!(conflict.choices.iter().all(|it| it.at == 1_000_000), "{name}");

            let choice = &conflict.choices[chosen];
            let command = || {
                let (owner, choice) = (owner.clone(), choice.id.clone());
                Command::ResolveConflict { owner, field, choice }
            };
            assert!(a.act(command()), "{name}");
            meet(&mut a, &mut b);
            for peer in [&a, &b] {
                let left = peer.doc.conflicts();
                assert!(!left.iter().any(|it| it.owner == owner && it.field == field), "{name}");
            }
            let again = b.try_do(command());
            assert!(!again.is_ok_and(|edited| edited.wrote), "{name}: it is settled");
        }
    }
}

/// Of a tick there are two values only where somebody wrote it twice: who changes nothing writes nothing.
#[test]
fn a_tick_that_was_taken_away_while_somebody_ticked_is_listed_and_settled() {
    let tick = |done| Command::SetItemDone { card: card("a"), id: item("i"), done };
    let (owner, field) =
        (ConflictOwner::Item { card: card("a"), item: item("i") }, ConflictField::Done);
    for (numbers, chosen) in [((1, 2), true), ((2, 1), true), ((1, 2), false), ((2, 1), false)] {
        let (mut a, mut b) = two(numbers);
        a.act(tick(true));
        b.act_all([tick(true), tick(false)]);
        meet(&mut a, &mut b);
        let listed = a.doc.conflicts();
        assert_eq!(listed, b.doc.conflicts());
        let [conflict] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((&conflict.owner, conflict.field), (&owner, field));
        let by = |truth: bool| {
            let value = ConflictValue::Truth { truth };
            let choice = conflict.choices.iter().find(|choice| choice.value == value);
            choice.map(|choice| (choice.by.to_string(), choice.id.clone())).unwrap()
        };
        let people = [by(true).0, by(false).0];
        assert_eq!(people, [numbers.0, numbers.1].map(|number| format!("p{number}")));
        let choice = by(chosen).1;
        a.act(Command::ResolveConflict { owner: owner.clone(), field, choice });
        meet(&mut a, &mut b);
        for peer in [&a, &b] {
            assert_eq!(peer.doc.conflicts(), []);
            assert_eq!(peer.board().card(&card("a")).unwrap().checklist[0].done, chosen);
        }
    }
}

#[test]
fn the_value_that_shows_stands_first_and_the_chosen_one_shows() {
    let (mut a, mut b) = two((1, 2));
    a.act(move_card("a", "doing", Position::End));
    b.act(move_card("a", "done", Position::End));
    meet(&mut a, &mut b);
    let conflict = a.doc.conflicts().remove(0);
    let column_of = |value: &ConflictValue| {
        let ConflictValue::Place { column, order: _ } = value else { panic!("{value:?}") };
        column.clone()
    };
    let shown = |peer: &Peer| peer.board().card(&card("a")).unwrap().clone();
    assert_eq!(column_of(&conflict.choices[0].value), shown(&a).column);
    for choice in [&conflict.choices[1], &conflict.choices[0]] {
        let (mut a, mut b) = (Peer::of_chunks(11, a.stored()), Peer::of_chunks(12, b.stored()));
        let (owner, field) = (conflict.owner.clone(), conflict.field);
        a.act(Command::ResolveConflict { owner, field, choice: choice.id.clone() });
        meet(&mut a, &mut b);
        let wanted = column_of(&choice.value);
        for peer in [&a, &b] {
            assert_eq!(shown(peer).column, wanted);
            assert_eq!(
                shown(peer).done.is_some(),
                wanted == column("done"),
                "as a move there would"
            );
        }
    }
}

#[test]
fn those_who_wrote_the_same_agree_and_titles_of_cards_merge() {
    let (mut a, mut b) = two((1, 2));
    for peer in [&mut a, &mut b] {
        peer.act(Command::SetPriority { id: card("a"), priority: Priority::High });
        peer.act(title("a", "AB"));
    }
    meet(&mut a, &mut b);
    assert_eq!(a.doc.conflicts(), []);
}

#[test]
fn an_undo_of_settling_shows_what_showed_before() {
    for numbers in [(1, 2), (2, 1)] {
        let (mut a, mut b) = two(numbers);
        a.act(Command::SetPriority { id: card("a"), priority: Priority::High });
        b.act(Command::SetPriority { id: card("a"), priority: Priority::Low });
        meet(&mut a, &mut b);
        let shown = |peer: &Peer| peer.board().card(&card("a")).unwrap().priority;
        let (before, conflict) = (shown(&a), a.doc.conflicts().remove(0));
        let Conflict { owner, field, choices } = conflict;
        a.act(Command::ResolveConflict { owner, field, choice: choices[1].id.clone() });
        assert_ne!(shown(&a), before);
        a.act(Command::Undo);
        meet(&mut a, &mut b);
        assert_eq!((shown(&b), b.doc.conflicts()), (before, Vec::new()));
    }
}

#[test]
fn writing_the_register_again_settles_it_too() {
    let (mut a, mut b) = two((1, 2));
    a.act(Command::SetPriority { id: card("a"), priority: Priority::High });
    b.act(Command::SetPriority { id: card("a"), priority: Priority::Low });
    meet(&mut a, &mut b);
    assert_eq!(a.doc.conflicts().len(), 1);
    b.act(Command::SetPriority { id: card("a"), priority: Priority::Urgent });
    meet(&mut a, &mut b);
    assert_eq!(a.doc.conflicts(), []);
}
