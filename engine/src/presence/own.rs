//! What this replica's person does: what it shows, and what time ends of it.

use warroom_protocol::{PeerId, Timestamp};

use super::channels::Shown;
use super::{Claim, Hover, TypingPlace};
use crate::board::Person;
use crate::ids::CardId;
use crate::limits::{CLAIM_STILL, FLEETING_BEAT, TYPING_STOPS};

/// The own side of presence.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) peer: PeerId,
    pub(super) shown: Shown,
    /// Rises while a claim or typing goes on, so that the others see it renewed.
    pub(super) beat: u64,
    beat_next: Timestamp,
    typing_ends: Timestamp,
    claim_ends: Timestamp,
    /// The highest lamport seen in any claim.
    lamport: u64,
}

impl Own {
    pub(super) fn new(peer: PeerId, person: Person) -> Self {
        Self {
            peer,
            shown: Shown { user: Some(person), ..Shown::default() },
            beat: 0,
            beat_next: Timestamp::default(),
            typing_ends: Timestamp::default(),
            claim_ends: Timestamp::default(),
            lamport: 0,
        }
    }

    /// Typing ends a second after the last call.
    pub(super) fn type_in(&mut self, now: Timestamp, place: Option<TypingPlace>) {
        if !self.is_fleeting() {
            self.beat_next = now + FLEETING_BEAT;
        }
        self.typing_ends = now + TYPING_STOPS;
        self.shown.typing = place;
    }

    /// Claims cards, with a lamport above all that were seen.
    pub(super) fn grab(&mut self, now: Timestamp, cards: Vec<CardId>) {
        if !self.is_fleeting() {
            self.beat_next = now + FLEETING_BEAT;
        }
        self.lamport = self.lamport.saturating_add(1);
        self.shown.claim = Some(Claim { cards, lamport: self.lamport, hover: None });
        self.claim_ends = now + CLAIM_STILL;
    }

    /// Hovers elsewhere, which keeps the claim for another minute.
    pub(super) fn carry(&mut self, now: Timestamp, hover: Option<Hover>) {
        let Some(claim) = &mut self.shown.claim else { return };
        if claim.hover != hover {
            claim.hover = hover;
            self.claim_ends = now + CLAIM_STILL;
        }
    }

    pub(super) fn see_lamport(&mut self, lamport: u64) {
        self.lamport = self.lamport.max(lamport);
    }

    /// Ends what time ends, and renews what goes on. Returns a claim that ran out.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) -> Option<Claim> {
        if self.typing_ends <= now {
            self.shown.typing = None;
        }
        let ran_out = if self.claim_ends <= now { self.shown.claim.take() } else { None };
        if self.is_fleeting() && self.beat_next <= now {
            self.beat = self.beat.saturating_add(1);
            self.beat_next = now + FLEETING_BEAT;
        }
        ran_out
    }

    /// When to call `handle_timeout`.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        let typing = self.shown.typing.as_ref().map(|_| self.typing_ends);
        let claim = self.shown.claim.as_ref().map(|_| self.claim_ends);
        let beat = self.is_fleeting().then_some(self.beat_next);
        [typing, claim, beat].into_iter().flatten().min()
    }

    fn is_fleeting(&self) -> bool {
        self.shown.claim.is_some() || self.shown.typing.is_some()
    }
}
