//! One document in memory: the board, the talk or a body, with what is known of where its changes are.

use std::collections::VecDeque;

use automerge::{Automerge, ChangeHash, sync};
use bytes::Bytes;
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::sorted::{SortedSet, sort};
use warroom_protocol::{SaveId, Timestamp};

use super::acknowledged::Acknowledged;
use super::compaction::Compactor;
use super::mark::Mark;
use super::open_documents::Count;
use super::projections::Projector;
use crate::board::BoardDocument;
use crate::body::BodyDocument;
use crate::delta::Delta;
use crate::document::{Document, Hash};
use crate::error::{CommandError, ReceiveError};
use crate::ids::CardId;
use crate::output::Chunk;
use crate::session::{Census, SyncRefusal, check};
use crate::talk::TalkDocument;
use crate::undo::{Renewed, TakenBack, Way, Written};
use crate::write::Writer as _;

/// Which kind of document.
#[derive(Debug)]
pub(super) enum Kind {
    Board(Box<BoardDocument>),
    Body(Box<BodyDocument>),
    Talk(Box<TalkDocument>),
}

/// Calls the same method of any kind.
macro_rules! any {
    ($self:expr, $document:ident => $call:expr) => {
        match $self {
            Kind::Board($document) => $call,
            Kind::Body($document) => $call,
            Kind::Talk($document) => $call,
        }
    };
}

impl Kind {
    pub(super) fn document(&self) -> &Document {
        any!(self, document => document.document())
    }

    pub(super) fn document_mut(&mut self) -> &mut Document {
        any!(self, document => document.document_mut())
    }
}

/// A document in memory.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) kind: Kind,
    pub(super) acknowledged: Acknowledged,
    census: Census,
    /// Saves that are not durable yet.
    pub(super) pending: SortedSet<SaveId>,
    /// The newest save; 0 when there was none.
    pub(super) last_save: SaveId,
    /// The relay's heads as they are noted in storage.
    noted: Vec<ChangeHash>,
    /// What storage says that the relay has and that is not known here.
    unknown: Vec<ChangeHash>,
    /// The heads that every connection was told of.
    spread: Vec<ChangeHash>,
    pub(super) projector: Projector,
    pub(super) compactor: Compactor,
    /// What was counted of it when it was last looked at.
    pub(super) counted: Count,
}

/// Why a sync message was not taken in.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It never reached automerge.
    Message(SyncRefusal),
    /// It reached automerge.
    Document(ReceiveError),
}

impl Opened {
    /// A document that was just read. `noted`: the heads that the relay had, says storage.
    pub(super) fn new(
        kind: Kind,
        noted: Vec<Hash>,
        projector: Projector,
        compactor: Compactor,
    ) -> Self {
        let doc = kind.document().doc();
        let noted: Vec<ChangeHash> = noted.into_iter().map(ChangeHash).collect();
        let acknowledged = Acknowledged::new(doc, &noted);
        let is_unknown = |head: &ChangeHash| doc.get_change_meta_by_hash(head).is_none();
        let unknown = noted.into_iter().filter(is_unknown).collect();
        let mut census = Census::default();
        census.update(doc);
        let noted = acknowledged.heads_of_all().unwrap_or_default().to_vec();
        let spread = doc.get_heads();
        let (pending, last_save) = (SortedSet::new(), SaveId(0));
        Self {
            kind,
            acknowledged,
            census,
            pending,
            last_save,
            noted,
            unknown,
            spread,
            projector,
            compactor,
            counted: Count::default(),
        }
    }

    pub(super) fn doc(&self) -> &Automerge {
        self.kind.document().doc()
    }

    pub(super) fn heads(&self) -> Vec<ChangeHash> {
        self.kind.document().heads()
    }

    /// Whether a change is here, or is left out and never will be.
    pub(super) fn has(&self, change: &ChangeHash) -> bool {
        let is_here = self.doc().get_change_meta_by_hash(change).is_some();
        is_here || self.kind.document().left_out().contains(change)
    }

    pub(super) fn is_pristine(&self) -> bool {
        self.kind.document().is_pristine()
    }

    /// Whether an edit is in no change yet.
    pub(super) fn has_unwritten(&self) -> bool {
        match &self.kind {
            Kind::Board(board) => board.has_unwritten(),
            Kind::Body(body) => body.has_unwritten(),
            // read markers wait, and are no edits
            Kind::Talk(_) => false,
        }
    }

    pub(super) fn flush(&mut self, now: Timestamp) {
        any!(&mut self.kind, document => document.flush(now));
    }

    /// Writes out what was typed; read markers wait for their own time.
    pub(super) fn write_typing(&mut self, now: Timestamp) {
        match &mut self.kind {
            Kind::Board(board) => board.flush(now),
            Kind::Body(body) => body.flush(now),
            Kind::Talk(_) => {}
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        any!(&mut self.kind, document => document.handle_timeout(now));
        self.projector.handle_timeout(now);
        self.compactor.handle_timeout(now);
    }

    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        let typing = any!(&self.kind, document => document.next_timeout());
        let pauses = [self.projector.next_timeout(), self.compactor.next_timeout()];
        typing.into_iter().chain(pauses.into_iter().flatten()).min()
    }

    pub(super) fn take_deltas(&mut self) -> Vec<Delta> {
        any!(&mut self.kind, document => document.take_deltas())
    }

    pub(super) fn take_new_chunk(&mut self) -> Option<Chunk> {
        self.kind.document_mut().take_new_chunk()
    }

    /// The changes since the last call that a person can take back.
    pub(super) fn take_written(&mut self) -> VecDeque<Written> {
        self.kind.document_mut().take_written()
    }

