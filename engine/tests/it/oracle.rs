//! A second reader of the documents: autosurgeon's derived one, from the types of `docs/BOARD.md` alone. What it reads
//! is what the view shows.

use std::collections::BTreeMap;

use autosurgeon::{Hydrate, Text, hydrate};
use warroom_engine::{BoardDocument, Stamp};

#[derive(Debug, Hydrate)]
struct StampRecord {
    at: i64,
    by: String,
}

#[derive(Debug, Hydrate)]
struct ColumnRecord {
    title: String,
    order: String,
    role: Option<String>,
    wip: Option<u64>,
    colour: Option<String>,
    deleted: Option<StampRecord>,
}

#[derive(Debug, Hydrate)]
struct CardRecord {
    place: String,
    title: Text,
    body: Option<String>,
    #[autosurgeon(rename = "bodyEdited")]
    body_edited: Option<StampRecord>,
    assignees: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    checklist: BTreeMap<String, String>,
    attachments: BTreeMap<String, String>,
    due: Option<String>,
    priority: String,
    created: StampRecord,
    done: Option<StampRecord>,
    archived: Option<StampRecord>,
    deleted: Option<StampRecord>,
}

#[derive(Debug, Hydrate)]
struct PersonRecord {
    name: String,
    colour: u64,
}

#[derive(Debug, Hydrate)]
struct BoardRecord {
    schema: u64,
    title: String,
    columns: BTreeMap<String, ColumnRecord>,
    cards: BTreeMap<String, CardRecord>,
    labels: BTreeMap<String, String>,
    people: BTreeMap<String, PersonRecord>,
}

fn same(record: Option<&StampRecord>, stamp: Option<&Stamp>) -> bool {
    record.map(|record| (record.at, record.by.as_str()))
        == stamp.map(|stamp| (stamp.at, stamp.by.as_str()))
}

/// Reads the whole document again by its written schema and compares.
pub(crate) fn check(document: &BoardDocument) {
    let (record, board): (BoardRecord, _) = (hydrate(document.doc()).unwrap(), document.rebuilt());
    assert_eq!((record.schema, record.title.as_str()), (1, board.title()));
    assert!(record.labels.is_empty(), "labels are reserved");
    assert_eq!(record.cards.len(), board.cards().count());
    for card in board.cards() {
        let record = &record.cards[card.id.as_str()];
        assert_eq!(record.place, format!("{}/{}", card.column, card.order));
        assert_eq!(record.title.as_str(), card.title);
        assert_eq!(record.body.is_some(), card.has_body);
        assert_eq!((record.priority.as_str(), &record.due), ("normal", &None));
        let containers =
            [&record.assignees, &record.labels, &record.checklist, &record.attachments];
        assert!(containers.iter().all(|container| container.is_empty()), "reserved containers");
        assert!(same(Some(&record.created), Some(&card.created)), "{record:?}");
        assert!(same(record.body_edited.as_ref(), card.body_edited.as_ref()), "{record:?}");
        assert!(same(record.archived.as_ref(), card.archived.as_ref()), "{record:?}");
        assert!(same(record.deleted.as_ref(), card.deleted.as_ref()), "{record:?}");
        assert!(same(record.done.as_ref(), None), "{record:?}");
    }
    for (id, record) in &record.columns {
        let column = board.column(&crate::world::column(id)).unwrap();
        assert_eq!((&record.title, &record.order), (&column.title, &column.order));
        assert_eq!(record.role.is_some(), column.role.is_some());
        assert_eq!((record.wip, &record.colour), (None, &None));
        assert!(same(record.deleted.as_ref(), column.deleted.as_ref()), "{record:?}");
    }
    let people: Vec<_> =
        board.people().map(|person| (&person.name, u64::from(person.colour))).collect();
    let read: Vec<_> = record.people.values().map(|person| (&person.name, person.colour)).collect();
    assert_eq!(read, people);
}
