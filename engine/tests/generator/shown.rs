//! What a board shows, as registers: what the checker compares with what people wrote.

use std::collections::BTreeMap;

use warroom_engine::{
    Board, Card, Colour, Column, ColumnRole, ConflictField, ConflictOwner, Delta, Label, Person,
    Stamp, Talk,
};

/// A register: whose it is, its name, and of a set the member.
pub(crate) type Key = (String, &'static str, String);
/// What it reads as.
pub(crate) type Fields = BTreeMap<Key, String>;

/// What a member of a set reads as. One that is not in it is not shown.
pub(crate) const IN: &str = "in";
pub(crate) const OUT: &str = "out";

fn stamp(stamp: Option<&Stamp>) -> String {
    stamp.map_or_else(|| "-".to_owned(), |stamp| format!("{} {}", stamp.at, stamp.by))
}

/// Puts the fields of one thing.
struct Put<'a> {
    to: &'a mut Fields,
    of: String,
}

impl Put<'_> {
    fn field(&mut self, name: &'static str, value: String) {
        self.member(name, "", value);
    }

    fn member(&mut self, name: &'static str, member: &str, value: String) {
        self.to.insert((self.of.clone(), name, member.to_owned()), value);
    }
}

pub(crate) fn card(card: &Card, to: &mut Fields) {
    let mut put = Put { to, of: format!("card {}", card.id) };
    put.field("place", format!("{}/{}", card.column, card.order));
    put.field("due", card.due.map_or_else(String::new, |day| day.to_string()));
    put.field("priority", card.priority.word().to_owned());
    put.field("body", card.has_body.to_string());
    put.field("bodyEdited", stamp(card.body_edited.as_ref()));
    put.field("created", stamp(Some(&card.created)));
    put.field("done", stamp(card.done.as_ref()));
    put.field("archived", stamp(card.archived.as_ref()));
    put.field("deleted", stamp(card.deleted.as_ref()));
    for person in &card.assignees {
        put.member("assignee", person.as_str(), IN.to_owned());
    }
    for label in &card.labels {
        put.member("label", label.as_str(), IN.to_owned());
    }
    for item in &card.checklist {
        put.member("item", item.id.as_str(), IN.to_owned());
        put.member("itemText", item.id.as_str(), item.text.clone());
        put.member("itemDone", item.id.as_str(), item.done.to_string());
        put.member("itemOrder", item.id.as_str(), item.order.clone());
    }
    for file in &card.attachments {
        put.member("attachment", file.id.as_str(), IN.to_owned());
    }
}

pub(crate) fn column(column: &Column, to: &mut Fields) {
    let mut put = Put { to, of: format!("column {}", column.id) };
    put.field("title", column.title.clone());
    put.field("order", column.order.clone());
    put.field("role", column.role.map_or("", ColumnRole::word).to_owned());
    put.field("wip", column.wip.map_or_else(String::new, |wip| wip.to_string()));
    put.field("colour", column.colour.map_or("", Colour::word).to_owned());
    put.field("deleted", stamp(column.deleted.as_ref()));
}

fn label(label: &Label, to: &mut Fields) {
    let mut put = Put { to, of: format!("label {}", label.id) };
    put.field("name", label.name.clone());
    put.field("colour", label.colour.map_or("", Colour::word).to_owned());
    put.field("deleted", label.deleted.to_string());
}

pub(crate) fn person(person: &Person, to: &mut Fields) {
    let mut put = Put { to, of: format!("person {}", person.id) };
    put.field("name", person.name.clone());
    put.field("colour", person.colour.to_string());
}

fn room(title: &str, to: &mut Fields) {
    Put { to, of: "room".to_owned() }.field("title", title.to_owned());
}

