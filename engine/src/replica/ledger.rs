//! Where the edits of this session are: made, written as a change, stored here, on the relay.

use std::collections::VecDeque;

use automerge::ChangeHash;
use warroom_protocol::{DocumentId, SaveId};

/// The edits that are not yet stored and acknowledged, oldest first, and how far those are that are.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    made: u64,
    stored: u64,
    on_relay: u64,
    edits: VecDeque<Edit>,
}

#[derive(Debug)]
struct Edit {
    number: u64,
    document: DocumentId,
    written: Option<Written>,
    stored: bool,
    on_relay: bool,
}

/// The change that holds an edit, or later ones that hold it.
#[derive(Debug, Clone)]
struct Written {
    heads: Vec<ChangeHash>,
    save: SaveId,
}

impl Ledger {
    /// The number of the newest edit.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// Every edit up to this one is stored here.
    pub(super) fn stored(&self) -> u64 {
        self.stored
    }

    /// Every edit up to this one is durable on the relay.
    pub(super) fn on_relay(&self) -> u64 {
        self.on_relay
    }

    /// A person edited a document; the edit may still be buffered.
    pub(super) fn handle_made(&mut self, document: &DocumentId) -> u64 {
        self.made += 1;
        let (document, written) = (document.clone(), None);
        let edit = Edit { number: self.made, document, written, stored: false, on_relay: false };
        self.edits.push_back(edit);
        self.made
    }

    /// Everything that was edited in a document is in changes now: below `heads`, and in saves up to `save`.
    pub(super) fn handle_written(
        &mut self,
        document: &DocumentId,
        heads: &[ChangeHash],
        save: SaveId,
    ) {
        for edit in self.edits.iter_mut().rev() {
            if edit.document != *document {
                continue;
            }
            if edit.written.is_some() {
                break;
            }
            edit.written = Some(Written { heads: heads.to_vec(), save });
        }
    }

    /// All saves of a document are durable but those from `pending` on.
    pub(super) fn handle_stored(&mut self, document: &DocumentId, pending: Option<SaveId>) {
        for edit in self.edits.iter_mut().filter(|edit| edit.document == *document) {
            let Some(written) = &edit.written else { break };
            edit.stored |= pending.is_none_or(|pending| written.save < pending);
        }
        self.advance();
    }

    /// The relay has the heads of a document for which `has` says so.
    pub(super) fn handle_acknowledged(
        &mut self,
        document: &DocumentId,
        has: impl Fn(&[ChangeHash]) -> bool,
    ) {
        for edit in self.edits.iter_mut().filter(|edit| edit.document == *document) {
            let Some(written) = &edit.written else { break };
            edit.on_relay |= has(&written.heads);
        }
        self.advance();
    }

    fn advance(&mut self) {
        let before = |is_done: fn(&Edit) -> bool| {
            let first = self.edits.iter().find(|edit| !is_done(edit));
            first.map_or(self.made, |edit| edit.number - 1)
        };
        (self.stored, self.on_relay) = (before(|edit| edit.stored), before(|edit| edit.on_relay));
        while self.edits.front().is_some_and(|edit| edit.stored && edit.on_relay) {
            self.edits.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: ChangeHash = ChangeHash([1; 32]);

    #[test]
    fn an_edit_counts_as_stored_only_when_all_before_it_are() {
        let (board, body) =
            (DocumentId::from_room_name("board"), DocumentId::from_room_name("body"));
        let mut ledger = Ledger::default();
        assert_eq!((ledger.handle_made(&board), ledger.handle_made(&body)), (1, 2));
        ledger.handle_written(&body, &[HEAD], SaveId(1));
        ledger.handle_stored(&body, None);
        assert_eq!(ledger.stored(), 0, "the first is still buffered");
        ledger.handle_written(&board, &[HEAD], SaveId(2));
        ledger.handle_stored(&board, Some(SaveId(2)));
        assert_eq!(ledger.stored(), 0);
        ledger.handle_stored(&board, Some(SaveId(3)));
        assert_eq!((ledger.stored(), ledger.on_relay()), (2, 0));
    }

    #[test]
    fn an_edit_is_on_the_relay_once_the_relay_has_its_change_and_all_before_it() {
        let board = DocumentId::from_room_name("board");
        let mut ledger = Ledger::default();
        ledger.handle_made(&board);
        ledger.handle_acknowledged(&board, |_| true);
        assert_eq!(ledger.on_relay(), 0, "it is no change yet");
        ledger.handle_written(&board, &[HEAD], SaveId(1));
        ledger.handle_acknowledged(&board, |heads| heads != [HEAD]);
        assert_eq!(ledger.on_relay(), 0);
        ledger.handle_acknowledged(&board, |heads| heads == [HEAD]);
        ledger.handle_made(&board);
        assert_eq!((ledger.made(), ledger.on_relay()), (2, 1));
    }
}
