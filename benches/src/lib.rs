//! How fast boards build, edit, merge and open: the workloads, the same for every run and for every rival.
//!
//! Boards of 100, 1,000 and 10,000 cards in three columns, titles of about 30 characters, one change for each command;
//! "aged" boards have 20,000 mixed edits behind them ([`script`] says of what). `cargo bench` prints the tables;
//! compare ratios, not numbers from two machines.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a workload that can't run has to stop the bench"
)]

mod board;
mod body;
mod clock;
mod heap;
mod relay;
mod screen;
pub mod script;
mod traces;

pub use board::{
    act, add, beyond, built, card, changes, edit_board, edit_many, empty, keystroke, label_all,
    move_card, opened, receive, snapshot, stored_board, time,
};
pub use body::{Typed, body_beyond, body_of, paste, receive_body};
pub use clock::{Stopwatch, median, timed};
pub use heap::{PeakAlloc, measured, megabytes};
pub use relay::{Disk, Room, Told};
pub use screen::{Shown, opened_room, page, shown};
pub use traces::{NO_TRACES, Patches, Trace, trace};

/// How many cards the boards have.
pub const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// How many edits an aged board has behind it.
pub const AGED_EDITS: usize = 20_000;

/// Edits that each side of a merge made offline.
pub const OFFLINE_EDITS: usize = 1_000;
