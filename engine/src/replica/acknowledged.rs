//! What of a document the relay is known to have on its disk.

use std::collections::BTreeSet;
use warroom_protocol::sorted::sort;

use automerge::{Automerge, ChangeHash};

/// What the relay has, as far as it told: its heads, and the changes here that are not below them.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    /// Heads that the relay has and this replica too, sorted.
    heads: Vec<ChangeHash>,
    /// The changes here that the relay is not known to have.
    waiting: BTreeSet<ChangeHash>,
    /// The document's heads when `waiting` was last brought up to date.
    seen: Vec<ChangeHash>,
}

impl Acknowledged {
    /// What an earlier session knew: the relay had these heads.
    pub(super) fn new(doc: &Automerge, heads: &[ChangeHash]) -> Self {
        let mut known = Self::default();
        known.set_heads(doc, known_of(doc, heads));
        known
    }

    /// The document has changes that it had not.
    pub(super) fn handle_changed(&mut self, doc: &Automerge) {
        let heads = doc.get_heads();
        if heads != self.seen {
            self.waiting.extend(waiting_since(doc, &self.seen));
            self.seen = heads;
        }
    }

    /// The relay told its heads. Those that are not known here count once they are. A relay that lost something
    /// tells less than before, and is believed once it tells nothing unknown.
    pub(super) fn handle_told(&mut self, doc: &Automerge, told: &[ChangeHash]) {
        self.handle_changed(doc);
        let mut known = known_of(doc, told);
        if known.len() != told.len() {
            known.extend(&self.heads);
            sort(&mut known);
            known.dedup();
        }
        if known != self.heads {
            self.set_heads(doc, known);
        }
    }

    /// Whether the relay is known to have anything.
    pub(super) fn is_told(&self) -> bool {
        !self.heads.is_empty()
    }

    /// How many changes here the relay is not known to have.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the relay has these changes of the document.
    pub(super) fn has(&self, hashes: &[ChangeHash]) -> bool {
        hashes.iter().all(|hash| !self.waiting.contains(hash))
    }

    /// The relay's heads, where everything here is below them.
    pub(super) fn heads_of_all(&self) -> Option<&[ChangeHash]> {
        (self.waiting.is_empty() && !self.heads.is_empty()).then_some(&self.heads)
    }

    /// Heads that the relay has and this replica too, sorted.
    pub(super) fn heads(&self) -> &[ChangeHash] {
        &self.heads
    }

    fn set_heads(&mut self, doc: &Automerge, heads: Vec<ChangeHash>) {
        self.seen = doc.get_heads();
        self.waiting =
            if heads == self.seen { BTreeSet::new() } else { waiting_since(doc, &heads).collect() };
        self.heads = heads;
    }
}

fn known_of(doc: &Automerge, heads: &[ChangeHash]) -> Vec<ChangeHash> {
    let known = heads.iter().filter(|head| doc.get_change_meta_by_hash(head).is_some());
    known.copied().collect()
}

/// The changes that are not below `heads`. A change without dependencies is the first, which every replica has from
/// the start and nobody waits for.
fn waiting_since<'a>(
    doc: &'a Automerge,
    heads: &[ChangeHash],
) -> impl Iterator<Item = ChangeHash> + use<'a> {
    let changes = doc.get_changes_meta(heads).into_iter();
    changes.filter(|change| !change.deps.is_empty()).map(|change| change.hash)
}