/// The register that a conflict is about.
pub(crate) fn key_of(owner: &ConflictOwner, field: ConflictField) -> Key {
    let (of, member) = match owner {
        ConflictOwner::Room => ("room".to_owned(), String::new()),
        ConflictOwner::Column { column } => (format!("column {column}"), String::new()),
        ConflictOwner::Label { label } => (format!("label {label}"), String::new()),
        ConflictOwner::Card { card } => (format!("card {card}"), String::new()),
        ConflictOwner::Item { card, item } => (format!("card {card}"), item.to_string()),
    };
    let name = match field {
        ConflictField::Title => "title",
        ConflictField::Order => "order",
        ConflictField::Role => "role",
        ConflictField::Wip => "wip",
        ConflictField::Colour => "colour",
        ConflictField::Name => "name",
        ConflictField::Place => "place",
        ConflictField::Due => "due",
        ConflictField::Priority => "priority",
        ConflictField::Text => "itemText",
        ConflictField::Done => "itemDone",
    };
    (of, name, member)
}

/// Everything that a board shows. Titles of cards are texts, which merge, and are left to the typists.
pub(crate) fn whole(board: &Board) -> Fields {
    let mut fields = Fields::new();
    room(board.title(), &mut fields);
    let Delta::Reset { columns, cards, labels, people, .. } = board.to_reset() else {
        panic!("a whole board is a reset");
    };
    for one in &columns {
        column(one, &mut fields);
    }
    for one in &cards {
        card(one, &mut fields);
    }
    for one in &labels {
        label(one, &mut fields);
    }
    for one in &people {
        person(one, &mut fields);
    }
    fields
}

/// What a delta is about, before and after it.
pub(crate) fn touched(before: &Board, delta: &Delta) -> (Fields, Fields) {
    let (mut old, mut new) = (Fields::new(), Fields::new());
    match delta {
        Delta::RoomRenamed { title } => {
            room(before.title(), &mut old);
            room(title, &mut new);
        }
        Delta::ColumnPut { column: now } => {
            before.column(&now.id).inspect(|was| column(was, &mut old));
            column(now, &mut new);
        }
        Delta::CardPut { card: now } => {
            before.card(&now.id).inspect(|was| card(was, &mut old));
            card(now, &mut new);
        }
        Delta::LabelPut { label: now } => {
            before.label(&now.id).inspect(|was| label(was, &mut old));
            label(now, &mut new);
        }
        Delta::PersonPut { person: now } => {
            before.person(&now.id).inspect(|was| person(was, &mut old));
            person(now, &mut new);
        }
        Delta::Reset { .. } => (old, new) = (whole(before), after_reset(delta)),
        Delta::TalkReset { .. }
        | Delta::CommentPut { .. }
        | Delta::VotesPut { .. }
        | Delta::SeenPut { .. }
        | Delta::TextProjected { .. }
        | Delta::TextOpened { .. }
        | Delta::TextSpliced { .. }
        | Delta::RestoreSkipped { .. }
        | Delta::UndoSkipped { .. } => {}
    }
    (old, new)
}

/// Everything that was said. How far people have read is no register: the furthest counts.
pub(crate) fn said(talk: &Talk) -> Fields {
    let mut fields = Fields::new();
    let Delta::TalkReset { comments, votes, seen: _, read_only: _ } = talk.to_reset() else {
        panic!("a whole talk is a reset");
    };
    for comment in &comments {
        let mut put = Put { to: &mut fields, of: format!("comment {}", comment.id) };
        put.field("comment", format!("{} {}", comment.card, stamp(Some(&comment.created))));
        put.field("text", comment.text.clone());
        put.field("edited", comment.edited.map_or_else(String::new, |at| at.to_string()));
        put.field("deleted", comment.deleted.to_string());
        for reaction in &comment.reactions {
            put.member("reaction", reaction.by.as_str(), reaction.reaction.clone());
        }
    }
    for votes in &votes {
        let mut put = Put { to: &mut fields, of: format!("card {}", votes.card) };
        for person in &votes.by {
            put.member("vote", person.as_str(), IN.to_owned());
        }
    }
    fields
}

fn after_reset(delta: &Delta) -> Fields {
    let mut board = Board::default();
    board.apply(delta);
    whole(&board)
}
