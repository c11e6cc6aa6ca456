//! The one place where values become JSON and back. Text crosses the boundary, not objects: the worker hands it on
//! unread, and the engine carries a JSON writer anyway.

mod command;
mod fields;
mod question;

use serde::Serialize;
use warroom_engine::{
    Answer, Command, Delta, Hash, ImportFormat, Imported, Person, Presence, PresenceDelta,
    Question, Status,
};
use warroom_protocol::DocumentId;

use self::fields::Fields;
use crate::error::CallError;

/// What a board is opened with.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// A room's name or an `automerge:` address.
    pub(crate) room: String,
    /// The relay's WebSocket address.
    pub(crate) relay: String,
    /// Who works here.
    pub(crate) person: Person,
    /// What earlier instances had in hand when they broke down.
    pub(crate) breakdowns: Vec<Vec<Hash>>,
}

/// One thing that the engine says to JavaScript.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Said {
    /// The view as it was when it was last at rest, until the history is here: JSON, written already.
    #[serde(skip)]
    Projected { json: String },
    /// The view changed.
    Deltas { deltas: Vec<Delta> },
    /// Who is here changed.
    Presence { deltas: Vec<PresenceDelta> },
    /// The status changed.
    Status { status: Status },
    /// A question is answered.
    Answer { number: u64, answer: Answer },
    /// A question is not answered.
    Unanswered { number: u64, code: &'static str, message: String },
    /// Everything is written and closed; the last word.
    Closed,
}

/// Reads what `Board.open` is given.
///
/// # Errors
/// [`CallError::BadCall`].
pub(crate) fn options(json: &str) -> Result<Options, CallError> {
    let mut fields = Fields::of_json(json)?;
    Ok(Options {
        room: fields.text("room")?,
        relay: fields.text("relay")?,
        person: fields.person("person")?,
        breakdowns: fields.hashes("breakdowns")?,
    })
}

/// Reads a command.
///
/// # Errors
/// [`CallError::BadCall`], or [`CallError::Command`] for a text that is not an id.
pub(crate) fn command(json: &str) -> Result<Command, CallError> {
    Fields::of_json(json)?.command()
}

/// Reads a presence.
///
/// # Errors
/// As [`command`].
pub(crate) fn presence(json: &str) -> Result<Presence, CallError> {
    Fields::of_json(json)?.presence()
}

/// Reads a question.
///
/// # Errors
/// As [`command`].
pub(crate) fn question(json: &str) -> Result<Question, CallError> {
    Fields::of_json(json)?.question()
}

/// Reads the name of a format.
///
/// # Errors
/// [`CallError::BadCall`].
pub(crate) fn import_format(word: &str) -> Result<ImportFormat, CallError> {
    ImportFormat::of_word(word).ok_or_else(|| fields::bad("an unknown format", word))
}

/// Writes what an import has put on the board.
pub(crate) fn imported(imported: &Imported) -> String {
    serde_json::to_string(imported).unwrap_or_default()
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
    let all: Vec<String> = said.iter().map(to_json).collect();
    format!("[{}]", all.join(","))
}

