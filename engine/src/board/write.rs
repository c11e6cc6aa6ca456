//! Carrying a plan out as one change, taking one back, and writing out what was typed.

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue, Value};
use warroom_protocol::Timestamp;

use super::card::Stamp;
use super::document::{BoardDocument, Edited};
use super::hints::Hints;
use super::plan::{Plan, Step, Undoable};
use super::read;
use super::schema::{COLOUR, DELETED, NAME, TITLE, stamp_value};
use crate::delta::Delta;
use crate::document::Message;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::text::smallest_edit;
use crate::undo::{Inverse, PutBack, Register, Undo, Way};

/// Who writes, and when.
struct Writer<'a> {
    stamp: &'a Stamp,
}

impl Writer<'_> {
    fn step(&self, to: &mut Transaction<'_>, step: &Step) -> Result<(), AutomergeError> {
        match step {
            Step::Put { obj, key, value } => self.register(to, obj, key, value),
            Step::Create { container, key, value } => {
                to.batch_create_object(container, key.as_str(), value, false).map(|_| ())
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
            Register::Now => return to.put(obj, key, self.stamp.at),
            Register::Absent => return to.delete(obj, key),
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
    pub(super) fn execute(
        &mut self,
        now: Timestamp,
        way: Way,
        plan: Plan,
    ) -> Result<Edited, CommandError> {
        let Plan { kind, card, steps, hints, undoable } = plan;
        let before = self.before(&undoable, &steps);
        let stamp = self.stamp(now);
        let writer = Writer { stamp: &stamp };
        let message = Message { kind, card: card.as_ref() };
        self.document_mut()
            .write(now, &message, |to| steps.iter().try_for_each(|step| writer.step(to, step)))?;
        if let Some(inverse) = before.and_then(|before| self.inverse(before)) {
            self.undo_stack().push(way, Undo { card, inverse, hints: hints.clone() });
        }
        self.refresh(&hints, &[]);
        Ok(Edited { wrote: true })
    }

    /// How the steps are going to be taken back, as far as it is known before they are made.
    fn before(&self, undoable: &Undoable, steps: &[Step]) -> Option<Before> {
        match (undoable, steps.first()?) {
            (Undoable::Puts(count), _) => {
                let puts = steps.iter().take(*count).filter_map(|step| match step {
                    Step::Put { obj, key, .. } => Some(self.put_back(obj, key)),
                    Step::Create { .. } | Step::Person { .. } | Step::Title { .. } => None,
                });
                Some(Before::Puts(puts.collect()))
            }
            (Undoable::Creation(deleted), Step::Create { container, key, .. }) => {
                let (container, key, deleted) = (container.clone(), key.clone(), deleted.clone());
                Some(Before::Nothing { container, key, deleted })
            }
            (Undoable::Title, Step::Title { id, title, .. }) => {
                let before = self.board().card(id)?.title.clone();
                Some(Before::Title(Inverse::Title { after: title.clone(), before }))
            }
            (Undoable::Nothing | Undoable::Creation(_) | Undoable::Title, _) => None,
        }
    }

    fn put_back(&self, obj: &ObjId, key: &str) -> PutBack {
        let (value, replaced) = self.register_at(obj, key);
        PutBack { obj: obj.clone(), key: key.to_owned(), mine: None, replaced, value }
    }

    /// How the steps are taken back, now that they are made: with the operations that they left.
    fn inverse(&self, before: Before) -> Option<Inverse> {
        match before {
            Before::Puts(mut puts) => {
                for put in &mut puts {
                    (_, put.mine) = self.register_at(&put.obj, &put.key);
                }
                Some(Inverse::Puts(puts))
            }
            Before::Nothing { container, key, deleted } => {
                // what was created is deleted, unless somebody deleted or restored it since
                let obj = read::map_at(self.doc(), &container, &key)?;
                let (_, mine) = self.register_at(&obj, DELETED);
                let (key, replaced) = (DELETED.to_owned(), None);
                Some(Inverse::Puts(vec![PutBack { obj, key, mine, replaced, value: deleted }]))
            }
            Before::Title(inverse) => Some(inverse),
        }
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
            Ok(None) | Err(_) => (Register::Absent, None),
        }
    }

    /// Takes the newest command back, or does again what was taken back last, unless somebody changed the same thing
    /// since: then says so.
    pub(super) fn step_back(&mut self, now: Timestamp, way: Way) -> Result<Edited, CommandError> {
        let nothing = match way {
            Way::Redo => CommandError::NothingToRedo,
            Way::New | Way::Undo => CommandError::NothingToUndo,
        };
        let Undo { card, inverse, hints } = self.undo_stack().pop(way).ok_or(nothing)?;
        let mut restored = Vec::new();
        let steps = match inverse {
            Inverse::Puts(puts) => {
                let stands = |put: &PutBack| self.register_at(&put.obj, &put.key).1 == put.mine;
                let first = puts.first().is_some_and(stands);
                let puts: Vec<PutBack> =
                    puts.into_iter().filter(|put| first && stands(put)).collect();
                restored.extend(puts.iter().filter_map(|put| {
                    Some((put.obj.clone(), put.key.clone(), put.replaced.clone()?))
                }));
                let steps = puts.into_iter().map(|PutBack { obj, key, value, .. }| Step::Put {
                    obj,
                    key,
                    value,
                });
                steps.collect()
            }
            Inverse::Title { after, before } => {
                let id = card.as_ref().ok_or(CommandError::UnknownCard)?;
                let stands = self.board().card(id).is_some_and(|card| card.title == after);
                let obj = self.card_obj(id)?;
                let step = stands.then(|| Step::Title { card: obj, id: id.clone(), title: before });
                step.into_iter().collect::<Vec<Step>>()
            }
        };
        let undoable = match steps.first() {
            Some(Step::Title { .. }) => Undoable::Title,
            Some(_) => Undoable::Puts(steps.len()),
            None => {
                self.tell(Delta::UndoSkipped { card });
                return Ok(Edited { wrote: false });
            }
        };
        let kind = if way == Way::Redo { "redo" } else { "undo" };
        let plan = Plan { kind, card, steps, hints, undoable };
        let edited = self.execute(now, way, plan)?;
        for (obj, key, replaced) in restored {
            if let (_, Some(winner)) = self.register_at(&obj, &key) {
                self.undo_stack().stands_again(&replaced, &winner);
            }
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

/// What was there before the steps of a plan, as far as taking them back needs it.
enum Before {
    /// These values; the operations of the steps are not known yet.
    Puts(Vec<PutBack>),
    /// Nothing under this key; what is created there is taken back by this value of its register `deleted`.
    Nothing { container: ObjId, key: String, deleted: Register },
    /// Another title.
    Title(Inverse),
}
