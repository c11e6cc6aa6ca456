//! What a command is going to write, before anything is changed.

use automerge::hydrate::Value;
use automerge::{ObjId, ScalarValue};

use crate::board::Person;
use crate::board::schema::{DELETED, text_bytes};
use crate::coalesce::Edit;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::undo::Register;

/// One thing that a change does.
#[derive(Debug)]
pub(crate) enum Step {
    Put { obj: ObjId, key: String, value: Register },
    Create { container: ObjId, key: String, value: Value },
    Person { people: ObjId, person: Person },
    Title { card: ObjId, title: String },
    Edits { text: ObjId, edits: Vec<Edit> },
}

impl Step {
    /// Bytes of its key and of the texts that it writes as whole values: of others each character is an operation.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            Self::Put { key, value: Register::Scalar(scalar), .. } => {
                key.len() + scalar.as_str().map_or(0, str::len)
            }
            Self::Put { key, .. } => key.len(),
            Self::Create { key, value, .. } => key.len() + text_bytes(value),
            Self::Person { person, .. } => person.id.as_str().len() + person.name.len(),
            Self::Title { .. } | Self::Edits { .. } => 0,
        }
    }
}

/// What a command writes into a document whose parts are named by `Hints`.
#[derive(Debug)]
pub(crate) struct Plan<Hints> {
    /// The kind of the change's message.
    pub(crate) kind: &'static str,
    pub(crate) card: Option<CardId>,
    pub(crate) steps: Vec<Step>,
    pub(crate) hints: Hints,
    /// Whether it can be taken back.
    pub(crate) is_undoable: bool,
}

/// A plan, or none when everything is already as it should be.
pub(crate) type Planned<Hints> = Result<Option<Plan<Hints>>, CommandError>;

/// A value that is to be written under a key of a map.
pub(crate) struct Put {
    pub(crate) obj: ObjId,
    pub(crate) key: String,
    pub(crate) value: Register,
}

impl Put {
    pub(crate) fn new(obj: ObjId, key: &str, value: Register) -> Self {
        Self { obj, key: key.to_owned(), value }
    }

    /// A command that writes this alone.
    pub(crate) fn plan<Hints>(
        self,
        kind: &'static str,
        card: Option<&CardId>,
        hints: Hints,
    ) -> Plan<Hints> {
        let Self { obj, key, value } = self;
        let steps = vec![Step::Put { obj, key, value }];
        Plan { kind, card: card.cloned(), steps, hints, is_undoable: true }
    }
}

/// Something new under `key` of a container.
pub(crate) fn create(container: ObjId, key: &str, value: Value) -> Step {
    Step::Create { container, key: key.to_owned(), value }
}

/// Checks a text against its limit, in UTF-16 units.
pub(crate) fn check_units(text: &str, units_max: usize) -> Result<(), CommandError> {
    // a UTF-16 unit is at least one byte, so that a long text is not counted for nothing
    let units = if text.len() <= units_max { 0 } else { text.encode_utf16().count() };
    if units > units_max { Err(CommandError::TooLong { units, units_max }) } else { Ok(()) }
}

pub(crate) fn text(text: &str) -> Register {
    Register::Scalar(ScalarValue::from(text))
}

pub(crate) fn truth(truth: bool) -> Register {
    Register::Scalar(ScalarValue::from(truth))
}

pub(crate) const NULL: Register = Register::Scalar(ScalarValue::Null);

/// Sets or takes away a stamp: none when it is as it should be.
pub(crate) fn stamped(obj: ObjId, key: &str, is_set: bool, set: bool) -> Option<Put> {
    let value = if set { Register::StampNow } else { NULL };
    (is_set != set).then(|| Put::new(obj, key, value))
}

/// Sets the register `deleted` of something that is deleted by yes or no.
pub(crate) fn deleted(obj: ObjId, is_deleted: bool, deleted: bool) -> Option<Put> {
    (is_deleted != deleted).then(|| Put::new(obj, DELETED, truth(deleted)))
}

pub(crate) fn no_room() -> CommandError {
    CommandError::Refused("no order key fits there".to_owned())
}
