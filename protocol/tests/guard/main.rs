//! The guard against automerge itself: what honest peers send passes, what hurts automerge does not.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::missing_assert_message,
    reason = "helpers of tests may panic, and they forge bytes"
)]

mod forge;
mod honest;
mod hostile;
mod mutants;
mod pinned;
mod sync_message;
#[path = "../it/vectors.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod vectors;