fn to_json(said: &Said) -> String {
    match said {
        Said::Projected { json } => format!(r#"{{"type":"projected","reset":{json}}}"#),
        Said::Deltas { .. }
        | Said::Presence { .. }
        | Said::Status { .. }
        | Said::Answer { .. }
        | Said::Unanswered { .. }
        | Said::Closed =>
        {
            #[expect(
                clippy::expect_used,
                reason = "only maps with keys that are not text fail to become JSON"
            )]
            serde_json::to_string(said).expect("these values have text keys only")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use warroom_engine::{
        AttachmentKind, BlobId, CardId, ChangeId, Colour, ColumnId, ColumnRole, CommentId,
        ConflictField, ConflictOwner, Day, Hover, ItemId, LabelId, Moment, Pointer, Position,
        Priority, Splice, TalkCommand, TextTarget, TypingPlace, UserId,
    };

    use super::*;

    fn card(text: &str) -> CardId {
        CardId::new(text).unwrap()
    }

    fn column(text: &str) -> ColumnId {
        ColumnId::new(text).unwrap()
    }

    /// One of each command, and of each kind of value in it.
    fn commands() -> Vec<Command> {
        let title = || "Größe 😀 \"x\"".to_owned();
        let (text, body) =
            (TextTarget::Title { card: card("c") }, TextTarget::Body { card: card("c") });
        let person = Person { id: UserId::new("u").unwrap(), name: title(), colour: 11 };
        let splice = Splice { at: 3, delete: u32::MAX, insert: title() };
        let after = || Position::After { id: column("d") };
        vec![
            Command::RenameRoom { title: title() },
            Command::AddColumn { id: column("d"), title: title(), role: None, position: after() },
            Command::AddColumn {
                id: column("d"),
                title: title(),
                role: Some(ColumnRole::Todo),
                position: Position::Start,
            },
            Command::AddColumn {
                id: column("d"),
                title: String::new(),
                role: Some(ColumnRole::Doing),
                position: Position::End,
            },
            Command::RenameColumn { id: column("d"), title: title() },
            Command::MoveColumn { id: column("d"), position: Position::Before { id: column("e") } },
            Command::DeleteColumn { id: column("d") },
            Command::RestoreColumn { id: column("d") },
            Command::AddCard {
                id: card("c"),
                column: column("d"),
                title: title(),
                position: Position::After { id: card("b") },
            },
            Command::MoveCard { id: card("c"), column: column("d"), position: Position::Start },
            Command::ArchiveCard { id: card("c") },
            Command::UnarchiveCard { id: card("c") },
            Command::DeleteCard { id: card("c") },
            Command::RestoreCard { id: card("c") },
            Command::SetTitle { id: card("c"), title: title() },
            Command::OpenText { text: text.clone() },
            Command::EditText { text, seen: 1 << 52, splice },
            Command::FlushText { text: body.clone() },
            Command::CloseText { text: body },
            Command::SetPerson { person },
            Command::ResolveConflict {
                owner: ConflictOwner::Item { card: card("c"), item: ItemId::new("i").unwrap() },
                field: ConflictField::Done,
                choice: "5@0a".to_owned(),
            },
            Command::ResolveConflict {
                owner: ConflictOwner::Room,
                field: ConflictField::Title,
                choice: String::new(),
            },
            Command::RestoreCardAt {
                id: card("c"),
                moment: Moment::Heads { heads: vec![ChangeId([171; 32])] },
                body: true,
            },
            Command::Transact { commands: Vec::new() },
            Command::Transact {
                commands: vec![
                    Command::DeleteCard { id: card("c") },
                    Command::Talk { command: TalkCommand::Vote { card: card("b") } },
                ],
            },
            Command::Undo,
            Command::Redo,
        ]
    }

    /// One of each command about what a card's face and a column's head say.
    fn face_commands() -> Vec<Command> {
        let (a, b, label) = (card("c"), column("d"), LabelId::new("l").unwrap());
        let (item, blob) = (ItemId::new("i").unwrap(), BlobId::new("b").unwrap());
        let (person, text) = (UserId::new("u").unwrap(), || "Größe".to_owned());
        let position = Position::Before { id: item.clone() };
        let id = || a.clone();
        vec![
            Command::SetColumnRole { id: b.clone(), role: Some(ColumnRole::Done) },
            Command::SetColumnRole { id: b.clone(), role: None },
            Command::SetColumnWip { id: b.clone(), wip: Some(u32::MAX) },
            Command::SetColumnWip { id: b.clone(), wip: None },
            Command::SetColumnColour { id: b.clone(), colour: Some(Colour::Teal) },
            Command::SetColumnColour { id: b, colour: None },
            Command::Assign { id: id(), person: person.clone() },
            Command::Unassign { id: id(), person },
            Command::AttachLabel { id: id(), label: label.clone() },
            Command::DetachLabel { id: id(), label: label.clone() },
            Command::SetDue { id: id(), due: Day::new("2026-12-24").ok() },
            Command::SetDue { id: id(), due: None },
            Command::SetPriority { id: id(), priority: Priority::High },
            Command::AddItem { card: id(), id: item.clone(), text: text(), position },
            Command::EditItem { card: id(), id: item.clone(), text: text() },
            Command::MoveItem { card: id(), id: item.clone(), position: Position::End },
            Command::SetItemDone { card: id(), id: item.clone(), done: true },
            Command::SetItemDone { card: id(), id: item.clone(), done: false },
            Command::DeleteItem { card: id(), id: item.clone() },
            Command::RestoreItem { card: id(), id: item },
            Command::AddAttachment {
                card: id(),
                id: blob.clone(),
                kind: AttachmentKind::Voice,
                name: text(),
                mime: "audio/ogg".to_owned(),
                bytes: 1 << 52,
                duration_ms: Some(7),
            },
            Command::DeleteAttachment { card: id(), id: blob.clone() },
            Command::RestoreAttachment { card: id(), id: blob },
            Command::AddLabel { id: label.clone(), name: text(), colour: None },
            Command::RenameLabel { id: label.clone(), name: text() },
            Command::SetLabelColour { id: label.clone(), colour: Some(Colour::Grey) },
            Command::DeleteLabel { id: label.clone() },
            Command::RestoreLabel { id: label },
        ]
    }

    /// One of each command about what people say.
    fn talk_commands() -> Vec<TalkCommand> {
        let (id, card) = (|| CommentId::new("q").unwrap(), || card("c"));
        vec![
            TalkCommand::AddComment { id: id(), card: card(), text: "Größe 😀".to_owned() },
            TalkCommand::EditComment { id: id(), text: String::new() },
            TalkCommand::DeleteComment { id: id() },
            TalkCommand::RestoreComment { id: id() },
            TalkCommand::React { id: id(), reaction: "👍".to_owned() },
            TalkCommand::Unreact { id: id() },
            TalkCommand::Vote { card: card() },
            TalkCommand::Unvote { card: card() },
            TalkCommand::MarkSeen { card: Some(card()) },
            TalkCommand::MarkSeen { card: None },
        ]
    }

    fn all_commands() -> Vec<Command> {
        let talk = talk_commands().into_iter().map(|command| Command::Talk { command });
        commands().into_iter().chain(face_commands()).chain(talk).collect()
    }

    /// One of each presence.
    fn presences() -> Vec<Presence> {
        let pointer = Pointer { column: column("d"), card: Some(card("c")), fx: 0.25, fy: 1.0 };
        let hover = Hover { column: column("d"), before: None };
        vec![
            Presence::Viewing { card: None },
            Presence::Viewing { card: Some(card("c")) },
            Presence::Typing { place: None },
            Presence::Typing { place: Some(TypingPlace::Card { card: card("c") }) },
            Presence::Typing { place: Some(TypingPlace::Composer { column: column("d") }) },
            Presence::Pointing { pointer: None },
            Presence::Pointing { pointer: Some(pointer) },
            Presence::Idle { idle: true },
            Presence::Idle { idle: false },
            Presence::Grab { cards: vec![card("c"), card("e")] },
            Presence::Carry { hover: Some(hover) },
            Presence::Carry { hover: None },
            Presence::Release,
        ]
    }

    #[test]
    fn commands_and_presences_read_as_serde_writes_them() {
        for wanted in all_commands() {
            let json = serde_json::to_string(&wanted).unwrap();
            assert_eq!(command(&json).unwrap(), wanted, "{json}");
        }
        for wanted in presences() {
            let json = serde_json::to_string(&wanted).unwrap();
            assert_eq!(presence(&json).unwrap(), wanted, "{json}");
        }
    }

    #[test]
    fn every_command_and_presence_that_javascript_knows_is_read() {
        let generated = include_str!("../../web/sdk/src/generated.ts");
        let tags = |name: &str| -> BTreeSet<String> {
            let (_, from) = generated.split_once(&format!("export type {name} = ")).unwrap();
            let (declaration, _) = from.split_once("\n\n").unwrap_or((from, ""));
            let tags = declaration.split("\"type\": \"").skip(1);
            tags.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let written = |json: String| -> String {
            serde_json::from_str::<serde_json::Value>(&json).unwrap()["type"]
                .as_str()
                .unwrap()
                .into()
        };
        let ours = all_commands().into_iter().map(|one| serde_json::to_string(&one).unwrap());
        assert_eq!(ours.map(written).collect::<BTreeSet<_>>(), tags("Command"));
        let ours = talk_commands().into_iter().map(|one| serde_json::to_string(&one).unwrap());
        assert_eq!(ours.map(written).collect::<BTreeSet<_>>(), tags("TalkCommand"));
        let ours: BTreeSet<_> =
            presences().iter().map(|one| written(serde_json::to_string(one).unwrap())).collect();
        assert_eq!(ours, tags("Presence"));
    }

    #[test]
    fn a_call_that_is_not_understood_is_refused_with_a_reason() {
        let rows = [
            "",
            "{",
            "null",
            "[1]",
            "{}",
            r#"{"type":"fly"}"#,
            r#"{"type":"moveCard","id":"c"}"#,
            r#"{"type":"deleteCard","id":7}"#,
            r#"{"type":"openText","text":{"field":"x","card":"c"}}"#,
            r#"{"type":"editText","text":{"field":"body","card":"c"},"seen":0,"splice":{"at":-1,"delete":0,"insert":""}}"#,
            r#"{"type":"talk","command":{"type":"shout"}}"#,
            r#"{"type":"transact"}"#,
            r#"{"type":"transact","commands":{}}"#,
            r#"{"type":"transact","commands":[{"type":"undo"},7]}"#,
            r#"{"type":"transact","commands":[{"type":"fly"}]}"#,
            r#"{"type":"talk","command":{"type":"addComment","id":"q","card":"c"}}"#,
            r#"{"type":"setPerson","person":{"id":"u","name":"n","colour":256}}"#,
        ];
        for json in rows {
            assert_eq!(command(json).unwrap_err().code(), "badCommand", "{json}");
            assert_eq!(presence(json).unwrap_err().code(), "badCommand", "{json}");
        }
        let json = r#"{"type":"deleteCard","id":"not an id"}"#;
        assert_eq!(command(json).unwrap_err().code(), "badId");
    }

    #[test]
    fn what_is_said_is_one_array_in_order() {
        let by = Person { id: UserId::new("u").unwrap(), name: "Ann".into(), colour: 3 };
        let text = said(&[
            Said::Projected { json: r#"{"type":"reset"}"#.to_owned() },
            Said::Deltas { deltas: vec![Delta::PersonPut { person: by }] },
            Said::Presence { deltas: vec![PresenceDelta::PeerGone { peer: "p".into() }] },
            Said::Closed,
        ]);
        let expected = concat!(
            r#"[{"type":"projected","reset":{"type":"reset"}},"#,
            r#"{"type":"deltas","deltas":[{"type":"personPut","person":{"id":"u","name":"Ann","colour":3}}]},"#,
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
