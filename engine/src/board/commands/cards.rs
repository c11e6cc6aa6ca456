//! Commands about where cards are, what they are called, and whether they are there.

use warroom_protocol::Timestamp;

use super::super::card::{ColumnRole, Stamp};
use super::super::document::BoardDocument;
use super::super::hints::Hints;
use super::super::place::{Placed, place};
use super::super::plan::{Plan, Planned};
use super::super::read;
use super::super::schema::{
    ARCHIVED, CARDS, DELETED, DONE, PLACE, TITLE, new_card, place as place_text,
};
use super::super::view::Lane;
use crate::command::Position;
use crate::error::CommandError;
use crate::ids::{CardId, ColumnId};
use crate::limits::TITLE_UNITS_MAX;
use crate::plan::{Put, Step, check_units, create, no_room, stamped, text};

/// A card that is to be made.
pub(super) struct NewCard<'a> {
    pub(super) id: &'a CardId,
    pub(super) column: &'a ColumnId,
    pub(super) title: &'a str,
    pub(super) position: &'a Position<CardId>,
}

impl BoardDocument {
    pub(super) fn plan_new_card(&mut self, now: Timestamp, new: &NewCard<'_>) -> Planned {
        let NewCard { id, column, title, position } = *new;
        check_units(title, TITLE_UNITS_MAX)?;
        let (cards, (_, into)) = (self.container(CARDS)?, self.column_obj(column)?);
        if self.document.is_taken(&cards, id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        let placed = self.place_card(column, position, None).ok_or_else(no_room)?;
        let mut hints = Hints::of_card(id);
        let place = place_text(column, &placed.key);
        let is_done = into.role == Some(ColumnRole::Done);
        let new = new_card(place, title, &Stamp::new(now, self.person()), is_done);
        let mut steps = vec![create(cards, id.as_str(), new)];
        self.rekey_cards(column, placed.rekeyed, &mut steps, &mut hints)?;
        Ok(Some(Plan { kind: "add", card: Some(id.clone()), steps, hints, is_undoable: true }))
    }

    /// A move into a deleted column is taken: it resurrects nothing, and the card shows in *Unsorted*. Entering a column
    /// of done work completes the card, leaving takes that away, in the same change.
    pub(super) fn plan_move(
        &mut self,
        id: &CardId,
        column: &ColumnId,
        position: &Position<CardId>,
    ) -> Planned {
        let obj = self.card_obj(id)?;
        let (_, into) = self.column_obj(column)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        let (was_done, is_done) = (card.done.is_some(), into.role == Some(ColumnRole::Done));
        let moved = (card.order.clone(), id.clone());
        let changes_column = card.column != *column;
        let Some(placed) = self.place_card(column, position, Some(&moved)) else {
            return Ok(None);
        };
        let value = text(&place_text(column, &placed.key));
        let mut plan = Put::new(obj.clone(), PLACE, value).of_card("move", id);
        plan.hints = Hints::of_card_keys(id, &[PLACE, DONE]);
        let done = stamped(obj, DONE, was_done, is_done).filter(|_| changes_column);
        if let Some(Put { obj, key, value }) = done {
            plan.steps.push(Step::Put { obj, key, value });
        }
        self.rekey_cards(column, placed.rekeyed, &mut plan.steps, &mut plan.hints)?;
        Ok(Some(plan))
    }

    pub(super) fn plan_archived(
        &mut self,
        kind: &'static str,
        id: &CardId,
        archived: bool,
    ) -> Planned {
        let obj = self.card_obj(id)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        let put = stamped(obj, ARCHIVED, card.archived.is_some(), archived);
        Ok(put.map(|put| put.of_card(kind, id)))
    }

    pub(super) fn plan_deleted(
        &mut self,
        kind: &'static str,
        id: &CardId,
        deleted: bool,
    ) -> Planned {
        let obj = self.card_obj(id)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        let put = stamped(obj, DELETED, card.deleted.is_some(), deleted);
        Ok(put.map(|put| put.of_card(kind, id)))
    }

    pub(super) fn plan_title(&mut self, id: &CardId, title: String) -> Planned {
        check_units(&title, TITLE_UNITS_MAX)?;
        let obj = self.card_obj(id)?;
        let card = self.board().card(id).ok_or(CommandError::UnknownCard)?;
        if card.title == title && read::text_at(self.doc().into(), &obj, TITLE).is_some() {
            return Ok(None);
        }
        let steps = vec![Step::Title { card: obj, title }];
        let (card, hints) = (Some(id.clone()), Hints::of_card_keys(id, &[TITLE]));
        Ok(Some(Plan { kind: "title", card, steps, hints, is_undoable: true }))
    }

    /// The key of a card's place; None when the card is there already.
    fn place_card(
        &mut self,
        column: &ColumnId,
        position: &Position<CardId>,
        moved: Option<&(String, CardId)>,
    ) -> Option<Placed<CardId>> {
        let (board, dice) = self.board_and_dice();
        let anchor = match position {
            Position::Before { id } | Position::After { id } => {
                board.card(id).map(|card| (card.order.clone(), id.clone()))
            }
            Position::Start | Position::End => None,
        };
        let empty = Lane::new();
        let lane = board.card_lane(column).unwrap_or(&empty);
        place(lane, position, anchor.as_ref(), moved, dice)
    }

    fn rekey_cards(
        &self,
        column: &ColumnId,
        rekeyed: Vec<(CardId, String)>,
        steps: &mut Vec<Step>,
        hints: &mut Hints,
    ) -> Result<(), CommandError> {
        for (id, key) in rekeyed {
            let value = text(&place_text(column, &key));
            steps.push(Step::Put { obj: self.card_obj(&id)?, key: PLACE.to_owned(), value });
            hints.cards.insert(id);
        }
        Ok(())
    }
}
