//! What follows from every input: deltas, saves, sync, presence, visits and the status, in this order.

use automerge::ChangeHash;
use warroom_protocol::{ConnectionId, DocumentId, Timestamp};

use super::dialer::Line;
use super::open_documents::Count;
use super::opened::{Kind, Opened};
use super::{Chunk, Output, Phase, Replica, Status, StorageState};
use crate::body::body_id;
use crate::delta::Delta;
use crate::limits::{BODIES_KEPT_MAX, NOTE_AFTER};

impl Replica {
    /// Ends the handling of an input.
    pub(super) fn finish(&mut self, now: Timestamp) {
        self.go_back(now);
        let stirred = self
            .opened
            .touched()
            .filter(|(document, opened)| opened.has_news() || self.ledger.is_unwritten(document));
        let stirred: Vec<DocumentId> = stirred.map(|(document, _)| document.clone()).collect();
        for document in &stirred {
            self.settle(now, document);
        }
        self.keep_changed_undo();
        self.project_due();
        self.ask_for_talk();
        self.finish_presence();
        self.visit(now);
        self.answer(now);
        self.opened.refresh();
        self.let_go(now);
        self.opened.refresh();
        let needs_note = self.catch_up.needs_note() || !self.opened.noting().is_empty();
        if self.note_at.is_none() && needs_note {
            self.note_at = Some(now + NOTE_AFTER);
        }
        debug_assert!(self.opened.is_known(), "a document changed and was not touched");
        self.tell_status(now);
    }

    /// The talk is read once the board is on its way to the screen.
    fn ask_for_talk(&mut self) {
        if !self.talk_asked && self.opened.contains_key(&self.options.board) {
            self.talk_asked = true;
            self.outputs.push_back(Output::Load { document: self.talk.clone() });
        }
    }

    /// Hands out what a document has to say: first to the person, then to storage, then to the others.
    pub(super) fn settle(&mut self, now: Timestamp, document: &DocumentId) {
        self.learn_written(document);
        let Some(opened) = self.opened.get_mut(document) else { return };
        let deltas = opened.take_deltas();
        let chunk = opened.take_new_chunk();
        if !deltas.is_empty() {
            if *document == self.options.board {
                self.learn_bodies(&deltas);
            }
            self.outputs.push_back(Output::Deltas(deltas));
        }
        if let Some(chunk) = chunk {
            self.store(document, chunk);
        }
        let Some(opened) = self.opened.get_mut(document) else { return };
        let has_news = opened.handle_changed();
        if has_news {
            self.texts.forget(document);
        }
        let Some(opened) = self.opened.get_mut(document) else { return };
        if has_news && self.storage != StorageState::MemoryOnly {
            opened.projector.handle_changed(now, &opened.heads());
            opened.compactor.handle_changed(now);
        }
        if !opened.has_unwritten() {
            self.ledger.handle_written(document, &opened.heads(), opened.last_save);
            if self.storage != StorageState::MemoryOnly {
                self.ledger.handle_stored(document, opened.pending.first().copied());
            }
            let acknowledged = &opened.acknowledged;
            if opened.acknowledged.is_told() {
                self.ledger.handle_acknowledged(document, |heads| acknowledged.has(heads));
            }
        }
        if has_news {
            let open: Vec<ConnectionId> = self.connections.keys().copied().collect();
            for connection in open {
                // a body that the relay was not asked for on this connection may have got something that it lacks
                if self.must_ask(connection, document) {
                    self.begin(connection, document);
                } else {
                    self.tell(connection, document);
                }
            }
        }
    }

    pub(super) fn store(&mut self, document: &DocumentId, chunk: Chunk) {
        if self.storage == StorageState::MemoryOnly {
            return;
        }
        let (save, output) = self.saves.store(document, chunk);
        self.outputs.push_back(output);
        if let Some(opened) = self.opened.get_mut(document) {
            opened.pending.insert(save);
            opened.last_save = save;
        }
    }

    /// Notes in storage what the relay has, so that the next start knows without it.
    pub(super) fn note_acknowledged(&mut self) {
        self.note_at = None;
        self.keep_catch_up();
        self.opened.refresh();
        for document in self.opened.noting().clone().iter() {
            if !self.catch_up.may_note(document) {
                continue;
            }
            if let Some(note) = self.opened.get_mut(document).and_then(Opened::take_note) {
                self.store(document, note);
            }
        }
    }

    pub(super) fn learn_bodies(&mut self, deltas: &[Delta]) {
        for delta in deltas {
            let cards = match delta {
                Delta::Reset { cards, .. } => cards.as_slice(),
                Delta::CardPut { card } => std::slice::from_ref(card),
                Delta::RoomRenamed { .. }
                | Delta::ColumnPut { .. }
                | Delta::LabelPut { .. }
                | Delta::PersonPut { .. }
                | Delta::TalkReset { .. }
                | Delta::CommentPut { .. }
                | Delta::VotesPut { .. }
                | Delta::SeenPut { .. }
                | Delta::TextProjected { .. }
                | Delta::TextOpened { .. }
                | Delta::TextSpliced { .. }
                | Delta::RestoreSkipped { .. }
                | Delta::UndoSkipped { .. } => &[],
            };
            for card in cards.iter().filter(|card| card.has_body) {
                let newest = card.body_edited.as_ref().unwrap_or(&card.created).at;
                self.bodies.learn(&body_id(&self.options.board, &card.id), &card.id, newest);
            }
        }
    }

    fn finish_presence(&mut self) {
        let deltas = self.presence.take_deltas();
        if !deltas.is_empty() {
            self.outputs.push_back(Output::Presence(deltas));
            self.watch();
        }
        while let Some(payload) = self.presence.poll_payload() {
            self.say(payload);
        }
    }

