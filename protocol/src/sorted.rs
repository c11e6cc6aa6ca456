//! Maps and sets that are one sorted list, for the many that stay small, and sorting that weighs little.
//!
//! Looking up takes O(log n), adding and removing O(n) (at the end O(1)), so they are for what a limit or its nature keeps
//! small, or what grows at its end. A `BTreeMap` adds some 10 KB to the WASM for each type of key and value, before
//! compression, and this a tenth of it: that is why it exists. (Of the libraries `litemap` is nearest, but has no sets.)

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Index;

/// Values by key, in the order of the keys.
#[derive(Clone, PartialEq, Eq)]
pub struct SortedMap<K, V> {
    /// Sorted by key, each key once.
    entries: Vec<(K, V)>,
}

impl<K: Ord, V> SortedMap<K, V> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Whether `key` has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Gives `key` this value; returns the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(at) => self.entries.get_mut(at).map(|entry| std::mem::replace(&mut entry.1, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// The value of `key`, made first if there is none.
    #[expect(clippy::indexing_slicing, reason = "`at` is where the entry is, or was just put")]
    pub fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let at = self.find(&key).unwrap_or_else(|at| {
            self.entries.insert(at, (key, V::default()));
            at
        });
        &mut self.entries[at].1
    }

    /// Takes `key` and its value out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        Some(self.entries.remove(at).1)
    }

    /// Takes the entry with the lowest key out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        if self.entries.is_empty() { None } else { Some(self.entries.remove(0)) }
    }

    /// Keeps the entries that `is_kept` says yes to.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| is_kept(key, value));
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Every entry, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Every entry, in order, its value to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &K> + DoubleEndedIterator {
        self.entries.iter().map(|(key, _)| key)
    }

    /// Every value, in the order of the keys.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Every value, in the order of the keys, to be changed.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// Where `key` is, or would be.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        // most of what grows, grows at its end
        match self.entries.last() {
            Some((last, _)) if last.borrow() < key => Err(self.entries.len()),
            Some(_) | None => self.entries.binary_search_by(|(known, _)| known.borrow().cmp(key)),
        }
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries.iter().map(|(key, value)| (key, value))).finish()
    }
}

/// Of several entries with one key the last one stays. O(n) when they come in order.
impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K: Ord + Borrow<Q>, V, Q: Ord + ?Sized> Index<&Q> for SortedMap<K, V> {
    type Output = V;

    /// # Panics
    /// When the key has no value.
    #[expect(clippy::panic, reason = "as for std's maps")]
    fn index(&self, key: &Q) -> &V {
        let Some(value) = self.get(key) else { panic!("no such key") };
        value
    }
}

/// Keys, in order, each once.
#[derive(Clone, PartialEq, Eq)]
pub struct SortedSet<K> {
    map: SortedMap<K, ()>,
}

impl<K: Ord> SortedSet<K> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { map: SortedMap::new() }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Whether `key` is one.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.map.contains_key(key)
    }

    /// Adds a key; whether it is new.
    pub fn insert(&mut self, key: K) -> bool {
        self.map.insert(key, ()).is_none()
    }

    /// Takes a key out; whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.map.remove(key).is_some()
    }

    /// The lowest key.
    pub fn first(&self) -> Option<&K> {
        self.map.keys().next()
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// Every key, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &K> + DoubleEndedIterator {
        self.map.keys()
    }

    /// The keys below `key`, in order.
    pub fn below(&self, key: &K) -> impl DoubleEndedIterator<Item = &K> {
        let end = self.map.entries.partition_point(|(other, ())| other < key);
        self.map.keys().take(end)
    }

    /// The keys above `key`, in order.
    pub fn above(&self, key: &K) -> impl DoubleEndedIterator<Item = &K> {
        let start = self.map.entries.partition_point(|(other, ())| other <= key);
        self.map.keys().skip(start)
    }
}

impl<K: Ord, const N: usize> From<[K; N]> for SortedSet<K> {
    fn from(keys: [K; N]) -> Self {
        let mut set = Self::new();
        set.extend(keys);
        set
    }
}

impl<K: Ord> Extend<K> for SortedSet<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K> Default for SortedSet<K> {
    fn default() -> Self {
        Self { map: SortedMap::default() }
    }
}

impl<K: fmt::Debug> fmt::Debug for SortedSet<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.map.entries.iter().map(|(key, ())| key)).finish()
    }
}

/// O(n) when they come in order.
impl<K: Ord> FromIterator<K> for SortedSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut set = Self::new();
        for key in keys {
            set.insert(key);
        }
        set
    }
}

/// Sorts a list; what is equal keeps its order.
///
/// Std's sorts are two or three times as fast on long lists, but each kind of list that they sort weighs 3 to 5 KB of
/// WASM. This weighs its comparison: all lists share one heap sort of their indices.
pub fn sort_by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let items = &*list;
    let is_before = |a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(one), Some(other)) => compare(one, other).then(a.cmp(&b)).is_lt(),
        (_, _) => false,
    };
    let order = order_of(items.len(), &is_before);
    // where each of them goes, followed round by round
    let mut from = order;
    for at in 0..from.len() {
        let mut source = at;
        while let Some(next) = from.get_mut(source).map(|next| std::mem::replace(next, source)) {
            if next == at {
                break;
            }
            list.swap(source, next);
            source = next;
        }
    }
}

/// As [`sort_by`], by the order of the items themselves.
pub fn sort<T: Ord>(list: &mut [T]) {
    sort_by(list, T::cmp);
}

