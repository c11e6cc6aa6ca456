//! The board: its schema in Automerge, and the view that everyone reads.

mod card;

pub use card::{Card, Column, ColumnRole, Person, Stamp};
