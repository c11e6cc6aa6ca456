//! Carrying a plan out as one change, and taking one back: the same in every document that has commands.

use automerge::hydrate;
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue, Value};
use warroom_protocol::Timestamp;

use crate::board::schema::{COLOUR, DELETED, NAME, TITLE, stamp_value};
use crate::board::{Edited, Stamp, map_at, stamp_in, text_at};
use crate::document::{Document, Message};
use crate::error::CommandError;
use crate::ids::CardId;
use crate::plan::{Plan, Step, Undoable, truth};
use crate::text::smallest_edit;
use crate::undo::{Inverse, PutBack, Register, Undo, UndoStack, Way};

/// A document with commands that can be taken back.
pub(crate) trait Writer {
    /// What of its view is to be read again.
    type Hints: Clone;

    /// What it writes into.
    fn document(&self) -> &Document;

    /// What it writes into.
    fn document_mut(&mut self) -> &mut Document;

    /// What its person can take back.
    fn undo_stack(&mut self) -> &mut UndoStack<Self::Hints>;

    /// Its person, now.
    fn stamp(&self, now: Timestamp) -> Stamp;

    /// Reads again what may have changed, and tells what did.
    fn read_again(&mut self, hints: &Self::Hints);

    /// Tells that nothing was taken back, because somebody changed the same thing since.
    fn tell_skipped(&mut self, card: Option<CardId>);

    /// Writes a plan as one change, and remembers how to take it back.
    fn execute(
        &mut self,
        now: Timestamp,
        way: Way,
        plan: Plan<Self::Hints>,
    ) -> Result<Edited, CommandError> {
        let Plan { kind, card, steps, hints, undoable } = plan;
        let stamp = self.stamp(now);
        let message = Message { kind, card: card.as_ref() };
        let inverse =
            self.document_mut().write_steps(now, &message, &stamp, (&undoable, &steps))?;
        if let Some(inverse) = inverse {
            self.undo_stack().push(way, Undo { card, inverse, hints: hints.clone() });
        }
        self.read_again(&hints);
        Ok(Edited { wrote: true })
    }

    /// Takes the newest command back, or does again what was taken back last, unless somebody changed the same thing
    /// since: then says so.
    fn step_back(&mut self, now: Timestamp, way: Way) -> Result<Edited, CommandError> {
        let nothing = match way {
            Way::Redo => CommandError::NothingToRedo,
            Way::New | Way::Undo => CommandError::NothingToUndo,
        };
        let Undo { card, inverse, hints } = self.undo_stack().pop(way).ok_or(nothing)?;
        let is_each = matches!(inverse, Inverse::Each(_));
        let (steps, restored) = self.document().steps_of(inverse);
        let undoable = match steps.first() {
            Some(Step::Title { .. }) => Undoable::Title,
            Some(_) if is_each => Undoable::Each,
            Some(_) => Undoable::Puts(steps.len()),
            None => {
                self.tell_skipped(card);
                return Ok(Edited { wrote: false });
            }
        };
        let kind = if way == Way::Redo { "redo" } else { "undo" };
        let edited = self.execute(now, way, Plan { kind, card, steps, hints, undoable })?;
        for Restored { obj, key, replaced } in restored {
            if let (_, Some(winner)) = self.document().register_at(&obj, &key) {
                self.undo_stack().stands_again(&replaced, &winner);
            }
        }
        Ok(edited)
    }
}

/// What was there before the steps of a plan, as far as taking them back needs it.
enum Before {
    /// These values; the operations of the steps are not known yet.
    Puts(Vec<PutBack>),
    /// What each step is taken back by.
    Each(Vec<Before>),
    /// Nothing under this key; what is created there is taken back by this value of its register `deleted`.
    Nothing { container: ObjId, key: String, deleted: Register },
    /// Another title.
    Title(Inverse),
}

/// A register that is put back to what the operation `replaced` had written.
pub(crate) struct Restored {
    obj: ObjId,
    key: String,
    replaced: ObjId,
}

impl Document {
    /// Whether something is under this key.
    pub(crate) fn is_taken(&self, container: &ObjId, key: &str) -> bool {
        !matches!(self.doc().get(container, key), Ok(None))
    }

