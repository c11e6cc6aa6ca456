//! What this replica's person can take back: the inverse of each command, held against what others did since.

use std::collections::VecDeque;

use automerge::{ObjId, ScalarValue};

use crate::board::Stamp;
use crate::ids::CardId;
use crate::limits::UNDO_MAX;

/// A value that a register had, or is to have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Register {
    Scalar(ScalarValue),
    Stamp(Stamp),
    /// A stamp of the moment in which it is written.
    StampNow,
    /// The moment in which it is written, milliseconds since 1970.
    Now,
    /// No value: the key is not there.
    Absent,
}

/// How a register is put back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PutBack {
    pub(crate) obj: ObjId,
    pub(crate) key: String,
    /// The operation of the command, which has to be still the one that won; none where the command left nothing.
    pub(crate) mine: Option<ObjId>,
    /// The operation that had won before.
    pub(crate) replaced: Option<ObjId>,
    pub(crate) value: Register,
}

/// How one command is taken back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inverse {
    /// Puts registers back. The first decides whether the command still stands; of the others those that still do.
    Puts(Vec<PutBack>),
    /// Puts those registers back that still stand, whatever became of the others: those of an import.
    Each(Vec<PutBack>),
    /// Sets the title of a card, if it still reads as the command left it.
    Title { card: ObjId, after: String, before: String },
}

/// One command that can be taken back, or done again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undo<Hints> {
    /// The card in question, if it was one.
    pub(crate) card: Option<CardId>,
    pub(crate) inverse: Inverse,
    /// What is to be read again.
    pub(crate) hints: Hints,
}

/// Which way a person goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A new command: what was taken back is forgotten.
    New,
    Undo,
    Redo,
}

/// The newest commands that can be taken back, and those that were; the oldest is forgotten first.
#[derive(Debug)]
pub(crate) struct UndoStack<Hints> {
    done: VecDeque<Undo<Hints>>,
    undone: VecDeque<Undo<Hints>>,
}

impl<Hints> Default for UndoStack<Hints> {
    fn default() -> Self {
        Self { done: VecDeque::new(), undone: VecDeque::new() }
    }
}

impl<Hints> UndoStack<Hints> {
    /// Remembers how to take back what was just written on this way.
    pub(crate) fn push(&mut self, way: Way, undo: Undo<Hints>) {
        if way == Way::New {
            self.undone.clear();
        }
        let stack = if way == Way::Undo { &mut self.undone } else { &mut self.done };
        if stack.len() == UNDO_MAX {
            stack.pop_front();
        }
        stack.push_back(undo);
    }

    /// An undo has put back what the operation `replaced` had written, by the operation `now`: another command of this
    /// replica whose effect it was stands again, and can be taken back in its turn.
    pub(crate) fn stands_again(&mut self, replaced: &ObjId, now: &ObjId) {
        for undo in self.done.iter_mut().chain(&mut self.undone) {
            let (Inverse::Puts(puts) | Inverse::Each(puts)) = &mut undo.inverse else { continue };
            for put in puts {
                for known in [&mut put.mine, &mut put.replaced].into_iter().flatten() {
                    if known == replaced {
                        known.clone_from(now);
                    }
                }
            }
        }
    }

    /// What is next on this way.
    pub(crate) fn pop(&mut self, way: Way) -> Option<Undo<Hints>> {
        if way == Way::Redo { self.undone.pop_back() } else { self.done.pop_back() }
    }
}
