//! Which parts of a board a change touched, by its operations. What it says of itself in its message is only tried first
//! where an object has to be found.

use automerge::legacy::{Key, ObjectId, OpId};
use automerge::{
    ActorId, Automerge, Change, ChangeHash, ObjId, ObjType, Prop, ROOT, ReadDoc, ValueRef,
};
use warroom_protocol::sorted::SortedMap;

use crate::board::schema::{CARDS, COLUMNS, LABELS, PEOPLE, PLACE};
use crate::board::{Source, read};
use crate::document::caught;
use crate::ids::CardId;

/// The containers of a board whose parts are told of.
const CONTAINERS: [&str; 4] = [CARDS, COLUMNS, LABELS, PEOPLE];

/// What one change touched, in the order in which it did.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    /// Keys of the root.
    pub(super) root: Vec<String>,
    pub(super) parts: Vec<Part>,
}

/// A column, card, label or person that was touched.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) container: &'static str,
    pub(super) id: String,
    pub(super) obj: ObjId,
    /// The change made it.
    pub(super) is_new: bool,
    /// The change was about another of its container, so another order key in the same column only made room.
    pub(super) makes_room: bool,
    /// Its keys that were touched, themselves or what lies under them.
    pub(super) fields: Vec<String>,
}

impl Part {
    /// Whether this key of it was touched.
    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.iter().any(|field| field == key)
    }
}

impl Touched {
    /// Whether this card was touched.
    pub(super) fn has_card(&self, card: &CardId) -> bool {
        self.parts.iter().any(|part| part.container == CARDS && part.id == card.as_str())
    }

    /// Finds out which parts made room: a change is about the parts that it makes, or else about the first. `is_later`:
    /// a card that is passed over was placed before those that are known.
    fn find_neighbours(&mut self, is_later: bool) {
        for container in [CARDS, COLUMNS] {
            let of_it = |part: &Part| part.container == container;
            let mut makes_room = self.parts.iter().any(|part| of_it(part) && part.is_new);
            makes_room |= is_later && container == CARDS;
            for part in self.parts.iter_mut().filter(|part| of_it(part)) {
                part.makes_room = makes_room && !part.is_new;
                makes_room = true;
            }
        }
    }

    fn add(&mut self, owner: &Owner, obj: &ObjId, is_new: bool) {
        // the operations of one thing stand together
        let known = self.parts.iter().rposition(|part| part.obj == *obj);
        if known.is_none() {
            let (container, id, obj) = (owner.container, owner.id.clone(), obj.clone());
            let (makes_room, fields) = (false, Vec::new());
            self.parts.push(Part { container, id, obj, is_new, makes_room, fields });
        }
        let part = match known {
            Some(index) => self.parts.get_mut(index),
            None => self.parts.last_mut(),
        };
        if let (Some(part), Some(field)) = (part, &owner.field)
            && !part.fields.contains(field)
        {
            part.fields.push(field.clone());
        }
    }
}

/// Where an object lies.
#[derive(Debug, Clone)]
enum Place {
    /// It is a container of the root.
    Container(&'static str),
    /// It is a part, or lies in one.
    Part(Owner, ObjId),
    /// Somewhere that is not told of.
    Elsewhere,
}

/// Which part of which container, and under which of its keys.
#[derive(Debug, Clone)]
struct Owner {
    container: &'static str,
    id: String,
    /// None: the part itself.
    field: Option<String>,
}

/// Reads what changes touched.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    doc: &'a Automerge,
    cards: Option<ObjId>,
    /// Of this card alone.
    only: Option<&'a CardId>,
    /// Objects that were met. A page meets at most as many as it has operations.
    known: SortedMap<(u64, ActorId), Place>,
}

impl<'a> Reader<'a> {
    /// Where only one card is wanted, what lies outside of it is passed over.
    pub(super) fn new(doc: &'a Automerge, only: Option<&'a CardId>) -> Self {
        let mut reader = Self { doc, cards: None, only, known: SortedMap::new() };
        for container in CONTAINERS {
            let obj = read::map_at(doc.into(), &ROOT, container);
            if let Some(obj) = &obj {
                reader.learn(obj, Place::Container(container));
            }
            if container == CARDS {
                reader.cards = obj;
            }
        }
        if let Some(card) = only {
            reader.learn_card(card.as_str());
        }
        reader
    }

    fn learn(&mut self, obj: &ObjId, place: Place) {
        if let ObjId::Id(counter, actor, _) = obj {
            self.known.insert((*counter, actor.clone()), place);
        }
    }

