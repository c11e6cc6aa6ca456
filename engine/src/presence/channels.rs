//! What one peer shows of itself, and how that lies in the channels of automerge-repo's presence.
//!
//! | Channel | Value (CBOR of JSON's kinds) |
//! |---|---|
//! | `user` | `{id, name, colour}` |
//! | `viewing` | a card id |
//! | `typing` | `{in: "card", card}` or `{in: "composer", column}`, and `beat` |
//! | `cursor` | `{column, card, fx, fy}` |
//! | `dragging` | `{cards, lamport, hover: {column, before}}`, and `beat` |
//! | `idle` | true |
//!
//! `beat` rises while its maker keeps typing or holding: a channel that is only repeated is not renewed.

use bytes::Bytes;
use warroom_protocol::Timestamp;
use warroom_protocol::presence::{Peer as RosterPeer, PresenceValue};

use super::{Claim, Hover, Pointer, TypingPlace};
use crate::board::Person;
use crate::ids::{CardId, ColumnId, UserId};
use crate::limits::{CLAIM_CARDS_MAX, NAME_UNITS_MAX};

const USER: &str = "user";
const VIEWING: &str = "viewing";
const TYPING: &str = "typing";
const CURSOR: &str = "cursor";
const DRAGGING: &str = "dragging";
const IDLE: &str = "idle";
const BEAT: &str = "beat";

/// What one peer shows of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Shown {
    /// None for a stock client, which has no such channel.
    pub(super) user: Option<Person>,
    pub(super) viewing: Option<CardId>,
    pub(super) typing: Option<TypingPlace>,
    pub(super) pointer: Option<Pointer>,
    pub(super) claim: Option<Claim>,
    pub(super) idle: bool,
}

/// Every channel with its value, none where it is empty.
pub(super) fn write(shown: &Shown, beat: u64) -> [(&'static str, Option<Bytes>); 6] {
    let Shown { user, viewing, typing, pointer, claim, idle } = shown;
    let channels = [
        (USER, user.as_ref().map(|user| from_person(&shortened(user)))),
        (VIEWING, viewing.as_ref().map(|card| text(card.as_str()))),
        (TYPING, typing.as_ref().map(|place| from_place(place, beat))),
        (CURSOR, pointer.as_ref().map(from_pointer)),
        (DRAGGING, claim.as_ref().map(|claim| from_claim(claim, beat))),
        (IDLE, idle.then_some(PresenceValue::Bool(true))),
    ];
    channels.map(|(channel, value)| (channel, value.map(|value| value.encode())))
}

/// What a peer shows; a channel of another shape counts as empty.
pub(super) fn read(peer: &RosterPeer) -> Shown {
    let value = |channel| PresenceValue::decode(&peer.channels.get(channel)?.value).ok();
    Shown {
        user: value(USER).and_then(|value| to_person(&value)),
        viewing: value(VIEWING).and_then(|value| to_card(&value)),
        typing: value(TYPING).and_then(|value| to_place(&value)),
        pointer: value(CURSOR).and_then(|value| to_pointer(&value)),
        claim: value(DRAGGING).and_then(|value| to_claim(&value)),
        idle: value(IDLE) == Some(PresenceValue::Bool(true)),
    }
}

/// When the peer last confirmed that it types.
pub(super) fn typing_at(peer: &RosterPeer) -> Timestamp {
    peer.channels.get(TYPING).map(|channel| channel.updated).unwrap_or_default()
}

/// When the peer last confirmed its claim.
pub(super) fn claim_at(peer: &RosterPeer) -> Timestamp {
    peer.channels.get(DRAGGING).map(|channel| channel.updated).unwrap_or_default()
}

/// A person whose name has at most [`NAME_UNITS_MAX`] UTF-16 units.
fn shortened(person: &Person) -> Person {
    let Person { id, name, colour } = person;
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units <= NAME_UNITS_MAX
    };
    Person { id: id.clone(), name: name.chars().take_while(fits).collect(), colour: *colour }
}

// Values are written and read by hand: what serde derives would go through JSON, and makes a browser's download larger.

fn text(text: &str) -> PresenceValue {
    PresenceValue::Text(text.to_owned())
}