/// The indices below `length` in order: heap sort (J. W. J. Williams, 1964).
fn order_of(length: usize, is_before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut heap: Vec<usize> = (0..length).collect();
    for root in (0..length / 2).rev() {
        sift_down(&mut heap, root, is_before);
    }
    for end in (1..length).rev() {
        heap.swap(0, end);
        let (rest, _) = heap.split_at_mut(end);
        sift_down(rest, 0, is_before);
    }
    heap
}

fn sift_down(heap: &mut [usize], mut root: usize, is_before: &dyn Fn(usize, usize) -> bool) {
    let before = |heap: &[usize], a: usize, b: usize| match (heap.get(a), heap.get(b)) {
        (Some(a), Some(b)) => is_before(*a, *b),
        (_, _) => false,
    };
    loop {
        let left = 2 * root + 1;
        let larger = if before(heap, left, left + 1) { left + 1 } else { left };
        if !before(heap, root, larger) {
            return;
        }
        heap.swap(root, larger);
        root = larger;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Act {
        Insert(u8, u16),
        GetOrDefault(u8),
        Change(u8, u16),
        Remove(u8),
        PopFirst,
        Retain(u8),
        Clear,
    }

    fn act() -> impl Strategy<Value = Act> {
        let key = 0..12u8;
        prop_oneof![
            8 => (key.clone(), any::<u16>()).prop_map(|(key, value)| Act::Insert(key, value)),
            2 => key.clone().prop_map(Act::GetOrDefault),
            2 => (key.clone(), any::<u16>()).prop_map(|(key, value)| Act::Change(key, value)),
            4 => key.clone().prop_map(Act::Remove),
            1 => Just(Act::PopFirst),
            1 => (1..5u8).prop_map(Act::Retain),
            1 => Just(Act::Clear),
        ]
    }

    proptest! {
        #[test]
        fn sorting_is_that_of_std(keys in prop::collection::vec(0..8_u8, 0..80)) {
            let mut list: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = list.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by(&mut list, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(&list, &expected);
            list.reverse();
            sort(&mut list);
            expected.sort_unstable();
            prop_assert_eq!(list, expected);
        }

        #[test]
        fn a_sorted_map_does_what_std_s_tree_does(acts in prop::collection::vec(act(), 0..60)) {
            let (mut ours, mut tree) = (SortedMap::new(), BTreeMap::new());
            for act in acts {
                match act {
                    Act::Insert(k, v) => prop_assert_eq!(ours.insert(k, v), tree.insert(k, v)),
                    Act::GetOrDefault(k) => {
                        prop_assert_eq!(ours.get_or_default(k), tree.entry(k).or_default());
                    }
                    Act::Change(k, v) => {
                        let of_ours = ours.get_mut(&k).map(|old| std::mem::replace(old, v));
                        let of_tree = tree.get_mut(&k).map(|old| std::mem::replace(old, v));
                        prop_assert_eq!(of_ours, of_tree);
                    }
                    Act::Remove(k) => prop_assert_eq!(ours.remove(&k), tree.remove(&k)),
                    Act::PopFirst => prop_assert_eq!(ours.pop_first(), tree.pop_first()),
                    Act::Retain(n) => {
                        ours.retain(|k, _| k % n == 0);
                        tree.retain(|k, _| k % n == 0);
                    }
                    Act::Clear => {
                        ours.clear();
                        tree.clear();
                    }
                }
                prop_assert!(ours.iter().eq(tree.iter()));
                prop_assert!(ours.keys().eq(tree.keys()) && ours.values().eq(tree.values()));
                prop_assert!(ours.iter_mut().eq(tree.iter_mut()));
                prop_assert!(ours.values_mut().eq(tree.values_mut()));
                prop_assert_eq!((ours.len(), ours.is_empty()), (tree.len(), tree.is_empty()));
                for key in 0..12 {
                    prop_assert_eq!(ours.get(&key), tree.get(&key));
                    prop_assert_eq!(ours.contains_key(&key), tree.contains_key(&key));
                }
                prop_assert_eq!(format!("{ours:?}"), format!("{tree:?}"));
            }
        }

        #[test]
        fn a_sorted_set_does_what_std_s_tree_does(
            start in prop::collection::vec(0..12u8, 0..20),
            acts in prop::collection::vec((any::<bool>(), 0..12u8), 0..40),
        ) {
            let mut ours: SortedSet<u8> = start.iter().copied().collect();
            let mut tree: BTreeSet<u8> = start.into_iter().collect();
            for (adds, key) in acts {
                if adds {
                    prop_assert_eq!(ours.insert(key), tree.insert(key));
                } else {
                    prop_assert_eq!(ours.remove(&key), tree.remove(&key));
                }
                prop_assert!(ours.iter().eq(tree.iter()));
                prop_assert_eq!(ours.first(), tree.first());
                prop_assert_eq!((ours.len(), ours.is_empty()), (tree.len(), tree.is_empty()));
                prop_assert_eq!(ours.contains(&key), tree.contains(&key));
                prop_assert_eq!(format!("{ours:?}"), format!("{tree:?}"));
            }
            ours.clear();
            prop_assert_eq!(ours, SortedSet::new());
        }

        #[test]
        fn of_entries_with_one_key_the_last_stays(
            entries in prop::collection::vec((0..9u8, any::<u16>()), 0..30),
        ) {
            let ours: SortedMap<u8, u16> = entries.iter().copied().collect();
            let tree: BTreeMap<u8, u16> = entries.into_iter().collect();
            prop_assert!(ours.iter().eq(tree.iter()));
        }
    }
}
