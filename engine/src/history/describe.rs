//! What a change did: the difference between what its author saw before it and after it, in what it touched.

use std::mem::discriminant;

use super::activity::Action;
use super::touched::{Part, Touched};
use crate::board::schema::{
    CARDS, COLOUR, COLUMNS, CREATED, DELETED, DONE, LABELS, NAME, ORDER, PEOPLE, PLACE, ROLE,
    TITLE, WIP,
};
use crate::board::{Card, ChecklistItem, Column, Label, Source, Stamp, read};
use crate::ids::{CardId, ColumnId, LabelId, UserId};
use crate::limits::ACTIVITY_CARDS_MAX;

/// A document before and after a change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) before: Source<'a>,
    pub(super) after: Source<'a>,
}

/// Something that a change did to a card, or to the board.
#[derive(Debug)]
pub(super) struct Did {
    pub(super) card: Option<CardId>,
    /// Who stamped it.
    pub(super) by: Option<UserId>,
    /// To how many cards alike.
    pub(super) count: u32,
    pub(super) what: Action,
}

impl Did {
    fn to_board(what: Action) -> Self {
        Self { card: None, by: None, count: 1, what }
    }

    /// Whether the same was done to a card.
    fn is_alike(&self, by: Option<&UserId>, what: &Action) -> bool {
        let same = discriminant(&self.what) == discriminant(what);
        self.card.is_some() && self.by.as_ref() == by && same
    }
}

/// What a change did. Of one card alone, where that is wanted.
pub(super) fn describe(step: Step<'_>, touched: &Touched, only: Option<&CardId>) -> Vec<Did> {
    let mut did = Vec::new();
    if only.is_none() {
        describe_board(step, touched, &mut |what| did.push(Did::to_board(what)));
    }
    let mut told = 0;
    for part in touched.parts.iter().filter(|part| part.container == CARDS) {
        if only.is_some_and(|only| part.id != only.as_str()) {
            continue;
        }
        let Ok(id) = CardId::new(&part.id) else { continue };
        let read = |doc| read::card_fields(doc, &id, &part.obj, &|key| is_wanted(part, key));
        let (before, after) = ((!part.is_new).then(|| read(step.before)), read(step.after));
        let mut is_told = false;
        describe_card(before.as_ref(), &after, part.makes_room, &mut |by, what| {
            is_told = true;
            // what was done to so many is told once, as done to all
            let last = did.iter_mut().rev().find(|did: &&mut Did| did.is_alike(by.as_ref(), &what));
            match last.filter(|_| told >= ACTIVITY_CARDS_MAX) {
                Some(last) => last.count += 1,
                None => did.push(Did { card: Some(id.clone()), by, count: 1, what }),
            }
        });
        told += usize::from(is_told);
    }
    did
}

/// Whether a key of a card has to be read to tell what was done to it.
pub(super) fn is_wanted(part: &Part, key: &str) -> bool {
    match key {
        CREATED | TITLE => part.is_new || part.has(key),
        PLACE => part.is_new || part.has(PLACE) || part.has(DONE),
        _ => !part.is_new && part.has(key),
    }
}

/// Tells what differs in the columns, labels and people that were touched, and in the room.
fn describe_board(step: Step<'_>, touched: &Touched, tell: &mut impl FnMut(Action)) {
    if touched.root.iter().any(|key| key == TITLE) {
        describe_room(step, tell);
    }
    for part in &touched.parts {
        describe_part(step, part, tell);
    }
}

/// Tells what differs in the room's title.
pub(super) fn describe_room(step: Step<'_>, tell: &mut impl FnMut(Action)) {
    let (before, after) = (read::room_title(step.before), read::room_title(step.after));
    if before != after {
        tell(Action::RoomRenamed { before, after });
    }
}

