//! The operations of one change, row by row: every rule that can be checked without another change.

use super::columns::Columns;
use super::reader::Reader;
use super::runs::{Deltas, Flags, Runs};
use crate::error::GuardError;
use crate::limits::{CHANGE_DEPTH_MAX, CHANGE_PREDS_PER_OP_MAX, OP_COUNTER_MAX};

/// What the header of the change says about its operations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    /// The counter of the first operation.
    pub(super) start_op: u64,
    /// The author and then the others, sorted.
    pub(super) actors: &'a [&'a [u8]],
    /// How many operations are taken.
    pub(super) ops_max: u64,
}

/// What the operations say.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) ops: u64,
    /// The highest counter that is named of each actor of the frame, of the author's among its earlier changes; 0
    /// when none is.
    pub(super) counter_max_by_actor: Vec<u64>,
}

/// An operation: its counter and the index of its actor in the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OpId {
    counter: u64,
    actor: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    Prop(&'a str),
    Head,
    Element(OpId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    MakeMap,
    MakeSequence,
    Set,
    Delete,
    Increment,
    MarkBegin,
    MarkEnd,
}

/// One operation that later rows may name. `object` is `None` for the root.
#[derive(Debug, Clone, Copy)]
struct Row<'a> {
    object: Option<OpId>,
    key: Key<'a>,
    insert: bool,
    action: Action,
    /// How many objects that this change made enclose the one that the row made; 0 when it made none.
    depth: u8,
}

/// What a row's object is, as far as this change tells.
enum Place {
    Map(u8),
    Sequence(u8),
    Unknown,
}

pub(super) fn check(columns: &Columns<'_>, frame: Frame<'_>) -> Result<Summary, GuardError> {
    let ops = Runs::<u64>::count(columns.action, frame.ops_max)?;
    if frame.start_op.saturating_add(ops) > OP_COUNTER_MAX {
        return Err(malformed("its operations count beyond the highest counter"));
    }
    let mut walk = Walk::new(columns, frame);
    for _ in 0..ops {
        walk.row()?;
    }
    walk.finish()?;
    Ok(Summary { ops, counter_max_by_actor: walk.counter_max_by_actor })
}

/// All columns, read in step.
struct Walk<'a> {
    frame: Frame<'a>,
    rows: Vec<Row<'a>>,
    counter_max_by_actor: Vec<u64>,
    preds_left: u64,
    preds: Vec<OpId>,
    has_expand: bool,
    object_actor: Runs<'a, u64>,
    object_counter: Runs<'a, u64>,
    key_actor: Runs<'a, u64>,
    key_counter: Deltas<'a>,
    key_text: Runs<'a, &'a str>,
    insert: Flags<'a>,
    action: Runs<'a, u64>,
    value_meta: Runs<'a, u64>,
    value: Reader<'a>,
    pred_count: Runs<'a, u64>,
    pred_actor: Runs<'a, u64>,
    pred_counter: Deltas<'a>,
    expand: Flags<'a>,
    mark_name: Runs<'a, &'a str>,
}

impl<'a> Walk<'a> {
    fn new(columns: &Columns<'a>, frame: Frame<'a>) -> Self {
        Self {
            frame,
            rows: Vec::new(),
            counter_max_by_actor: vec![0; frame.actors.len()],
            preds_left: frame.ops_max.saturating_mul(CHANGE_PREDS_PER_OP_MAX),
            preds: Vec::new(),
            has_expand: columns.expand.is_empty(),
            object_actor: Runs::new(columns.obj_actor),
            object_counter: Runs::new(columns.obj_counter),
            key_actor: Runs::new(columns.key_actor),
            key_counter: Deltas::new(columns.key_counter),
            key_text: Runs::new(columns.key_text),
            insert: Flags::new(columns.insert),
            action: Runs::new(columns.action),
            value_meta: Runs::new(columns.value_meta),
            value: Reader::new("value of a change", columns.value),
            pred_count: Runs::new(columns.pred_count),
            pred_actor: Runs::new(columns.pred_actor),
            pred_counter: Deltas::new(columns.pred_counter),
            expand: Flags::new(columns.expand),
            mark_name: Runs::new(columns.mark_name),
        }
    }

    /// The counter of the row that is read now.
    fn counter(&self) -> u64 {
        let row = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        self.frame.start_op.saturating_add(row)
    }

    fn row(&mut self) -> Result<(), GuardError> {
        let object = self.read_object()?;
        let key = self.read_key()?;
        let insert = self.insert.next()?;
        let action = self.read_action()?;
        self.check_value(action)?;
        self.read_preds()?;
        let mut row = Row { object, key, insert, action, depth: 0 };
        self.check_place(&mut row)?;
        self.check_shape(&row)?;
        self.check_preds(&row)?;
        self.rows.push(row);
        Ok(())
    }

