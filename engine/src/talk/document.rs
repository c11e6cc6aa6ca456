//! The talk's document: commands and remote changes in, chunks, sync and deltas out.

use automerge::ROOT;
use warroom_protocol::{DocumentId, Seed, Timestamp};

use super::command::TalkCommand;
use super::commands::moment_ahead;
use super::comment::{Seen, Votes};
use super::hints::TalkHints;
use super::markers::Markers;
use super::read::{self, build, read_seen_key, seen_at, votes_for};
use super::view::Talk;
use crate::board::schema::{COMMENTS, SEEN, VOTES, first_of_talk};
use crate::board::{Edited, Source, Stamp, map_at};
use crate::delta::Delta;
use crate::document::{Document, LoadReport, Received, Stored, document_methods};
use crate::error::{CommandError, ReceiveError};
use crate::history::{Placed, Said};
use crate::ids::{CardId, UserId};
use crate::transact::{Draft, Drafting};
use crate::write::Writer;

/// The id of the talk of the board `root`: derived, so that two people who first say something offline say it in the
/// same document.
pub fn talk_id(root: &DocumentId) -> DocumentId {
    DocumentId::derived(root, "talk")
}

/// The talk of a room. Works as [`crate::BoardDocument`]; methods of the same name mean the same.
#[derive(Debug)]
pub struct TalkDocument {
    person: UserId,
    document: Document,
    view: Talk,
    markers: Markers,
    placed: Placed,
    deltas: Vec<Delta>,
}

document_methods!(TalkDocument);

impl TalkDocument {
    /// Makes the talk from everything that this device has of it. The first delta is a `TalkReset`.
    pub fn open(person: UserId, seed: Seed, stored: impl Into<Stored>) -> (Self, LoadReport) {
        let (document, report) = Document::open(first_of_talk, person.clone(), seed, stored.into());
        let view = build(document.doc().into());
        let deltas = vec![view.to_reset()];
        let (markers, placed) = (Markers::default(), Placed::default());
        (Self { person, document, view, markers, placed, deltas }, report)
    }

    /// Does what a person wants.
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed. Whether a card is on the board is not known here.
    pub fn apply_command(
        &mut self,
        now: Timestamp,
        command: TalkCommand,
    ) -> Result<Edited, CommandError> {
        self.check_writable()?;
        if let TalkCommand::MarkSeen { card } = command {
            self.mark_seen(now, card);
            return Ok(Edited { wrote: false });
        }
        match self.plan(now, command)? {
            Some(plan) => self.execute(now, plan),
            None => Ok(Edited { wrote: false }),
        }
    }

    /// Adds a command to a draft. Whether its card is on the board is not known here.
    ///
    /// # Errors
    /// [`CommandError`]: the draft comes to nothing.
    pub(crate) fn draft(
        &mut self,
        now: Timestamp,
        draft: &mut Draft,
        command: TalkCommand,
    ) -> Result<(), CommandError> {
        let planned = self.plan(now, command)?;
        self.add_to_draft(now, draft, planned)
    }

    pub(crate) fn check_writable(&self) -> Result<(), CommandError> {
        let writable = !self.view.is_read_only() && !self.document.is_broken();
        if writable { Ok(()) } else { Err(CommandError::ReadOnly) }
    }

    /// What is nothing new is not written: a marker never goes back, and where nothing is unread none is needed. A marker
    /// does not follow a comment from a clock that is far ahead, because everything after it would count as read.
    pub(super) fn mark_seen(&mut self, now: Timestamp, card: Option<CardId>) {
        let at = match &card {
            Some(card) if self.view.unread(card, &self.person) == 0 => return,
            Some(card) => self.view.newest(card, moment_ahead(now)).unwrap_or(0),
            None => Stamp::new(now, &self.person).at,
        };
        if self.view.seen(&self.person, card.as_ref()).is_some_and(|seen| seen >= at) {
            return;
        }
        let seen = Seen { by: self.person.clone(), card, at };
        self.markers.put(seen.clone());
        self.tell(Delta::SeenPut { seen });
        self.handle_timeout(now);
    }

