//! What changes of this replica did, worked out from their operations, and how it is taken back.

use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
use automerge::{
    Automerge, ChangeHash, ExpandedChange, ObjId, ObjType, ReadDoc, ScalarValue, Value,
};
use warroom_protocol::sorted::{SortedMap, SortedSet, sort_by};

use super::{Register, Renewed, Way};
use crate::board::schema::{DELETED, DONE, ORDER, PLACE};
use crate::board::stamp_in;
use crate::coalesce::Edit;
use crate::plan::Step;
use crate::transact::TRANSACT;

/// Whether a change of this replica says that it is several commands, or what one was taken back by: then each register that it
/// writes is meant for itself.
fn is_joint(message: &str) -> bool {
    let kinds = [TRANSACT, Way::Undo.kind(), Way::Redo.kind()];
    let said = message.strip_prefix(r#"{"k":""#).unwrap_or_default();
    kinds.iter().any(|kind| said.starts_with(kind))
}

/// The id of an operation as automerge's readers name it.
fn named(id: &OpId) -> ObjId {
    // the last is a hint where to look the actor up
    ObjId::Id(id.0, id.1.clone(), 0)
}

fn id_of(obj: &ObjId) -> Option<OpId> {
    match obj {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpId(*counter, actor.clone())),
    }
}

fn object(id: &ObjectId) -> ObjId {
    match id {
        ObjectId::Root => ObjId::Root,
        ObjectId::Id(id) => named(id),
    }
}

/// A register that was written.
#[derive(Debug)]
struct Written {
    obj: ObjectId,
    key: String,
    /// The first register of the same change, which decides whether the change still stands.
    first: usize,
    /// What won after the changes; none where they left nothing.
    last: Option<OpId>,
    /// The heads before the first write.
    before: Vec<ChangeHash>,
    /// For something created: what its register `deleted` becomes.
    becomes: Option<Register>,
    /// It was created, and the changes deleted it again: there is nothing to take back.
    is_gone: bool,
}

/// A text that was typed in.
#[derive(Debug, Default)]
struct Typed {
    inserted: SortedSet<OpId>,
    /// Each with the change that took it out.
    deleted: SortedMap<OpId, usize>,
}

/// What changes did, taken together.
#[derive(Debug, Default)]
pub(crate) struct Effect {
    registers: Vec<Written>,
    texts: SortedMap<ObjectId, Typed>,
    created: SortedSet<OpId>,
    /// The heads before each change.
    before: Vec<Vec<ChangeHash>>,
}

/// How changes are taken back.
#[derive(Debug, Default)]
pub(crate) struct Inverse {
    pub(crate) steps: Vec<Step>,
    /// Registers that get back what these operations had written.
    registers: Vec<(ObjId, String, OpId)>,
    /// Characters that come back, in the order in which the steps insert them, by their text.
    characters: SortedMap<ObjectId, Vec<OpId>>,
}

impl Effect {
    /// What the changes did, oldest first; those that are not there did nothing.
    pub(crate) fn of(doc: &Automerge, changes: &[ChangeHash]) -> Self {
        let mut effect = Self::default();
        for change in changes {
            if let Some(change) = doc.get_change_by_hash(change) {
                effect.add(&change.decode());
            }
        }
        effect
    }

    fn add(&mut self, change: &ExpandedChange) {
        let first = self.registers.len();
        let is_joint = change.message.as_deref().is_some_and(is_joint);
        for (id, op) in (change.start_op.get()..).zip(&change.operations) {
            let id = OpId(id, change.actor_id.clone());
            match &op.key {
                Key::Map(key) => {
                    if let ObjectId::Id(obj) = &op.obj
                        && self.created.contains(obj)
                    {
                        self.add_inside(obj, key, &id, &op.action);
                        continue;
                    }
                    let first = if is_joint { self.leader(&op.obj, key, first) } else { first };
                    self.add_register(&op.obj, key, (first, &id), (&op.action, &change.deps));
                }
                Key::Seq(element) => {
                    let is_new = matches!(&op.obj, ObjectId::Id(obj) if self.created.contains(obj));
                    if !is_new {
                        self.add_character(&op.obj, element, &id, (op.insert, &op.action));
                    }
                }
            }
        }
        self.before.push(change.deps.clone());
    }

