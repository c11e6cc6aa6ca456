//! The pure part of the relay: what a socket says, what a document does with it, and what goes out again.
//!
//! Every machine here has one shape: what happened goes in by `handle_*`, what is to be done comes out of one
//! ordered queue by `poll_output`, and `next_timeout` says when to call `handle_timeout`. Time is an argument.
//! Nothing here waits, locks, calls back, reads a clock or throws dice; the shell and the simulator drive the
//! same code. Nothing here knows what a board is, and no CRDT op set is ever built: [`history`] keeps the graph of
//! changes and their bytes, and that is enough to serve sync.

pub mod answer;
pub mod close;
pub mod connection;
pub mod counters;
pub mod document;
pub mod effect;
pub mod history;
pub mod ledger;
pub mod limit;
pub mod orphans;
pub mod outbox;
mod reach;

pub use close::CloseReason;
pub use connection::{Connection, ConnectionSettings};
pub use counters::{Counters, FrameKind, Frames};
pub use document::{Document, DocumentSettings};
pub use effect::{
    Access, Compacted, ConnectionOutput, DocumentInput, DocumentOutput, Lane, RoomPage, SavedChange,
};
pub use limit::Limit;
pub use outbox::{Outbox, OutboxFull, Taken};
