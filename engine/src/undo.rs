//! What this replica's person can take back: intents, each the changes that it made in the documents of the room.
//!
//! Only the names of changes are kept. How one is taken back is worked out from the change itself when the time comes
//! ([`effect`]): a register that still holds what the change wrote gets what it had before, text that the change put in
//! goes, and text that it took out comes back. So it survives a reload, and what others did since is seen.

mod effect;
mod kept;
mod renewed;

use std::collections::VecDeque;
use std::time::Duration;

use automerge::{ChangeHash, ScalarValue};
use warroom_protocol::{DocumentId, Timestamp};

use crate::board::Stamp;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::limits::{TYPING_INTENT, TYPING_INTENT_PAUSE, UNDO_CHANGES_MAX, UNDO_MAX};

pub(crate) use effect::Effect;
pub(crate) use renewed::Renewed;

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

/// How a change belongs to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// It is an intent of its own.
    Alone,
    /// It is a part of what was meant with this change; an intent of its own, where that can't be taken back any more.
    With(ChangeHash),
    /// It is typing that began then, and that goes on without a pause. It is written a moment later, maybe after a
    /// command that came after it.
    Typing { begun: Timestamp },
}

/// A change that a person's command made, and that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// When the person meant it, which may have been a moment before it was written.
    pub(crate) at: Timestamp,
    pub(crate) change: ChangeHash,
    /// The card in question, if it was one.
    pub(crate) card: Option<CardId>,
    pub(crate) belongs: Belongs,
}

/// What a person meant by one or more changes, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// The card in question, if it was one.
    pub(crate) card: Option<CardId>,
    pub(crate) changes: Vec<(DocumentId, ChangeHash)>,
    /// When it began.
    at: Timestamp,
    /// For typing: when it went on last.
    typed: Option<Timestamp>,
}

impl Intent {
    /// An intent that has made nothing yet.
    pub(crate) fn new(card: Option<CardId>) -> Self {
        Self { card, changes: Vec::new(), at: Timestamp::default(), typed: None }
    }

    /// The documents that it wrote into, each with its changes, the last first.
    pub(crate) fn by_document(&self) -> Vec<(DocumentId, Vec<ChangeHash>)> {
        let mut by_document: Vec<(DocumentId, Vec<ChangeHash>)> = Vec::new();
        for (document, change) in self.changes.iter().rev() {
            match by_document.iter_mut().find(|(known, _)| known == document) {
                Some((_, changes)) => changes.insert(0, *change),
                None => by_document.push((document.clone(), vec![*change])),
            }
        }
        by_document
    }

    /// Whether this change is one of its own.
    fn has(&self, change: &ChangeHash) -> bool {
        self.changes.iter().any(|(_, known)| known == change)
    }

    /// Whether typing in a document goes on with this.
    fn goes_on(&self, document: &DocumentId, begun: Timestamp) -> bool {
        let is_here = self.changes.last().is_some_and(|(last, _)| last == document);
        let within = |from: Timestamp, span: Duration| begun.since(from) < span;
        let is_going = self.typed.is_some_and(|last| within(last, TYPING_INTENT_PAUSE));
        is_here && is_going && within(self.at, TYPING_INTENT)
    }
}

/// Which way a person goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Undo,
    Redo,
}

/// What came of taking changes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakenBack {
    /// They had come to nothing by themselves.
    Nothing,
    /// Somebody changed the same things since.
    Skipped,
    /// By this change.
    By(ChangeHash),
}

impl Way {
    /// There is nothing on this way.
    pub(crate) fn nothing(self) -> CommandError {
        match self {
            Self::Undo => CommandError::NothingToUndo,
            Self::Redo => CommandError::NothingToRedo,
        }
    }

    /// The kind of the change's message.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Redo => "redo",
        }
    }
}

/// The newest intents that can be taken back, and those that were; the oldest is forgotten first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UndoStack {
    done: VecDeque<Intent>,
    undone: VecDeque<Intent>,
    pub(crate) renewed: Renewed,
    /// Since [`Self::take_changed`].
    is_changed: bool,
}

impl UndoStack {
    /// A person's command wrote this. What was taken back is forgotten.
    pub(crate) fn handle_written(&mut self, document: &DocumentId, written: Written) {
        self.undone.clear();
        self.is_changed = true;
        let Written { at, change, card, belongs } = written;
        // commands come in their order, typing where it began
        let begun = if let Belongs::Typing { begun } = belongs { begun } else { at };
        let later = self.done.iter().rev().take_while(|intent| intent.at > begun).count();
        let place = self.done.len() - later;
        let last = match belongs {
            Belongs::Alone => None,
            Belongs::With(with) => self.done.iter_mut().rev().find(|intent| intent.has(&with)),
            Belongs::Typing { begun } => {
                let last = place.checked_sub(1).and_then(|last| self.done.get_mut(last));
                last.filter(|last| last.card == card && last.goes_on(document, begun))
            }
        };
        if let Some(last) = last {
            last.changes.push((document.clone(), change));
            last.typed = last.typed.map(|_| at);
        } else {
            let typed = matches!(belongs, Belongs::Typing { .. }).then_some(at);
            let changes = vec![(document.clone(), change)];
            self.done.insert(place, Intent { card, changes, at: begun, typed });
        }
        forget_oldest(&mut self.done);
    }

    /// The newest intent on this way.
    pub(crate) fn pop(&mut self, way: Way) -> Option<Intent> {
        self.is_changed = true;
        match way {
            Way::Undo => self.done.pop_back(),
            Way::Redo => self.undone.pop_back(),
        }
    }

    /// Whether it changed since the last call.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.is_changed)
    }

    /// Whether there is one.
    pub(crate) fn has(&self, way: Way) -> bool {
        match way {
            Way::Undo => !self.done.is_empty(),
            Way::Redo => !self.undone.is_empty(),
        }
    }

    /// What taking an intent back on this way wrote: to be taken back on the other.
    pub(crate) fn handle_taken_back(&mut self, way: Way, intent: Intent) {
        if intent.changes.is_empty() {
            return;
        }
        let other = match way {
            Way::Undo => &mut self.undone,
            Way::Redo => &mut self.done,
        };
        other.push_back(intent);
        forget_oldest(other);
    }
}

/// Keeps within the limits; the newest intent stays whatever its size.
fn forget_oldest(intents: &mut VecDeque<Intent>) {
    let mut changes: usize = intents.iter().map(|intent| intent.changes.len()).sum();
    while intents.len() > UNDO_MAX || (changes > UNDO_CHANGES_MAX && intents.len() > 1) {
        changes -= intents.pop_front().map_or(0, |intent| intent.changes.len());
    }
}
