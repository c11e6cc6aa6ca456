//! Whatever a change touches is read again, whatever it says of itself. `Peer` holds the view against the document after
//! each change.

use automerge::transaction::{CommitOptions, Transactable as _, Transaction};
use automerge::{ObjId, ObjType, ROOT, ReadDoc as _};

use warroom_engine::Command;

use crate::world::{Peer, add, add_label, card, foreign, foreign_with, label};

/// The object at these keys of the root.
fn at(to: &Transaction<'_>, keys: &[&str]) -> ObjId {
    keys.iter().fold(ROOT, |obj, key| to.get(obj, *key).unwrap().unwrap().1)
}

/// A board of two cards, one with a label, after a foreign program has done each of these in turn.
fn check(writes: &[fn(&mut Transaction<'_>)]) -> Peer {
    let mut peer = Peer::new(1);
    let labelled = Command::AttachLabel { id: card("a"), label: label("l") };
    peer.act_all([add("a", "todo", "A"), add("b", "todo", "B"), add_label("l"), labelled]);
    for write in writes {
        foreign(&mut peer, write);
    }
    peer
}

#[test]
fn a_card_that_is_gone_or_no_card_any_more_is_not_shown() {
    let peer = check(&[|to| to.delete(at(to, &["cards"]), "a").unwrap()]);
    assert!(peer.board().card(&card("a")).is_none(), "deleted for good");
    let peer = check(&[|to| to.put(at(to, &["cards"]), "a", 7).unwrap()]);
    assert!(peer.board().card(&card("a")).is_none(), "a number");
    let peer = check(&[|to| to.delete(ROOT, "cards").unwrap()]);
    assert_eq!(peer.board().cards().count(), 0, "no cards at all");
}

#[test]
fn what_was_made_anew_is_followed() {
    let peer = check(&[
        |to| {
            let a = to.put_object(at(to, &["cards"]), "a", ObjType::Map).unwrap();
            to.put_object(a, "title", ObjType::Text).unwrap();
        },
        |to| to.splice_text(at(to, &["cards", "a", "title"]), 0, 0, "anew").unwrap(),
        |to| {
            let cards = to.put_object(ROOT, "cards", ObjType::Map).unwrap();
            let c = to.put_object(cards, "c", ObjType::Map).unwrap();
            to.put(c, "place", "todo/a1").unwrap();
        },
        |to| to.put(at(to, &["cards", "c"]), "place", "done/a1").unwrap(),
    ]);
    assert!(peer.board().card(&card("c")).is_some_and(|c| c.column.as_str() == "done"));
}

#[test]
fn what_lies_deep_in_a_card_is_found() {
    let peer = check(&[
        |to| to.delete(at(to, &["cards", "a", "labels"]), "l").unwrap(),
        |to| {
            let items = at(to, &["cards", "a", "checklist"]);
            let item = to.put_object(items, "i", ObjType::Map).unwrap();
            to.put(item, "text", "do").unwrap();
        },
        |to| to.put(at(to, &["cards", "a", "checklist", "i"]), "text", "done").unwrap(),
        |to| to.put(at(to, &["cards", "b", "created"]), "at", 5).unwrap(),
    ]);
    let [a, b] = ["a", "b"].map(|id| peer.board().card(&card(id)).unwrap());
    assert!(a.labels.is_empty() && a.checklist.iter().any(|item| item.text == "done"));
    assert_eq!(b.created.at, 5);
}

#[test]
fn what_lies_elsewhere_changes_nothing() {
    let before = check(&[]);
    let peer = check(&[
        |to| {
            let theirs = to.put_object(ROOT, "theirs", ObjType::Map).unwrap();
            to.put_object(theirs, "list", ObjType::List).unwrap();
        },
        |to| to.insert(at(to, &["theirs", "list"]), 0, "x").unwrap(),
        |to| to.put(at(to, &["theirs"]), "a", "x").unwrap(),
    ]);
    assert_eq!(peer.board(), before.board());
}

#[test]
fn a_change_that_says_it_is_about_another_card_is_read_all_the_same() {
    for message in [r#"{"k":"move","c":"b"}"#, r#"{"c":"nobody"}"#, r#""c":""#, "c"] {
        let mut peer = check(&[]);
        let options = CommitOptions::default().with_time(0).with_message(message);
        foreign_with(&mut peer, options, |to| {
            to.splice_text(at(to, &["cards", "a", "title"]), 1, 0, "lias").unwrap();
        });
        assert_eq!(peer.title_of("a"), "Alias", "{message}");
    }
}
