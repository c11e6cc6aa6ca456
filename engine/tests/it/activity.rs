//! The list of what happened: what each change is told as, who did it, in pages; whoever wrote it, whatever it says of
//! itself.

use automerge::ReadDoc;
use automerge::transaction::{CommitOptions, Transactable};
use proptest::prelude::*;
use warroom_engine::{
    Action, Activity, BlobId, BodyDocument, CardId, Chunk, Colour, ColumnRole, Command, Cursor,
    Day, Import, ImportedCard, Person, Position, Priority, Splice, TextTarget,
};
use warroom_protocol::{Seed, Timestamp};

use crate::deltas::{any_step, take};
use crate::world::{
    Peer, add, add_item, add_label, attach, card, column, delete, foreign_with, item, label, meet,
    move_card, title, user,
};

fn all(peer: &mut Peer) -> Vec<Activity> {
    let page = peer.doc.activity(None, 200);
    assert_eq!(page.next, None, "all of it");
    page.entries
}

fn newest(peer: &mut Peer) -> Activity {
    peer.doc.activity(None, 1).entries.swap_remove(0)
}

fn own(text: &str) -> String {
    text.to_owned()
}

/// What each command about the board is told as, done one after the other.
fn board_rows() -> Vec<(Command, Action)> {
    let (x, l) = (|| column("x"), || label("l"));
    vec![
        (
            Command::RenameRoom { title: own("R") },
            Action::RoomRenamed { before: own(""), after: own("R") },
        ),
        (
            Command::AddColumn { id: x(), title: own("X"), role: None, position: Position::Start },
            Action::ColumnAdded { column: x(), title: own("X") },
        ),
        (
            Command::RenameColumn { id: x(), title: own("Y") },
            Action::ColumnRenamed { column: x(), before: own("X"), after: own("Y") },
        ),
        (
            Command::MoveColumn { id: x(), position: Position::End },
            Action::ColumnMoved { column: x() },
        ),
        (
            Command::SetColumnRole { id: x(), role: Some(ColumnRole::Doing) },
            Action::ColumnRoleSet { column: x(), before: None, after: Some(ColumnRole::Doing) },
        ),
        (
            Command::SetColumnWip { id: x(), wip: Some(3) },
            Action::ColumnWipSet { column: x(), before: None, after: Some(3) },
        ),
        (
            Command::SetColumnColour { id: x(), colour: Some(Colour::Red) },
            Action::ColumnColourSet { column: x(), before: None, after: Some(Colour::Red) },
        ),
        (Command::DeleteColumn { id: x() }, Action::ColumnDeleted { column: x() }),
        (Command::RestoreColumn { id: x() }, Action::ColumnRestored { column: x() }),
        (add_label("l"), Action::LabelAdded { label: l(), name: own("L") }),
        (
            Command::RenameLabel { id: l(), name: own("M") },
            Action::LabelRenamed { label: l(), before: own("L"), after: own("M") },
        ),
        (
            Command::SetLabelColour { id: l(), colour: None },
            Action::LabelColourSet { label: l(), before: Some(Colour::Red), after: None },
        ),
        (Command::DeleteLabel { id: l() }, Action::LabelDeleted { label: l() }),
        (Command::RestoreLabel { id: l() }, Action::LabelRestored { label: l() }),
        (
            Command::SetPerson { person: Person { id: user("p1"), name: own("Ann"), colour: 3 } },
            Action::PersonSet { person: user("p1"), name: own("Ann") },
        ),
    ]
}

/// What each command about a card is told as.
fn card_rows() -> Vec<(Command, Action)> {
    let (todo, doing, done) = (|| column("todo"), || column("doing"), || column("done"));
    let (a, l, p) = (|| card("a"), || label("l"), || user("p2"));
    let day = Day::new("2026-11-25").ok();
    vec![
        (add("a", "todo", "A"), Action::CardAdded { column: todo(), title: own("A") }),
        (title("a", "AB"), Action::Titled { before: own("A"), after: own("AB") }),
        (move_card("a", "doing", Position::End), Action::Moved { from: todo(), to: doing() }),
        (move_card("a", "done", Position::End), Action::Completed { from: doing(), to: done() }),
        (move_card("a", "todo", Position::End), Action::Moved { from: done(), to: todo() }),
        (Command::Assign { id: a(), person: p() }, Action::Assigned { person: p() }),
        (Command::Unassign { id: a(), person: p() }, Action::Unassigned { person: p() }),
        (Command::AttachLabel { id: a(), label: l() }, Action::Labelled { label: l() }),
        (Command::DetachLabel { id: a(), label: l() }, Action::Unlabelled { label: l() }),
        (Command::SetDue { id: a(), due: day }, Action::DueSet { before: None, after: day }),
        (
            Command::SetPriority { id: a(), priority: Priority::High },
            Action::PrioritySet { before: Priority::Normal, after: Priority::High },
        ),
        (attach("f"), Action::AttachmentAdded { name: own("f.png") }),
        (
            Command::DeleteAttachment { card: a(), id: BlobId::new("f").unwrap() },
            Action::AttachmentDeleted { name: own("f.png") },
        ),
        (Command::ArchiveCard { id: a() }, Action::Archived {}),
        (Command::UnarchiveCard { id: a() }, Action::Unarchived {}),
        (delete("a"), Action::Deleted {}),
        (Command::RestoreCard { id: a() }, Action::Restored {}),
        (Command::Undo, Action::Deleted {}),
    ]
}

