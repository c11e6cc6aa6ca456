//! What a document is made of in memory: its history, and the changes that wait for what they depend on.

use bytes::Bytes;
use thiserror::Error;
use warroom_protocol::guard::{CheckedChange, ChunkKind, MessageBudget, chunks};
use warroom_protocol::limits::CHANGE_OPS_MAX;
use warroom_protocol::{ConnectionId, DocumentId, GuardError, Timestamp};

use crate::core::close::{ChangeRefusal, CloseReason};
use crate::core::counters::Counters;
use crate::core::history::{History, Outcome, Place};
use crate::core::orphans::Orphans;

/// The changes of a document.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Those that are here with all that they depend on.
    pub history: History,
    /// Those that are not yet.
    pub orphans: Orphans,
}

/// Why a change was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// It did not pass the guard.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// It does not fit the others.
    #[error(transparent)]
    Change(#[from] ChangeRefusal),
}

impl Fault {
    /// Why the connection that sent it is closed.
    pub fn of(self, document_id: &DocumentId) -> CloseReason {
        match self {
            Self::Guard(error) => error.into(),
            Self::Change(refusal) => {
                CloseReason::Change { document_id: document_id.clone(), refusal }
            }
        }
    }
}

/// What came of the changes of one message.
#[derive(Debug, Default)]
pub struct TakenIn {
    /// The places of those that are new, rising.
    pub places: Vec<Place>,
    /// Who is to be closed, and why. What was placed before the fault stays.
    pub refused: Vec<(ConnectionId, Fault)>,
    /// How many operations were looked at: what it cost.
    pub ops: u64,
}

impl Ledger {
    /// Takes in the chunks of one message of `connection`, up to the first that is refused.
    pub fn take_in(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        entries: &[Bytes],
        counters: &mut Counters,
    ) -> TakenIn {
        let mut taken = TakenIn::default();
        let mut budget = MessageBudget::default();
        let entries = self.take_entries(entries, &mut budget, &mut taken.places, counters);
        taken.ops = budget.ops_spent();
        match entries {
            Ok(early) => {
                counters.orphans_kept = counters.orphans_kept.saturating_add(count(early.len()));
                for change in early {
                    let greediest = self.orphans.keep(now, connection, change);
                    let refusal = |limit| ChangeRefusal::Orphans(limit).into();
                    taken.refused.extend(greediest.map(|(of, limit)| (of, refusal(limit))));
                    if greediest.is_some_and(|(of, _)| of == connection) {
                        break;
                    }
                }
            }
            Err(fault) => {
                // it may have been refused for its last operation
                taken.ops = taken.ops.saturating_add(CHANGE_OPS_MAX);
                taken.refused.push((connection, fault));
            }
        }
        if !taken.places.is_empty() {
            let adopted = self.orphans.adopt(&mut self.history);
            taken.places.extend(adopted.places);
            let refused = adopted.refused.into_iter();
            taken.refused.extend(refused.map(|(from, refusal)| (from, refusal.into())));
        }
        counters.changes_taken = counters.changes_taken.saturating_add(count(taken.places.len()));
        taken
    }

    /// Places what can be placed, in as many passes as it takes, and gives back what lacks dependencies: automerge
    /// puts the changes that were asked for by name before those that they depend on.
    fn take_entries(
        &mut self,
        entries: &[Bytes],
        budget: &mut MessageBudget,
        places: &mut Vec<Place>,
        counters: &mut Counters,
    ) -> Result<Vec<CheckedChange>, Fault> {
        let mut early = Vec::new();
        for chunk in entries.iter().flat_map(chunks) {
            let chunk = chunk?;
            let change = match chunk.kind {
                ChunkKind::Change | ChunkKind::DeflatedChange => budget
                    .check_change(&chunk.bytes, |hash| self.history.place_of(hash).is_some())?,
                ChunkKind::Document | ChunkKind::Bundle => {
                    return Err(ChangeRefusal::DocumentChunk.into());
                }
            };
            let Some(change) = change else {
                counters.changes_repeated = counters.changes_repeated.saturating_add(1);
                continue;
            };
            match self.history.take(change)? {
                Outcome::Placed(place) => places.push(place),
                Outcome::Repeated => {
                    counters.changes_repeated = counters.changes_repeated.saturating_add(1);
                }
                Outcome::Missing(change) => early.push(change),
            }
        }
        loop {
            let (before, mut rest) = (early.len(), Vec::new());
            for change in early {
                match self.history.take(change)? {
                    Outcome::Placed(place) => places.push(place),
                    Outcome::Repeated => {}
                    Outcome::Missing(change) => rest.push(change),
                }
            }
            if rest.is_empty() || rest.len() == before {
                return Ok(rest);
            }
            early = rest;
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
