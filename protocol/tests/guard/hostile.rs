//! Goal: findings F2 to F7 of `docs/SECURITY.md` stay shut, each limit holds at its limit. Method: forged changes with
//! fitting checksums, made from honest ones by one wrong part each.

use automerge::transaction::Transactable as _;
use automerge::{AutoCommit, Change, ObjType, ROOT, ReadDoc as _, ScalarValue};
use bytes::Bytes;
use warroom_protocol::guard::{MessageBudget, check_change};
use warroom_protocol::limits::{
    CHANGE_BYTES_MAX, CHANGE_DEPS_MAX, CHANGE_DEPTH_MAX, CHANGE_MESSAGE_BYTES_MAX, CHANGE_OPS_MAX,
    CHANGE_TIME_MAX, INFLATE_BYTES_FREE, KEY_BYTES_MAX, MESSAGE_OPS_MAX, OP_COUNTER_MAX,
};
use warroom_protocol::sync_message::SyncMessage;
use warroom_protocol::{ChangeHash, GuardError};

use crate::forge::{Parts, chunk, deflated, leb, uleb};
use crate::honest::{changes, document};

/// Two changes: three keys of the root, then one of them overwritten.
fn plain() -> Vec<Change> {
    let mut one = document(1);
    for key in ["one", "three", "two"] {
        one.put(ROOT, key, "value").unwrap();
    }
    one.commit();
    one.put(ROOT, "two", "other").unwrap();
    one.commit();
    changes(&mut one)
}

#[track_caller]
fn check_refused(name: &str, chunk: &Bytes) -> GuardError {
    match check_change(chunk) {
        Ok(_) => panic!("accepted: {name}"),
        Err(error) => error,
    }
}

/// F2: one message stopped every document of a server. Here a refused message leaves nothing behind.
#[test]
fn f2_a_hostile_message_does_not_change_how_the_next_is_read() {
    let hostile = Bytes::from_static(&[0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0]);
    let honest = SyncMessage { heads: vec![ChangeHash([7; 32])], ..SyncMessage::default() };
    let encoded = honest.encode();
    for _ in 0..100 {
        assert!(SyncMessage::decode(&hostile).is_err());
        assert_eq!(SyncMessage::decode(&encoded).as_ref(), Ok(&honest));
    }
}

/// F3: changes that automerge takes and then panics over, or saves and never loads again.
#[test]
fn f3_changes_that_automerge_would_write_differently_are_refused() {
    let first = Parts::of(&plain()[0]);
    let second = Parts::of(&plain()[1]);
    assert_eq!(check_change(&first.chunk()).map(|change| change.ops), Ok(3));
    let with = |specification, column: &[u8]| {
        first.clone().with_column(specification, Some(column)).chunk()
    };
    let footer = b"\x01\x05alice";
    let cases = [
        ("an author after the first change", Parts { extra: footer.to_vec(), ..second.clone() }),
        ("an unknown footer", Parts { extra: b"\x02\x05alice".to_vec(), ..first.clone() }),
        ("an author and more", Parts { extra: b"\x01\x05alice!".to_vec(), ..first.clone() }),
        ("half an author", Parts { extra: b"\x01\x05alic".to_vec(), ..first.clone() }),
        ("an actor that no operation names", Parts { others: vec![vec![9; 16]], ..first.clone() }),
        (
            "the author among the others",
            Parts { others: vec![first.actor.clone()], ..first.clone() },
        ),
        ("deps that repeat", Parts { deps: vec![[7; 32]; 2], ..second.clone() }),
        ("deps that are not sorted", Parts { deps: vec![[8; 32], [7; 32]], ..second.clone() }),
        ("seq 0", Parts { seq: 0, ..first.clone() }),
        ("an unknown column", first.clone().with_column(0xb2, Some(&[3, 1]))),
        ("a deflated column", first.clone().with_column(0x42 | 8, Some(&[3, 1]))),
        ("an empty column", first.clone().with_column(0x94, Some(&[]))),
        ("an expand column of nothing", first.clone().with_column(0x94, Some(&[3]))),
        ("a mark name without a mark", first.clone().with_column(0xa5, Some(&[3, 1, b'a']))),
        ("a column of nulls", first.clone().with_column(0x11, Some(&[0, 3]))),
    ];
    for (name, parts) in cases {
        check_refused(name, &parts.chunk());
    }
    assert!(check_change(&Parts { extra: footer.to_vec(), ..first.clone() }.chunk()).is_ok());
    let columns: [(&str, u64, &[u8]); 12] = [
        ("actions as a literal of equals", 0x42, &[0x7d, 1, 1, 1]),
        ("actions as a run of one", 0x42, &[2, 1, 1, 1]),
        ("actions as two runs of one value", 0x42, &[2, 1, 2, 1]),
        ("an unknown action", 0x42, &[3, 8]),
        ("a run of no actions", 0x42, &[3, 1, 0, 0]),
        ("an overlong action", 0x42, &[3, 0x81, 0]),
        ("deletions of nothing", 0x42, &[3, 3]),
        ("inserts into a map", 0x34, &[0, 3]),
        ("more insert flags than operations", 0x34, &[4]),
        ("fewer insert flags than operations", 0x34, &[2]),
        ("predecessors that are not there", 0x70, &[3, 1]),
        ("keys cut short", 0x15, &[0x7d, 3, b'o', b'n', b'e']),
    ];
    for (name, specification, column) in columns {
        check_refused(name, &with(specification, column));
    }
}

