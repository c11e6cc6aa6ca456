//! Who wrote how much in a document: what the guard can't check of a change without its history.
//!
//! Automerge 0.12 panics over a change that names an unknown actor or leaves out a number, and never syncs again once
//! one actor has two changes of one number.

use std::collections::BTreeSet;

use automerge::{Automerge, ChangeHash};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::limits::START_OP_SLACK_MAX;
use warroom_protocol::sorted::SortedMap;

use super::check::SyncRefusal;

/// The last number and the highest operation counter of each actor. Memory ≤ 80 bytes an actor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census {
    by_actor: SortedMap<Vec<u8>, Last>,
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
            None => self.by_actor.get_or_default(actor.to_vec()),
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
        let mut ahead = Self { by_actor: SortedMap::new(), max_op: self.max_op, seen: Vec::new() };
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

#[cfg(test)]
mod tests {
    use automerge::transaction::{CommitOptions, Transactable as _};
    use automerge::{ActorId, ROOT};
    use bytes::Bytes;
    use warroom_protocol::guard::check_change;

    use super::*;

    /// A document whose actor 1 has made changes of these values, and those changes.
    #[expect(clippy::disallowed_methods, reason = "the actor and the units are set at once")]
    fn written(values: &[i64]) -> (Automerge, Vec<CheckedChange>) {
        let units = automerge::TextEncoding::Utf16CodeUnit;
        let mut doc = Automerge::new_with_encoding(units).with_actor(ActorId::from(&[1; 16][..]));
        for value in values {
            let mut transaction = doc.transaction();
            transaction.put(ROOT, "key", *value).unwrap();
            transaction.commit_with(CommitOptions::default().with_time(0));
        }
        let changes = doc.get_changes(&[]);
        let checked = changes
            .iter()
            .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap());
        let checked = checked.collect();
        (doc, checked)
    }

    fn check(doc: &Automerge, changes: &[CheckedChange]) -> Result<(), SyncRefusal> {
        let mut census = Census::default();
        census.update(doc);
        census.check(doc, changes)
    }

    #[test]
    fn honest_changes_pass_in_order_once_and_again() {
        let (one, _) = written(&[1]);
        let (_, three) = written(&[1, 2, 3]);
        assert_eq!(check(&one, &three), Ok(()));
        assert_eq!(check(&one, &three[2..]), Ok(()), "a change that lacks another waits");
    }

    #[test]
    fn two_changes_of_one_number_are_refused() {
        let (doc, _) = written(&[1, 2]);
        let (_, other) = written(&[1, 7]);
        assert_eq!(check(&doc, &other), Err(SyncRefusal::Number));
    }

    #[test]
    fn a_number_that_is_left_out_is_refused() {
        let (doc, mut changes) = written(&[1]);
        changes[0].hash.0[0] ^= 1;
        changes[0].seq = 3;
        assert_eq!(check(&doc, &changes), Err(SyncRefusal::Number));
    }

    #[test]
    fn a_change_that_names_an_unknown_actor_or_starts_far_away_is_refused() {
        let (doc, changes) = written(&[1]);
        let mut next = changes[0].clone();
        (next.hash.0[0], next.seq, next.start_op) = (next.hash.0[0] ^ 1, 2, 2);
        assert_eq!(check(&doc, &[next.clone()]), Ok(()));
        let mut foreign = next.clone();
        let unknown = warroom_protocol::guard::ActorBytes(Bytes::from_static(&[9; 16]));
        foreign.others = vec![(unknown, 1)];
        assert_eq!(check(&doc, &[foreign]), Err(SyncRefusal::Foreign));
        next.start_op = 2 + START_OP_SLACK_MAX;
        assert_eq!(check(&doc, &[next]), Err(SyncRefusal::Foreign));
    }
}