    /// Writes out the read markers. What can't be written is shown as the document has it.
    fn write_markers(&mut self, now: Timestamp) {
        let markers = self.markers.take(now);
        let written = match self.plan_seen(&markers) {
            Ok(Some(plan)) => self.execute(now, plan).map(|_| ()),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if written.is_err() {
            self.refresh(&TalkHints { all: true, ..TalkHints::default() });
        }
    }

    /// Writes out everything that waits.
    pub fn flush(&mut self, now: Timestamp) {
        if self.markers.due().is_some() {
            self.write_markers(now);
        }
    }

    /// Writes out what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if self.markers.due().is_some_and(|due| due <= now) {
            self.write_markers(now);
        }
    }

    /// When to call `handle_timeout`.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        self.markers.due()
    }

    /// The view.
    pub fn talk(&self) -> &Talk {
        &self.view
    }

    /// A view made anew from the document, with the read markers that wait: what `talk` must equal.
    pub fn rebuilt(&self) -> Talk {
        let mut talk = build(self.source());
        for seen in self.markers.waiting() {
            if talk.seen(&seen.by, seen.card.as_ref()).is_none_or(|at| at < seen.at) {
                talk.apply(&Delta::SeenPut { seen: seen.clone() });
            }
        }
        talk
    }

    pub(super) fn person(&self) -> &UserId {
        &self.person
    }

    pub(super) fn source(&self) -> Source<'_> {
        self.doc().into()
    }

    /// Read markers wait for their own time, whatever comes.
    #[expect(clippy::unused_self, reason = "the other documents write out what was typed")]
    fn prepare_to_receive(&self, _now: Timestamp) {}

    /// What is to be read again is still learnt from patches.
    #[expect(clippy::unused_self, reason = "the other documents ask whether somebody types")]
    fn has_typist(&self) -> bool {
        true
    }

    fn received(&mut self, received: Result<Received, ReceiveError>) -> Result<(), ReceiveError> {
        match received {
            Ok(Received { changes: _, patches }) => {
                self.refresh(&TalkHints::of_patches(&patches));
                Ok(())
            }
            Err(error) => {
                self.refresh(&TalkHints { all: true, ..TalkHints::default() });
                Err(error)
            }
        }
    }

    /// What was said about a card, or about all, in the order in which it happened.
    pub(crate) fn said(&mut self, card: Option<&CardId>) -> Said<'_> {
        self.placed.said(&self.view, self.document.dated(), card)
    }

    #[cfg(test)]
    pub(crate) fn placed(&self) -> &Placed {
        &self.placed
    }

    /// Changes the view and tells so.
    fn tell(&mut self, delta: Delta) {
        if let Delta::TalkReset { .. } = &delta {
            self.placed.clear();
        } else if let Delta::CommentPut { comment } = &delta
            && self.view.comment(&comment.id).is_none()
        {
            self.placed.handle_new(&comment.id);
        }
        self.view.apply(&delta);
        self.deltas.push(delta);
    }

    /// Reads again what may have changed, and tells what did. Something that is gone was deleted by a foreign program, ours
    /// never delete a comment's key: then everything is told anew.
    fn refresh(&mut self, hints: &TalkHints) {
        let deltas = if hints.all { None } else { self.read_hinted(hints) };
        let deltas = deltas.unwrap_or_else(|| {
            let view = self.rebuilt();
            if view == self.view { Vec::new() } else { vec![view.to_reset()] }
        });
        for delta in deltas {
            self.tell(delta);
        }
    }

    /// What differs from the view; none where something that was shown is gone.
    fn read_hinted(&self, hints: &TalkHints) -> Option<Vec<Delta>> {
        let doc = self.source();
        let mut deltas = Vec::new();
        let container = |key, wanted: bool| map_at(doc, &ROOT, key).filter(|_| wanted);
        let comments = container(COMMENTS, !hints.comments.is_empty());
        for id in hints.comments.iter() {
            let shown = self.view.comment(id);
            let obj = comments.as_ref().and_then(|comments| map_at(doc, comments, id.as_str()));
            let Some(obj) = obj else {
                shown.is_none().then_some(())?;
                continue;
            };
            let comment = read::comment(doc, id, &obj);
            if shown != Some(&comment) {
                deltas.push(Delta::CommentPut { comment });
            }
        }
        if let Some(votes) = container(VOTES, !hints.votes.is_empty()) {
            for card in hints.votes.iter() {
                let by = votes_for(doc, &votes, card);
                if self.view.votes(card) != by {
                    deltas.push(Delta::VotesPut { votes: Votes { card: card.clone(), by } });
                }
            }
        }
        if let Some(seen) = container(SEEN, !hints.seen.is_empty()) {
            for key in hints.seen.iter() {
                let Some((by, card)) = read_seen_key(key) else { continue };
                let waiting = self.markers.waiting_of(card.as_ref());
                let waiting = waiting.filter(|_| by == self.person);
                let shown = self.view.seen(&by, card.as_ref());
                let at = seen_at(doc, &seen, key).max(waiting);
                let Some(at) = at else {
                    shown.is_none().then_some(())?;
                    continue;
                };
                if shown != Some(at) {
                    deltas.push(Delta::SeenPut { seen: Seen { by, card, at } });
                }
            }
        }
        Some(deltas)
    }
}

impl Writer for TalkDocument {
    type Hints = TalkHints;

    fn document(&self) -> &Document {
        &self.document
    }

    fn document_mut(&mut self) -> &mut Document {
        &mut self.document
    }

    fn stamp(&self, now: Timestamp) -> Stamp {
        Stamp::new(now, &self.person)
    }

    fn hints_at(&self, places: &[Vec<String>]) -> TalkHints {
        TalkHints::of_places(places)
    }

    fn read_again(&mut self, hints: &TalkHints) {
        self.refresh(hints);
    }
}

impl Drafting for TalkDocument {
    fn deltas_mut(&mut self) -> &mut Vec<Delta> {
        &mut self.deltas
    }

    fn read_view(&mut self, hints: &TalkHints) {
        self.refresh(hints);
    }

    fn show_anew(&mut self) {
        self.view = self.rebuilt();
        self.placed.clear();
    }
}
