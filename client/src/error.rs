//! What can go wrong, one enum an operation.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use warroom_engine::{CommandError, ImportError, QuestionError};

/// Why a client was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The relay's address can't be used.
    #[error("the relay's address is wrong: {0}: use ws://host:port/sync")]
    Address(String),
    /// The token holds characters that no HTTP header may hold.
    #[error("the token holds characters that a header can't carry: copy it again")]
    Token,
    /// The folder can't be used.
    #[error(
        "{path} can't be used to store the board: {error}: choose a folder that can be written"
    )]
    Store {
        /// Which folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The system could not start a thread.
    #[error("no thread could be started: {0}")]
    Thread(io::Error),
    /// The system has no randomness to give.
    #[error("the system gives no random bytes: {0}")]
    NoRandomness(String),
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientError {
    /// The engine refused it; nothing was changed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The engine does not answer.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The file was not imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The client is closed.
    #[error("the client is closed: open another")]
    Closed,
}
