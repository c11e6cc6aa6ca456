//! A second reader of the documents: autosurgeon's derived one, from the types of `docs/BOARD.md` alone. What it reads
//! is what the view shows.

use std::collections::BTreeMap;

use autosurgeon::{Hydrate, Text, hydrate};
use warroom_engine::{
    BoardDocument, Card, Colour, ColumnRole, CommentId, LabelId, Stamp, TalkDocument, UserId,
};

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
struct ItemRecord {
    text: String,
    done: bool,
    order: String,
    deleted: bool,
}

#[derive(Debug, Hydrate)]
struct AttachmentRecord {
    kind: String,
    name: String,
    mime: String,
    bytes: u64,
    duration_ms: Option<u64>,
    by: String,
    at: i64,
    deleted: bool,
}

#[derive(Debug, Hydrate)]
struct LabelRecord {
    name: String,
    colour: Option<String>,
    deleted: bool,
}

#[derive(Debug, Hydrate)]
struct CardRecord {
    place: String,
    title: Text,
    body: Option<String>,
    #[autosurgeon(rename = "bodyEdited")]
    body_edited: Option<StampRecord>,
    assignees: BTreeMap<String, i64>,
    labels: BTreeMap<String, i64>,
    checklist: BTreeMap<String, ItemRecord>,
    attachments: BTreeMap<String, AttachmentRecord>,
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
    labels: BTreeMap<String, LabelRecord>,
    people: BTreeMap<String, PersonRecord>,
}

#[derive(Debug, Hydrate)]
struct CommentRecord {
    card: String,
    by: String,
    at: i64,
    text: String,
    edited: Option<i64>,
    deleted: bool,
    reactions: BTreeMap<String, String>,
}

#[derive(Debug, Hydrate)]
struct TalkRecord {
    schema: u64,
    comments: BTreeMap<String, CommentRecord>,
    votes: BTreeMap<String, i64>,
    seen: BTreeMap<String, i64>,
}

fn same(record: Option<&StampRecord>, stamp: Option<&Stamp>) -> bool {
    record.map(|record| (record.at, record.by.as_str()))
        == stamp.map(|stamp| (stamp.at, stamp.by.as_str()))
}

fn check_checklist(record: &CardRecord, card: &Card) {
    let living = record.checklist.iter().filter(|(_, item)| !item.deleted);
    let mut read: Vec<_> = living
        .map(|(id, item)| (item.order.as_str(), id.as_str(), item.text.as_str(), item.done))
        .collect();
    read.sort_unstable();
    let shown: Vec<_> = card
        .checklist
        .iter()
        .map(|item| (item.order.as_str(), item.id.as_str(), item.text.as_str(), item.done))
        .collect();
    assert_eq!(read, shown);
}

fn check_attachments(record: &CardRecord, card: &Card) {
    let living = record.attachments.iter().filter(|(_, file)| !file.deleted);
    let read: Vec<_> = living
        .map(|(id, file)| {
            let what = (id.as_str(), file.kind.as_str(), file.name.as_str(), file.mime.as_str());
            (what, file.bytes, file.duration_ms, file.by.as_str(), file.at)
        })
        .collect();
    let shown: Vec<_> = card
        .attachments
        .iter()
        .map(|file| {
            let what = (file.id.as_str(), file.kind.word(), file.name.as_str(), file.mime.as_str());
            (what, file.bytes, file.duration_ms, file.added.by.as_str(), file.added.at)
        })
        .collect();
    assert_eq!(read, shown);
}

