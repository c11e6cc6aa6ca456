//! What a person can do to a room: each command is one user intent and becomes one change.

use serde::{Deserialize, Serialize};

use crate::board::{AttachmentKind, Colour, ColumnRole, Day, Person, Priority};
use crate::coalesce::Edit;
use crate::conflict::{ConflictField, ConflictOwner};
use crate::history::Moment;
use crate::ids::{BlobId, CardId, ColumnId, ItemId, LabelId, UserId};
use crate::talk::TalkCommand;
use crate::text::smallest_edit;

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

impl Splice {
    /// The smallest one that makes `after` of `before`: what lies between their common beginning and their common end, and no
    /// half of a character. None where they are equal.
    pub fn between(before: &str, after: &str) -> Option<Self> {
        let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let Edit { at, delete, insert } = smallest_edit(&units(before), &units(after))?;
        Some(Self {
            at: at.try_into().ok()?,
            delete: delete.try_into().ok()?,
            insert: String::from_utf16(&insert).ok()?,
        })
    }
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
    /// Says what a column means. Cards that are in it are not completed by that, only those that enter.
    SetColumnRole {
        /// Which.
        id: ColumnId,
        /// What it means, or none.
        role: Option<ColumnRole>,
    },
    /// Says how many cards a column should hold at most: a warning in the view, never a rule.
    SetColumnWip {
        /// Which.
        id: ColumnId,
        /// The limit, or none.
        wip: Option<u32>,
    },
    /// Colours a column.
    SetColumnColour {
        /// Which.
        id: ColumnId,
        /// The colour, or none.
        colour: Option<Colour>,
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
    /// Moves a card, within its column or to another. Into a column of the role `Done` it is completed, out of it no more.
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
    /// Puts a person on a card.
    Assign {
        /// Which card.
        id: CardId,
        /// Whom.
        person: UserId,
    },
    /// Takes a person off a card.
    Unassign {
        /// Which card.
        id: CardId,
        /// Whom.
        person: UserId,
    },
    /// Puts a label on a card.
    AttachLabel {
        /// Which card.
        id: CardId,
        /// Which label.
        label: LabelId,
    },
    /// Takes a label off a card.
    DetachLabel {
        /// Which card.
        id: CardId,
        /// Which label.
        label: LabelId,
    },
    /// Says when a card is due.
    SetDue {
        /// Which card.
        id: CardId,
        /// The day, or none.
        due: Option<Day>,
    },
    /// Says how urgent a card is.
    SetPriority {
        /// Which card.
        id: CardId,
        /// How urgent.
        priority: Priority,
    },
    /// Adds an item to the checklist of a card.
    AddItem {
        /// Which card.
        card: CardId,
        /// A fresh id.
        id: ItemId,
        /// What is to be done.
        text: String,
        /// Where in the list.
        position: Position<ItemId>,
    },
    /// Replaces the text of an item.
    EditItem {
        /// Which card.
        card: CardId,
        /// Which item.
        id: ItemId,
        /// New text.
        text: String,
    },
    /// Moves an item within its list.
    MoveItem {
        /// Which card.
        card: CardId,
        /// Which item.
        id: ItemId,
        /// Where to.
        position: Position<ItemId>,
    },
    /// Ticks an item, or takes the tick away.
    SetItemDone {
        /// Which card.
        card: CardId,
        /// Which item.
        id: ItemId,
        /// Whether it is done.
        done: bool,
    },
    /// Deletes an item.
    DeleteItem {
        /// Which card.
        card: CardId,
        /// Which item.
        id: ItemId,
    },
    /// Brings a deleted item back, with everything edited since.
    RestoreItem {
        /// Which card.
        card: CardId,
        /// Which item.
        id: ItemId,
    },
    /// Says that a file belongs to a card. Its bytes are kept elsewhere, under their hash.
    AddAttachment {
        /// Which card.
        card: CardId,
        /// The hash of its bytes.
        id: BlobId,
        /// What it is.
        kind: AttachmentKind,
        /// Its file name.
        name: String,
        /// Its media type.
        mime: String,
        /// Its size in bytes.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        bytes: u64,
        /// How long it plays, in milliseconds.
        #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
        duration_ms: Option<u64>,
    },
    /// Takes a file off a card.
    DeleteAttachment {
        /// Which card.
        card: CardId,
        /// Which file.
        id: BlobId,
    },
    /// Brings a file back.
    RestoreAttachment {
        /// Which card.
        card: CardId,
        /// Which file.
        id: BlobId,
    },
    /// Makes a label.
    AddLabel {
        /// A fresh id.
        id: LabelId,
        /// Its name.
        name: String,
        /// Its colour, or none.
        colour: Option<Colour>,
    },
    /// Renames a label.
    RenameLabel {
        /// Which.
        id: LabelId,
        /// New name.
        name: String,
    },
    /// Colours a label.
    SetLabelColour {
        /// Which.
        id: LabelId,
        /// The colour, or none.
        colour: Option<Colour>,
    },
    /// Deletes a label. Cards keep it, so that restoring shows it again.
    DeleteLabel {
        /// Which.
        id: LabelId,
    },
    /// Brings a deleted label back.
    RestoreLabel {
        /// Which.
        id: LabelId,
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
    /// Says something about cards.
    Talk {
        /// What.
        command: TalkCommand,
    },
    /// Settles what several people wrote into one register at the same time: the chosen value is written anew.
    ResolveConflict {
        /// Whose register.
        owner: ConflictOwner,
        /// Which.
        field: ConflictField,
        /// The id of one of its values, as `conflicts` lists them.
        choice: String,
    },
    /// Makes a card again as it was at a moment: what differs is written, and nothing else. Its place comes back where
    /// its column is still there.
    RestoreCardAt {
        /// Which.
        id: CardId,
        /// When.
        moment: Moment,
        /// The body too. Where it has to be read first, it follows in a moment, and so does what is not known without it;
        /// what goes wrong then is told by [`crate::Delta::RestoreSkipped`].
        body: bool,
    },
    /// Does several commands together or, where one is refused, none: one change in each document that they write, and one step to
    /// undo. Each finds what those before it did. Not among them may be what is no edit of a moment (texts that are opened and
    /// typed in, read markers, undo and redo, a card made again as it was, a person's display data, another transaction).
    Transact {
        /// At most [`crate::limits::TRANSACTION_COMMANDS_MAX`], in order. None writes nothing.
        commands: Vec<Command>,
    },
    /// Undoes this replica's last undoable command, where its effect still stands.
    Undo,
    /// Does again what this replica's last undo took back, where that still stands. Another command ends it.
    Redo,
}
