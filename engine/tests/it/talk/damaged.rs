//! What a foreign program wrote wrongly shows as a default, marks its comment, and hurts nothing else.

use automerge::transaction::Transactable;
use automerge::{ObjType, ROOT, ReadDoc, ScalarValue};

use super::world::{Peer, comment, foreign, meet, react, say, seen, vote};
use crate::world::{card, user};

/// The keys of a comment, each with a value that it can't have.
fn values() -> Vec<(&'static str, ScalarValue)> {
    vec![
        ("card", ScalarValue::Null),
        ("card", "not an id".into()),
        ("by", 7.into()),
        ("at", "yesterday".into()),
        ("at", (-1).into()),
        ("at", 8_640_000_000_000_001_i64.into()),
        ("text", ScalarValue::Null),
        ("text", ScalarValue::Bytes(vec![1])),
        ("edited", "now".into()),
        ("deleted", "yes".into()),
        ("reactions", true.into()),
    ]
}

#[test]
fn a_wrong_value_marks_its_comment_and_leaves_the_others() {
    for (key, value) in values() {
        let mut peer = Peer::new(1);
        peer.act(say("x", "X"));
        peer.act(say("y", "Y"));
        foreign(&mut peer, |to| {
            let (_, comments) = to.get(ROOT, "comments").unwrap().unwrap();
            let (_, x) = to.get(&comments, "x").unwrap().unwrap();
            to.put(x, key, value.clone()).unwrap();
        });
        let [x, y] = ["x", "y"].map(|id| peer.talk().comment(&comment(id)).unwrap());
        assert!(x.damaged && !y.damaged, "{key}: {value:?}");
        peer.act(react("y", "👍"));
        let again = Peer::open(2, "p2", peer.chunks.clone());
        assert_eq!(again.talk(), peer.talk(), "{key}: {value:?}");
    }
}

#[test]
fn keys_that_are_not_known_are_kept_and_nonsense_is_not_shown() {
    let mut peer = Peer::new(1);
    peer.act(say("x", "X"));
    peer.act(vote());
    foreign(&mut peer, |to| {
        to.put(ROOT, "later", "unknown").unwrap();
        let (_, comments) = to.get(ROOT, "comments").unwrap().unwrap();
        to.put(&comments, "not a comment", 1).unwrap();
        to.put(&comments, "number", 1).unwrap();
        let (_, x) = to.get(&comments, "x").unwrap().unwrap();
        to.put(&x, "later", "unknown").unwrap();
        let (_, votes) = to.get(ROOT, "votes").unwrap().unwrap();
        for key in ["", "/", "a", "a/", "/p1", "a/not an id", "a/b/c", "b/null"] {
            to.put(&votes, key, ()).unwrap();
        }
        to.put(&votes, "c/zoe", "any value").unwrap();
        let (_, seen) = to.get(ROOT, "seen").unwrap().unwrap();
        for (key, at) in [("", 1), ("zoe/", 1), ("/a", 1), ("zoe/a/b", 1), ("zoe", -1)] {
            to.put(&seen, key, at).unwrap();
        }
        to.put(&seen, "zoe/a", "not a moment").unwrap();
    });
    let x = peer.talk().comment(&comment("x")).unwrap();
    assert!(!x.damaged, "a later key is no damage");
    assert_eq!(peer.talk().all_comments().count(), 1);
    assert_eq!(peer.talk().votes(&card("a")), [user("p1")]);
    assert_eq!(peer.talk().votes(&card("b")), []);
    assert_eq!(peer.talk().votes(&card("c")), [user("zoe")]);
    assert_eq!(peer.talk().seen(&user("zoe"), None), None);
    assert_eq!(peer.talk().seen(&user("zoe"), Some(&card("a"))), None);
    peer.act(react("x", "👍"));
    let (_, comments) = peer.doc.doc().get(ROOT, "comments").unwrap().unwrap();
    let (_, x) = peer.doc.doc().get(&comments, "x").unwrap().unwrap();
    assert!(peer.doc.doc().get(x, "later").unwrap().is_some(), "it is kept");
}

#[test]
fn a_comment_whose_key_is_deleted_and_a_container_that_is_replaced_show_as_they_are() {
    let mut peer = Peer::new(1);
    peer.act(say("x", "X"));
    peer.act(say("y", "Y"));
    foreign(&mut peer, |to| {
        let (_, comments) = to.get(ROOT, "comments").unwrap().unwrap();
        to.delete(&comments, "x").unwrap();
    });
    assert_eq!(peer.texts(), ["Y"]);
    for key in ["comments", "votes", "seen"] {
        let (mut peer, mut other) = (Peer::new(1), Peer::new(2));
        other.act(say("x", "X"));
        meet(&mut peer, &mut other);
        foreign(&mut peer, |to| to.put(ROOT, key, "gone").unwrap());
        let refused = [say("z", ""), vote(), seen()].map(|command| peer.try_do(command).is_err());
        assert_eq!(refused, [key == "comments", key == "votes", false], "{key}");
        foreign_again(&mut peer, key);
    }
}

/// A map that was put anew is empty, and takes what is said from then on.
fn foreign_again(peer: &mut Peer, key: &str) {
    let written = peer.doc.doc().get_changes(&[]).len();
    peer.flush();
    assert_eq!(peer.doc.doc().get_changes(&[]).len(), written, "what can't be written is dropped");
    assert_eq!(peer.doc.next_timeout(), None, "{key}");
}

#[test]
fn a_map_in_place_of_a_map_is_read_anew() {
    let mut peer = Peer::new(1);
    peer.act(say("x", "X"));
    foreign(&mut peer, |to| drop(to.put_object(ROOT, "comments", ObjType::Map).unwrap()));
    assert_eq!(peer.texts(), Vec::<&str>::new());
    peer.act(say("y", "Y"));
    assert_eq!(peer.texts(), ["Y"]);
}
