//! Every key of the board, talk and body documents (`docs/BOARD.md` says what each means), their first changes, and new cards.

use automerge::hydrate::{Map, MapValue, Value};
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjType, ROOT, ScalarValue, TextEncoding};

use super::card::{Attachment, Card, Colour, Column, ColumnRole, Label, Person, Priority, Stamp};
use crate::ids::{CardId, ColumnId, LabelId, UserId};
use crate::talk::{Comment, Reaction};

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
/// In a card: who moved it into a column of done work, and when.
pub(crate) const DONE: &str = "done";
/// In a card: who archived it and when.
pub(crate) const ARCHIVED: &str = "archived";

/// In a stamp: when, milliseconds since 1970.
pub(crate) const AT: &str = "at";
/// In a stamp: who.
pub(crate) const BY: &str = "by";

/// In a person, a label, an attachment: the name.
pub(crate) const NAME: &str = "name";

/// In an attachment: what it is.
pub(crate) const KIND: &str = "kind";
/// In an attachment: its media type.
pub(crate) const MIME: &str = "mime";
/// In an attachment: its size.
pub(crate) const BYTES: &str = "bytes";
/// In an attachment: how long it plays.
pub(crate) const DURATION: &str = "duration_ms";

/// In the root of a body: the text. In an item of a checklist: what is to be done. In a comment: what it says.
pub(crate) const TEXT: &str = "text";

/// In the root of the talk: comments by id.
pub(crate) const COMMENTS: &str = "comments";
/// In the root of the talk: votes by `<card id>/<user id>`.
pub(crate) const VOTES: &str = "votes";
/// In the root of the talk: read markers by `<user id>/<card id>`, and of the board by `<user id>`.
pub(crate) const SEEN: &str = "seen";
/// In a comment: about which card.
pub(crate) const CARD: &str = "card";
/// In a comment: when it was last edited.
pub(crate) const EDITED: &str = "edited";
/// In a comment: reactions by user id.
pub(crate) const REACTIONS: &str = "reactions";

/// What stands between a card and a person in the keys of votes and read markers. One map for all of them: maps of maps
/// would be made by whoever is first, and of two who are first at the same time one would be hidden.
pub(crate) const PERSON_SEPARATOR: char = '/';
/// What stands between column and order key in a place.
pub(crate) const PLACE_SEPARATOR: char = '/';
/// The columns of a new room, with fixed ids, so that people who open the same name offline share them.
pub(crate) const FIRST_COLUMNS: [(&str, &str, &str, ColumnRole); 3] = [
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
        let column = to.put_object(&columns, id, ObjType::Map)?;
        to.put(&column, TITLE, title)?;
        to.put(&column, ORDER, order)?;
        to.put(&column, ROLE, role.word())?;
        for unset in [WIP, COLOUR, DELETED] {
            to.put(&column, unset, ())?;
        }
    }
    Ok(())
}

/// The first change of a body. It must never change.
pub(crate) fn first_of_body(to: &mut Transaction<'_>) -> Result<(), AutomergeError> {
    to.put(ROOT, SCHEMA, SCHEMA_VERSION)?;
    to.put_object(ROOT, TEXT, ObjType::Text)?;
    Ok(())
}

/// The first change of the talk. It must never change.
pub(crate) fn first_of_talk(to: &mut Transaction<'_>) -> Result<(), AutomergeError> {
    to.put(ROOT, SCHEMA, SCHEMA_VERSION)?;
    for container in [COMMENTS, VOTES, SEEN] {
        to.put_object(ROOT, container, ObjType::Map)?;
    }
    Ok(())
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let mut map = Map::default();
    for (key, value) in entries {
        map.insert(key.to_owned(), MapValue { value, conflict: false });
    }
    Value::Map(map)
}

fn scalar(value: impl Into<ScalarValue>) -> Value {
    Value::from(value.into())
}

/// The word for a colour, or null.
pub(crate) fn colour_value(colour: Option<Colour>) -> ScalarValue {
    colour.map_or(ScalarValue::Null, |colour| colour.word().into())
}

