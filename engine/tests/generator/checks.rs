//! What must hold, and what is said when it does not.

use std::collections::BTreeMap;
use std::fmt;

use warroom_engine::limits::ORDER_BYTES_MAX;
use warroom_engine::{Board, CardId};

use crate::event::Who;
use crate::shown::{Fields, Key};

/// What the checker found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Violation {
    /// Replicas of the same heads show different boards, or exchange everything and have different heads.
    Apart(Who, Who),
    /// The deltas do not lead to the view, or the view is not that of the document.
    Drifted(Who),
    /// A restart from everything that was stored shows another board.
    Forgotten(Who),
    /// Something that was made is not shown.
    Lost { key: Key },
    /// What is shown is not what was written last by anybody, or what was added is gone.
    NotWritten { key: Key, shown: String, written: Vec<(Who, String)> },
    /// A card is shown that nobody made.
    Stranger { key: Key },
    /// An undo or redo took back what somebody else wrote last.
    OthersUndone { key: Key, was: String },
    /// A card stands in so many places.
    Places { card: CardId, count: usize },
    /// An order key is too long.
    LongKey { key: String },
    /// A typist sees another text than the board.
    Typist { who: Who, card: CardId, sees: String, board: String },
    /// A conflict that was settled is still there.
    Unsettled { who: Who, key: Key },
    /// A card that was made again as it was is not as it was.
    NotRestored { who: Who, was: String, is: String },
    /// Changes were not taken in, or chunks not read.
    Refused(Who, String),
    /// The engine panicked.
    Panicked(String),
}

impl Violation {
    /// What kind it is: a shorter list of events has to fail in the same way.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Apart(..) => "apart",
            Self::Drifted(..) => "drifted",
            Self::Forgotten(..) => "forgotten",
            Self::Lost { .. } => "lost",
            Self::NotWritten { key, .. } => key.1,
            Self::Stranger { .. } => "stranger",
            Self::OthersUndone { .. } => "undone",
            Self::Places { .. } => "places",
            Self::LongKey { .. } => "long key",
            Self::Typist { .. } => "typist",
            Self::Unsettled { .. } => "unsettled",
            Self::NotRestored { .. } => "not restored",
            Self::Refused(..) => "refused",
            Self::Panicked(..) => "panicked",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self:?}", self.kind())
    }
}

/// Every card stands in exactly one place: a column or *Unsorted*, and nowhere when it is archived or deleted.
pub(crate) fn places(board: &Board) -> Result<(), Violation> {
    let mut counts: BTreeMap<&CardId, usize> = BTreeMap::new();
    let standing = board.columns().flat_map(|column| board.cards_in(&column.id));
    for card in standing.chain(board.unsorted()) {
        *counts.entry(&card.id).or_default() += 1;
    }
    for card in board.cards() {
        let expected = usize::from(card.archived.is_none() && card.deleted.is_none());
        let count = counts.remove(&card.id).unwrap_or(0);
        if count != expected {
            return Err(Violation::Places { card: card.id.clone(), count });
        }
    }
    let unknown = counts.into_iter().next();
    unknown.map_or(Ok(()), |(card, count)| Err(Violation::Places { card: card.clone(), count }))
}

/// Every order key is within its limit.
pub(crate) fn keys(fields: &Fields) -> Result<(), Violation> {
    for (key, value) in fields {
        let order = match key.1 {
            "place" => value.split_once('/').map_or("", |(_, order)| order),
            "order" | "itemOrder" => value,
            _ => continue,
        };
        if order.len() > ORDER_BYTES_MAX {
            return Err(Violation::LongKey { key: order.to_owned() });
        }
    }
    Ok(())
}
