//! The board as plain values: what everyone reads, changed by deltas alone.

/// The materialised board.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Board {}
