//! Undo and redo over all documents of the room. A body that is not in memory is read first; steps keep their order.

use std::collections::VecDeque;

use automerge::ChangeHash;
use warroom_protocol::{DocumentId, Timestamp};

use super::restore::Restoration;
use super::{Output, Replica, StorageState};
use crate::delta::Delta;
use crate::error::CommandError;
use crate::limits::UNDO_MAX;
use crate::projection::Projection;
use crate::undo::{Intent, TakenBack, UndoStack, Way};

/// Steps that a person asked for and that are not done yet.
#[derive(Debug, Default)]
pub(super) struct StepsBack {
    pub(super) waiting: VecDeque<Asked>,
    under_way: Option<StepBack>,
    /// What is written down.
    kept: String,
}

/// One of them.
#[derive(Debug)]
pub(super) enum Asked {
    Back(Way),
    /// It is no step back, but what comes after it may be about it.
    Restore(Restoration),
}

/// An intent that is being taken back.
#[derive(Debug)]
struct StepBack {
    way: Way,
    left: VecDeque<(DocumentId, Vec<ChangeHash>)>,
    /// Something of it was changed by somebody else since.
    is_skipped: bool,
    /// What taking it back has written so far.
    taken: Intent,
}

impl Replica {
    /// Takes back this replica's newest intent, or does again what was taken back last; the caller finishes.
    pub(super) fn step_back(&mut self, now: Timestamp, way: Way) -> Result<(), CommandError> {
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        board.check_writable()?;
        self.write_typing(now);
        let steps = &mut self.steps_back;
        if steps.under_way.is_none() && steps.waiting.is_empty() && !self.undo.has(way) {
            return Err(way.nothing());
        }
        if steps.waiting.len() < UNDO_MAX {
            steps.waiting.push_back(Asked::Back(way));
        }
        Ok(())
    }

    /// Under which name this device keeps what can be taken back. Tabs of one browser share it: after a reload a tab goes
    /// on from what the last of them did.
    pub(super) fn undo_id(&self) -> DocumentId {
        DocumentId::derived(&self.options.board, "undo")
    }

    /// Storage says what could be taken back when this device was here last.
    pub(super) fn learn_undo(&mut self, read: &Projection) {
        let is_new = !self.undo.has(Way::Undo) && !self.undo.has(Way::Redo);
        if let Some(undo) = UndoStack::read(&read.content).filter(|_| is_new) {
            self.undo = undo;
            self.steps_back.kept.clone_from(&read.content);
        }
    }

    /// Writes down what can be taken back, where it changed: at once, because after a reload an older one would take back
    /// what nobody meant.
    pub(super) fn keep_changed_undo(&mut self) {
        if self.undo.take_changed() {
            self.keep_undo();
        }
    }

    /// Writes down what can be taken back.
    fn keep_undo(&mut self) {
        let content = self.undo.write();
        if self.storage != StorageState::Durable || content == self.steps_back.kept {
            return;
        }
        let document = self.undo_id();
        self.steps_back.kept.clone_from(&content);
        let bytes = Projection { heads: Vec::new(), content }.write(&document);
        self.outputs.push_back(Output::StoreProjection { document, bytes });
    }

    /// What was typed in any document is written before what comes next, so that intents keep their order.
    pub(super) fn write_typing(&mut self, now: Timestamp) {
        for document in self.opened.timed() {
            if let Some(opened) = self.opened.get_mut(&document) {
                opened.write_typing(now);
            }
            self.learn_written(&document);
        }
    }

    /// Remembers what a document has written that can be taken back.
    pub(super) fn learn_written(&mut self, document: &DocumentId) {
        let Some(opened) = self.opened.get_mut(document) else { return };
        for written in opened.take_written() {
            self.undo.handle_written(document, written);
        }
    }

    /// Goes on with what was asked for, as far as the documents are here.
    pub(super) fn go_back(&mut self, now: Timestamp) {
        while let Some(step) = self.next_step(now) {
            if let Some(step) = self.go_on(now, step) {
                self.steps_back.under_way = Some(step);
                return;
            }
        }
    }

    fn next_step(&mut self, now: Timestamp) -> Option<StepBack> {
        if let Some(step) = self.steps_back.under_way.take() {
            return Some(step);
        }
        while let Some(asked) = self.steps_back.waiting.pop_front() {
            let way = match asked {
                Asked::Back(way) => way,
                Asked::Restore(left) => {
                    if let Some(left) = self.go_on_restoring(now, left) {
                        self.steps_back.waiting.push_front(Asked::Restore(left));
                        return None;
                    }
                    continue;
                }
            };
            if let Some(intent) = self.undo.pop(way) {
                let left = intent.by_document().into();
                let taken = Intent::new(intent.card);
                return Some(StepBack { way, left, is_skipped: false, taken });
            }
        }
        None
    }

    /// Gives the step back when it waits for a document.
    fn go_on(&mut self, now: Timestamp, mut step: StepBack) -> Option<StepBack> {
        while let Some((document, changes)) = step.left.pop_front() {
            if let Some(opened) = self.opened.get_mut(&document) {
                let (way, card) = (step.way, step.taken.card.as_ref());
                let renewed = &mut self.undo.renewed;
                match opened.take_back(now, (way, card), &changes, renewed) {
                    Ok(TakenBack::By(change)) => {
                        self.ledger.handle_made(&document);
                        step.taken.changes.push((document, change));
                    }
                    Ok(TakenBack::Nothing) => {}
                    // what automerge refuses is left as it is
                    Ok(TakenBack::Skipped) | Err(_) => step.is_skipped = true,
                }
            } else if document == self.talk {
                // it is being read
                step.left.push_front((document, changes));
                return Some(step);
            } else if self.bodies.get_mut(&document).is_some() {
                if self.bodies.load(&document) {
                    self.outputs.push_back(Output::Load { document: document.clone() });
                }
                step.left.push_front((document, changes));
                return Some(step);
            }
        }
        let StepBack { way, left: _, is_skipped, taken } = step;
        if !taken.changes.is_empty() {
            self.undo.handle_taken_back(way, taken);
        } else if is_skipped {
            let card = taken.card;
            self.outputs.push_back(Output::Deltas(vec![Delta::UndoSkipped { card }]));
        } else {
            // it had come to nothing: a person means the one before it
            self.steps_back.waiting.push_front(Asked::Back(way));
        }
        None
    }
}
