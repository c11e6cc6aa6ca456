//! Changes that automerge can't live with: known by their hashes, kept out of every further message.
//!
//! The guard takes 2 in 100 changes that were altered on purpose and that automerge then panics over, when it applies
//! them or when it is next asked for its changes (`docs/SECURITY.md`, "How much is left"). Whoever relays them sends
//! them again on each connection, so they must be left out for good, with all that builds on them.

use std::collections::BTreeSet;

use automerge::{Automerge, ChangeHash, sync};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::sorted::SortedMap;

use super::Hash;

/// The changes that were left out, each with what it depends on. Memory ≤ 64 bytes and the dependencies of each; there
/// are as many as an attacker brings past the guard.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    deps_by_change: SortedMap<ChangeHash, Vec<ChangeHash>>,
    /// How many of them were known from the start.
    known: usize,
}

impl LeftOut {
    /// Leaves these out, which hurt before; what they depend on is learnt when they come.
    pub(super) fn of(harmful: impl Iterator<Item = Hash>) -> Self {
        let mut deps_by_change = SortedMap::new();
        for hash in harmful {
            deps_by_change.insert(ChangeHash(hash), Vec::new());
        }
        Self { known: deps_by_change.len(), deps_by_change }
    }

    /// Whether a change is left out.
    pub(crate) fn contains(&self, change: &ChangeHash) -> bool {
        self.deps_by_change.contains_key(change)
    }

    /// How many were found since.
    pub(crate) fn found(&self) -> usize {
        self.deps_by_change.len() - self.known
    }

    /// Leaves a change out from now on.
    pub(super) fn add(&mut self, hash: ChangeHash, deps: &[ChangeHash]) {
        self.deps_by_change.insert(hash, deps.to_vec());
    }

    /// Takes out of a message what is left out, and speaks of what those changes depend on where it speaks of them:
    /// as if the sender did not have them. `changes` are those of the message.
    pub(crate) fn take_out(
        &mut self,
        doc: &Automerge,
        message: &mut sync::Message,
        changes: &mut Vec<CheckedChange>,
    ) {
        if self.deps_by_change.is_empty() {
            return;
        }
        let before = changes.len();
        changes.retain(|change| {
            let hash = ChangeHash(change.hash.0);
            let deps: Vec<ChangeHash> = change.deps.iter().map(|dep| ChangeHash(dep.0)).collect();
            let is_out = self.deps_by_change.contains_key(&hash)
                || deps.iter().any(|dep| self.deps_by_change.contains_key(dep));
            if is_out {
                self.deps_by_change.insert(hash, deps);
            }
            !is_out
        });
        if changes.len() < before {
            let chunks: Vec<Vec<u8>> = changes.iter().map(|change| change.chunk.to_vec()).collect();
            message.changes = chunks.into();
        }
        let known = Known { doc, coming: changes };
        message.heads = self.without(&known, &message.heads);
        for have in &mut message.have {
            have.last_sync = self.without(&known, &have.last_sync);
        }
    }

    /// The heads of the same history without what is left out, sorted.
    fn without(&self, known: &Known<'_>, heads: &[ChangeHash]) -> Vec<ChangeHash> {
        if heads.iter().all(|head| !self.deps_by_change.contains_key(head)) {
            return heads.to_vec();
        }
        let mut kept = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut stack = heads.to_vec();
        while let Some(hash) = stack.pop() {
            match self.deps_by_change.get(&hash) {
                Some(deps) if seen.insert(hash) => stack.extend(deps),
                Some(_) => {}
                None => {
                    kept.insert(hash);
                }
            }
        }
        let is_head = |hash: &ChangeHash| {
            !kept.iter().any(|other| hash != other && known.is_below(*hash, *other))
        };
        kept.iter().copied().filter(is_head).collect()
    }
}

/// The changes that are here and those that come.
struct Known<'a> {
    doc: &'a Automerge,
    coming: &'a [CheckedChange],
}

impl Known<'_> {
    /// Whether `above` depends on `hash`, directly or not.
    fn is_below(&self, hash: ChangeHash, above: ChangeHash) -> bool {
        let mut seen = BTreeSet::new();
        let mut here = Vec::new();
        let mut stack = vec![above];
        while let Some(next) = stack.pop() {
            if !seen.insert(next) {
                continue;
            }
            if next == hash {
                return true;
            }
            if let Some(change) = self.coming.iter().find(|change| change.hash.0 == next.0) {
                stack.extend(change.deps.iter().map(|dep| ChangeHash(dep.0)));
            } else if self.doc.get_change_meta_by_hash(&next).is_some() {
                here.push(next);
            }
        }
        let is_here = self.doc.get_change_meta_by_hash(&hash).is_some();
        is_here && !self.doc.get_changes_meta(&here).iter().any(|change| change.hash == hash)
    }
}
