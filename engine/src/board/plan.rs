//! What a command is going to write, before anything is changed.

use automerge::hydrate::Value;
use automerge::{ObjId, ScalarValue};

use super::card::Person;
use super::hints::Hints;
use super::schema::DELETED;
use crate::error::CommandError;
use crate::ids::{CardId, ColumnId, LabelId};
use crate::undo::Register;

/// One thing that a change does.
#[derive(Debug)]
pub(super) enum Step {
    Put { obj: ObjId, key: String, value: Register },
    Create { container: ObjId, key: String, value: Value },
    Person { people: ObjId, person: Person },
    Title { card: ObjId, id: CardId, title: String },
}

/// What taking a command back will be about.
#[derive(Debug)]
pub(super) enum Undoable {
    Nothing,
    /// The registers of so many first steps. The first of them decides whether the command still stands.
    Puts(usize),
    /// What the first step creates: its register `deleted` becomes this.
    Creation(Register),
    /// The title of the first step.
    Title,
}

/// What a command writes.
#[derive(Debug)]
pub(super) struct Plan {
    /// The kind of the change's message.
    pub(super) kind: &'static str,
    pub(super) card: Option<CardId>,
    pub(super) steps: Vec<Step>,
    pub(super) hints: Hints,
    pub(super) undoable: Undoable,
}

/// A plan, or none when everything is already as it should be.
pub(super) type Planned = Result<Option<Plan>, CommandError>;

/// A value that is to be written under a key of a map.
pub(super) struct Put {
    pub(super) obj: ObjId,
    pub(super) key: String,
    pub(super) value: Register,
}

impl Put {
    pub(super) fn new(obj: ObjId, key: &str, value: Register) -> Self {
        Self { obj, key: key.to_owned(), value }
    }

    fn plan(self, kind: &'static str, card: Option<&CardId>, hints: Hints) -> Plan {
        let Self { obj, key, value } = self;
        let steps = vec![Step::Put { obj, key, value }];
        Plan { kind, card: card.cloned(), steps, hints, undoable: Undoable::Puts(1) }
    }

    /// Of a card.
    pub(super) fn of_card(self, kind: &'static str, id: &CardId) -> Plan {
        self.plan(kind, Some(id), Hints::of_card(id))
    }

    /// Of a column.
    pub(super) fn of_column(self, kind: &'static str, id: &ColumnId) -> Plan {
        self.plan(kind, None, Hints::of_column(id))
    }

    /// Of a label.
    pub(super) fn of_label(self, kind: &'static str, id: &LabelId) -> Plan {
        self.plan(kind, None, Hints::of_label(id))
    }

    /// Of the room.
    pub(super) fn of_room(self, kind: &'static str) -> Plan {
        self.plan(kind, None, Hints { room: true, ..Hints::default() })
    }
}

/// Something new under `key` of a container.
pub(super) fn create(container: ObjId, key: &str, value: Value) -> Step {
    Step::Create { container, key: key.to_owned(), value }
}

/// Checks a text against its limit, in UTF-16 units.
pub(super) fn check_units(text: &str, units_max: usize) -> Result<(), CommandError> {
    // a UTF-16 unit is at least one byte, so that a long text is not counted for nothing
    let units = if text.len() <= units_max { 0 } else { text.encode_utf16().count() };
    if units > units_max { Err(CommandError::TooLong { units, units_max }) } else { Ok(()) }
}

pub(super) fn text(text: &str) -> Register {
    Register::Scalar(ScalarValue::from(text))
}

pub(super) fn truth(truth: bool) -> Register {
    Register::Scalar(ScalarValue::from(truth))
}

pub(super) const NULL: Register = Register::Scalar(ScalarValue::Null);

/// Sets or takes away a stamp: none when it is as it should be.
pub(super) fn stamped(obj: ObjId, key: &str, is_set: bool, set: bool) -> Option<Put> {
    let value = if set { Register::StampNow } else { NULL };
    (is_set != set).then(|| Put::new(obj, key, value))
}

/// Sets the register `deleted` of something that is deleted by yes or no.
pub(super) fn deleted(obj: ObjId, is_deleted: bool, deleted: bool) -> Option<Put> {
    (is_deleted != deleted).then(|| Put::new(obj, DELETED, truth(deleted)))
}

pub(super) fn no_room() -> CommandError {
    CommandError::Refused("no order key fits there".to_owned())
}
