//! What people read: cards, columns and people as plain values.

use serde::{Deserialize, Serialize};

use crate::ids::{CardId, ColumnId, UserId};

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
    /// Who created it.
    pub created: Stamp,
    /// Who archived it, while it is archived.
    pub archived: Option<Stamp>,
    /// Who deleted it, while it is deleted. An edit after a deletion stays, and restoring brings all of it back.
    pub deleted: Option<Stamp>,
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
