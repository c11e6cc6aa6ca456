//! Tolerant reading: a value of a wrong type shows as a default and is marked, and never makes a board unopenable.
//!
//! Written by hand rather than derived with autosurgeon, whose `Hydrate` fails a whole struct over one wrong field and
//! looks each field up anew; this reads a card in one pass over its keys. Autosurgeon's reader is the tests' second
//! opinion (`engine/tests/it/oracle.rs`).

use std::ops::Bound;

use automerge::iter::MapRangeItem;
use automerge::{ObjId, ObjType, ROOT, ScalarValue, Value, ValueRef};

use super::card::{
    Attachment, AttachmentKind, Card, ChecklistItem, Colour, Column, ColumnRole, Label, Person,
    Priority, Stamp,
};
use super::day::Day;
use super::schema::{
    ARCHIVED, ASSIGNEES, AT, ATTACHMENTS, BODY, BODY_EDITED, BY, BYTES, CHECKLIST, COLOUR, CREATED,
    DELETED, DONE, DUE, DURATION, KIND, LABELS, MIME, NAME, ORDER, PLACE, PLACE_SEPARATOR,
    PRIORITY, ROLE, SCHEMA, SCHEMA_VERSION, TEXT, TITLE, WIP,
};
use super::source::Source;
use crate::ids::{BlobId, CardId, ColumnId, ItemId, LabelId, UserId};
use crate::limits::PALETTE_COLOURS;
use warroom_protocol::sorted::sort_by;

/// The moments of a stamp, milliseconds since 1970: those that a calendar can show (ECMA-262 has no later ones).
pub(crate) const MOMENTS: std::ops::RangeInclusive<i64> = 0..=MOMENT_MAX;
/// The last of them.
pub(crate) const MOMENT_MAX: i64 = 8_640_000_000_000_000;

/// A value, by the kinds that a reader tells apart.
pub(crate) enum Read {
    Absent,
    Text(String),
    Number(i64),
    Truth(bool),
    Object(ObjType, ObjId),
    Other,
}

impl Read {
    fn of_scalar(scalar: ScalarValue) -> Self {
        match scalar {
            ScalarValue::Null => Self::Absent,
            ScalarValue::Str(text) => Self::Text(text.to_string()),
            ScalarValue::Int(number) | ScalarValue::Timestamp(number) => Self::Number(number),
            ScalarValue::Uint(number) => i64::try_from(number).map_or(Self::Other, Self::Number),
            ScalarValue::Boolean(truth) => Self::Truth(truth),
            ScalarValue::F64(_)
            | ScalarValue::Counter(_)
            | ScalarValue::Bytes(_)
            | ScalarValue::Unknown { .. } => Self::Other,
        }
    }
}

