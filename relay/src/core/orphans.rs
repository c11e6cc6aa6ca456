//! Changes that came before what they depend on: kept for a short while, in memory only.
//!
//! A false positive of a Bloom filter makes an honest peer leave out one change and send its children; the missing
//! one is asked for by name and comes within a round trip. Without limits this queue is a way to fill the relay
//! (finding F6 of `docs/SECURITY.md`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{ChangeHash, ConnectionId, Timestamp};

use crate::core::close::ChangeRefusal;
use crate::core::history::{History, Outcome, Place};
use crate::core::limit::Limit;
use crate::limits::{ORPHANS_BYTES_MAX, ORPHANS_FOR, ORPHANS_MAX};

#[derive(Debug)]
struct Orphan {
    change: CheckedChange,
    connection: ConnectionId,
    since: Timestamp,
}

/// The orphans of one document: at most 256 changes and 1 MiB, each for at most 60 s.
#[derive(Debug, Default)]
pub struct Orphans {
    waiting: BTreeMap<ChangeHash, Orphan>,
    /// What each connection has here.
    held: BTreeMap<ConnectionId, Held>,
    bytes: usize,
}

/// How much one connection has here.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    changes: usize,
    bytes: usize,
}

/// What came of another try to place orphans.
#[derive(Debug, Default)]
pub struct Adopted {
    /// The places of those that found what they depend on, rising.
    pub places: Vec<Place>,
    /// Those that do not fit now that they could be looked at, and who sent them.
    pub refused: Vec<(ConnectionId, ChangeRefusal)>,
}

impl Orphans {
    /// Keeps a change until its dependencies come. When there is too much, the connection that has most here is named,
    /// which is to be closed for it, with the limit, and all that it has is dropped: so who fills the places pays for it, not who needs
    /// one. Dropping that much is enough, for it is at least what was added.
    pub fn keep(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        mut change: CheckedChange,
    ) -> Option<(ConnectionId, Limit)> {
        if self.waiting.contains_key(&change.hash) {
            return None;
        }
        let bytes = change.chunk.len();
        self.bytes = self.bytes.saturating_add(bytes);
        let held = self.held.entry(connection).or_default();
        held.changes += 1;
        held.bytes = held.bytes.saturating_add(bytes);
        // A copy: what waits must not keep the whole frame that it came in.
        change.chunk = bytes::Bytes::copy_from_slice(&change.chunk);
        change.actor.0 = bytes::Bytes::copy_from_slice(&change.actor.0);
        for (actor, _) in &mut change.others {
            actor.0 = bytes::Bytes::copy_from_slice(&actor.0);
        }
        self.waiting.insert(change.hash, Orphan { change, connection, since: now });
        let (greediest, limit) = self.greediest(connection)?;
        let theirs = |orphan: &&Orphan| orphan.connection == greediest;
        let dropped: Vec<ChangeHash> =
            self.waiting.values().filter(theirs).map(|orphan| orphan.change.hash).collect();
        for hash in dropped {
            self.remove(&hash);
        }
        Some((greediest, limit))
    }

    /// Who has most of what there is too much of; of several `newest`, or the one with the lowest number.
    fn greediest(&self, newest: ConnectionId) -> Option<(ConnectionId, Limit)> {
        let (share, limit): (fn(&Held) -> usize, _) = if self.waiting.len() > ORPHANS_MAX {
            (|held| held.changes, Limit::Orphans)
        } else if self.bytes > ORPHANS_BYTES_MAX {
            (|held| held.bytes, Limit::OrphansBytes)
        } else {
            return None;
        };
        let shares = self.held.iter().map(|(&id, held)| (share(held), id == newest, Reverse(id)));
        shares.max().map(|(_, _, Reverse(id))| (id, limit))
    }

    /// Places every orphan whose dependencies are here now.
    pub fn adopt(&mut self, history: &mut History) -> Adopted {
        let mut adopted = Adopted::default();
        while let Some(hash) = self.ready(history) {
            let Some(orphan) = self.remove(&hash) else { break };
            match history.take(orphan.change) {
                Ok(Outcome::Placed(place)) => adopted.places.push(place),
                Ok(Outcome::Repeated | Outcome::Missing(_)) => {}
                Err(refusal) => adopted.refused.push((orphan.connection, refusal)),
            }
        }
        adopted
    }

    /// What is missing to reach `heads`, sorted: heads that are neither here nor orphans, and what orphans below
    /// `heads` lack. Other orphans are left out: this peer need not have what they lack.
    pub fn missing(&self, history: &History, heads: &[ChangeHash]) -> Vec<ChangeHash> {
        let mut missing = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut stack = heads.to_vec();
        while let Some(hash) = stack.pop() {
            if history.place_of(&hash).is_some() || !seen.insert(hash) {
                continue;
            }
            match self.waiting.get(&hash) {
                Some(orphan) => stack.extend(&orphan.change.deps),
                None => {
                    missing.insert(hash);
                }
            }
        }
        missing.into_iter().collect()
    }

    /// Drops those that waited too long and says who sent them: those peers count them as received, so only a new
    /// connection brings them again.
    pub fn expire(&mut self, now: Timestamp) -> Vec<ConnectionId> {
        let due: Vec<_> = self
            .waiting
            .iter()
            .filter(|(_, orphan)| orphan.since + ORPHANS_FOR <= now)
            .map(|(&hash, _)| hash)
            .collect();
        due.iter().filter_map(|hash| self.remove(hash)).map(|orphan| orphan.connection).collect()
    }

    /// When the next one is to be dropped.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        self.waiting.values().map(|orphan| orphan.since + ORPHANS_FOR).min()
    }

    fn ready(&self, history: &History) -> Option<ChangeHash> {
        let is_ready =
            |orphan: &Orphan| orphan.change.deps.iter().all(|dep| history.place_of(dep).is_some());
        self.waiting.iter().find(|(_, orphan)| is_ready(orphan)).map(|(&hash, _)| hash)
    }

    fn remove(&mut self, hash: &ChangeHash) -> Option<Orphan> {
        let orphan = self.waiting.remove(hash)?;
        let bytes = orphan.change.chunk.len();
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some(held) = self.held.get_mut(&orphan.connection) {
            held.changes = held.changes.saturating_sub(1);
            held.bytes = held.bytes.saturating_sub(bytes);
            if held.changes == 0 {
                self.held.remove(&orphan.connection);
            }
        }
        Some(orphan)
    }
}
