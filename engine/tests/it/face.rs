//! What a card's face and a column's head say: each command sets it, once, and refuses what makes no sense.

use warroom_engine::limits::{
    ATTACHMENTS_MAX, CHECKLIST_ITEMS_MAX, FILE_NAME_UNITS_MAX, ITEM_UNITS_MAX, MARKS_MAX,
    NAME_UNITS_MAX,
};
use warroom_engine::{
    AttachmentKind, BlobId, Card, Chunk, Colour, Column, ColumnRole, Command, CommandError, Day,
    Position, Priority,
};

use crate::world::{
    Peer, add, add_item, add_label, attach, card, column, item, label, move_card, user,
};

/// A board with card a, which has a label, two items and a file, and a second label.
fn room() -> Peer {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add_label("bug"), add_label("idea")]);
    peer.act(Command::AttachLabel { id: card("a"), label: label("bug") });
    peer.act_all([add_item("one"), add_item("two"), attach("blob")]);
    peer
}

fn shown(peer: &Peer) -> &Card {
    peer.board().card(&card("a")).unwrap()
}

fn todo(peer: &Peer) -> &Column {
    peer.board().column(&column("todo")).unwrap()
}

fn items(peer: &Peer) -> Vec<(&str, bool)> {
    shown(peer).checklist.iter().map(|item| (item.text.as_str(), item.done)).collect()
}

fn day(text: &str) -> Day {
    Day::new(text).unwrap()
}

type Shows = fn(&Peer) -> bool;

/// Every command, and what it is to show on [`room`].
fn commands() -> Vec<(Command, Shows)> {
    let (a, one) = (card("a"), item("one"));
    let blob = BlobId::new("blob").unwrap();
    vec![
        (Command::SetColumnRole { id: column("todo"), role: None }, |p| todo(p).role.is_none()),
        (Command::SetColumnRole { id: column("todo"), role: Some(ColumnRole::Doing) }, |p| {
            todo(p).role == Some(ColumnRole::Doing)
        }),
        (Command::SetColumnWip { id: column("todo"), wip: Some(0) }, |p| todo(p).wip == Some(0)),
        (Command::SetColumnColour { id: column("todo"), colour: Some(Colour::Teal) }, |p| {
            todo(p).colour == Some(Colour::Teal)
        }),
        (Command::Assign { id: a.clone(), person: user("zoe") }, |p| {
            shown(p).assignees == [user("zoe")]
        }),
        (Command::AttachLabel { id: a.clone(), label: label("idea") }, |p| {
            shown(p).labels == [label("bug"), label("idea")]
        }),
        (Command::DetachLabel { id: a.clone(), label: label("bug") }, |p| {
            shown(p).labels.is_empty()
        }),
        (Command::SetDue { id: a.clone(), due: Some(day("2026-12-24")) }, |p| {
            shown(p).due == Some(day("2026-12-24"))
        }),
        (Command::SetPriority { id: a.clone(), priority: Priority::Urgent }, |p| {
            shown(p).priority == Priority::Urgent
        }),
        (
            Command::AddItem {
                card: a.clone(),
                id: item("x"),
                text: "X".to_owned(),
                position: Position::After { id: one.clone() },
            },
            |p| items(p) == [("ONE", false), ("X", false), ("TWO", false)],
        ),
        (Command::EditItem { card: a.clone(), id: one.clone(), text: "1".to_owned() }, |p| {
            items(p) == [("1", false), ("TWO", false)]
        }),
        (Command::MoveItem { card: a.clone(), id: one.clone(), position: Position::End }, |p| {
            items(p) == [("TWO", false), ("ONE", false)]
        }),
        (Command::SetItemDone { card: a.clone(), id: one.clone(), done: true }, |p| {
            items(p) == [("ONE", true), ("TWO", false)]
        }),
        (Command::DeleteItem { card: a.clone(), id: one }, |p| items(p) == [("TWO", false)]),
        (attach("other"), |p| shown(p).attachments.len() == 2),
        (Command::DeleteAttachment { card: a, id: blob }, |p| shown(p).attachments.is_empty()),
        (add_label("new"), |p| p.board().label(&label("new")).is_some_and(|new| !new.deleted)),
        (Command::RenameLabel { id: label("bug"), name: "Defect".to_owned() }, |p| {
            p.board().label(&label("bug")).is_some_and(|bug| bug.name == "Defect")
        }),
        (Command::SetLabelColour { id: label("bug"), colour: None }, |p| {
            p.board().label(&label("bug")).is_some_and(|bug| bug.colour.is_none())
        }),
        (Command::DeleteLabel { id: label("bug") }, |p| {
            p.board().label(&label("bug")).is_some_and(|bug| bug.deleted)
        }),
    ]
}

