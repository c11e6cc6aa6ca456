//! A card's body: one text in a document of its own.

use automerge::{Automerge, ChangeHash, sync};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{DocumentId, Seed, Timestamp};

use crate::board::Edited;
use crate::command::Splice;
use crate::delta::Delta;
use crate::document::LoadReport;
use crate::error::{CommandError, ReceiveError};
use crate::ids::{CardId, UserId};
use crate::output::Chunk;

/// The id of the body of `card` on the board `root`: derived, so that two people who first write it offline write into
/// the same document.
pub fn body_id(root: &DocumentId, card: &CardId) -> DocumentId {
    DocumentId::derived(root, &format!("body/{card}"))
}

/// The body of one card. Works as [`crate::board::BoardDocument`]; methods of the same name mean the same.
#[derive(Debug)]
pub struct BodyDocument {}

impl BodyDocument {
    /// Makes the body from everything that this device has of it.
    pub fn open(
        card: CardId,
        person: UserId,
        seed: Seed,
        chunks: Vec<Chunk>,
    ) -> (Self, LoadReport) {
        todo!()
    }

    /// The text, with what was typed and not written out yet.
    pub fn text(&self) -> String {
        todo!()
    }

    /// Opens the text for typing: emits `TextOpened`.
    pub fn open_text(&mut self, now: Timestamp) -> Result<(), CommandError> {
        todo!()
    }

    /// A person typed: see [`crate::Command::EditText`].
    pub fn edit_text(
        &mut self,
        now: Timestamp,
        seen: u64,
        splice: &Splice,
    ) -> Result<Edited, CommandError> {
        todo!()
    }

    /// Writes out what was typed and closes the text.
    pub fn close_text(&mut self, now: Timestamp) {
        todo!()
    }

    /// Whether the text is open.
    pub fn is_text_open(&self) -> bool {
        todo!()
    }

    /// Whether others have the card open.
    pub fn set_watched(&mut self, watched: bool) {
        todo!()
    }

    pub fn receive_changes(
        &mut self,
        now: Timestamp,
        changes: &[CheckedChange],
    ) -> Result<(), ReceiveError> {
        todo!()
    }

    pub fn receive_message(
        &mut self,
        now: Timestamp,
        state: &mut sync::State,
        message: sync::Message,
    ) -> Result<(), ReceiveError> {
        todo!()
    }

    pub fn doc(&self) -> &Automerge {
        todo!()
    }

    pub fn heads(&self) -> Vec<ChangeHash> {
        todo!()
    }

    pub fn is_pristine(&self) -> bool {
        todo!()
    }

    pub fn has_unwritten(&self) -> bool {
        todo!()
    }

    pub fn flush(&mut self, now: Timestamp) {
        todo!()
    }

    pub fn handle_timeout(&mut self, now: Timestamp) {
        todo!()
    }

    pub fn next_timeout(&self) -> Option<Timestamp> {
        todo!()
    }

    pub fn take_deltas(&mut self) -> Vec<Delta> {
        todo!()
    }

    pub fn take_new_chunk(&mut self) -> Option<Chunk> {
        todo!()
    }
}
