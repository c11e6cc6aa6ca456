//! An open text: one local typist, who is a little behind, and everybody else's changes.
//!
//! The typist sees its own keystrokes at once and the others' when [`crate::Delta::TextSpliced`] reaches it; the engine
//! gets each keystroke with the number of others' splices that had been seen. Both sides transform what the other had
//! not seen, so that both end with the same text (the two-party form of operational transformation; Nichols et al.,
//! "High-latency, low-bandwidth windowing in the Jupiter collaboration system", 1995). Of two insertions at one place
//! the typist's stands first.

mod diff;
mod operation;
mod typist;

use std::collections::VecDeque;

use automerge::{ObjId, Patch, PatchAction};
use warroom_protocol::Timestamp;

use crate::coalesce::{Buffer, Edit, is_second_half};
use crate::command::Splice;
use crate::error::CommandError;
use crate::limits::UNSEEN_SPLICES_MAX;

pub(crate) use diff::smallest_edit;
use operation::Operation;
pub use typist::Typist;

/// A text that is open for typing.
#[derive(Debug)]
pub(crate) struct OpenText {
    /// The text object.
    obj: ObjId,
    /// The text in UTF-16 units, with what waits in the buffer.
    units: Vec<u16>,
    /// The longest text that may be typed, in units.
    units_max: usize,
    /// Splices of others told to the typist since the text was opened.
    told: u64,
    /// Those that the typist is not known to have seen, as they apply to the typist's text now.
    unseen: VecDeque<Operation>,
    /// What is typed and not written out yet.
    buffer: Buffer,
}

impl OpenText {
    pub(crate) fn new(obj: ObjId, text: &str, units_max: usize) -> Self {
        let (told, unseen, buffer) = (0, VecDeque::new(), Buffer::default());
        Self { obj, units: text.encode_utf16().collect(), units_max, told, unseen, buffer }
    }

    /// The text object.
    pub(crate) fn obj(&self) -> &ObjId {
        &self.obj
    }

    /// The text, with what waits to be written out.
    pub(crate) fn text(&self) -> String {
        String::from_utf16_lossy(&self.units)
    }

    /// The typist types, having seen `seen` splices of others. Gives the echo: the same splice, as it was applied.
    ///
    /// # Errors
    /// [`CommandError::OutsideText`] when the splice does not fit the typist's text, cuts a character in half, or `seen`
    /// can't be; [`CommandError::TooLong`]. Nothing was changed, and the typist's text is to be opened again.
    pub(crate) fn edit(
        &mut self,
        now: Timestamp,
        seen: u64,
        splice: &Splice,
    ) -> Result<Splice, CommandError> {
        let acknowledged = self.acknowledged(seen)?;
        let mut mine = Operation::of_splice(splice);
        let mut unseen = VecDeque::with_capacity(self.unseen.len() - acknowledged);
        for theirs in self.unseen.iter().skip(acknowledged) {
            let (theirs, transformed) =
                (theirs.transform(&mine, false), mine.transform(theirs, true));
            unseen.push_back(theirs);
            mine = transformed;
        }
        let edits = mine.edits();
        let echo = self.covering(&edits)?;
        let units = self.units.len() + echo.insert.encode_utf16().count();
        let units = units - usize::try_from(echo.delete).unwrap_or(0);
        if units > self.units_max && units > self.units.len() {
            return Err(CommandError::TooLong { units, units_max: self.units_max });
        }
        for edit in edits {
            self.units.splice(edit.at..edit.at + edit.delete, edit.insert.iter().copied());
            self.buffer.push(now, edit);
        }
        self.unseen = unseen;
        Ok(echo)
    }

    /// How many of the unseen splices the typist had seen.
    fn acknowledged(&self, seen: u64) -> Result<usize, CommandError> {
        let waiting = self.told.checked_sub(seen).and_then(|count| usize::try_from(count).ok());
        let acknowledged = waiting.and_then(|count| self.unseen.len().checked_sub(count));
        acknowledged.ok_or(CommandError::OutsideText)
    }

