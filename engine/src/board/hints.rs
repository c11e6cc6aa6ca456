//! What is to be read again.

use automerge::{Patch, PatchAction, Prop};
use warroom_protocol::sorted::{SortedMap, SortedSet};

use super::schema::{CARDS, COLUMNS, LABELS, PEOPLE, SCHEMA, TITLE};
use crate::ids::{CardId, ColumnId, LabelId, UserId};

/// The parts of the board that may differ from the view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// Everything: a container, the schema or something unknown changed.
    pub(crate) all: bool,
    /// The room's title.
    pub(crate) room: bool,
    pub(crate) columns: SortedSet<ColumnId>,
    pub(crate) cards: SortedSet<CardId>,
    /// Of these cards, which are among `cards`, only what lies under these keys of theirs.
    pub(crate) only: SortedMap<CardId, Vec<String>>,
    pub(crate) labels: SortedSet<LabelId>,
    pub(crate) people: SortedSet<UserId>,
}

impl Hints {
    pub(crate) fn of_card(card: &CardId) -> Self {
        Self { cards: SortedSet::from([card.clone()]), ..Self::default() }
    }

    /// Nothing but what lies under these keys of a card.
    pub(crate) fn of_card_keys(card: &CardId, keys: &[&str]) -> Self {
        let mut hints = Self::of_card(card);
        hints.only.insert(card.clone(), keys.iter().map(|key| (*key).to_owned()).collect());
        hints
    }

    pub(crate) fn of_column(column: &ColumnId) -> Self {
        Self { columns: SortedSet::from([column.clone()]), ..Self::default() }
    }

    pub(crate) fn of_label(label: &LabelId) -> Self {
        Self { labels: SortedSet::from([label.clone()]), ..Self::default() }
    }

    pub(crate) fn of_person(person: &UserId) -> Self {
        Self { people: SortedSet::from([person.clone()]), ..Self::default() }
    }

    /// What lies at these places: the keys from the root on.
    pub(crate) fn of_places(places: &[Vec<String>]) -> Self {
        let mut hints = Self::default();
        for place in places {
            let mut keys = place.iter().map(String::as_str);
            hints.add(keys.next(), keys.next(), keys.next());
        }
        hints
    }

    /// Adds what lies under `first`, `second` and `third` of the root.
    pub(super) fn add(&mut self, first: Option<&str>, second: Option<&str>, third: Option<&str>) {
        match (first, second) {
            (Some(TITLE), _) => self.room = true,
            // what is under a key that is no id is not shown
            (Some(CARDS), Some(key)) => {
                if let Ok(card) = CardId::new(key) {
                    self.add_card(card, third);
                }
            }
            (Some(COLUMNS), Some(key)) => self.columns.extend(ColumnId::new(key)),
            (Some(LABELS), Some(key)) => self.labels.extend(LabelId::new(key)),
            (Some(PEOPLE), Some(key)) => self.people.extend(UserId::new(key)),
            (Some(CARDS | COLUMNS | LABELS | PEOPLE | SCHEMA) | None, _) => self.all = true,
            (Some(_), _) => {}
        }
    }

    /// Adds what lies under a key of a card, or the whole card.
    fn add_card(&mut self, card: CardId, key: Option<&str>) {
        let is_new = self.cards.insert(card.clone());
        match (key, self.only.get_mut(&card)) {
            (Some(key), None) if is_new => {
                self.only.insert(card, vec![key.to_owned()]);
            }
            (Some(key), Some(keys)) if !keys.iter().any(|known| known == key) => {
                keys.push(key.to_owned());
            }
            (None, Some(_)) => {
                self.only.remove(&card);
            }
            (Some(_) | None, Some(_) | None) => {}
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
