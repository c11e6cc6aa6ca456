//! What this replica's person can take back: the inverse of each command, held against what others did since.

use std::collections::VecDeque;

use automerge::{ObjId, ScalarValue};

use crate::board::{Hints, Stamp};
use crate::ids::CardId;
use crate::limits::UNDO_MAX;

/// A value that a register had, or is to have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Register {
    Scalar(ScalarValue),
    Stamp(Stamp),
    /// A stamp of the moment in which it is written.
    StampNow,
}

/// How one command is taken back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inverse {
    /// Writes `value` into a register, if `mine` is still the operation that won it. `replaced` had won it before.
    Put { obj: ObjId, key: &'static str, mine: ObjId, replaced: Option<ObjId>, value: Register },
    /// Sets a title, if it still reads as the command left it.
    Title { after: String, before: String },
}

/// One command that can be taken back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undo {
    /// The card in question, if it was one.
    pub(crate) card: Option<CardId>,
    pub(crate) inverse: Inverse,
    /// What is to be read again.
    pub(crate) hints: Hints,
}

/// The newest commands that can be taken back; the oldest is forgotten first.
#[derive(Debug, Default)]
pub(crate) struct UndoStack(VecDeque<Undo>);

impl UndoStack {
    pub(crate) fn push(&mut self, undo: Undo) {
        if self.0.len() == UNDO_MAX {
            self.0.pop_front();
        }
        self.0.push_back(undo);
    }

    /// An undo has put back what the operation `replaced` had written, by the operation `now`: an older command of this
    /// replica whose effect it was stands again, and can be taken back in its turn.
    pub(crate) fn stands_again(&mut self, replaced: &ObjId, now: &ObjId) {
        for undo in &mut self.0 {
            if let Inverse::Put { mine, .. } = &mut undo.inverse
                && *mine == *replaced
            {
                mine.clone_from(now);
            }
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Undo> {
        self.0.pop_back()
    }
}
