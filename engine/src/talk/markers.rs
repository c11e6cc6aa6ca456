//! This person's read markers: shown at once, written now and then, so that reading adds next to nothing to the history.

use warroom_protocol::Timestamp;

use super::comment::Seen;
use crate::ids::CardId;
use crate::limits::SEEN_EVERY;

/// What was seen and is not written yet.
#[derive(Debug, Default)]
pub(super) struct Markers {
    /// At most one for each card, and one for the board.
    waiting: Vec<Seen>,
    /// When the last ones were written.
    written: Option<Timestamp>,
}

impl Markers {
    /// Notes a marker, in place of an earlier one.
    pub(super) fn put(&mut self, seen: Seen) {
        match self.waiting.iter_mut().find(|waiting| waiting.card == seen.card) {
            Some(waiting) => *waiting = seen,
            None => self.waiting.push(seen),
        }
    }

    /// What waits.
    pub(super) fn waiting(&self) -> &[Seen] {
        &self.waiting
    }

    /// What waits for a card, or the board.
    pub(super) fn waiting_of(&self, card: Option<&CardId>) -> Option<i64> {
        let waiting = self.waiting.iter().find(|waiting| waiting.card.as_ref() == card);
        waiting.map(|seen| seen.at)
    }

    /// Takes what waits, to be written.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<Seen> {
        if !self.waiting.is_empty() {
            self.written = Some(now);
        }
        std::mem::take(&mut self.waiting)
    }

    /// When what waits is to be written: the first at once, further ones in their turn.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let due = self.written.map_or(Timestamp::default(), |written| written + SEEN_EVERY);
        (!self.waiting.is_empty()).then_some(due)
    }
}