    /// Takes changes back, as far as nobody wrote there since.
    pub(super) fn take_back(
        &mut self,
        now: Timestamp,
        step: (Way, Option<&CardId>),
        changes: &[ChangeHash],
        renewed: &mut Renewed,
    ) -> Result<TakenBack, CommandError> {
        any!(&mut self.kind, document => document.take_back(now, step, changes, renewed))
    }

    /// Everything in one chunk, to be stored where a part of what was stored could not be read.
    pub(super) fn whole_chunk(&mut self) -> Chunk {
        self.kind.document_mut().whole_chunk()
    }

    /// What it reads as, to be projected; the talk is not.
    pub(super) fn content(&self) -> Option<String> {
        match &self.kind {
            Kind::Board(board) => Some(board.projection()),
            Kind::Body(body) => Some(body.text()),
            Kind::Talk(_) => None,
        }
    }

    /// Takes in a sync message, after all that can be checked of it was.
    pub(super) fn receive(
        &mut self,
        now: Timestamp,
        state: &mut sync::State,
        data: &Bytes,
    ) -> Result<(), Refusal> {
        let mut checked = check(data).map_err(Refusal::Message)?;
        let (doc, left_out) = self.kind.document_mut().left_out_mut();
        left_out.take_out(doc, &mut checked.message, &mut checked.changes);
        let doc = self.kind.document().doc();
        self.census.update(doc);
        self.census.check(doc, &checked.changes).map_err(Refusal::Message)?;
        let (message, changes) = (checked.message, checked.changes);
        let result = any!(&mut self.kind, document => document.receive_message(now, state, message, &changes));
        result.map_err(Refusal::Document)
    }

    /// Looks whether changes that the guard has checked can be taken in; nothing is.
    pub(super) fn try_changes(&mut self, changes: &[CheckedChange]) -> Result<(), Refusal> {
        self.check_changes(changes)?;
        self.kind.document().try_changes(changes).map_err(Refusal::Document)
    }

    /// Checks changes against the history that is here.
    fn check_changes(&mut self, changes: &[CheckedChange]) -> Result<(), Refusal> {
        let doc = self.kind.document().doc();
        self.census.update(doc);
        self.census.check(doc, changes).map_err(Refusal::Message)
    }

    /// Takes in changes that the guard has checked and that a history may hold, in their order.
    pub(super) fn receive_changes(
        &mut self,
        now: Timestamp,
        changes: &[CheckedChange],
    ) -> Result<(), Refusal> {
        self.check_changes(changes)?;
        let received = any!(&mut self.kind, document => document.receive_changes(now, changes));
        received.map_err(Refusal::Document)
    }

    /// What is counted of it: `left_out` are the changes that were found to be harmful since it was opened, and are left
    /// out with all that builds on them.
    pub(super) fn count(&self) -> Count {
        let left_out = self.kind.document().left_out().found();
        Count { waiting: self.acknowledged.waiting(), left_out }
    }

    /// Whether there is something to tell, to store or to send.
    pub(super) fn has_news(&self) -> bool {
        any!(&self.kind, document => document.has_news()) || self.heads() != self.spread
    }

    /// Brings up to date what is known of the changes. True when there are heads that not every connection was told.
    pub(super) fn handle_changed(&mut self) -> bool {
        let heads = self.heads();
        if heads == self.spread {
            return false;
        }
        let doc = self.kind.document().doc();
        self.acknowledged.handle_changed(doc);
        self.spread = heads;
        true
    }

    /// The relay told its heads.
    pub(super) fn handle_told(&mut self, told: &[ChangeHash]) {
        let doc = self.kind.document().doc();
        self.acknowledged.handle_told(doc, told);
    }

    /// Whether the relay is known to have all that is here, and all that it is known to have is here.
    pub(super) fn is_on_relay(&self) -> bool {
        let is_all_there = self.acknowledged.is_told() && self.acknowledged.waiting() == 0;
        is_all_there && self.unknown.is_empty() && !self.has_unwritten() && !self.is_pristine()
    }

    /// The note that the relay has everything, where it does and storage does not say so yet.
    pub(super) fn take_note(&mut self) -> Option<Chunk> {
        if !self.needs_note() {
            return None;
        }
        let heads = self.acknowledged.heads_of_all()?;
        let note = Mark::OnRelay.write(heads.iter().map(|head| head.0));
        self.noted = heads.to_vec();
        self.compactor.notes.push(note.hash);
        Some(note)
    }

    /// One note of all that is known of what the relay has, instead of those before.
    pub(super) fn note_of_all(&self) -> Option<Chunk> {
        let mut heads = [self.acknowledged.heads(), &self.unknown].concat();
        sort(&mut heads);
        (!heads.is_empty()).then(|| Mark::OnRelay.write(heads.iter().map(|head| head.0)))
    }

    /// Whether [`Self::take_note`] gives one.
    pub(super) fn needs_note(&self) -> bool {
        self.acknowledged.heads_of_all().is_some_and(|heads| heads != self.noted)
    }

    /// Whether all that it shows is durable here.
    pub(super) fn is_stored(&self) -> bool {
        self.pending.is_empty() && !self.has_unwritten() && !self.kind.document().is_broken()
    }

    /// What is known of each document without looking at it: whether it waits for a moment, is to be projected or compacted
    /// once all of it is durable, needs a note, may leave memory, and has something to tell.
    pub(super) fn holds(&self) -> [bool; 5] {
        let is_due = self.projector.is_due() || self.compactor.is_due();
        let is_timed = self.next_timeout().is_some();
        [is_timed, is_due, self.needs_note(), self.is_safe(), self.has_news()]
    }

    /// Whether nothing is lost when it leaves memory: all of it is stored here and on the relay.
    pub(super) fn is_safe(&self) -> bool {
        self.is_stored() && self.acknowledged.waiting() == 0
    }
}
