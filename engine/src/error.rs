//! What can go wrong, one enum an operation.

use thiserror::Error;

/// Why a command changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// The id is not 1 to 64 characters of base64url.
    #[error("not an id: use 1 to 64 letters, digits, - and _")]
    BadId,
    /// Not a day of the calendar.
    #[error("not a day: write it as YYYY-MM-DD")]
    BadDay,
    /// No such card on this board.
    #[error("there is no such card: it may not have arrived here yet")]
    UnknownCard,
    /// No such column on this board.
    #[error("there is no such column: it may not have arrived here yet")]
    UnknownColumn,
    /// No such label, item or attachment.
    #[error("there is no such thing: it may not have arrived here yet")]
    UnknownPart,
    /// A card, column, label, item or attachment with this id exists.
    #[error("the id is taken: make a fresh one")]
    IdTaken,
    /// Longer than the limit.
    #[error("{units} characters: at most {units_max} are kept here")]
    TooLong {
        /// UTF-16 units that the text would have.
        units: usize,
        /// The limit.
        units_max: usize,
    },
    /// A splice outside its text, or of a text that is not open.
    #[error("the text is not open, or the position lies outside it: open it again")]
    OutsideText,
    /// The document has not been read from this device's storage yet.
    #[error("the board is still opening: try again when it is there")]
    NotLoaded,
    /// A comment of somebody else can't be edited.
    #[error("only its author can edit a comment: answer it instead")]
    NotYours,
    /// The document is of a newer major schema, or rights do not allow writing.
    #[error("this board can only be read here: update the app or ask for the right to write")]
    ReadOnly,
    /// There is nothing to undo.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// There is nothing to do again.
    #[error("there is nothing to redo")]
    NothingToRedo,
    /// A card holds as many items or attachments as it may.
    #[error("there are {count_max} already: delete some first")]
    TooMany {
        /// The limit.
        count_max: usize,
    },
    /// The moment names a change that is not on this device, or the card was not there then.
    #[error("the card was not there at that moment, or a part of its history has not arrived here")]
    UnknownMoment,
    /// It can't be one of the commands of a transaction.
    #[error("this can't be done together with others: do it by itself")]
    NotTogether,
    /// One of the commands of a transaction was refused, so that none was done.
    #[error("nothing was done, because command {number} was refused: {reason}")]
    InTransaction {
        /// Which of them, counted from 1.
        number: usize,
        /// Why.
        reason: Box<CommandError>,
    },
    /// Automerge refused; nothing was changed.
    #[error("the change was refused: {0}")]
    Refused(String),
}

impl CommandError {
    /// Every code that [`CommandError::code`] gives, for callers that switch over them.
    pub const CODES: [&'static str; 17] = [
        "badId",
        "badDay",
        "unknownCard",
        "unknownColumn",
        "unknownPart",
        "idTaken",
        "tooLong",
        "outsideText",
        "notLoaded",
        "notYours",
        "readOnly",
        "nothingToUndo",
        "nothingToRedo",
        "tooMany",
        "unknownMoment",
        "notTogether",
        "refused",
    ];

    /// The stable name of the variant, for callers in other languages; of a transaction, why one of its commands was refused.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadId => "badId",
            Self::BadDay => "badDay",
            Self::UnknownCard => "unknownCard",
            Self::UnknownColumn => "unknownColumn",
            Self::UnknownPart => "unknownPart",
            Self::IdTaken => "idTaken",
            Self::TooLong { units: _, units_max: _ } => "tooLong",
            Self::OutsideText => "outsideText",
            Self::NotLoaded => "notLoaded",
            Self::NotYours => "notYours",
            Self::ReadOnly => "readOnly",
            Self::NothingToUndo => "nothingToUndo",
            Self::NothingToRedo => "nothingToRedo",
            Self::TooMany { count_max: _ } => "tooMany",
            Self::UnknownMoment => "unknownMoment",
            Self::NotTogether => "notTogether",
            Self::InTransaction { number: _, reason } => reason.code(),
            Self::Refused(_) => "refused",
        }
    }
}

/// Why changes from outside were not taken in; the sender is to be disconnected. The document holds what it held
/// before, or some of the changes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReceiveError {
    /// Automerge refused them.
    #[error("the changes were refused: {0}")]
    Refused(String),
    /// Automerge panicked over them; the document was made again without them.
    #[error("the changes made the document fail and were left out")]
    Panicked,
    /// Automerge panicked and the document could not be made again: read it from storage again.
    #[error("the document failed: open it again")]
    Broken,
}