/// What each command about the checklist of a card is told as.
fn item_rows() -> Vec<(Command, Action)> {
    let (a, i, k) = (|| card("a"), || item("i"), || item("k"));
    let is_done = |done| Command::SetItemDone { card: a(), id: i(), done };
    vec![
        (add_item("i"), Action::ItemAdded { item: i(), text: own("I") }),
        (
            Command::EditItem { card: a(), id: i(), text: own("J") },
            Action::ItemEdited { item: i(), before: own("I"), after: own("J") },
        ),
        (is_done(true), Action::ItemTicked { item: i(), text: own("J") }),
        (is_done(false), Action::ItemUnticked { item: i(), text: own("J") }),
        (add_item("k"), Action::ItemAdded { item: k(), text: own("K") }),
        (
            Command::MoveItem { card: a(), id: k(), position: Position::Start },
            Action::ItemMoved { item: k(), text: own("K") },
        ),
        (
            Command::DeleteItem { card: a(), id: i() },
            Action::ItemDeleted { item: i(), text: own("J") },
        ),
        (
            Command::RestoreItem { card: a(), id: i() },
            Action::ItemAdded { item: i(), text: own("J") },
        ),
    ]
}

#[test]
fn each_command_is_told_as_what_it_did() {
    let mut peer = Peer::new(1);
    let (of_board, of_card) = (board_rows(), [card_rows(), item_rows()].concat());
    let mut hour = 0;
    for (command, what) in of_board.iter().chain(&of_card) {
        // an hour apart, so that nothing belongs together
        hour += 1;
        peer.now = Timestamp(3_600_000 * hour);
        peer.act(command.clone());
        let entry = newest(&mut peer);
        assert_eq!(entry.what, *what, "{command:?}");
        assert_eq!((entry.by, entry.count, entry.since), (user("p1"), 1, entry.at));
        assert_eq!(u64::try_from(entry.at).unwrap(), 3_600_000 * hour);
    }
    assert_eq!(all(&mut peer).len(), of_board.len() + of_card.len());
    let told = peer.doc.card_activity(&card("a"), None, None, 200).entries.into_iter().rev();
    let told: Vec<Action> = told.map(|entry| entry.what).collect();
    assert_eq!(told, of_card.into_iter().map(|(_, what)| what).collect::<Vec<_>>());
}

/// A foreign program moves card a and takes its label off, under this message.
fn foreign_move(message: Option<&str>) -> Vec<Action> {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add_label("l")]);
    peer.act(Command::AttachLabel { id: card("a"), label: label("l") });
    let mut options = CommitOptions::default().with_time(5_000);
    options.message = message.map(ToOwned::to_owned);
    foreign_with(&mut peer, options, |to| {
        let (_, cards) = to.get(automerge::ROOT, "cards").unwrap().unwrap();
        let (_, a) = to.get(&cards, "a").unwrap().unwrap();
        to.put(&a, "place", "doing/a0").unwrap();
        let (_, labels) = to.get(&a, "labels").unwrap().unwrap();
        to.delete(&labels, "l").unwrap();
        to.put(&a, "what others know", 1).unwrap();
    });
    let entries = all(&mut peer).into_iter().take_while(|entry| entry.at == 5_000_000);
    let entries: Vec<Activity> = entries.collect();
    assert!(entries.iter().all(|entry| entry.by == user("unknown")), "{entries:?}");
    entries.into_iter().map(|entry| entry.what).collect()
}

