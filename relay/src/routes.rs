//! The way of one connection to its documents: what it led to, handed over in order, without filling a mailbox that is full.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use warroom_protocol::DocumentId;

use crate::core::{CloseReason, DocumentInput};
use crate::link::Link;
use crate::registry::{DocumentHandle, Registry, Turn};

/// The documents of one connection, and what waits for a place with them.
pub(crate) struct Routes {
    registry: Arc<Registry>,
    link: Arc<Link>,
    documents: BTreeMap<DocumentId, DocumentHandle>,
    /// What documents had no room for. While there is any nothing more is to be taken in, so it holds what one frame led to
    /// and one credit for each document.
    waiting: VecDeque<(DocumentId, DocumentInput)>,
    /// Where the first of `waiting` waits for its place. It outlives each wait, so that the place in the queue is kept.
    turn: Option<BoxFuture<'static, Turn>>,
}

impl Routes {
    /// Routes of the connection at the other end of `link`, which is refused where a document failed.
    pub(crate) fn new(registry: &Arc<Registry>, link: &Arc<Link>) -> Self {
        Self {
            registry: Arc::clone(registry),
            link: Arc::clone(link),
            documents: BTreeMap::new(),
            waiting: VecDeque::new(),
            turn: None,
        }
    }

    /// Whether all was handed over.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Hands an input to its document, after those that wait.
    pub(crate) fn route(&mut self, document_id: DocumentId, input: DocumentInput) {
        self.waiting.push_back((document_id, input));
        self.deliver_waiting();
    }

    /// Hands over what waits, up to the first that has to wait for its turn.
    pub(crate) fn deliver_waiting(&mut self) {
        while self.turn.is_none() {
            let Some((document_id, input)) = self.waiting.pop_front() else { return };
            if let Some(input) = self.deliver(&document_id, input) {
                let handle = self.documents.get(&document_id);
                self.turn = handle.map(|handle| handle.turn(&input).boxed());
                self.waiting.push_front((document_id, input));
            }
        }
    }

    /// Waits until the first that waits has its place, and hands it over; for ever where none waits. Giving up the wait
    /// keeps the place.
    pub(crate) async fn turn(&mut self) {
        match self.turn.as_mut() {
            Some(turn) => {
                let turn = turn.await;
                self.take_turn(turn);
            }
            None => std::future::pending().await,
        }
    }

    /// What waits, for tests that hold it up.
    #[cfg(test)]
    pub(crate) fn waiting(&mut self) -> &mut VecDeque<(DocumentId, DocumentInput)> {
        &mut self.waiting
    }

    /// Hands over everything that waits.
    pub(crate) async fn deliver_rest(&mut self) {
        self.deliver_waiting();
        while self.turn.is_some() {
            self.turn().await;
            self.deliver_waiting();
        }
    }

    /// Waits until everything that a document of this connection was given before is saved and told.
    pub(crate) async fn flushed(&mut self, document_id: &DocumentId) {
        if let Some(handle) = self.documents.get(document_id) {
            handle.flushed().await;
        }
    }

    /// Hands over the input whose turn has come.
    fn take_turn(&mut self, turn: Turn) {
        self.turn = None;
        if let Some((_, input)) = self.waiting.pop_front()
            && turn.send(input).is_err()
        {
            self.link.refuse(CloseReason::Internal);
        }
    }

    /// Hands an input to its document; gives it back when there is no room.
    fn deliver(&mut self, document_id: &DocumentId, input: DocumentInput) -> Option<DocumentInput> {
        match input {
            // the handle says so when it goes
            DocumentInput::Left => {
                self.documents.remove(document_id);
                return None;
            }
            // of a document that was left meanwhile
            DocumentInput::Credit if !self.documents.contains_key(document_id) => return None,
            DocumentInput::Sync { .. }
            | DocumentInput::Counts(_)
            | DocumentInput::RoomSince(_)
            | DocumentInput::Ephemeral(_)
            | DocumentInput::Watch(_)
            | DocumentInput::Credit => {}
        }
        let (registry, link) = (&self.registry, &self.link);
        let handle = self
            .documents
            .entry(document_id.clone())
            .or_insert_with(|| registry.document(document_id, link));
        handle.try_send(input).unwrap_or_else(|_gone| {
            link.refuse(CloseReason::Internal);
            None
        })
    }
}
