//! Goal: apps written for the stock automerge-repo client (JavaScript) and for samod (Rust) work through the relay
//! unchanged. Method: the real relay binary on loopback, the real clients at both ends, one table of what they do.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step fails the test"
)]

mod javascript;
mod mixed;
#[path = "../support/program.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod program;
#[path = "../support/relay.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod relay;
mod samod_repo;

/// Where a relay takes `WebSocket`s: at its root, as stock apps are configured.
fn socket(relay: &program::Program) -> String {
    format!("ws://{}", relay.address)
}
