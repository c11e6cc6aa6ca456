//! Registers that several people wrote at the same time: the values that lost are still there, with who wrote them and when,
//! until somebody writes the register again.

use automerge::{Automerge, ObjId, ROOT, ReadDoc, ScalarValue, Value};
use serde::{Deserialize, Serialize};

use crate::board::schema::{
    CARDS, CHECKLIST, COLOUR, COLUMNS, DONE, DUE, LABELS, NAME, ORDER, PLACE, PRIORITY, ROLE, TEXT,
    TITLE, WIP,
};
use crate::board::{Board, BoardDocument, Source, maps_by_id, read, split_place, words};
use crate::history::person;
use crate::ids::{CardId, ColumnId, ItemId, LabelId, UserId};
use crate::limits::CONFLICTS_MAX;

/// A register that can have several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ConflictField {
    /// The title of the room or of a column.
    Title,
    /// Where a column stands among the others.
    Order,
    /// What a column means.
    Role,
    /// How many cards a column should hold.
    Wip,
    /// The colour of a column or label.
    Colour,
    /// The name of a label.
    Name,
    /// Where a card is.
    Place,
    /// When a card is due.
    Due,
    /// How urgent a card is.
    Priority,
    /// The text of an item.
    Text,
    /// Whether an item is done.
    Done,
}

words! {
    ConflictField {
        Title = "title", Order = "order", Role = "role", Wip = "wip", Colour = "colour", Name = "name",
        Place = "place", Due = "due", Priority = "priority", Text = "text", Done = "done",
    }
}

impl ConflictField {
    fn key(self) -> &'static str {
        match self {
            Self::Title => TITLE,
            Self::Order => ORDER,
            Self::Role => ROLE,
            Self::Wip => WIP,
            Self::Colour => COLOUR,
            Self::Name => NAME,
            Self::Place => PLACE,
            Self::Due => DUE,
            Self::Priority => PRIORITY,
            Self::Text => TEXT,
            Self::Done => DONE,
        }
    }
}

/// Whose register it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "of", rename_all = "camelCase")]
pub enum ConflictOwner {
    /// The room.
    Room,
    /// A column.
    Column {
        /// Which.
        column: ColumnId,
    },
    /// A label.
    Label {
        /// Which.
        label: LabelId,
    },
    /// A card.
    Card {
        /// Which.
        card: CardId,
    },
    /// An item of a checklist.
    Item {
        /// On which card.
        card: CardId,
        /// Which.
        item: ItemId,
    },
}

/// A register with several values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Whose.
    pub owner: ConflictOwner,
    /// Which register.
    pub field: ConflictField,
    /// Its values: the one that shows first.
    pub choices: Vec<ConflictChoice>,
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConflictChoice {
    /// Names it, the same on every device.
    pub id: String,
    /// Who wrote it, as far as that is known.
    pub by: UserId,
    /// When, milliseconds since 1970, in whole seconds, as their clock said.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: i64,
    /// What they wrote.
    pub value: ConflictValue,
}

/// A value of a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub enum ConflictValue {
    /// None, or nothing that is known here.
    Nothing,
    /// A text or a word.
    Text { text: String },
    /// A number.
    Number {
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        number: i64,
    },
    /// Yes or no.
    Truth { truth: bool },
    /// A place.
    Place { column: ColumnId, order: String },
}

impl ConflictValue {
    fn of(field: ConflictField, value: &ScalarValue) -> Self {
        match value {
            ScalarValue::Str(text) => match split_place(text) {
                Some((column, order)) if field == ConflictField::Place => {
                    Self::Place { column, order }
                }
                Some(_) | None => Self::Text { text: text.to_string() },
            },
            ScalarValue::Int(number) => Self::Number { number: *number },
            ScalarValue::Uint(number) => {
                i64::try_from(*number).map_or(Self::Nothing, |number| Self::Number { number })
            }
            ScalarValue::Boolean(truth) => Self::Truth { truth: *truth },
            ScalarValue::Null
            | ScalarValue::F64(_)
            | ScalarValue::Timestamp(_)
            | ScalarValue::Counter(_)
            | ScalarValue::Bytes(_)
            | ScalarValue::Unknown { .. } => Self::Nothing,
        }
    }
}

/// The values under a key, the one that shows first, each with the id of its operation.
fn values(doc: &Automerge, obj: &ObjId, field: ConflictField) -> Vec<(ScalarValue, ObjId)> {
    let all = doc.get_all(obj, field.key()).unwrap_or_default().into_iter().rev();
    let all = all.map(|(value, id)| match value {
        Value::Scalar(scalar) => (scalar.into_owned(), id),
        Value::Object(_) => (ScalarValue::Null, id),
    });
    all.collect()
}

/// Lists conflicts as they are found.
struct Listing<'a> {
    doc: &'a Automerge,
    found: Vec<Conflict>,
}

