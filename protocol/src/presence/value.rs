//! What a channel holds, as a tree: for those who speak no CBOR.

use bytes::Bytes;

use crate::error::DecodeError;
use crate::limits::PRESENCE_VALUE_NODES_MAX;
use crate::wire::cbor::{Item, Map, Value, Writer};

/// A value of JSON's kinds.
#[derive(Debug, Clone, PartialEq)]
pub enum PresenceValue {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer of 0 or more, below 2⁵³ where JavaScript is to read it.
    Integer(u64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<PresenceValue>),
    /// Keys and values, each key once, at most 32.
    Map(Vec<(String, PresenceValue)>),
}

impl PresenceValue {
    /// Reads one CBOR item of JSON's kinds; bytes and the like are null.
    ///
    /// # Errors
    /// [`DecodeError`]: not one item, or more than 256 nodes.
    pub fn decode(item: &Bytes) -> Result<Self, DecodeError> {
        let mut nodes_left = PRESENCE_VALUE_NODES_MAX;
        read(Value::whole(item)?, &mut nodes_left)
    }

    /// Writes it as one CBOR item.
    pub fn encode(&self) -> Bytes {
        let mut writer = Writer::default();
        self.write(&mut writer);
        writer.into_bytes().into()
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Null => {
                writer.null();
            }
            Self::Bool(value) => {
                writer.bool(*value);
            }
            Self::Integer(value) => {
                writer.integer(*value);
            }
            Self::Float(value) => {
                writer.float(*value);
            }
            Self::Text(text) => {
                writer.text(text);
            }
            Self::List(items) => {
                writer.array(items.len());
                for item in items {
                    item.write(writer);
                }
            }
            Self::Map(entries) => {
                writer.map(entries.len());
                for (key, value) in entries {
                    writer.text(key);
                    value.write(writer);
                }
            }
        }
    }
}

/// The recursion is bounded by the depth that was checked when the item was walked.
fn read(value: Value<'_>, nodes_left: &mut usize) -> Result<PresenceValue, DecodeError> {
    const TOO_MANY: DecodeError = DecodeError::Malformed("more than 256 nodes in one value");
    *nodes_left = nodes_left.checked_sub(1).ok_or(TOO_MANY)?;
    Ok(match value.item(*nodes_left)? {
        Item::Other => PresenceValue::Null,
        Item::Bool(value) => PresenceValue::Bool(value),
        Item::Integer(value) => PresenceValue::Integer(value),
        Item::Float(value) => PresenceValue::Float(value),
        Item::Text(text) => PresenceValue::Text(text.to_owned()),
        Item::List(items) => {
            let items = items.into_iter().map(|item| read(item, nodes_left));
            PresenceValue::List(items.collect::<Result<_, _>>()?)
        }
        Item::Map(map) => read_map(&map, nodes_left)?,
    })
}

fn read_map(map: &Map<'_>, nodes_left: &mut usize) -> Result<PresenceValue, DecodeError> {
    let entries = map.iter().map(|(key, value)| Ok((key.to_owned(), read(value, nodes_left)?)));
    Ok(PresenceValue::Map(entries.collect::<Result<_, DecodeError>>()?))
}
