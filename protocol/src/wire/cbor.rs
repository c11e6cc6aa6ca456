//! Bounded CBOR: maps are read as views into the input, and items are written without a way to fail.
//!
//! A map is walked once: every item in it, known or not, is checked for depth and length before any of it is used.
//! What is read later are views, so a frame costs no allocation until an id or a list is made of it.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

use crate::error::DecodeError;
use crate::limits::{CBOR_DEPTH_MAX, CBOR_MAP_KEYS_MAX};

/// The largest integer that JavaScript holds exactly, 2⁵³ − 1.
const JS_INTEGER_MAX: u64 = (1 << 53) - 1;

const TRUNCATED: DecodeError = DecodeError::Malformed("ends early, or holds what is not CBOR");
const TOO_DEEP: DecodeError = DecodeError::Malformed("nests deeper than eight levels");
const INDEFINITE_STRING: DecodeError = DecodeError::Malformed("a string of indefinite length");
const NOT_A_MAP: DecodeError = DecodeError::Malformed("its outermost item is not a map");
const TRAILING: DecodeError = DecodeError::Malformed("goes on after its end");
const KEY_NOT_TEXT: DecodeError = DecodeError::Malformed("a key that is not text");
const KEY_TWICE: DecodeError = DecodeError::Malformed("the same key twice in one map");
const TOO_MANY_KEYS: DecodeError = DecodeError::Malformed("more than 32 keys in one map");

/// A map that was walked: its keys, and where their values lie. Keys are text, unlike each other, at most 32.
#[derive(Debug, Clone)]
pub(crate) struct Map<'b> {
    entries: [(&'b str, Value<'b>); CBOR_MAP_KEYS_MAX],
    len: usize,
}

/// One complete item, still encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'b>(&'b [u8]);

impl<'b> Map<'b> {
    /// The map that fills `bytes` from the first to the last.
    pub(crate) fn whole(bytes: &'b [u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes);
        match decoder.datatype() {
            Ok(Type::Map | Type::MapIndef) => {}
            Ok(_) => return Err(NOT_A_MAP),
            Err(_) => return Err(TRUNCATED),
        }
        let map = Self::walk(&mut decoder)?;
        if decoder.position() == bytes.len() { Ok(map) } else { Err(TRAILING) }
    }

    fn walk(decoder: &mut Decoder<'b>) -> Result<Self, DecodeError> {
        let mut left = decoder.map().map_err(|_| TRUNCATED)?;
        let mut map = Self { entries: [("", Value(&[])); CBOR_MAP_KEYS_MAX], len: 0 };
        while has_next(decoder, &mut left)? {
            match decoder.datatype() {
                Ok(Type::String) => {}
                Ok(Type::StringIndef) => return Err(INDEFINITE_STRING),
                Ok(_) => return Err(KEY_NOT_TEXT),
                Err(_) => return Err(TRUNCATED),
            }
            let key = decoder.str().map_err(|_| TRUNCATED)?;
            if map.iter().any(|(other, _)| other == key) {
                return Err(KEY_TWICE);
            }
            let from = decoder.position();
            skip(decoder, 1)?;
            let value = decoder.input().get(from..decoder.position()).ok_or(TRUNCATED)?;
            *map.entries.get_mut(map.len).ok_or(TOO_MANY_KEYS)? = (key, Value(value));
            map.len += 1;
        }
        Ok(map)
    }

    /// Its entries in the order of the wire, those that are null or undefined too.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'b str, Value<'b>)> + '_ {
        self.entries.iter().take(self.len).copied()
    }

    /// The value under `key`: `None` when absent, null or undefined.
    pub(crate) fn value(&self, key: &str) -> Option<Value<'b>> {
        let (_, value) = self.iter().find(|(other, _)| *other == key)?;
        (!value.is_absent()).then_some(value)
    }
}

