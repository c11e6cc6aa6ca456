//! Whole replicas, with storage, a relay and other tabs, without a network, a clock or a disk.
#![expect(
    clippy::indexing_slicing,
    clippy::missing_assert_message,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests: a failure is the test's failure"
)]

mod bodies;
mod compaction;
mod convergence;
mod files;
mod hostile;
mod hub;
mod poison;
mod presence;
mod projections;
mod questions;
mod room_file;
mod room_pages;
mod rooms;
mod saving;
mod syncing;
mod talk;
mod transact;
mod typed_early;
mod undo;
mod world;