    /// Which register of a change decides whether this one still stands, where every register is meant for itself: its own, but
    /// whether a card is done goes with its place.
    fn leader(&self, obj: &ObjectId, key: &str, first: usize) -> usize {
        let is_place = |it: &Written| it.key == PLACE && it.obj == *obj;
        let mut own = self.registers.iter().skip(first);
        let place = if key == DONE { own.position(is_place) } else { None };
        place.map_or(self.registers.len(), |place| first + place)
    }

    fn add_register(
        &mut self,
        obj: &ObjectId,
        key: &str,
        (first, id): (usize, &OpId),
        (action, deps): (&OpType, &[ChangeHash]),
    ) {
        if let OpType::Make(_) = action {
            self.created.insert(id.clone());
        }
        let last = (!matches!(action, OpType::Delete)).then(|| id.clone());
        let known = self.registers.iter_mut().rev().find(|it| it.obj == *obj && it.key == key);
        if let Some(known) = known {
            known.last = last;
            return;
        }
        let (obj, key, before) = (obj.clone(), key.to_owned(), deps.to_vec());
        self.registers.push(Written {
            obj,
            key,
            first,
            last,
            before,
            becomes: None,
            is_gone: false,
        });
    }

    /// Inside something that the changes created only its register `deleted` matters: it tells that there is something
    /// to be deleted by it, and how, or that they deleted it again.
    fn add_inside(&mut self, obj: &OpId, key: &str, id: &OpId, action: &OpType) {
        if let OpType::Make(_) = action {
            self.created.insert(id.clone());
        }
        if key != DELETED {
            return;
        }
        let becomes = match action {
            OpType::Put(ScalarValue::Null) => Some(Register::StampNow),
            OpType::Put(ScalarValue::Boolean(false)) => {
                Some(Register::Scalar(ScalarValue::Boolean(true)))
            }
            OpType::Make(_) | OpType::Put(ScalarValue::Boolean(true)) => None,
            OpType::Delete
            | OpType::Increment(_)
            | OpType::Put(_)
            | OpType::MarkBegin(..)
            | OpType::MarkEnd(_) => return,
        };
        let of_it = ObjectId::Id(obj.clone());
        let is_it = |it: &&mut Written| {
            it.last.as_ref() == Some(obj) || (it.key == DELETED && it.obj == of_it)
        };
        let Some(made) = self.registers.iter_mut().rev().find(is_it) else { return };
        let is_gone = becomes.is_none();
        *made = Written {
            obj: of_it,
            key: DELETED.to_owned(),
            first: made.first,
            last: Some(id.clone()),
            before: Vec::new(),
            becomes: becomes.or_else(|| made.becomes.take()),
            is_gone,
        };
    }

    fn add_character(
        &mut self,
        obj: &ObjectId,
        element: &ElementId,
        id: &OpId,
        (is_insert, action): (bool, &OpType),
    ) {
        let change = self.before.len();
        let text = self.texts.get_or_default(obj.clone());
        match (action, element) {
            (OpType::Put(_), _) if is_insert => {
                text.inserted.insert(id.clone());
            }
            (OpType::Delete, ElementId::Id(element)) if !text.inserted.remove(element) => {
                text.deleted.insert(element.clone(), change);
            }
            _ => {}
        }
    }

    /// Whether it comes to nothing: what was typed was taken out again, and what was created was deleted.
    pub(crate) fn is_nothing(&self) -> bool {
        let is_empty = |text: &Typed| text.inserted.is_empty() && text.deleted.is_empty();
        self.registers.iter().all(|it| it.is_gone) && self.texts.values().all(is_empty)
    }

