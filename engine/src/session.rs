//! Sync of one document over one connection: what each side is known to have, and what to say next.

mod census;
mod check;

use automerge::sync::{self, SyncDoc as _};
use automerge::{Automerge, ChangeHash};
use bytes::Bytes;

pub(crate) use census::Census;
pub(crate) use check::{SyncRefusal, check};

/// The sync of one document with the other end of one connection. Made anew for each connection: nothing is assumed
/// of what the other end had before.
#[derive(Debug, Default)]
pub(crate) struct Session {
    state: sync::State,
    /// The other end lacks the document, or denies it; it was told of these heads. It hears of the document again
    /// when there is more than these.
    unavailable_at: Option<Vec<ChangeHash>>,
}

impl Session {
    /// Automerge's state, for a message that is taken in. Whoever sends one has the document, whatever it said before.
    pub(crate) fn state(&mut self) -> &mut sync::State {
        self.unavailable_at = None;
        &mut self.state
    }

    /// The next message to the other end, if there is anything to say. To be asked after the document changed and
    /// after a message from the other end was taken in.
    pub(crate) fn next_message(&mut self, doc: &Automerge) -> Option<Bytes> {
        if let Some(told) = &self.unavailable_at {
            if *told == doc.get_heads() {
                return None;
            }
            self.unavailable_at = None;
        }
        let message = doc.generate_sync_message(&mut self.state)?;
        Some(message.encode().into())
    }

    /// The heads that the other end told last, sorted; none before its first message.
    pub(crate) fn told_heads(&self) -> Option<&[ChangeHash]> {
        self.state.their_heads.as_deref()
    }

    /// Whether both ends said that they have the same.
    pub(crate) fn is_in_step(&self, doc: &Automerge) -> bool {
        self.told_heads() == Some(doc.get_heads().as_slice())
    }

    /// The other end does not have the document, or denies it.
    pub(crate) fn handle_unavailable(&mut self, doc: &Automerge) {
        self.state = sync::State::new();
        self.unavailable_at = Some(doc.get_heads());
    }

    /// Whether the other end does not have the document, or denies it.
    pub(crate) fn is_unavailable(&self) -> bool {
        self.unavailable_at.is_some()
    }
}
