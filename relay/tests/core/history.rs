//! The graph of changes answers as plain set logic over the same graph would, and takes nothing that would break
//! automerge or wedge its sync.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ROOT, transaction::Transactable};
use bytes::Bytes;
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{ChangeHash, Dice, Seed};
use warroom_relay::core::close::ChangeRefusal;
use warroom_relay::core::history::{History, LoadError, Outcome, Place};

use crate::support::{self, chunks, heads, put, replica};

fn checked(replica: &Automerge) -> Vec<CheckedChange> {
    support::checked(&chunks(replica))
}

fn take_all(history: &mut History, replica: &Automerge) {
    for change in checked(replica) {
        assert!(!matches!(history.take(change).unwrap(), Outcome::Missing(_)));
    }
}

/// Several writers that merge now and then.
fn tangle(seed: u8, writers: u32, steps: u64) -> Automerge {
    let mut dice = Dice::new(Seed([seed; 32]));
    let mut replicas: Vec<_> = (1..=writers).map(replica).collect();
    let pick = |dice: &mut Dice| usize::try_from(dice.below(writers.into())).unwrap();
    for step in 0..steps {
        let at = pick(&mut dice);
        if dice.below(4) == 0 {
            let mut other = replicas[pick(&mut dice)].clone();
            replicas[at].merge(&mut other).unwrap();
        } else {
            put(&mut replicas[at], &format!("k{}", dice.below(9)), i64::try_from(step).unwrap());
        }
    }
    let mut whole = replicas.remove(0);
    for mut other in replicas {
        whole.merge(&mut other).unwrap();
    }
    whole
}

/// Every change with all that it depends on, itself included.
fn closures(replica: &Automerge) -> BTreeMap<ChangeHash, BTreeSet<ChangeHash>> {
    let mut closures = BTreeMap::<_, BTreeSet<ChangeHash>>::new();
    for change in checked(replica) {
        let mut all: BTreeSet<_> =
            change.deps.iter().flat_map(|dep| &closures[dep]).copied().collect();
        all.insert(change.hash);
        closures.insert(change.hash, all);
    }
    closures
}

#[test]
fn questions_about_ancestry_are_answered_as_by_sets() {
    for seed in 0..30 {
        let whole = tangle(seed, 4, 60);
        let mut history = History::default();
        take_all(&mut history, &whole);
        let closures = closures(&whole);
        let hashes: Vec<_> = closures.keys().copied().collect();
        assert_eq!(history.len(), hashes.len());
        assert_eq!(history.head_hashes(), heads(&whole));
        let mut dice = Dice::new(Seed([seed ^ 0x5a; 32]));
        for size in 0..6 {
            let end = u64::try_from(hashes.len()).unwrap();
            let known: Vec<_> =
                (0..size).map(|_| hashes[usize::try_from(dice.below(end)).unwrap()]).collect();
            check_ancestry(&history, &closures, &known);
        }
    }
}

fn check_ancestry(
    history: &History,
    closures: &BTreeMap<ChangeHash, BTreeSet<ChangeHash>>,
    known: &[ChangeHash],
) {
    let places: Vec<Place> = known.iter().map(|hash| history.place_of(hash).unwrap()).collect();
    let covered: BTreeSet<ChangeHash> =
        known.iter().flat_map(|hash| &closures[hash]).copied().collect();
    let after = history.after(&places);
    assert!(after.is_sorted(), "each comes after what it depends on");
    let got: BTreeSet<_> = after.iter().map(|&place| history.hash(place)).collect();
    let expected: BTreeSet<_> =
        closures.keys().filter(|hash| !covered.contains(hash)).copied().collect();
    assert_eq!(got, expected);
    let maximal: BTreeSet<_> =
        history.maximal(&places).iter().map(|&place| history.hash(place)).collect();
    let is_below = |hash: &ChangeHash| {
        known.iter().any(|other| other != hash && closures[other].contains(hash))
    };
    let expected: BTreeSet<_> = known.iter().filter(|hash| !is_below(hash)).copied().collect();
    assert_eq!(maximal, expected);
}

