//! Goal: nothing that automerge 0.12 itself writes is refused. Method: a document with every kind of operation, and
//! random documents of three writers who edit, mark, delete, merge and undo; every change of both is checked, plain
//! and deflated, and what the guard reads is compared with what automerge says.

use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{
    ActorId, AutoCommit, Change, ObjId, ObjType, ROOT, ReadDoc as _, ScalarValue, hydrate_list,
    hydrate_map, hydrate_text,
};
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use warroom_protocol::guard::{CheckedChange, ChunkKind, check_change, chunks};

pub(crate) fn actor(number: u8) -> ActorId {
    ActorId::from([number; 16])
}

#[expect(clippy::disallowed_methods, reason = "automerge by itself is what is tested")]
pub(crate) fn document(number: u8) -> AutoCommit {
    AutoCommit::new().with_actor(actor(number))
}

/// Every change that a document has, in an order in which it can be applied.
pub(crate) fn changes(document: &mut AutoCommit) -> Vec<Change> {
    document.get_changes(&[])
}

/// A document of two writers with every action, every scalar type and every shape of change that we know of.
pub(crate) fn rich() -> Vec<Change> {
    let mut one = document(1);
    scalars(&mut one);
    one.commit_with(CommitOptions::default().with_message("scalars").with_time(-5));
    let (text, list) = sequences(&mut one);
    one.commit_with(
        CommitOptions::default().with_message("sequences").with_time(1_764_000_000_000),
    );
    let mut two = one.fork().with_actor(actor(2));
    one.splice_text(&text, 3, 2, "between").unwrap();
    one.increment(ROOT, "counter", -7).unwrap();
    one.put(ROOT, "both", 1).unwrap();
    one.commit();
    two.splice_text(&text, 0, 0, "before ").unwrap();
    two.increment(ROOT, "counter", 1_000_000).unwrap();
    two.put(ROOT, "both", 2).unwrap();
    two.delete(&list, 0).unwrap();
    two.commit();
    two.empty_change(CommitOptions::default().with_message("nothing"));
    one.merge(&mut two).unwrap();
    one.put(ROOT, "both", 3).unwrap();
    one.commit();
    one.delete(ROOT, "text of bytes").unwrap();
    one.delete(&list, 1).unwrap();
    one.put(ROOT, "counter", "no counter any more").unwrap();
    one.commit();
    one.splice_text(&text, 0, 0, &"a longer text, typed at once. ".repeat(7)).unwrap();
    one.commit();
    marks(&mut one, &text);
    one.delete(ROOT, "list").unwrap();
    one.commit();
    changes(&mut one)
}

fn scalars(document: &mut AutoCommit) {
    let values: [(&str, ScalarValue); 15] = [
        ("", ScalarValue::Null),
        ("null", ScalarValue::Null),
        ("true", true.into()),
        ("false", false.into()),
        ("unsigned", ScalarValue::Uint(u64::MAX)),
        ("signed", ScalarValue::Int(i64::MIN)),
        ("float", 1.5_f64.into()),
        ("not a number", f64::NAN.into()),
        ("text", "ä🦀".into()),
        ("no text", "".into()),
        ("text of bytes", ScalarValue::Bytes(vec![0, 255, 7])),
        ("counter", ScalarValue::counter(-3)),
        ("time", ScalarValue::Timestamp(1_764_000_000_000)),
        ("ключ", 0.into()),
        ("again", 0.into()),
    ];
    for (key, value) in values {
        document.put(ROOT, key, value).unwrap();
    }
    document.put(ROOT, "long", "one and the same sentence. ".repeat(3)).unwrap();
    document.put(ROOT, "again", 1).unwrap();
    document.delete(ROOT, "again").unwrap();
}