    /// How it is taken back, as far as it still stands.
    pub(crate) fn inverse(&self, doc: &Automerge, renewed: &Renewed) -> Inverse {
        let mut inverse = Inverse::default();
        let stands: Vec<bool> =
            self.registers.iter().map(|register| register.stands(doc, renewed)).collect();
        // what was created or deleted together is taken back each for itself
        let creates = self.registers.iter().any(|register| register.becomes.is_some());
        for (register, own) in self.registers.iter().zip(&stands) {
            let first = stands.get(register.first).copied().unwrap_or(false);
            let is_free = creates || register.key == DELETED;
            if *own && !register.is_gone && (first || is_free) && !self.is_neighbour(register) {
                register.put_back(doc, &mut inverse);
            }
        }
        for (obj, text) in self.texts.iter() {
            text.put_back(doc, (obj, renewed, &self.before), &mut inverse);
        }
        inverse
    }

    /// A neighbour that only got another order key to make room keeps it.
    fn is_neighbour(&self, register: &Written) -> bool {
        let first = self.registers.get(register.first);
        let is_key = register.key == PLACE || register.key == ORDER;
        let is_other = first.is_some_and(|first| first.obj != register.obj);
        let is_more = |other: &Written| other.obj == register.obj && other.key != register.key;
        is_key && is_other && !self.registers.iter().any(is_more)
    }
}

impl Written {
    /// Nobody has written there since.
    fn stands(&self, doc: &Automerge, renewed: &Renewed) -> bool {
        let winner = doc.get(object(&self.obj), self.key.as_str()).ok().flatten();
        let winner = winner.and_then(|(_, id)| id_of(&id));
        winner == self.last.as_ref().map(|last| renewed.now(last))
    }

    fn put_back(&self, doc: &Automerge, inverse: &mut Inverse) {
        let (obj, key) = (object(&self.obj), self.key.clone());
        let (value, replaced) = match &self.becomes {
            Some(value) => (Some(value.clone()), None),
            None => self.value_before(doc, &obj),
        };
        let Some(value) = value else { return };
        if let Some(replaced) = replaced {
            inverse.registers.push((obj.clone(), key.clone(), replaced));
        }
        inverse.steps.push(Step::Put { obj, key, value });
    }

    /// What was there before, where it can be put back, and the operation that had written it.
    fn value_before(&self, doc: &Automerge, obj: &ObjId) -> (Option<Register>, Option<OpId>) {
        match doc.get_at(obj, self.key.as_str(), &self.before) {
            Ok(Some((Value::Scalar(scalar), id))) => {
                (Some(Register::Scalar(scalar.into_owned())), id_of(&id))
            }
            // a stamp is put whole and never written in
            Ok(Some((Value::Object(ObjType::Map), id))) => {
                (stamp_in(doc.into(), &id).map(Register::Stamp), id_of(&id))
            }
            Ok(Some((Value::Object(_), _))) => (None, None),
            Ok(None) | Err(_) => (Some(Register::Absent), None),
        }
    }
}

/// One character that goes or comes back, and where in the text as it is now.
struct Piece {
    at: usize,
    /// It goes: so many units.
    delete: usize,
    /// It comes back.
    insert: Option<(char, OpId)>,
}

/// A character of a text.
struct Placed {
    id: OpId,
    /// Where it begins, in units.
    at: usize,
    character: char,
}

/// The characters of a text at some moment, in order.
fn characters(doc: &Automerge, text: &ObjId, heads: &[ChangeHash]) -> Vec<Placed> {
    let mut at = 0;
    let read = doc.values_at(text, heads).filter_map(|(value, id)| {
        let value = value.to_owned();
        let character = value.as_str().and_then(|text| text.chars().next());
        // what is no character takes the place of one, as automerge counts
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        let from = at;
        at += character.len_utf16();
        Some(Placed { id: id_of(&id)?, at: from, character })
    });
    read.collect()
}

