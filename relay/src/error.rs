//! What can go wrong, one enum for each operation.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use warroom_protocol::GuardError;

use crate::core::CloseReason;

/// Why a store can't be opened. Nothing was written.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Not a database of ours.
    #[error(
        "{path} is not a war room database ({why}): it was left as it is, choose another with --data or --database"
    )]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What it is instead.
        why: &'static str,
    },
    /// Ours, but damaged.
    #[error("{path} is damaged ({why}): it was left in its place, move it away and restore a copy")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// Written by a later version.
    #[error("{path} was written by a later version (format {format}): start that one")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// Another process has it.
    #[error("{path} is in use by another process: stop that one, or choose another with --data")]
    Locked {
        /// Which file.
        path: PathBuf,
    },
    /// One of ours, but not the one that was open before it failed.
    #[error(
        "{path} is not the database that was open before: put that one back, or start the relay again to use this one"
    )]
    Replaced {
        /// Which file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error(
        "{path} can't be used ({source}): check that the folder exists, is writable and has space"
    )]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no thread for it.
    #[error("the store's thread can't be started ({0}): look at the limits of the system")]
    Thread(io::Error),
}

impl OpenError {
    /// The same, about the file at `path`.
    #[must_use]
    pub(crate) fn at(self, path: &std::path::Path) -> Self {
        let path = path.to_path_buf();
        match self {
            Self::Foreign { why, .. } => Self::Foreign { path, why },
            Self::Damaged { why, .. } => Self::Damaged { path, why },
            Self::Newer { format, .. } => Self::Newer { path, format },
            Self::Locked { .. } => Self::Locked { path },
            Self::Replaced { .. } => Self::Replaced { path },
            Self::Io { source, .. } => Self::Io { path, source },
            Self::Thread(source) => Self::Thread(source),
        }
    }
}

/// Why a store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It can't write now. It reopens by itself; try again when the relay is ready.
    #[error("the store can't be written: free space on the disk or look at its health")]
    ReadOnly,
    /// It can't be read now. It reopens by itself; try again when the relay is ready.
    #[error("the store can't be read: look at the health of the disk")]
    Unreadable,
    /// What was to be appended does not fit what is stored: load the document again and take it from there.
    #[error("a change depends on one that is not stored, or is none: load the document again")]
    Refused,
    /// It was closed or its thread died.
    #[error("the store is closed: start the relay again")]
    Closed,
}

/// Why changes that an operator brings were not taken in.
#[derive(Debug, Error)]
pub enum BringError {
    /// They are no changes.
    #[error("what is brought is no document, or not one of single changes ({0})")]
    Guard(#[from] GuardError),
    /// They do not fit the document, or nothing can be saved.
    #[error("{0}")]
    Refused(CloseReason),
    /// They depend on changes that are not there.
    #[error("{missing} changes that it builds on are not here: bring those first")]
    Missing {
        /// How many.
        missing: usize,
    },
    /// The store can't say what is there.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk can't be read.
    #[error("the store can't be read ({0}): look at the health of the disk")]
    Disk(String),
}

impl BringError {
    /// The disk can't be read.
    pub(crate) fn unread(error: impl std::error::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// Why an operator's command was not carried out.
#[derive(Debug, Error)]
pub enum OperateError {
    /// The store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A copy can't be made.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// Somebody has the store and does not answer.
    #[error(
        "{path} is in use and nobody answers at {socket}: wait until the relay has started, or stop what has the file"
    )]
    Silent {
        /// The database.
        path: PathBuf,
        /// Where a relay would listen.
        socket: PathBuf,
    },
    /// The relay runs as another user.
    #[error("{socket} belongs to another user: run this as the user of the relay, or as root")]
    Denied {
        /// Where the relay listens.
        socket: PathBuf,
    },
    /// The relay is gone.
    #[error("the relay stopped before it had answered: try again")]
    Left,
    /// The relay does not know what is asked, or says something that is not known here.
    #[error("the relay that runs is of another version: use its own program")]
    Version,
    /// It says why not.
    #[error("{0}")]
    Failed(String),
    /// There is nothing of it.
    #[error("no document {document} is stored: look at warroom list")]
    Nothing {
        /// Which.
        document: String,
    },
    /// A file can't be read or written.
    #[error("{path} can't be used ({source})")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nobody reads what is said.
    #[error("what came of it can't be written ({0})")]
    Output(io::Error),
    /// The system refuses something else.
    #[error("the system refuses ({0}): look at its limits")]
    System(io::Error),
}

/// Why a copy of a store was not made. Nothing is left of it.
#[derive(Debug, Error)]
pub enum CopyError {
    /// There is something already.
    #[error("{path} is there already: choose another name, nothing is written over")]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error(
        "{path} can't be written ({source}): check that its folder exists, is writable and has space"
    )]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What is copied can't be read.
    #[error(
        "the store can't be read to its end ({0}): look at the health of the disk, then try again"
    )]
    Source(String),
    /// The rows ended early.
    #[error("the copy is not whole: the relay stopped meanwhile; try again")]
    Torn,
    /// The rows are none.
    #[error("what the relay sends is no copy of a store: use the program of the version that runs")]
    Malformed,
    /// A table that this program does not know.
    #[error(
        "the store has a table {name} that is not known here: use the program of the version that runs"
    )]
    Table {
        /// What it is called.
        name: String,
    },
    /// What was written reads otherwise.
    #[error("the copy can't be read again: {0}")]
    Unreadable(OpenError),
    /// Whoever wanted it left.
    #[error("nobody takes the copy")]
    Unwanted,
}

/// Why a stored record can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RecordError {
    /// It ends early, or has a length that can't be.
    #[error("ends early")]
    Short,
    /// A version that this program does not know.
    #[error("version {version} is unknown")]
    Version {
        /// Which.
        version: u8,
    },
    /// Its chunk does not pass the guard: it is damaged, or a version with another guard wrote it.
    #[error("its change does not pass the guard")]
    Guard,
    /// Its chunk is not what was written.
    #[error("its checksum does not fit")]
    Checksum,
    /// It depends on a record that can't be read.
    #[error("what it depends on can't be read")]
    Dependency,
}

/// Why a configuration is not served.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// Others could reach an open relay.
    #[error(
        "{listen} can be reached by others, who could read and write every board: listen on 127.0.0.1, or add --insecure-open to allow it"
    )]
    OpenToOthers {
        /// Where it was to listen.
        listen: std::net::SocketAddr,
    },
}

/// Why the relay does not serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Somebody else listens there.
    #[error(
        "{listen} is in use: stop the program that listens there, or choose another with {flag}"
    )]
    PortInUse {
        /// Where it was to listen.
        listen: std::net::SocketAddr,
        /// What said so.
        flag: &'static str,
    },
    /// The system refuses to listen.
    #[error("can't listen on {listen} ({source}): choose another address with {flag}")]
    Listen {
        /// Where it was to listen.
        listen: std::net::SocketAddr,
        /// What said so.
        flag: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A second signal did not let it drain.
    #[error(
        "stopped at once by a second signal: what was acknowledged is saved, the rest comes again"
    )]
    Interrupted,
    /// The system refuses something else that the program needs to start.
    #[error("can't start ({0}): look at the limits of the system")]
    System(#[from] io::Error),
}