/// An item of JSON's kinds.
#[derive(Debug)]
pub(crate) enum Item<'b> {
    /// A truth value.
    Bool(bool),
    /// An integer of 0 or more.
    Integer(u64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(&'b str),
    /// A list.
    List(Vec<Value<'b>>),
    /// A map.
    Map(Box<Map<'b>>),
    /// Null, bytes and what else JSON has not.
    Other,
}

impl<'b> Value<'b> {
    /// The item that fills `bytes` from the first to the last.
    pub(crate) fn whole(bytes: &'b [u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes);
        skip(&mut decoder, 0)?;
        if decoder.position() == bytes.len() { Ok(Self(bytes)) } else { Err(TRAILING) }
    }

    /// What it is, a list having at most `items_max` items.
    pub(crate) fn item(self, items_max: usize) -> Result<Item<'b>, DecodeError> {
        if let Some(map) = self.map()? {
            return Ok(Item::Map(Box::new(map)));
        }
        if let Some(items) = self.array(items_max)? {
            return Ok(Item::List(items));
        }
        let scalar = self.text().map(Item::Text).or_else(|| self.bool().map(Item::Bool));
        let scalar = scalar.or_else(|| self.integer().map(Item::Integer));
        Ok(scalar.or_else(|| self.number().map(Item::Float)).unwrap_or(Item::Other))
    }

    /// A number that is no integer of 0 or more: 32 and 64-bit floats, and negative integers.
    fn number(self) -> Option<f64> {
        let mut decoder = self.untagged();
        if matches!(decoder.datatype(), Ok(Type::F32 | Type::F64)) {
            return decoder.f64().ok();
        }
        decoder.i32().ok().map(f64::from)
    }

    /// The item as it came.
    pub(crate) fn raw(self) -> &'b [u8] {
        self.0
    }

    /// Whether it says "nothing": null, or JavaScript's undefined.
    pub(crate) fn is_absent(self) -> bool {
        matches!(self.0, [0xf6 | 0xf7])
    }

    /// The item behind its tags, if it has any.
    fn untagged(self) -> Decoder<'b> {
        let mut decoder = Decoder::new(self.0);
        while matches!(decoder.datatype(), Ok(Type::Tag)) {
            // a failure shows at the next read, which then fails too
            if decoder.tag().is_err() {
                break;
            }
        }
        decoder
    }

    /// A text of definite length.
    pub(crate) fn text(self) -> Option<&'b str> {
        self.untagged().str().ok()
    }

    /// A byte string of definite length.
    pub(crate) fn bytes(self) -> Option<&'b [u8]> {
        self.untagged().bytes().ok()
    }

    /// A truth value.
    pub(crate) fn bool(self) -> Option<bool> {
        self.untagged().bool().ok()
    }

    /// An integer of 0 or more, also where it came as a float: JavaScript writes every number beyond 2³² so.
    pub(crate) fn integer(self) -> Option<u64> {
        let mut decoder = self.untagged();
        if matches!(decoder.datatype(), Ok(Type::F32 | Type::F64)) {
            integral(decoder.f64().ok()?)
        } else {
            decoder.u64().ok()
        }
    }

    /// A map.
    pub(crate) fn map(self) -> Result<Option<Map<'b>>, DecodeError> {
        let mut decoder = self.untagged();
        match decoder.datatype() {
            Ok(Type::Map | Type::MapIndef) => Map::walk(&mut decoder).map(Some),
            _ => Ok(None),
        }
    }

    /// The items of an array of at most `max`.
    pub(crate) fn array(self, max: usize) -> Result<Option<Vec<Value<'b>>>, DecodeError> {
        let mut decoder = self.untagged();
        if !matches!(decoder.datatype(), Ok(Type::Array | Type::ArrayIndef)) {
            return Ok(None);
        }
        let mut left = decoder.array().map_err(|_| TRUNCATED)?;
        let mut items = Vec::new();
        while has_next(&mut decoder, &mut left)? {
            if items.len() == max {
                return Err(DecodeError::Malformed("a list is longer than any honest peer's"));
            }
            let from = decoder.position();
            skip(&mut decoder, 1)?;
            items.push(Value(self.behind(&decoder, from).ok_or(TRUNCATED)?));
        }
        Ok(Some(items))
    }

    fn behind(self, decoder: &Decoder<'b>, from: usize) -> Option<&'b [u8]> {
        self.0.get(from..decoder.position())
    }
}

