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
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use warroom_protocol::Timestamp;
use warroom_protocol::presence::{Peer as RosterPeer, PresenceValue};

use super::{Claim, Pointer, TypingPlace};
use crate::board::Person;
use crate::ids::CardId;
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
    [
        (USER, user.as_ref().and_then(|user| encode(&shortened(user), None))),
        (VIEWING, viewing.as_ref().and_then(|card| encode(card, None))),
        (TYPING, typing.as_ref().and_then(|place| encode(place, Some(beat)))),
        (CURSOR, pointer.as_ref().and_then(|pointer| encode(pointer, None))),
        (DRAGGING, claim.as_ref().and_then(|claim| encode(claim, Some(beat)))),
        (IDLE, idle.then(|| PresenceValue::Bool(true).encode())),
    ]
}

/// What a peer shows; a channel of another shape counts as empty.
pub(super) fn read(peer: &RosterPeer) -> Shown {
    let user = decode::<Person>(peer, USER).map(|user| shortened(&user));
    let mut pointer = decode::<Pointer>(peer, CURSOR);
    if let Some(pointer) = &mut pointer {
        pointer.fx = pointer.fx.clamp(0.0, 1.0);
        pointer.fy = pointer.fy.clamp(0.0, 1.0);
    }
    let mut claim = decode::<Claim>(peer, DRAGGING);
    if let Some(claim) = &mut claim {
        claim.cards.truncate(CLAIM_CARDS_MAX);
    }
    Shown {
        user,
        viewing: decode(peer, VIEWING),
        typing: decode(peer, TYPING),
        pointer,
        claim,
        idle: decode(peer, IDLE).unwrap_or(false),
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

fn encode(value: &impl Serialize, beat: Option<u64>) -> Option<Bytes> {
    let mut value = serde_json::to_value(value).ok()?;
    if let (Value::Object(entries), Some(beat)) = (&mut value, beat) {
        entries.insert(BEAT.to_owned(), beat.into());
    }
    Some(from_json(&value).encode())
}

fn decode<T: DeserializeOwned>(peer: &RosterPeer, channel: &str) -> Option<T> {
    let value = PresenceValue::decode(&peer.channels.get(channel)?.value).ok()?;
    serde_json::from_value(to_json(value)).ok()
}

fn from_json(value: &Value) -> PresenceValue {
    match value {
        Value::Null => PresenceValue::Null,
        Value::Bool(value) => PresenceValue::Bool(*value),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(integer), _) => PresenceValue::Integer(integer),
            (None, Some(float)) => PresenceValue::Float(float),
            (None, None) => PresenceValue::Null,
        },
        Value::String(text) => PresenceValue::Text(text.clone()),
        Value::Array(items) => PresenceValue::List(items.iter().map(from_json).collect()),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), from_json(value)));
            PresenceValue::Map(entries.collect())
        }
    }
}

fn to_json(value: PresenceValue) -> Value {
    match value {
        PresenceValue::Null => Value::Null,
        PresenceValue::Bool(value) => Value::Bool(value),
        PresenceValue::Integer(integer) => integer.into(),
        // what is not a number becomes null, and then no value at all
        PresenceValue::Float(float) => float.into(),
        PresenceValue::Text(text) => Value::String(text),
        PresenceValue::List(items) => Value::Array(items.into_iter().map(to_json).collect()),
        PresenceValue::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, to_json(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}