#[test]
fn a_foreign_change_is_told_alike_without_a_message_and_with_one_that_lies() {
    let expected = [
        Action::Moved { from: column("todo"), to: column("doing") },
        Action::Unlabelled { label: label("l") },
    ];
    assert_eq!(foreign_move(None), expected);
    assert_eq!(foreign_move(Some(r#"{"k":"delete","c":"b"}"#)), expected);
    assert_eq!(foreign_move(Some("not even JSON")), expected);
}

#[test]
fn neighbours_that_made_room_are_not_told() {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add("c", "todo", "C")]);
    foreign_with(&mut peer, CommitOptions::default().with_time(5_000), |to| {
        let (_, cards) = to.get(automerge::ROOT, "cards").unwrap().unwrap();
        for id in ["a", "b"] {
            let (_, card) = to.get(&cards, id).unwrap().unwrap();
            to.put(&card, "place", "todo/a1").unwrap();
        }
    });
    peer.now = Timestamp(10_000_000);
    peer.act(move_card("c", "todo", Position::After { id: card("a") }));
    let entries = all(&mut peer);
    let newest: Vec<_> = entries.iter().take_while(|entry| entry.at == 10_000_000).collect();
    assert_eq!(newest.len(), 1, "{newest:?}");
    assert_eq!(newest[0].card, Some(card("c")));
}

/// A foreign program gives these cards this place.
fn put_all(peer: &mut Peer, ids: &[String], place: &str) {
    foreign_with(peer, CommitOptions::default().with_time(5_000), |to| {
        let (_, cards) = to.get(automerge::ROOT, "cards").unwrap().unwrap();
        for id in ids {
            let (_, card) = to.get(&cards, id.as_str()).unwrap().unwrap();
            to.put(&card, "place", place).unwrap();
        }
    });
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("c{number:02}")).collect()
}

#[test]
fn however_many_neighbours_made_room_they_are_not_told() {
    let mut peer = Peer::new(1);
    let ids = many(30);
    peer.act_all(ids.iter().map(|id| add(id, "todo", "C")));
    put_all(&mut peer, &ids, "todo/a1");
    let before: Vec<String> = peer.board().cards().map(|card| card.order.clone()).collect();
    peer.now = Timestamp(10_000_000);
    peer.act(add("x", "todo", "X"));
    peer.act(move_card("x", "todo", Position::After { id: card("c14") }));
    let after = peer.board().cards().map(|card| card.order.clone());
    assert!(after.zip(&before).filter(|(is, was)| is != *was).count() > 9);
    let entry = newest(&mut peer);
    assert_eq!((entry.card, entry.count), (Some(card("x")), 1));
    for id in ids {
        // its place that the foreign program gave it, and its beginning
        let told = peer.doc.card_activity(&card(&id), None, None, 200).entries;
        assert!(told.iter().all(|entry| entry.at < 10_000_000), "{told:?}");
    }
}

#[test]
fn what_is_done_to_many_is_counted_by_its_kind() {
    let mut peer = Peer::new(1);
    let ids = many(30);
    peer.act_all(ids.iter().map(|id| add(id, "todo", "C")));
    foreign_with(&mut peer, CommitOptions::default().with_time(5_000), |to| {
        let (_, cards) = to.get(automerge::ROOT, "cards").unwrap().unwrap();
        for (number, id) in ids.iter().enumerate() {
            let (_, card) = to.get(&cards, id.as_str()).unwrap().unwrap();
            match number {
                0..10 => to.put(&card, "place", "doing/a1").unwrap(),
                10..25 => to.put(&card, "priority", "high").unwrap(),
                _ => to.put(&card, "what others know", 1).unwrap(),
            }
        }
    });
    let told = all(&mut peer).into_iter().filter(|entry| entry.at == 5_000_000);
    let told: Vec<Activity> = told.collect();
    let count = |kind: fn(&Action) -> bool| {
        let of_kind = told.iter().filter(|entry| kind(&entry.what));
        of_kind.map(|entry| entry.count).sum::<u32>()
    };
    let (moved, set) = (
        count(|what| matches!(what, Action::Moved { .. })),
        count(|what| matches!(what, Action::PrioritySet { .. })),
    );
    assert_eq!(count(|_| true), moved + set, "{told:?}");
    assert_eq!((moved, set), (10, 15));
}