/// Reads one key after the other and remembers whether one was of a wrong type.
pub(crate) struct Reader<'a> {
    doc: Source<'a>,
    pub(crate) damaged: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(doc: Source<'a>) -> Self {
        Self { doc, damaged: false }
    }

    pub(crate) fn text(&mut self, read: Read) -> Option<String> {
        match read {
            Read::Text(text) => return Some(text),
            Read::Absent => {}
            Read::Number(_) | Read::Truth(_) | Read::Object(..) | Read::Other => {
                self.damaged = true;
            }
        }
        None
    }

    /// A number from 0 up.
    fn number<T: TryFrom<i64>>(&mut self, read: &Read) -> Option<T> {
        let number = match read {
            Read::Absent => return None,
            Read::Number(number) => T::try_from(*number).ok(),
            Read::Text(_) | Read::Truth(_) | Read::Object(..) | Read::Other => None,
        };
        self.damaged |= number.is_none();
        number
    }

    /// Milliseconds since 1970.
    pub(crate) fn moment(&mut self, read: &Read) -> Option<i64> {
        let moment = self.number(read)?;
        let is_one = MOMENTS.contains(&moment);
        self.damaged |= !is_one;
        is_one.then_some(moment)
    }

    /// Yes or no; absent is no.
    pub(crate) fn truth(&mut self, read: &Read) -> bool {
        match read {
            Read::Absent => false,
            Read::Truth(truth) => *truth,
            Read::Text(_) | Read::Number(_) | Read::Object(..) | Read::Other => {
                self.damaged = true;
                false
            }
        }
    }

    fn day(&mut self, read: Read) -> Option<Day> {
        let day = Day::new(&self.text(read)?);
        self.damaged |= day.is_err();
        day.ok()
    }

    /// What is in a map.
    pub(crate) fn map(&mut self, read: Read) -> Vec<(String, Read)> {
        match read {
            Read::Object(ObjType::Map, obj) => return entries(self.doc, &obj).collect(),
            Read::Absent => {}
            Read::Text(_) | Read::Number(_) | Read::Truth(_) | Read::Object(..) | Read::Other => {
                self.damaged = true;
            }
        }
        Vec::new()
    }

    /// The ids in a map that stands for a set: those with a value. What is no id is not shown.
    fn set<Id: TryFrom<String>>(&mut self, read: Read) -> Vec<Id> {
        let entries = self.map(read).into_iter();
        let there = entries.filter(|(_, value)| !matches!(value, Read::Absent));
        there.filter_map(|(key, _)| Id::try_from(key).ok()).collect()
    }

    fn checklist(&mut self, read: Read) -> Vec<ChecklistItem> {
        let mut items = Vec::new();
        for (key, read) in self.map(read) {
            let Ok(id) = ItemId::new(&key) else { continue };
            let (mut text, mut order, mut done, mut deleted) = (None, None, false, false);
            for (key, read) in self.map(read) {
                match key.as_str() {
                    TEXT => text = self.text(read),
                    ORDER => order = self.text(read),
                    DONE => done = self.truth(&read),
                    DELETED => deleted = self.truth(&read),
                    _ => {}
                }
            }
            self.damaged |= text.is_none() || order.is_none();
            if !deleted {
                let (text, order) = (text.unwrap_or_default(), order.unwrap_or_default());
                items.push(ChecklistItem { id, text, done, order });
            }
        }
        sort_by(&mut items, |a, b| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
        items
    }

    fn attachments(&mut self, read: Read) -> Vec<Attachment> {
        let mut attachments = Vec::new();
        for (key, read) in self.map(read) {
            let Ok(id) = BlobId::new(&key) else { continue };
            let (mut kind, mut name, mut mime, mut bytes) = (None, None, None, None);
            let (mut duration_ms, mut at, mut by, mut deleted) = (None, None, None, false);
            for (key, read) in self.map(read) {
                match key.as_str() {
                    KIND => kind = self.text(read).and_then(|word| AttachmentKind::of_word(&word)),
                    NAME => name = self.text(read),
                    MIME => mime = self.text(read),
                    BYTES => bytes = self.number(&read),
                    DURATION => duration_ms = self.number(&read),
                    AT => at = self.number(&read),
                    BY => by = self.text(read).and_then(|text| UserId::new(&text).ok()),
                    DELETED => deleted = self.truth(&read),
                    _ => {}
                }
            }
            let is_whole = name.is_some() && bytes.is_some() && at.is_some() && by.is_some();
            self.damaged |= !is_whole;
            if !deleted {
                attachments.push(Attachment {
                    id,
                    // a later kind is still a file
                    kind: kind.unwrap_or(AttachmentKind::File),
                    name: name.unwrap_or_default(),
                    mime: mime.unwrap_or_default(),
                    bytes: bytes.unwrap_or(0),
                    duration_ms,
                    added: Stamp { at: at.unwrap_or(0), by: by.unwrap_or_else(UserId::unknown) },
                });
            }
        }
        attachments
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
            Read::Text(_) | Read::Number(_) | Read::Truth(_) | Read::Object(..) | Read::Other => {
                self.damaged = true;
                Some(Stamp { at: 0, by: UserId::unknown() })
            }
        }
    }

    /// A title: text, or a string that a foreign program put there, which shows but is no text to type in.
    fn title(&mut self, read: Read) -> String {
        match read {
            Read::Object(ObjType::Text, obj) => {
                if let Some(text) = self.doc.text(&obj) {
                    return text;
                }
            }
            Read::Text(text) => {
                self.damaged = true;
                return text;
            }
            Read::Absent | Read::Number(_) | Read::Truth(_) | Read::Object(..) | Read::Other => {}
        }
        self.damaged = true;
        String::new()
    }
}

/// The keys of a map with their winning values, in one pass.
pub(crate) fn entries<'a>(
    doc: Source<'a>,
    obj: &ObjId,
) -> impl Iterator<Item = (String, Read)> + 'a {
    doc.entries(obj).map(entry)
}

