//! Why a file was not imported, and where in it.

use std::fmt;

use thiserror::Error;

use super::Wrong;
use crate::error::CommandError;

/// Why nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// The board takes nothing now.
    #[error(transparent)]
    Board(#[from] CommandError),
    /// The file is not as it has to be.
    #[error("{place}: {what}: {to_do}")]
    File {
        /// Where.
        place: FilePlace,
        /// What is wrong there.
        what: String,
        /// What to do about it.
        to_do: &'static str,
    },
}

impl ImportError {
    pub(crate) fn at(place: FilePlace, (what, to_do): Wrong) -> Self {
        Self::File { place, what, to_do }
    }

    /// The stable name of the variant, for callers in other languages: that of the [`CommandError`], or `badFile`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Board(error) => error.code(),
            Self::File { place: _, what: _, to_do: _ } => "badFile",
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    /// The file as a whole.
    File,
    /// A line, from 1, and where it is known a column in it, from 1.
    Line {
        /// The line.
        line: usize,
        /// The column.
        column: Option<usize>,
    },
    /// A path in JSON, as JavaScript writes it: `cards[12].title`.
    Path(String),
    /// A byte of a binary file, from 0.
    Byte(usize),
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Line { line, column: None } => write!(f, "line {line}"),
            Self::Line { line, column: Some(column) } => write!(f, "line {line}, column {column}"),
            Self::Path(path) => f.write_str(path),
            Self::Byte(byte) => write!(f, "byte {byte}"),
        }
    }
}
