//! Goal: the relay as a whole keeps its promises towards sockets, disks and operators.
//! Method: a relay in this process on a free port of the loopback, peers that speak the protocol frame by frame with
//! automerge's own sync behind them, disks that fail on purpose, and the real binary where it is to be killed.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a failed step fails the test"
)]

mod access;
mod api;
mod api_rooms;
mod app;
mod compaction;
mod crash;
mod disk;
#[path = "../support/exposition.rs"]
mod exposition;
mod gate;
mod golden;
mod limits;
mod logs;
mod metrics;
mod moving;
mod operations;
mod operator;
mod packing;
#[path = "../support/peer.rs"]
mod peer;
#[path = "../support/people.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod people;
#[path = "../support/program.rs"]
mod program;
mod ready;
#[path = "../support/relay.rs"]
mod relay;
mod rooms;
mod serve;
mod shutdown;
mod signals;
mod store;
mod store_faults;
mod tasks;
