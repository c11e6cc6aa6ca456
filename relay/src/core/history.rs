//! The graph of changes: hash, dependencies, actor, number, bytes. No op set.
//!
//! The only file of the core that names automerge, and of it only `Change`, to check that automerge reads a chunk as
//! it was written. Changes are numbered in the order in which they came in, each after what it depends on, so that
//! walking down the numbers walks from children to parents.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use thiserror::Error;
use warroom_protocol::ChangeHash;
use warroom_protocol::guard::{ActorBytes, CheckedChange};
use warroom_protocol::limits::{OP_COUNTER_MAX, START_OP_SLACK_MAX};

use crate::core::close::ChangeRefusal;
use crate::core::effect::Compacted;
use crate::core::reach::Reaches;
use crate::limits::DOCUMENT_BYTES_MAX;

/// The place of a change in a [`History`], from 0; above the places of all that it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u32);

impl Place {
    /// The place after this one.
    fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// Where its bit is in a set of words of 64 bits.
    pub(crate) fn word_and_bit(self) -> (usize, u64) {
        (self.index() / 64, 1 << (self.0 % 64))
    }
}

/// Why stored changes are not a document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LoadError {
    /// A change does not fit the others.
    #[error("a stored change does not fit: {0}")]
    Change(#[from] ChangeRefusal),
    /// Some changes lack what they depend on.
    #[error("{count} stored changes lack what they depend on")]
    Missing {
        /// How many.
        count: usize,
    },
}

/// What became of a change that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was here before.
    Repeated,
    /// It is here now, at this place.
    Placed(Place),
    /// It depends on changes that are not here; it comes back to the caller.
    Missing(CheckedChange),
}

#[derive(Debug)]
struct Entry {
    hash: ChangeHash,
    deps: Box<[Place]>,
    /// Every place below this one is the entry itself or something it depends on, directly or not. In a history
    /// without concurrency it is the next place, so most questions about ancestry are answered without a walk.
    closed_below: Place,
    start_op: u64,
    max_op: u64,
    chunk: Bytes,
}

/// All changes of one document that are here with everything they depend on.
///
/// Memory: the chunks, and about 200 bytes for each change beside them.
#[derive(Debug, Default)]
pub struct History {
    entries: Vec<Entry>,
    places: BTreeMap<ChangeHash, Place>,
    /// For each actor its changes in the order of their numbers, from 1 and without gaps.
    actors: BTreeMap<ActorBytes, Vec<Place>>,
    heads: BTreeSet<Place>,
    reaches: Reaches,
    max_op: u64,
    bytes: u64,
    compacted: Option<CompactedPlaces>,
}

/// A document chunk in the place of some of the changes.
#[derive(Debug)]
pub struct CompactedPlaces {
    /// It holds these and all that they depend on.
    pub heads: Vec<Place>,
    /// How many changes that is.
    pub count: usize,
    /// The chunk.
    pub chunk: Bytes,
}

impl History {
    /// The history of a document that holds these stored changes, in any order. Whoever read them from a disk passed
    /// them through the guard, which is what found damaged ones; nothing of it is done again here.
    ///
    /// # Errors
    /// [`LoadError`]: the document is not to be served.
    pub fn load(changes: Vec<CheckedChange>) -> Result<Self, LoadError> {
        let mut history = Self::default();
        let mut waiting = Vec::new();
        for change in changes {
            if let Some(change) = history.load_one(change)? {
                waiting.push(change);
            }
        }
        // Stored in the order of arrival nothing waits; every further pass places at least one change or is the last.
        while !waiting.is_empty() {
            let count = waiting.len();
            let mut rest = Vec::new();
            for change in waiting {
                if let Some(change) = history.load_one(change)? {
                    rest.push(change);
                }
            }
            if rest.len() == count {
                return Err(LoadError::Missing { count });
            }
            waiting = rest;
        }
        Ok(history)
    }

