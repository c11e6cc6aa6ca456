//! The same board on our engine and on other libraries, each as its own users would build it.
//!
//! `cargo bench -p rivals` does the same things to all of them in turn, round after round, and prints a table of the
//! medians and of their ratios to raw Automerge; `docs/BENCHMARKS.md` holds the last one. A card has a title of about
//! 30 characters, a body of 200 (both typed together), a place, labels and a mark for deleted ones. How each library
//! holds it:
//!
//! * **ours**: the engine's documents, its view and deltas included, because nobody works without; bodies are documents
//!   of their own, opened when somebody writes in them. What arrives is checked by the guard first.
//! * **automerge**: one document; `cards` is a map of maps with two texts each, the place is one string with a
//!   fractional key, a change for each edit. No view is kept up to date.
//! * **yrs**, **yjs**: the same shape in shared maps and texts, a transaction for each edit; garbage collection is on, as
//!   it is by default.
//! * **loro**: the same shape in Loro's maps and texts, a commit for each edit. Its movable list and tree would hold the
//!   order of one column, but not a move between two as one register.
//! * **automerge (JS)**: the same shape through `change` and `splice`.
//!
//! They do not do the same amount of work, and none is wrong: Yjs throws history away, Loro can leave it out, and
//! neither can say who changed what and when as Automerge can.
#![expect(clippy::expect_used, reason = "a library that can't do the work has to stop the bench")]

mod automerge_board;
mod library;
mod ours;

pub use automerge_board::RawBoard;
pub use library::{Library, Places};
pub use ours::Desk;