    /// Learns the objects of a card.
    fn learn_card(&mut self, id: &str) {
        let doc = Source::from(self.doc);
        let card = self.cards.as_ref().and_then(|cards| read::map_at(doc, cards, id));
        let Some(card) = card else { return };
        let owner = |field: Option<&str>| {
            let field = field.map(ToOwned::to_owned);
            Place::Part(Owner { container: CARDS, id: id.to_owned(), field }, card.clone())
        };
        self.learn(&card, owner(None));
        for entry in doc.entries(&card) {
            let ValueRef::Object(kind) = entry.value else { continue };
            let (obj, place) = (entry.id(), owner(Some(&entry.key)));
            if kind == ObjType::Map {
                let inner = doc.entries(&obj);
                let inner = inner.filter(|entry| matches!(entry.value, ValueRef::Object(_)));
                for entry in inner {
                    self.learn(&entry.id(), place.clone());
                }
            }
            self.learn(&obj, place);
        }
    }

    /// What these changes touched, in no particular order. They are read in one pass, whose cost is theirs and a walk over
    /// the document's index.
    pub(super) fn read(&mut self, hashes: &[ChangeHash]) -> Vec<(ChangeHash, Touched)> {
        let bundle = || self.doc.bundle(hashes.iter().copied())?.to_changes();
        let all = hashes.iter().map(|hash| hash.0).collect();
        let changes = caught(all, bundle).and_then(Result::ok).unwrap_or_else(|| {
            let one = |hash: &ChangeHash| self.doc.get_change_by_hash(hash);
            let one = |hash: &ChangeHash| caught(vec![hash.0], || one(hash)).flatten();
            hashes.iter().filter_map(one).collect()
        });
        changes.iter().map(|change| (change.hash(), self.touched(change))).collect()
    }

    fn touched(&mut self, change: &Change) -> Touched {
        let mut touched = Touched::default();
        let mut is_later = false;
        let hinted = change.message().and_then(hinted_card);
        let Some(change) = caught(vec![change.hash().0], || change.decode()) else {
            return touched;
        };
        for (id, operation) in (change.start_op.get()..).zip(&change.operations) {
            let key = match &operation.key {
                Key::Map(key) => Some(key.as_str()),
                Key::Seq(_) => None,
            };
            let made = operation.obj_type().map(|_| ObjId::Id(id, change.actor_id.clone(), 0));
            let place = match &operation.obj {
                ObjectId::Root => {
                    touched.root.extend(key.map(ToOwned::to_owned));
                    let container = CONTAINERS.into_iter().find(|known| key == Some(known));
                    container.map_or(Place::Elsewhere, Place::Container)
                }
                ObjectId::Id(obj) => match (self.place(obj, hinted), key, &made) {
                    (Place::Container(container), Some(id), Some(made)) => {
                        let owner = Owner { container, id: id.to_owned(), field: None };
                        touched.add(&owner, made, true);
                        Place::Part(owner, made.clone())
                    }
                    (Place::Part(mut owner, obj), key, _) => {
                        owner.field = owner.field.or_else(|| key.map(ToOwned::to_owned));
                        touched.add(&owner, &obj, false);
                        Place::Part(owner, obj)
                    }
                    (Place::Container(_) | Place::Elsewhere, key, _) => {
                        is_later |= key == Some(PLACE) && touched.parts.is_empty();
                        Place::Elsewhere
                    }
                },
            };
            if let Some(made) = made {
                // what is made here is filled by the operations that follow
                self.learn(&made, place);
            }
        }
        touched.find_neighbours(is_later);
        touched
    }

    fn place(&mut self, obj: &OpId, hinted: Option<&str>) -> Place {
        let key = (obj.0, obj.1.clone());
        if let Some(place) = self.known.get(&key) {
            return place.clone();
        }
        if self.only.is_some() {
            return Place::Elsewhere;
        }
        // asking automerge where an object lies takes longer than looking whether it is in the card that is meant
        if let Some(card) = hinted {
            self.learn_card(card);
        }
        if let Some(place) = self.known.get(&key) {
            return place.clone();
        }
        let place = self.find(ObjId::Id(obj.0, obj.1.clone(), 0)).unwrap_or(Place::Elsewhere);
        self.known.insert(key, place.clone());
        place
    }

    /// Where an object lies, as automerge says.
    fn find(&self, obj: ObjId) -> Option<Place> {
        let path = self.doc.parents(&obj).ok()?.path();
        let key = |at: usize| match path.get(at) {
            Some((_, Prop::Map(key))) => Some(key.as_str()),
            Some((_, Prop::Seq(_))) | None => None,
        };
        let container = CONTAINERS.into_iter().find(|known| key(0) == Some(known))?;
        let Some(id) = key(1) else { return Some(Place::Container(container)) };
        let owner = Owner { container, id: id.to_owned(), field: key(2).map(ToOwned::to_owned) };
        let part = path.get(2).map_or(obj, |(part, _)| part.clone());
        Some(Place::Part(owner, part))
    }
}

/// The card that a message names: `"c":"<id>"`.
fn hinted_card(message: &str) -> Option<&str> {
    let (_, from) = message.split_once("\"c\":\"")?;
    Some(from.split_once('"')?.0)
}
