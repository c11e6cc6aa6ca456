//! Who is here and what they do: automerge-repo's presence envelope, so that its clients see ours and ours see theirs.
//!
//! A presence message is the payload of an ephemeral message: `{__presence: {type, …}}`. What a channel holds is the
//! application's; here it is one opaque CBOR item.

mod roster;
mod value;

use bytes::Bytes;

use crate::error::DecodeError;
use crate::limits::{PRESENCE_BYTES_MAX, PRESENCE_CHANNEL_BYTES_MAX, PRESENCE_CHANNELS_MAX};
use crate::wire::cbor::{Map, Value, Writer};

pub use roster::{Channel, Peer, Roster, RosterOutput};
pub use value::PresenceValue;

const MARKER: &str = "__presence";
const NULL: &[u8] = &[0xf6];

/// One presence message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceMessage {
    /// One channel has a new value.
    Update {
        /// Which channel, 1 to 64 bytes.
        channel: String,
        /// One CBOR item; `None` when the channel was cleared (null on the wire).
        value: Option<Bytes>,
    },
    /// All channels that the sender has, each once, at most 32.
    Snapshot {
        /// Channel and value, as in [`Self::Update`].
        state: Vec<(String, Option<Bytes>)>,
    },
    /// Still here, nothing new.
    Heartbeat,
    /// Gone.
    Goodbye,
}

impl PresenceMessage {
    /// Reads the payload of an ephemeral message; `None` when it is something else of an application's, or a kind
    /// of presence that this version does not know. Values are copies, so that they don't hold the frame they came in.
    ///
    /// # Errors
    /// [`DecodeError`] for a presence that is malformed or too large. It is to be dropped; the relay does not check
    /// payloads, so it is no reason to close the connection to the relay.
    pub fn decode(payload: &Bytes) -> Result<Option<Self>, DecodeError> {
        if payload.len() > PRESENCE_BYTES_MAX {
            let bytes_max = PRESENCE_BYTES_MAX;
            return Err(DecodeError::TooLarge { bytes: payload.len(), bytes_max });
        }
        let envelope = Map::whole(payload)?;
        let Some(message) = envelope.value(MARKER) else { return Ok(None) };
        let message = message.map()?.ok_or(wrong(MARKER))?;
        let kind = message.value("type").and_then(Value::text).ok_or(wrong("type"))?;
        Ok(Some(match kind {
            "update" => {
                let channel = message.value("channel").and_then(Value::text);
                let channel = channel_name(channel.ok_or(wrong("channel"))?)?;
                Self::Update { channel, value: message.value("value").map(copy) }
            }
            "snapshot" => {
                let state = message.value("state").map(Value::map).transpose()?.flatten();
                let mut entries = Vec::new();
                for (channel, value) in state.ok_or(wrong("state"))?.iter() {
                    let value = (!value.is_absent()).then(|| copy(value));
                    entries.push((channel_name(channel)?, value));
                }
                Self::Snapshot { state: entries }
            }
            "heartbeat" => Self::Heartbeat,
            "goodbye" => Self::Goodbye,
            _ => return Ok(None),
        }))
    }

    /// Writes the payload of an ephemeral message.
    pub fn encode(&self) -> Bytes {
        let mut writer = Writer::default();
        writer.map(1).text(MARKER);
        match self {
            Self::Update { channel, value } => {
                writer.map(3).text("type").text("update").text("channel").text(channel);
                writer.text("value").raw(value.as_deref().unwrap_or(NULL));
            }
            Self::Snapshot { state } => {
                writer.map(2).text("type").text("snapshot").text("state").map(state.len());
                for (channel, value) in state {
                    writer.text(channel).raw(value.as_deref().unwrap_or(NULL));
                }
            }
            Self::Heartbeat => {
                writer.map(1).text("type").text("heartbeat");
            }
            Self::Goodbye => {
                writer.map(1).text("type").text("goodbye");
            }
        }
        writer.into_bytes().into()
    }
}

const _: () =
    assert!(PRESENCE_CHANNELS_MAX == crate::limits::CBOR_MAP_KEYS_MAX, "a state is one map");

fn channel_name(name: &str) -> Result<String, DecodeError> {
    if name.is_empty() || name.len() > PRESENCE_CHANNEL_BYTES_MAX {
        return Err(wrong("channel"));
    }
    Ok(name.to_owned())
}

fn copy(value: Value<'_>) -> Bytes {
    Bytes::copy_from_slice(value.raw())
}

fn wrong(field: &'static str) -> DecodeError {
    DecodeError::Field { kind: "presence", field }
}
