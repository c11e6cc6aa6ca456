//! A generator of random work on 2 to 8 replicas with partitions, restarts and late typists, and a checker that knows
//! what has to come of it: the same view on the same heads, nothing lost, nothing doubled, nothing torn.
//!
//! `cargo test --test generator` does some thousand operations; `WARROOM_OPERATIONS=1000000` says how many,
//! `WARROOM_SEED=<number>` takes that episode alone.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod copy;
#[cfg(test)]
mod episode;
#[cfg(test)]
mod event;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod roll;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod shown;
#[cfg(test)]
mod talk;
