//! Commands about the labels of a board.

use automerge::ObjId;

use super::super::card::{Colour, Label};
use super::super::document::BoardDocument;
use super::super::hints::Hints;
use super::super::plan::{Plan, Planned};
use super::super::read;
use super::super::schema::{COLOUR, LABELS, NAME, colour_value, new_label};
use crate::error::CommandError;
use crate::ids::LabelId;
use crate::limits::NAME_UNITS_MAX;
use crate::plan::{Put, check_units, create, deleted, text};
use crate::undo::Register;

impl BoardDocument {
    fn label_obj(&self, id: &LabelId) -> Result<(ObjId, &Label), CommandError> {
        let labels = self.container(LABELS)?;
        let obj = read::map_at(self.doc().into(), &labels, id.as_str());
        obj.zip(self.board().label(id)).ok_or(CommandError::UnknownPart)
    }

    pub(super) fn plan_new_label(
        &mut self,
        id: &LabelId,
        name: &str,
        colour: Option<Colour>,
    ) -> Planned {
        check_units(name, NAME_UNITS_MAX)?;
        let labels = self.container(LABELS)?;
        if self.document.is_taken(&labels, id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        let steps = vec![create(labels, id.as_str(), new_label(name, colour))];
        let hints = Hints::of_label(id);
        Ok(Some(Plan { kind: "addLabel", card: None, steps, hints, is_undoable: true }))
    }

    pub(super) fn plan_label_name(&mut self, id: &LabelId, name: &str) -> Planned {
        check_units(name, NAME_UNITS_MAX)?;
        let (obj, label) = self.label_obj(id)?;
        let put = (label.name != name).then(|| Put::new(obj, NAME, text(name)));
        Ok(put.map(|put| put.of_label("renameLabel", id)))
    }

    pub(super) fn plan_label_colour(&mut self, id: &LabelId, colour: Option<Colour>) -> Planned {
        let (obj, label) = self.label_obj(id)?;
        let value = Register::Scalar(colour_value(colour));
        let put = (label.colour != colour).then(|| Put::new(obj, COLOUR, value));
        Ok(put.map(|put| put.of_label("labelColour", id)))
    }

    pub(super) fn plan_label_deleted(
        &mut self,
        kind: &'static str,
        id: &LabelId,
        gone: bool,
    ) -> Planned {
        let (obj, label) = self.label_obj(id)?;
        let put = deleted(obj, label.deleted, gone);
        Ok(put.map(|put| put.of_label(kind, id)))
    }
}