/// As [`entries`], of the keys in a range.
pub(crate) fn entries_in<'a>(
    doc: Source<'a>,
    obj: &ObjId,
    range: (Bound<String>, Bound<String>),
) -> impl Iterator<Item = (String, Read)> + 'a {
    doc.entries_in(obj, range).map(entry)
}

fn entry(item: MapRangeItem<'_>) -> (String, Read) {
    let read = match &item.value {
        ValueRef::Object(kind) => Read::Object(*kind, item.id()),
        ValueRef::Scalar(scalar) => Read::of_scalar(ScalarValue::from(scalar.clone())),
    };
    (item.key.into_owned(), read)
}

/// The map under `key` of `parent`, if that is what is there.
pub(crate) fn map_at(doc: Source<'_>, parent: &ObjId, key: &str) -> Option<ObjId> {
    match doc.get(parent, key)? {
        (Value::Object(ObjType::Map), obj) => Some(obj),
        (Value::Object(_) | Value::Scalar(_), _) => None,
    }
}

/// The stamp in the map `obj`, if it is one.
pub(crate) fn stamp(doc: Source<'_>, obj: &ObjId) -> Option<Stamp> {
    let mut reader = Reader::new(doc);
    let stamp = reader.stamp(Read::Object(ObjType::Map, obj.clone()));
    stamp.filter(|_| !reader.damaged)
}

/// The text under `key` of `parent`, if that is what is there.
pub(crate) fn text_at(doc: Source<'_>, parent: &ObjId, key: &str) -> Option<ObjId> {
    match doc.get(parent, key)? {
        (Value::Object(ObjType::Text), obj) => Some(obj),
        (Value::Object(_) | Value::Scalar(_), _) => None,
    }
}

/// Whether the document is of a newer schema than this reader knows, or says nothing that it understands.
pub(crate) fn is_newer(doc: Source<'_>) -> bool {
    let version = doc.get(&ROOT, SCHEMA).and_then(|(value, _)| value.as_u64());
    version.is_none_or(|version| version > SCHEMA_VERSION)
}

