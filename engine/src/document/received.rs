//! What comes in over a connection, and what of it a document took in.

use automerge::sync;
use automerge::{Change, Patch};
use warroom_protocol::guard::CheckedChange;

/// A sync message whose parts the guard has checked, for the sync with whoever sent it.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) state: &'a mut sync::State,
    pub(crate) message: sync::Message,
    /// Those of the message.
    pub(crate) changes: &'a [CheckedChange],
}

/// What was taken in.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Each after what it depends on; those that had waited for others are among them.
    pub(crate) changes: Vec<Change>,
    /// How texts changed, where somebody wanted to know: hints, automerge 0.12 sometimes makes wrong ones. Making them
    /// takes several times as long as taking the changes in.
    pub(crate) patches: Vec<Patch>,
}

impl Received {
    /// Adds what was taken in later.
    pub(super) fn extend(&mut self, later: Self) {
        self.changes.extend(later.changes);
        self.patches.extend(later.patches);
    }
}
