//! Why a request about a board is not done.

use thiserror::Error;
use warroom_engine::{CommandError, ImportError, QuestionError};

use crate::core::Limit;
use crate::error::StoreError;
use crate::limits::TASK_FILE_BODIES_MAX;
use crate::registry::NotReady;

/// One variant for each answer over HTTP (`relay/src/http/tasks.rs`).
#[derive(Debug, Error)]
pub(crate) enum TaskError {
    /// The relay is not ready.
    #[error("{}", .0.sentence())]
    NotReady(NotReady),
    /// Every place is taken by rooms that are worked on.
    #[error("too many rooms are asked for at once: try again in a few seconds")]
    Rooms,
    /// It took too long.
    #[error(
        "the relay did not get to the end in time: look whether it was done, then try again in a few seconds"
    )]
    Late,
    /// The way to the documents was closed meanwhile, and the relay is not ready.
    #[error(
        "the relay stopped saving meanwhile: look whether it was done, then try again in a few seconds"
    )]
    Ended,
    /// The engine panicked over this board.
    #[error("this board made the engine fail: tell the operator of the relay, other rooms work")]
    Failed,
    /// More operations than the relay applies.
    #[error("the history of this board is too long to be served over HTTP: open it in the app")]
    TooLarge,
    /// What is stored can't be read.
    #[error("the store can't be read: try again in a few seconds, or tell the operator")]
    Store(#[from] StoreError),
    /// No such task, or it is deleted.
    #[error("there is no such task: the list of tasks has those that there are")]
    UnknownTask,
    /// The task is not as `If-Match` says.
    #[error("the task changed meanwhile: read it again, and send If-Match with the ETag of that")]
    Changed,
    /// A value that is named is not on the board.
    #[error("there is no {what} {named:?}: {instead}")]
    Unknown {
        /// What is looked for.
        what: &'static str,
        /// What it was called.
        named: String,
        /// What to do.
        instead: String,
    },
    /// A question is not answered.
    #[error("{0}")]
    Asked(#[from] QuestionError),
    /// A file is not taken.
    #[error("{0}")]
    File(#[from] ImportError),
    /// A file of text is none.
    #[error("the file is not text in UTF-8: save it as that")]
    NotText,
    /// A file has more bodies than a connection may open documents.
    #[error(
        "{bodies} tasks of the file have a body, and at most {TASK_FILE_BODIES_MAX} are taken at once: split it, or import it in the app"
    )]
    ManyBodies {
        /// How many.
        bodies: usize,
    },
    /// The room to be made is there.
    #[error("there is such a room already: change it at its path")]
    RoomTaken,
    /// The files of others are at work.
    #[error("too many files are read and written at once: try again in a few seconds")]
    Files,
    /// A file would be longer than one that could be read again.
    #[error("the room is too large for one file: let its devices sync")]
    LargeFile,
    /// A title is missing.
    #[error("title is missing: a task has one")]
    NoTitle,
    /// The id of another task is taken, or that in the body is not that of the path.
    #[error("the id is that of another task: leave it out, or ask at the path of that one")]
    OtherId,
    /// The engine refuses.
    #[error("{0}")]
    Refused(#[from] CommandError),
}

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The request can't be done as it is.
    Wrong,
    /// What it is about is not there.
    Missing,
    /// Something else is there.
    Conflict,
    /// It is not as the request says.
    Changed,
    /// Nobody may.
    Forbidden,
    /// Not now.
    Unavailable,
    /// A failure of the relay.
    Failed,
}

impl TaskError {
    /// What kind of answer it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::NotReady(_)
            | Self::Rooms
            | Self::Files
            | Self::Late
            | Self::Ended
            | Self::Store(_) => Kind::Unavailable,
            Self::Failed => Kind::Failed,
            Self::UnknownTask | Self::Refused(CommandError::UnknownCard) => Kind::Missing,
            Self::Changed => Kind::Changed,
            Self::OtherId
            | Self::TooLarge
            | Self::LargeFile
            | Self::RoomTaken
            | Self::Asked(QuestionError::TooLarge) => Kind::Conflict,
            Self::File(ImportError::Board(error)) => Self::Refused(error.clone()).kind(),
            Self::Refused(error) => match error {
                CommandError::IdTaken => Kind::Conflict,
                CommandError::ReadOnly => Kind::Forbidden,
                CommandError::InTransaction { number: _, reason } => {
                    Self::Refused(reason.as_ref().clone()).kind()
                }
                CommandError::BadId
                | CommandError::BadDay
                | CommandError::UnknownCard
                | CommandError::UnknownColumn
                | CommandError::UnknownPart
                | CommandError::TooLong { .. }
                | CommandError::OutsideText
                | CommandError::NotLoaded
                | CommandError::NotYours
                | CommandError::NothingToUndo
                | CommandError::NothingToRedo
                | CommandError::TooMany { .. }
                | CommandError::UnknownMoment
                | CommandError::NotTogether
                | CommandError::Refused(_) => Kind::Wrong,
            },
            Self::Unknown { .. }
            | Self::NoTitle
            | Self::Asked(_)
            | Self::NotText
            | Self::ManyBodies { .. }
            | Self::File(ImportError::File { .. }) => Kind::Wrong,
        }
    }

    /// The limit that was hit, where that is why.
    pub(crate) fn limit(&self) -> Option<Limit> {
        match self {
            Self::Rooms => Some(Limit::TaskRooms),
            Self::Late => Some(Limit::TaskWithin),
            Self::TooLarge => Some(Limit::TaskDocumentOps),
            Self::Files => Some(Limit::TaskFiles),
            Self::LargeFile => Some(Limit::TaskFileBytes),
            Self::ManyBodies { .. } => Some(Limit::TaskFileBodies),
            Self::NotReady(_)
            | Self::Ended
            | Self::Failed
            | Self::Store(_)
            | Self::UnknownTask
            | Self::Changed
            | Self::Unknown { .. }
            | Self::NoTitle
            | Self::OtherId
            | Self::RoomTaken
            | Self::NotText
            | Self::Asked(_)
            | Self::File(_)
            | Self::Refused(_) => None,
        }
    }
}
