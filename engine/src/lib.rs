//! What a board is: documents, commands, deltas, presence and the `Replica` machine, natively and in WASM.
//! Domain only: no I/O, no clock, no dice of its own.

mod board;
mod body;
mod coalesce;
mod command;
mod conflict;
mod delta;
mod document;
mod error;
mod export;
pub mod formats;
mod history;
mod ids;
mod import;
mod iso;
pub mod limits;
mod markdown;
mod output;
mod plan;
mod presence;
mod projection;
mod question;
mod replica;
mod room_file;
mod search;
mod session;
mod status;
mod talk;
mod text;
mod transact;
#[cfg(feature = "typescript")]
pub mod typescript;
mod undo;
mod write;

pub use board::{
    Attachment, AttachmentKind, Board, BoardDocument, Card, ChecklistItem, Colour, Column,
    ColumnRole, Day, Edited, Imported, Label, Person, Priority, Stamp,
};
pub use body::{BodyDocument, body_id};
pub use command::{Command, Position, Splice, TextTarget};
pub use conflict::{Conflict, ConflictChoice, ConflictField, ConflictOwner, ConflictValue};
pub use delta::{Delta, Origin};
pub use document::{Hash, LoadReport, Stored, in_hand};
pub use error::{CommandError, ReceiveError};
pub use export::{TextExport, TextFormat};
pub use history::{
    Action, Activity, ActivityPage, Away, AwayCard, ChangeId, Cursor, Moment, PastCard,
};
pub use ids::{BlobId, CardId, ColumnId, CommentId, ItemId, LabelId, UserId};
pub use import::{FilePlace, Import, ImportError, ImportFormat, ImportedCard, Importer};
pub use output::{Chunk, Output};
pub use presence::{Claim, Hover, Peer, Pointer, Presence, PresenceDelta, TypingPlace};
pub use question::{Answer, Question, QuestionError};
pub use replica::{ConnectionKind, Replica, RoomOptions};
pub use room_file::{RoomWriter, documents_in};
pub use search::{Field, Hit, Stretch};
pub use status::{Phase, Status, StorageState};
pub use talk::{
    Comment, ImportedTalk, Reaction, Seen, Talk, TalkCommand, TalkDocument, Votes, talk_id,
};
pub use text::Typist;
