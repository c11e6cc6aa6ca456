//! What is to be read again.

use std::collections::BTreeSet;

use automerge::{Patch, PatchAction, Prop};

use super::schema::{CARDS, COLUMNS, LABELS, PEOPLE, SCHEMA, TITLE};
use crate::ids::{CardId, ColumnId, LabelId, UserId};

/// The parts of the board that may differ from the view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// Everything: a container, the schema or something unknown changed.
    pub(crate) all: bool,
    /// The room's title.
    pub(crate) room: bool,
    pub(crate) columns: BTreeSet<ColumnId>,
    pub(crate) cards: BTreeSet<CardId>,
    pub(crate) labels: BTreeSet<LabelId>,
    pub(crate) people: BTreeSet<UserId>,
}

impl Hints {
    pub(crate) fn of_card(card: &CardId) -> Self {
        Self { cards: BTreeSet::from([card.clone()]), ..Self::default() }
    }

    pub(crate) fn of_column(column: &ColumnId) -> Self {
        Self { columns: BTreeSet::from([column.clone()]), ..Self::default() }
    }

    pub(crate) fn of_label(label: &LabelId) -> Self {
        Self { labels: BTreeSet::from([label.clone()]), ..Self::default() }
    }

    pub(crate) fn of_person(person: &UserId) -> Self {
        Self { people: BTreeSet::from([person.clone()]), ..Self::default() }
    }

    /// What lies at these places: the keys from the root on.
    pub(crate) fn of_places(places: &[Vec<String>]) -> Self {
        let mut hints = Self::default();
        for place in places {
            let mut keys = place.iter().map(String::as_str);
            hints.add(keys.next(), keys.next());
        }
        hints
    }

    /// Adds what lies under `first` and `second` of the root.
    pub(super) fn add(&mut self, first: Option<&str>, second: Option<&str>) {
        match (first, second) {
            (Some(TITLE), _) => self.room = true,
            // what is under a key that is no id is not shown
            (Some(CARDS), Some(key)) => self.cards.extend(CardId::new(key)),
            (Some(COLUMNS), Some(key)) => self.columns.extend(ColumnId::new(key)),
            (Some(LABELS), Some(key)) => self.labels.extend(LabelId::new(key)),
            (Some(PEOPLE), Some(key)) => self.people.extend(UserId::new(key)),
            (Some(CARDS | COLUMNS | LABELS | PEOPLE | SCHEMA) | None, _) => self.all = true,
            (Some(_), _) => {}
        }
    }
}

/// The keys of the root and of what is under it, where something changed.
pub(crate) fn keys_of(patch: &Patch) -> (Option<&str>, Option<&str>) {
    let own = match &patch.action {
        PatchAction::PutMap { key, .. } | PatchAction::DeleteMap { key } => Some(key.as_str()),
        PatchAction::Increment { prop, .. } | PatchAction::Conflict { prop } => map_key(prop),
        PatchAction::PutSeq { .. }
        | PatchAction::Insert { .. }
        | PatchAction::SpliceText { .. }
        | PatchAction::DeleteSeq { .. }
        | PatchAction::Mark { .. } => None,
    };
    let mut keys = patch.path.iter().filter_map(|(_, prop)| map_key(prop)).chain(own);
    (keys.next(), keys.next())
}

fn map_key(prop: &Prop) -> Option<&str> {
    match prop {
        Prop::Map(key) => Some(key),
        Prop::Seq(_) => None,
    }
}
