//! Tolerant reading: a value of a wrong type shows as a default and is marked, and never makes a board unopenable.
//!
//! Written by hand rather than derived with autosurgeon, whose `Hydrate` fails a whole struct over one wrong field and
//! looks each field up anew; this reads a card in one pass over its keys. Autosurgeon's reader is the tests' second
//! opinion (`engine/tests/it/oracle.rs`).

use automerge::{Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value, ValueRef};

use super::card::{Card, Column, ColumnRole, Person, Stamp};
use super::schema::{
    ARCHIVED, AT, BODY, BODY_EDITED, BY, COLOUR, CREATED, DELETED, NAME, ORDER, PLACE,
    PLACE_SEPARATOR, ROLE, SCHEMA, SCHEMA_VERSION, TITLE, role_text,
};
use crate::ids::{CardId, ColumnId, UserId};
use crate::limits::PALETTE_COLOURS;

/// The moments of a stamp, milliseconds since 1970: those that a calendar can show (ECMA-262 has no later ones).
const MOMENTS: std::ops::RangeInclusive<i64> = 0..=8_640_000_000_000_000;

/// A value, by the kinds that a reader tells apart.
enum Read {
    Absent,
    Text(String),
    Number(i64),
    Object(ObjType, ObjId),
    Other,
}

/// Reads one key after the other and remembers whether one was of a wrong type.
struct Reader<'a> {
    doc: &'a Automerge,
    damaged: bool,
}

impl Reader<'_> {
    fn text(&mut self, read: Read) -> Option<String> {
        match read {
            Read::Text(text) => return Some(text),
            Read::Absent => {}
            Read::Number(_) | Read::Object(..) | Read::Other => self.damaged = true,
        }
        None
    }

    fn stamp(&mut self, read: Read) -> Option<Stamp> {
        match read {
            Read::Absent => None,
            Read::Object(ObjType::Map, obj) => {
                let (mut at, mut by) = (None, None);
                for (key, read) in entries(self.doc, &obj) {
                    match (key.as_str(), read) {
                        (AT, Read::Number(number)) if MOMENTS.contains(&number) => {
                            at = Some(number);
                        }
                        (BY, Read::Text(text)) => by = UserId::new(&text).ok(),
                        (_, _) => {}
                    }
                }
                self.damaged |= at.is_none() || by.is_none();
                Some(Stamp { at: at.unwrap_or(0), by: by.unwrap_or_else(UserId::unknown) })
            }
            Read::Text(_) | Read::Number(_) | Read::Object(..) | Read::Other => {
                self.damaged = true;
                Some(Stamp { at: 0, by: UserId::unknown() })
            }
        }
    }

    /// A title: text, or a string that a foreign program put there, which shows but is no text to type in.
    fn title(&mut self, read: Read) -> String {
        match read {
            Read::Object(ObjType::Text, obj) => {
                if let Ok(text) = self.doc.text(&obj) {
                    return text;
                }
            }
            Read::Text(text) => {
                self.damaged = true;
                return text;
            }
            Read::Absent | Read::Number(_) | Read::Object(..) | Read::Other => {}
        }
        self.damaged = true;
        String::new()
    }
}

/// The keys of a map with their winning values, in one pass.
fn entries<'a>(doc: &'a Automerge, obj: &ObjId) -> impl Iterator<Item = (String, Read)> + 'a {
    doc.map_range(obj, ..).map(|item| {
        let read = match &item.value {
            ValueRef::Object(kind) => Read::Object(*kind, item.id()),
            ValueRef::Scalar(scalar) => match ScalarValue::from(scalar.clone()) {
                ScalarValue::Null => Read::Absent,
                ScalarValue::Str(text) => Read::Text(text.to_string()),
                ScalarValue::Int(number) | ScalarValue::Timestamp(number) => Read::Number(number),
                ScalarValue::Uint(number) => {
                    i64::try_from(number).map_or(Read::Other, Read::Number)
                }
                ScalarValue::F64(_)
                | ScalarValue::Counter(_)
                | ScalarValue::Boolean(_)
                | ScalarValue::Bytes(_)
                | ScalarValue::Unknown { .. } => Read::Other,
            },
        };
        (item.key.into_owned(), read)
    })
}

/// The map under `key` of `parent`, if that is what is there.
pub(crate) fn map_at(doc: &Automerge, parent: &ObjId, key: &str) -> Option<ObjId> {
    match doc.get(parent, key) {
        Ok(Some((Value::Object(ObjType::Map), obj))) => Some(obj),
        Ok(_) | Err(_) => None,
    }
}

/// The stamp in the map `obj`, if it is one.
pub(crate) fn stamp(doc: &Automerge, obj: &ObjId) -> Option<Stamp> {
    let mut reader = Reader { doc, damaged: false };
    let stamp = reader.stamp(Read::Object(ObjType::Map, obj.clone()));
    stamp.filter(|_| !reader.damaged)
}

