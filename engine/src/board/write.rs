//! What the board brings to the carrying out of its commands, and the writing out of what was typed.

use warroom_protocol::Timestamp;

use super::card::Stamp;
use super::document::BoardDocument;
use super::hints::Hints;
use super::schema::TITLE;
use crate::delta::Delta;
use crate::document::{Document, Message};
use crate::error::CommandError;
use crate::ids::CardId;
use crate::transact::Drafting;
use crate::write::Writer;

impl Writer for BoardDocument {
    type Hints = Hints;

    fn document(&self) -> &Document {
        &self.document
    }

    fn document_mut(&mut self) -> &mut Document {
        &mut self.document
    }

    fn stamp(&self, now: Timestamp) -> Stamp {
        Stamp::new(now, self.person())
    }

    fn hints_at(&self, places: &[Vec<String>]) -> Hints {
        Hints::of_places(places)
    }

    fn read_again(&mut self, hints: &Hints) {
        self.refresh(hints, &[]);
    }
}

impl Drafting for BoardDocument {
    fn deltas_mut(&mut self) -> &mut Vec<Delta> {
        &mut self.deltas
    }

    fn read_view(&mut self, hints: &Hints) {
        self.refresh_view(hints);
    }

    fn show_anew(&mut self) {
        self.view = self.rebuilt();
    }
}

impl BoardDocument {
    /// Writes out what was typed in one title.
    pub(super) fn write_typing(
        &mut self,
        now: Timestamp,
        card: &CardId,
    ) -> Result<(), CommandError> {
        let Some((obj, typing)) = self.take_typing(card) else { return Ok(()) };
        let message = Message { kind: "type", card: Some(card) };
        let result = self.document.write_edits(now, &message, &obj, typing);
        self.refresh(&Hints::of_card_keys(card, &[TITLE]), &[]);
        result
    }
}