    /// Takes note of an operation that is named. It must come before the row that names it.
    fn op(&mut self, counter: u64, actor: u64) -> Result<OpId, GuardError> {
        if counter == 0 || counter >= self.counter() {
            return Err(malformed("an operation names one that is not before it"));
        }
        let known =
            usize::try_from(actor).ok().and_then(|at| self.counter_max_by_actor.get_mut(at));
        let Some(counter_max) = known else {
            return Err(malformed("an operation names an actor that the change does not list"));
        };
        if actor != 0 || counter < self.frame.start_op {
            *counter_max = counter.max(*counter_max);
        }
        Ok(OpId { counter, actor })
    }

    fn read_object(&mut self) -> Result<Option<OpId>, GuardError> {
        match (self.object_actor.next()?, self.object_counter.next()?) {
            (None, None) => Ok(None),
            (Some(actor), Some(counter)) => self.op(counter, actor).map(Some),
            _ => Err(malformed("an operation names half an object")),
        }
    }

    fn read_key(&mut self) -> Result<Key<'a>, GuardError> {
        match (self.key_actor.next()?, self.key_counter.next()?, self.key_text.next()?) {
            (None, None, Some(text)) => Ok(Key::Prop(text)),
            (None, Some(0), None) => Ok(Key::Head),
            (Some(actor), Some(counter), None) => self.op(counter, actor).map(Key::Element),
            _ => Err(malformed("an operation has no key, half a key or two")),
        }
    }

    fn read_action(&mut self) -> Result<Action, GuardError> {
        let code = self.action.value()?;
        let expand = self.expand.next()?;
        let name = self.mark_name.next()?;
        self.has_expand |= expand;
        let action = match (code, name) {
            (0 | 6, None) => Action::MakeMap,
            (1, None) => Action::Set,
            (2 | 4, None) => Action::MakeSequence,
            (3, None) => Action::Delete,
            (5, None) => Action::Increment,
            (7, Some(_)) => Action::MarkBegin,
            (7, None) => Action::MarkEnd,
            _ => return Err(malformed("an action is unknown or named and no mark")),
        };
        if expand && !matches!(action, Action::MarkBegin | Action::MarkEnd) {
            return Err(malformed("an operation expands and is no mark"));
        }
        Ok(action)
    }

    /// Every value in its one encoding, and only where there is one to have.
    fn check_value(&mut self, action: Action) -> Result<(), GuardError> {
        let meta = self.value_meta.value()?;
        let bytes = usize::try_from(meta >> 4).unwrap_or(usize::MAX);
        let value = self.value.take(bytes)?;
        let code = meta & 0xf;
        let fits = match code {
            0..=2 => value.is_empty(),
            3 => is_exactly(value, |reader| reader.uleb().is_ok()),
            4 | 8 | 9 => is_exactly(value, |reader| reader.leb().is_ok()),
            5 => value.len() == 8,
            6 => std::str::from_utf8(value).is_ok(),
            _ => true,
        };
        if !fits {
            return Err(malformed("a value is not of its type"));
        }
        let belongs = match action {
            Action::Set | Action::MarkBegin => true,
            Action::Increment => code == 4,
            Action::MakeMap | Action::MakeSequence | Action::Delete | Action::MarkEnd => meta == 0,
        };
        if belongs { Ok(()) } else { Err(malformed("a value does not belong to its action")) }
    }

    fn read_preds(&mut self) -> Result<(), GuardError> {
        let count = self.pred_count.value()?;
        let Some(preds_left) = self.preds_left.checked_sub(count) else {
            return Err(GuardError::TooMany {
                what: "predecessors in a change",
                count,
                max: self.preds_left,
            });
        };
        self.preds_left = preds_left;
        self.preds.clear();
        for _ in 0..count {
            let actor = self.pred_actor.value()?;
            let counter = self.pred_counter.value()?;
            let pred = self.op(counter, actor)?;
            if self.preds.last().is_some_and(|last| !self.is_before(*last, pred)) {
                return Err(malformed("the predecessors of an operation are not sorted or repeat"));
            }
            self.preds.push(pred);
        }
        Ok(())
    }

    /// The order of operations: by counter, then by the bytes of the actor.
    fn is_before(&self, one: OpId, other: OpId) -> bool {
        let bytes =
            |id: OpId| usize::try_from(id.actor).ok().and_then(|at| self.frame.actors.get(at));
        (one.counter, bytes(one)) < (other.counter, bytes(other))
    }

    /// The row of this change that an operation is, if it is one: `op` has made sure that it is before this one.
    fn row_of(&self, id: OpId) -> Option<&Row<'a>> {
        let row = id.counter.checked_sub(self.frame.start_op).filter(|_| id.actor == 0)?;
        self.rows.get(usize::try_from(row).ok()?)
    }

    fn place(&self, object: Option<OpId>) -> Result<Place, GuardError> {
        let Some(id) = object else { return Ok(Place::Map(0)) };
        let Some(row) = self.row_of(id) else { return Ok(Place::Unknown) };
        match row.action {
            Action::MakeMap => Ok(Place::Map(row.depth)),
            Action::MakeSequence => Ok(Place::Sequence(row.depth)),
            Action::Set
            | Action::Delete
            | Action::Increment
            | Action::MarkBegin
            | Action::MarkEnd => Err(malformed("an operation is in something that is no object")),
        }
    }

    /// Whether the key suits the object, and how deep a new object is.
    fn check_place(&self, row: &mut Row<'a>) -> Result<(), GuardError> {
        let place = self.place(row.object)?;
        let is_prop = matches!(row.key, Key::Prop(_));
        let (suits, depth) = match place {
            Place::Map(depth) => (is_prop, depth),
            Place::Sequence(depth) => (!is_prop, depth),
            Place::Unknown => (true, 0),
        };
        if !suits {
            return Err(malformed("a key does not suit its object"));
        }
        if let Key::Element(id) = row.key
            && let Some(element) = self.row_of(id)
            && !(element.insert && element.object == row.object)
        {
            return Err(malformed("an element is none of its sequence"));
        }
        if matches!(row.action, Action::MakeMap | Action::MakeSequence) {
            row.depth = depth.saturating_add(1);
            if row.depth > CHANGE_DEPTH_MAX {
                return Err(GuardError::TooMany {
                    what: "objects within objects of a change",
                    count: row.depth.into(),
                    max: CHANGE_DEPTH_MAX.into(),
                });
            }
        }
        Ok(())
    }

    /// Whether action, insert flag, key and neighbours fit each other.
    fn check_shape(&self, row: &Row<'a>) -> Result<(), GuardError> {
        let is_mark = matches!(row.action, Action::MarkBegin | Action::MarkEnd);
        let fits = match row.key {
            Key::Prop(_) => !row.insert && !is_mark,
            Key::Head => row.insert,
            Key::Element(_) => row.insert || !is_mark,
        };
        let fits = fits
            && match row.action {
                Action::Delete | Action::Increment => !row.insert && !self.preds.is_empty(),
                Action::MakeMap
                | Action::MakeSequence
                | Action::Set
                | Action::MarkBegin
                | Action::MarkEnd => true,
            };
        if !fits {
            return Err(malformed("an operation is not of a shape that automerge makes"));
        }
        let opened = self.rows.last().filter(|last| last.action == Action::MarkBegin);
        let closes = row.action == Action::MarkEnd;
        if opened.is_some() != closes || opened.is_some_and(|last| last.object != row.object) {
            return Err(malformed("a mark does not end with the operation after its begin"));
        }
        Ok(())
    }

    /// Predecessors of this change are at the same place and hold something to replace.
    fn check_preds(&self, row: &Row<'a>) -> Result<(), GuardError> {
        if row.insert && !self.preds.is_empty() {
            return Err(malformed("an insertion replaces something"));
        }
        for id in &self.preds {
            let Some(pred) = self.row_of(*id) else { continue };
            let at = if pred.insert { Key::Element(*id) } else { pred.key };
            if pred.object != row.object || at != row.key || pred.action == Action::Delete {
                return Err(malformed("an operation replaces one of another place"));
            }
        }
        Ok(())
    }

    /// Whether every column ends with the last row, and every listed actor is named.
    fn finish(&self) -> Result<(), GuardError> {
        self.object_actor.finish()?;
        self.object_counter.finish()?;
        self.key_actor.finish()?;
        self.key_counter.finish()?;
        self.key_text.finish()?;
        self.insert.finish()?;
        self.action.finish()?;
        self.value_meta.finish()?;
        self.pred_count.finish()?;
        self.pred_actor.finish()?;
        self.pred_counter.finish()?;
        self.expand.finish()?;
        self.mark_name.finish()?;
        if !self.value.is_empty() || !self.has_expand {
            return Err(malformed("a column says nothing"));
        }
        if self.rows.last().is_some_and(|last| last.action == Action::MarkBegin) {
            return Err(malformed("a mark does not end"));
        }
        if self.counter_max_by_actor.iter().skip(1).any(|counter| *counter == 0) {
            return Err(malformed("it lists an actor that no operation names"));
        }
        Ok(())
    }
}

fn is_exactly(bytes: &[u8], read: impl FnOnce(&mut Reader<'_>) -> bool) -> bool {
    let mut reader = Reader::new("value", bytes);
    read(&mut reader) && reader.is_empty()
}

fn malformed(why: &'static str) -> GuardError {
    GuardError::Malformed { what: "change", why }
}
