//! Who is here and what they do: never stored, carried by ephemeral messages on the board's document.

mod channels;
mod others;
mod own;
mod room;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::ids::{CardId, ColumnId, UserId};

pub(crate) use room::PresenceRoom;

/// Where somebody types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "in", rename_all = "camelCase")]
pub enum TypingPlace {
    /// In a card's title or body.
    Card {
        /// Which card.
        card: CardId,
    },
    /// In the composer of a column.
    Composer {
        /// Which column.
        column: ColumnId,
    },
}

/// A pointer over the board, as fractions, because sizes differ from screen to screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Pointer {
    /// The column under it.
    pub column: ColumnId,
    /// The card under it.
    pub card: Option<CardId>,
    /// Fraction of the card's (or column's) width, 0 to 1.
    pub fx: f32,
    /// Fraction of the card's (or column's) height, 0 to 1.
    pub fy: f32,
}

/// Where a carried card hovers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Hover {
    /// Over which column.
    pub column: ColumnId,
    /// Before which card; none: at the end.
    pub before: Option<CardId>,
}

/// "I am moving these": a courtesy lock. Of two concurrent claims on a card the one with the lower
/// (`lamport`, peer id) stands; the other is revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The cards being moved.
    pub cards: Vec<CardId>,
    /// One more than the highest that its maker had seen.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub lamport: u64,
    /// Where they hover.
    pub hover: Option<Hover>,
}

/// What a person does here, told to the replica by its frontend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Presence {
    /// Has this card open, or none.
    Viewing {
        /// Which.
        card: Option<CardId>,
    },
    /// Types here, or stopped.
    Typing {
        /// Where.
        place: Option<TypingPlace>,
    },
    /// The pointer is here, or left the board.
    Pointing {
        /// Where.
        pointer: Option<Pointer>,
    },
    /// No input for a while, or the page is hidden.
    Idle {
        /// Whether.
        idle: bool,
    },
    /// Picks cards up. Answered by `GrabDenied` when somebody is moving one of them.
    Grab {
        /// Which.
        cards: Vec<CardId>,
    },
    /// Carries what was grabbed to here.
    Carry {
        /// Where.
        hover: Option<Hover>,
    },
    /// Puts down what was grabbed, moved or not.
    Release,
}

/// Another tab or person, as this replica knows it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// The tab's or program's peer id.
    pub peer: String,
    /// The person, if the peer says who it is.
    pub user: Option<UserId>,
    /// Display name; empty when unknown.
    pub name: String,
    /// Index into the palette of 12 presence colours.
    pub colour: u8,
    /// No input for a while.
    pub idle: bool,
    /// The card it has open.
    pub viewing: Option<CardId>,
    /// Where it types.
    pub typing: Option<TypingPlace>,
    /// Where its pointer is.
    pub pointer: Option<Pointer>,
    /// What it is moving.
    pub claim: Option<Claim>,
}

/// A change of who is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PresenceDelta {
    /// A peer is new or changed.
    PeerPut {
        /// The peer as it is now.
        peer: Peer,
    },
    /// A peer is gone.
    PeerGone {
        /// Its peer id.
        peer: String,
    },
    /// My grab did not happen: somebody is moving one of the cards.
    GrabDenied {
        /// The card.
        card: CardId,
        /// Who moves it.
        by: Peer,
    },
    /// My grab is taken back: somebody picked the card up first. Nothing is to be committed.
    GrabRevoked {
        /// The card.
        card: CardId,
        /// Who has it.
        by: Peer,
    },
    /// My grab ran out: nothing was carried for a minute. Nothing is to be committed.
    GrabExpired {
        /// The cards that I was moving.
        cards: Vec<CardId>,
    },
}