/// A new column as it is put.
pub(crate) fn new_column(title: &str, order: &str, role: Option<ColumnRole>) -> Value {
    let [wip, colour, deleted] = [(); 3].map(|()| scalar(ScalarValue::Null));
    let role = role.map_or(ScalarValue::Null, |role| role.word().into());
    map([
        (TITLE, scalar(title)),
        (ORDER, scalar(order)),
        (ROLE, scalar(role)),
        (WIP, wip),
        (COLOUR, colour),
        (DELETED, deleted),
    ])
}

/// A new card as it is put, with every container that it will ever need: two replicas that each create one later would
/// hide one of the two.
pub(crate) fn new_card(place: String, title: &str, created: &Stamp, is_done: bool) -> Value {
    let null = || scalar(ScalarValue::Null);
    map([
        (PLACE, scalar(place)),
        (TITLE, Value::text(TextEncoding::Utf16CodeUnit, title)),
        (CREATED, stamp_value(created)),
        (PRIORITY, scalar(Priority::default().word())),
        (ASSIGNEES, Value::map()),
        (LABELS, Value::map()),
        (CHECKLIST, Value::map()),
        (ATTACHMENTS, Value::map()),
        (BODY, null()),
        (BODY_EDITED, null()),
        (DUE, null()),
        (DONE, if is_done { stamp_value(created) } else { null() }),
        (ARCHIVED, null()),
        (DELETED, null()),
    ])
}

/// A whole column as it is put.
pub(crate) fn whole_column(column: &Column) -> Value {
    let Column { id: _, title, order, role, wip, colour, deleted, damaged: _ } = column;
    let wip = wip.map_or(ScalarValue::Null, |wip| ScalarValue::Uint(wip.into()));
    let mut value = new_column(title, order, *role);
    put(&mut value, WIP, scalar(wip));
    put(&mut value, COLOUR, scalar(colour_value(*colour)));
    put(&mut value, DELETED, maybe_stamp(deleted.as_ref()));
    value
}

/// A whole card as it is put, with the address of its body. What it is marked with counts as added at `moment`.
pub(crate) fn whole_card(card: &Card, body: Option<String>, moment: i64) -> Value {
    let place = place(&card.column, &card.order);
    let mut value = new_card(place, &card.title, &card.created, false);
    let set = |ids: &mut dyn Iterator<Item = &str>| {
        let mut set = Value::map();
        ids.for_each(|id| put(&mut set, id, scalar(moment)));
        set
    };
    let mut items = Value::map();
    for item in &card.checklist {
        let mut new = new_item(&item.text, &item.order);
        put(&mut new, DONE, scalar(item.done));
        put(&mut items, item.id.as_str(), new);
    }
    let mut attachments = Value::map();
    for attachment in &card.attachments {
        put(&mut attachments, attachment.id.as_str(), new_attachment(attachment));
    }
    let due = card.due.map_or(ScalarValue::Null, |due| due.to_string().into());
    for (key, field) in [
        (BODY, scalar(body.map_or(ScalarValue::Null, ScalarValue::from))),
        (BODY_EDITED, maybe_stamp(card.body_edited.as_ref())),
        (ASSIGNEES, set(&mut card.assignees.iter().map(UserId::as_str))),
        (LABELS, set(&mut card.labels.iter().map(LabelId::as_str))),
        (CHECKLIST, items),
        (ATTACHMENTS, attachments),
        (DUE, scalar(due)),
        (PRIORITY, scalar(card.priority.word())),
        (DONE, maybe_stamp(card.done.as_ref())),
        (ARCHIVED, maybe_stamp(card.archived.as_ref())),
        (DELETED, maybe_stamp(card.deleted.as_ref())),
    ] {
        put(&mut value, key, field);
    }
    value
}

/// A whole label as it is put.
pub(crate) fn whole_label(label: &Label) -> Value {
    let mut value = new_label(&label.name, label.colour);
    put(&mut value, DELETED, scalar(label.deleted));
    value
}

