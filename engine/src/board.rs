//! The board: its schema in Automerge, and the view that everyone reads.

mod card;
mod commands;
mod document;
mod hints;
mod order;
mod place;
mod read;
mod refresh;
mod repair;
pub(crate) mod schema;
mod view;
mod write;

pub use card::{Card, Column, ColumnRole, Person, Stamp};
pub use document::{BoardDocument, Edited};
pub(crate) use hints::Hints;
pub(crate) use read::{is_newer, text_at};
pub use view::Board;
