//! What changed on the board: readers apply deltas in order and hold the same board as the engine.

use serde::{Deserialize, Serialize};

use crate::board::{Card, Column, Label, Person};
use crate::command::{Splice, TextTarget};
use crate::ids::CardId;
use crate::talk::{Comment, Seen, Votes};

/// Whose change it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// A command of this replica.
    Local,
    /// Another replica's change, or one read from storage.
    Remote,
}

/// One change of the view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Delta {
    /// Forget everything and take this: the first view, or a view rebuilt.
    Reset {
        /// The room's title.
        title: String,
        /// All columns, deleted ones included, in order.
        columns: Vec<Column>,
        /// All cards, archived and deleted ones included, in the order of their ids.
        cards: Vec<Card>,
        /// All labels, deleted ones included, in the order of their ids.
        labels: Vec<Label>,
        /// All people, in the order of their ids.
        people: Vec<Person>,
        /// The document is of a newer major schema: commands answer `ReadOnly`.
        read_only: bool,
    },
    /// The room has this title now.
    RoomRenamed {
        /// The title.
        title: String,
    },
    /// A column is new or changed.
    ColumnPut {
        /// The column as it is now.
        column: Column,
    },
    /// A card is new or changed.
    CardPut {
        /// The card as it is now.
        card: Card,
    },
    /// A label is new or changed.
    LabelPut {
        /// The label as it is now.
        label: Label,
    },
    /// A person is new or changed.
    PersonPut {
        /// The person as it is now.
        person: Person,
    },
    /// Forget all that was said and take this: the first view of the talk, which comes after that of the board, or a view
    /// rebuilt. Commands of the talk answer `NotLoaded` before the first.
    TalkReset {
        /// All comments, deleted ones included, in the order of their ids.
        comments: Vec<Comment>,
        /// All votes, in the order of their cards' ids.
        votes: Vec<Votes>,
        /// All read markers.
        seen: Vec<Seen>,
        /// The document is of a newer major schema: commands answer `ReadOnly`.
        read_only: bool,
    },
    /// A comment is new or changed.
    CommentPut {
        /// The comment as it is now.
        comment: Comment,
    },
    /// The votes for a card changed.
    VotesPut {
        /// All of them.
        votes: Votes,
    },
    /// Somebody has read further.
    SeenPut {
        /// How far.
        seen: Seen,
    },
    /// What a body that is being opened read as when it was last at rest, to be shown until [`Delta::TextOpened`], which
    /// opens the text as it was then where the history knows it, with what changed since as remote splices behind it. What is
    /// typed meanwhile waits for that, and is typed into it.
    TextProjected {
        /// Which.
        text: TextTarget,
        /// Its content.
        content: String,
    },
    /// An opened text; its remote splices are counted from here. Also told of a text that is open already, when its
    /// typist has to start anew (it acknowledged nothing for very long, or a foreign program replaced the text).
    TextOpened {
        /// Which.
        text: TextTarget,
        /// Its content.
        content: String,
    },
    /// An open text changed. A typist with splices under way moves a remote one past them (the typist's first, where
    /// both insert at one place), and drops the oldest of its own at each local one.
    TextSpliced {
        /// Which.
        text: TextTarget,
        /// Whose change. A local one is the echo of one `EditText`, transformed as it was applied; everything else is
        /// remote, also what another command of this replica did to the text.
        origin: Origin,
        /// What was replaced.
        splice: Splice,
    },
    /// A card was not wholly made again as it was ([`crate::Command::RestoreCardAt`] found out later, from its body): the
    /// body can only be read, or the moment names a change that is not here.
    RestoreSkipped {
        /// The card.
        card: CardId,
    },
    /// An undo or redo was skipped, because somebody changed the same thing since.
    UndoSkipped {
        /// The card in question, where it was one.
        card: Option<CardId>,
    },
}

impl Delta {
    /// Reads [`crate::Output::Projected`], for frontends that are not JavaScript. None for what this engine did not write.
    pub fn of_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}
