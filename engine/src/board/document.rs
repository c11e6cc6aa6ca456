//! The board's document: commands and remote changes in, chunks, sync and deltas out.

use std::collections::BTreeSet;

use automerge::{Automerge, ChangeHash, sync};
use warroom_protocol::guard::CheckedChange;
use warroom_protocol::{DocumentId, Seed, Timestamp};

use super::view::Board;
use crate::command::Command;
use crate::delta::Delta;
use crate::document::LoadReport;
use crate::error::{CommandError, ReceiveError};
use crate::ids::{CardId, UserId};
use crate::output::Chunk;

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edited {
    /// Something was edited: written, or buffered and to be written by `flush`. False for commands that edit nothing
    /// (opening a text, a move to where the card is, a skipped undo).
    pub wrote: bool,
}

/// The board of a room. `take_deltas` and `take_new_chunks` are to be called after each call that takes `&mut self`.
#[derive(Debug)]
pub struct BoardDocument {}

impl BoardDocument {
    /// Makes the board from everything that this device has of it (nothing: the first change alone, which is the same
    /// on every replica). The first delta is a `Reset`.
    pub fn open(
        id: DocumentId,
        person: UserId,
        seed: Seed,
        chunks: Vec<Chunk>,
    ) -> (Self, LoadReport) {
        todo!()
    }

    /// Does what a person wants. Texts of bodies are not the board's: route them to [`crate::body::BodyDocument`].
    pub fn apply_command(
        &mut self,
        now: Timestamp,
        command: Command,
    ) -> Result<Edited, CommandError> {
        todo!()
    }

    /// Notes that this person wrote in the body of a card: its address is set once, the marker at most once in five
    /// minutes. To be called with every edit of a body.
    pub fn note_body_edit(
        &mut self,
        now: Timestamp,
        card: &CardId,
        body: &DocumentId,
    ) -> Result<Edited, CommandError> {
        todo!()
    }

    /// Takes in changes that the guard has checked, in any order; those that lack others wait inside.
    /// On an error the view is right again, and the sender is to be disconnected.
    pub fn receive_changes(
        &mut self,
        now: Timestamp,
        changes: &[CheckedChange],
    ) -> Result<(), ReceiveError> {
        todo!()
    }

    /// Takes in a sync message whose parts the guard has checked. What was typed is written out first.
    pub fn receive_message(
        &mut self,
        now: Timestamp,
        state: &mut sync::State,
        message: sync::Message,
    ) -> Result<(), ReceiveError> {
        todo!()
    }

    /// The Automerge document, to generate sync messages and to compare heads.
    pub fn doc(&self) -> &Automerge {
        todo!()
    }

    /// The heads, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        todo!()
    }

    /// Nobody has written anything yet: there is only the first change.
    pub fn is_pristine(&self) -> bool {
        todo!()
    }

    /// An edit is buffered that no change holds yet.
    pub fn has_unwritten(&self) -> bool {
        todo!()
    }

    /// Writes out everything that was typed.
    pub fn flush(&mut self, now: Timestamp) {
        todo!()
    }

    /// Writes out what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        todo!()
    }

    /// When to call `handle_timeout`.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        todo!()
    }

    /// The cards that others have open: typing in them is written out every 100 ms.
    pub fn set_watched(&mut self, cards: BTreeSet<CardId>) {
        todo!()
    }

    /// The changes of the view since the last call, in order.
    pub fn take_deltas(&mut self) -> Vec<Delta> {
        todo!()
    }

    /// The changes since the last call, local and remote, as one chunk to store; what was loaded is not among them.
    pub fn take_new_chunk(&mut self) -> Option<Chunk> {
        todo!()
    }

    /// The view.
    pub fn board(&self) -> &Board {
        todo!()
    }

    /// The cards that have a body, each with its document, in the order of their ids.
    pub fn bodies(&self) -> Vec<(CardId, DocumentId)> {
        todo!()
    }
}