fn map<const N: usize>(entries: [(&str, PresenceValue); N]) -> PresenceValue {
    PresenceValue::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn from_card(card: Option<&CardId>) -> PresenceValue {
    card.map_or(PresenceValue::Null, |card| text(card.as_str()))
}

fn from_person(person: &Person) -> PresenceValue {
    let Person { id, name, colour } = person;
    let colour = PresenceValue::Integer(u64::from(*colour));
    map([("id", text(id.as_str())), ("name", text(name)), ("colour", colour)])
}

fn from_place(place: &TypingPlace, beat: u64) -> PresenceValue {
    let (kind, key, id) = match place {
        TypingPlace::Card { card } => ("card", "card", card.as_str()),
        TypingPlace::Composer { column } => ("composer", "column", column.as_str()),
    };
    map([("in", text(kind)), (key, text(id)), (BEAT, PresenceValue::Integer(beat))])
}

fn from_pointer(pointer: &Pointer) -> PresenceValue {
    let Pointer { column, card, fx, fy } = pointer;
    map([
        ("column", text(column.as_str())),
        ("card", from_card(card.as_ref())),
        ("fx", PresenceValue::Float(f64::from(*fx))),
        ("fy", PresenceValue::Float(f64::from(*fy))),
    ])
}

fn from_claim(claim: &Claim, beat: u64) -> PresenceValue {
    let Claim { cards, lamport, hover } = claim;
    let hover = hover.as_ref().map_or(PresenceValue::Null, |hover| {
        let Hover { column, before } = hover;
        map([("column", text(column.as_str())), ("before", from_card(before.as_ref()))])
    });
    let cards = cards.iter().map(|card| text(card.as_str())).collect();
    map([
        ("cards", PresenceValue::List(cards)),
        ("lamport", PresenceValue::Integer(*lamport)),
        ("hover", hover),
        (BEAT, PresenceValue::Integer(beat)),
    ])
}

/// The value under a key of a map. Null is as good as none.
fn field<'a>(value: &'a PresenceValue, key: &str) -> Option<&'a PresenceValue> {
    let PresenceValue::Map(entries) = value else { return None };
    let (_, value) = entries.iter().find(|(known, _)| known == key)?;
    (*value != PresenceValue::Null).then_some(value)
}

fn to_text(value: &PresenceValue) -> Option<&str> {
    if let PresenceValue::Text(text) = value { Some(text) } else { None }
}

fn to_integer(value: &PresenceValue) -> Option<u64> {
    if let PresenceValue::Integer(integer) = value { Some(*integer) } else { None }
}

fn to_card(value: &PresenceValue) -> Option<CardId> {
    CardId::new(to_text(value)?).ok()
}

fn to_column(value: &PresenceValue) -> Option<ColumnId> {
    ColumnId::new(to_text(value)?).ok()
}

/// A number from 0 to 1; what lies outside is moved to the nearer end.
fn to_fraction(value: &PresenceValue) -> Option<f32> {
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "0 to 1")]
    match value {
        PresenceValue::Float(float) if float.is_finite() => Some(float.clamp(0.0, 1.0) as f32),
        PresenceValue::Integer(integer) => Some(if *integer == 0 { 0.0 } else { 1.0 }),
        PresenceValue::Float(_)
        | PresenceValue::Null
        | PresenceValue::Bool(_)
        | PresenceValue::Text(_)
        | PresenceValue::List(_)
        | PresenceValue::Map(_) => None,
    }
}

fn to_person(value: &PresenceValue) -> Option<Person> {
    let id = UserId::new(to_text(field(value, "id")?)?).ok()?;
    let name = to_text(field(value, "name")?)?.to_owned();
    let colour = u8::try_from(to_integer(field(value, "colour")?)?).ok()?;
    Some(shortened(&Person { id, name, colour }))
}

fn to_place(value: &PresenceValue) -> Option<TypingPlace> {
    match to_text(field(value, "in")?)? {
        "card" => Some(TypingPlace::Card { card: to_card(field(value, "card")?)? }),
        "composer" => Some(TypingPlace::Composer { column: to_column(field(value, "column")?)? }),
        _ => None,
    }
}

fn to_pointer(value: &PresenceValue) -> Option<Pointer> {
    Some(Pointer {
        column: to_column(field(value, "column")?)?,
        card: match field(value, "card") {
            Some(card) => Some(to_card(card)?),
            None => None,
        },
        fx: to_fraction(field(value, "fx")?)?,
        fy: to_fraction(field(value, "fy")?)?,
    })
}

fn to_hover(value: &PresenceValue) -> Option<Hover> {
    Some(Hover {
        column: to_column(field(value, "column")?)?,
        before: match field(value, "before") {
            Some(card) => Some(to_card(card)?),
            None => None,
        },
    })
}

fn to_claim(value: &PresenceValue) -> Option<Claim> {
    let PresenceValue::List(cards) = field(value, "cards")? else { return None };
    let mut cards = cards.iter().map(to_card).collect::<Option<Vec<_>>>()?;
    cards.truncate(CLAIM_CARDS_MAX);
    let lamport = to_integer(field(value, "lamport")?)?;
    let hover = match field(value, "hover") {
        Some(hover) => Some(to_hover(hover)?),
        None => None,
    };
    Some(Claim { cards, lamport, hover })
}

