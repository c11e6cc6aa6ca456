//! Carrying a plan out as one change, taking one back, and writing out what was typed.

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue, Value};
use warroom_protocol::Timestamp;

use super::card::Stamp;
use super::commands::{Plan, Step, Undoable};
use super::document::{BoardDocument, Edited};
use super::hints::Hints;
use super::read;
use super::schema::{COLOUR, DELETED, NAME, NewColumn, TITLE, new_card, put_column, stamp_value};
use crate::delta::Delta;
use crate::document::Message;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::text::smallest_edit;
use crate::undo::{Inverse, Register, Undo};

/// Who writes, and when.
struct Writer<'a> {
    stamp: &'a Stamp,
}

impl Writer<'_> {
    fn step(&self, to: &mut Transaction<'_>, step: &Step) -> Result<(), AutomergeError> {
        match step {
            Step::Put { obj, key, value } => self.register(to, obj, key, value),
            Step::NewCard { cards, id, place, title } => {
                let card = new_card(place.clone(), title, self.stamp);
                to.batch_create_object(cards, id.as_str(), &card, false).map(|_| ())
            }
            Step::NewColumn { columns, id, title, order, role } => {
                let new = NewColumn { title, order, role: *role };
                put_column(to, columns, id.as_str(), &new)
            }
            Step::Person { people, person } => {
                let id = person.id.as_str();
                let obj = match to.get(people, id)? {
                    Some((Value::Object(ObjType::Map), obj)) => obj,
                    Some(_) | None => to.put_object(people, id, ObjType::Map)?,
                };
                to.put(&obj, NAME, person.name.as_str())?;
                to.put(&obj, COLOUR, u64::from(person.colour))
            }
            Step::Title { card, id: _, title } => set_title(to, card, title),
        }
    }

    fn register(
        &self,
        to: &mut Transaction<'_>,
        obj: &ObjId,
        key: &str,
        value: &Register,
    ) -> Result<(), AutomergeError> {
        let stamp = match value {
            Register::Scalar(scalar) => return to.put(obj, key, scalar.clone()),
            Register::Stamp(stamp) => stamp,
            Register::StampNow => self.stamp,
        };
        to.batch_create_object(obj, key, &stamp_value(stamp), false).map(|_| ())
    }
}

/// Replaces what differs, so that others' typing elsewhere in the title stays.
fn set_title(to: &mut Transaction<'_>, card: &ObjId, title: &str) -> Result<(), AutomergeError> {
    let text = match to.get(card, TITLE)? {
        Some((Value::Object(ObjType::Text), text)) => text,
        Some(_) | None => to.put_object(card, TITLE, ObjType::Text)?,
    };
    let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let Some(edit) = smallest_edit(&units(&to.text(&text)?), &units(title)) else { return Ok(()) };
    let delete = isize::try_from(edit.delete).unwrap_or(isize::MAX);
    to.splice_text(&text, edit.at, delete, &String::from_utf16_lossy(&edit.insert))
}

impl BoardDocument {
    /// Carries out a plan as one change, remembers how to take it back, and reads again what it touched.
    pub(super) fn execute(&mut self, now: Timestamp, plan: Plan) -> Result<Edited, CommandError> {
        let Plan { kind, card, steps, hints, undoable } = plan;
        let before = self.value_before(undoable.as_ref(), steps.first());
        let stamp = self.stamp(now);
        let writer = Writer { stamp: &stamp };
        let message = Message { kind, card: card.as_ref() };
        self.document_mut()
            .write(now, &message, |to| steps.iter().try_for_each(|step| writer.step(to, step)))?;
        if let Some(inverse) = before.and_then(|before| self.inverse(before, steps.first())) {
            self.undo_stack().push(Undo { card, inverse, hints: hints.clone() });
        }
        self.refresh(&hints, &[]);
        Ok(Edited { wrote: true })
    }

    /// What taking the first step back will restore.
    fn value_before(&self, undoable: Option<&Undoable>, step: Option<&Step>) -> Option<Before> {
        match (undoable?, step?) {
            (Undoable::FirstPut, Step::Put { obj, key, .. }) => {
                let (value, replaced) = self.register_at(obj, key);
                Some(Before::Register(value, replaced))
            }
            (Undoable::Creation, _) => Some(Before::Nothing),
            (Undoable::Title, Step::Title { id, .. }) => {
                Some(Before::Title(self.board().card(id)?.title.clone()))
            }
            (Undoable::FirstPut | Undoable::Title, _) => None,
        }
    }

