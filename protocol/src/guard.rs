//! What stands between bytes from outside and automerge: bounded checks of change chunks, without automerge.
//!
//! automerge 0.12 panics or aborts on a few hostile bytes (`docs/SECURITY.md`, F1 to F7), so nothing from outside
//! reaches it before this module or [`crate::sync_message`] has read it. Besides the limits it demands the one
//! encoding that automerge itself writes: a change in any other has been seen to make documents that save and then
//! never load again (F3).

mod change;
mod chunk;
mod columns;
pub(crate) mod reader;
mod rows;
mod runs;

use bytes::Bytes;

use crate::error::GuardError;
use crate::ids::ChangeHash;
use crate::limits::{CHANGE_OPS_MAX, MESSAGE_OPS_MAX};

pub use chunk::{Chunk, ChunkKind, Chunks, chunks};

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
    /// The counter of its first operation, from 1.
    pub start_op: u64,
    /// How many operations it has.
    pub ops: u64,
    /// When its author says it was made: seconds since 1970, as automerge and its JavaScript client count them, 0 when
    /// nobody said. Any number passes up to [`crate::limits::CHANGE_TIME_MAX`] in size; nothing may be decided by it.
    pub time_s: i64,
    /// The highest counter that it names of its own actor's earlier changes, 0 when none: a history checks that it is
    /// not above the actor's last one.
    pub own_named: u64,
    /// The other actors whose operations it names, sorted, each with the highest counter named. Automerge panics over
    /// actors that it does not know: a history checks that it has operations of each up to that counter.
    pub others: Vec<(ActorBytes, u64)>,
    /// The whole chunk, uncompressed (type 1): what may be given to automerge. It shares the memory of the bytes that
    /// were checked, unless they were deflated.
    pub chunk: Bytes,
}

impl CheckedChange {
    /// The counter of its last operation (`start_op - 1` when it has none).
    pub fn max_op(&self) -> u64 {
        self.start_op.saturating_add(self.ops).saturating_sub(1)
    }
}

/// Checks one change chunk (type 1, or 2 which is inflated within bounds) of at most [`CHANGE_OPS_MAX`] operations.
///
/// What needs other changes is left to the history that takes it in: that `deps`, `own_named` and `others` are known,
/// that `seq` is the actor's next, that no other change has the same actor and `seq`, that `start_op` is above the
/// counters of the `deps` and within [`crate::limits::START_OP_SLACK_MAX`] of what is known. What then still needs an
/// operation set, such as whether a predecessor is at the same key, is listed in `docs/SECURITY.md`.
///
/// # Errors
/// [`GuardError`] says what is wrong; the sender's connection is to be closed with it.
pub fn check_change(chunk: &Bytes) -> Result<CheckedChange, GuardError> {
    change::check(chunk::open_change(chunk)?, CHANGE_OPS_MAX)
}

/// What the changes of one sync message may still cost together: run-length encoding lets a hundred bytes announce ten
/// thousand operations, and a message has room for many hundreds of bytes (F6).
#[derive(Debug, Clone)]
pub struct MessageBudget {
    ops_left: u64,
}

impl Default for MessageBudget {
    fn default() -> Self {
        Self { ops_left: MESSAGE_OPS_MAX }
    }
}

impl MessageBudget {
    /// As [`check_change`], and within what is left of [`MESSAGE_OPS_MAX`]. `None` for a change that is known: who has
    /// its hash has its bytes, which were checked when they came first, so its operations need no other look.
    ///
    /// # Errors
    /// As [`check_change`].
    pub fn check_change(
        &mut self,
        chunk: &Bytes,
        is_known: impl FnOnce(&ChangeHash) -> bool,
    ) -> Result<Option<CheckedChange>, GuardError> {
        let plain = chunk::open_change(chunk)?;
        if is_known(&plain.hash) {
            return Ok(None);
        }
        let change = change::check(plain, CHANGE_OPS_MAX.min(self.ops_left))?;
        self.ops_left = self.ops_left.saturating_sub(change.ops);
        Ok(Some(change))
    }

    /// How many operations were looked at so far.
    pub fn ops_spent(&self) -> u64 {
        MESSAGE_OPS_MAX.saturating_sub(self.ops_left)
    }
}
