//! Writing an [`Import`]: few changes for all of it, and one step to undo.
//!
//! On a board that nobody has touched the columns of the file take the place of the first ones. On any other the file
//! adds to what is there: columns are matched by id, then by title, labels by id, then by name, people by id (by name
//! where the file has no ids), and none of them is changed by it. Cards are always new.

use automerge::hydrate::Value;
use automerge::{ObjId, ScalarValue};
use warroom_protocol::Timestamp;
use warroom_protocol::sorted::{SortedMap, sort_by};

use super::card::{Card, Column, ColumnRole, Label, Person, Stamp};
use super::document::BoardDocument;
use super::hints::Hints;
use super::order::keys_between;
use super::schema::{
    CARDS, COLOUR, COLUMNS, DELETED, LABELS, ORDER, PEOPLE, PLACE, ROLE, TITLE, WIP, colour_value,
    new_person, operations, place, whole_card, whole_column, whole_label,
};
use super::view::Lane;
use crate::body::body_id;
use crate::document::Message;
use crate::error::CommandError;
use crate::ids::{CardId, ColumnId, LabelId, UserId};
use crate::import::{FilePlace, Import, ImportError, ImportedCard};
use crate::limits::{IMPORT_OPS_TOTAL_MAX, IMPORT_PEOPLE_AT_ONCE};
use crate::plan::{NULL, Step, create, no_room, text};
use crate::talk::{Comment, ImportedTalk};
use crate::undo::{Belongs, Register};
use crate::write::Writer as _;

/// What an import has put on the board.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Imported {
    /// How many cards.
    pub cards: usize,
    /// How many columns are new.
    pub columns: usize,
    /// How many labels are new.
    pub labels: usize,
    /// How many people are new.
    pub people: usize,
    /// How many comments, deleted ones included.
    pub comments: usize,
    /// What is said about the cards, still to be written into the talk.
    #[serde(skip)]
    pub talk: Vec<ImportedTalk>,
    /// The bodies that are still to be written, each into the document of its card.
    #[serde(skip)]
    pub bodies: Vec<(CardId, String)>,
}

/// What an import is going to write.
#[derive(Debug)]
pub(crate) struct ImportPlan {
    /// Of the people, who stay when the import is taken back.
    people_steps: Vec<Step>,
    /// Each with how many operations it is.
    steps: Vec<(usize, Step)>,
    hints: Hints,
    pub(crate) imported: Imported,
}

/// What is going to be written, in order, and what the ids of the file are here.
struct Draft {
    brings_ids: bool,
    /// The file's columns take the place of those of a new room.
    takes_over: bool,
    stamp: Stamp,
    people_steps: Vec<Step>,
    steps: Vec<(usize, Step)>,
    hints: Hints,
    columns: SortedMap<ColumnId, ColumnId>,
    /// The columns of done work, by their ids here.
    done: Vec<ColumnId>,
    labels: SortedMap<LabelId, LabelId>,
    people: SortedMap<UserId, UserId>,
    imported: Imported,
}

impl Draft {
    fn put(&mut self, obj: &ObjId, key: &str, value: Register) {
        self.steps.push((3, Step::Put { obj: obj.clone(), key: key.to_owned(), value }));
    }

    fn create(&mut self, container: &ObjId, id: &str, value: Value) {
        self.steps.push((operations(&value), create(container.clone(), id, value)));
    }

    /// What a card says in the words of this board.
    fn complete_card(&self, card: &mut Card) {
        for label in &mut card.labels {
            if let Some(here) = self.labels.get(label) {
                *label = here.clone();
            }
        }
        for person in card.assignees.iter_mut().chain([&mut card.created.by]) {
            self.complete_person(person);
        }
        if self.brings_ids {
            return;
        }
        let is_done = self.done.contains(&card.column);
        if is_done && card.done.is_none() {
            card.done = Some(self.stamp.clone());
        }
        card.body_edited = card.has_body.then(|| self.stamp.clone());
    }
}

impl Draft {
    /// A person of the file, as they are called here.
    fn complete_person(&self, person: &mut UserId) {
        if let Some(here) = self.people.get(person) {
            *person = here.clone();
        }
    }