/// Tells what differs in the keys of a column, label or person that were touched.
pub(super) fn describe_part(step: Step<'_>, part: &Part, tell: &mut impl FnMut(Action)) {
    let Step { before, after } = step;
    let was = (!part.is_new).then_some(before);
    match part.container {
        COLUMNS => {
            let Ok(id) = ColumnId::new(&part.id) else { return };
            let read = |doc| read::column(doc, &id, &part.obj);
            describe_column(part, was.map(read).as_ref(), read(after), tell);
        }
        LABELS => {
            let Ok(id) = LabelId::new(&part.id) else { return };
            let read = |doc| read::label(doc, &id, &part.obj);
            describe_label(part, was.map(read).as_ref(), read(after), tell);
        }
        PEOPLE => {
            let Ok(id) = UserId::new(&part.id) else { return };
            let read = |doc| read::person(doc, &id, &part.obj);
            let (was, is) = (was.map(read), read(after));
            if (part.has(NAME) || part.has(COLOUR)) && was.as_ref() != Some(&is) {
                tell(Action::PersonSet { person: is.id, name: is.name });
            }
        }
        _ => {}
    }
}

fn describe_column(part: &Part, was: Option<&Column>, is: Column, tell: &mut impl FnMut(Action)) {
    let column = is.id;
    let Some(was) = was else { return tell(Action::ColumnAdded { column, title: is.title }) };
    if part.has(ORDER) && was.order != is.order && !part.makes_room {
        tell(Action::ColumnMoved { column: column.clone() });
    }
    if part.has(ROLE) && was.role != is.role {
        let (column, before, after) = (column.clone(), was.role, is.role);
        tell(Action::ColumnRoleSet { column, before, after });
    }
    if part.has(WIP) && was.wip != is.wip {
        let (column, before, after) = (column.clone(), was.wip, is.wip);
        tell(Action::ColumnWipSet { column, before, after });
    }
    if part.has(COLOUR) && was.colour != is.colour {
        let (column, before, after) = (column.clone(), was.colour, is.colour);
        tell(Action::ColumnColourSet { column, before, after });
    }
    if part.has(TITLE) && was.title != is.title {
        let (column, before) = (column.clone(), was.title.clone());
        tell(Action::ColumnRenamed { column, before, after: is.title });
    }
    match (&was.deleted, &is.deleted) {
        (None, Some(_)) if part.has(DELETED) => tell(Action::ColumnDeleted { column }),
        (Some(_), None) if part.has(DELETED) => tell(Action::ColumnRestored { column }),
        (None | Some(_), None | Some(_)) => {}
    }
}

fn describe_label(part: &Part, was: Option<&Label>, is: Label, tell: &mut impl FnMut(Action)) {
    let label = is.id;
    let Some(was) = was else { return tell(Action::LabelAdded { label, name: is.name }) };
    if part.has(COLOUR) && was.colour != is.colour {
        let (label, before, after) = (label.clone(), was.colour, is.colour);
        tell(Action::LabelColourSet { label, before, after });
    }
    if part.has(NAME) && was.name != is.name {
        let (label, before) = (label.clone(), was.name.clone());
        tell(Action::LabelRenamed { label, before, after: is.name });
    }
    match (was.deleted, is.deleted) {
        (false, true) if part.has(DELETED) => tell(Action::LabelDeleted { label }),
        (true, false) if part.has(DELETED) => tell(Action::LabelRestored { label }),
        (true | false, true | false) => {}
    }
}

