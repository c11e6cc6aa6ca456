//! What a foreign program wrote wrongly shows as a default, marks its card or column, and hurts nothing else.

use automerge::transaction::Transactable;
use automerge::{ObjType, ROOT, ReadDoc, ScalarValue};
use warroom_engine::Stamp;

use crate::world::{Peer, add, card, column, foreign, title};

/// The keys of a card, each with a value that it can't have.
fn card_values() -> Vec<(&'static str, ScalarValue)> {
    vec![
        ("place", ScalarValue::Null),
        ("place", "nowhere".into()),
        ("place", 7.into()),
        ("title", "a string".into()),
        ("title", ScalarValue::Null),
        ("body", true.into()),
        ("created", ScalarValue::Null),
        ("created", "yesterday".into()),
        ("archived", 1.5.into()),
        ("deleted", ScalarValue::Bytes(vec![1])),
    ]
}

#[test]
fn a_wrong_value_marks_its_card_and_leaves_the_others() {
    for (key, value) in card_values() {
        let mut peer = Peer::new(1);
        peer.act_all([add("a", "todo", "A"), add("b", "todo", "B")]);
        foreign(&mut peer, |to| {
            let (_, cards) = to.get(ROOT, "cards").unwrap().unwrap();
            let (_, a) = to.get(&cards, "a").unwrap().unwrap();
            to.put(a, key, value.clone()).unwrap();
        });
        let [a, b] = ["a", "b"].map(|id| peer.board().card(&card(id)).unwrap());
        assert!(a.damaged && !b.damaged, "{key}: {value:?}");
        peer.act(title("b", "still works"));
        let again = Peer::of_chunks(2, peer.stored());
        assert_eq!(again.board(), peer.board(), "{key}: {value:?}");
    }
}

#[test]
fn a_moment_that_no_calendar_has_is_none() {
    for moment in [-1, 8_640_000_000_000_001, i64::MAX] {
        let mut peer = Peer::new(1);
        peer.act(add("a", "todo", "A"));
        foreign(&mut peer, |to| {
            let (_, cards) = to.get(ROOT, "cards").unwrap().unwrap();
            let (_, a) = to.get(&cards, "a").unwrap().unwrap();
            let stamp = to.put_object(a, "created", ObjType::Map).unwrap();
            to.put(&stamp, "at", moment).unwrap();
            to.put(&stamp, "by", "zoe").unwrap();
        });
        let a = peer.board().card(&card("a")).unwrap();
        let by = warroom_engine::UserId::new("zoe").unwrap();
        assert_eq!((a.damaged, &a.created), (true, &Stamp { at: 0, by }), "{moment}");
    }
}

#[test]
fn a_wrong_value_marks_its_column() {
    for key in ["title", "order", "deleted"] {
        let mut peer = Peer::new(1);
        foreign(&mut peer, |to| {
            let (_, columns) = to.get(ROOT, "columns").unwrap().unwrap();
            let (_, todo) = to.get(&columns, "todo").unwrap().unwrap();
            to.put(todo, key, 7).unwrap();
        });
        assert!(peer.board().column(&column("todo")).unwrap().damaged, "{key}");
        assert!(!peer.board().column(&column("done")).unwrap().damaged, "{key}");
    }
}
