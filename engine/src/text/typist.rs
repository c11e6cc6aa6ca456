//! The other end of an open text: what a person sees while typing, a little ahead of the engine.

use std::collections::VecDeque;

use super::cuts;
use super::operation::Operation;
use crate::command::Splice;
use crate::delta::Origin;

/// A text as its typist sees it. Every keystroke shows at once and is sent as [`crate::Command::EditText`]; every
/// [`crate::Delta::TextSpliced`] is handled in order. When both queues are empty, it reads as the engine's text.
///
/// Frontends in other languages do the same (`docs/BOARD.md`, Typing).
#[derive(Debug, Clone)]
pub struct Typist {
    units: Vec<u16>,
    /// Splices of others handled since the text was opened.
    seen: u64,
    /// Own splices whose echo has not come, as they apply to what is before them now.
    pending: VecDeque<Operation>,
}

impl Typist {
    /// Starts from [`crate::Delta::TextOpened`].
    pub fn new(content: &str) -> Self {
        Self { units: content.encode_utf16().collect(), seen: 0, pending: VecDeque::new() }
    }

    /// The text.
    pub fn text(&self) -> String {
        String::from_utf16_lossy(&self.units)
    }

    /// How long the text is, in UTF-16 units.
    pub fn units(&self) -> usize {
        self.units.len()
    }

    /// The person types. Gives the `seen` to send with the same splice; none when it lies outside the text or cuts a
    /// character in half, and nothing was changed.
    pub fn edit(&mut self, splice: &Splice) -> Option<u64> {
        let operation = Operation::of_splice(splice);
        self.fits(&operation).then(|| {
            self.apply(&operation);
            self.pending.push_back(operation);
            self.seen
        })
    }

    /// The engine told of a splice. One of others is moved to where it belongs in what was typed meanwhile.
    pub fn handle_spliced(&mut self, origin: Origin, splice: &Splice) {
        match origin {
            Origin::Local => {
                self.pending.pop_front();
            }
            Origin::Remote => {
                self.seen += 1;
                let mut theirs = Operation::of_splice(splice);
                for mine in &mut self.pending {
                    let transformed = mine.transform(&theirs, true);
                    theirs = theirs.transform(mine, false);
                    *mine = transformed;
                }
                if self.fits(&theirs) {
                    self.apply(&theirs);
                }
            }
        }
    }

    /// Whether every part lies inside the text; a single splice must not cut a character in half either.
    fn fits(&self, operation: &Operation) -> bool {
        let edits = operation.edits();
        let mut units = self.units.len();
        let inside = edits.iter().all(|edit| {
            let end = edit.at.checked_add(edit.delete).filter(|end| *end <= units);
            units = (units + edit.insert.len()).saturating_sub(edit.delete);
            end.is_some()
        });
        let whole = |at: usize| !cuts(&self.units, at);
        inside
            && match edits.as_slice() {
                [edit] => whole(edit.at) && whole(edit.at + edit.delete),
                _ => true,
            }
    }

    fn apply(&mut self, operation: &Operation) {
        for edit in operation.edits() {
            self.units.splice(edit.at..edit.at + edit.delete, edit.insert.iter().copied());
        }
    }
}
