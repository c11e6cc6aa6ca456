//! The commands of an operator.

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::Place;

/// What an operator does to a store.
///
/// Each works on the store of the relay that runs, through the socket beside its database, or on the file where none
/// runs. It ends with 0 when it was done, 1 when it could not be, 2 when it was called wrongly, and 3 when something was found
/// wrong.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Copy the whole store into a new file, as of one moment, while people go on working.
    ///
    /// The file is a database like that of the relay. It is read again to its end before it gets its name, and nothing is left
    /// of one that could not be finished.
    Backup {
        /// Where the store is.
        #[command(flatten)]
        place: Place,
        /// The file to make; nothing may be there yet.
        file: PathBuf,
    },
    /// Read everything that is stored and say what does not fit together.
    ///
    /// Says the id of the document of each finding and ends with 3 where there is one. Nothing is written or repaired.
    Verify {
        /// Where the store is.
        #[command(flatten)]
        place: Place,
        /// A backup, or another database that no relay has open, instead of the store.
        file: Option<PathBuf>,
    },
    /// List the documents: id, changes, bytes, and the room where it is another document; parted by tabs.
    List {
        /// Where the store is.
        #[command(flatten)]
        place: Place,
        /// A backup, or another database that no relay has open, instead of the store.
        #[arg(long, value_name = "FILE")]
        of: Option<PathBuf>,
    },
}

impl OperatorCommand {
    /// Where its store is.
    pub(crate) fn place_mut(&mut self) -> &mut Place {
        match self {
            Self::Backup { place, .. } | Self::Verify { place, .. } | Self::List { place, .. } => {
                place
            }
        }
    }
}
