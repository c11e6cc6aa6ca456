//! What a person can say about cards.

use serde::{Deserialize, Serialize};

use crate::ids::{CardId, CommentId};

/// One intent of a person in the talk of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TalkCommand {
    /// Says something about a card.
    AddComment {
        /// A fresh id.
        id: CommentId,
        /// About which card.
        card: CardId,
        /// What (Markdown).
        text: String,
    },
    /// Replaces the text of one of this person's own comments.
    EditComment {
        /// Which.
        id: CommentId,
        /// New text.
        text: String,
    },
    /// Deletes a comment, also somebody else's: it can be restored.
    DeleteComment {
        /// Which.
        id: CommentId,
    },
    /// Brings a deleted comment back.
    RestoreComment {
        /// Which.
        id: CommentId,
    },
    /// Reacts to a comment, in place of an earlier reaction of this person.
    React {
        /// To which.
        id: CommentId,
        /// An emoji, or a short word.
        reaction: String,
    },
    /// Takes this person's reaction back.
    Unreact {
        /// To which comment.
        id: CommentId,
    },
    /// Votes for a card.
    Vote {
        /// Which.
        card: CardId,
    },
    /// Takes this person's vote back.
    Unvote {
        /// For which card.
        card: CardId,
    },
    /// Notes how far this person has read: every comment on a card, or the board as it is now. Shown at once, written at
    /// most once in ten seconds, and no edit: it is not counted and can't be undone.
    MarkSeen {
        /// Which card; none: the board.
        card: Option<CardId>,
    },
}

impl TalkCommand {
    /// The card that has to be on the board, where the command names one.
    pub(crate) fn card(&self) -> Option<&CardId> {
        match self {
            Self::AddComment { card, .. } | Self::Vote { card } | Self::Unvote { card } => {
                Some(card)
            }
            Self::MarkSeen { card } => card.as_ref(),
            Self::EditComment { .. }
            | Self::DeleteComment { .. }
            | Self::RestoreComment { .. }
            | Self::React { .. }
            | Self::Unreact { .. } => None,
        }
    }
}
