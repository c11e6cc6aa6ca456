//! Who wrote how much in a document: what the guard can't check of a change without its history.
//!
//! Automerge 0.12 panics over a change that names an unknown actor or leaves out a number, and never syncs again once
//! one actor has two changes of one number.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeHash};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::limits::START_OP_SLACK_MAX;

use super::check::SyncRefusal;

/// The last number and the highest operation counter of each actor. Memory ≤ 80 bytes an actor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census {
    by_actor: BTreeMap<Vec<u8>, Last>,
    max_op: u64,
    /// The heads of what is counted.
    seen: Vec<ChangeHash>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Last {
    seq: u64,
    max_op: u64,
}

impl Census {
    /// Counts what is new in the document.
    pub(crate) fn update(&mut self, doc: &Automerge) {
        for change in doc.get_changes_meta(&self.seen) {
            self.count(change.actor.to_bytes(), change.seq, change.max_op);
        }
        self.seen = doc.get_heads();
    }

    fn count(&mut self, actor: &[u8], seq: u64, max_op: u64) {
        let last = match self.by_actor.get_mut(actor) {
            Some(last) => last,
            None => self.by_actor.entry(actor.to_vec()).or_default(),
        };
        last.seq = last.seq.max(seq);
        last.max_op = last.max_op.max(max_op);
        self.max_op = self.max_op.max(max_op);
    }

    /// Checks changes in the order in which they come. One that lacks others waits in automerge, and all that can be
    /// said of it is that its number is not taken.
    ///
    /// # Errors
    /// [`SyncRefusal`] for the first that is wrong.
    pub(crate) fn check(
        &self,
        doc: &Automerge,
        changes: &[CheckedChange],
    ) -> Result<(), SyncRefusal> {
        let mut ahead = Self { by_actor: BTreeMap::new(), max_op: self.max_op, seen: Vec::new() };
        let mut taken: BTreeSet<ChangeHash> = BTreeSet::new();
        for change in changes {
            let hash = ChangeHash(change.hash.0);
            if taken.contains(&hash) || doc.get_change_meta_by_hash(&hash).is_some() {
                continue;
            }
            let last = |actor: &[u8]| {
                let ahead = ahead.by_actor.get(actor);
                ahead.or_else(|| self.by_actor.get(actor)).copied().unwrap_or_default()
            };
            let known = last(&change.actor.0);
            if change.seq <= known.seq {
                return Err(SyncRefusal::Number);
            }
            let has = |dep: &ChangeHash| {
                taken.contains(dep) || doc.get_change_meta_by_hash(dep).is_some()
            };
            if !change.deps.iter().all(|dep| has(&ChangeHash(dep.0))) {
                continue;
            }
            if change.seq != known.seq + 1 {
                return Err(SyncRefusal::Number);
            }
            let names_known = change.others.iter().all(|(actor, op)| *op <= last(&actor.0).max_op);
            let starts_near = change.start_op <= ahead.max_op.saturating_add(START_OP_SLACK_MAX);
            if !names_known || !starts_near {
                return Err(SyncRefusal::Foreign);
            }
            taken.insert(hash);
            ahead.count(&change.actor.0, change.seq, change.max_op());
        }
        Ok(())
    }
}
