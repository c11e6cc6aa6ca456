//! The board as plain values: what everyone reads, changed by deltas alone, so that whoever replays them has the same.

use std::collections::BTreeMap;

use warroom_protocol::sorted::{SortedMap, SortedSet, sort, sort_by};

use super::card::{Card, Column, Label, Person};
use super::schema::FIRST_COLUMNS;
use crate::delta::Delta;
use crate::ids::{CardId, ColumnId, LabelId, UserId};

/// Order key and id: the order of a list, both compared as bytes.
pub(crate) type Lane<Id> = SortedSet<(String, Id)>;

/// The materialised board. Reading it never touches the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Board {
    title: String,
    columns: SortedMap<ColumnId, Column>,
    cards: BTreeMap<CardId, Card>,
    labels: SortedMap<LabelId, Label>,
    people: SortedMap<UserId, Person>,
    read_only: bool,
    /// Columns that are not deleted.
    order: Lane<ColumnId>,
    /// Cards that are neither archived nor deleted, by the column they name, deleted and unknown ones included.
    lanes: SortedMap<ColumnId, Lane<CardId>>,
}

impl Board {
    /// The room's title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The document is of a newer major schema and can only be read.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The columns that are not deleted, in order.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.order.iter().filter_map(|(_, id)| self.columns.get(id))
    }

    /// Every column, deleted ones included, in order.
    pub fn all_columns(&self) -> Vec<&Column> {
        let mut columns: Vec<&Column> = self.columns.values().collect();
        sort_by(&mut columns, |a, b| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
        columns
    }

    /// One column, deleted or not.
    pub fn column(&self, id: &ColumnId) -> Option<&Column> {
        self.columns.get(id)
    }

    /// Every card, archived and deleted ones included, in the order of their ids.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        self.cards.values()
    }

    /// One card, archived or deleted or not.
    pub fn card(&self, id: &CardId) -> Option<&Card> {
        self.cards.get(id)
    }

    /// The cards of a column that are neither archived nor deleted, in order.
    pub fn cards_in(&self, column: &ColumnId) -> impl Iterator<Item = &Card> {
        let lane = self.lanes.get(column).into_iter().flat_map(Lane::iter);
        lane.filter_map(|(_, id)| self.cards.get(id))
    }

    /// The lane *Unsorted*: cards whose column is deleted or unknown, by (`order`, `id`).
    pub fn unsorted(&self) -> Vec<&Card> {
        let lost = self.lanes.iter().filter(|(column, _)| {
            self.columns.get(*column).is_none_or(|column| column.deleted.is_some())
        });
        let mut sorted: Vec<&(String, CardId)> = lost.flat_map(|(_, lane)| lane.iter()).collect();
        sort(&mut sorted);
        sorted.into_iter().filter_map(|(_, id)| self.cards.get(id)).collect()
    }

    /// Every label, deleted ones included, in the order of their ids.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.labels.values()
    }

    /// One label, deleted or not.
    pub fn label(&self, id: &LabelId) -> Option<&Label> {
        self.labels.get(id)
    }

    /// Everybody who has left display data, in the order of their ids.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// One person.
    pub fn person(&self, id: &UserId) -> Option<&Person> {
        self.people.get(id)
    }

    /// Nobody has put anything there yet: no card, no label, and the columns of a new room as they are at first.
    pub(crate) fn is_untouched(&self) -> bool {
        let as_at_first = |column: &Column| {
            let Column { id, title, order, role, wip, colour, deleted, damaged: _ } = column;
            let plain = wip.is_none() && colour.is_none() && deleted.is_none();
            let head = (id.as_str(), title.as_str(), order.as_str(), *role);
            let mut first = FIRST_COLUMNS.iter();
            plain
                && first.any(|(id, title, order, role)| head == (*id, *title, *order, Some(*role)))
        };
        self.cards.is_empty()
            && self.labels.is_empty()
            && self.columns.len() == FIRST_COLUMNS.len()
            && self.columns.values().all(as_at_first)
    }

    /// The columns that are not deleted, to find a place among.
    pub(crate) fn column_lane(&self) -> &Lane<ColumnId> {
        &self.order
    }

    /// The cards that show in `column`, to find a place among.
    pub(crate) fn card_lane(&self, column: &ColumnId) -> Option<&Lane<CardId>> {
        self.lanes.get(column)
    }

    /// The whole board as one delta.
    pub fn to_reset(&self) -> Delta {
        Delta::Reset {
            title: self.title.clone(),
            columns: self.all_columns().into_iter().cloned().collect(),
            cards: self.cards.values().cloned().collect(),
            labels: self.labels.values().cloned().collect(),
            people: self.people.values().cloned().collect(),
            read_only: self.read_only,
        }
    }

    /// Takes in one delta. Deltas of texts and of the talk are not the board's and change nothing.
    pub fn apply(&mut self, delta: &Delta) {
        match delta {
            Delta::Reset { title, columns, cards, labels, people, read_only } => {
                *self = Self { title: title.clone(), read_only: *read_only, ..Self::default() };
                for column in columns {
                    self.put_column(column.clone());
                }
                for card in cards {
                    self.put_card(card.clone());
                }
                let labels = labels.iter().map(|label| (label.id.clone(), label.clone()));
                self.labels = labels.collect();
                let people = people.iter().map(|person| (person.id.clone(), person.clone()));
                self.people = people.collect();
            }
            Delta::RoomRenamed { title } => self.title.clone_from(title),
            Delta::ColumnPut { column } => self.put_column(column.clone()),
            Delta::CardPut { card } => self.put_card(card.clone()),
            Delta::LabelPut { label } => {
                self.labels.insert(label.id.clone(), label.clone());
            }
            Delta::PersonPut { person } => {
                self.people.insert(person.id.clone(), person.clone());
            }
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
    }

    fn put_column(&mut self, column: Column) {
        if let Some(old) = self.columns.get(&column.id) {
            self.order.remove(&(old.order.clone(), old.id.clone()));
        }
        if column.deleted.is_none() {
            self.order.insert((column.order.clone(), column.id.clone()));
        }
        self.columns.insert(column.id.clone(), column);
    }

    fn put_card(&mut self, card: Card) {
        if let Some(old) = self.cards.get(&card.id)
            && let Some(lane) = self.lanes.get_mut(&old.column)
        {
            lane.remove(&(old.order.clone(), old.id.clone()));
            if lane.is_empty() {
                self.lanes.remove(&old.column);
            }
        }
        if card.archived.is_none() && card.deleted.is_none() {
            let lane = self.lanes.get_or_default(card.column.clone());
            lane.insert((card.order.clone(), card.id.clone()));
        }
        self.cards.insert(card.id.clone(), card);
    }
}
