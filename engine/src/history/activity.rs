//! What the list of what happened consists of.

use std::fmt;

use automerge::ChangeHash;
use serde::{Serialize, Serializer};

use super::change_id::ChangeId;
use super::timeline::Place;
use crate::board::{Colour, ColumnRole, Day, Priority};
use crate::ids::{CardId, ColumnId, CommentId, ItemId, LabelId, UserId};

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The newest change that it was. As a moment ([`super::Moment::Heads`]) it means just after it: of the board, and of a
    /// card. That of [`Action::BodyTyped`] is a change of the body, so a moment of the card alone;
    /// that of [`Action::Commented`] is one of the talk, and no moment of either.
    pub id: ChangeId,
    /// When, milliseconds since 1970, in whole seconds, as their clock said.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: i64,
    /// Where it went on for a while (typing), since when; otherwise as `at`.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub since: i64,
    /// Who: the author that signed the first change of this writer, or who stamped what was written; unknown otherwise.
    pub by: UserId,
    /// On which card, where it was one.
    pub card: Option<CardId>,
    /// How many things of this kind it stands for: 1, or more where somebody did the same to many (an import), and this
    /// is the newest of them.
    pub count: u32,
    /// What.
    pub what: Action,
}

/// What somebody did. What it was before is what they saw before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub enum Action {
    /// Named the room.
    RoomRenamed { before: String, after: String },
    /// Added a column.
    ColumnAdded { column: ColumnId, title: String },
    /// Renamed a column.
    ColumnRenamed { column: ColumnId, before: String, after: String },
    /// Moved a column among the others.
    ColumnMoved { column: ColumnId },
    /// Said what a column means.
    ColumnRoleSet { column: ColumnId, before: Option<ColumnRole>, after: Option<ColumnRole> },
    /// Said how many cards it should hold.
    ColumnWipSet { column: ColumnId, before: Option<u32>, after: Option<u32> },
    /// Coloured a column.
    ColumnColourSet { column: ColumnId, before: Option<Colour>, after: Option<Colour> },
    /// Deleted a column.
    ColumnDeleted { column: ColumnId },
    /// Brought a column back.
    ColumnRestored { column: ColumnId },
    /// Added a label to the board.
    LabelAdded { label: LabelId, name: String },
    /// Renamed a label.
    LabelRenamed { label: LabelId, before: String, after: String },
    /// Coloured a label.
    LabelColourSet { label: LabelId, before: Option<Colour>, after: Option<Colour> },
    /// Deleted a label.
    LabelDeleted { label: LabelId },
    /// Brought a label back.
    LabelRestored { label: LabelId },
    /// Gave a person a name or a colour.
    PersonSet { person: UserId, name: String },
    /// Added a card.
    CardAdded { column: ColumnId, title: String },
    /// Moved a card: to another column, or within one (`from` is `to`).
    Moved { from: ColumnId, to: ColumnId },
    /// Moved a card into done work.
    Completed { from: ColumnId, to: ColumnId },
    /// Changed the title.
    Titled { before: String, after: String },
    /// Wrote in the body. The board's own trace: at most once in five minutes for a person and card.
    BodyEdited {},
    /// Wrote in the body, told by the body itself: so many characters were written or taken out.
    BodyTyped { characters: u32 },
    /// Said something about the card. The talk has the words, and whether the comment was deleted since.
    Commented { comment: CommentId },
    /// Put a person on the card.
    Assigned { person: UserId },
    /// Took a person off.
    Unassigned { person: UserId },
    /// Put a label on the card.
    Labelled { label: LabelId },
    /// Took a label off.
    Unlabelled { label: LabelId },
    /// Said when it is due.
    DueSet { before: Option<Day>, after: Option<Day> },
    /// Said how urgent it is.
    PrioritySet { before: Priority, after: Priority },
    /// Added an item to the checklist, or brought one back.
    ItemAdded { item: ItemId, text: String },
    /// Changed an item's text.
    ItemEdited { item: ItemId, before: String, after: String },
    /// Ticked an item.
    ItemTicked { item: ItemId, text: String },
    /// Took the tick away.
    ItemUnticked { item: ItemId, text: String },
    /// Moved an item within the list.
    ItemMoved { item: ItemId, text: String },
    /// Deleted an item.
    ItemDeleted { item: ItemId, text: String },
    /// Added a file or voice note, or brought one back.
    AttachmentAdded { name: String },
    /// Took one off.
    AttachmentDeleted { name: String },
    /// Archived the card.
    Archived {},
    /// Took it out of the archive.
    Unarchived {},
    /// Deleted the card.
    Deleted {},
    /// Brought it back.
    Restored {},
}

/// A part of the list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ActivityPage {
    /// Newest first.
    pub entries: Vec<Activity>,
    /// Where the next page begins; none when there is no more. A page may be shorter than was asked for, even empty,
    /// and another follow: only so much is looked through at once.
    pub next: Option<Cursor>,
}

/// Where a page begins: just before (older than) a change. It means the same whatever arrives later: nothing is told
/// twice, and nothing that was there is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct Cursor(pub(super) Place);

impl Cursor {
    /// Reads what [`fmt::Display`] wrote; none for anything else.
    pub fn of_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (since, max_op) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let hash: ChangeHash = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self(Place { since, max_op, hash }))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { since, max_op, hash } = self.0;
        write!(f, "{since}.{max_op}.{hash}")
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
