//! Random work on replicas of every number, and what came of it.
//!
//! The numbers are told with `--nocapture`.

use std::collections::BTreeMap;

use crate::episode::Episode;
use crate::fleet::Counts;
use crate::kinds::ALL;

/// Operations of all tests together, where `WARROOM_OPERATIONS` says nothing: half a minute of one slow core, unoptimised.
const OPERATIONS: u64 = 20_000;
/// Operations of an episode. A short one begins anew with an empty board; each tenth is long, for histories and order keys.
const SHORT: u64 = 300;
const LONG: u64 = 2_000;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

fn add(total: &mut Counts, more: &Counts) {
    let Counts { operations, written, exchanges, restarts, quiet, kinds } = more;
    total.operations += operations;
    total.written += written;
    total.exchanges += exchanges;
    total.restarts += restarts;
    total.quiet += quiet;
    for (kind, count) in kinds {
        *total.kinds.entry(*kind).or_default() += count;
    }
}

/// Half of the operations, on fleets of these sizes in turn. The number of an episode is its seed.
fn check(sizes: &[usize]) {
    let wanted = number("WARROOM_OPERATIONS").unwrap_or(OPERATIONS) / 2;
    // episodes of the two tests have seeds of their own: even ones and odd ones
    let parity = u64::try_from(sizes[0] % 2).unwrap();
    let only = number("WARROOM_SEED");
    if only.is_some_and(|seed| seed % 2 != parity) {
        return;
    }
    let (mut total, mut episodes) = (Counts::default(), 0);
    while total.operations < wanted && (only.is_none() || episodes == 0) {
        let seed = only.unwrap_or(episodes * 2 + parity);
        let turn = usize::try_from(seed / 2).unwrap();
        let replicas = sizes[turn % sizes.len()];
        let operations = if turn % 10 == 9 { LONG } else { SHORT };
        let episode = Episode { seed, replicas, operations, fault: None };
        match episode.run() {
            Ok(counts) => add(&mut total, &counts),
            Err(failure) => panic!("{failure}\nshortest:\n{}", failure.shortest()),
        }
        episodes += 1;
    }
    tell(sizes, episodes, &total);
    if only.is_none() && wanted >= OPERATIONS / 2 {
        let given: Vec<&str> = total.kinds.keys().copied().collect();
        let never: Vec<&&str> = ALL.iter().filter(|kind| !given.contains(kind)).collect();
        assert_eq!(never, Vec::<&&str>::new(), "these commands were never given");
    }
}

fn tell(sizes: &[usize], episodes: u64, total: &Counts) {
    let Counts { operations, written, exchanges, restarts, quiet, kinds } = total;
    let kinds: BTreeMap<_, _> = kinds.iter().collect();
    println!(
        "{operations} operations ({written} written) in {episodes} episodes on {sizes:?} replicas: \
         {exchanges} exchanges, {restarts} restarts, {quiet} quiet points\n{kinds:?}"
    );
}

#[test]
fn two_to_four_replicas_lose_and_double_nothing() {
    check(&[2, 3, 4]);
}

#[test]
fn five_to_eight_replicas_lose_and_double_nothing() {
    check(&[5, 6, 7, 8]);
}