#[test]
fn an_import_that_makes_its_own_room_is_told_as_what_it_added() {
    let mut here = Peer::new(2);
    here.act_all([add("a", "todo", "A"), add("b", "todo", "B")]);
    let cards = here.board().cards();
    let cards = cards.map(|card| ImportedCard::new(card.clone(), None)).collect();
    let mut peer = Peer::new(1);
    let ids = many(10);
    peer.act_all(ids.iter().map(|id| add(id, "todo", "C")));
    put_all(&mut peer, &ids, "todo/~");
    peer.now = Timestamp(10_000_000);
    let (title, columns, labels, people) = (String::new(), Vec::new(), Vec::new(), Vec::new());
    let import = Import { title, columns, labels, people, cards, brings_ids: true };
    assert_eq!(peer.import(import).unwrap().cards, 2);
    let told: Vec<Activity> =
        all(&mut peer).into_iter().filter(|entry| entry.at == 10_000_000).collect();
    assert!(told.iter().all(|entry| matches!(entry.what, Action::CardAdded { .. })), "{told:?}");
    assert_eq!(told.iter().map(|entry| entry.count).sum::<u32>(), 2);
}

#[test]
fn typing_in_a_title_is_one_entry_as_long_as_no_pause_is_long() {
    let mut peer = Peer::new(1);
    peer.act(add("a", "todo", ""));
    let text = || TextTarget::Title { card: card("a") };
    peer.act(Command::OpenText { text: text() });
    for (at, letter) in (0..).zip(["w", "o", "r", "d", "s"]) {
        // six minutes pass before the last
        let pause = if letter == "s" { 300_000 } else { 0 };
        peer.now = Timestamp(1_000_000 + 60_000 * u64::from(at) + pause);
        let splice = Splice { at, delete: 0, insert: own(letter) };
        peer.act(Command::EditText { text: text(), seen: 0, splice });
        peer.flush();
    }
    let entries = all(&mut peer).into_iter().take(2);
    let told: Vec<(Action, i64)> =
        entries.map(|entry| (entry.what, entry.at - entry.since)).collect();
    let named =
        |before: &str, after: &str| Action::Titled { before: own(before), after: own(after) };
    assert_eq!(told, [(named("word", "words"), 0), (named("", "word"), 180_000)]);
}

#[test]
fn the_same_done_to_many_is_one_entry_that_says_how_many() {
    let mut peer = Peer::new(1);
    peer.act_all((0..30).map(|number| add(&format!("c{number}"), "todo", "C")));
    peer.act(move_card("c1", "done", Position::End));
    let entries = all(&mut peer);
    assert_eq!(entries.len(), 2);
    assert_eq!((entries[1].count, entries[1].card.clone()), (30, Some(card("c29"))));
    let of_card = peer.doc.card_activity(&card("c3"), None, None, 9).entries;
    assert_eq!(of_card.iter().map(|entry| entry.count).collect::<Vec<_>>(), [1]);
}

#[test]
fn many_cards_of_one_change_are_told_as_their_number() {
    let mut peer = Peer::new(1);
    peer.act(add("a", "todo", "A"));
    foreign_with(&mut peer, CommitOptions::default().with_time(5_000), |to| {
        let (_, cards) = to.get(automerge::ROOT, "cards").unwrap().unwrap();
        for number in 0..40 {
            let card = format!("c{number}");
            let card = to.put_object(&cards, card, automerge::ObjType::Map).unwrap();
            to.put(&card, "place", "todo/a5").unwrap();
        }
    });
    let entry = newest(&mut peer);
    assert!(matches!(entry.what, Action::CardAdded { .. }), "{entry:?}");
    assert_eq!(entry.count, 40);
}

#[test]
fn a_page_means_the_same_whatever_arrives_later() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.act_all((0..6).map(|number| add(&format!("c{number}"), "todo", "C")));
    meet(&mut a, &mut b);
    b.now = Timestamp(2_000_000);
    b.act(title("c1", "from b"));
    for step in 0..5 {
        a.now = Timestamp(3_000_000 + 1_000 * step);
        a.act(title(&format!("c{step}"), "from a"));
    }
    let first = a.doc.activity(None, 2);
    let rest = a.doc.activity(first.next, 200);
    assert_eq!((first.entries.len(), rest.entries.len()), (2, 9));
    a.now = Timestamp(4_000_000);
    a.act(title("c5", "later"));
    assert_eq!(a.doc.activity(first.next, 200), rest);
    meet(&mut a, &mut b);
    let with_b = a.doc.activity(first.next, 200);
    assert_eq!(with_b.entries.len(), 10, "what came late stands where it belongs");
    assert_eq!(with_b.entries[3].by, user("p2"));
}