impl Listing<'_> {
    fn add(&mut self, owner: &ConflictOwner, obj: &ObjId, field: ConflictField) {
        if self.found.len() >= CONFLICTS_MAX {
            return;
        }
        let values = values(self.doc, obj, field);
        let first = values.first().map(|(value, _)| value);
        if values.iter().all(|(value, _)| Some(value) == first) {
            // those who wrote the same agree
            return;
        }
        let choices = values.iter().map(|(value, id)| {
            let hash = self.doc.hash_for_opid(id);
            let change = hash.and_then(|hash| self.doc.get_change_meta_by_hash(&hash));
            let by = change.as_ref().and_then(|change| person(change.author.as_ref()));
            let at = change.map_or(0, |change| change.timestamp.saturating_mul(1_000));
            let (id, value) = (id.to_string(), ConflictValue::of(field, value));
            ConflictChoice { id, by: by.unwrap_or_else(UserId::unknown), at, value }
        });
        let choices = choices.collect();
        self.found.push(Conflict { owner: owner.clone(), field, choices });
    }

    /// Looks at the keys of a map that Automerge marks.
    fn look(&mut self, owner: &ConflictOwner, obj: &ObjId, fields: &[ConflictField]) {
        let marked = Source::from(self.doc).entries(obj).filter(|entry| entry.conflict);
        let keys: Vec<String> = marked.map(|entry| entry.key.into_owned()).collect();
        for field in fields.iter().filter(|field| keys.iter().any(|key| key == field.key())) {
            self.add(owner, obj, *field);
        }
    }

    fn items(&mut self, card: &CardId, obj: &ObjId) {
        let Some(list) = read::map_at(self.doc.into(), obj, CHECKLIST) else { return };
        for (item, obj) in maps_by_id::<ItemId>(self.doc.into(), &list) {
            let owner = ConflictOwner::Item { card: card.clone(), item };
            self.look(&owner, &obj, &[ConflictField::Text, ConflictField::Done]);
        }
    }
}

/// Every conflict of a board, in the order of its parts' ids: the room's, columns', labels', cards' and their items'.
fn list(doc: &Automerge, board: &Board) -> Vec<Conflict> {
    use ConflictField::{Colour, Due, Name, Order, Place, Priority, Role, Title, Wip};

    let mut listing = Listing { doc, found: Vec::new() };
    listing.look(&ConflictOwner::Room, &ROOT, &[Title]);
    let container = |key| read::map_at(doc.into(), &ROOT, key);
    for (column, obj) in
        container(COLUMNS).map(|obj| maps_by_id(doc.into(), &obj)).unwrap_or_default()
    {
        let owner = ConflictOwner::Column { column };
        listing.look(&owner, &obj, &[Title, Order, Role, Wip, Colour]);
    }
    for (label, obj) in
        container(LABELS).map(|obj| maps_by_id(doc.into(), &obj)).unwrap_or_default()
    {
        listing.look(&ConflictOwner::Label { label }, &obj, &[Name, Colour]);
    }
    let cards = container(CARDS).map(|obj| maps_by_id::<CardId>(doc.into(), &obj));
    for (card, obj) in cards.unwrap_or_default() {
        let owner = ConflictOwner::Card { card: card.clone() };
        listing.look(&owner, &obj, &[Place, Due, Priority]);
        if board.card(&card).is_some_and(|card| !card.checklist.is_empty()) {
            listing.items(&card, &obj);
        }
    }
    listing.found
}

impl BoardDocument {
    /// Every register with several values: place, due day and priority of cards; text and tick of items; title, order, role,
    /// limit and colour of columns; name and colour of labels; the room's title. Values that are equal are no conflict.
    /// Walks over the board; of more than [`CONFLICTS_MAX`] the first.
    pub fn conflicts(&self) -> Vec<Conflict> {
        list(self.doc(), self.board())
    }
}

/// The map of an owner.
pub(crate) fn owner_obj(doc: &Automerge, owner: &ConflictOwner) -> Option<ObjId> {
    let part = |container, id| {
        let container = read::map_at(doc.into(), &ROOT, container)?;
        read::map_at(doc.into(), &container, id)
    };
    match owner {
        ConflictOwner::Room => Some(ROOT),
        ConflictOwner::Column { column } => part(COLUMNS, column.as_str()),
        ConflictOwner::Label { label } => part(LABELS, label.as_str()),
        ConflictOwner::Card { card } => part(CARDS, card.as_str()),
        ConflictOwner::Item { card, item } => {
            let list = read::map_at(doc.into(), &part(CARDS, card.as_str())?, CHECKLIST)?;
            read::map_at(doc.into(), &list, item.as_str())
        }
    }
}

/// The value that a choice names, and whether the register still has several; none when the choice is not there any
/// more.
pub(crate) fn chosen(
    doc: &Automerge,
    obj: &ObjId,
    field: ConflictField,
    choice: &str,
) -> Option<(ScalarValue, bool)> {
    let values = values(doc, obj, field);
    let has_several = values.len() > 1;
    let value = values.into_iter().find(|(_, id)| id.to_string() == choice)?.0;
    Some((value, has_several))
}

/// The key of a register.
pub(crate) fn key_of(field: ConflictField) -> &'static str {
    field.key()
}