/// All that a person sees.
fn face(peer: &Peer) -> (Card, Vec<Column>, Vec<warroom_engine::Label>) {
    let labels = peer.board().labels().filter(|label| !label.deleted);
    (shown(peer).clone(), peer.board().columns().cloned().collect(), labels.cloned().collect())
}

#[test]
fn every_command_shows_and_the_second_time_changes_nothing() {
    for (command, shows) in commands() {
        let mut peer = room();
        assert!(!shows(&peer), "{command:?}: nothing to do");
        assert!(peer.act(command.clone()), "{command:?}");
        assert!(shows(&peer), "{command:?}: {:#?}", shown(&peer));
        assert!(!shown(&peer).damaged && !todo(&peer).damaged, "{command:?}");
        let heads = peer.doc.heads();
        match peer.try_do(command.clone()) {
            Ok(edited) => assert!(!edited.wrote, "{command:?}"),
            Err(error) => assert_eq!(error, CommandError::IdTaken, "{command:?}"),
        }
        assert_eq!(peer.doc.heads(), heads, "{command:?}");
    }
}

#[test]
fn every_command_is_taken_back_and_done_again() {
    for (command, shows) in commands() {
        let mut peer = room();
        let before = face(&peer);
        peer.act(command.clone());
        let after = face(&peer);
        for _ in 0..2 {
            assert!(peer.act(Command::Undo), "{command:?}");
            assert_eq!(face(&peer), before, "{command:?}");
            assert!(peer.act(Command::Redo), "{command:?}");
            assert_eq!(face(&peer), after, "{command:?}");
            assert!(shows(&peer), "{command:?}");
        }
    }
}

#[test]
fn what_was_deleted_comes_back_with_what_was_edited_meanwhile() {
    let mut peer = room();
    let (a, one, blob) = (card("a"), item("one"), BlobId::new("blob").unwrap());
    peer.act(Command::DeleteItem { card: a.clone(), id: one.clone() });
    peer.act(Command::EditItem { card: a.clone(), id: one.clone(), text: "1".to_owned() });
    assert_eq!(items(&peer), [("TWO", false)]);
    peer.act(Command::RestoreItem { card: a.clone(), id: one });
    assert_eq!(items(&peer), [("1", false), ("TWO", false)]);
    peer.act(Command::DeleteAttachment { card: a.clone(), id: blob.clone() });
    peer.act(Command::RestoreAttachment { card: a, id: blob });
    let [file] = shown(&peer).attachments.as_slice() else { panic!("one file") };
    assert_eq!(
        (file.kind, file.bytes, file.added.by.as_str()),
        (AttachmentKind::File, 1_234, "p1")
    );
    peer.act(Command::DeleteLabel { id: label("bug") });
    assert_eq!(shown(&peer).labels, [label("bug")], "the card keeps it");
    peer.act(Command::RestoreLabel { id: label("bug") });
    assert!(peer.board().label(&label("bug")).is_some_and(|bug| !bug.deleted));
}