/// Whether another item follows, `left` counting down a definite length; takes the break that ends an indefinite one.
fn has_next(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, DecodeError> {
    if let Some(count) = left {
        let more = *count > 0;
        *count = count.saturating_sub(1);
        return Ok(more);
    }
    match decoder.datatype() {
        Ok(Type::Break) => {
            decoder.set_position(decoder.position() + 1);
            Ok(false)
        }
        Ok(_) => Ok(true),
        Err(_) => Err(TRUNCATED),
    }
}

/// Walks over one item that lies `depth` containers deep. The recursion is bounded by [`CBOR_DEPTH_MAX`].
fn skip(decoder: &mut Decoder<'_>, depth: usize) -> Result<(), DecodeError> {
    let kind = decoder.datatype().map_err(|_| TRUNCATED)?;
    let is_container =
        matches!(kind, Type::Array | Type::ArrayIndef | Type::Map | Type::MapIndef | Type::Tag);
    if is_container && depth >= CBOR_DEPTH_MAX {
        return Err(TOO_DEEP);
    }
    let walked = match kind {
        Type::Bool => decoder.bool().map(drop),
        Type::Null => decoder.null(),
        Type::Undefined => decoder.undefined(),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => decoder.u64().map(drop),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => decoder.int().map(drop),
        Type::F32 => decoder.f32().map(drop),
        Type::F64 => decoder.f64().map(drop),
        Type::Simple => decoder.simple().map(drop),
        Type::Bytes => decoder.bytes().map(drop),
        Type::String => decoder.str().map(drop),
        Type::F16 => return skip_half(decoder),
        Type::BytesIndef | Type::StringIndef => return Err(INDEFINITE_STRING),
        Type::Break | Type::Unknown(_) => return Err(TRUNCATED),
        Type::Tag => {
            decoder.tag().map_err(|_| TRUNCATED)?;
            return skip(decoder, depth + 1);
        }
        Type::Array | Type::ArrayIndef => {
            let left = decoder.array().map_err(|_| TRUNCATED)?;
            return skip_items(decoder, left, 1, depth + 1);
        }
        Type::Map | Type::MapIndef => {
            let left = decoder.map().map_err(|_| TRUNCATED)?;
            return skip_items(decoder, left, 2, depth + 1);
        }
    };
    walked.map_err(|_| TRUNCATED)
}

/// Walks over what a container holds: entries of `each` items.
fn skip_items(
    decoder: &mut Decoder<'_>,
    mut left: Option<u64>,
    each: usize,
    depth: usize,
) -> Result<(), DecodeError> {
    while has_next(decoder, &mut left)? {
        for _ in 0..each {
            skip(decoder, depth)?;
        }
    }
    Ok(())
}

/// Walks over a 16-bit float, which the decoder does not read.
fn skip_half(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
    let end = decoder.position() + 3;
    if end > decoder.input().len() {
        return Err(TRUNCATED);
    }
    decoder.set_position(end);
    Ok(())
}

/// The integer that `number` is, if it is one that JavaScript holds exactly.
fn integral(number: f64) -> Option<u64> {
    let digits = number.trunc();
    if !number.is_finite() || number < 0.0 || digits.to_bits() != number.to_bits() {
        return None;
    }
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, no fraction, and `as` saturates: what is too large fails the next line"
    )]
    let integer = number as u64;
    (integer <= JS_INTEGER_MAX).then_some(integer)
}

/// Writes CBOR strictly: definite lengths in their shortest form, no tags.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// A writer that will not grow below `bytes`.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The head of a map of `entries`.
    pub(crate) fn map(&mut self, entries: usize) -> &mut Self {
        self.put(|encoder| encoder.map(length(entries)).is_ok())
    }

    /// The head of an array of `items`.
    pub(crate) fn array(&mut self, items: usize) -> &mut Self {
        self.put(|encoder| encoder.array(length(items)).is_ok())
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.put(|encoder| encoder.str(text).is_ok())
    }

    /// A byte string.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.put(|encoder| encoder.bytes(bytes).is_ok())
    }

    /// A truth value.
    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.put(|encoder| encoder.bool(value).is_ok())
    }

    /// Nothing, where a value has to be.
    pub(crate) fn null(&mut self) -> &mut Self {
        self.put(|encoder| encoder.null().is_ok())
    }

    /// A number that need not be an integer.
    pub(crate) fn float(&mut self, value: f64) -> &mut Self {
        self.put(|encoder| encoder.f64(value).is_ok())
    }

    /// An item that is encoded already.
    pub(crate) fn raw(&mut self, item: &[u8]) -> &mut Self {
        self.0.extend_from_slice(item);
        self
    }

    /// An integer: beyond 2³² as a float, as long as that is exact. The reference decoder (cbor-x) makes a `BigInt`
    /// of a 64-bit integer, which JavaScript can't mix with the numbers it compares and dates it with; its encoder
    /// writes floats there.
    pub(crate) fn integer(&mut self, value: u64) -> &mut Self {
        let is_float = value > u64::from(u32::MAX) && value <= JS_INTEGER_MAX;
        self.put(|encoder| {
            if is_float { encoder.f64(float(value)).is_ok() } else { encoder.u64(value).is_ok() }
        })
    }

    fn put(&mut self, write: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> bool) -> &mut Self {
        assert!(write(&mut Encoder::new(&mut self.0)), "a Vec takes every write");
        self
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "exact up to 2⁵³, which the caller checked"
)]
fn float(value: u64) -> f64 {
    value as f64
}
