//! Trying something on a document.

use automerge::Automerge;

use super::Document;

impl Document {
    /// From now on a copy is written into, until [`Self::end_trial`] with what this gives. What is written then for good gets the
    /// ids that it has on trial.
    pub(crate) fn begin_trial(&mut self) -> Automerge {
        self.draw_actor();
        self.doc.clone()
    }

    /// The document is what it was.
    pub(crate) fn end_trial(&mut self, kept: Automerge) {
        self.doc = kept;
    }
}