#[test]
fn a_card_is_completed_by_entering_a_column_of_done_work() {
    let mut peer = room();
    let by = |peer: &Peer| shown(peer).done.as_ref().map(|stamp| stamp.by.to_string());
    peer.act(move_card("a", "done", Position::End));
    assert_eq!(by(&peer).as_deref(), Some("p1"));
    let stamp = shown(&peer).done.clone();
    peer.act(Command::Undo);
    assert_eq!(by(&peer), None, "taking the move back takes it away too");
    peer.act(Command::Redo);
    peer.act(add("b", "done", "born done"));
    assert!(peer.board().card(&card("b")).unwrap().done.is_some());
    peer.act(move_card("a", "done", Position::End));
    assert_eq!(by(&peer), stamp.map(|stamp| stamp.by.to_string()), "a move within changes nothing");
    peer.act(move_card("a", "doing", Position::End));
    assert_eq!(by(&peer), None);
    peer.act(Command::SetColumnRole { id: column("doing"), role: Some(ColumnRole::Done) });
    assert_eq!(by(&peer), None, "a column that becomes one of done work completes nothing");
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let long = |units: usize| "x".repeat(units + 1);
    let too_long = |units_max: usize| CommandError::TooLong { units: units_max + 1, units_max };
    let (a, gone) = (card("a"), card("gone"));
    let part = CommandError::UnknownPart;
    let new_item = |card: &str, id: &str, text: String| Command::AddItem {
        card: crate::world::card(card),
        id: item(id),
        text,
        position: Position::End,
    };
    let file = |name: String, mime: String| Command::AddAttachment {
        card: card("a"),
        id: BlobId::new("other").unwrap(),
        kind: AttachmentKind::Voice,
        name,
        mime,
        bytes: 0,
        duration_ms: Some(1),
    };
    let table = [
        (Command::SetColumnWip { id: column("x"), wip: None }, CommandError::UnknownColumn),
        (Command::Assign { id: gone.clone(), person: user("zoe") }, CommandError::UnknownCard),
        (Command::AttachLabel { id: a.clone(), label: label("x") }, part.clone()),
        (Command::SetDue { id: gone, due: None }, CommandError::UnknownCard),
        (new_item("gone", "x", String::new()), CommandError::UnknownCard),
        (new_item("a", "one", String::new()), CommandError::IdTaken),
        (new_item("a", "x", long(ITEM_UNITS_MAX)), too_long(ITEM_UNITS_MAX)),
        (Command::EditItem { card: a.clone(), id: item("x"), text: String::new() }, part.clone()),
        (
            Command::EditItem { card: a.clone(), id: item("one"), text: long(ITEM_UNITS_MAX) },
            too_long(ITEM_UNITS_MAX),
        ),
        (Command::SetItemDone { card: a.clone(), id: item("x"), done: true }, part.clone()),
        (attach("blob"), CommandError::IdTaken),
        (file(long(FILE_NAME_UNITS_MAX), String::new()), too_long(FILE_NAME_UNITS_MAX)),
        (file(String::new(), long(FILE_NAME_UNITS_MAX)), too_long(FILE_NAME_UNITS_MAX)),
        (Command::DeleteAttachment { card: a, id: BlobId::new("x").unwrap() }, part.clone()),
        (add_label("bug"), CommandError::IdTaken),
        (
            Command::RenameLabel { id: label("bug"), name: long(NAME_UNITS_MAX) },
            too_long(NAME_UNITS_MAX),
        ),
        (Command::DeleteLabel { id: label("x") }, part),
        (Command::Redo, CommandError::NothingToRedo),
    ];
    for (command, error) in table {
        let mut peer = room();
        let heads = peer.doc.heads();
        peer.take_told();
        assert_eq!(peer.try_do(command.clone()), Err(error), "{command:?}");
        assert_eq!((peer.doc.heads(), peer.take_told()), (heads, vec![]), "{command:?}");
    }
}

#[test]
fn a_card_holds_so_many_marks_items_and_files_and_no_more() {
    let many = |count_max: usize, make: fn(usize) -> Command| {
        let mut peer = Peer::new(1);
        peer.act(add("a", "todo", "A"));
        for number in 0..count_max {
            peer.act(make(number));
        }
        assert_eq!(peer.try_do(make(count_max)), Err(CommandError::TooMany { count_max }));
        peer
    };
    many(MARKS_MAX, |n| Command::Assign { id: card("a"), person: user(&format!("u{n}")) });
    many(ATTACHMENTS_MAX, |n| attach(&format!("b{n}")));
    let mut peer = many(CHECKLIST_ITEMS_MAX, |n| add_item(&format!("i{n}")));
    peer.act(Command::DeleteItem { card: card("a"), id: item("i7") });
    peer.act(add_item("another"));
}

#[test]
fn a_new_command_ends_what_could_be_done_again() {
    let mut peer = room();
    peer.act(Command::SetPriority { id: card("a"), priority: Priority::Low });
    peer.act(Command::Undo);
    peer.act(Command::SetDue { id: card("a"), due: Some(day("2026-12-24")) });
    assert_eq!(peer.try_do(Command::Redo), Err(CommandError::NothingToRedo));
}

#[test]
fn steps_back_and_forth_lead_through_the_same_boards() {
    let mut peer = room();
    let mut boards = vec![face(&peer)];
    for (priority, due) in [(Priority::Low, "2026-01-01"), (Priority::High, "2026-02-02")] {
        peer.act(Command::SetPriority { id: card("a"), priority });
        boards.push(face(&peer));
        peer.act(Command::SetDue { id: card("a"), due: Some(day(due)) });
        boards.push(face(&peer));
    }
    for _ in 0..2 {
        for board in boards.iter().rev().skip(1) {
            peer.act(Command::Undo);
            assert_eq!(&face(&peer), board);
        }
        for board in boards.iter().skip(1) {
            peer.act(Command::Redo);
            assert_eq!(&face(&peer), board);
        }
    }
}

#[test]
fn what_a_board_reads_as_is_what_the_format_of_its_projection_says() {
    let mut peer = room();
    peer.act_all(commands().into_iter().map(|(command, _)| command));
    assert_eq!(peer.doc.projection(), Peer::of_chunks(2, peer.stored()).doc.projection());
    let read = Chunk::new(peer.doc.projection().into());
    let expected = [200, 29, 120, 146];
    assert_eq!(
        read.hash[..4],
        expected,
        "a board reads differently: raise the number in `engine/src/projection.rs`, and pin this"
    );
}