#[test]
fn stored_chunks_load_in_any_order() {
    let whole = tangle(1, 3, 40);
    let mut reversed = checked(&whole);
    reversed.reverse();
    let history = History::load(reversed).unwrap();
    assert_eq!(history.head_hashes(), heads(&whole));
}

#[test]
fn an_incomplete_or_contradictory_store_is_not_served() {
    let stored = checked(&tangle(1, 1, 10));
    assert!(matches!(History::load(stored[1..].to_vec()), Err(LoadError::Missing { .. })));
    let other = checked(&tangle(2, 1, 10));
    let both = vec![stored[0].clone(), other[0].clone()];
    let actor = other[0].actor.clone();
    let twice = LoadError::Change(ChangeRefusal::Equivocation { actor, seq: 1 });
    assert_eq!(History::load(both).unwrap_err(), twice);
}

#[test]
fn f7_a_number_is_given_once_and_none_is_left_out() {
    let (mut one, mut two) = (replica(1), replica(1));
    put(&mut one, "a", 1);
    put(&mut two, "a", 2);
    let mut history = History::default();
    take_all(&mut history, &one);
    let forked = checked(&two).remove(0);
    let actor = forked.actor.clone();
    assert_eq!(history.take(forked), Err(ChangeRefusal::Equivocation { actor, seq: 1 }));
    // The same actor restarts and forgets its last change: the next one has a number that follows none.
    let mut gap = checked(&{
        put(&mut one, "b", 1);
        put(&mut one, "c", 1);
        one.clone()
    });
    let mut last = gap.remove(2);
    last.deps = checked(&one)[0].deps.clone();
    assert_eq!(history.take(last), Err(ChangeRefusal::Gap { seq: 3, last: 1 }));
    assert_eq!(history.len(), 1, "nothing was taken in");
}

#[test]
fn f4_a_counter_from_far_away_is_refused() {
    let mut writer = replica(1);
    put(&mut writer, "a", 1);
    let chunk = chunks(&writer).remove(0);
    let mut expanded = automerge::Change::from_bytes(chunk.to_vec()).unwrap().decode();
    expanded.start_op = std::num::NonZeroU64::new(1_000_002).unwrap();
    let leap = automerge::Change::from(expanded);
    let change = check_change(&Bytes::copy_from_slice(leap.raw_bytes())).unwrap();
    let refusal = History::default().take(change);
    assert_eq!(refusal, Err(ChangeRefusal::Counter { start_op: 1_000_002, max_op: 0 }));
}

#[test]
fn f3_a_change_that_automerge_would_not_write_is_refused() {
    let mut writer = replica(1);
    put(&mut writer, "a", 1);
    let mut change = checked(&writer).remove(0);
    change.hash = ChangeHash([1; 32]);
    assert_eq!(History::default().take(change), Err(ChangeRefusal::NotCanonical));
}

#[test]
fn a_change_names_only_operations_that_it_depends_on() {
    let mut first = replica(1);
    let mut transaction = first.transaction();
    let list = transaction.put_object(ROOT, "list", automerge::ObjType::List).unwrap();
    transaction.commit();
    let mut second = first.fork().with_actor(replica(2).get_actor().clone());
    let mut transaction = second.transaction();
    transaction.insert(&list, 0, 1).unwrap();
    transaction.commit();
    let mut change = checked(&second).remove(1);
    let mut history = History::default();
    take_all(&mut history, &first);
    change.others = vec![(warroom_protocol::guard::ActorBytes(Bytes::from(vec![9; 16])), 1)];
    assert_eq!(history.take(change), Err(ChangeRefusal::Stranger));
    take_all(&mut history, &second);
}

#[test]
fn a_change_waits_for_what_it_depends_on() {
    let mut writer = replica(1);
    put(&mut writer, "a", 1);
    put(&mut writer, "b", 1);
    let mut changes = checked(&writer);
    let second = changes.remove(1);
    let mut history = History::default();
    assert_eq!(history.take(second.clone()), Ok(Outcome::Missing(second.clone())));
    assert!(matches!(history.take(changes.remove(0)), Ok(Outcome::Placed(_))));
    assert!(matches!(history.take(second.clone()), Ok(Outcome::Placed(_))));
    assert_eq!(history.take(second), Ok(Outcome::Repeated));
}