#[test]
fn a_cursor_reads_back() {
    let mut peer = Peer::new(1);
    peer.act_all([add("a", "todo", "A"), title("a", "B")]);
    let next = peer.doc.activity(None, 1).next.unwrap();
    assert_eq!(Cursor::of_text(&next.to_string()), Some(next));
    for other in ["", "1.2", "1.2.3", "x", "1.2.é", "-.-.-", &format!("{next}.")] {
        assert_eq!(Cursor::of_text(other), None, "{other}");
    }
}

fn body_of(number: u8, chunks: Vec<Chunk>) -> BodyDocument {
    let person = user(&format!("p{number}"));
    BodyDocument::open(card("a"), person, Seed([number; 32]), chunks).0
}

fn type_in(body: &mut BodyDocument, now: u64, at: u32, insert: &str) {
    let now = Timestamp(now);
    body.open_text(now).unwrap();
    body.edit_text(now, 0, &Splice { at, delete: 0, insert: own(insert) }).unwrap();
    body.close_text(now);
}

#[test]
fn a_card_tells_who_typed_in_its_body_and_when() {
    let mut peer = Peer::new(1);
    peer.act(add("a", "todo", "A"));
    let mut ann = body_of(1, Vec::new());
    type_in(&mut ann, 2_000_000, 0, "one ");
    type_in(&mut ann, 2_060_000, 4, "two");
    peer.now = Timestamp(2_100_000);
    peer.doc.note_body_edit(peer.now, &card("a")).unwrap();
    let mut bob = body_of(2, vec![ann.take_new_chunk().unwrap()]);
    type_in(&mut bob, 2_120_000, 0, "0 ");
    peer.now = Timestamp(3_000_000);
    peer.act(title("a", "B"));
    let page = peer.doc.card_activity(&card("a"), Some(&mut bob), None, 200);
    let told: Vec<(Action, String, i64)> = page
        .entries
        .into_iter()
        .map(|entry| (entry.what, entry.by.to_string(), entry.at - entry.since))
        .collect();
    let added = Action::CardAdded { column: column("todo"), title: own("A") };
    assert_eq!(
        told,
        [
            (Action::Titled { before: own("A"), after: own("B") }, own("p1"), 0),
            (Action::BodyTyped { characters: 2 }, own("p2"), 0),
            (Action::BodyTyped { characters: 7 }, own("p1"), 60_000),
            (added, own("p1"), 0),
        ]
    );
    let without = peer.doc.card_activity(&card("a"), None, None, 200).entries;
    assert_eq!(without[1].what, Action::BodyEdited {}, "the board's own trace");
}

fn in_pages(peer: &mut Peer, limit: usize) -> Vec<Activity> {
    let (mut entries, mut before) = (Vec::new(), None);
    loop {
        let page = peer.doc.activity(before, limit);
        entries.extend(page.entries);
        before = page.next;
        if before.is_none() {
            return entries;
        }
    }
}

fn count(entries: &[Activity]) -> u32 {
    // typing that goes on over the end of a page begins another entry there
    let counted = entries.iter().filter(|entry| !matches!(entry.what, Action::Titled { .. }));
    counted.map(|entry| entry.count).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn whoever_has_the_same_changes_tells_the_same_and_pages_leave_nothing_out(
        seed in 0..40_u8,
        limit in 1..6_usize,
        steps in proptest::collection::vec(any_step(), 1..40),
    ) {
        let mut peers = [Peer::new(seed), Peer::new(seed + 50), Peer::new(seed + 100)];
        for (who, step) in steps {
            take(&mut peers, who, step);
            // so that some of them have read a part of it
            let _entries = peers[who].doc.activity(None, 3);
        }
        let [a, b, c] = &mut peers;
        meet(a, b);
        meet(b, c);
        meet(a, c);
        let told = all(a);
        prop_assert_eq!(&all(b), &told);
        prop_assert_eq!(&all(&mut Peer::of_chunks(200, a.stored())), &told);
        prop_assert_eq!(count(&in_pages(c, limit)), count(&told));
        let cards: Vec<CardId> = a.board().cards().map(|card| card.id.clone()).collect();
        for id in cards {
            let of_card = a.doc.card_activity(&id, None, None, 200).entries;
            prop_assert!(of_card.iter().all(|entry| entry.card.as_ref() == Some(&id)));
            let made = of_card.last().map(|entry| entry.what.clone());
            prop_assert!(matches!(made, Some(Action::CardAdded { .. })), "{:?}", made);
        }
    }
}
