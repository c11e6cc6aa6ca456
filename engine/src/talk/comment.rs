//! What people read: comments, votes and read markers as plain values.

use serde::{Deserialize, Serialize};

use crate::board::Stamp;
use crate::ids::{CardId, CommentId, UserId};

/// Something said about a card. Comments of a card are ordered by (`created.at`, `id`), newest last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// Which comment.
    pub id: CommentId,
    /// About which card.
    pub card: CardId,
    /// Who said it, and when: never before a comment that its writer had before them, as long as their clocks are not
    /// more than a day apart.
    pub created: Stamp,
    /// What (Markdown).
    pub text: String,
    /// When it was last edited, in milliseconds since 1970, if it was.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub edited: Option<i64>,
    /// It is deleted: not to be shown, and not counted.
    pub deleted: bool,
    /// What others think of it, in the order of their ids.
    pub reactions: Vec<Reaction>,
    /// A value had a wrong type and a default is shown instead.
    pub damaged: bool,
}

/// One person's reaction to a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// Whose.
    pub by: UserId,
    /// An emoji, or a short word.
    pub reaction: String,
}

/// The votes for a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Votes {
    /// Which card.
    pub card: CardId,
    /// Whose, in the order of their ids.
    pub by: Vec<UserId>,
}

/// How far a person has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Who.
    pub by: UserId,
    /// The comments of which card; none: the board.
    pub card: Option<CardId>,
    /// Of a card: when the newest comment that they have seen was written. Of the board: when they last saw it. In
    /// milliseconds since 1970.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: i64,
}
