//! One open Automerge document, in rounds: take in every waiting message, one save, then tell.
//!
//! Nothing is taken in while a save is under way, and nothing about changes goes out until it is durable, so heads
//! that a peer hears are always heads that a crash keeps.

use bytes::Bytes;
use warroom_protocol::{ChangeHash, ConnectionId, DocumentId, PeerId, SaveId, Timestamp};

use crate::core::counters::Counters;
use crate::core::effect::{DocumentInput, DocumentOutput};

/// What a document is opened with.
#[derive(Debug, Clone)]
pub struct DocumentSettings {
    /// Which document.
    pub id: DocumentId,
    /// The relay's own peer id: the sender of what it sends.
    pub relay: PeerId,
    /// False while the store takes nothing: reads and ephemerals go on, changes are not asked for, and what comes
    /// anyway is neither kept nor acknowledged.
    pub is_writable: bool,
}

/// One open Automerge document.
#[derive(Debug)]
pub struct Document {
    settings: DocumentSettings,
}

impl Document {
    /// Opens the document; its first output is [`DocumentOutput::Load`].
    pub fn open(now: Timestamp, settings: DocumentSettings) -> Self {
        let _ = now;
        Self { settings }
    }

    /// Which document.
    pub fn id(&self) -> &DocumentId {
        &self.settings.id
    }

    /// Whether there is room for another input. While this is false the shell leaves inputs in its bounded mailbox,
    /// which holds up the sockets that feed it; the answers of the store are always taken.
    pub fn is_taking(&self) -> bool {
        todo!()
    }

    /// Takes what happened to `connection`.
    pub fn handle_input(&mut self, now: Timestamp, connection: ConnectionId, input: DocumentInput) {
        let _ = (now, connection, input);
        todo!()
    }

    /// Answers [`DocumentOutput::Load`] with all stored chunks, uncompressed change chunks in any order; none for a
    /// document that is not stored.
    pub fn handle_loaded(&mut self, now: Timestamp, chunks: Vec<Bytes>) {
        let _ = (now, chunks);
        todo!()
    }

    /// The store could not read the document: everyone is refused and the machine is done.
    pub fn handle_load_failed(&mut self, now: Timestamp) {
        let _ = now;
        todo!()
    }

    /// The changes of `save` are durable.
    pub fn handle_saved(&mut self, now: Timestamp, save: SaveId) {
        let _ = (now, save);
        todo!()
    }

    /// The changes of `save` are not durable, or nobody knows: everyone is refused with a sentence and the machine
    /// is done. Nothing of the save was told. The shell opens the document anew with `is_writable` false until its
    /// store takes changes again.
    pub fn handle_save_failed(&mut self, now: Timestamp, save: SaveId) {
        let _ = (now, save);
        todo!()
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = now;
        todo!()
    }

    /// When to call [`Self::handle_timeout`], if nothing happens before.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        todo!()
    }

    /// The next thing to do; call until `None` after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<DocumentOutput> {
        todo!()
    }

    /// Whether the machine may be dropped (it said [`DocumentOutput::Idle`] and nothing came since).
    pub fn is_idle(&self) -> bool {
        todo!()
    }

    /// The durable heads, sorted; `None` while loading or saving.
    pub fn durable_heads(&self) -> Option<Vec<ChangeHash>> {
        todo!()
    }

    /// How many connections are subscribed.
    pub fn subscribers(&self) -> usize {
        todo!()
    }

    /// What was counted since the last call.
    pub fn take_counters(&mut self) -> Counters {
        todo!()
    }
}
