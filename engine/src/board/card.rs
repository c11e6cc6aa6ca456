//! What people read: cards, columns, labels and people as plain values.

use serde::{Deserialize, Serialize};
use warroom_protocol::Timestamp;

use super::day::Day;
use super::words::words;
use crate::ids::{BlobId, CardId, ColumnId, ItemId, LabelId, UserId};

/// Who did something, and when (milliseconds since 1970, as their clock said).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    /// When, in milliseconds since 1970-01-01 UTC. Never used for ordering.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: i64,
    /// Who.
    pub by: UserId,
}

impl Stamp {
    /// This person, now.
    pub(crate) fn new(now: Timestamp, by: &UserId) -> Self {
        Self { at: i64::try_from(now.0).unwrap_or(i64::MAX), by: by.clone() }
    }
}

/// A card's face. The order of cards in a column is that of (`order`, `id`), both as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// Which card.
    pub id: CardId,
    /// The column it names; a column that is deleted or unknown means the lane *Unsorted*.
    pub column: ColumnId,
    /// Its fractional order key in the column.
    pub order: String,
    /// Its title.
    pub title: String,
    /// Whether it has a body (a document of its own).
    pub has_body: bool,
    /// Who last wrote in the body, within five minutes.
    pub body_edited: Option<Stamp>,
    /// Who works on it, in the order of their ids.
    pub assignees: Vec<UserId>,
    /// Its labels, in the order of their ids; some may be deleted or unknown here.
    pub labels: Vec<LabelId>,
    /// Its checklist without deleted items, in order.
    pub checklist: Vec<ChecklistItem>,
    /// Its files and voice notes without deleted ones, in the order of their ids.
    pub attachments: Vec<Attachment>,
    /// The day it is due.
    pub due: Option<Day>,
    /// How urgent it is.
    pub priority: Priority,
    /// Who created it.
    pub created: Stamp,
    /// Who moved it into a column of the role [`ColumnRole::Done`], while it has not left such columns. Counts only while
    /// it is in one: of two moves at the same time one may win the place and the other this.
    pub done: Option<Stamp>,
    /// Who archived it, while it is archived.
    pub archived: Option<Stamp>,
    /// Who deleted it, while it is deleted. An edit after a deletion stays, and restoring brings all of it back.
    pub deleted: Option<Stamp>,
    /// A value had a wrong type and a default is shown instead.
    pub damaged: bool,
}

/// One line of a checklist. Items are ordered by (`order`, `id`), both as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ChecklistItem {
    /// Which item.
    pub id: ItemId,
    /// What is to be done.
    pub text: String,
    /// It is done.
    pub done: bool,
    /// Its fractional order key.
    pub order: String,
}

/// What an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum AttachmentKind {
    /// A file.
    File,
    /// A voice note.
    Voice,
}

words! { AttachmentKind { File = "file", Voice = "voice" } }

/// A file at a card: what is said of it. Its bytes lie outside of the document, under their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The hash of its bytes.
    pub id: BlobId,
    /// What it is.
    pub kind: AttachmentKind,
    /// Its file name.
    pub name: String,
    /// Its media type, as the browser said; not to be trusted.
    pub mime: String,
    /// Its size in bytes.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// How long it plays, in milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub duration_ms: Option<u64>,
    /// Who put it there, and when.
    pub added: Stamp,
}

/// How urgent a card is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Priority {
    /// When there is time.
    Low,
    /// As everything else.
    #[default]
    Normal,
    /// Before other things.
    High,
    /// Now.
    Urgent,
}

words! { Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" } }

/// A colour of a label or a column, by its name; how it looks is the app's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names of colours say what they are")]
pub enum Colour {
    Red,
    Orange,
    Yellow,
    Green,
    Teal,
    Blue,
    Violet,
    Pink,
    Brown,
    Grey,
}

words! {
    Colour {
        Red = "red", Orange = "orange", Yellow = "yellow", Green = "green", Teal = "teal",
        Blue = "blue", Violet = "violet", Pink = "pink", Brown = "brown", Grey = "grey",
    }
}

/// A label that cards can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Label {
    /// Which label.
    pub id: LabelId,
    /// Its name.
    pub name: String,
    /// Its colour, if it has one that is known here.
    pub colour: Option<Colour>,
    /// It is deleted: cards keep it, and show it again when it is restored.
    pub deleted: bool,
    /// A value had a wrong type and a default is shown instead.
    pub damaged: bool,
}

/// What a column means for the flow of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ColumnRole {
    /// Work not begun.
    Todo,
    /// Work under way.
    Doing,
    /// Work completed: a card that enters is a completion.
    Done,
}

words! { ColumnRole { Todo = "todo", Doing = "doing", Done = "done" } }

/// A column. Columns are ordered by (`order`, `id`), both as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Which column.
    pub id: ColumnId,
    /// Its title.
    pub title: String,
    /// Its fractional order key.
    pub order: String,
    /// What it means, if it says so.
    pub role: Option<ColumnRole>,
    /// How many cards it should hold at most: a warning in the view, never a rule.
    pub wip: Option<u32>,
    /// Its colour, if it has one that is known here.
    pub colour: Option<Colour>,
    /// Who deleted it, while it is deleted.
    pub deleted: Option<Stamp>,
    /// A value had a wrong type and a default is shown instead.
    pub damaged: bool,
}

/// Last known display data of a person, so that history reads well offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Display name.
    pub name: String,
    /// Index into the palette of 12 presence colours.
    pub colour: u8,
}
