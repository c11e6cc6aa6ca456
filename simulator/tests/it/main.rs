//! Goal: whatever breaks, everyone ends with the same board and nothing that was promised is lost. Method: thousands
//! of seeds through the production machines; and bugs put in on purpose, so that we know that the checkers see.

use warroom_simulator::{Plan, Plant, World};

/// Seeds in every test run.
const SEEDS: u64 = 2_000;

/// Plays seeds on as many threads as there are cores; the worlds share nothing.
fn play(seeds: std::ops::Range<u64>, plant: Option<Plant>) -> Vec<String> {
    let threads = std::thread::available_parallelism()
        .map_or(1, |threads| u64::try_from(threads.get()).unwrap_or(1));
    std::thread::scope(|scope| {
        let of_thread = |thread: u64| {
            let seeds = seeds.clone().filter(move |seed| seed % threads == thread);
            let run = move |seed| World::run(Plan { plant, ..Plan::of(seed) }, false).err();
            move || seeds.filter_map(run).map(|failure| failure.to_string()).collect::<Vec<_>>()
        };
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(of_thread(thread))).collect();
        let lost = |_| vec!["a thread of the test died".to_owned()];
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_else(lost)).collect()
    })
}

#[test]
fn everyone_ends_with_the_same_board_and_nothing_promised_is_lost() {
    let failures = play(0..SEEDS, None);
    assert!(
        failures.is_empty(),
        "{} of {SEEDS} seeds failed, the first: {}",
        failures.len(),
        failures[0]
    );
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..20 {
        let run = || World::run(Plan::of(seed), false).map_err(|failure| failure.to_string());
        assert_eq!(run(), run(), "seed {seed}");
    }
}

#[test]
fn acknowledging_before_the_commit_is_caught() {
    let failures = play(0..100, Some(Plant::TellBeforeCommit));
    assert!(
        failures.iter().any(|failure| failure.contains("before it is durable")),
        "100 seeds saw nothing: {failures:?}"
    );
}

#[test]
fn a_disk_that_lies_about_its_syncs_is_caught() {
    let failures = play(0..100, Some(Plant::SyncIsALie));
    assert!(!failures.is_empty(), "100 seeds saw nothing");
}

#[test]
fn a_lost_frame_on_a_live_connection_is_caught() {
    let failures = play(0..100, Some(Plant::LoseFrame));
    assert!(!failures.is_empty(), "100 seeds saw nothing");
}

#[test]
fn a_relay_that_forgets_to_name_a_document_is_caught() {
    let failures = play(0..400, Some(Plant::ForgetDocument));
    assert!(
        failures.iter().any(|failure| failure.contains("is saved and lacks")),
        "400 seeds saw nothing: {failures:?}"
    );
}

#[test]
fn a_storage_that_deletes_before_it_has_what_replaces_it_is_caught() {
    let failures = play(0..400, Some(Plant::DeleteFirst));
    assert!(
        failures.iter().any(|failure| failure.contains("on its disk, and it is lost")),
        "400 seeds saw nothing: {failures:?}"
    );
}