    fn load_one(&mut self, change: CheckedChange) -> Result<Option<CheckedChange>, ChangeRefusal> {
        if self.places.contains_key(&change.hash) {
            return Ok(None);
        }
        let Some(deps) = self.dependencies(&change) else { return Ok(Some(change)) };
        self.check_number(&change)?;
        self.place(&change, deps);
        Ok(None)
    }

    /// Takes in a change from outside that passed the guard.
    ///
    /// # Errors
    /// [`ChangeRefusal`]: nothing was changed; the sender's connection is to be closed with it.
    pub fn take(&mut self, change: CheckedChange) -> Result<Outcome, ChangeRefusal> {
        if self.places.contains_key(&change.hash) {
            return Ok(Outcome::Repeated);
        }
        let Some(deps) = self.dependencies(&change) else { return Ok(Outcome::Missing(change)) };
        let bytes = u64::try_from(change.chunk.len()).unwrap_or(u64::MAX);
        if self.bytes.saturating_add(bytes) > DOCUMENT_BYTES_MAX {
            return Err(ChangeRefusal::Full { bytes_max: DOCUMENT_BYTES_MAX });
        }
        self.check_number(&change)?;
        self.check_counters(&change, &deps)?;
        self.check_named(&change, &deps)?;
        check_canonical(&change)?;
        Ok(Outcome::Placed(self.place(&change, deps)))
    }

    /// From now on this chunk stands for the changes that it holds. One of changes that are not here is left alone.
    pub fn compact(&mut self, compacted: Compacted) {
        let Compacted { heads, chunk } = compacted;
        let heads: Option<Vec<Place>> = heads.iter().map(|head| self.place_of(head)).collect();
        if let Some(heads) = heads {
            let count = self.len().saturating_sub(self.after(&heads).len());
            self.compacted = Some(CompactedPlaces { heads, count, chunk });
        }
    }

    /// The chunk that stands for some of the changes, where there is one.
    pub fn compacted(&self) -> Option<&CompactedPlaces> {
        self.compacted.as_ref()
    }

    /// Where a change is, if it is here.
    pub fn place_of(&self, hash: &ChangeHash) -> Option<Place> {
        self.places.get(hash).copied()
    }

    /// The hash of the change at `place`.
    pub fn hash(&self, place: Place) -> ChangeHash {
        self.entry(place).hash
    }

    /// The whole uncompressed chunk of the change at `place`.
    pub fn chunk(&self, place: Place) -> &Bytes {
        &self.entry(place).chunk
    }

    /// What the change at `place` depends on directly.
    pub fn deps(&self, place: Place) -> &[Place] {
        &self.entry(place).deps
    }

    /// The changes that no other depends on, rising.
    pub fn heads(&self) -> Vec<Place> {
        self.heads.iter().copied().collect()
    }

    /// The hashes of the heads, sorted.
    pub fn head_hashes(&self) -> Vec<ChangeHash> {
        let mut hashes: Vec<_> = self.heads.iter().map(|&place| self.hash(place)).collect();
        hashes.sort_unstable();
        hashes
    }

    /// Whether no change is here.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many changes are here.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The place that the next change will get.
    pub fn end(&self) -> Place {
        Place(u32::try_from(self.entries.len()).unwrap_or(u32::MAX))
    }

    /// Every change that is neither in `known` nor something that one of `known` depends on, rising, so that each
    /// comes after what it depends on.
    ///
    /// Walks only what is above the part that `known` covers wholly: what a peer in step lacks costs what it lacks.
    pub fn after(&self, known: &[Place]) -> Vec<Place> {
        let floor = self.closed_below(known);
        let mut walk = Walk::new(floor);
        for &head in &self.heads {
            walk.reach(head, false);
        }
        walk.reach_all(known, true);
        let mut found = Vec::new();
        while walk.unknown_count > 0 {
            let Some((place, is_known)) = walk.pop() else { break };
            if !is_known {
                found.push(place);
            }
            walk.reach_all(self.deps(place), is_known);
        }
        found.reverse();
        found
    }

