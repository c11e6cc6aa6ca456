//! The commands of an operator.

use std::path::PathBuf;

use clap::Subcommand;
use warroom_protocol::DocumentId;

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
    /// List the documents: id, changes, bytes, the room where it is another document, and why it can't be compacted where it
    /// can't; parted by tabs.
    List {
        /// Where the store is.
        #[command(flatten)]
        place: Place,
        /// A backup, or another database that no relay has open, instead of the store.
        #[arg(long, value_name = "FILE")]
        of: Option<PathBuf>,
    },
    /// Bring back what a backup has and the store lacks; what the store has beyond it stays.
    ///
    /// Changes are known by their hashes and fit together in any order, so nothing is lost or doubled, and it may be done
    /// twice. Who has a document open sees what comes. Where no relay runs and there is no store, one is made. Ends with 3
    /// where something could not be brought back, which is said.
    Restore {
        /// Where the store is.
        #[command(flatten)]
        place: Place,
        /// The backup, or a room that was exported.
        file: PathBuf,
    },
    /// Write a document into a new file: its Automerge changes one after the other, which `Automerge.load` reads.
    Export {
        /// Where the store is.
        #[command(flatten)]
        place: Place,
        /// The document: its id, or room:NAME for the board of that room.
        #[arg(value_parser = document)]
        document: DocumentId,
        /// The file to make; nothing may be there yet.
        file: PathBuf,
        /// Write the whole room instead, the document with all that count to it, as a store of its own, which restore reads.
        #[arg(long)]
        room: bool,
        /// A backup, or another database that no relay has open, instead of the store.
        #[arg(long, value_name = "FILE")]
        of: Option<PathBuf>,
    },
    /// Bring the changes in a file that export wrote to a document, which is made when it is not there.
    Import {
        /// Where the store is.
        #[command(flatten)]
        place: Place,
        /// The document: its id, or room:NAME for the board of that room.
        #[arg(value_parser = document)]
        document: DocumentId,
        /// The file: changes of Automerge one after the other. What `Automerge.save` writes is another format, and is refused.
        file: PathBuf,
        /// The document is to count to the room of this one.
        #[arg(long, value_name = "DOCUMENT", value_parser = document)]
        into: Option<DocumentId>,
    },
}

/// A document, by its id or by the name of the room whose board it is.
fn document(text: &str) -> Result<DocumentId, String> {
    if let Some(name) = text.strip_prefix("room:") {
        return Ok(DocumentId::from_room_name(name));
    }
    let id = text.strip_prefix("automerge:").unwrap_or(text);
    id.parse().map_err(|_| "give an id as warroom list has it, or room: and a name".to_owned())
}

impl OperatorCommand {
    /// Where its store is.
    pub(crate) fn place_mut(&mut self) -> &mut Place {
        match self {
            Self::Backup { place, .. }
            | Self::Verify { place, .. }
            | Self::List { place, .. }
            | Self::Restore { place, .. }
            | Self::Export { place, .. }
            | Self::Import { place, .. } => place,
        }
    }
}