    /// Typing in a card that others have open is written out often.
    fn watch(&mut self) {
        let watched = self.presence.watched();
        let other = self.opened.iter().filter(|(_, opened)| match &opened.kind {
            Kind::Board(_) => true,
            Kind::Talk(_) => false,
            Kind::Body(text) => text.is_watched() != watched.contains(text.card()),
        });
        let other: Vec<DocumentId> = other.map(|(document, _)| document.clone()).collect();
        for document in &other {
            match self.opened.get_mut(document).map(|opened| &mut opened.kind) {
                Some(Kind::Board(board)) => board.set_watched(watched.clone()),
                Some(Kind::Body(text)) => text.set_watched(watched.contains(text.card())),
                Some(Kind::Talk(_)) | None => {}
            }
        }
    }

    /// Brings the bodies in step, a few at a time, so that they are here when the relay is not. Without storage there
    /// would be nothing to come back to.
    fn visit(&mut self, now: Timestamp) {
        let Some(relay) = self.dialer.joined() else { return };
        if self.storage == StorageState::MemoryOnly {
            return;
        }
        self.ask_room(now, relay);
        if !self.catch_up.is_told() {
            return;
        }
        for document in self.bodies.visits() {
            self.end_visit(relay, &document);
        }
        while let Some(document) = self.bodies.next_visit(now) {
            let is_safe = self.bodies.heads_of(&document).is_some();
            if self.catch_up.has_rooms() && is_safe && self.catch_up.owed(&document).is_none() {
                self.bodies.end_visit(&document);
            } else if self.bodies.load(&document) {
                self.load(document);
            } else {
                if self.opened.contains_key(&document) && self.must_ask(relay, &document) {
                    self.begin(relay, &document);
                }
                self.end_visit(relay, &document);
            }
        }
    }

    /// Ends a visit that has brought what it was for.
    fn end_visit(&mut self, relay: ConnectionId, document: &DocumentId) {
        if self.is_visited(relay, document) {
            if self.catch_up.has_rooms() && self.has_named(document) {
                self.catch_up.repay(document);
            }
            self.bodies.end_visit(document);
        }
    }

    fn is_visited(&self, relay: ConnectionId, document: &DocumentId) -> bool {
        let Some(opened) = self.opened.get(document) else { return false };
        let session = self.connections.get(&relay).and_then(|known| known.sessions.get(document));
        match session {
            None => !self.must_ask(relay, document),
            Some(session) => {
                session.is_unavailable()
                    || (session.is_in_step(opened.doc()) && self.has_named(document))
            }
        }
    }

    /// Lets bodies leave memory that nobody reads and that are safe elsewhere.
    fn let_go(&mut self, now: Timestamp) {
        if self.storage != StorageState::Durable {
            return;
        }
        let idle = self.bodies.idle(self.opened.safe().iter());
        let surplus = idle.len().saturating_sub(BODIES_KEPT_MAX);
        let surplus: Vec<DocumentId> = idle.into_iter().take(surplus).cloned().collect();
        for document in &surplus {
            let Some(opened) = self.opened.get_mut(document) else { continue };
            if !opened.is_safe() || self.is_kept_to_compact(now, document) {
                continue;
            }
            let Some(opened) = self.opened.get_mut(document) else { continue };
            let may_note = self.catch_up.may_note(document);
            let note = if may_note { opened.take_note() } else { None };
            self.project(document);
            if let Some(note) = note {
                self.store(document, note);
            }
            let safe = opened_heads(self.opened.remove(document));
            self.bodies.handle_away(document, safe);
        }
    }

    fn tell_status(&mut self, now: Timestamp) {
        let status = self.status_now();
        self.silence.update(now, self.dialer.joined().is_some() && status.waiting > 0);
        if status != self.status {
            self.status = status.clone();
            self.outputs.push_back(Output::Status(status));
        }
    }

    fn status_now(&self) -> Status {
        let Count { waiting, left_out } = self.opened.count();
        let left_out = self.suspects.harmful().count() + left_out;
        Status {
            phase: self.phase(waiting),
            edits_made: self.ledger.made(),
            edits_stored: self.ledger.stored(),
            edits_on_relay: self.ledger.on_relay(),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            retry_at: self.dialer.retry_at().map(|at| at.0),
            storage: self.storage,
            quarantined: self.quarantined,
            left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        }
    }

    fn phase(&self, waiting: usize) -> Phase {
        let Some(board) = self.opened.get(&self.options.board) else { return Phase::Opening };
        match self.dialer.line() {
            Line::Waiting(_) => Phase::Offline,
            Line::Dialing | Line::Joining(_) => Phase::Connecting,
            Line::Joined(relay) => {
                let known = self.connections.get(&relay);
                let session = known.and_then(|known| known.sessions.get(&self.options.board));
                let is_in_step = session.is_some_and(|session| session.is_in_step(board.doc()))
                    && self.is_visited(relay, &self.talk);
                let is_on_relay = self.ledger.on_relay() == self.ledger.made() && waiting == 0;
                let is_complete = self.storage == StorageState::MemoryOnly
                    || (self.catch_up.is_told() && self.bodies.are_visited());
                if is_in_step && is_on_relay && is_complete { Phase::Saved } else { Phase::Syncing }
            }
        }
    }
}

/// The heads of a body that leaves memory, where the relay has all of it.
fn opened_heads(opened: Option<Opened>) -> Option<Vec<ChangeHash>> {
    let opened = opened?;
    opened.is_on_relay().then(|| opened.heads())
}