    /// Whether `known`, with what they depend on, are all changes that are here.
    pub fn covers_all(&self, known: &[Place]) -> bool {
        self.heads.iter().all(|head| known.contains(head))
    }

    /// `places` without those that another of them depends on, rising.
    pub fn maximal(&self, places: &[Place]) -> Vec<Place> {
        let set: BTreeSet<Place> = places.iter().copied().collect();
        let mut kept = Vec::with_capacity(set.len());
        let (mut floor, mut left) = (Place(0), set.len());
        // From the top, for only what is above can depend on what is below; `true`: something above depends on it.
        let mut walk = Walk::new(floor);
        for &place in &set {
            walk.reach(place, false);
        }
        while left > 0 {
            let Some((place, is_below)) = walk.pop() else { break };
            if place < floor {
                break;
            }
            if set.contains(&place) {
                left -= 1;
                if !is_below {
                    kept.push(place);
                    floor = floor.max(self.entry(place).closed_below);
                }
            }
            walk.reach_all(self.deps(place), true);
        }
        kept.reverse();
        kept
    }

    fn closed_below(&self, places: &[Place]) -> Place {
        places.iter().map(|&place| self.entry(place).closed_below).max().unwrap_or(Place(0))
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "places come from this history, which never forgets one"
    )]
    fn entry(&self, place: Place) -> &Entry {
        &self.entries[place.index()]
    }

    /// The places of what `change` depends on, rising; `None` when one is not here.
    fn dependencies(&self, change: &CheckedChange) -> Option<Box<[Place]>> {
        let deps: Option<BTreeSet<Place>> =
            change.deps.iter().map(|dep| self.place_of(dep)).collect();
        Some(deps?.into_iter().collect())
    }

    /// F4: a counter far above all known ones would leave no room for anyone; and operations are counted upwards
    /// from everything that their author had seen.
    fn check_counters(&self, change: &CheckedChange, deps: &[Place]) -> Result<(), ChangeRefusal> {
        let start_op = change.start_op;
        let max_op = self.max_op;
        if start_op > max_op.saturating_add(START_OP_SLACK_MAX) || change.max_op() > OP_COUNTER_MAX
        {
            return Err(ChangeRefusal::Counter { start_op, max_op });
        }
        let own = self.actors.get(&change.actor).and_then(|written| written.last());
        let seen = deps.iter().chain(own).map(|&place| self.entry(place).max_op).max().unwrap_or(0);
        if start_op <= seen {
            return Err(ChangeRefusal::Counter { start_op, max_op: seen });
        }
        Ok(())
    }

    fn place(&mut self, change: &CheckedChange, deps: Box<[Place]>) -> Place {
        let place = self.end();
        let closed_below = self.closed_below_of(place, &deps);
        let max_op = change.max_op();
        for dep in &deps {
            self.heads.remove(dep);
        }
        self.heads.insert(place);
        self.places.insert(change.hash, place);
        let actor = ActorBytes(Bytes::copy_from_slice(&change.actor.0));
        self.actors.entry(actor).or_default().push(place);
        self.max_op = self.max_op.max(max_op);
        let bytes = u64::try_from(change.chunk.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
        let entries = &self.entries;
        self.reaches.advance(&deps, place, |place| deps_of(entries, place));
        // A copy: the chunk must not keep the whole frame that it came in.
        let chunk = Bytes::copy_from_slice(&change.chunk);
        let (hash, start_op) = (change.hash, change.start_op);
        self.entries.push(Entry { hash, deps, closed_below, start_op, max_op, chunk });
        place
    }

    /// An actor's changes are numbered without gaps, and each number is given once (F7).
    fn check_number(&self, change: &CheckedChange) -> Result<(), ChangeRefusal> {
        let seq = change.seq;
        let last = self.actors.get(&change.actor).map_or(0, Vec::len);
        let last = u64::try_from(last).unwrap_or(u64::MAX);
        if seq <= last {
            return Err(ChangeRefusal::Equivocation { actor: change.actor.clone(), seq });
        }
        if seq != last.saturating_add(1) {
            return Err(ChangeRefusal::Gap { seq, last });
        }
        Ok(())
    }

    /// Automerge panics on an operation that names an actor it has not met, or one of its own actor's that does not
    /// exist, so each must be among what the change depends on.
    fn check_named(&mut self, change: &CheckedChange, deps: &[Place]) -> Result<(), ChangeRefusal> {
        let own = (change.own_named > 0).then_some((&change.actor, change.own_named));
        let others = change.others.iter().map(|(actor, counter)| (actor, *counter));
        let named: Option<Vec<Place>> =
            others.chain(own).map(|(actor, counter)| self.writer_of(actor, counter)).collect();
        let Some(named) = named else { return Err(ChangeRefusal::Stranger) };
        let floor = self.closed_below(deps);
        let is_far = |place: &Place| *place >= floor && deps.binary_search(place).is_err();
        let far: Vec<Place> = named.into_iter().filter(is_far).collect();
        let entries = &self.entries;
        let deps_of = |place| deps_of(entries, place);
        if far.is_empty() || self.reaches.cover(deps, floor, &far, deps_of) {
            Ok(())
        } else {
            Err(ChangeRefusal::Stranger)
        }
    }

    /// The change of `actor` that holds the operation with this counter.
    fn writer_of(&self, actor: &ActorBytes, counter: u64) -> Option<Place> {
        let written = self.actors.get(actor)?;
        let at = written.partition_point(|&place| self.entry(place).max_op < counter);
        let place = *written.get(at)?;
        (self.entry(place).start_op <= counter).then_some(place)
    }

    fn closed_below_of(&self, place: Place, deps: &[Place]) -> Place {
        let mut closed = self.closed_below(deps);
        while deps.binary_search(&closed).is_ok() {
            closed = closed.next();
        }
        if closed == place { place.next() } else { closed }
    }
}

