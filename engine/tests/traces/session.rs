//! A session of several people in one text, as it was recorded.

/// A replacement: position, units deleted, text inserted. Positions count UTF-16 units.
pub(crate) type Patch = (u32, u32, String);

/// What one person did at once, on top of what they had of everybody.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    /// What it builds on, by number: its positions hold in the merge of these.
    pub(crate) parents: Vec<usize>,
    pub(crate) agent: usize,
    pub(crate) patches: Vec<Patch>,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) agents: usize,
    pub(crate) transactions: Vec<Transaction>,
    /// The text in the end.
    pub(crate) end: String,
}
