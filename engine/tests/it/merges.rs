//! What becomes of concurrent commands: the table of `docs/BOARD.md`, each pair with both orders of actors and of
//! delivery.

use warroom_engine::{Colour, Command, Day, Position, Priority};

use crate::world::{
    Peer, add, add_item, add_label, attach, card, column, delete, item, label, meet, move_card,
    sync, title, user,
};

/// What must hold, whoever wins.
type Check = fn(&Peer) -> bool;

struct Row {
    name: &'static str,
    mine: Command,
    theirs: Command,
    check: Check,
}

fn row(name: &'static str, mine: Command, theirs: Command, check: Check) -> Row {
    Row { name, mine, theirs, check }
}

fn todo(peer: &Peer) -> Vec<String> {
    peer.cards_in("todo")
}

fn is_deleted(peer: &Peer, id: &str) -> bool {
    peer.board().card(&card(id)).is_some_and(|card| card.deleted.is_some())
}

fn is_in_one_column(peer: &Peer, id: &str) -> bool {
    let columns = ["todo", "doing", "done"];
    columns.iter().filter(|column| peer.cards_in(column).iter().any(|card| card == id)).count() == 1
}

fn after(id: &str) -> Position<warroom_engine::CardId> {
    Position::After { id: card(id) }
}

fn card_rows() -> Vec<Row> {
    let end = || Position::End;
    vec![
        row(
            "move and move: one place, whole",
            move_card("a", "doing", end()),
            move_card("a", "done", end()),
            |peer| is_in_one_column(peer, "a") && todo(peer) == ["b", "c"],
        ),
        row(
            "move and reorder: one place, whole",
            move_card("a", "doing", end()),
            move_card("a", "todo", end()),
            |peer| is_in_one_column(peer, "a"),
        ),
        row(
            "moves of two cards to one gap: both there, in one order",
            move_card("b", "todo", Position::Start),
            move_card("c", "todo", Position::Start),
            |peer| todo(peer).len() == 3 && todo(peer)[2] == "a",
        ),
        row(
            "two new cards at one place: both there",
            add("x", "todo", "X"),
            add("y", "todo", "Y"),
            |peer| todo(peer).len() == 5,
        ),
        row(
            "delete and title: deleted, with the new title",
            delete("a"),
            title("a", "New A"),
            |peer| is_deleted(peer, "a") && peer.title_of("a") == "New A",
        ),
        row(
            "delete and move: deleted, in its new place",
            delete("a"),
            move_card("a", "done", end()),
            |peer| {
                is_deleted(peer, "a")
                    && peer.board().card(&card("a")).is_some_and(|a| a.column == column("done"))
            },
        ),
        row("delete and delete: deleted", delete("a"), delete("a"), |peer| is_deleted(peer, "a")),
        row(
            "archive and delete: both",
            Command::ArchiveCard { id: card("a") },
            delete("a"),
            |peer| {
                is_deleted(peer, "a")
                    && peer.board().card(&card("a")).is_some_and(|a| a.archived.is_some())
            },
        ),
        row(
            "move and new neighbour: both",
            move_card("c", "todo", after("a")),
            add("x", "todo", "X"),
            |peer| todo(peer) == ["a", "c", "b", "x"],
        ),
        row("titles at two ends: both", title("a", "The A"), title("a", "A!"), |peer| {
            peer.title_of("a") == "The A!"
        }),
    ]
}

fn column_rows() -> Vec<Row> {
    let drop_todo = || Command::DeleteColumn { id: column("todo") };
    let rename =
        |title: &str| Command::RenameColumn { id: column("todo"), title: title.to_owned() };
    let new_column = |id: &str| Command::AddColumn {
        id: column(id),
        title: id.to_owned(),
        role: None,
        position: Position::End,
    };
    let to_front = |id: &str| Command::MoveColumn { id: column(id), position: Position::Start };
    vec![
        row(
            "column deleted and card moved into it: unsorted, nothing lost or resurrected",
            drop_todo(),
            move_card("d", "todo", Position::End),
            |peer| peer.board().unsorted().len() == 4 && peer.board().columns().count() == 2,
        ),
        row(
            "column deleted and card added to it: unsorted",
            drop_todo(),
            add("x", "todo", "X"),
            |peer| peer.board().unsorted().len() == 4,
        ),
        row("column deleted and renamed: both", drop_todo(), rename("Later"), |peer| {
            peer.board()
                .column(&column("todo"))
                .is_some_and(|todo| todo.deleted.is_some() && todo.title == "Later")
        }),
        row("column renamed twice: one of them", rename("Later"), rename("Soon"), |peer| {
            peer.board()
                .column(&column("todo"))
                .is_some_and(|todo| todo.title == "Later" || todo.title == "Soon")
        }),
        row("two new columns: both", new_column("x"), new_column("y"), |peer| {
            peer.board().columns().count() == 5
        }),
        row(
            "two columns moved to the front: both before the third",
            to_front("doing"),
            to_front("done"),
            |peer| peer.board().columns().last().is_some_and(|last| last.id == column("todo")),
        ),
    ]
}

