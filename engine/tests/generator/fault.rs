//! Faults that an engine could have, planted beside ours: what a faulty one would write goes into keys of its own, by
//! automerge itself, and is shown in the place of what ours wrote.

use std::collections::BTreeSet;

use automerge::transaction::{Transactable, Transaction};
use automerge::{ActorId, Automerge, ObjId, ROOT, ReadDoc};
use bytes::Bytes;
use warroom_engine::{Delta, Origin, Priority};
use warroom_protocol::Dice;
use warroom_protocol::guard::{CheckedChange, check_change};

use crate::shown::{Fields, IN, Key};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A card's place is two registers, column and order key; a move within a column writes the order alone.
    TornMove,
    /// The labels of a card are one register, a list that is written whole.
    LabelList,
    /// Deltas of urgent cards do not reach the reader.
    DeltaLost,
    /// Deltas of others' votes do not reach the reader.
    VoteLost,
    /// What others do to columns is not read again.
    HintIgnored,
}

const COLUMN: &str = "x-column";
const ORDER: &str = "x-order";
const LABELS: &str = "x-labels";

impl Fault {
    /// Whether the reader does not get this delta.
    pub(crate) fn drops(self, delta: &Delta, origin: Origin) -> bool {
        match (self, delta) {
            (Self::DeltaLost, Delta::CardPut { card }) => card.priority == Priority::Urgent,
            (Self::HintIgnored, Delta::ColumnPut { .. })
            | (Self::VoteLost, Delta::VotesPut { .. }) => origin == Origin::Remote,
            (_, _) => false,
        }
    }

    /// What a faulty engine would have written where ours did what it did.
    pub(crate) fn writes(
        self,
        doc: &Automerge,
        dice: &mut Dice,
        (before, after): (&Fields, &Fields),
    ) -> Option<CheckedChange> {
        let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
        let changed = |key: &&Key| before.get(*key) != after.get(*key);
        let mut puts: Vec<(String, String, String)> = Vec::new();
        for key in keys.into_iter().filter(changed) {
            let card = key.0.trim_start_matches("card ").to_owned();
            let mut put = |name: &str, value: &str| {
                puts.push((card.clone(), name.to_owned(), value.to_owned()));
            };
            match (self, key.1) {
                (Self::TornMove, "place") => {
                    let (was, now) = (before.get(key), after.get(key)?.split_once('/')?);
                    if was.and_then(|was| was.split_once('/')).map(|(was, _)| was) != Some(now.0) {
                        put(COLUMN, now.0);
                    }
                    put(ORDER, now.1);
                }
                (Self::LabelList, "label") => {
                    let mut labels = labels_in(doc, &card);
                    labels.retain(|label| *label != key.2);
                    labels.extend(after.contains_key(key).then(|| key.2.clone()));
                    put(LABELS, &labels.join(" "));
                }
                (_, _) => {}
            }
        }
        written(doc, dice, |to| put_all(to, &puts))
    }

    /// Shows what a faulty engine would show.
    pub(crate) fn shows(self, doc: &Automerge, fields: &mut Fields) {
        let places: Vec<Key> = fields.keys().filter(|key| key.1 == "place").cloned().collect();
        for key in places {
            let card = key.0.trim_start_matches("card ").to_owned();
            match self {
                Self::TornMove => {
                    let read = |name| register(doc, &card, name);
                    if let (Some(column), Some(order)) = (read(COLUMN), read(ORDER)) {
                        fields.insert(key, format!("{column}/{order}"));
                    }
                }
                Self::LabelList => {
                    fields.retain(|other, _| other.0 != key.0 || other.1 != "label");
                    for label in labels_in(doc, &card) {
                        fields.insert((key.0.clone(), "label", label), IN.to_owned());
                    }
                }
                Self::DeltaLost | Self::VoteLost | Self::HintIgnored => {}
            }
        }
    }
}

fn card_of(doc: &impl ReadDoc, card: &str) -> Option<ObjId> {
    let (_, cards) = doc.get(ROOT, "cards").unwrap()?;
    doc.get(&cards, card).unwrap().map(|(_, card)| card)
}

fn register(doc: &Automerge, card: &str, name: &str) -> Option<String> {
    let (value, _) = doc.get(card_of(doc, card)?, name).unwrap()?;
    value.as_str().map(ToOwned::to_owned)
}

fn labels_in(doc: &Automerge, card: &str) -> Vec<String> {
    let list = register(doc, card, LABELS).unwrap_or_default();
    list.split_whitespace().map(ToOwned::to_owned).collect()
}

fn put_all(to: &mut Transaction<'_>, puts: &[(String, String, String)]) {
    for (card, name, value) in puts {
        if let Some(card) = card_of(to, card) {
            to.put(card, name.as_str(), value.as_str()).unwrap();
        }
    }
}

/// A change on top of everything that a document has; none where it says what is there already.
fn written(
    doc: &Automerge,
    dice: &mut Dice,
    write: impl FnOnce(&mut Transaction<'_>),
) -> Option<CheckedChange> {
    let actor: [u8; 16] = dice.bytes();
    let mut doc = doc.fork().with_actor(ActorId::from(actor));
    let mut to = doc.transaction();
    write(&mut to);
    to.commit();
    let change = doc.get_last_local_change()?;
    Some(check_change(&Bytes::copy_from_slice(change.raw_bytes())).unwrap())
}
