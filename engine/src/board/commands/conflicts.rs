//! Settling what several people wrote at the same time.

use automerge::ScalarValue;

use super::super::card::ColumnRole;
use super::super::document::BoardDocument;
use super::super::hints::Hints;
use super::super::plan::Planned;
use super::super::read::split_place;
use super::super::schema::DONE;
use crate::conflict::{ConflictField, ConflictOwner, chosen, key_of, owner_obj};
use crate::error::CommandError;
use crate::plan::{Put, Step, stamped};
use crate::undo::Register;

impl BoardDocument {
    /// Writes the chosen value anew, so that it stands everywhere and the others are gone.
    pub(super) fn plan_resolve(
        &mut self,
        owner: &ConflictOwner,
        field: ConflictField,
        choice: &str,
    ) -> Planned {
        let obj = owner_obj(self.doc(), owner).ok_or(CommandError::UnknownPart)?;
        let (value, has_several) =
            chosen(self.doc(), &obj, field, choice).ok_or(CommandError::UnknownPart)?;
        if !has_several {
            return Ok(None);
        }
        let (card, hints) = match owner {
            ConflictOwner::Room => (None, Hints { room: true, ..Hints::default() }),
            ConflictOwner::Column { column } => (None, Hints::of_column(column)),
            ConflictOwner::Label { label } => (None, Hints::of_label(label)),
            ConflictOwner::Card { card } | ConflictOwner::Item { card, item: _ } => {
                (Some(card), Hints::of_card(card))
            }
        };
        let done = match (owner, field, &value) {
            (ConflictOwner::Card { card }, ConflictField::Place, ScalarValue::Str(place)) => {
                // as a move there would have
                let column = split_place(place).and_then(|(id, _)| self.board().column(&id));
                let is_done = column.is_some_and(|column| column.role == Some(ColumnRole::Done));
                let card = self.board().card(card).ok_or(CommandError::UnknownCard)?;
                stamped(obj.clone(), DONE, card.done.is_some(), is_done)
            }
            (_, _, _) => None,
        };
        let key = key_of(field);
        // Automerge takes writing what shows already for deleting the rest: whoever writes at the same time, not knowing of
        // that, would have the last word, and it could not be undone
        let clear = Step::Put { obj: obj.clone(), key: key.to_owned(), value: Register::Absent };
        let put = Put::new(obj, key, Register::Scalar(value));
        let mut plan = put.plan("resolve", card, hints);
        plan.steps.insert(0, clear);
        if let Some(Put { obj, key, value }) = done {
            plan.steps.push(Step::Put { obj, key, value });
        }
        Ok(Some(plan))
    }
}
