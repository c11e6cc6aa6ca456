//! The one place where values become JSON and back. Text crosses the boundary, not objects: the worker hands it on
//! unread, and the engine carries a JSON writer anyway.

use serde::{Deserialize, Serialize};
use warroom_engine::{Command, Delta, Person, Presence, PresenceDelta, Status};
use warroom_protocol::DocumentId;

use crate::error::CallError;

/// What a board is opened with.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Options {
    /// A room's name or an `automerge:` address.
    pub(crate) room: String,
    /// The relay's WebSocket address.
    pub(crate) relay: String,
    /// Who works here.
    pub(crate) person: Person,
}

/// One thing that the engine says to JavaScript.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Said {
    /// The view changed.
    Deltas { deltas: Vec<Delta> },
    /// Who is here changed.
    Presence { deltas: Vec<PresenceDelta> },
    /// The status changed.
    Status { status: Status },
    /// Everything is written and closed; the last word.
    Closed,
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, CallError> {
    serde_json::from_str(json).map_err(|error| CallError::BadCall(error.to_string()))
}

/// Reads what `Board.open` is given.
///
/// # Errors
/// [`CallError::BadCall`].
pub(crate) fn options(json: &str) -> Result<Options, CallError> {
    parse(json)
}

/// Reads a command.
///
/// # Errors
/// [`CallError::BadCall`].
pub(crate) fn command(json: &str) -> Result<Command, CallError> {
    parse(json)
}

/// Reads a presence.
///
/// # Errors
/// [`CallError::BadCall`].
pub(crate) fn presence(json: &str) -> Result<Presence, CallError> {
    parse(json)
}

/// The board document of a room: an `automerge:` address as it is, anything else by its name.
///
/// # Errors
/// [`CallError::BadRoom`] for an address that is not one.
pub(crate) fn board_of(room: &str) -> Result<DocumentId, CallError> {
    if room.starts_with("automerge:") {
        Ok(room.parse()?)
    } else {
        Ok(DocumentId::from_room_name(room))
    }
}

/// Writes what is said, in order, as one JSON array.
pub(crate) fn said(said: &[Said]) -> String {
    #[expect(
        clippy::expect_used,
        reason = "only maps with keys that are not text fail to become JSON"
    )]
    serde_json::to_string(said).expect("these values have text keys only")
}

#[cfg(test)]
mod tests {
    use warroom_engine::{CardId, Position, UserId};

    use super::*;

    #[test]
    fn a_command_reads_as_the_generated_types_say() {
        let json =
            r#"{"type":"moveCard","id":"c","column":"d","position":{"at":"before","id":"e"}}"#;
        let Command::MoveCard { id, column, position } = command(json).unwrap() else {
            panic!("another command");
        };
        assert_eq!((id.as_str(), column.as_str()), ("c", "d"));
        assert_eq!(position, Position::Before { id: CardId::new("e").unwrap() });
    }

    #[test]
    fn a_call_that_is_not_understood_is_refused_with_a_reason() {
        for json in ["", "{", "null", r#"{"type":"fly"}"#, r#"{"type":"moveCard","id":"c"}"#] {
            assert_eq!(command(json).unwrap_err().code(), "badCommand", "{json}");
        }
        assert!(command(r#"{"type":"deleteCard","id":"not an id"}"#).is_err());
    }

    #[test]
    fn what_is_said_is_one_array_in_order() {
        let by = Person { id: UserId::new("u").unwrap(), name: "Ann".into(), colour: 3 };
        let text = said(&[
            Said::Deltas { deltas: vec![Delta::PersonPut { person: by }] },
            Said::Presence { deltas: vec![PresenceDelta::PeerGone { peer: "p".into() }] },
            Said::Closed,
        ]);
        let expected = concat!(
            r#"[{"type":"deltas","deltas":[{"type":"personPut","person":{"id":"u","name":"Ann","colour":3}}]},"#,
            r#"{"type":"presence","deltas":[{"type":"peerGone","peer":"p"}]},{"type":"closed"}]"#
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_room_is_a_name_or_an_address() {
        let address = "automerge:1Bhh3pUZD358hwFbvigTAY5qky";
        assert_eq!(format!("automerge:{}", board_of(address).unwrap()), address);
        assert_eq!(board_of("ops").unwrap(), DocumentId::from_room_name("ops"));
        assert!(board_of("automerge:nonsense").is_err());
    }
}