fn sequences(document: &mut AutoCommit) -> (ObjId, ObjId) {
    let map = document.put_object(ROOT, "map", ObjType::Map).unwrap();
    document.put(&map, "inner", 1).unwrap();
    let deeper = document.put_object(&map, "deeper", ObjType::Map).unwrap();
    document.put(&deeper, "key", "value").unwrap();
    let list = document.put_object(ROOT, "list", ObjType::List).unwrap();
    for number in 0..5 {
        document.insert(&list, number, i64::try_from(number).unwrap()).unwrap();
    }
    document.insert(&list, 0, ScalarValue::counter(1)).unwrap();
    document.increment(&list, 0, 2).unwrap();
    document.put(&list, 2, "replaced").unwrap();
    let in_list = document.insert_object(&list, 3, ObjType::Map).unwrap();
    document.put(&in_list, "title", "card").unwrap();
    let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
    document.splice_text(&text, 0, 0, "Hello, wide 🦀 world").unwrap();
    document.splice_text(&text, 5, 1, "").unwrap();
    (text, list)
}

fn marks(document: &mut AutoCommit, text: &ObjId) {
    for (expand, name, value) in [
        (ExpandMark::Both, "bold", ScalarValue::from(true)),
        (ExpandMark::None, "link", "https://example.org".into()),
        (ExpandMark::After, "note", 3.into()),
        (ExpandMark::Before, "gone", ScalarValue::Null),
    ] {
        document.mark(text, Mark::new(name.into(), value, 1, 6), expand).unwrap();
        document.commit();
    }
    document.unmark(text, "bold", 2, 4, ExpandMark::None).unwrap();
    document.split_block(text, 4).unwrap();
    document.commit();
    document.mark(text, Mark::new("one char".into(), 1, 1, 2), ExpandMark::Both).unwrap();
    document.join_block(text, 4).unwrap();
    document.commit();
}

/// Checks one change of automerge's, in both forms, against what automerge says of it.
#[track_caller]
pub(crate) fn check_honest(change: &Change) -> CheckedChange {
    let plain = Bytes::copy_from_slice(change.raw_bytes());
    let checked = check_change(&plain).unwrap_or_else(|error| {
        panic!("refused: {error}\n{:#?}", change.decode());
    });
    assert_eq!(checked.hash.0, change.hash().0);
    assert!(checked.deps.iter().map(|dep| dep.0).eq(change.deps().iter().map(|dep| dep.0)));
    assert_eq!(&checked.actor.0[..], change.actor_id().to_bytes());
    assert_eq!(checked.seq, change.seq());
    assert_eq!(checked.start_op, change.start_op().get());
    assert_eq!(checked.ops, change.len() as u64);
    assert_eq!(checked.max_op(), change.max_op());
    assert_eq!(checked.time_s, change.timestamp());
    assert!(
        checked
            .others
            .iter()
            .map(|(actor, _)| &actor.0[..])
            .eq(change.other_actor_ids().iter().map(ActorId::to_bytes))
    );
    assert_eq!(checked.chunk, plain);
    let deflated = Bytes::from(change.clone().bytes().into_owned());
    assert_eq!(check_change(&deflated), Ok(checked.clone()));
    checked
}

#[test]
fn every_kind_of_operation_passes() {
    let changes = rich();
    assert!(changes.len() >= 14, "only {} changes", changes.len());
    let deflated = changes.iter().filter(|change| change.raw_bytes().len() > 256).count();
    assert!(deflated >= 2, "only {deflated} changes were deflated");
    for change in &changes {
        check_honest(change);
    }
}