/// F4: automerge panics at the next edit after a change whose counters end at 2^32.
#[test]
fn f4_counters_end_at_two_to_the_31() {
    let honest = Parts::of(&plain()[0]);
    for (start_op, accepted) in [
        (1, true),
        (OP_COUNTER_MAX - 3, true),
        (OP_COUNTER_MAX - 2, false),
        (u64::from(u32::MAX), false),
        (1 << 32, false),
        (u64::MAX, false),
        (0, false),
    ] {
        let change = check_change(&Parts { start_op, ..honest.clone() }.chunk());
        assert_eq!(change.is_ok(), accepted, "start_op {start_op}");
    }
}

fn nested(depth: usize, as_list: bool) -> Change {
    let mut one = document(1);
    let mut object = one.put_object(ROOT, "0", ObjType::List).unwrap();
    for _ in 1..depth {
        let kind = if as_list { ObjType::List } else { ObjType::Map };
        object = match one.object_type(&object).unwrap() {
            ObjType::List => one.insert_object(&object, 0, kind).unwrap(),
            ObjType::Map | ObjType::Table | ObjType::Text => {
                one.put_object(&object, "0", kind).unwrap()
            }
        };
    }
    one.commit();
    changes(&mut one).remove(0)
}

/// F5: a thousand bytes nest a map five hundred deep, and readers overflow their stack. One change may nest 16 deep;
/// what many changes nest together only a history can see (`docs/SECURITY.md`).
#[test]
fn f5_one_change_nests_objects_sixteen_deep() {
    let max = usize::from(CHANGE_DEPTH_MAX);
    for as_list in [false, true] {
        for (depth, accepted) in [(1, true), (max, true), (max + 1, false), (500, false)] {
            let change = nested(depth, as_list);
            let checked = check_change(&Bytes::copy_from_slice(change.raw_bytes()));
            assert_eq!(checked.is_ok(), accepted, "{depth} deep");
        }
    }
}