fn shown(peer: &Peer) -> &warroom_engine::Card {
    peer.board().card(&card("a")).unwrap()
}

fn face_rows() -> Vec<Row> {
    let a = || card("a");
    let attach_bug = || Command::AttachLabel { id: a(), label: label("bug") };
    let assign = |person: &str| Command::Assign { id: a(), person: user(person) };
    let due = |day: &str| Command::SetDue { id: a(), due: Some(Day::new(day).unwrap()) };
    let priority = |priority| Command::SetPriority { id: a(), priority };
    vec![
        row(
            "two labels: both",
            attach_bug(),
            Command::AttachLabel { id: a(), label: label("idea") },
            |p| shown(p).labels == [label("bug"), label("idea"), label("old")],
        ),
        row("the same label twice: there", attach_bug(), attach_bug(), |p| {
            shown(p).labels.contains(&label("bug"))
        }),
        row(
            "label deleted and put on a card: deleted, and the card keeps it",
            Command::DeleteLabel { id: label("bug") },
            attach_bug(),
            |p| {
                shown(p).labels.contains(&label("bug"))
                    && p.board().label(&label("bug")).is_some_and(|bug| bug.deleted)
            },
        ),
        row("two people put on a card: both", assign("zoe"), assign("yan"), |p| {
            shown(p).assignees == [user("yan"), user("zoe")]
        }),
        row("two due days: one of them", due("2026-01-01"), due("2026-02-02"), |p| {
            shown(p).due.is_some()
        }),
        row(
            "two priorities: one of them",
            priority(Priority::Low),
            priority(Priority::Urgent),
            |p| matches!(shown(p).priority, Priority::Low | Priority::Urgent),
        ),
        row("delete and due day: both", delete("a"), due("2026-01-01"), |p| {
            is_deleted(p, "a") && shown(p).due.is_some()
        }),
        row(
            "completed and moved elsewhere: one place",
            move_card("a", "done", Position::End),
            move_card("a", "doing", Position::End),
            |p| is_in_one_column(p, "a"),
        ),
        row(
            "column coloured and limited: both",
            Command::SetColumnColour { id: column("todo"), colour: Some(Colour::Pink) },
            Command::SetColumnWip { id: column("todo"), wip: Some(3) },
            |p| {
                p.board()
                    .column(&column("todo"))
                    .is_some_and(|todo| todo.colour == Some(Colour::Pink) && todo.wip == Some(3))
            },
        ),
        row(
            "label renamed and coloured: both",
            Command::RenameLabel { id: label("bug"), name: "Defect".to_owned() },
            Command::SetLabelColour { id: label("bug"), colour: Some(Colour::Blue) },
            |p| {
                p.board()
                    .label(&label("bug"))
                    .is_some_and(|bug| bug.name == "Defect" && bug.colour == Some(Colour::Blue))
            },
        ),
    ]
}

fn part_rows() -> Vec<Row> {
    let a = || card("a");
    let edit = |text: &str| Command::EditItem { card: a(), id: item("one"), text: text.to_owned() };
    let to_end = |id: &str| Command::MoveItem { card: a(), id: item(id), position: Position::End };
    let tick = || Command::SetItemDone { card: a(), id: item("one"), done: true };
    let drop_item = || Command::DeleteItem { card: a(), id: item("one") };
    vec![
        row("two new items: both", add_item("x"), add_item("y"), |p| shown(p).checklist.len() == 4),
        row("item edited and ticked: both", edit("1"), tick(), |p| {
            shown(p).checklist[0].text == "1" && shown(p).checklist[0].done
        }),
        row("item edited twice: one of them", edit("1"), edit("eins"), |p| {
            ["1", "eins"].contains(&shown(p).checklist[0].text.as_str())
        }),
        row("item deleted and edited: deleted", drop_item(), edit("1"), |p| {
            shown(p).checklist.len() == 1
        }),
        row("two items moved to the end: both there, once", to_end("one"), to_end("two"), |p| {
            shown(p).checklist.len() == 2
        }),
        row("two files: both", attach("x"), attach("y"), |p| shown(p).attachments.len() == 2),
        row("the same file twice: once", attach("x"), attach("x"), |p| {
            shown(p).attachments.len() == 1
        }),
    ]
}

