//! The board: its schema in Automerge, and the view that everyone reads.

mod card;
mod commands;
mod day;
mod document;
mod hints;
mod import;
mod order;
mod place;
mod places;
mod plan;
pub(crate) mod read;
mod refresh;
mod repair;
pub(crate) mod schema;
mod source;
mod view;
mod words;
mod write;

pub use card::{
    Attachment, AttachmentKind, Card, ChecklistItem, Colour, Column, ColumnRole, Label, Person,
    Priority, Stamp,
};
pub use day::Day;
pub use document::{BoardDocument, Edited};
pub(crate) use hints::keys_of;
pub(crate) use import::ImportPlan;
pub use import::Imported;
pub(crate) use order::keys_between;
pub(crate) use read::{MOMENT_MAX, is_newer, map_at, stamp as stamp_in, text_at};
pub(crate) use read::{maps_by_id, split_place};
pub(crate) use refresh::build;
pub(crate) use source::Source;
pub use view::Board;
pub(crate) use words::words;
