//! One run of random work from one seed; where it fails, the shortest list of events that fails in the same way.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::checks::Violation;
use crate::event::Event;
use crate::fault::Fault;
use crate::fleet::{Counts, Fleet};
use crate::roll::Roller;

/// Replays of one failing list at most: each takes up to a second, most some milliseconds.
const REPLAYS_MAX: usize = 300;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Episode {
    pub(crate) seed: u64,
    pub(crate) replicas: usize,
    /// Operations of people; what the network does comes on top.
    pub(crate) operations: u64,
    pub(crate) fault: Option<Fault>,
}

/// What the checker found, and the events that lead there.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) episode: Episode,
    pub(crate) violation: Violation,
    pub(crate) operations: u64,
    pub(crate) events: Vec<Event>,
}

/// Everyone reaches everyone again, and everything is exchanged.
fn the_end(replicas: usize) -> [Event; 2] {
    [Event::Part(vec![0; replicas]), Event::Quiet]
}

/// The words of a panic.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

fn caught<T>(work: impl FnOnce() -> Result<T, Violation>) -> Result<T, Violation> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Violation::Panicked(words(panic.as_ref()))))
}

impl Episode {
    /// Does random work until there were so many operations.
    pub(crate) fn run(&self) -> Result<Counts, Box<Failure>> {
        let mut events = Vec::new();
        let mut fleet = Fleet::new(self.replicas, self.seed, self.fault)
            .unwrap_or_else(|violation| panic!("an empty board: {violation}"));
        let mut roller = Roller::new(self.seed);
        let result = caught(|| {
            while fleet.counts.operations < self.operations {
                let event = roller.next(&fleet);
                events.push(event.clone());
                fleet.take(&event)?;
            }
            for event in the_end(self.replicas) {
                events.push(event.clone());
                fleet.take(&event)?;
            }
            Ok(())
        });
        let counts = fleet.counts.clone();
        match result {
            Ok(()) => Ok(counts),
            Err(violation) => {
                let operations = counts.operations;
                Err(Box::new(Failure { episode: *self, violation, operations, events }))
            }
        }
    }

    /// The same events again, and everyone together at the end.
    fn replay(&self, events: &[Event]) -> Option<Violation> {
        let replayed = caught(|| {
            let mut fleet = Fleet::new(self.replicas, self.seed, self.fault)?;
            events.iter().chain(&the_end(self.replicas)).try_for_each(|event| fleet.take(event))
        });
        replayed.err()
    }
}

impl Failure {
    /// Leaves out what it fails without: long stretches first, then ever shorter ones.
    pub(crate) fn shortest(&self) -> Self {
        let kind = self.violation.kind();
        let mut shortest = self.clone();
        let (mut length, mut replays) = (self.events.len().div_ceil(2), 0);
        loop {
            let (mut at, mut is_shorter) = (0, false);
            while at < shortest.events.len() && replays < REPLAYS_MAX {
                let mut events = shortest.events.clone();
                events.drain(at..(at + length).min(events.len()));
                replays += 1;
                match self.episode.replay(&events).filter(|found| found.kind() == kind) {
                    Some(violation) => {
                        (shortest.events, shortest.violation) = (events, violation);
                        is_shorter = true;
                    }
                    None => at += length,
                }
            }
            if replays >= REPLAYS_MAX || (length == 1 && !is_shorter) {
                return shortest;
            }
            length = length.div_ceil(2);
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Episode { seed, replicas, operations, fault } = self.episode;
        if fault.is_none() {
            writeln!(f, "WARROOM_SEED={seed} cargo test -p warroom-engine --test generator")?;
        }
        writeln!(f, "{replicas} replicas, {operations} operations")?;
        writeln!(f, "{}", self.violation)?;
        self.events.iter().try_for_each(|event| writeln!(f, "  {event:?}"))
    }
}
