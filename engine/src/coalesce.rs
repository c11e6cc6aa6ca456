//! What was typed and not written out yet: keystrokes become few replacements, and few changes.
//!
//! How often typing becomes a change is the biggest lever on everything behind it: 260,000 keystrokes load in 1,060 ms
//! as single changes and in 190 ms as changes of ten.

use std::time::Duration;

use warroom_protocol::Timestamp;

use crate::limits::{TYPING_PAUSE, TYPING_PIECE_UNITS, TYPING_WAIT_MAX, TYPING_WAIT_WATCHED};

/// Whether a UTF-16 unit is the second half of a character.
pub(crate) fn is_second_half(unit: u16) -> bool {
    (0xDC00..=0xDFFF).contains(&unit)
}

/// A replacement in UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Position of the first unit replaced.
    pub(crate) at: usize,
    /// Units removed.
    pub(crate) delete: usize,
    /// Units put in their place.
    pub(crate) insert: Vec<u16>,
}

impl Edit {
    /// The same edit in pieces of at most [`TYPING_PIECE_UNITS`] units, one after the other.
    pub(crate) fn pieces(self) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut delete = self.delete;
        while delete > TYPING_PIECE_UNITS {
            let piece = Self { at: self.at, delete: TYPING_PIECE_UNITS, insert: Vec::new() };
            pieces.push(piece);
            delete -= TYPING_PIECE_UNITS;
        }
        let (mut at, mut insert) = (self.at, self.insert.as_slice());
        loop {
            let whole = insert.get(TYPING_PIECE_UNITS).is_none_or(|unit| !is_second_half(*unit));
            let cut = if whole { TYPING_PIECE_UNITS } else { TYPING_PIECE_UNITS - 1 };
            let (piece, rest) = insert.split_at(cut.min(insert.len()));
            pieces.push(Self { at, delete, insert: piece.to_vec() });
            (at, delete, insert) = (at + piece.len(), 0, rest);
            if rest.is_empty() {
                return pieces;
            }
        }
    }

    fn end(&self) -> usize {
        self.at + self.insert.len()
    }

    /// Takes in a later edit, if it touches what this one put there.
    fn absorb(&mut self, later: &Self) -> bool {
        let later_end = later.at + later.delete;
        if later.at > self.end() || later_end < self.at {
            return false;
        }
        let before = self.at.saturating_sub(later.at);
        let behind = later_end.saturating_sub(self.end());
        let kept_before = later.at.saturating_sub(self.at);
        let kept_behind = self.end().saturating_sub(later_end);
        let mut insert: Vec<u16> = self.insert.iter().take(kept_before).copied().collect();
        insert.extend_from_slice(&later.insert);
        insert.extend(self.insert.iter().skip(self.insert.len() - kept_behind));
        self.at -= before;
        self.delete += before + behind;
        self.insert = insert;
        true
    }
}

/// What was typed, to be written.
#[derive(Debug, Clone)]
pub(crate) struct Typing {
    /// When it began.
    pub(crate) begun: Timestamp,
    /// To be applied in order.
    pub(crate) edits: Vec<Edit>,
}

