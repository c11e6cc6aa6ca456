//! What an operator does to a store: the same whether a relay runs on it or not.
//!
//! One process has the database. Where a relay runs, a command asks it through a Unix domain socket beside the database
//! file, which only the user of the relay reaches; where none runs, the command opens the file and answers itself. Both
//! ways end in one router, so a command does not know which it took.

mod arguments;
mod asking;
mod bring;
mod commands;
mod lines;
mod moving;
mod router;
mod socket;

pub use self::arguments::OperatorCommand;
pub use self::commands::{Outcome, run};
pub(crate) use self::router::router;
pub(crate) use self::socket::{Socket, beside};