/// The room's title.
pub(crate) fn room_title(doc: Source<'_>) -> String {
    let value = doc.get(&ROOT, TITLE);
    value.and_then(|(value, _)| value.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// A card while it is read: what every card has to have is not there at first.
struct Draft {
    card: Card,
    place: Option<(ColumnId, String)>,
    created: Option<Stamp>,
    title: Option<String>,
}

impl Draft {
    fn new(id: &CardId) -> Self {
        let card = Card {
            id: id.clone(),
            column: ColumnId::unknown(),
            order: String::new(),
            title: String::new(),
            has_body: false,
            body_edited: None,
            assignees: Vec::new(),
            labels: Vec::new(),
            checklist: Vec::new(),
            attachments: Vec::new(),
            due: None,
            priority: Priority::default(),
            done: None,
            created: Stamp { at: 0, by: UserId::unknown() },
            archived: None,
            deleted: None,
            damaged: false,
        };
        Self { card, place: None, created: None, title: None }
    }

    /// A card that was read wholly and is undamaged.
    fn of(card: Card) -> Self {
        let place = Some((card.column.clone(), card.order.clone()));
        let (created, title) = (Some(card.created.clone()), Some(card.title.clone()));
        Self { card, place, created, title }
    }

    fn field(&mut self, reader: &mut Reader<'_>, key: &str, read: Read) {
        let card = &mut self.card;
        match key {
            PLACE => self.place = reader.text(read).and_then(|text| split_place(&text)),
            TITLE => self.title = Some(reader.title(read)),
            BODY => card.has_body = reader.text(read).is_some(),
            BODY_EDITED => card.body_edited = reader.stamp(read),
            ASSIGNEES => card.assignees = reader.set(read),
            LABELS => card.labels = reader.set(read),
            CHECKLIST => card.checklist = reader.checklist(read),
            ATTACHMENTS => card.attachments = reader.attachments(read),
            DUE => card.due = reader.day(read),
            PRIORITY => {
                let word = reader.text(read);
                card.priority = word.and_then(|word| Priority::of_word(&word)).unwrap_or_default();
            }
            DONE => card.done = reader.stamp(read),
            CREATED => self.created = reader.stamp(read),
            ARCHIVED => card.archived = reader.stamp(read),
            DELETED => card.deleted = reader.stamp(read),
            _ => {}
        }
    }

    fn finish(self, reader: &Reader<'_>) -> Card {
        let Self { mut card, place, created, title } = self;
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
}

/// The card in the map `obj`.
pub(crate) fn card(doc: Source<'_>, id: &CardId, obj: &ObjId) -> Card {
    card_fields(doc, id, obj, &|_| true)
}

/// As [`card`], but of its keys those alone that are wanted; the others show their defaults.
pub(crate) fn card_fields(
    doc: Source<'_>,
    id: &CardId,
    obj: &ObjId,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Card {
    let mut reader = Reader::new(doc);
    let mut draft = Draft::new(id);
    for (key, read) in entries(doc, obj).filter(|(key, _)| is_wanted(key)) {
        draft.field(&mut reader, &key, read);
    }
    draft.finish(&reader)
}

/// As [`card`], where nothing but what lies under these keys differs from what is `shown`.
pub(crate) fn card_again(doc: Source<'_>, shown: &Card, obj: &ObjId, keys: &[String]) -> Card {
    if shown.damaged {
        // which key is to blame is not known any more
        return card(doc, &shown.id, obj);
    }
    let mut reader = Reader::new(doc);
    let mut draft = Draft::of(shown.clone());
    for key in keys {
        let read = match doc.get(obj, key) {
            Some((Value::Object(kind), obj)) => Read::Object(kind, obj),
            Some((Value::Scalar(scalar), _)) => Read::of_scalar(scalar.into_owned()),
            None => Read::Absent,
        };
        draft.field(&mut reader, key, read);
    }
    let again = draft.finish(&reader);
    // a default stands where a value is wrong, not what was shown before
    if again.damaged { card(doc, &shown.id, obj) } else { again }
}

pub(crate) fn split_place(text: &str) -> Option<(ColumnId, String)> {
    let (column, order) = text.split_once(PLACE_SEPARATOR)?;
    Some((ColumnId::new(column).ok()?, order.to_owned()))
}

/// The address of a card's body, as it is written.
pub(crate) fn body_address(doc: Source<'_>, card: &ObjId) -> Option<String> {
    let value = doc.get(card, BODY);
    value.and_then(|(value, _)| value.as_str().map(ToOwned::to_owned))
}

/// The column in the map `obj`.
pub(crate) fn column(doc: Source<'_>, id: &ColumnId, obj: &ObjId) -> Column {
    let mut reader = Reader::new(doc);
    let (mut title, mut order) = (None, None);
    let (mut role, mut wip, mut colour, mut deleted) = (None, None, None, None);
    for (key, read) in entries(doc, obj) {
        match key.as_str() {
            TITLE => title = reader.text(read),
            ORDER => order = reader.text(read),
            // words of a later version are none
            ROLE => role = reader.text(read).and_then(|word| ColumnRole::of_word(&word)),
            WIP => wip = reader.number(&read),
            COLOUR => colour = reader.text(read).and_then(|word| Colour::of_word(&word)),
            DELETED => deleted = reader.stamp(read),
            _ => {}
        }
    }
    let damaged = reader.damaged || title.is_none() || order.is_none();
    let (title, order) = (title.unwrap_or_default(), order.unwrap_or_default());
    Column { id: id.clone(), title, order, role, wip, colour, deleted, damaged }
}

/// The label in the map `obj`.
pub(crate) fn label(doc: Source<'_>, id: &LabelId, obj: &ObjId) -> Label {
    let mut reader = Reader::new(doc);
    let (mut name, mut colour, mut deleted) = (None, None, false);
    for (key, read) in entries(doc, obj) {
        match key.as_str() {
            NAME => name = reader.text(read),
            COLOUR => colour = reader.text(read).and_then(|word| Colour::of_word(&word)),
            DELETED => deleted = reader.truth(&read),
            _ => {}
        }
    }
    let damaged = reader.damaged || name.is_none();
    Label { id: id.clone(), name: name.unwrap_or_default(), colour, deleted, damaged }
}

/// The person in the map `obj`.
pub(crate) fn person(doc: Source<'_>, id: &UserId, obj: &ObjId) -> Person {
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
pub(crate) fn maps_by_id<Id: TryFrom<String>>(doc: Source<'_>, parent: &ObjId) -> Vec<(Id, ObjId)> {
    entries(doc, parent)
        .filter_map(|(key, read)| match read {
            Read::Object(ObjType::Map, obj) => Some((Id::try_from(key).ok()?, obj)),
            Read::Absent
            | Read::Text(_)
            | Read::Number(_)
            | Read::Truth(_)
            | Read::Object(..)
            | Read::Other => None,
        })
        .collect()
}
