//! What stands between bytes from outside and automerge: bounded checks of change chunks, without automerge.
//!
//! automerge 0.12 panics or aborts on a few hostile bytes (`docs/SECURITY.md`, F1 to F7), so nothing from outside
//! reaches it before this module or [`crate::sync_message`] has read it.

pub(crate) mod reader;

use bytes::Bytes;

use crate::error::GuardError;
use crate::ids::ChangeHash;

/// The writer of a change: 16 to 32 random bytes, fresh for each tab and start.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ActorBytes(pub Bytes);

/// A change chunk that passed every check that needs no other change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedChange {
    /// SHA-256 of the uncompressed chunk.
    pub hash: ChangeHash,
    /// What it builds on, sorted, without repeats.
    pub deps: Vec<ChangeHash>,
    /// Who wrote it.
    pub actor: ActorBytes,
    /// The number of this change among its actor's, from 1.
    pub seq: u64,
    /// The counter of its first operation.
    pub start_op: u64,
    /// How many operations it has.
    pub ops: u64,
    /// When its author says it was made, milliseconds since 1970.
    pub timestamp_ms: i64,
    /// The whole chunk, uncompressed (type 1): what may be given to automerge.
    pub chunk: Bytes,
}

impl CheckedChange {
    /// The counter of its last operation (`start_op - 1` when it has none).
    pub fn max_op(&self) -> u64 {
        self.start_op.saturating_add(self.ops).saturating_sub(1)
    }
}

/// Checks one change chunk (type 1, or 2 which is inflated within bounds).
///
/// # Errors
/// [`GuardError`] says what is wrong; the sender's connection is to be closed with it.
pub fn check_change(chunk: &Bytes) -> Result<CheckedChange, GuardError> {
    let _ = chunk;
    todo!()
}
