//! The talk of one replica: its document, what a reader of its deltas has, and what it has stored.

use automerge::ChangeHash;
use warroom_engine::{Chunk, CommandError, Edited, Origin, Talk, TalkCommand, TalkDocument};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{Seed, Timestamp};

use crate::checks::Violation;
use crate::copy::{Done, person};
use crate::event::Who;
use crate::fault::Fault;
use crate::shown;

#[derive(Debug)]
pub(crate) struct TalkCopy {
    who: Who,
    pub(crate) doc: TalkDocument,
    /// The talk as the deltas say.
    replayed: Talk,
    chunks: Vec<Chunk>,
    /// How many of the chunks no restart can lose any more.
    safe: usize,
    fault: Option<Fault>,
}

impl TalkCopy {
    pub(crate) fn open(
        who: Who,
        seed: Seed,
        chunks: Vec<Chunk>,
        fault: Option<Fault>,
    ) -> Result<Self, Violation> {
        let (doc, report) = TalkDocument::open(person(who), seed, chunks.clone());
        if !report.quarantined.is_empty() {
            return Err(Violation::Refused(who, "a chunk was not read".to_owned()));
        }
        let mut copy = Self { who, doc, replayed: Talk::default(), chunks, safe: 0, fault };
        copy.settle(Origin::Remote)?;
        Ok(copy)
    }

    /// The talk that its person sees.
    pub(crate) fn talk(&self) -> &Talk {
        &self.replayed
    }

    /// Takes what the document tells and stores, and checks the view.
    fn settle(&mut self, origin: Origin) -> Result<(), Violation> {
        for delta in self.doc.take_deltas() {
            if !self.fault.is_some_and(|fault| fault.drops(&delta, origin)) {
                self.replayed.apply(&delta);
            }
        }
        self.chunks.extend(self.doc.take_new_chunk());
        let is_told = self.replayed == *self.doc.talk() && self.replayed == self.doc.rebuilt();
        if is_told { Ok(()) } else { Err(Violation::Drifted(self.who)) }
    }

    pub(crate) fn act(&mut self, now: Timestamp, command: TalkCommand) -> Result<Done, Violation> {
        let heads = self.doc.heads();
        let before = shown::said(&self.replayed);
        let result: Result<Edited, CommandError> = self.doc.apply_command(now, command);
        self.settle(Origin::Local)?;
        let change: Option<ChangeHash> =
            self.doc.heads().first().copied().filter(|_| self.doc.heads() != heads);
        Ok(Done { result, change, before, after: shown::said(&self.replayed) })
    }

    pub(crate) fn wait(&mut self, now: Timestamp) -> Result<(), Violation> {
        self.doc.handle_timeout(now);
        self.settle(Origin::Local)
    }

    pub(crate) fn flush(&mut self, now: Timestamp) -> Result<(), Violation> {
        self.doc.flush(now);
        self.settle(Origin::Local)
    }

    pub(crate) fn receive(
        &mut self,
        now: Timestamp,
        changes: &[CheckedChange],
    ) -> Result<(), Violation> {
        let received = self.doc.receive_changes(now, changes);
        received.map_err(|error| Violation::Refused(self.who, error.to_string()))?;
        self.settle(Origin::Remote)
    }

    /// What is stored now stays.
    pub(crate) fn keep(&mut self) {
        self.safe = self.chunks.len();
    }

    /// Dies, and comes back from what is stored, without the newest chunks.
    pub(crate) fn restart(&mut self, seed: Seed, lost: usize) -> Result<(), Violation> {
        let before = shown::said(&self.replayed);
        let safe = self.safe;
        let kept = self.chunks.len().saturating_sub(lost).max(safe);
        let chunks = self.chunks.drain(..kept).collect();
        *self = Self { safe, ..Self::open(self.who, seed, chunks, self.fault)? };
        let is_same = lost > 0 || self.fault.is_some() || before == shown::said(&self.replayed);
        if is_same { Ok(()) } else { Err(Violation::Forgotten(self.who)) }
    }
}