/// F6: a kilobyte becomes a million operations, a megabyte of deflate becomes gigabytes.
#[test]
fn f6_runs_are_counted_without_being_expanded() {
    let mut one = document(1);
    let text = one.put_object(ROOT, "text", ObjType::Text).unwrap();
    one.splice_text(&text, 0, 0, &"a".repeat(255_000)).unwrap();
    one.commit();
    let paste = changes(&mut one).remove(0);
    let long = Bytes::from(paste.clone().bytes().into_owned());
    assert!(long.len() < 3_000, "{} bytes", long.len());
    let refused = check_refused("255,000 operations", &long);
    assert_eq!(
        refused,
        GuardError::TooMany { what: "operations of a change", count: 255_001, max: CHANGE_OPS_MAX }
    );

    let honest = Parts::of(&plain()[0]);
    for count in [250_001, 1 << 40, i64::MAX] {
        let mut run = Vec::new();
        leb(&mut run, count);
        run.push(1);
        let bomb = honest.clone().with_column(0x42, Some(&run)).chunk();
        let refused = check_change(&bomb);
        assert!(matches!(refused, Err(GuardError::TooMany { .. })), "{count}: {refused:?}");
        let mut nulls = vec![0];
        uleb(&mut nulls, count.unsigned_abs());
        for column in [0x01, 0x11, 0x15, 0x42, 0x56, 0x70] {
            check_refused("nulls", &honest.clone().with_column(column, Some(&nulls)).chunk());
            check_refused("a run", &honest.clone().with_column(column, Some(&run)).chunk());
        }
        let mut literal = Vec::new();
        leb(&mut literal, -count);
        literal.extend([1, 2, 1]);
        check_refused("a literal", &honest.clone().with_column(0x42, Some(&literal)).chunk());
    }
}

/// F6: a frame full of changes that each announce as much as one may.
#[test]
fn f6_the_changes_of_one_message_share_a_budget_of_operations() {
    let mut one = document(1);
    let list = one.put_object(ROOT, "list", ObjType::List).unwrap();
    one.splice(&list, 0, 0, vec![ScalarValue::Null; 249_999]).unwrap();
    one.commit();
    let change = Bytes::copy_from_slice(changes(&mut one)[0].raw_bytes());
    assert!(change.len() < 200, "{} bytes", change.len());
    let mut budget = MessageBudget::default();
    // what is known costs nothing
    assert!((0..1_000).all(|_| budget.check_change(&change, |_| true) == Ok(None)));
    assert_eq!(budget.ops_spent(), 0);
    let taken = (0..1_000).take_while(|_| budget.check_change(&change, |_| false).is_ok()).count();
    assert_eq!(taken as u64, MESSAGE_OPS_MAX / CHANGE_OPS_MAX);
    assert_eq!(budget.ops_spent(), MESSAGE_OPS_MAX);
    assert!(budget.check_change(&Parts::of(&plain()[0]).chunk(), |_| false).is_err());
    let empty = Parts { columns: Vec::new(), ..Parts::of(&plain()[0]) };
    assert!(budget.check_change(&empty.chunk(), |_| false).is_ok());
}

/// F6: inflating stops at 8 MiB, and at 200 times the deflated size beyond the first 256 KiB.
#[test]
fn f6_inflating_is_bounded_by_size_and_by_ratio() {
    let honest = Parts::of(&plain()[0]);
    let with_message =
        |bytes: usize| deflated(&Parts { message: vec![b' '; bytes], ..honest.clone() }.content());
    let refused = check_refused("a bomb", &with_message(64 * 1024 * 1024));
    assert!(matches!(refused, GuardError::TooMany { what: "bytes of an inflated change", .. }));
    let refused = check_refused("a small bomb", &with_message(INFLATE_BYTES_FREE));
    assert!(matches!(refused, GuardError::TooMany { what: "bytes of an inflated change", .. }));
    let refused =
        check_refused("within the bounds, but no message", &with_message(INFLATE_BYTES_FREE / 2));
    assert!(matches!(refused, GuardError::TooMany { what: "bytes of a change's message", .. }));
    let refused =
        check_refused("too long and not deflated", &chunk(&vec![0; CHANGE_BYTES_MAX + 1]));
    assert!(matches!(refused, GuardError::TooMany { what: "bytes of an inflated change", .. }));

    let honest = deflated(&honest.content());
    assert!(check_change(&honest).is_ok());
    let mut longer = honest.to_vec();
    longer.push(0);
    check_refused("garbage after the chunk", &longer.into());
    let mut announced = honest.to_vec();
    announced[9] += 1;
    announced.push(0);
    check_refused("garbage after the deflated content", &announced.into());
    let mut torn = honest.to_vec();
    torn[9] -= 1;
    torn.pop();
    check_refused("deflated content without an end", &torn.into());
}