/// Reads the whole document again by its written schema and compares.
pub(crate) fn check(document: &BoardDocument) {
    let (record, board): (BoardRecord, _) = (hydrate(document.doc()).unwrap(), document.rebuilt());
    assert_eq!((record.schema, record.title.as_str()), (1, board.title()));
    let labels: Vec<_> = board
        .labels()
        .map(|label| {
            (label.id.as_str(), label.name.as_str(), label.colour.map(Colour::word), label.deleted)
        })
        .collect();
    let read: Vec<_> = record
        .labels
        .iter()
        .map(|(id, label)| {
            (id.as_str(), label.name.as_str(), label.colour.as_deref(), label.deleted)
        })
        .collect();
    assert_eq!(read, labels);
    assert_eq!(record.cards.len(), board.cards().count());
    for card in board.cards() {
        let record = &record.cards[card.id.as_str()];
        assert_eq!(record.place, format!("{}/{}", card.column, card.order));
        assert_eq!(record.title.as_str(), card.title);
        assert_eq!(record.body.is_some(), card.has_body);
        assert_eq!(record.priority, card.priority.word());
        assert_eq!(record.due, card.due.map(|day| day.to_string()));
        assert!(record.assignees.keys().eq(card.assignees.iter().map(UserId::as_str)));
        assert!(record.labels.keys().eq(card.labels.iter().map(LabelId::as_str)));
        check_checklist(record, card);
        check_attachments(record, card);
        assert!(same(Some(&record.created), Some(&card.created)), "{record:?}");
        assert!(same(record.body_edited.as_ref(), card.body_edited.as_ref()), "{record:?}");
        assert!(same(record.archived.as_ref(), card.archived.as_ref()), "{record:?}");
        assert!(same(record.deleted.as_ref(), card.deleted.as_ref()), "{record:?}");
        assert!(same(record.done.as_ref(), card.done.as_ref()), "{record:?}");
    }
    for (id, record) in &record.columns {
        let column = board.column(&crate::world::column(id)).unwrap();
        assert_eq!((&record.title, &record.order), (&column.title, &column.order));
        assert_eq!(record.role.as_deref(), column.role.map(ColumnRole::word));
        assert_eq!(record.wip, column.wip.map(u64::from));
        assert_eq!(record.colour.as_deref(), column.colour.map(Colour::word));
        assert!(same(record.deleted.as_ref(), column.deleted.as_ref()), "{record:?}");
    }
    let people: Vec<_> =
        board.people().map(|person| (&person.name, u64::from(person.colour))).collect();
    let read: Vec<_> = record.people.values().map(|person| (&person.name, person.colour)).collect();
    assert_eq!(read, people);
}

/// As [`check`], of the talk. Of two read markers that were written at the same time autosurgeon reads one and the view the
/// furthest.
pub(crate) fn check_talk(document: &TalkDocument) {
    let (record, talk): (TalkRecord, _) = (hydrate(document.doc()).unwrap(), document.rebuilt());
    assert_eq!(record.schema, 1);
    assert_eq!(record.comments.len(), talk.all_comments().count());
    for (id, record) in &record.comments {
        let comment = talk.comment(&CommentId::new(id).unwrap()).unwrap();
        assert_eq!((&record.text, record.edited), (&comment.text, comment.edited));
        assert_eq!(
            (record.card.as_str(), record.deleted),
            (comment.card.as_str(), comment.deleted)
        );
        let created = (record.at, record.by.as_str());
        assert_eq!(created, (comment.created.at, comment.created.by.as_str()));
        let reactions = comment.reactions.iter().map(|one| (one.by.as_str(), &one.reaction));
        assert!(record.reactions.iter().map(|(by, one)| (by.as_str(), one)).eq(reactions));
        assert!(!comment.damaged);
    }
    for key in record.votes.keys() {
        let (card, by) = key.split_once('/').unwrap();
        let votes = talk.votes(&crate::world::card(card));
        assert!(votes.iter().any(|voter| voter.as_str() == by), "{key}");
    }
    for (key, at) in &record.seen {
        let (by, card) = key
            .split_once('/')
            .map_or((key.as_str(), None), |(by, card)| (by, Some(crate::world::card(card))));
        let seen = talk.seen(&crate::world::user(by), card.as_ref());
        assert!(seen.is_some_and(|seen| seen >= *at), "{key}: {at} and {seen:?}");
    }
}