/// A person as it is put where there was none.
pub(crate) fn new_person(person: &Person) -> Value {
    map([(NAME, scalar(person.name.as_str())), (COLOUR, scalar(u64::from(person.colour)))])
}

/// How many operations putting a value takes.
pub(crate) fn operations(value: &Value) -> usize {
    match value {
        Value::Map(map) => 1 + map.iter().map(|(_, entry)| operations(&entry.value)).sum::<usize>(),
        Value::Text(text) => 1 + text.to_string().chars().count(),
        Value::List(_) | Value::Scalar(_) => 1,
    }
}

/// Bytes of the texts in it that are whole values: of others each character is an operation.
pub(crate) fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Map(map) => map.iter().map(|(_, entry)| text_bytes(&entry.value)).sum(),
        Value::Scalar(scalar) => scalar.as_str().map_or(0, str::len),
        Value::List(_) | Value::Text(_) => 0,
    }
}

fn put(map: &mut Value, key: &str, value: Value) {
    if let Value::Map(map) = map {
        map.insert(key.to_owned(), MapValue { value, conflict: false });
    }
}

fn maybe_stamp(stamp: Option<&Stamp>) -> Value {
    stamp.map_or_else(|| scalar(ScalarValue::Null), stamp_value)
}

/// A new label as it is put.
pub(crate) fn new_label(name: &str, colour: Option<Colour>) -> Value {
    map([(NAME, scalar(name)), (COLOUR, scalar(colour_value(colour))), (DELETED, scalar(false))])
}

/// A new item of a checklist as it is put.
pub(crate) fn new_item(text: &str, order: &str) -> Value {
    let [done, deleted] = [false, false].map(scalar);
    map([(TEXT, scalar(text)), (DONE, done), (ORDER, scalar(order)), (DELETED, deleted)])
}

/// A new attachment as it is put.
pub(crate) fn new_attachment(attachment: &Attachment) -> Value {
    let Attachment { id: _, kind, name, mime, bytes, duration_ms, added } = attachment;
    map([
        (KIND, scalar(kind.word())),
        (NAME, scalar(name.as_str())),
        (MIME, scalar(mime.as_str())),
        (BYTES, scalar(*bytes)),
        (DURATION, scalar(duration_ms.map_or(ScalarValue::Null, ScalarValue::from))),
        (AT, scalar(added.at)),
        (BY, scalar(added.by.as_str())),
        (DELETED, scalar(false)),
    ])
}

/// A new comment as it is put.
pub(crate) fn new_comment(card: &CardId, text: &str, created: &Stamp) -> Value {
    map([
        (CARD, scalar(card.as_str())),
        (BY, scalar(created.by.as_str())),
        (AT, scalar(created.at)),
        (TEXT, scalar(text)),
        (EDITED, scalar(ScalarValue::Null)),
        (DELETED, scalar(false)),
        (REACTIONS, Value::map()),
    ])
}

/// A whole comment as it is put, about this card.
pub(crate) fn whole_comment(card: &CardId, comment: &Comment) -> Value {
    let mut value = new_comment(card, &comment.text, &comment.created);
    let mut reactions = Value::map();
    for Reaction { by, reaction } in &comment.reactions {
        put(&mut reactions, by.as_str(), scalar(reaction.as_str()));
    }
    put(&mut value, EDITED, scalar(comment.edited.map_or(ScalarValue::Null, ScalarValue::from)));
    put(&mut value, DELETED, scalar(comment.deleted));
    put(&mut value, REACTIONS, reactions);
    value
}

/// A stamp as it is put.
pub(crate) fn stamp_value(stamp: &Stamp) -> Value {
    map([(AT, scalar(stamp.at)), (BY, scalar(stamp.by.as_str()))])
}

/// A place as it is written.
pub(crate) fn place(column: &ColumnId, order: &str) -> String {
    format!("{column}{PLACE_SEPARATOR}{order}")
}
