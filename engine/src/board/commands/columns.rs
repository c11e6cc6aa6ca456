//! Commands about columns.

use automerge::{ObjId, ScalarValue};

use super::super::card::{Colour, Column, ColumnRole};
use super::super::document::BoardDocument;
use super::super::hints::Hints;
use super::super::place::{Placed, place};
use super::super::plan::{Plan, Planned};
use super::super::read;
use super::super::schema::{
    COLOUR, COLUMNS, DELETED, ORDER, ROLE, TITLE, WIP, colour_value, new_column,
};
use crate::command::Position;
use crate::error::CommandError;
use crate::ids::ColumnId;
use crate::limits::NAME_UNITS_MAX;
use crate::plan::{NULL, Put, Step, check_units, create, no_room, stamped, text};
use crate::undo::Register;

impl BoardDocument {
    pub(in crate::board) fn column_obj(
        &self,
        id: &ColumnId,
    ) -> Result<(ObjId, Column), CommandError> {
        let columns = self.container(COLUMNS)?;
        let obj = read::map_at(self.doc().into(), &columns, id.as_str());
        let obj = obj.ok_or(CommandError::UnknownColumn)?;
        let column = self.board().column(id).cloned().ok_or(CommandError::UnknownColumn)?;
        Ok((obj, column))
    }

    pub(super) fn plan_new_column(
        &mut self,
        id: &ColumnId,
        title: &str,
        role: Option<ColumnRole>,
        position: &Position<ColumnId>,
    ) -> Planned {
        check_units(title, NAME_UNITS_MAX)?;
        let columns = self.container(COLUMNS)?;
        if self.document.is_taken(&columns, id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        let placed = self.place_column(position, None).ok_or_else(no_room)?;
        let mut hints = Hints::of_column(id);
        let new = new_column(title, &placed.key, role);
        let mut steps = vec![create(columns, id.as_str(), new)];
        self.rekey_columns(placed.rekeyed, &mut steps, &mut hints)?;
        Ok(Some(Plan { kind: "addColumn", card: None, steps, hints, is_undoable: true }))
    }

    pub(super) fn plan_column_title(&mut self, id: &ColumnId, title: &str) -> Planned {
        check_units(title, NAME_UNITS_MAX)?;
        let (obj, column) = self.column_obj(id)?;
        let put = (column.title != title).then(|| Put::new(obj, TITLE, text(title)));
        Ok(put.map(|put| put.of_column("renameColumn", id)))
    }

    pub(super) fn plan_column_move(
        &mut self,
        id: &ColumnId,
        position: &Position<ColumnId>,
    ) -> Planned {
        let (obj, column) = self.column_obj(id)?;
        let moved = (column.order, id.clone());
        let Some(placed) = self.place_column(position, Some(&moved)) else { return Ok(None) };
        let mut plan = Put::new(obj, ORDER, text(&placed.key)).of_column("moveColumn", id);
        self.rekey_columns(placed.rekeyed, &mut plan.steps, &mut plan.hints)?;
        Ok(Some(plan))
    }

    pub(super) fn plan_column_role(&mut self, id: &ColumnId, role: Option<ColumnRole>) -> Planned {
        let (obj, column) = self.column_obj(id)?;
        let value = role.map_or(NULL, |role| text(role.word()));
        let put = (column.role != role).then(|| Put::new(obj, ROLE, value));
        Ok(put.map(|put| put.of_column("columnRole", id)))
    }

    pub(super) fn plan_column_wip(&mut self, id: &ColumnId, wip: Option<u32>) -> Planned {
        let (obj, column) = self.column_obj(id)?;
        let value = wip.map_or(NULL, |wip| Register::Scalar(ScalarValue::Uint(wip.into())));
        let put = (column.wip != wip).then(|| Put::new(obj, WIP, value));
        Ok(put.map(|put| put.of_column("columnWip", id)))
    }

    pub(super) fn plan_column_colour(&mut self, id: &ColumnId, colour: Option<Colour>) -> Planned {
        let (obj, column) = self.column_obj(id)?;
        let value = Register::Scalar(colour_value(colour));
        let put = (column.colour != colour).then(|| Put::new(obj, COLOUR, value));
        Ok(put.map(|put| put.of_column("columnColour", id)))
    }

    pub(super) fn plan_column_deleted(
        &mut self,
        kind: &'static str,
        id: &ColumnId,
        deleted: bool,
    ) -> Planned {
        let (obj, column) = self.column_obj(id)?;
        let put = stamped(obj, DELETED, column.deleted.is_some(), deleted);
        Ok(put.map(|put| put.of_column(kind, id)))
    }

    fn place_column(
        &mut self,
        position: &Position<ColumnId>,
        moved: Option<&(String, ColumnId)>,
    ) -> Option<Placed<ColumnId>> {
        let (board, dice) = self.board_and_dice();
        let anchor = match position {
            Position::Before { id } | Position::After { id } => {
                board.column(id).map(|column| (column.order.clone(), id.clone()))
            }
            Position::Start | Position::End => None,
        };
        place(board.column_lane(), position, anchor.as_ref(), moved, dice)
    }

    fn rekey_columns(
        &self,
        rekeyed: Vec<(ColumnId, String)>,
        steps: &mut Vec<Step>,
        hints: &mut Hints,
    ) -> Result<(), CommandError> {
        for (id, key) in rekeyed {
            let (obj, _) = self.column_obj(&id)?;
            steps.push(Step::Put { obj, key: ORDER.to_owned(), value: text(&key) });
            hints.columns.insert(id);
        }
        Ok(())
    }
}
