//! An edit of a whole text as a row of parts, and how it changes when another one comes first.

use crate::coalesce::Edit;
use crate::command::Splice;

/// One part; lengths in UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Keep(usize),
    Delete(usize),
    Insert(Vec<u16>),
}

/// Parts from the beginning of the text on; what is behind them is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Operation {
    parts: Vec<Part>,
}

/// The parts of an operation, to be consumed length by length.
struct Cursor<'a> {
    parts: &'a [Part],
    /// Units of the first part that are consumed already.
    used: usize,
}

impl<'a> Cursor<'a> {
    fn insertion(&mut self) -> Option<&'a [u16]> {
        match self.parts.split_first() {
            Some((Part::Insert(units), rest)) => {
                self.parts = rest;
                Some(units)
            }
            Some((Part::Keep(_) | Part::Delete(_), _)) | None => None,
        }
    }

    /// How many units the first part still covers, and whether it deletes them. Behind the end all is kept.
    fn covered(&self) -> (usize, bool) {
        match self.parts.first() {
            Some(Part::Keep(units)) => (units - self.used, false),
            Some(Part::Delete(units)) => (units - self.used, true),
            Some(Part::Insert(_)) | None => (usize::MAX, false),
        }
    }

    fn consume(&mut self, units: usize) {
        let (left, _) = self.covered();
        if units < left {
            self.used += units;
        } else if let Some((_, rest)) = self.parts.split_first() {
            self.parts = rest;
            self.used = 0;
        }
    }
}

impl Operation {
    pub(super) fn of_splice(splice: &Splice) -> Self {
        let mut operation = Self::default();
        operation.keep(usize::try_from(splice.at).unwrap_or(usize::MAX));
        operation.insert(splice.insert.encode_utf16().collect());
        operation.delete(usize::try_from(splice.delete).unwrap_or(usize::MAX));
        operation
    }

    fn keep(&mut self, units: usize) {
        match self.parts.last_mut() {
            Some(Part::Keep(before)) => *before = before.saturating_add(units),
            Some(Part::Delete(_) | Part::Insert(_)) | None if units > 0 => {
                self.parts.push(Part::Keep(units));
            }
            Some(Part::Delete(_) | Part::Insert(_)) | None => {}
        }
    }

    fn delete(&mut self, units: usize) {
        match self.parts.last_mut() {
            Some(Part::Delete(before)) => *before = before.saturating_add(units),
            Some(Part::Keep(_) | Part::Insert(_)) | None if units > 0 => {
                self.parts.push(Part::Delete(units));
            }
            Some(Part::Keep(_) | Part::Insert(_)) | None => {}
        }
    }

    fn insert(&mut self, units: Vec<u16>) {
        if !units.is_empty() {
            self.parts.push(Part::Insert(units));
        }
    }

    /// This operation as it applies after `other`, which was made in the same text. `first`: of two insertions at one
    /// place this one's stands first.
    pub(super) fn transform(&self, other: &Self, first: bool) -> Self {
        let mut mine = Cursor { parts: &self.parts, used: 0 };
        let mut theirs = Cursor { parts: &other.parts, used: 0 };
        let mut transformed = Self::default();
        while !mine.parts.is_empty() {
            if first && let Some(units) = mine.insertion() {
                transformed.insert(units.to_vec());
            } else if let Some(units) = theirs.insertion() {
                transformed.keep(units.len());
            } else if let Some(units) = mine.insertion() {
                transformed.insert(units.to_vec());
            } else {
                let ((my_units, i_delete), (their_units, they_delete)) =
                    (mine.covered(), theirs.covered());
                let units = my_units.min(their_units);
                match (i_delete, they_delete) {
                    (_, true) => {}
                    (true, false) => transformed.delete(units),
                    (false, false) => transformed.keep(units),
                }
                mine.consume(units);
                theirs.consume(units);
            }
        }
        transformed
    }

    /// The same as edits one after the other, each in the text that the earlier ones left.
    pub(super) fn edits(&self) -> Vec<Edit> {
        let mut edits: Vec<Edit> = Vec::new();
        let mut at: usize = 0;
        let mut open = false;
        for part in &self.parts {
            if let Part::Keep(units) = part {
                at = at.saturating_add(*units);
                open = false;
                continue;
            }
            if !open {
                edits.push(Edit { at, delete: 0, insert: Vec::new() });
                open = true;
            }
            if let Some(edit) = edits.last_mut() {
                match part {
                    Part::Keep(_) => {}
                    Part::Delete(units) => edit.delete = edit.delete.saturating_add(*units),
                    Part::Insert(units) => {
                        edit.insert.extend_from_slice(units);
                        at = at.saturating_add(units.len());
                    }
                }
            }
        }
        edits
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(text: &str, operation: &Operation) -> String {
        let mut units: Vec<u16> = text.encode_utf16().collect();
        for edit in operation.edits() {
            units.splice(edit.at..edit.at + edit.delete, edit.insert.iter().copied());
        }
        String::from_utf16(&units).unwrap()
    }

    fn splice(at: u32, delete: u32, insert: &str) -> Splice {
        Splice { at, delete, insert: insert.to_owned() }
    }

    /// Both orders of two splices made in the same text end in `expected`.
    fn check(text: &str, mine: (u32, u32, &str), theirs: (u32, u32, &str), expected: &str) {
        let mine = Operation::of_splice(&splice(mine.0, mine.1, mine.2));
        let theirs = Operation::of_splice(&splice(theirs.0, theirs.1, theirs.2));
        let here = apply(&apply(text, &mine), &theirs.transform(&mine, false));
        let there = apply(&apply(text, &theirs), &mine.transform(&theirs, true));
        assert_eq!((here.as_str(), there.as_str()), (expected, expected));
    }

    #[test]
    fn both_orders_end_in_the_same_text() {
        check("abc", (1, 0, "X"), (1, 0, "Y"), "aXYbc");
        check("abcdef", (1, 4, ""), (3, 0, "Y"), "aYf");
        check("abcdef", (3, 0, "X"), (1, 4, ""), "aXf");
        check("abcdef", (0, 3, "X"), (2, 3, "Y"), "XYf");
        check("abcdef", (1, 2, ""), (1, 2, ""), "adef");
        check("a😀c", (3, 1, "Ü"), (1, 2, "😁"), "a😁Ü");
    }

    fn any_operation() -> impl Strategy<Value = Operation> {
        let parts = proptest::collection::vec((0..4_usize, 0..3_usize, "[a-z]{0,2}"), 1..5);
        parts.prop_map(|parts| {
            let mut operation = Operation::default();
            for (keep, delete, insert) in parts {
                operation.keep(keep);
                operation.insert(insert.encode_utf16().collect());
                operation.delete(delete);
            }
            operation
        })
    }

    proptest! {
        #[test]
        fn transformation_converges(mine in any_operation(), theirs in any_operation()) {
            let text = "a text that is longer than any edit";
            let here = apply(&apply(text, &mine), &theirs.transform(&mine, false));
            let there = apply(&apply(text, &theirs), &mine.transform(&theirs, true));
            prop_assert_eq!(here, there);
        }
    }
}