/// F7: whoever writes may use another's actor. The guard can't see it in one change, but gives what is needed to.
#[test]
fn f7_two_changes_of_one_actor_and_seq_are_told_apart_by_their_hash() {
    let honest = Parts::of(&plain()[0]);
    let squatted = Parts { time: honest.time + 1, ..honest.clone() };
    let one = check_change(&honest.chunk()).unwrap();
    let other = check_change(&squatted.chunk()).unwrap();
    assert_eq!((&one.actor, one.seq), (&other.actor, other.seq));
    assert_ne!(one.hash, other.hash);
}

#[test]
fn fields_of_the_header_are_limited_at_their_limit() {
    let first = Parts::of(&plain()[0]);
    let second = Parts::of(&plain()[1]);
    let deps = |count: usize| {
        let mut deps = vec![[0; 32]; count];
        for (dep, number) in deps.iter_mut().zip(0_u32..) {
            dep[..4].copy_from_slice(&number.to_be_bytes());
        }
        Parts { deps, ..second.clone() }
    };
    let message = |bytes| Parts { message: vec![b'a'; bytes], ..first.clone() };
    let actor = |bytes| Parts { actor: vec![7; bytes], ..first.clone() };
    let key = |bytes: usize| {
        let mut column = vec![0x7d];
        for key in [vec![b'a'; bytes], b"three".to_vec(), b"two".to_vec()] {
            uleb(&mut column, key.len() as u64);
            column.extend(key);
        }
        first.clone().with_column(0x15, Some(&column))
    };
    let time = |time| Parts { time, ..first.clone() };
    let cases = [
        ("deps", deps(CHANGE_DEPS_MAX), true),
        ("deps", deps(CHANGE_DEPS_MAX + 1), false),
        ("message", message(CHANGE_MESSAGE_BYTES_MAX), true),
        ("message", message(CHANGE_MESSAGE_BYTES_MAX + 1), false),
        ("message", Parts { message: vec![0xff], ..first.clone() }, false),
        ("actor", actor(15), false),
        ("actor", actor(16), true),
        ("actor", actor(32), true),
        ("actor", actor(33), false),
        ("key", key(0), true),
        ("key", key(1), true),
        ("key", key(KEY_BYTES_MAX), true),
        ("key", key(KEY_BYTES_MAX + 1), false),
        ("time", time(CHANGE_TIME_MAX), true),
        ("time", time(CHANGE_TIME_MAX + 1), false),
        ("time", time(-CHANGE_TIME_MAX), true),
        ("time", time(i64::MIN), false),
        ("seq", Parts { seq: (1 << 31) - 1, extra: Vec::new(), ..first.clone() }, true),
        ("seq", Parts { seq: 1 << 31, ..first.clone() }, false),
    ];
    for (name, parts, accepted) in cases {
        assert_eq!(check_change(&parts.chunk()).is_ok(), accepted, "{name}: {parts:?}");
    }
}

#[test]
fn chunks_that_are_no_change_are_refused() {
    let honest = Parts::of(&plain()[0]).chunk();
    let mut wrong_magic = honest.to_vec();
    wrong_magic[0] ^= 1;
    let mut wrong_checksum = honest.to_vec();
    wrong_checksum[4] ^= 1;
    let mut bundle = honest.to_vec();
    bundle[8] = 3;
    let mut unknown = honest.to_vec();
    unknown[8] = 4;
    let two = [&honest[..], &honest[..]].concat();
    let mut whole: AutoCommit = document(1);
    whole.put(ROOT, "key", 1).unwrap();
    for (name, bytes) in [
        ("magic", wrong_magic),
        ("checksum", wrong_checksum),
        ("bundle", bundle),
        ("type", unknown),
        ("two chunks", two),
        ("document", whole.save()),
        ("nothing", Vec::new()),
    ] {
        check_refused(name, &bytes.into());
    }
}
