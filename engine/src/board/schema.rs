//! Every key of the board and body documents (`docs/BOARD.md` says what each means), their first changes, and new cards.

use automerge::hydrate::{Map, MapValue, Value};
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ROOT, ScalarValue, TextEncoding};

use super::card::{ColumnRole, Stamp};
use crate::ids::ColumnId;

/// The version of both schemas. A document with a higher one can only be read here; keys that old readers may ignore
/// are added without raising it.
pub(crate) const SCHEMA_VERSION: u64 = 1;

/// In every root: the version.
pub(crate) const SCHEMA: &str = "schema";
/// In the root: the room's title. In a column: its title. In a card: its title as text.
pub(crate) const TITLE: &str = "title";
/// In the root: columns by id.
pub(crate) const COLUMNS: &str = "columns";
/// In the root: cards by id.
pub(crate) const CARDS: &str = "cards";
/// In the root: labels by id. In a card: its labels.
pub(crate) const LABELS: &str = "labels";
/// In the root: people by id.
pub(crate) const PEOPLE: &str = "people";

/// In a column: its order key.
pub(crate) const ORDER: &str = "order";
/// In a column: what it means.
pub(crate) const ROLE: &str = "role";
/// In a column: how many cards it should hold at most.
pub(crate) const WIP: &str = "wip";
/// In a column, a label, a person: the colour.
pub(crate) const COLOUR: &str = "colour";
/// In a column, a card: who deleted it and when.
pub(crate) const DELETED: &str = "deleted";

/// In a card: `<column id>/<order key>`, one register, so that a move is whole or not at all.
pub(crate) const PLACE: &str = "place";
/// In a card: the address of its body.
pub(crate) const BODY: &str = "body";
/// In a card: who last wrote in the body.
pub(crate) const BODY_EDITED: &str = "bodyEdited";
/// In a card: who works on it.
pub(crate) const ASSIGNEES: &str = "assignees";
/// In a card: its checklist.
pub(crate) const CHECKLIST: &str = "checklist";
/// In a card: its files and voice notes.
pub(crate) const ATTACHMENTS: &str = "attachments";
/// In a card: its due day.
pub(crate) const DUE: &str = "due";
/// In a card: its priority.
pub(crate) const PRIORITY: &str = "priority";
/// In a card: who created it and when.
pub(crate) const CREATED: &str = "created";
/// In a card: who completed it and when.
pub(crate) const DONE: &str = "done";
/// In a card: who archived it and when.
pub(crate) const ARCHIVED: &str = "archived";

/// In a stamp: when, milliseconds since 1970.
pub(crate) const AT: &str = "at";
/// In a stamp: who.
pub(crate) const BY: &str = "by";

/// In a person: the display name.
pub(crate) const NAME: &str = "name";

/// In the root of a body: the text.
pub(crate) const TEXT: &str = "text";

/// What stands between column and order key in a place.
pub(crate) const PLACE_SEPARATOR: char = '/';
/// The priority of a card that has none.
const PRIORITY_NORMAL: &str = "normal";

/// The columns of a new room, with fixed ids, so that people who open the same name offline share them.
const FIRST_COLUMNS: [(&str, &str, &str, ColumnRole); 3] = [
    ("todo", "To do", "a0", ColumnRole::Todo),
    ("doing", "Doing", "a1", ColumnRole::Doing),
    ("done", "Done", "a2", ColumnRole::Done),
];

/// The first change of a board. It must never change (a test pins its hash): see [`crate::document`].
pub(crate) fn first_of_board(to: &mut Transaction<'_>) -> Result<(), AutomergeError> {
    to.put(ROOT, SCHEMA, SCHEMA_VERSION)?;
    to.put(ROOT, TITLE, "")?;
    let columns = to.put_object(ROOT, COLUMNS, ObjType::Map)?;
    to.put_object(ROOT, CARDS, ObjType::Map)?;
    to.put_object(ROOT, LABELS, ObjType::Map)?;
    to.put_object(ROOT, PEOPLE, ObjType::Map)?;
    for (id, title, order, role) in FIRST_COLUMNS {
        put_column(to, &columns, id, &NewColumn { title, order, role: Some(role) })?;
    }
    Ok(())
}

/// The first change of a body. It must never change.
pub(crate) fn first_of_body(to: &mut Transaction<'_>) -> Result<(), AutomergeError> {
    to.put(ROOT, SCHEMA, SCHEMA_VERSION)?;
    to.put_object(ROOT, TEXT, ObjType::Text)?;
    Ok(())
}

/// What a new column is made of.
pub(crate) struct NewColumn<'a> {
    pub(crate) title: &'a str,
    pub(crate) order: &'a str,
    pub(crate) role: Option<ColumnRole>,
}

/// Puts a new column with all its keys.
pub(crate) fn put_column(
    to: &mut Transaction<'_>,
    columns: &ObjId,
    id: &str,
    new: &NewColumn<'_>,
) -> Result<(), AutomergeError> {
    let column = to.put_object(columns, id, ObjType::Map)?;
    to.put(&column, TITLE, new.title)?;
    to.put(&column, ORDER, new.order)?;
    match new.role {
        Some(role) => to.put(&column, ROLE, role_text(role))?,
        None => to.put(&column, ROLE, ())?,
    }
    for unset in [WIP, COLOUR, DELETED] {
        to.put(&column, unset, ())?;
    }
    Ok(())
}

/// A new card as it is put, with every container that it will ever need: two replicas that each create one later would
/// hide one of the two.
pub(crate) fn new_card(place: String, title: &str, created: &Stamp) -> Value {
    let mut card = Map::default();
    let mut set = |key: &str, value: Value| {
        card.insert(key.to_owned(), MapValue { value, conflict: false });
    };
    set(PLACE, Value::from(ScalarValue::from(place)));
    set(TITLE, Value::text(TextEncoding::Utf16CodeUnit, title));
    set(CREATED, stamp_value(created));
    set(PRIORITY, Value::from(PRIORITY_NORMAL));
    for container in [ASSIGNEES, LABELS, CHECKLIST, ATTACHMENTS] {
        set(container, Value::map());
    }
    for unset in [BODY, BODY_EDITED, DUE, DONE, ARCHIVED, DELETED] {
        set(unset, Value::from(ScalarValue::Null));
    }
    Value::Map(card)
}

/// A stamp as it is put.
pub(crate) fn stamp_value(stamp: &Stamp) -> Value {
    let mut map = Map::default();
    let mut set = |key: &str, value: Value| {
        map.insert(key.to_owned(), MapValue { value, conflict: false });
    };
    set(AT, Value::from(stamp.at));
    set(BY, Value::from(stamp.by.as_str()));
    Value::Map(map)
}

/// How a role is written.
pub(crate) fn role_text(role: ColumnRole) -> &'static str {
    match role {
        ColumnRole::Todo => "todo",
        ColumnRole::Doing => "doing",
        ColumnRole::Done => "done",
    }
}

/// A place as it is written.
pub(crate) fn place(column: &ColumnId, order: &str) -> String {
    format!("{column}{PLACE_SEPARATOR}{order}")
}