    /// Writes steps as one change; gives how they are taken back, where they can be.
    pub(crate) fn write_steps(
        &mut self,
        now: Timestamp,
        message: &Message<'_>,
        stamp: &Stamp,
        (undoable, steps): (&Undoable, &[Step]),
    ) -> Result<Option<Inverse>, CommandError> {
        let before = self.before(undoable, steps);
        self.write(now, message, |to| steps.iter().try_for_each(|step| write(to, stamp, step)))?;
        Ok(before.and_then(|before| self.inverse(before)))
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
            (Undoable::Each, _) => {
                let each = steps.iter().filter_map(|step| match step {
                    Step::Put { obj, key, .. } => Some(Before::Puts(vec![self.put_back(obj, key)])),
                    Step::Create { container, key, value } => {
                        let (container, key) = (container.clone(), key.clone());
                        Some(Before::Nothing { container, key, deleted: deleted_of(value)? })
                    }
                    Step::Person { .. } | Step::Title { .. } => None,
                });
                Some(Before::Each(each.collect()))
            }
            (Undoable::Creation(deleted), Step::Create { container, key, .. }) => {
                let (container, key, deleted) = (container.clone(), key.clone(), deleted.clone());
                Some(Before::Nothing { container, key, deleted })
            }
            (Undoable::Title, Step::Title { card, title }) => {
                let before = self.title_at(card);
                Some(Before::Title(Inverse::Title {
                    card: card.clone(),
                    after: title.clone(),
                    before,
                }))
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
            Before::Each(each) => {
                let each = each.into_iter().filter_map(|before| self.inverse(before));
                let each = each.filter_map(|inverse| match inverse {
                    Inverse::Puts(puts) => Some(puts),
                    Inverse::Each(_) | Inverse::Title { .. } => None,
                });
                Some(Inverse::Each(each.flatten().collect()))
            }
            Before::Nothing { container, key, deleted } => {
                // what was created is deleted, unless somebody deleted or restored it since
                let obj = map_at(self.doc().into(), &container, &key)?;
                let (_, mine) = self.register_at(&obj, DELETED);
                let (key, replaced) = (DELETED.to_owned(), None);
                Some(Inverse::Puts(vec![PutBack { obj, key, mine, replaced, value: deleted }]))
            }
            Before::Title(inverse) => Some(inverse),
        }
    }

    /// The steps that take a command back, as far as it stands; none where it does not.
    fn steps_of(&self, inverse: Inverse) -> (Vec<Step>, Vec<Restored>) {
        let mut restored = Vec::new();
        let is_each = matches!(inverse, Inverse::Each(_));
        let steps = match inverse {
            Inverse::Puts(puts) | Inverse::Each(puts) => {
                let stands = |put: &PutBack| self.register_at(&put.obj, &put.key).1 == put.mine;
                let first = is_each || puts.first().is_some_and(stands);
                let puts: Vec<PutBack> =
                    puts.into_iter().filter(|put| first && stands(put)).collect();
                restored.extend(puts.iter().filter_map(|put| {
                    let (obj, key) = (put.obj.clone(), put.key.clone());
                    Some(Restored { obj, key, replaced: put.replaced.clone()? })
                }));
                let steps = puts.into_iter().map(|PutBack { obj, key, value, .. }| Step::Put {
                    obj,
                    key,
                    value,
                });
                steps.collect()
            }
            Inverse::Title { card, after, before } => {
                let stands = self.title_at(&card) == after;
                let step = stands.then_some(Step::Title { card, title: before });
                step.into_iter().collect()
            }
        };
        (steps, restored)
    }

    /// The title of a card as it is written.
    fn title_at(&self, card: &ObjId) -> String {
        let text = text_at(self.doc().into(), card, TITLE);
        text.and_then(|text| self.doc().text(&text).ok()).unwrap_or_default()
    }

    /// The value of a register now, and the operation that won it.
    fn register_at(&self, obj: &ObjId, key: &str) -> (Register, Option<ObjId>) {
        let null = Register::Scalar(ScalarValue::Null);
        match self.doc().get(obj, key) {
            Ok(Some((Value::Scalar(scalar), id))) => {
                (Register::Scalar(scalar.into_owned()), Some(id))
            }
            Ok(Some((Value::Object(ObjType::Map), id))) => {
                (stamp_in(self.doc().into(), &id).map_or(null, Register::Stamp), Some(id))
            }
            Ok(Some((Value::Object(_), id))) => (null, Some(id)),
            Ok(None) | Err(_) => (Register::Absent, None),
        }
    }
}

/// By which value of its register `deleted` something new is taken back; none where it has no such register.
fn deleted_of(value: &hydrate::Value) -> Option<Register> {
    let hydrate::Value::Map(map) = value else { return None };
    let is_truth = matches!(map.get(DELETED)?, hydrate::Value::Scalar(ScalarValue::Boolean(_)));
    Some(if is_truth { truth(true) } else { Register::StampNow })
}

fn write(to: &mut Transaction<'_>, stamp: &Stamp, step: &Step) -> Result<(), AutomergeError> {
    match step {
        Step::Put { obj, key, value } => write_register(to, stamp, (obj, key), value),
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
        Step::Title { card, title } => set_title(to, card, title),
    }
}

fn write_register(
    to: &mut Transaction<'_>,
    now: &Stamp,
    (obj, key): (&ObjId, &str),
    value: &Register,
) -> Result<(), AutomergeError> {
    let stamp = match value {
        Register::Scalar(scalar) => return to.put(obj, key, scalar.clone()),
        Register::Now => return to.put(obj, key, now.at),
        Register::Absent => return to.delete(obj, key),
        Register::Stamp(stamp) => stamp,
        Register::StampNow => now,
    };
    to.batch_create_object(obj, key, &stamp_value(stamp), false).map(|_| ())
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