    /// Notes what is said about a card.
    fn add_talk(&mut self, card: &CardId, mut comments: Vec<Comment>, mut votes: Vec<UserId>) {
        if comments.is_empty() && votes.is_empty() {
            return;
        }
        for comment in &mut comments {
            self.complete_person(&mut comment.created.by);
            for reaction in &mut comment.reactions {
                self.complete_person(&mut reaction.by);
            }
        }
        for person in &mut votes {
            self.complete_person(person);
        }
        self.imported.comments += comments.len();
        self.imported.talk.push(ImportedTalk { card: card.clone(), comments, votes });
    }
}

impl BoardDocument {
    /// Puts on the board what a file says, in as few changes as peers can take without a stall, and as one step to undo.
    /// What was typed is written out first.
    ///
    /// # Errors
    /// [`ImportError`]: nothing was changed.
    pub fn import(&mut self, now: Timestamp, import: Import) -> Result<Imported, ImportError> {
        let plan = self.plan_import(now, import)?;
        let (imported, _) = self.carry_out(now, plan)?;
        Ok(imported)
    }

    /// Works out what a file puts on the board. What was typed is written out first.
    ///
    /// # Errors
    /// As [`Self::import`].
    pub(crate) fn plan_import(
        &mut self,
        now: Timestamp,
        import: Import,
    ) -> Result<ImportPlan, ImportError> {
        self.prepare(now)?;
        let takes_over = self.board().is_untouched() && !import.columns.is_empty();
        let mut draft = Draft {
            brings_ids: import.brings_ids,
            takes_over,
            stamp: self.stamp(now),
            people_steps: Vec::new(),
            steps: Vec::new(),
            hints: Hints::default(),
            columns: SortedMap::new(),
            done: Vec::new(),
            labels: SortedMap::new(),
            people: SortedMap::new(),
            imported: Imported::default(),
        };
        if self.board().title().is_empty() && !import.title.is_empty() {
            draft.put(&automerge::ROOT, TITLE, text(&import.title));
            draft.hints.room = true;
        }
        self.draft_columns(&mut draft, import.columns)?;
        self.draft_labels(&mut draft, import.labels)?;
        self.draft_people(&mut draft, import.people)?;
        self.draft_cards(&mut draft, import.cards)?;
        let operations: usize = draft.steps.iter().map(|(operations, _)| operations).sum();
        if operations > IMPORT_OPS_TOTAL_MAX {
            let what = "the cards have too many titles, labels and items for one import".to_owned();
            return Err(ImportError::at(FilePlace::File, (what, "split the file")));
        }
        let Draft { people_steps, steps, mut hints, imported, .. } = draft;
        if imported.cards > self.board().cards().count() {
            hints = Hints { all: true, ..Hints::default() };
        }
        Ok(ImportPlan { people_steps, steps, hints, imported })
    }

    /// Carries out a plan, with nothing written since it was made. Gives also how what is written elsewhere belongs to it.
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed.
    pub(crate) fn carry_out(
        &mut self,
        now: Timestamp,
        plan: ImportPlan,
    ) -> Result<(Imported, Belongs), CommandError> {
        let ImportPlan { people_steps, steps, hints, imported } = plan;
        let (message, stamp) = (Message { kind: "import", card: None }, self.stamp(now));
        for people in people_steps.chunks(IMPORT_PEOPLE_AT_ONCE) {
            self.document_mut().write_steps(now, &message, &stamp, people)?;
        }
        let belongs = self.write_pieces(now, steps, &hints, Belongs::Alone)?;
        Ok((imported, belongs))
    }

