//! Which parts of the board changes touched, by their operations: what is to be read again.
//!
//! Automerge 0.12 would say it in patches, but takes several times as long to make them as to take the changes in
//! (`docs/BENCHMARKS.md`), and sometimes makes wrong ones.

use automerge::legacy::{Key, ObjectId, Op, OpId};
use automerge::{ActorId, Automerge, Change, ObjId, ObjType, Prop, ROOT, ReadDoc as _, ValueRef};
use warroom_protocol::sorted::SortedMap;

use super::hints::Hints;
use super::schema::{ASSIGNEES, CARDS, LABELS, TITLE};
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
    /// Those that were not found at once.
    known: SortedMap<(u64, ActorId), Place>,
}

/// A change that is looked at.
struct Looked<'a> {
    doc: &'a Automerge,
    actor: ActorId,
    /// The card that it says it is about, and its object.
    meant: Option<(&'a str, ObjId)>,
    /// The objects that it made so far, by their counters, which rise.
    made: Vec<(u64, Place)>,
}

impl Looked<'_> {
    /// Where an object lies that the change made itself, or that is what most changes are about: a card, its title, its
    /// labels or its people.
    fn place(&self, obj: &OpId, is_typing: bool) -> Option<Place> {
        if obj.1 == self.actor
            && let Ok(at) = self.made.binary_search_by_key(&obj.0, |(counter, _)| *counter)
        {
            return self.made.get(at).map(|(_, place)| place.clone());
        }
        let (id, card) = self.meant.as_ref()?;
        if is_object(card, obj) {
            return Some(vec![CARDS.to_owned(), (*id).to_owned()]);
        }
        let keys: &[&str] = if is_typing { &[TITLE] } else { &[LABELS, ASSIGNEES] };
        let doc = Source::from(self.doc);
        let is_there = |key: &&&str| doc.get(card, key).is_some_and(|(_, is)| is_object(&is, obj));
        let key = keys.iter().find(is_there)?;
        Some(vec![CARDS.to_owned(), (*id).to_owned(), (*key).to_owned()])
    }
}

fn is_object(is: &ObjId, obj: &OpId) -> bool {
    matches!(is, ObjId::Id(counter, actor, _) if *counter == obj.0 && *actor == obj.1)
}

impl Places {
    /// What these changes touched, which the document has taken in.
    pub(super) fn touched(&mut self, doc: &Automerge, changes: &[Change]) -> Hints {
        let mut hints = Hints::default();
        let cards = read::map_at(doc.into(), &ROOT, CARDS);
        for change in changes {
            if self.known.len() > PLACES_KNOWN_MAX {
                self.known.clear();
            }
            let meant = change.message().and_then(meant_card);
            let obj = meant
                .zip(cards.as_ref())
                .and_then(|(id, cards)| read::map_at(doc.into(), cards, id).map(|obj| (id, obj)));
            let actor = change.actor_id().clone();
            self.add(change, Looked { doc, actor, meant: obj, made: Vec::new() }, &mut hints);
        }
        hints
    }

    fn add(&mut self, change: &Change, mut looked: Looked<'_>, hints: &mut Hints) {
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
            let place = self.place_of(&looked, operation);
            let Some(place) = place else {
                hints.all = true;
                continue;
            };
            let mut keys = place.iter().map(String::as_str);
            hints.add(keys.next(), keys.next(), keys.next());
            if operation.obj_type().is_some() {
                looked.made.push((id, place));
            }
        }
    }

    /// What an operation writes, or where that lies.
    fn place_of(&mut self, looked: &Looked<'_>, operation: &Op) -> Option<Place> {
        let key = match &operation.key {
            Key::Map(key) => Some(key.to_string()),
            Key::Seq(_) => None,
        };
        match &operation.obj {
            ObjectId::Root => Some(vec![key?]),
            ObjectId::Id(obj) => {
                let found = looked.place(obj, key.is_none());
                let mut place = found.or_else(|| self.place(looked, obj))?;
                if place.len() < DEPTH {
                    place.extend(key);
                }
                Some(place)
            }
        }
    }

    fn place(&mut self, looked: &Looked<'_>, obj: &OpId) -> Option<Place> {
        let key = (obj.0, obj.1.clone());
        if let Some(place) = self.known.get(&key) {
            return Some(place.clone());
        }
        // automerge looks through all operations for where an object lies: first whether it is in the card that is meant
        if let Some((id, card)) = &looked.meant {
            self.learn_card(looked.doc, id, card);
        }
        if let Some(place) = self.known.get(&key) {
            return Some(place.clone());
        }
        let path = looked.doc.parents(ObjId::Id(obj.0, obj.1.clone(), 0)).ok()?.path();
        let keys = path.into_iter().map_while(|(_, prop)| match prop {
            Prop::Map(key) => Some(key),
            Prop::Seq(_) => None,
        });
        let place: Place = keys.take(DEPTH).collect();
        self.known.insert(key, place.clone());
        Some(place)
    }

    /// Learns the objects of a card.
    fn learn_card(&mut self, doc: &Automerge, id: &str, card: &ObjId) {
        let doc = Source::from(doc);
        for entry in doc.entries(card) {
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
