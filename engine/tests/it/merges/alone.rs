//! Rows that are about more than two commands, or about other documents than the board's.

use automerge::ROOT;
use automerge::transaction::Transactable;
use warroom_engine::{BodyDocument, Command, UserId};
use warroom_protocol::{Seed, Timestamp};

use super::{Ahead, Alone, SEEDS, orders, pair, shown};
use crate::texts;
use crate::world::{Peer, add, card, foreign, item, label, meet, sync, title, user};

pub(super) fn all() -> Vec<Alone> {
    let alone = |of, test| Alone { of, test };
    vec![
        alone(&["label or person taken off ‖ added again"], a_label_added_again_stays),
        alone(&["label or person taken off ‖ added again"], a_person_added_again_stays),
        alone(&["item deleted ‖ edited"], a_deleted_item_keeps_its_edit),
        alone(&["A card · body", "A card · bodyEdited"], two_people_write_in_one_body),
        alone(
            &["two people open the same new room offline", "Root · columns", "Root · cards"],
            people_who_open_the_same_room_offline_share_it,
        ),
        alone(
            &[
                "two people write the first line of a body offline",
                "typing ‖ typing in a title or body",
                "Keys of a body · text",
            ],
            texts::two_first_lines_written_offline_are_both_there,
        ),
        alone(&["Root · schema"], a_newer_schema_makes_the_board_read_only),
        alone(&["Keys of a body · schema"], a_body_of_a_newer_schema_is_read_only),
    ]
}

/// Of taking away and adding again at the same time the adding stands, in every order.
fn check_added_again(remove: &Command, again: &Command, stands: fn(&Peer) -> bool) {
    for ((first, second), ahead) in orders() {
        let (mut a, mut b) = pair(first, second);
        a.act(Command::Assign { id: card("a"), person: user("may") });
        meet(&mut a, &mut b);
        match ahead {
            Ahead::Nobody => {}
            Ahead::Mine => drop(a.act(title("d", "some operations more"))),
            Ahead::Theirs => drop(b.act(title("d", "some operations more"))),
        }
        a.act(remove.clone());
        b.act(remove.clone());
        b.act(again.clone());
        meet(&mut a, &mut b);
        assert!(stands(&a) && stands(&b), "{again:?}: {:#?}", a.board());
    }
}

fn a_label_added_again_stays() {
    check_added_again(
        &Command::DetachLabel { id: card("a"), label: label("old") },
        &Command::AttachLabel { id: card("a"), label: label("old") },
        |peer| shown(peer).labels == [label("old")],
    );
}

fn a_person_added_again_stays() {
    check_added_again(
        &Command::Unassign { id: card("a"), person: user("may") },
        &Command::Assign { id: card("a"), person: user("may") },
        |peer| shown(peer).assignees == [user("may")],
    );
}

fn a_deleted_item_keeps_its_edit() {
    for (first, second) in SEEDS {
        let (mut a, mut b) = pair(first, second);
        let (card, id) = (card("a"), item("one"));
        a.act(Command::DeleteItem { card: card.clone(), id: id.clone() });
        b.act(Command::EditItem { card: card.clone(), id: id.clone(), text: "eins".to_owned() });
        meet(&mut a, &mut b);
        assert_eq!(shown(&a).checklist.len(), 1, "the item is deleted");
        b.act(Command::RestoreItem { card, id });
        meet(&mut a, &mut b);
        assert_eq!(shown(&a).checklist[0].text, "eins", "restoring shows the edit");
    }
}

fn two_people_write_in_one_body() {
    for (first, second) in SEEDS {
        let (mut a, mut b) = pair(first, second);
        for peer in [&mut a, &mut b] {
            peer.note_body_edit("a");
        }
        meet(&mut a, &mut b);
        assert_eq!(a.doc.bodies().len(), 1, "both name the same body");
        let by = shown(&a).body_edited.clone().unwrap().by;
        assert!([first, second].map(|number| user(&format!("p{number}"))).contains(&by), "{by}");
    }
}

fn people_who_open_the_same_room_offline_share_it() {
    for (first, second) in SEEDS {
        let (mut a, mut b) = (Peer::new(first), Peer::new(second));
        assert_eq!(a.doc.heads(), b.doc.heads(), "the first change is the same everywhere");
        a.act(add("a", "todo", "from A"));
        b.act(add("b", "todo", "from B"));
        sync(&mut a, &mut b);
        assert_eq!(a.cards_in("todo").len(), 2);
        assert_eq!(a.board().columns().count(), 3);
    }
}

fn a_newer_schema_makes_the_board_read_only() {
    for (first, second) in SEEDS {
        let (mut a, mut b) = pair(first, second);
        foreign(&mut a, |to| to.put(ROOT, "schema", 2_u64).unwrap());
        b.act(title("a", "still written in the older one"));
        a.pull(&b);
        b.pull(&a);
        for peer in [&mut a, &mut b] {
            assert!(peer.board().is_read_only() && peer.try_do(add("x", "todo", "X")).is_err());
        }
    }
}

fn a_body_of_a_newer_schema_is_read_only() {
    let user = UserId::new("p1").unwrap();
    let (body, _) = BodyDocument::open(card("a"), user.clone(), Seed([1; 32]), Vec::new());
    let newer =
        crate::world::foreign_chunk(body.doc(), 0, |to| to.put(ROOT, "schema", 2_u64).unwrap());
    let (mut body, _) = BodyDocument::open(card("a"), user, Seed([2; 32]), vec![newer]);
    body.open_text(Timestamp(1)).unwrap();
    let splice = warroom_engine::Splice { at: 0, delete: 0, insert: "x".to_owned() };
    assert!(body.edit_text(Timestamp(1), 0, &splice).is_err(), "it can only be read");
}

/// Another first change would have the same actor and number as those that are out there: such replicas never sync again.
#[test]
fn the_first_changes_never_change() {
    let board = Peer::new(1).doc.heads();
    assert_eq!(
        board[0].to_string(),
        "2132a5eef8f46d758746aafe331457959cafa2803df8f5a61ba8bfefcfc39088"
    );
    let (body, _) =
        BodyDocument::open(card("a"), UserId::new("p1").unwrap(), Seed([1; 32]), Vec::new());
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