/// Of taking away and adding again at the same time the adding stands, whoever wins.
#[test]
fn a_label_or_person_that_is_added_again_survives_a_removal_at_the_same_time() {
    let pairs: [(Command, Command, Check); 2] = [
        (
            Command::DetachLabel { id: card("a"), label: label("old") },
            Command::AttachLabel { id: card("a"), label: label("old") },
            |p| shown(p).labels == [label("old")],
        ),
        (
            Command::Unassign { id: card("a"), person: user("may") },
            Command::Assign { id: card("a"), person: user("may") },
            |p| shown(p).assignees == [user("may")],
        ),
    ];
    for (remove, again, stands) in pairs {
        for (first, second) in [(1, 2), (3, 4), (5, 6), (7, 8), (2, 1)] {
            let (mut a, mut b) = pair(first, second);
            a.act(Command::Assign { id: card("a"), person: user("may") });
            meet(&mut a, &mut b);
            a.act(remove.clone());
            b.act(remove.clone());
            b.act(again.clone());
            meet(&mut a, &mut b);
            assert!(stands(&a) && stands(&b), "{again:?}: {:#?}", a.board());
        }
    }
}

/// Two replicas that share cards a, b, c in *To do* and d in *Doing*.
fn pair(first: u8, second: u8) -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(first), Peer::new(second));
    a.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    a.act(add("d", "doing", "D"));
    a.act_all(["bug", "idea", "old"].map(add_label));
    a.act(Command::AttachLabel { id: card("a"), label: label("old") });
    a.act_all(["one", "two"].map(add_item));
    // both have written, so that both actors are drawn before the pair
    b.act(Command::RenameRoom { title: "Room".to_owned() });
    meet(&mut a, &mut b);
    (a, b)
}

#[test]
fn every_pair_converges_as_the_table_says() {
    for Row { name, mine, theirs, check } in
        card_rows().into_iter().chain(column_rows()).chain(face_rows()).chain(part_rows())
    {
        let mut actors_in_order = [false, false];
        for (first, second) in [(1, 2), (3, 4), (5, 6), (7, 8), (2, 1)] {
            let (mut a, mut b) = pair(first, second);
            a.act(mine.clone());
            b.act(theirs.clone());
            // a third replica gets both in the other order
            let (mut here, mut there) = (Peer::new(11), Peer::new(12));
            here.pull(&a);
            here.pull(&b);
            there.pull(&b);
            there.pull(&a);
            meet(&mut a, &mut b);
            for peer in [&a, &b, &here, &there] {
                assert_eq!(peer.board(), a.board(), "{name}: same changes, same view");
                assert!(check(peer), "{name}: {:#?}", peer.board());
            }
            let in_order = a.doc.doc().get_actor() < b.doc.doc().get_actor();
            actors_in_order[usize::from(in_order)] = true;
        }
        assert_eq!(actors_in_order, [true, true], "{name}: both orders of actors were tried");
    }
}

#[test]
fn people_who_open_the_same_room_offline_share_it() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    assert_eq!(a.doc.heads(), b.doc.heads(), "the first change is the same everywhere");
    a.act(add("a", "todo", "from A"));
    b.act(add("b", "todo", "from B"));
    sync(&mut a, &mut b);
    assert_eq!(a.cards_in("todo").len(), 2);
    assert_eq!(a.board().columns().count(), 3);
}

/// Another first change would have the same actor and number as those that are out there: such replicas never sync again.
#[test]
fn the_first_changes_never_change() {
    let board = Peer::new(1).doc.heads();
    assert_eq!(
        board[0].to_string(),
        "2132a5eef8f46d758746aafe331457959cafa2803df8f5a61ba8bfefcfc39088"
    );
    let (body, _) = warroom_engine::BodyDocument::open(
        card("a"),
        warroom_engine::UserId::new("p1").unwrap(),
        warroom_protocol::Seed([1; 32]),
        Vec::new(),
    );
    assert_eq!(
        body.heads()[0].to_string(),
        "2af0c23040e6377d5b706ed4e725c075da3efb5eea81c536d406560c4f369354"
    );
}

#[test]
fn changes_that_arrive_before_what_they_build_on_wait() {
    use automerge::ReadDoc;
    use bytes::Bytes;
    let mut a = Peer::new(1);
    a.act_all([add("a", "todo", "A"), title("a", "AB"), title("a", "ABC")]);
    let mut b = Peer::new(2);
    let changes = a.doc.doc().get_changes(&b.doc.heads());
    for change in changes.iter().rev() {
        let bytes = Bytes::copy_from_slice(change.raw_bytes());
        let checked = warroom_protocol::guard::check_change(&bytes).unwrap();
        b.doc.receive_changes(b.now, &[checked]).unwrap();
    }
    assert!(b.doc.doc().get_missing_deps(&[]).is_empty());
    assert_eq!(b.title_of("a"), "ABC");
}