    /// One splice that does what `edits` do one after the other, what they leave alone in between included.
    fn covering(&self, edits: &[Edit]) -> Result<Splice, CommandError> {
        let mut units: Option<Vec<u16>> = None;
        let (mut start, mut tail) = (usize::MAX, usize::MAX);
        for edit in edits {
            let text = units.as_deref().unwrap_or(&self.units);
            let end = edit.at.checked_add(edit.delete).filter(|end| *end <= text.len());
            let end = end.ok_or(CommandError::OutsideText)?;
            if cuts(text, edit.at) || cuts(text, end) {
                return Err(CommandError::OutsideText);
            }
            (start, tail) = (start.min(edit.at), tail.min(text.len() - end));
            if edits.len() > 1 {
                let next = units.get_or_insert_with(|| self.units.clone());
                next.splice(edit.at..end, edit.insert.iter().copied());
            }
        }
        match (edits, units) {
            ([edit], _) => Ok(splice_of(edit.at, edit.delete, &edit.insert)),
            (_, Some(after)) => {
                let insert = after.get(start..after.len() - tail).unwrap_or_default();
                Ok(splice_of(start, self.units.len() - tail - start, insert))
            }
            (_, None) => Ok(splice_of(0, 0, &[])),
        }
    }

    /// The document's text is `text` now (others changed it; nothing waits). `patches` say how, where they are right.
    /// Gives the splices to tell, in order.
    ///
    /// # Panics
    /// When something waits in the buffer: it is to be written out before others' changes are taken in.
    pub(crate) fn change(&mut self, text: &str, patches: &[Patch]) -> Vec<Splice> {
        assert!(self.buffer.is_empty(), "typing is written out before others' changes come in");
        let after: Vec<u16> = text.encode_utf16().collect();
        let edits = edits_of(patches, &self.obj, &self.units, &after)
            .unwrap_or_else(|| smallest_edit(&self.units, &after).into_iter().collect());
        self.units = after;
        let told = edits.iter().map(|edit| {
            let splice = splice_of(edit.at, edit.delete, &edit.insert);
            self.told += 1;
            self.unseen.push_back(Operation::of_splice(&splice));
            splice
        });
        told.collect()
    }

    /// The typist has not acknowledged for so long that the text is to be opened anew.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.unseen.len() > UNSEEN_SPLICES_MAX
    }

    /// What is to be written out.
    pub(crate) fn buffer(&mut self) -> &mut Buffer {
        &mut self.buffer
    }

    /// Something waits to be written out.
    pub(crate) fn has_unwritten(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// When it is to be written out.
    pub(crate) fn due(&self, watched: bool) -> Option<Timestamp> {
        self.buffer.due(watched)
    }
}

fn splice_of(at: usize, delete: usize, insert: &[u16]) -> Splice {
    Splice {
        at: u32::try_from(at).unwrap_or(u32::MAX),
        delete: u32::try_from(delete).unwrap_or(u32::MAX),
        insert: String::from_utf16_lossy(insert),
    }
}

/// Whether `at` lies inside a surrogate pair.
fn cuts(units: &[u16], at: usize) -> bool {
    units.get(at).is_some_and(|unit| is_second_half(*unit))
}

/// The edits that the patches of this text name, if they lead from `before` to `after`. Automerge 0.12 makes wrong
/// patches in a known case, so they are believed only after trying.
fn edits_of(patches: &[Patch], obj: &ObjId, before: &[u16], after: &[u16]) -> Option<Vec<Edit>> {
    let mut units = before.to_vec();
    let mut edits = Vec::new();
    for patch in patches.iter().filter(|patch| patch.obj == *obj) {
        let edit = match &patch.action {
            PatchAction::SpliceText { index, value, marks: _ } => {
                let insert = value.make_string().encode_utf16().collect();
                Edit { at: *index, delete: 0, insert }
            }
            PatchAction::DeleteSeq { index, length } => {
                Edit { at: *index, delete: *length, insert: Vec::new() }
            }
            PatchAction::Mark { .. } => continue,
            PatchAction::PutMap { .. }
            | PatchAction::PutSeq { .. }
            | PatchAction::Insert { .. }
            | PatchAction::Increment { .. }
            | PatchAction::Conflict { .. }
            | PatchAction::DeleteMap { .. } => return None,
        };
        let end = edit.at.checked_add(edit.delete).filter(|end| *end <= units.len())?;
        units.splice(edit.at..end, edit.insert.iter().copied());
        edits.push(edit);
    }
    (units == after).then_some(edits)
}
