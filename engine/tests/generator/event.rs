//! What happens in an episode. An event means something whatever happened before it, so that a failing list of them can
//! be made shorter by leaving some out.

use warroom_engine::{CardId, Command, TalkCommand};

/// A replica, by its number.
pub(crate) type Who = usize;

#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A person gives a command; it may be refused.
    Act(Who, Command),
    /// A person types in an open title: at a character counted round the text, deleting some, inserting.
    Type { who: Who, card: CardId, at: usize, delete: usize, insert: String },
    /// A person says something, or reads; it may be refused.
    Say(Who, TalkCommand),
    /// A person settles a conflict, counted round those that there are, by one of its values, counted round them.
    Settle { who: Who, conflict: usize, choice: usize },
    /// A person makes a card again as it was after a change, counted round those that there are.
    RestoreAt { who: Who, card: CardId, change: usize },
    /// The body of a card was written in.
    WriteBody(Who, CardId),
    /// The typists of a replica hear of so many splices each.
    Read(Who, usize),
    /// Time goes on, in milliseconds: what was typed may become due.
    Wait(Who, u64),
    /// The network falls apart: replicas of the same number reach each other.
    Part(Vec<u8>),
    /// One gets everything that the other has, or a part of it in a wild order, drawn from this seed.
    Pull { to: Who, from: Who, part: Option<u8> },
    /// Two exchange their boards by automerge's sync protocol until both have everything.
    Sync(Who, Who),
    /// A replica dies and comes back from what it has stored: without the newest chunks since everyone had everything,
    /// which its disk lost, or from a snapshot and what came after it.
    Restart { who: Who, lost: usize, compact: bool },
    /// Everyone writes out what was typed, and those who reach each other exchange everything.
    Quiet,
}

impl Event {
    /// Whether it counts as an operation: a person does something to the board.
    pub(crate) fn is_operation(&self) -> bool {
        match self {
            Self::Act(..)
            | Self::Say(..)
            | Self::Settle { .. }
            | Self::RestoreAt { .. }
            | Self::Type { .. }
            | Self::WriteBody(..) => true,
            Self::Read(..)
            | Self::Wait(..)
            | Self::Part(..)
            | Self::Pull { .. }
            | Self::Sync(..)
            | Self::Restart { .. }
            | Self::Quiet => false,
        }
    }
}