/// Edits that wait, and since when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffer {
    /// In the order in which they are to be applied, each in the text that the earlier ones left.
    edits: Vec<Edit>,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl Buffer {
    /// Adds an edit made now.
    pub(crate) fn push(&mut self, now: Timestamp, edit: Edit) {
        if self.edits.is_empty() {
            self.first_at = now;
        }
        self.last_at = now;
        let absorbed = self.edits.last_mut().is_some_and(|last| last.absorb(&edit));
        if !absorbed {
            self.edits.push(edit);
        }
        self.edits.retain(|edit| edit.delete > 0 || !edit.insert.is_empty());
    }

    /// Nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Everything that waits.
    pub(crate) fn take(&mut self) -> Typing {
        Typing { begun: self.first_at, edits: std::mem::take(&mut self.edits) }
    }

    /// When it is to be written out: at a pause or after a second; every 100 ms while somebody watches.
    pub(crate) fn due(&self, watched: bool) -> Option<Timestamp> {
        if self.is_empty() {
            return None;
        }
        let paused = self.last_at + TYPING_PAUSE;
        let wait: Duration = if watched { TYPING_WAIT_WATCHED } else { TYPING_WAIT_MAX };
        Some(paused.min(self.first_at + wait))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(at: usize, delete: usize, insert: &str) -> Edit {
        Edit { at, delete, insert: insert.encode_utf16().collect() }
    }

    /// Pushes edits in the order of the list; says what waits as `at:delete:insert`.
    fn check(edits: &[(usize, usize, &str)], waiting: &[&str]) {
        let mut buffer = Buffer::default();
        for (at, delete, insert) in edits {
            buffer.push(Timestamp(0), edit(*at, *delete, insert));
        }
        let text = |edit: Edit| {
            format!("{}:{}:{}", edit.at, edit.delete, String::from_utf16_lossy(&edit.insert))
        };
        assert_eq!(buffer.take().edits.into_iter().map(text).collect::<Vec<_>>(), waiting);
    }

    #[test]
    fn typing_becomes_one_edit() {
        check(&[(4, 0, "a"), (5, 0, "b"), (6, 0, "c")], &["4:0:abc"]);
        check(&[(4, 0, "a"), (5, 0, "b"), (5, 1, ""), (5, 0, "c")], &["4:0:ac"]);
        check(&[(4, 0, "a"), (4, 1, "")], &[]);
        check(&[(4, 1, ""), (3, 1, ""), (2, 1, "")], &["2:3:"]);
        check(&[(4, 1, ""), (4, 1, "")], &["4:2:"]);
        check(&[(4, 0, "ab"), (3, 4, "x")], &["3:2:x"]);
        check(&[(4, 0, "a"), (9, 0, "b")], &["4:0:a", "9:0:b"]);
    }

    #[test]
    fn a_paste_goes_in_pieces_that_cut_no_character_in_half() {
        let text = "😀".repeat(TYPING_PIECE_UNITS);
        let whole = edit(3, 3 * TYPING_PIECE_UNITS, &format!("x{text}"));
        let mut units = vec![0; 3 + 3 * TYPING_PIECE_UNITS];
        for piece in whole.clone().pieces() {
            assert!(piece.delete <= TYPING_PIECE_UNITS && piece.insert.len() <= TYPING_PIECE_UNITS);
            assert!(String::from_utf16(&piece.insert).is_ok());
            units.splice(piece.at..piece.at + piece.delete, piece.insert);
        }
        assert_eq!(units.split_off(3), whole.insert);
        assert_eq!(edit(3, 1, "").pieces(), [edit(3, 1, "")]);
    }

    #[test]
    fn an_edit_is_due_at_a_pause_or_after_a_second() {
        let mut buffer = Buffer::default();
        assert_eq!(buffer.due(false), None);
        for at in (0..1_000).step_by(100) {
            buffer.push(Timestamp(at), edit(0, 0, "x"));
        }
        assert_eq!(buffer.due(false), Some(Timestamp(1_000)));
        assert_eq!(buffer.due(true), Some(Timestamp(100)));
        buffer.take();
        buffer.push(Timestamp(2_000), edit(0, 0, "x"));
        assert_eq!(buffer.due(false), Some(Timestamp(2_300)));
    }

    proptest! {
        #[test]
        fn the_buffer_does_what_was_typed(edits in proptest::collection::vec((0..40_usize, 0..5_usize, "[a-z]{0,3}"), 1..40)) {
            let start: Vec<u16> = "the text before anybody typed anything in".encode_utf16().collect();
            let (mut typed, mut buffer) = (start.clone(), Buffer::default());
            for (at, delete, insert) in edits {
                let at = at.min(typed.len());
                let edit = edit(at, delete.min(typed.len() - at), &insert);
                typed.splice(edit.at..edit.at + edit.delete, edit.insert.iter().copied());
                buffer.push(Timestamp(0), edit);
            }
            let mut written = start;
            for edit in buffer.take().edits {
                written.splice(edit.at..edit.at + edit.delete, edit.insert.iter().copied());
            }
            prop_assert_eq!(typed, written);
        }
    }
}
