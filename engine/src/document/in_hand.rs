//! What automerge is at work on. Where a panic ends the process (WASM), it is all that the next one can learn from.

use std::cell::RefCell;

use super::Hash;

thread_local! {
    static IN_HAND: RefCell<Vec<Hash>> = const { RefCell::new(Vec::new()) };
}

/// The hashes of the changes and stored chunks that automerge is reading or applying in this thread right now. To be
/// asked by a panic hook and given to the next [`crate::Replica`] as [`crate::RoomOptions::breakdowns`].
pub fn in_hand() -> Vec<Hash> {
    // a panic inside must not panic again
    IN_HAND.with(|hashes| hashes.try_borrow().map(|hashes| hashes.clone()).unwrap_or_default())
}

/// Lays what was in hand before back into it.
#[derive(Debug)]
pub(super) struct Held {
    before: Vec<Hash>,
}

/// Takes these into the hand, until the answer is dropped.
pub(super) fn hold(hashes: Vec<Hash>) -> Held {
    Held { before: IN_HAND.replace(hashes) }
}

impl Drop for Held {
    fn drop(&mut self) {
        IN_HAND.set(std::mem::take(&mut self.before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_hand_comes_back() {
        let outer = hold(vec![[1; 32]]);
        let inner = hold(vec![[2; 32], [3; 32]]);
        assert_eq!(in_hand(), [[2; 32], [3; 32]]);
        drop(inner);
        assert_eq!(in_hand(), [[1; 32]]);
        drop(outer);
        assert_eq!(in_hand(), [[0; 32]; 0]);
    }
}