#[test]
#[expect(clippy::disallowed_types, reason = "automerge's macro for maps builds a hash map")]
fn what_is_written_at_once_and_from_the_past_passes() {
    let mut one = document(1);
    let board = hydrate_map! {
        "columns" => hydrate_list! { "todo", 3, hydrate_map! { "deep" => hydrate_list! { 1.5, ScalarValue::Boolean(true) } } },
        "title" => hydrate_text! { "a title ä🦀" },
        "empty" => hydrate_map! {},
        "nothing" => hydrate_list! {},
    };
    one.init_root_from_hydrate(&board).unwrap();
    one.commit();
    let heads = one.get_heads();
    one.batch_create_object(ROOT, "again", &board.clone().into(), false).unwrap();
    let (_, columns) = one.get(ROOT, "columns").unwrap().unwrap();
    one.splice(&columns, 1, 1, [ScalarValue::from(1), "two".into(), ScalarValue::Null]).unwrap();
    one.batch_create_object(&columns, 1, &board.clone().into(), true).unwrap();
    one.commit();
    one.update_object(&ROOT, &hydrate_map! { "title" => "no text", "new" => 1 }.into()).unwrap();
    one.commit();
    one.isolate(&heads);
    let (_, title) = one.get(ROOT, "title").unwrap().unwrap();
    one.update_text(&title, "another title, from the past").unwrap();
    one.put(&columns, 0, "replaced").unwrap();
    one.commit();
    one.integrate();
    one.put(ROOT, "now", 1).unwrap();
    one.commit();
    let changes = changes(&mut one);
    assert!(changes.len() >= 5, "only {} changes", changes.len());
    for change in &changes {
        check_honest(change);
    }
}

#[test]
fn the_author_of_an_actor_passes_in_its_first_change() {
    let mut one = document(1);
    one.set_author(Some(automerge::Author::from(&b"alice@example.org"[..])));
    for number in 0..3 {
        one.put(ROOT, "key", number).unwrap();
        one.commit();
    }
    let changes = changes(&mut one);
    assert!(changes[0].author().is_some(), "automerge wrote no author");
    for change in &changes {
        check_honest(change);
    }
}

#[test]
fn large_pastes_pass_up_to_the_limit() {
    for (characters, passes) in [(249_999, true), (250_000, false)] {
        let mut one = document(1);
        let text = one.put_object(ROOT, "text", ObjType::Text).unwrap();
        let pasted: String = ('a'..='z').cycle().take(characters).collect();
        one.splice_text(&text, 0, 0, &pasted).unwrap();
        one.commit();
        let change = changes(&mut one).remove(0);
        let checked = check_change(&Bytes::copy_from_slice(change.raw_bytes()));
        assert_eq!(checked.is_ok(), passes, "{} operations", change.len());
    }
}

#[test]
fn stored_chunks_are_cut_where_they_were_joined() {
    let mut one = document(1);
    one.put(ROOT, "long", "word ".repeat(200)).unwrap();
    one.commit();
    let mut joined = one.save();
    one.put(ROOT, "longer", "word ".repeat(300)).unwrap();
    one.commit();
    one.put(ROOT, "short", 1).unwrap();
    one.commit();
    for change in &mut changes(&mut one)[1..] {
        joined.extend_from_slice(&change.bytes());
    }
    let joined = Bytes::from(joined);
    let cut: Vec<_> = chunks(&joined).map(Result::unwrap).collect();
    let kinds: Vec<_> = cut.iter().map(|chunk| chunk.kind).collect();
    assert_eq!(kinds, [ChunkKind::Document, ChunkKind::DeflatedChange, ChunkKind::Change]);
    assert!(cut.iter().all(warroom_protocol::guard::Chunk::is_intact));
    assert_eq!(cut.iter().map(|chunk| &chunk.bytes[..]).collect::<Vec<_>>().concat(), joined);
    for chunk in &cut[1..] {
        assert!(check_change(&chunk.bytes).is_ok());
    }
    assert!(check_change(&cut[0].bytes).is_err(), "a document passed as a change");
    let torn = joined.slice(..joined.len() - 1);
    let found: Vec<_> = chunks(&torn).map(|chunk| chunk.is_ok()).collect();
    assert_eq!(found, [true, true, false]);
    let mut flipped = cut[0].bytes.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(!chunks(&flipped.into()).next().unwrap().unwrap().is_intact());
}

