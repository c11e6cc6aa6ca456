//! The bodies of the board's cards: which of them are in memory, and which the relay is still to be asked about.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use automerge::ChangeHash;
use bytes::Bytes;
use warroom_protocol::sorted::{SortedMap, sort};
use warroom_protocol::{ConnectionId, DocumentId, Timestamp};

use crate::ids::CardId;
use crate::limits::{BODY_VISIT, BODY_VISITS_MAX, HELD_MESSAGES_MAX};
use crate::projection::Projection;

/// All bodies that are known. A body is visited once on each connection to the relay: read from storage, brought in
/// step, and let go again, so that it is here when there is no relay.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    by_document: BTreeMap<DocumentId, Body>,
    /// Still to be visited on this connection, newest first, each once: as many as there are bodies at most.
    to_visit: BinaryHeap<(i64, Reverse<DocumentId>)>,
    /// Being visited, and until when at most.
    visits: SortedMap<DocumentId, Timestamp>,
    uses: u64,
}

/// One body.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) card: CardId,
    pub(super) stage: Stage,
    /// A person wants to read it.
    pub(super) is_wanted: bool,
    /// What storage says that it reads as, until its history is here.
    pub(super) projected: Option<Projection>,
    /// Sync messages that came while it was away, oldest first.
    held: Vec<(ConnectionId, Bytes)>,
    /// It is among those to be visited.
    is_due: bool,
    /// When it was last edited, milliseconds since 1970.
    newest: i64,
    used: u64,
    /// Its heads when it left memory, or was last found to be, with all of it on the relay. None where that is not known in
    /// this life: another may have stored what the relay lacks.
    safe: Option<Vec<ChangeHash>>,
}

/// Where a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// In storage, if anywhere.
    Away,
    /// Asked of storage.
    Loading,
    /// In memory.
    Here,
}

impl Bodies {
    /// A card has a body, or is about to.
    pub(super) fn learn(&mut self, document: &DocumentId, card: &CardId, newest: i64) {
        if let Some(body) = self.by_document.get_mut(document) {
            body.newest = newest;
            return;
        }
        let body = Body {
            card: card.clone(),
            stage: Stage::Away,
            is_wanted: false,
            projected: None,
            held: Vec::new(),
            is_due: false,
            newest,
            used: 0,
            safe: None,
        };
        self.by_document.insert(document.clone(), body);
        self.plan_visit(document);
    }

    /// There is more of a body in storage than the relay has heard of.
    pub(super) fn visit_again(&mut self, document: &DocumentId) {
        if let Some(body) = self.by_document.get_mut(document) {
            body.safe = None;
            self.plan_visit(document);
        }
    }

    /// The relay has something of a body that is not known to be here.
    pub(super) fn visit_named(&mut self, document: &DocumentId) {
        self.plan_visit(document);
    }

    fn plan_visit(&mut self, document: &DocumentId) {
        if let Some(body) = self.by_document.get_mut(document).filter(|body| !body.is_due) {
            body.is_due = true;
            self.to_visit.push((body.newest, Reverse(document.clone())));
        }
    }

    /// Every body that is known.
    pub(super) fn known(&self) -> Vec<DocumentId> {
        self.by_document.keys().cloned().collect()
    }

    /// The heads of a body that is away and was safe when it left memory.
    pub(super) fn heads_of(&self, document: &DocumentId) -> Option<Vec<ChangeHash>> {
        let body = self.by_document.get(document).filter(|body| body.stage == Stage::Away);
        body.and_then(|body| body.safe.clone())
    }

    /// Whether somebody reads it.
    pub(super) fn is_wanted(&self, document: &DocumentId) -> bool {
        self.by_document.get(document).is_some_and(|body| body.is_wanted)
    }

    /// It leaves memory, with these heads if all of it is on the relay.
    pub(super) fn handle_away(&mut self, document: &DocumentId, safe: Option<Vec<ChangeHash>>) {
        if let Some(body) = self.by_document.get_mut(document) {
            body.stage = Stage::Away;
            body.safe = safe;
        }
    }

