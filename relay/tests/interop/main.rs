//! Goal: apps written for the stock automerge-repo client (JavaScript) and for samod (Rust) work through the relay
//! unchanged. Method: the real relay binary on loopback, the real clients at both ends, one table of what they do.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step fails the test"
)]

mod javascript;
mod mixed;
mod process;
mod samod_repo;