    fn inverse(&self, before: Before, step: Option<&Step>) -> Option<Inverse> {
        match (before, step?) {
            (Before::Register(value, replaced), Step::Put { obj, key, .. }) => {
                let (_, mine) = self.doc().get(obj, *key).ok()??;
                Some(Inverse::Put { obj: obj.clone(), key, mine, replaced, value })
            }
            (Before::Nothing, Step::NewCard { cards, id, .. }) => {
                self.inverse_of_creation(cards, id.as_str())
            }
            (Before::Nothing, Step::NewColumn { columns, id, .. }) => {
                self.inverse_of_creation(columns, id.as_str())
            }
            (Before::Title(before), Step::Title { title, .. }) => {
                Some(Inverse::Title { after: title.clone(), before })
            }
            (Before::Register(..) | Before::Nothing | Before::Title(_), _) => None,
        }
    }

    /// Taking a creation back deletes what was created, unless somebody deleted or restored it since.
    fn inverse_of_creation(&self, container: &ObjId, id: &str) -> Option<Inverse> {
        let obj = read::map_at(self.doc(), container, id)?;
        let (_, mine) = self.doc().get(&obj, DELETED).ok()??;
        let (key, replaced, value) = (DELETED, None, Register::StampNow);
        Some(Inverse::Put { obj, key, mine, replaced, value })
    }

    /// The value of a register now, and the operation that won it.
    fn register_at(&self, obj: &ObjId, key: &str) -> (Register, Option<ObjId>) {
        let null = Register::Scalar(ScalarValue::Null);
        match self.doc().get(obj, key) {
            Ok(Some((Value::Scalar(scalar), id))) => {
                (Register::Scalar(scalar.into_owned()), Some(id))
            }
            Ok(Some((Value::Object(ObjType::Map), id))) => {
                (read::stamp(self.doc(), &id).map_or(null, Register::Stamp), Some(id))
            }
            Ok(Some((Value::Object(_), id))) => (null, Some(id)),
            Ok(None) | Err(_) => (null, None),
        }
    }

    /// Takes the newest command back, unless somebody changed the same thing since: then says so.
    pub(super) fn undo(&mut self, now: Timestamp) -> Result<Edited, CommandError> {
        let Undo { card, inverse, hints } =
            self.undo_stack().pop().ok_or(CommandError::NothingToUndo)?;
        let mut restored = None;
        let step = match inverse {
            Inverse::Put { obj, key, mine, replaced, value } => {
                let (_, winner) = self.register_at(&obj, key);
                restored = replaced.map(|replaced| (obj.clone(), key, replaced));
                (winner == Some(mine)).then_some(Step::Put { obj, key, value })
            }
            Inverse::Title { after, before } => {
                let id = card.as_ref().ok_or(CommandError::UnknownCard)?;
                let stands = self.board().card(id).is_some_and(|card| card.title == after);
                let obj = self.card_obj(id)?;
                stands.then(|| Step::Title { card: obj, id: id.clone(), title: before })
            }
        };
        let Some(step) = step else {
            self.tell(Delta::UndoSkipped { card });
            return Ok(Edited { wrote: false });
        };
        let plan = Plan { kind: "undo", card, steps: vec![step], hints, undoable: None };
        let edited = self.execute(now, plan)?;
        if let Some((obj, key, replaced)) = restored
            && let (_, Some(winner)) = self.register_at(&obj, key)
        {
            self.undo_stack().stands_again(&replaced, &winner);
        }
        Ok(edited)
    }

    /// Writes out what was typed in one title.
    pub(super) fn write_typing(
        &mut self,
        now: Timestamp,
        card: &CardId,
    ) -> Result<(), CommandError> {
        let Some((obj, edits)) = self.take_typing(card) else { return Ok(()) };
        let message = Message { kind: "type", card: Some(card) };
        let result = self.document_mut().write_edits(now, &message, &obj, edits);
        self.refresh(&Hints::of_card(card), &[]);
        result
    }

    /// Whether something is under this key.
    pub(super) fn is_taken(&self, container: &ObjId, id: &str) -> bool {
        !matches!(self.doc().get(container, id), Ok(None))
    }
}

/// What a step replaces.
enum Before {
    /// A register's value, and the operation that had won it.
    Register(Register, Option<ObjId>),
    Nothing,
    Title(String),
}
