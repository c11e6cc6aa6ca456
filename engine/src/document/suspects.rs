//! What earlier breakdowns taught: where a panic ends the process (WASM), the next one must not do the same again.

use super::Hash;
use warroom_protocol::sorted::sort;

/// Changes and stored chunks that broke an engine down, or that were there when it happened. Both lists are sorted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects {
    /// Alone in hand when it happened: never to be given to automerge again.
    harmful: Vec<Hash>,
    /// In hand together with others: to be given to automerge one at a time, so that what is harmful shows itself.
    suspected: Vec<Hash>,
}

impl Suspects {
    /// `breakdowns`: what was in hand ([`crate::in_hand`]) at each of them.
    pub(crate) fn of(breakdowns: Vec<Vec<Hash>>) -> Self {
        let mut suspects = Self::default();
        for hashes in breakdowns {
            let is_alone = hashes.len() == 1;
            let list = if is_alone { &mut suspects.harmful } else { &mut suspects.suspected };
            list.extend(hashes);
        }
        sort(&mut suspects.harmful);
        sort(&mut suspects.suspected);
        suspects
    }

    /// What is harmful, sorted.
    pub(crate) fn harmful(&self) -> impl Iterator<Item = Hash> + '_ {
        self.harmful.iter().copied()
    }

    /// Learns what an earlier engine found to be harmful. Answers whether it knew all that is known here.
    pub(crate) fn learn(&mut self, noted: Vec<Hash>) -> bool {
        let knew_all = self.harmful.iter().all(|hash| noted.contains(hash));
        self.harmful.extend(noted);
        sort(&mut self.harmful);
        self.harmful.dedup();
        knew_all
    }

    pub(crate) fn is_harmful(&self, hash: &Hash) -> bool {
        self.harmful.binary_search(hash).is_ok()
    }

    /// Suspected, and not found to be harmful.
    pub(super) fn is_suspected(&self, hash: &Hash) -> bool {
        self.suspected.binary_search(hash).is_ok() && !self.is_harmful(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Hash = [1; 32];
    const B: Hash = [2; 32];

    #[test]
    fn what_was_alone_in_hand_is_harmful_and_the_others_are_suspected() {
        let suspects = Suspects::of(vec![vec![B, A], Vec::new(), vec![B]]);
        assert!(suspects.is_harmful(&B) && !suspects.is_suspected(&B));
        assert!(suspects.is_suspected(&A) && !suspects.is_harmful(&A));
    }

    #[test]
    fn what_is_noted_is_learnt_and_what_is_not_is_to_be_noted() {
        let mut suspects = Suspects::of(vec![vec![A]]);
        assert!(!suspects.learn(vec![B]), "A is to be noted");
        assert!(suspects.learn(vec![A, B]));
        assert_eq!(suspects.harmful().collect::<Vec<_>>(), [A, B]);
    }
}
