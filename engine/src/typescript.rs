//! The TypeScript declarations of every value that crosses into JavaScript, made from the Rust types.

use std::fmt::Write;

use ts_rs::{Config, TS};

use crate::{
    Action, Activity, ActivityPage, Answer, Attachment, AttachmentKind, Away, AwayCard, BlobId,
    Card, CardId, ChangeId, ChecklistItem, Claim, Colour, Column, ColumnId, ColumnRole, Command,
    CommandError, Comment, CommentId, Conflict, ConflictChoice, ConflictField, ConflictOwner,
    ConflictValue, Cursor, Day, Delta, Field, Hit, Hover, ImportFormat, Imported, ItemId, Label,
    LabelId, Moment, Origin, PastCard, Peer, Person, Phase, Pointer, Position, Presence,
    PresenceDelta, Priority, Question, QuestionError, Reaction, Seen, Splice, Stamp, Status,
    StorageState, Stretch, TalkCommand, TextFormat, TextTarget, TypingPlace, UserId, Votes,
};

const HEADER: &str = "\
// The values of the engine. Made from the Rust types by
// `cargo run -p warroom-engine --features typescript --bin types`; a test compares, so never edit it by hand.
";

/// One declaration: its doc comment, and the type.
fn declare<T: TS>(text: &mut String, config: &Config) {
    let docs = T::docs().unwrap_or_default();
    let declaration = T::decl(config);
    let written = write!(text, "\n{docs}export {declaration}\n");
    debug_assert!(written.is_ok(), "writing into a string does not fail");
}

/// Several declarations.
macro_rules! declare_all {
    ($text:expr, $config:expr; $($type:ty),* $(,)?) => { $(declare::<$type>($text, $config);)* };
}

/// What is asked and answered of the past.
fn declare_history(text: &mut String, config: &Config) {
    declare_all![
        text, config;
        ChangeId,
        Cursor,
        Moment,
        Action,
        Activity,
        ActivityPage,
        PastCard,
        ConflictField,
        ConflictOwner,
        ConflictValue,
        ConflictChoice,
        Conflict,
        Away,
        AwayCard,
    ];
}

/// The whole text of the declarations file: ids, board, commands, deltas, status and presence.
pub fn declarations() -> String {
    let config = Config::default();
    let mut text = HEADER.to_owned();
    declare_all![
        &mut text, &config;
        CardId,
        ColumnId,
        LabelId,
        ItemId,
        CommentId,
        BlobId,
        UserId,
        Stamp,
        Day,
        Priority,
        Colour,
        Label,
        ChecklistItem,
        AttachmentKind,
        Attachment,
        Card,
        ColumnRole,
        Column,
        Person,
        Position<CardId>,
        TextTarget,
        Splice,
        TalkCommand,
        Command,
        Reaction,
        Comment,
        Votes,
        Seen,
        Origin,
        Delta,
        Phase,
        StorageState,
        Status,
        TypingPlace,
        Pointer,
        Hover,
        Claim,
        Presence,
        Peer,
        PresenceDelta,
        TextFormat,
        ImportFormat,
        Imported,
        Question,
        Field,
        Stretch,
        Hit,
        Answer,
    ];
    declare_history(&mut text, &config);
    declare_codes(
        &mut text,
        "CommandErrorCode",
        "Why a command changed nothing.",
        &CommandError::CODES,
    );
    let why = "Why a question is not answered.";
    declare_codes(&mut text, "QuestionErrorCode", why, &QuestionError::CODES);
    text
}

/// A union of codes.
fn declare_codes(text: &mut String, name: &str, docs: &str, codes: &[&str]) {
    let codes: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
    let written = write!(text, "\n/** {docs} */\nexport type {name} = {};\n", codes.join(" | "));
    debug_assert!(written.is_ok(), "writing into a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_holds_what_the_types_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/sdk/src/generated.ts");
        let committed = std::fs::read_to_string(path).unwrap();
        assert_eq!(committed, declarations(), "run the `types` binary and commit its output");
    }
}