impl Typed {
    /// What was typed stands as long as all of it is still there. What others wrote between it stays.
    fn put_back(
        &self,
        doc: &Automerge,
        (obj, renewed, before): (&ObjectId, &Renewed, &[Vec<ChangeHash>]),
        inverse: &mut Inverse,
    ) {
        let text = object(obj);
        let mut now = characters(doc, &text, &doc.get_heads());
        sort_by(&mut now, |a, b| a.id.cmp(&b.id));
        let here = |id: &OpId| {
            let id = renewed.now(id);
            now.binary_search_by(|known| known.id.cmp(&id)).ok().and_then(|index| now.get(index))
        };
        let mut pieces = Vec::new();
        for id in self.inserted.iter() {
            let Some(Placed { at, character, .. }) = here(id) else { return };
            pieces.push(Piece { at: *at, delete: character.len_utf16(), insert: None });
        }
        // what was taken out comes back behind what stood before it then and is still there or comes back too; the last
        // change first, so that what a later one took out has its place
        let mut back: Vec<Piece> = Vec::new();
        for (change, before) in before.iter().enumerate().rev() {
            if !self.deleted.values().any(|deleted| *deleted == change) {
                continue;
            }
            let mut later = std::mem::take(&mut back).into_iter().peekable();
            let mut behind = 0;
            for Placed { id, at: _, character } in characters(doc, &text, before) {
                if let Some(here) = here(&id) {
                    behind = here.at + character.len_utf16();
                    back.extend(std::iter::from_fn(|| later.next_if(|piece| piece.at < behind)));
                    continue;
                }
                let Some(by) = self.deleted.get(&id).filter(|by| **by >= change) else { continue };
                if *by == change {
                    back.push(Piece { at: behind, delete: 0, insert: Some((character, id)) });
                    continue;
                }
                for piece in later.by_ref() {
                    behind = piece.at;
                    let is_it = piece.insert.as_ref().is_some_and(|(_, other)| *other == id);
                    back.push(piece);
                    if is_it {
                        break;
                    }
                }
            }
            back.extend(later);
        }
        pieces.extend(back);
        let (edits, back) = joined(pieces);
        if !edits.is_empty() {
            inverse.steps.push(Step::Edits { text, edits });
            inverse.characters.insert(obj.clone(), back);
        }
    }
}

/// Pieces as edits, from the end of the text on, so that none moves another; with what comes back, in its order. What goes
/// from a place goes before something comes back there.
fn joined(mut pieces: Vec<Piece>) -> (Vec<Edit>, Vec<OpId>) {
    sort_by(&mut pieces, |a, b| b.at.cmp(&a.at));
    let mut edits: Vec<Edit> = Vec::new();
    let mut back = Vec::new();
    for Piece { at, delete, insert } in pieces {
        let last = edits.last_mut();
        match insert {
            None => match last.filter(|last| last.insert.is_empty() && at + delete == last.at) {
                Some(last) => {
                    last.at = at;
                    last.delete += delete;
                }
                None => edits.push(Edit { at, delete, insert: Vec::new() }),
            },
            Some((character, id)) => {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units);
                match last.filter(|last| last.delete == 0 && last.at == at) {
                    Some(last) => last.insert.extend_from_slice(units),
                    None => edits.push(Edit { at, delete: 0, insert: units.to_vec() }),
                }
                back.push(id);
            }
        }
    }
    (edits, back)
}

impl Inverse {
    /// After the steps were written as `change`: what they put back stands again.
    pub(crate) fn renew(&self, doc: &Automerge, change: ChangeHash, renewed: &mut Renewed) {
        for (obj, key, replaced) in &self.registers {
            let winner = doc.get(obj, key.as_str()).ok().flatten();
            if let Some(winner) = winner.and_then(|(_, id)| id_of(&id)) {
                renewed.renew(replaced, &winner);
            }
        }
        if self.characters.is_empty() {
            return;
        }
        let Some(change) = doc.get_change_by_hash(&change).map(|change| change.decode()) else {
            return;
        };
        for (obj, back) in self.characters.iter() {
            let inserted = (change.start_op.get()..).zip(&change.operations);
            let inserted = inserted.filter(|(_, op)| op.insert && op.obj == *obj);
            for ((id, _), old) in inserted.zip(back) {
                renewed.renew(old, &OpId(id, change.actor_id.clone()));
            }
        }
    }
}
