//! The pure core of the relay, driven by hand: no socket, no disk, no clock. Tests are named after the rules of
//! `docs/PROTOCOL.md` that they hold the relay to.
#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    clippy::missing_assert_message,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that meets the impossible is to stop"
)]

mod compacted;
mod connection;
mod convergence;
mod document;
mod history;
mod orphans;
mod outbox;
mod rooms;
mod rounds;
mod support;
