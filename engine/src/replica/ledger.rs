//! Where the edits of this session are: made, written as a change, stored here, on the relay.

use std::collections::VecDeque;

use automerge::ChangeHash;
use warroom_protocol::sorted::{SortedMap, SortedSet};
use warroom_protocol::{DocumentId, SaveId};

/// The edits that are not yet stored and acknowledged, and how far those are that are.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    made: u64,
    stored: u64,
    on_relay: u64,
    lines: SortedMap<DocumentId, Line>,
    /// Edits that wait until a document is here, and may come to nothing.
    waiting: SortedSet<u64>,
}

/// The edits of one document, oldest first. What holds of one holds of those before it: a change is stored and
/// acknowledged with all that it builds on.
#[derive(Debug, Default)]
struct Line {
    /// The number of each, and the change that holds it; those that are in no change yet come last.
    edits: VecDeque<(u64, Option<Written>)>,
    /// How many of them are stored here, and how many are on the relay.
    stored: usize,
    on_relay: usize,
}

/// The change that holds an edit, or later ones that hold it.
#[derive(Debug, Clone)]
struct Written {
    heads: Vec<ChangeHash>,
    save: SaveId,
}

impl Line {
    /// How many edits from the first on satisfy it, where so many are known to.
    fn count(&self, known: usize, is_done: impl Fn(&Written) -> bool) -> usize {
        let rest = self.edits.iter().skip(known);
        known + rest.take_while(|(_, written)| written.as_ref().is_some_and(&is_done)).count()
    }

    /// Forgets the edits that are done.
    fn settle(&mut self) {
        let done = self.stored.min(self.on_relay);
        self.edits.drain(..done);
        self.stored -= done;
        self.on_relay -= done;
    }
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

    /// Whether an edit of a document is not known to be in a change yet.
    pub(super) fn is_unwritten(&self, document: &DocumentId) -> bool {
        let last = self.lines.get(document).and_then(|line| line.edits.back());
        last.is_some_and(|(_, written)| written.is_none())
    }

    /// A person edited a document; the edit may still be buffered.
    pub(super) fn handle_made(&mut self, document: &DocumentId) -> u64 {
        self.made += 1;
        self.handle_part(document);
        self.made
    }

    /// The newest edit wrote into this document too.
    pub(super) fn handle_part(&mut self, document: &DocumentId) {
        self.lines.get_or_default(document.clone()).edits.push_back((self.made, None));
    }

    /// A person edited a document that is not here yet.
    pub(super) fn handle_waiting(&mut self) -> u64 {
        self.made += 1;
        self.waiting.insert(self.made);
        self.made
    }

    /// An edit that waited was made in a document, or came to nothing. What was edited there since is taken for written only
    /// with it.
    pub(super) fn handle_waited(&mut self, document: &DocumentId, edit: u64, wrote: bool) {
        self.waiting.remove(&edit);
        if wrote {
            let line = self.lines.get_or_default(document.clone());
            let at = line.edits.partition_point(|(other, _)| *other < edit);
            line.edits.insert(at, (edit, None));
            line.edits.iter_mut().skip(at).for_each(|(_, written)| *written = None);
            (line.stored, line.on_relay) = (line.stored.min(at), line.on_relay.min(at));
        }
        self.advance(document);
    }

    /// Everything that was edited in a document is in changes now: below `heads`, and in saves up to `save`.
    pub(super) fn handle_written(
        &mut self,
        document: &DocumentId,
        heads: &[ChangeHash],
        save: SaveId,
    ) {
        let Some(line) = self.lines.get_mut(document) else { return };
        let unwritten = line.edits.iter_mut().rev().take_while(|(_, written)| written.is_none());
        unwritten.for_each(|(_, written)| *written = Some(Written { heads: heads.to_vec(), save }));
    }

    /// All saves of a document are durable but those from `pending` on.
    pub(super) fn handle_stored(&mut self, document: &DocumentId, pending: Option<SaveId>) {
        let Some(line) = self.lines.get_mut(document) else { return };
        let is_done = |written: &Written| pending.is_none_or(|pending| written.save < pending);
        line.stored = line.count(line.stored, is_done);
        self.advance(document);
    }

    /// The relay has the heads of a document for which `has` says so.
    pub(super) fn handle_acknowledged(
        &mut self,
        document: &DocumentId,
        has: impl Fn(&[ChangeHash]) -> bool,
    ) {
        let Some(line) = self.lines.get_mut(document) else { return };
        line.on_relay = line.count(line.on_relay, |written| has(&written.heads));
        self.advance(document);
    }

    fn advance(&mut self, document: &DocumentId) {
        if let Some(line) = self.lines.get_mut(document) {
            line.settle();
            if line.edits.is_empty() {
                self.lines.remove(document);
            }
        }
        let before = |done: fn(&Line) -> usize| {
            let first = self.lines.values().filter_map(|line| line.edits.get(done(line)));
            let first = first.map(|(number, _)| number).chain(self.waiting.first()).min();
            first.map_or(self.made, |number| number - 1)
        };
        (self.stored, self.on_relay) = (before(|line| line.stored), before(|line| line.on_relay));
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

    #[test]
    fn an_edit_of_two_documents_is_one_and_stored_when_both_are() {
        let (board, talk) =
            (DocumentId::from_room_name("board"), DocumentId::from_room_name("talk"));
        let mut ledger = Ledger::default();
        ledger.handle_made(&board);
        ledger.handle_part(&talk);
        assert_eq!(ledger.made(), 1);
        for (document, stored) in [(&board, 0), (&talk, 1)] {
            ledger.handle_written(document, &[HEAD], SaveId(1));
            ledger.handle_stored(document, None);
            assert_eq!((ledger.stored(), ledger.on_relay()), (stored, 0));
        }
        for (document, on_relay) in [(&talk, 0), (&board, 1)] {
            ledger.handle_acknowledged(document, |_| true);
            assert_eq!(ledger.on_relay(), on_relay);
        }
    }

    #[test]
    fn an_edit_that_waits_holds_up_those_after_it_and_may_come_to_nothing() {
        let (board, body) =
            (DocumentId::from_room_name("board"), DocumentId::from_room_name("body"));
        for wrote in [false, true] {
            let mut ledger = Ledger::default();
            let first = ledger.handle_waiting();
            for document in [&body, &board] {
                ledger.handle_made(document);
                ledger.handle_written(document, &[HEAD], SaveId(1));
                ledger.handle_stored(document, None);
                ledger.handle_acknowledged(document, |_| true);
            }
            let done = |ledger: &Ledger| (ledger.stored(), ledger.on_relay());
            assert_eq!(done(&ledger), (0, 0));
            ledger.handle_waited(&body, first, wrote);
            assert_eq!(done(&ledger), if wrote { (0, 0) } else { (3, 3) });
            ledger.handle_written(&body, &[HEAD], SaveId(2));
            ledger.handle_stored(&body, None);
            ledger.handle_acknowledged(&body, |_| true);
            assert_eq!(done(&ledger), (3, 3));
        }
    }
}