/// Tells what differs in a card. `makes_room`: another order key in the same column is not told.
pub(super) fn describe_card(
    was: Option<&Card>,
    is: &Card,
    makes_room: bool,
    tell: &mut impl FnMut(Option<UserId>, Action),
) {
    let Some(was) = was else {
        let (column, title) = (is.column.clone(), is.title.clone());
        return tell(Some(is.created.by.clone()), Action::CardAdded { column, title });
    };
    let new = |was: &Option<Stamp>, is: &Option<Stamp>| match (was, is) {
        (None, Some(stamp)) => Some(stamp.by.clone()),
        (None | Some(_), None) | (Some(_), Some(_)) => None,
    };
    let gone = |was: &Option<Stamp>, is: &Option<Stamp>| was.is_some() && is.is_none();
    let (from, to) = (was.column.clone(), is.column.clone());
    if let Some(by) = new(&was.done, &is.done) {
        tell(Some(by), Action::Completed { from, to });
    } else if from != to || (was.order != is.order && !makes_room) {
        tell(None, Action::Moved { from, to });
    }
    if was.title != is.title {
        let (before, after) = (was.title.clone(), is.title.clone());
        tell(None, Action::Titled { before, after });
    }
    if let Some(stamp) = is.body_edited.as_ref().filter(|_| was.body_edited != is.body_edited) {
        tell(Some(stamp.by.clone()), Action::BodyEdited {});
    }
    describe_marks(was, is, tell);
    describe_items(&was.checklist, &is.checklist, tell);
    for file in is.attachments.iter().filter(|file| !was.attachments.contains(file)) {
        tell(Some(file.added.by.clone()), Action::AttachmentAdded { name: file.name.clone() });
    }
    for file in &was.attachments {
        if !is.attachments.iter().any(|other| other.id == file.id) {
            tell(None, Action::AttachmentDeleted { name: file.name.clone() });
        }
    }
    if let Some(by) = new(&was.archived, &is.archived) {
        tell(Some(by), Action::Archived {});
    }
    if gone(&was.archived, &is.archived) {
        tell(None, Action::Unarchived {});
    }
    if let Some(by) = new(&was.deleted, &is.deleted) {
        tell(Some(by), Action::Deleted {});
    }
    if gone(&was.deleted, &is.deleted) {
        tell(None, Action::Restored {});
    }
}

fn describe_marks(was: &Card, is: &Card, tell: &mut impl FnMut(Option<UserId>, Action)) {
    for person in is.assignees.iter().filter(|person| !was.assignees.contains(person)) {
        tell(None, Action::Assigned { person: person.clone() });
    }
    for person in was.assignees.iter().filter(|person| !is.assignees.contains(person)) {
        tell(None, Action::Unassigned { person: person.clone() });
    }
    for label in is.labels.iter().filter(|label| !was.labels.contains(label)) {
        tell(None, Action::Labelled { label: label.clone() });
    }
    for label in was.labels.iter().filter(|label| !is.labels.contains(label)) {
        tell(None, Action::Unlabelled { label: label.clone() });
    }
    if was.due != is.due {
        tell(None, Action::DueSet { before: was.due, after: is.due });
    }
    if was.priority != is.priority {
        tell(None, Action::PrioritySet { before: was.priority, after: is.priority });
    }
}

fn describe_items(
    was: &[ChecklistItem],
    is: &[ChecklistItem],
    tell: &mut impl FnMut(Option<UserId>, Action),
) {
    let mut moved = false;
    for now in is {
        let (item, text) = (now.id.clone(), now.text.clone());
        let Some(before) = was.iter().find(|before| before.id == now.id) else {
            tell(None, Action::ItemAdded { item, text });
            moved = true;
            continue;
        };
        if before.text != now.text {
            let (item, before, after) = (item.clone(), before.text.clone(), text.clone());
            tell(None, Action::ItemEdited { item, before, after });
        }
        match (before.done, now.done) {
            (false, true) => tell(None, Action::ItemTicked { item, text }),
            (true, false) => tell(None, Action::ItemUnticked { item, text }),
            (true, true) | (false, false) => {
                // neighbours that got another order key made room
                if before.order != now.order && !moved {
                    moved = true;
                    tell(None, Action::ItemMoved { item, text });
                }
            }
        }
    }
    for before in was.iter().filter(|before| !is.iter().any(|now| now.id == before.id)) {
        tell(None, Action::ItemDeleted { item: before.id.clone(), text: before.text.clone() });
    }
}
