//! Goal: whatever one socket sends, the relay stays up, the sender is told why it is closed, and neither other rooms
//! nor the honest people of the same room notice more than what the rules let it write.
//! Method: a table of hostile inputs, one row a connection (`docs/SECURITY.md`, F1 to F7). Around every row two pairs
//! of people with real engines, one in the attacked room and one elsewhere, go on editing and being acknowledged.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::missing_assert_message,
    clippy::print_stdout,
    reason = "a failed step fails the test, and bytes are forged"
)]

mod attack;
mod cbor;
mod changes;
mod floods;
#[path = "../../../protocol/tests/guard/forge.rs"]
mod forge;
mod frames;
mod mutants;
#[path = "../support/peer.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod peer;
#[path = "../support/people.rs"]
mod people;
mod poison;
mod presence;
#[path = "../support/relay.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod relay;
mod squatted;
mod sync_messages;
mod websocket;