/// The text under `key` of `parent`, if that is what is there.
pub(crate) fn text_at(doc: &Automerge, parent: &ObjId, key: &str) -> Option<ObjId> {
    match doc.get(parent, key) {
        Ok(Some((Value::Object(ObjType::Text), obj))) => Some(obj),
        Ok(_) | Err(_) => None,
    }
}

/// Whether the document is of a newer schema than this reader knows, or says nothing that it understands.
pub(crate) fn is_newer(doc: &Automerge) -> bool {
    let version = doc.get(ROOT, SCHEMA).ok().flatten().and_then(|(value, _)| value.as_u64());
    version.is_none_or(|version| version > SCHEMA_VERSION)
}

/// The room's title.
pub(crate) fn room_title(doc: &Automerge) -> String {
    let value = doc.get(ROOT, TITLE).ok().flatten();
    value.and_then(|(value, _)| value.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// The card in the map `obj`.
pub(crate) fn card(doc: &Automerge, id: &CardId, obj: &ObjId) -> Card {
    let mut reader = Reader { doc, damaged: false };
    let (mut place, mut created, mut title) = (None, None, None);
    let mut card = Card {
        id: id.clone(),
        column: ColumnId::unknown(),
        order: String::new(),
        title: String::new(),
        has_body: false,
        body_edited: None,
        created: Stamp { at: 0, by: UserId::unknown() },
        archived: None,
        deleted: None,
        damaged: false,
    };
    for (key, read) in entries(doc, obj) {
        match key.as_str() {
            PLACE => place = reader.text(read).and_then(|text| split_place(&text)),
            TITLE => title = Some(reader.title(read)),
            BODY => card.has_body = reader.text(read).is_some(),
            BODY_EDITED => card.body_edited = reader.stamp(read),
            CREATED => created = reader.stamp(read),
            ARCHIVED => card.archived = reader.stamp(read),
            DELETED => card.deleted = reader.stamp(read),
            _ => {}
        }
    }
    card.damaged = reader.damaged || place.is_none() || created.is_none() || title.is_none();
    card.title = title.unwrap_or_default();
    if let Some((column, order)) = place {
        (card.column, card.order) = (column, order);
    }
    if let Some(created) = created {
        card.created = created;
    }
    card
}

fn split_place(text: &str) -> Option<(ColumnId, String)> {
    let (column, order) = text.split_once(PLACE_SEPARATOR)?;
    Some((ColumnId::new(column).ok()?, order.to_owned()))
}

/// The address of a card's body, as it is written.
pub(crate) fn body_address(doc: &Automerge, card: &ObjId) -> Option<String> {
    let value = doc.get(card, BODY).ok().flatten();
    value.and_then(|(value, _)| value.as_str().map(ToOwned::to_owned))
}

/// The column in the map `obj`.
pub(crate) fn column(doc: &Automerge, id: &ColumnId, obj: &ObjId) -> Column {
    let mut reader = Reader { doc, damaged: false };
    let (mut title, mut order) = (None, None);
    let (mut role, mut deleted) = (None, None);
    for (key, read) in entries(doc, obj) {
        match key.as_str() {
            TITLE => title = reader.text(read),
            ORDER => order = reader.text(read),
            ROLE => role = reader.text(read).and_then(|text| role_of(&text)),
            DELETED => deleted = reader.stamp(read),
            _ => {}
        }
    }
    let damaged = reader.damaged || title.is_none() || order.is_none();
    let (title, order) = (title.unwrap_or_default(), order.unwrap_or_default());
    Column { id: id.clone(), title, order, role, deleted, damaged }
}

/// A role that this reader does not know is none.
fn role_of(text: &str) -> Option<ColumnRole> {
    [ColumnRole::Todo, ColumnRole::Doing, ColumnRole::Done]
        .into_iter()
        .find(|role| role_text(*role) == text)
}

/// The person in the map `obj`.
pub(crate) fn person(doc: &Automerge, id: &UserId, obj: &ObjId) -> Person {
    let mut person = Person { id: id.clone(), name: String::new(), colour: 0 };
    for (key, read) in entries(doc, obj) {
        match (key.as_str(), read) {
            (NAME, Read::Text(name)) => person.name = name,
            (COLOUR, Read::Number(colour)) => {
                person.colour = u8::try_from(colour).unwrap_or(0) % PALETTE_COLOURS;
            }
            (_, _) => {}
        }
    }
    person
}

/// The maps in `parent` whose keys are ids.
pub(crate) fn maps_by_id<Id: TryFrom<String>>(doc: &Automerge, parent: &ObjId) -> Vec<(Id, ObjId)> {
    entries(doc, parent)
        .filter_map(|(key, read)| match read {
            Read::Object(ObjType::Map, obj) => Some((Id::try_from(key).ok()?, obj)),
            Read::Absent | Read::Text(_) | Read::Number(_) | Read::Object(..) | Read::Other => None,
        })
        .collect()
}
