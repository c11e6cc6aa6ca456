//! The documents in memory, and what holds of all of them together, known without looking at each.
//!
//! A room may have a thousand bodies in memory, and most inputs change one of them. Whoever is handed out to be changed is
//! remembered as touched, and only those are looked at again: looking at all of them after every input took two fifths
//! of the time of an edit (`docs/BENCHMARKS.md`).

use warroom_protocol::sorted::{SortedMap, SortedSet};
use warroom_protocol::{DocumentId, Timestamp};

use super::opened::Opened;

/// The documents in memory by id.
#[derive(Debug, Default)]
pub(super) struct OpenDocuments {
    by_id: SortedMap<DocumentId, Opened>,
    /// Those that may have changed since [`Self::refresh`].
    touched: SortedSet<DocumentId>,
    /// Those that wait for a moment.
    timed: SortedSet<DocumentId>,
    /// Those that are to be projected or compacted as soon as all of them is durable.
    due: SortedSet<DocumentId>,
    /// Those that the relay has all of, which storage does not know yet.
    noting: SortedSet<DocumentId>,
    /// Those that may leave memory without a loss.
    safe: SortedSet<DocumentId>,
    count: Count,
}

/// What is counted: of one document as it was when it was last looked at, or of all together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// Changes that the relay is not known to have.
    pub(super) waiting: usize,
    /// Changes that were found to be harmful.
    pub(super) left_out: usize,
}

impl OpenDocuments {
    pub(super) fn get(&self, id: &DocumentId) -> Option<&Opened> {
        self.by_id.get(id)
    }

    /// To be changed: it is touched.
    pub(super) fn get_mut(&mut self, id: &DocumentId) -> Option<&mut Opened> {
        let opened = self.by_id.get_mut(id)?;
        self.touched.insert(id.clone());
        Some(opened)
    }

    pub(super) fn contains_key(&self, id: &DocumentId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Puts a document in, which is touched.
    pub(super) fn insert(&mut self, id: DocumentId, opened: Opened) {
        self.remove(&id);
        self.touched.insert(id.clone());
        self.by_id.insert(id, opened);
    }

    pub(super) fn remove(&mut self, id: &DocumentId) -> Option<Opened> {
        let opened = self.by_id.remove(id)?;
        self.count = self.count.without(opened.counted);
        let sets = [&mut self.timed, &mut self.due, &mut self.noting, &mut self.safe];
        for set in sets.into_iter().chain([&mut self.touched]) {
            set.remove(id);
        }
        Some(opened)
    }

    /// The ids of all, in order.
    pub(super) fn ids(&self) -> Vec<DocumentId> {
        self.by_id.keys().cloned().collect()
    }

    /// All of them, in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&DocumentId, &Opened)> {
        self.by_id.iter()
    }

    /// Several at once, to be changed: in the order of their ids, as far as they are here. They are touched.
    pub(super) fn several_mut(
        &mut self,
        ids: &[&DocumentId],
    ) -> impl Iterator<Item = (&DocumentId, &mut Opened)> {
        let here = ids.iter().filter(|id| self.by_id.contains_key(**id));
        self.touched.extend(here.map(|id| (*id).clone()));
        self.by_id.iter_mut().filter(|(id, _)| ids.contains(id))
    }

    /// Those that may have changed since they were last looked at.
    pub(super) fn touched(&self) -> impl Iterator<Item = (&DocumentId, &Opened)> {
        self.touched.iter().filter_map(|id| Some((id, self.by_id.get(id)?)))
    }

    /// Looks at those that were touched. Those that have something to tell stay touched until it is told.
    pub(super) fn refresh(&mut self) {
        for id in std::mem::take(&mut self.touched).iter() {
            let Some(opened) = self.by_id.get_mut(id) else { continue };
            let before = opened.counted;
            opened.counted = opened.count();
            self.count = self.count.without(before).with(opened.counted);
            let sets = [
                &mut self.timed,
                &mut self.due,
                &mut self.noting,
                &mut self.safe,
                &mut self.touched,
            ];
            for (set, holds) in sets.into_iter().zip(opened.holds()) {
                if holds {
                    set.insert(id.clone());
                } else {
                    set.remove(id);
                }
            }
        }
    }

    /// Whether what is known of all of them is what looking at each would show. For debug builds, in which every test asks it.
    pub(super) fn is_known(&self) -> bool {
        let sets = [&self.timed, &self.due, &self.noting, &self.safe, &self.touched];
        let known = |id| sets.map(|set| set.contains(id));
        let counts = self.by_id.values().map(Opened::count);
        self.count == counts.fold(Count::default(), Count::with)
            && self.by_id.iter().all(|(id, opened)| known(id) == opened.holds())
    }

    /// Those with something that is written at a certain moment, what was typed included, and those that may have come
    /// to have such since they were last looked at.
    pub(super) fn timed(&self) -> Vec<DocumentId> {
        let mut ids = self.timed.clone();
        ids.extend(self.touched.iter().cloned());
        ids.iter().cloned().collect()
    }

    /// The next moment that one of them waits for.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        let timed = self.timed.iter().filter_map(|id| self.by_id.get(id));
        timed.filter_map(Opened::next_timeout).min()
    }

    /// Those that are to be projected or compacted, and all of which is durable.
    pub(super) fn due(&mut self) -> Vec<DocumentId> {
        self.refresh();
        let is_stored = |id: &&DocumentId| self.by_id.get(*id).is_some_and(Opened::is_stored);
        self.due.iter().filter(is_stored).cloned().collect()
    }

    /// Those that a note is to be written of, after [`Self::refresh`].
    pub(super) fn noting(&self) -> &SortedSet<DocumentId> {
        &self.noting
    }

    /// Those that may leave memory, after [`Self::refresh`].
    pub(super) fn safe(&self) -> &SortedSet<DocumentId> {
        &self.safe
    }

    /// The counts of all together, after [`Self::refresh`].
    pub(super) fn count(&self) -> Count {
        self.count
    }
}

impl Count {
    fn with(self, other: Self) -> Self {
        Self { waiting: self.waiting + other.waiting, left_out: self.left_out + other.left_out }
    }

    /// Takes away what was counted before.
    fn without(self, other: Self) -> Self {
        Self { waiting: self.waiting - other.waiting, left_out: self.left_out - other.left_out }
    }
}
