//! The board: its schema in Automerge, and the view that everyone reads.

mod card;
mod document;
mod view;

pub use card::{Card, Column, ColumnRole, Person, Stamp};
pub use document::{BoardDocument, Edited};
pub use view::Board;
