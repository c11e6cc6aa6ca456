//! Which parts of the board changes touched, by their operations: what is to be read again.
//!
//! Automerge 0.12 would say it in patches, but takes several times as long to make them as to take the changes in
//! (`docs/BENCHMARKS.md`), and sometimes makes wrong ones.

use automerge::legacy::{Key, ObjectId, Op, OpId};
use automerge::{ActorId, Automerge, Change, ObjId, ObjType, Prop, ROOT, ReadDoc as _, ValueRef};
use warroom_protocol::sorted::SortedMap;

use super::hints::Hints;
use super::schema::CARDS;
use super::{Source, read};
use crate::document::caught;
use crate::limits::PLACES_KNOWN_MAX;

/// Where an object lies: the keys from the root on, at most [`DEPTH`] of them.
type Place = Vec<String>;

/// Container, card, key of the card: what lies deeper is read with that.
const DEPTH: usize = 3;

/// Where the objects of the board lie that changes have touched; an object never moves.
#[derive(Debug, Default)]
pub(super) struct Places {
    known: SortedMap<(u64, ActorId), Place>,
}

impl Places {
    /// What these changes touched, which the document has taken in.
    pub(super) fn touched(&mut self, doc: &Automerge, changes: &[Change]) -> Hints {
        let mut hints = Hints::default();
        for change in changes {
            if self.known.len() > PLACES_KNOWN_MAX {
                self.known.clear();
            }
            self.add(doc, change, &mut hints);
        }
        hints
    }

    fn add(&mut self, doc: &Automerge, change: &Change, hints: &mut Hints) {
        let meant = change.message().and_then(meant_card);
        let Some(change) = caught(vec![change.hash().0], || change.decode()) else {
            hints.all = true;
            return;
        };
        let mut typed_in = None;
        for (id, operation) in (change.start_op.get()..).zip(&change.operations) {
            let is_typing = matches!(operation.key, Key::Seq(_));
            if is_typing && typed_in == Some(&operation.obj) {
                continue;
            }
            typed_in = is_typing.then_some(&operation.obj);
            let place = self.place_of(doc, operation, meant);
            let Some(place) = place else {
                hints.all = true;
                continue;
            };
            let mut keys = place.iter().map(String::as_str);
            hints.add(keys.next(), keys.next(), keys.next());
            if operation.obj_type().is_some() {
                self.known.insert((id, change.actor_id.clone()), place);
            }
        }
    }

    /// What an operation writes, or where that lies.
    fn place_of(&mut self, doc: &Automerge, operation: &Op, meant: Option<&str>) -> Option<Place> {
        let key = match &operation.key {
            Key::Map(key) => Some(key.to_string()),
            Key::Seq(_) => None,
        };
        match &operation.obj {
            ObjectId::Root => Some(vec![key?]),
            ObjectId::Id(obj) => {
                let mut place = self.place(doc, obj, meant)?;
                if place.len() < DEPTH {
                    place.extend(key);
                }
                Some(place)
            }
        }
    }

    fn place(&mut self, doc: &Automerge, obj: &OpId, meant: Option<&str>) -> Option<Place> {
        let key = (obj.0, obj.1.clone());
        if let Some(place) = self.known.get(&key) {
            return Some(place.clone());
        }
        // automerge looks through all operations for where an object lies: first whether it is in the card that is meant
        if let Some(card) = meant {
            self.learn_card(doc, card);
        }
        if let Some(place) = self.known.get(&key) {
            return Some(place.clone());
        }
        let path = doc.parents(ObjId::Id(obj.0, obj.1.clone(), 0)).ok()?.path();
        let keys = path.into_iter().map_while(|(_, prop)| match prop {
            Prop::Map(key) => Some(key),
            Prop::Seq(_) => None,
        });
        let place: Place = keys.take(DEPTH).collect();
        self.known.insert(key, place.clone());
        Some(place)
    }

    /// Learns the objects of a card.
    fn learn_card(&mut self, doc: &Automerge, id: &str) {
        let doc = Source::from(doc);
        let card = read::map_at(doc, &ROOT, CARDS).and_then(|cards| read::map_at(doc, &cards, id));
        let Some(card) = card else { return };
        for entry in doc.entries(&card) {
            let ValueRef::Object(kind) = entry.value else { continue };
            let obj = entry.id();
            let place = vec![CARDS.to_owned(), id.to_owned(), entry.key.to_string()];
            if kind == ObjType::Map {
                let inner = doc.entries(&obj);
                for entry in inner.filter(|entry| matches!(entry.value, ValueRef::Object(_))) {
                    self.learn(entry.id(), place.clone());
                }
            }
            self.learn(obj, place);
        }
        self.learn(card, vec![CARDS.to_owned(), id.to_owned()]);
    }

    fn learn(&mut self, obj: ObjId, place: Place) {
        if let ObjId::Id(counter, actor, _) = obj {
            self.known.insert((counter, actor), place);
        }
    }
}

/// The card that a change says it is about: `"c":"<id>"`. Only tried first.
fn meant_card(message: &str) -> Option<&str> {
    let (_, from) = message.split_once("\"c\":\"")?;
    Some(from.split_once('"')?.0)
}
