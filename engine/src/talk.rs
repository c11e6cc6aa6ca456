//! What people say about cards: comments with reactions, votes, and how far each has read. A document of its own, because
//! a conversation grows faster than a board and read markers would clutter its history.

mod command;
mod commands;
mod comment;
mod document;
mod hints;
mod import;
mod markers;
mod read;
mod view;

pub use command::TalkCommand;
pub use comment::{Comment, Reaction, Seen, Votes};
pub use document::{TalkDocument, talk_id};
pub use import::ImportedTalk;
pub(crate) use import::TalkPlan;
pub use view::Talk;
