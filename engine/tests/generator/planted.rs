//! The checker finds what it is there for: faults that are planted on purpose, within so many operations, whatever the
//! seed, and shows them in few events.

use crate::episode::Episode;
use crate::fault::Fault;

/// Seeds that are tried for each fault.
const SEEDS: std::ops::Range<u64> = 100..105;
/// Events that are left of it at most.
const EVENTS_MAX: usize = 24;

/// Finds the fault within so many operations, with every seed, and nothing where it is not planted. Of the first seed
/// the shortest list of events is looked for.
fn check(fault: Fault, kind: &str, within: u64) {
    for seed in SEEDS {
        let episode = Episode { seed, replicas: 3, operations: within, fault: Some(fault) };
        let Err(failure) = episode.run() else {
            panic!("{fault:?} was not found in {within} operations of seed {seed}");
        };
        assert_eq!(failure.violation.kind(), kind, "{fault:?}: {}", failure.violation);
        println!("{fault:?}: found after {} operations of seed {seed}", failure.operations);
        let operations = failure.operations;
        let sound = Episode { fault: None, operations, ..episode };
        assert!(sound.run().is_ok(), "seed {seed} is sound without {fault:?}");
        if seed == SEEDS.start {
            let shortest = failure.shortest();
            println!("{shortest}");
            assert!(shortest.events.len() <= EVENTS_MAX, "{fault:?}: {shortest}");
        }
    }
}

#[test]
fn a_torn_move_is_found() {
    check(Fault::TornMove, "place", 2_000);
}

#[test]
fn a_label_that_a_list_loses_is_found() {
    check(Fault::LabelList, "label", 2_000);
}

#[test]
fn a_view_that_misses_a_delta_is_found() {
    check(Fault::DeltaLost, "drifted", 2_000);
}

#[test]
fn a_talk_that_misses_a_vote_is_found() {
    check(Fault::VoteLost, "drifted", 2_000);
}

#[test]
fn a_view_that_ignores_a_hint_is_found() {
    check(Fault::HintIgnored, "drifted", 2_000);
}
