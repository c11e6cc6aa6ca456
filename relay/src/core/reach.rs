//! Which changes a change depends on, remembered as sets of bits for the branches that grow.
//!
//! A long branch that was written offline would otherwise be walked from its end for every change of it. Memory <=
//! one bit for each change of the history, for each of a few branches of an open document.

use std::collections::VecDeque;

use crate::core::history::Place;
use crate::limits::REACHES_MAX;

/// Everything that `tips` depend on, themselves included, above a floor below which everything is.
#[derive(Debug)]
struct Reach {
    tips: Vec<Place>,
    floor: Place,
    members: Vec<u64>,
}

/// The sets of the branches that grew last.
#[derive(Debug, Default)]
pub(crate) struct Reaches {
    cached: VecDeque<Reach>,
}

impl Reaches {
    /// Whether each of `places` is among `tips` and what they depend on. Everything below `floor` is.
    pub(crate) fn cover<'a>(
        &mut self,
        tips: &[Place],
        floor: Place,
        places: &[Place],
        deps: impl Fn(Place) -> &'a [Place],
    ) -> bool {
        let mut reach =
            self.take(tips).unwrap_or(Reach { tips: Vec::new(), floor, members: Vec::new() });
        reach.grow(tips, deps);
        let is_covered = places.iter().all(|&place| place < floor || reach.contains(place));
        self.cached.push_front(reach);
        self.cached.truncate(REACHES_MAX);
        is_covered
    }

    /// A change at `place` was added that depends on `tips`: the branch that it continues grows with it.
    pub(crate) fn advance<'a>(
        &mut self,
        tips: &[Place],
        place: Place,
        deps: impl Fn(Place) -> &'a [Place],
    ) {
        if let Some(mut reach) = self.take(tips) {
            reach.grow(tips, deps);
            reach.insert(place);
            reach.tips = vec![place];
            self.cached.push_front(reach);
        }
    }

    fn take(&mut self, tips: &[Place]) -> Option<Reach> {
        let is_below = |reach: &Reach| reach.tips.iter().all(|tip| tips.contains(tip));
        let at = self.cached.iter().position(is_below)?;
        self.cached.remove(at)
    }
}

impl Reach {
    fn grow<'a>(&mut self, tips: &[Place], deps: impl Fn(Place) -> &'a [Place]) {
        let mut stack = tips.to_vec();
        while let Some(place) = stack.pop() {
            if place >= self.floor && self.insert(place) {
                stack.extend(deps(place));
            }
        }
        self.tips = tips.to_vec();
    }

    fn contains(&self, place: Place) -> bool {
        let (word, bit) = place.word_and_bit();
        self.members.get(word).is_some_and(|members| members & bit != 0)
    }

    /// Whether it was not there before.
    fn insert(&mut self, place: Place) -> bool {
        let (word, bit) = place.word_and_bit();
        if self.members.len() <= word {
            self.members.resize(word + 1, 0);
        }
        let Some(members) = self.members.get_mut(word) else { return false };
        let is_new = *members & bit == 0;
        *members |= bit;
        is_new
    }
}
