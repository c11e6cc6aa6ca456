//! Commands about the checklist of a card.

use automerge::ObjId;

use super::super::card::ChecklistItem;
use super::super::document::BoardDocument;
use super::super::hints::Hints;
use super::super::place::{Placed, place};
use super::super::plan::{Plan, Planned};
use super::super::schema::{CHECKLIST, DELETED, DONE, ORDER, TEXT, new_item};
use super::super::view::Lane;
use crate::command::Position;
use crate::error::CommandError;
use crate::ids::{CardId, ItemId};
use crate::limits::{CHECKLIST_ITEMS_MAX, ITEM_UNITS_MAX};
use crate::plan::{Put, Step, check_units, create, deleted, no_room, text, truth};

impl BoardDocument {
    /// The items that are not deleted.
    fn items(&self, card: &CardId) -> Result<&[ChecklistItem], CommandError> {
        let card = self.board().card(card).ok_or(CommandError::UnknownCard)?;
        Ok(&card.checklist)
    }

    fn item(
        &self,
        card: &CardId,
        id: &ItemId,
    ) -> Result<(ObjId, Option<&ChecklistItem>), CommandError> {
        let shown = self.items(card)?.iter().find(|item| item.id == *id);
        Ok((self.part_of(card, CHECKLIST, id.as_str())?, shown))
    }

    pub(super) fn plan_new_item(
        &mut self,
        card: &CardId,
        id: &ItemId,
        content: &str,
        position: &Position<ItemId>,
    ) -> Planned {
        check_units(content, ITEM_UNITS_MAX)?;
        if self.items(card)?.len() >= CHECKLIST_ITEMS_MAX {
            return Err(CommandError::TooMany { count_max: CHECKLIST_ITEMS_MAX });
        }
        let list = self.container_of(card, CHECKLIST)?;
        if self.document.is_taken(&list, id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        let placed = self.place_item(card, position, None)?.ok_or_else(no_room)?;
        let mut steps = vec![create(list, id.as_str(), new_item(content, &placed.key))];
        self.rekey_items(card, placed.rekeyed, &mut steps)?;
        let hints = Hints::of_card(card);
        Ok(Some(Plan {
            kind: "addItem",
            card: Some(card.clone()),
            steps,
            hints,
            is_undoable: true,
        }))
    }

    pub(super) fn plan_item_text(&mut self, card: &CardId, id: &ItemId, content: &str) -> Planned {
        check_units(content, ITEM_UNITS_MAX)?;
        let (obj, shown) = self.item(card, id)?;
        let is_so = shown.is_some_and(|item| item.text == content);
        let put = (!is_so).then(|| Put::new(obj, TEXT, text(content)));
        Ok(put.map(|put| put.of_card("editItem", card)))
    }

    pub(super) fn plan_item_move(
        &mut self,
        card: &CardId,
        id: &ItemId,
        position: &Position<ItemId>,
    ) -> Planned {
        let (obj, shown) = self.item(card, id)?;
        let moved = shown.map(|item| (item.order.clone(), id.clone()));
        let Some(placed) = self.place_item(card, position, moved.as_ref())? else {
            return Ok(None);
        };
        let mut plan = Put::new(obj, ORDER, text(&placed.key)).of_card("moveItem", card);
        self.rekey_items(card, placed.rekeyed, &mut plan.steps)?;
        Ok(Some(plan))
    }

    pub(super) fn plan_item_done(&mut self, card: &CardId, id: &ItemId, done: bool) -> Planned {
        let (obj, shown) = self.item(card, id)?;
        let is_so = shown.is_some_and(|item| item.done == done);
        let put = (!is_so).then(|| Put::new(obj, DONE, truth(done)));
        Ok(put.map(|put| put.of_card(if done { "checkItem" } else { "uncheckItem" }, card)))
    }

    pub(super) fn plan_item_deleted(&mut self, card: &CardId, id: &ItemId, gone: bool) -> Planned {
        let (obj, _) = self.item(card, id)?;
        let is_gone = self.is_yes(&obj, DELETED);
        let put = deleted(obj, is_gone, gone);
        Ok(put.map(|put| put.of_card(if gone { "deleteItem" } else { "restoreItem" }, card)))
    }

    /// The key of an item's place; None when it is there already.
    fn place_item(
        &mut self,
        card: &CardId,
        position: &Position<ItemId>,
        moved: Option<&(String, ItemId)>,
    ) -> Result<Option<Placed<ItemId>>, CommandError> {
        let (board, dice) = self.board_and_dice();
        let card = board.card(card).ok_or(CommandError::UnknownCard)?;
        let entries = card.checklist.iter().map(|item| (item.order.clone(), item.id.clone()));
        let lane: Lane<ItemId> = entries.collect();
        let anchor = match position {
            Position::Before { id } | Position::After { id } => {
                lane.iter().find(|(_, other)| other == id).cloned()
            }
            Position::Start | Position::End => None,
        };
        Ok(place(&lane, position, anchor.as_ref(), moved, dice))
    }

    fn rekey_items(
        &self,
        card: &CardId,
        rekeyed: Vec<(ItemId, String)>,
        steps: &mut Vec<Step>,
    ) -> Result<(), CommandError> {
        for (id, key) in rekeyed {
            let obj = self.part_of(card, CHECKLIST, id.as_str())?;
            steps.push(Step::Put { obj, key: ORDER.to_owned(), value: text(&key) });
        }
        Ok(())
    }
}
