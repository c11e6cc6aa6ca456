//! The changes of a document in the order in which they are told, and the moments between them.

use automerge::{Automerge, ChangeHash, ChangeMetadata};

/// One change, as far as its place in the order needs it.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) hash: ChangeHash,
    /// Seconds since 1970, as its writer's clock said.
    pub(crate) time: i64,
    /// The latest time of the change and of all it builds on: clocks differ, and nothing happens before its cause.
    since: i64,
    /// How many operations it has.
    pub(crate) operations: u64,
    /// Its last operation; greater than those of all that it builds on.
    max_op: u64,
    /// Where its edges end; they begin where those of the change before it end.
    edges_end: usize,
}

/// Where a change stands among all of a room's: by the latest time of it and what it builds on, then by its last operation,
/// then by its hash. A change stands after all that it builds on, wherever it came from and whenever it arrived, so
/// a place in this order never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) since: i64,
    pub(crate) max_op: u64,
    pub(crate) hash: ChangeHash,
}

/// All changes of one document; about 80 bytes each. Brought up to date when it is asked: only what is new is read, then
/// both indexes are sorted again.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// In an order in which each comes after what it builds on.
    nodes: Vec<Node>,
    /// Indexes of what each change builds on directly.
    edges: Vec<u32>,
    /// Indexes, in the order of the hashes.
    by_hash: Vec<u32>,
    /// Indexes, in the order of [`Place`].
    by_place: Vec<u32>,
    /// What was read.
    heads: Vec<ChangeHash>,
}

impl Timeline {
    /// Reads what is new.
    pub(crate) fn update(&mut self, doc: &Automerge) {
        let heads = doc.get_heads();
        if heads == self.heads {
            return;
        }
        // after a change that automerge could not live with, a document is made anew, with less in it
        if self.heads.iter().any(|head| doc.get_change_meta_by_hash(head).is_none()) {
            *self = Self::default();
        }
        let before = self.nodes.len();
        let changes = doc.get_changes_meta(&self.heads);
        self.nodes.extend(changes.iter().map(|change| Node {
            hash: change.hash,
            time: change.timestamp,
            since: change.timestamp,
            operations: (change.max_op + 1).saturating_sub(change.start_op),
            max_op: change.max_op,
            edges_end: 0,
        }));
        let added = || (before..self.nodes.len()).filter_map(|index| u32::try_from(index).ok());
        self.by_hash.extend(added());
        self.by_place.extend(added());
        let nodes = &self.nodes;
        let node = |index: &u32| usize::try_from(*index).ok().and_then(|at| nodes.get(at));
        self.by_hash.sort_by_key(|index| node(index).map(|node| node.hash));
        for (index, change) in (before..).zip(&changes) {
            self.link(index, change);
        }
        let nodes = &self.nodes;
        self.by_place.sort_by_key(|index| place_of(nodes, *index));
        self.heads = heads;
    }

    /// Takes in what a change builds on, which comes before it.
    fn link(&mut self, index: usize, change: &ChangeMetadata<'_>) {
        let mut since = change.timestamp;
        for dep in change.deps.iter().filter_map(|dep| self.find(dep)).collect::<Vec<u32>>() {
            since = since.max(self.node(dep).map_or(since, |node| node.since));
            self.edges.push(dep);
        }
        let edges_end = self.edges.len();
        if let Some(node) = self.nodes.get_mut(index) {
            (node.since, node.edges_end) = (since, edges_end);
        }
    }

    /// Which change has this hash.
    fn find(&self, hash: &ChangeHash) -> Option<u32> {
        let known = |index: &u32| self.node(*index).map(|node| node.hash);
        let at = self.by_hash.binary_search_by_key(&Some(*hash), known).ok()?;
        self.by_hash.get(at).copied()
    }

    fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(usize::try_from(index).ok()?)
    }

    /// Whether the document has this change.
    pub(crate) fn has(&self, hash: &ChangeHash) -> bool {
        self.find(hash).is_some()
    }

    /// Which changes this one builds on directly.
    fn edges(&self, index: usize) -> &[u32] {
        let begin = index.checked_sub(1).and_then(|before| self.nodes.get(before));
        let begin = begin.map_or(0, |node| node.edges_end);
        let end = self.nodes.get(index).map_or(begin, |node| node.edges_end);
        self.edges.get(begin..end).unwrap_or_default()
    }

    /// The changes before `before`, newest first, each with its place.
    pub(crate) fn newest_before(
        &self,
        before: Option<Place>,
    ) -> impl Iterator<Item = (Place, &Node)> {
        let end = before.map_or(self.by_place.len(), |before| {
            self.by_place.partition_point(|index| {
                place_of(&self.nodes, *index).is_some_and(|place| place < before)
            })
        });
        let newest = self.by_place.get(..end).unwrap_or_default().iter().rev();
        newest.filter_map(|index| Some((place_of(&self.nodes, *index)?, self.node(*index)?)))
    }

    /// The place of a change.
    pub(crate) fn place(&self, hash: &ChangeHash) -> Option<Place> {
        place_of(&self.nodes, self.find(hash)?)
    }

    /// The heads of the document at a time (seconds since 1970): of all changes that were made by then, and whose
    /// ancestors were too. A time later than `now` is not believed: such a change counts as made with what it builds on.
    pub(crate) fn heads_at(&self, now: i64, time: i64) -> Vec<ChangeHash> {
        let mut made = vec![false; self.nodes.len()];
        let mut is_head = vec![false; self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            let all = self.edges(index).iter().all(|dep| get(&made, *dep));
            if all && (node.time <= time || node.time > now) {
                for dep in self.edges(index) {
                    set(&mut is_head, *dep, false);
                }
                made.get_mut(index).into_iter().for_each(|made| *made = true);
                is_head.get_mut(index).into_iter().for_each(|head| *head = true);
            }
        }
        let heads = self.nodes.iter().zip(is_head).filter(|(_, is_head)| *is_head);
        heads.map(|(node, _)| node.hash).collect()
    }

    /// When these changes were made: the latest time of them and all they build on, seconds since 1970.
    pub(crate) fn time_of(&self, heads: &[ChangeHash]) -> Option<i64> {
        let nodes = heads.iter().filter_map(|head| self.node(self.find(head)?));
        nodes.map(|node| node.since).max()
    }
}

fn place_of(nodes: &[Node], index: u32) -> Option<Place> {
    let node = nodes.get(usize::try_from(index).ok()?)?;
    Some(Place { since: node.since, max_op: node.max_op, hash: node.hash })
}

fn get(list: &[bool], index: u32) -> bool {
    usize::try_from(index).ok().and_then(|index| list.get(index)).copied().unwrap_or_default()
}

fn set(list: &mut [bool], index: u32, value: bool) {
    if let Some(place) = usize::try_from(index).ok().and_then(|index| list.get_mut(index)) {
        *place = value;
    }
}
