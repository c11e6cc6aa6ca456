//! The board: its schema in Automerge, and the view that everyone reads.

mod card;
mod document;
mod order;
mod read;
mod repair;
pub(crate) mod schema;
mod view;

pub use card::{Card, Column, ColumnRole, Person, Stamp};
pub use document::{BoardDocument, Edited};
pub use view::Board;