    fn draft_columns(
        &mut self,
        draft: &mut Draft,
        mut columns: Vec<Column>,
    ) -> Result<(), CommandError> {
        let container = self.container(COLUMNS)?;
        let has_keys = columns.iter().all(|column| !column.order.is_empty());
        if has_keys {
            sort_by(&mut columns, |a, b| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
        }
        if !(has_keys && draft.takes_over) {
            let last = self.board().column_lane().iter().next_back();
            let last = last.filter(|_| !draft.takes_over).map(|(key, _)| key.clone());
            let (_, dice) = self.board_and_dice();
            let keys = keys_between(last.as_deref(), None, columns.len(), dice);
            let keys = keys.or_else(|| keys_between(None, None, columns.len(), dice));
            let keys = keys.ok_or_else(no_room)?;
            columns.iter_mut().zip(keys).for_each(|(column, key)| column.order = key);
        }
        let matching = self.matching_columns(&columns);
        for (mut column, here) in columns.into_iter().zip(matching.iter().cloned()) {
            let file_id = column.id.clone();
            if let Some(id) = &here {
                if draft.takes_over {
                    self.draft_first_column(draft, id, &column)?;
                }
            } else {
                if self.document().is_taken(&container, column.id.as_str()) {
                    column.id = ColumnId::random(self.document_mut().dice());
                }
                draft.create(&container, column.id.as_str(), whole_column(&column));
                draft.hints.columns.insert(column.id.clone());
                draft.imported.columns += 1;
            }
            let id = here.unwrap_or(column.id);
            let before = self.board().column(&id).and_then(|column| column.role);
            let keeps_role = !draft.takes_over || (column.role.is_none() && !draft.brings_ids);
            let role = before.filter(|_| keeps_role).or(column.role);
            if role == Some(ColumnRole::Done) {
                draft.done.push(id.clone());
            }
            draft.columns.insert(file_id, id);
        }
        if draft.takes_over {
            let others: Vec<ColumnId> = self.board().columns().map(|c| c.id.clone()).collect();
            for id in others.into_iter().filter(|id| !matching.contains(&Some(id.clone()))) {
                let (obj, _) = self.column_obj(&id)?;
                draft.put(&obj, DELETED, Register::StampNow);
                draft.hints.columns.insert(id);
            }
        }
        Ok(())
    }

    /// The columns here that those of a file mean, each at most once: first by their ids, then in order by their titles.
    fn matching_columns(&self, columns: &[Column]) -> Vec<Option<ColumnId>> {
        let by_id = columns.iter().map(|column| {
            let here = self.board().column(&column.id);
            let here = here.filter(|here| here.deleted.is_none() || column.deleted.is_some());
            here.map(|here| here.id.clone())
        });
        let mut matching: Vec<Option<ColumnId>> = by_id.collect();
        for (index, column) in columns.iter().enumerate() {
            let is_open = matching.get(index).is_some_and(Option::is_none);
            if !is_open || column.deleted.is_some() {
                continue;
            }
            let alike = self.board().columns().filter(|here| here.title == column.title);
            let here = alike.map(|here| Some(here.id.clone())).find(|id| !matching.contains(id));
            if let (Some(here), Some(place)) = (here, matching.get_mut(index)) {
                *place = here;
            }
        }
        matching
    }

    /// A column of a new room becomes that of the file.
    fn draft_first_column(
        &self,
        draft: &mut Draft,
        id: &ColumnId,
        column: &Column,
    ) -> Result<(), CommandError> {
        let (obj, here) = self.column_obj(id)?;
        let Column { id: _, title, order, role, wip, colour, deleted, damaged: _ } = column;
        if here.title != *title {
            draft.put(&obj, TITLE, text(title));
        }
        if here.order != *order {
            draft.put(&obj, ORDER, text(order));
        }
        if here.role != *role && (role.is_some() || draft.brings_ids) {
            draft.put(&obj, ROLE, role.map_or(NULL, |role| text(role.word())));
        }
        if let Some(wip) = wip {
            draft.put(&obj, WIP, Register::Scalar(ScalarValue::Uint((*wip).into())));
        }
        if colour.is_some() {
            draft.put(&obj, COLOUR, Register::Scalar(colour_value(*colour)));
        }
        if let Some(deleted) = deleted {
            draft.put(&obj, DELETED, Register::Stamp(deleted.clone()));
        }
        draft.hints.columns.insert(id.clone());
        Ok(())
    }

    fn draft_labels(&mut self, draft: &mut Draft, labels: Vec<Label>) -> Result<(), CommandError> {
        let container = self.container(LABELS)?;
        for mut label in labels {
            let file_id = label.id.clone();
            let here = self.matching_label(&label);
            if here.is_none() {
                if self.document().is_taken(&container, label.id.as_str()) {
                    label.id = LabelId::random(self.document_mut().dice());
                }
                draft.create(&container, label.id.as_str(), whole_label(&label));
                draft.hints.labels.insert(label.id.clone());
                draft.imported.labels += 1;
            }
            draft.labels.insert(file_id, here.unwrap_or(label.id));
        }
        Ok(())
    }

    /// The label here that one of a file means: a deleted one is meant only by one that is deleted there too.
    fn matching_label(&self, label: &Label) -> Option<LabelId> {
        let by_id = self.board().label(&label.id).filter(|here| !here.deleted || label.deleted);
        let by_name =
            || self.board().labels().find(|here| !here.deleted && here.name == label.name);
        let here = by_id.or_else(|| by_name().filter(|_| !label.deleted));
        here.map(|here| here.id.clone())
    }

    fn draft_people(&self, draft: &mut Draft, people: Vec<Person>) -> Result<(), CommandError> {
        let container = self.container(PEOPLE)?;
        for person in people {
            let by_name = || self.board().people().find(|here| here.name == person.name);
            let by_name = || if draft.brings_ids { None } else { by_name() };
            let here = self.board().person(&person.id).or_else(by_name).map(|here| here.id.clone());
            if here.is_none() {
                let new = new_person(&person);
                draft.people_steps.push(create(container.clone(), person.id.as_str(), new));
                draft.hints.people.insert(person.id.clone());
                draft.imported.people += 1;
            }
            draft.people.insert(person.id.clone(), here.unwrap_or(person.id));
        }
        Ok(())
    }

    fn draft_cards(
        &mut self,
        draft: &mut Draft,
        mut cards: Vec<ImportedCard>,
    ) -> Result<(), CommandError> {
        let container = self.container(CARDS)?;
        for new in &mut cards {
            if let Some(column) = draft.columns.get(&new.card.column) {
                new.card.column = column.clone();
            }
        }
        // cards without a key stay as they are in the file
        sort_by(&mut cards, |ImportedCard { card: a, .. }, ImportedCard { card: b, .. }| {
            let order = (&a.column, &a.order).cmp(&(&b.column, &b.order));
            if a.order.is_empty() { order } else { order.then_with(|| a.id.cmp(&b.id)) }
        });
        for lane in cards.chunk_by_mut(|a, b| a.card.column == b.card.column) {
            self.place_lane(draft, lane)?;
        }
        for ImportedCard { mut card, body, comments, votes } in cards {
            if self.document().is_taken(&container, card.id.as_str()) {
                card.id = CardId::random(self.document_mut().dice());
            }
            let body = body.filter(|body| !body.is_empty());
            card.has_body = body.is_some();
            draft.complete_card(&mut card);
            let address =
                card.has_body.then(|| format!("automerge:{}", body_id(self.id(), &card.id)));
            let value = whole_card(&card, address, draft.stamp.at);
            draft.create(&container, card.id.as_str(), value);
            draft.imported.cards += 1;
            draft.imported.bodies.extend(body.map(|body| (card.id.clone(), body)));
            draft.add_talk(&card.id, comments, votes);
            draft.hints.cards.insert(card.id);
        }
        Ok(())
    }

    /// Gives the cards of one column their keys: behind those that are there, or their own where none are.
    fn place_lane(
        &mut self,
        draft: &mut Draft,
        cards: &mut [ImportedCard],
    ) -> Result<(), CommandError> {
        let Some(column) = cards.first().map(|new| new.card.column.clone()) else { return Ok(()) };
        let before: Lane<CardId> = self.board().card_lane(&column).cloned().unwrap_or_default();
        if before.is_empty() && cards.iter().all(|new| !new.card.order.is_empty()) {
            return Ok(());
        }
        let last = before.iter().next_back().map(|(key, _)| key.as_str());
        let (_, dice) = self.board_and_dice();
        let keys = if let Some(keys) = keys_between(last, None, cards.len(), dice) {
            keys
        } else {
            // a foreign key is the last: all of them get new ones
            let mut keys = keys_between(None, None, before.len() + cards.len(), dice)
                .ok_or_else(no_room)?
                .into_iter();
            for ((_, id), key) in before.iter().zip(keys.by_ref()) {
                let obj = self.card_obj(id)?;
                draft.put(&obj, PLACE, text(&place(&column, &key)));
                draft.hints.cards.insert(id.clone());
            }
            keys.collect()
        };
        cards.iter_mut().zip(keys).for_each(|(new, key)| new.card.order = key);
        Ok(())
    }
}