#[expect(clippy::indexing_slicing, reason = "as in `History::entry`")]
fn deps_of(entries: &[Entry], place: Place) -> &[Place] {
    &entries[place.index()].deps
}

/// A walk from children to parents in falling order of places; what is below `floor` is known.
struct Walk {
    floor: Place,
    queue: BTreeMap<Place, bool>,
    unknown_count: usize,
}

impl Walk {
    fn new(floor: Place) -> Self {
        Self { floor, queue: BTreeMap::new(), unknown_count: 0 }
    }

    fn reach(&mut self, place: Place, is_known: bool) {
        if place < self.floor {
            return;
        }
        match self.queue.insert(place, is_known) {
            None if !is_known => self.unknown_count += 1,
            // Known once is known for good.
            Some(true) if !is_known => {
                self.queue.insert(place, true);
            }
            Some(false) if is_known => self.unknown_count = self.unknown_count.saturating_sub(1),
            None | Some(_) => {}
        }
    }

    fn reach_all(&mut self, places: &[Place], is_known: bool) {
        for &place in places {
            self.reach(place, is_known);
        }
    }

    fn pop(&mut self) -> Option<(Place, bool)> {
        let (place, is_known) = self.queue.pop_last()?;
        if !is_known {
            self.unknown_count = self.unknown_count.saturating_sub(1);
        }
        Some((place, is_known))
    }
}

/// F3: automerge must read the chunk, name it by the same hash, and write the same bytes again.
fn check_canonical(change: &CheckedChange) -> Result<(), ChangeRefusal> {
    let is_same = |read: &automerge::Change| read.hash().0 == change.hash.0;
    let read = || {
        let read = automerge::Change::from_bytes(change.chunk.to_vec()).ok()?;
        (is_same(&read) && is_same(&automerge::Change::from(read.decode()))).then_some(())
    };
    // Nothing of ours is touched inside, so nothing can be left half done.
    let read = catch_unwind(AssertUnwindSafe(read));
    if matches!(read, Ok(Some(()))) { Ok(()) } else { Err(ChangeRefusal::NotCanonical) }
}