#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Put(u8, i64),
    Text(usize, isize, String),
    Insert(usize, i64),
    Remove(usize),
    Increment(i64),
    DeleteKey(u8),
    Nest(u8),
    Mark(usize, usize, u8),
    Commit,
    Merge(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0..5_u8, any::<i64>()).prop_map(|(key, value)| Edit::Put(key, value)),
        (0..40_usize, 0..5_isize, "[a-c ä🦀]{0,6}").prop_map(|(at, del, s)| Edit::Text(at, del, s)),
        (0..20_usize, 0..3_i64).prop_map(|(at, value)| Edit::Insert(at, value)),
        (0..20_usize).prop_map(Edit::Remove),
        (-5..5_i64).prop_map(Edit::Increment),
        (0..5_u8).prop_map(Edit::DeleteKey),
        (0..5_u8).prop_map(Edit::Nest),
        (0..20_usize, 1..9_usize, 0..4_u8)
            .prop_map(|(from, len, kind)| Edit::Mark(from, len, kind)),
        Just(Edit::Commit),
        Just(Edit::Commit),
        (0..3_usize).prop_map(Edit::Merge),
    ]
}

fn apply(document: &mut AutoCommit, edit: &Edit) {
    let (_, text) = document.get(ROOT, "text").unwrap().unwrap();
    let (_, list) = document.get(ROOT, "list").unwrap().unwrap();
    let text_length = document.length(&text);
    let list_length = document.length(&list);
    match edit {
        Edit::Put(key, value) => document.put(ROOT, key.to_string(), *value).unwrap(),
        Edit::Text(at, delete, insert) => {
            let at = at % (text_length + 1);
            let delete = delete.unsigned_abs().min(text_length - at);
            document.splice_text(&text, at, delete.cast_signed(), insert).unwrap();
        }
        Edit::Insert(at, value) => {
            document.insert(&list, at % (list_length + 1), *value).unwrap();
        }
        Edit::Remove(at) if list_length > 0 => document.delete(&list, at % list_length).unwrap(),
        Edit::Increment(by) => document.increment(ROOT, "counter", *by).unwrap(),
        Edit::DeleteKey(key) => document.delete(ROOT, key.to_string()).unwrap_or_default(),
        Edit::Nest(key) => {
            let inner = document.put_object(ROOT, key.to_string(), ObjType::Map).unwrap();
            document.put(&inner, "inner", i64::from(*key)).unwrap();
        }
        Edit::Mark(from, length, kind) if text_length > 0 => {
            let from = from % text_length;
            let to = (from + length).min(text_length);
            let expand =
                [ExpandMark::None, ExpandMark::After, ExpandMark::Before, ExpandMark::Both]
                    [usize::from(*kind)];
            let mark = Mark::new(format!("mark {kind}"), i64::from(*kind), from, to);
            document.mark(&text, mark, expand).unwrap();
        }
        Edit::Commit => {
            document.commit();
        }
        Edit::Remove(_) | Edit::Mark(..) | Edit::Merge(_) => {}
    }
}

/// All changes of three writers after a random history.
pub(crate) fn history(edits: &[(usize, Edit)]) -> Vec<Change> {
    let mut first = document(10);
    first.put_object(ROOT, "text", ObjType::Text).unwrap();
    first.put_object(ROOT, "list", ObjType::List).unwrap();
    first.put(ROOT, "counter", ScalarValue::counter(0)).unwrap();
    first.commit();
    let second = first.fork().with_actor(actor(5));
    let third = first.fork().with_actor(actor(20));
    let mut documents = [first, second, third];
    for (who, edit) in edits {
        if let Edit::Merge(from) = edit {
            // A copy with work in it would commit the same seq twice.
            documents[*from].commit();
            let mut other = documents[*from].clone();
            documents[*who].merge(&mut other).unwrap();
        } else {
            apply(&mut documents[*who], edit);
        }
    }
    let [mut first, mut second, mut third] = documents;
    first.merge(&mut second).unwrap();
    first.merge(&mut third).unwrap();
    changes(&mut first)
}

proptest! {
    #[test]
    fn random_histories_pass(edits in vec((0..3_usize, edit()), 0..120)) {
        for change in history(&edits) {
            check_honest(&change);
        }
    }
}