    /// Somebody who wrote to the same storage is gone: what it left there is not known before it is read.
    pub(super) fn handle_tab_gone(&mut self) {
        for document in self.known() {
            self.visit_again(&document);
        }
    }

    /// Another tab has a body open that is away here. What it stores there is not known, and nobody says so when it dies.
    pub(super) fn handle_tab_spoke(&mut self, document: &DocumentId) {
        if let Some(body) = self.by_document.get_mut(document) {
            body.safe = None;
        }
    }

    pub(super) fn get_mut(&mut self, document: &DocumentId) -> Option<&mut Body> {
        self.by_document.get_mut(document)
    }

    /// Marks it as loading. True when storage is to be asked.
    pub(super) fn load(&mut self, document: &DocumentId) -> bool {
        match self.by_document.get_mut(document) {
            Some(body) if body.stage == Stage::Away => {
                body.stage = Stage::Loading;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Marks it as used just now.
    pub(super) fn touch(&mut self, document: &DocumentId) {
        self.uses += 1;
        if let Some(body) = self.by_document.get_mut(document) {
            body.used = self.uses;
        }
    }

    /// Keeps a message until the body is here. False when it is not known, or too many are kept.
    pub(super) fn hold(
        &mut self,
        document: &DocumentId,
        connection: ConnectionId,
        data: Bytes,
    ) -> bool {
        match self.by_document.get_mut(document) {
            Some(body) if body.held.len() < HELD_MESSAGES_MAX => {
                body.held.push((connection, data));
                true
            }
            Some(_) | None => false,
        }
    }

    /// What was kept.
    pub(super) fn take_held(&mut self, document: &DocumentId) -> Vec<(ConnectionId, Bytes)> {
        let body = self.by_document.get_mut(document);
        body.map(|body| std::mem::take(&mut body.held)).unwrap_or_default()
    }

    /// The relay answers: every body is to be visited, or where the relay tells what changed every one that is not known to be
    /// safe; what it names follows.
    pub(super) fn handle_joined(&mut self, has_rooms: bool) {
        self.visits.clear();
        self.to_visit.clear();
        for (document, body) in &mut self.by_document {
            let is_safe = body.stage == Stage::Away && body.safe.is_some();
            body.is_due = !has_rooms || !is_safe;
            if body.is_due {
                self.to_visit.push((body.newest, Reverse(document.clone())));
            }
        }
    }

    /// The relay is gone: visits start over with the next.
    pub(super) fn handle_left(&mut self) {
        self.visits.clear();
    }

    /// The next body to visit, while few enough are.
    pub(super) fn next_visit(&mut self, now: Timestamp) -> Option<DocumentId> {
        if self.visits.len() >= BODY_VISITS_MAX {
            return None;
        }
        let (_, Reverse(document)) = self.to_visit.pop()?;
        if let Some(body) = self.by_document.get_mut(&document) {
            body.is_due = false;
        }
        self.visits.insert(document.clone(), now + BODY_VISIT);
        Some(document)
    }

    /// Which bodies are being visited.
    pub(super) fn visits(&self) -> Vec<DocumentId> {
        self.visits.keys().cloned().collect()
    }

    /// A visit is over.
    pub(super) fn end_visit(&mut self, document: &DocumentId) {
        self.visits.remove(document);
    }

    /// Visits that the relay did not answer are over.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.visits.retain(|_, until| now < *until);
    }

    /// When to call `handle_timeout`.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        self.visits.values().min().copied()
    }

    /// Whether every body was visited on this connection.
    pub(super) fn are_visited(&self) -> bool {
        self.to_visit.is_empty() && self.visits.is_empty()
    }

    /// Those of the documents in memory that are bodies which nobody reads or visits, least recently used first.
    pub(super) fn idle<'a>(
        &self,
        here: impl Iterator<Item = &'a DocumentId>,
    ) -> Vec<&'a DocumentId> {
        let idle = here.filter_map(|id| {
            let body = self.by_document.get(id)?;
            (!body.is_wanted && !self.visits.contains_key(id)).then_some((body.used, id))
        });
        let mut idle: Vec<_> = idle.collect();
        sort(&mut idle);
        idle.into_iter().map(|(_, id)| id).collect()
    }
}
