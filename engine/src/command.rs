//! What a person can do to a room: each command is one user intent and becomes one change.

use serde::{Deserialize, Serialize};

use crate::board::{ColumnRole, Person};
use crate::ids::{CardId, ColumnId};

/// Where something goes in an ordered list, by its neighbours, which stay right whatever others do meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "at", rename_all = "camelCase")]
pub enum Position<Id> {
    /// First.
    Start,
    /// Last.
    End,
    /// Directly before this one; last if it is not there any more.
    Before {
        /// The neighbour.
        id: Id,
    },
    /// Directly after this one; last if it is not there any more.
    After {
        /// The neighbour.
        id: Id,
    },
}

/// A text that several people may type in at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "field", rename_all = "camelCase")]
pub enum TextTarget {
    /// A card's title (in the board document).
    Title {
        /// Which card.
        card: CardId,
    },
    /// A card's body (a document of its own).
    Body {
        /// Which card.
        card: CardId,
    },
}

/// A replacement in a text, in UTF-16 units, as the DOM counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Splice {
    /// Position of the first unit replaced.
    pub at: u32,
    /// Units removed.
    pub delete: u32,
    /// Text put in their place.
    pub insert: String,
}

/// One intent of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Names the room.
    RenameRoom {
        /// New title.
        title: String,
    },
    /// Adds a column.
    AddColumn {
        /// A fresh id.
        id: ColumnId,
        /// Its title.
        title: String,
        /// What it means.
        role: Option<ColumnRole>,
        /// Where.
        position: Position<ColumnId>,
    },
    /// Renames a column.
    RenameColumn {
        /// Which.
        id: ColumnId,
        /// New title.
        title: String,
    },
    /// Moves a column.
    MoveColumn {
        /// Which.
        id: ColumnId,
        /// Where to.
        position: Position<ColumnId>,
    },
    /// Deletes a column; its cards show in the lane *Unsorted*.
    DeleteColumn {
        /// Which.
        id: ColumnId,
    },
    /// Brings a deleted column back.
    RestoreColumn {
        /// Which.
        id: ColumnId,
    },
    /// Creates a card.
    AddCard {
        /// A fresh id.
        id: CardId,
        /// In which column.
        column: ColumnId,
        /// Its title.
        title: String,
        /// Where in the column.
        position: Position<CardId>,
    },
    /// Moves a card, within its column or to another.
    MoveCard {
        /// Which.
        id: CardId,
        /// To which column.
        column: ColumnId,
        /// Where in the column.
        position: Position<CardId>,
    },
    /// Archives a card.
    ArchiveCard {
        /// Which.
        id: CardId,
    },
    /// Takes a card out of the archive.
    UnarchiveCard {
        /// Which.
        id: CardId,
    },
    /// Deletes a card.
    DeleteCard {
        /// Which.
        id: CardId,
    },
    /// Brings a deleted card back, with everything edited since.
    RestoreCard {
        /// Which.
        id: CardId,
    },
    /// Replaces a whole title by its smallest difference.
    SetTitle {
        /// Which.
        id: CardId,
        /// New title.
        title: String,
    },
    /// Opens a text for typing; answered by [`crate::Delta::TextOpened`], at once or when its document has loaded.
    OpenText {
        /// Which.
        text: TextTarget,
    },
    /// Types in an open text. What the typist had not seen is transformed against; of two insertions at one place the
    /// typist's stands first. After an error the typist's text is stale: open it again.
    EditText {
        /// Which.
        text: TextTarget,
        /// How many remote splices of this text ([`crate::Delta::TextSpliced`] of remote origin since `TextOpened`) the
        /// typist had seen; later ones are transformed against.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seen: u64,
        /// What is replaced.
        splice: Splice,
    },
    /// Writes out what was typed (blur, hidden page), without closing.
    FlushText {
        /// Which.
        text: TextTarget,
    },
    /// Closes a text; what was typed is written out.
    CloseText {
        /// Which.
        text: TextTarget,
    },
    /// Stores the display data of a person (the device's own).
    SetPerson {
        /// Who.
        person: Person,
    },
    /// Undoes this replica's last undoable command, where its effect still stands.
    Undo,
}