#[cfg(test)]
mod tests {
    use warroom_protocol::PeerId;
    use warroom_protocol::presence::{PresenceMessage, Roster};

    use super::PresenceValue::{Float, Integer, List, Map, Null, Text};
    use super::*;

    fn card() -> CardId {
        CardId::new("c").unwrap()
    }

    fn column() -> ColumnId {
        ColumnId::new("d").unwrap()
    }

    fn heard(channels: &[(&str, Option<Bytes>)]) -> Shown {
        let (mut roster, ann) = (Roster::new(), PeerId::new("ann").unwrap());
        let state = channels.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let message = PresenceMessage::Snapshot { state: state.collect() };
        roster.handle_message(Timestamp(0), &ann, message);
        read(roster.peer(&ann).unwrap())
    }

    /// What is read of one channel with this value.
    fn check(channel: &str, value: &PresenceValue) -> Shown {
        heard(&[(channel, Some(value.encode()))])
    }

    fn entries(entries: &[(&str, PresenceValue)]) -> PresenceValue {
        Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    #[test]
    fn what_one_peer_shows_another_reads() {
        let person =
            Person { id: UserId::new("u").unwrap(), name: "Größe 😀".to_owned(), colour: 11 };
        let pointer = Pointer { column: column(), card: Some(card()), fx: 0.25, fy: 1.0 };
        let hover = Hover { column: column(), before: Some(card()) };
        let claim = Claim { cards: vec![card()], lamport: 1 << 40, hover: Some(hover) };
        let full = Shown {
            user: Some(person),
            viewing: Some(card()),
            typing: Some(TypingPlace::Card { card: card() }),
            pointer: Some(pointer.clone()),
            claim: Some(claim.clone()),
            idle: true,
        };
        let sparse = Shown {
            typing: Some(TypingPlace::Composer { column: column() }),
            pointer: Some(Pointer { card: None, ..pointer }),
            claim: Some(Claim { hover: Some(Hover { column: column(), before: None }), ..claim }),
            ..Shown::default()
        };
        for shown in [full, sparse, Shown::default()] {
            assert_eq!(heard(&write(&shown, 7)), shown);
        }
    }

    #[test]
    fn a_pointer_reads_as_other_programs_write_it() {
        let at = |fx, fy| {
            let column = ("column", text("d"));
            check(CURSOR, &entries(&[column, ("fx", fx), ("fy", fy), ("new", Null)])).pointer
        };
        let seen = |fx, fy| Some(Pointer { column: column(), card: None, fx, fy });
        assert_eq!(at(Integer(0), Integer(1)), seen(0.0, 1.0));
        assert_eq!(at(Float(-3.0), Float(1e300)), seen(0.0, 1.0));
        assert_eq!(at(Float(0.5), Integer(9)), seen(0.5, 1.0));
        for wrong in [Float(f64::NAN), Float(f64::INFINITY), Null, Text("1".to_owned())] {
            assert_eq!(at(wrong, Integer(0)), None);
        }
    }

    #[test]
    fn a_channel_of_another_shape_counts_as_empty() {
        let rows = [
            (USER, entries(&[("id", text("u")), ("name", text("n")), ("colour", Integer(256))])),
            (USER, entries(&[("id", text("not an id")), ("name", text("n")), ("colour", Null)])),
            (USER, text("u")),
            (VIEWING, text("not an id")),
            (VIEWING, Integer(1)),
            (TYPING, entries(&[("in", text("elsewhere")), ("card", text("c"))])),
            (TYPING, entries(&[("in", text("card"))])),
            (CURSOR, entries(&[("column", text("d")), ("fx", Integer(0))])),
            (
                CURSOR,
                entries(&[
                    ("column", text("d")),
                    ("fx", Integer(0)),
                    ("fy", Integer(0)),
                    ("card", Integer(1)),
                ]),
            ),
            (DRAGGING, entries(&[("cards", List(vec![text("c"), Null])), ("lamport", Integer(1))])),
            (DRAGGING, entries(&[("cards", List(vec![text("c")])), ("lamport", Float(-1.0))])),
            (
                DRAGGING,
                entries(&[
                    ("cards", List(vec![text("c")])),
                    ("lamport", Integer(1)),
                    ("hover", text("d")),
                ]),
            ),
            (IDLE, Integer(1)),
        ];
        for (channel, value) in rows {
            assert_eq!(check(channel, &value), Shown::default(), "{channel} {value:?}");
        }
    }
}
