//! What a person asks of a room: nothing changes by it, and the answer comes when what it needs was read.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::conflict::Conflict;
use crate::delta::Delta;
use crate::export::TextFormat;
use crate::history::{ActivityPage, Away, ChangeId, Cursor, Moment, PastCard};
use crate::ids::CardId;
use crate::room_file::base64;
use crate::search::Hit;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(serde::Serialize, ts_rs::TS))]
#[cfg_attr(feature = "typescript", serde(tag = "type", rename_all = "camelCase"))]
pub enum Question {
    /// Which cards hold every word: in the title, the checklist, the names of labels and people, the body, or a comment
    /// that is not deleted. Bodies and comments are those that are on this device. Words are parted by white space; upper and lower case are alike.
    Search {
        /// The words.
        text: String,
    },
    /// The room as a file, as it is when the board is read. Bodies are those that are on this device.
    Export {
        /// In which format.
        format: TextFormat,
    },
    /// The room as one file, with the history of every document that is on this device.
    ExportRoom,
    /// What happened on the board, or to one card (with what was typed in its body), newest first.
    Activity {
        /// Of this card alone.
        card: Option<CardId>,
        /// Where the page begins; none: now.
        before: Option<Cursor>,
        /// How many entries at most; no page has more than 200.
        limit: u32,
    },
    /// The board as it was.
    BoardAt {
        /// When.
        moment: Moment,
    },
    /// Every register that several people wrote at the same time.
    Conflicts,
    /// What others changed since a moment, such as the heads that this person saw last.
    Away {
        /// Since when.
        since: Moment,
    },
    /// A card as it was, with its body.
    CardAt {
        /// Which.
        card: CardId,
        /// When.
        moment: Moment,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Answer {
    /// To [`Question::Search`].
    Found {
        /// The cards that are not deleted, archived ones included: those whose title holds more of the words first, then
        /// those whose body was edited last, or that were made last.
        hits: Vec<Hit>,
        /// There are more than a person would read through.
        more: bool,
    },
    /// To [`Question::Export`].
    Exported {
        /// The whole file.
        text: String,
    },
    /// To [`Question::ExportRoom`].
    ExportedRoom {
        /// The whole file; in JSON as base64 (RFC 4648).
        #[serde(rename = "base64", serialize_with = "as_base64")]
        #[cfg_attr(feature = "typescript", ts(rename = "base64", type = "string"))]
        file: Bytes,
    },
    /// To [`Question::Activity`].
    Activity {
        /// The page.
        page: ActivityPage,
    },
    /// To [`Question::BoardAt`].
    BoardAt {
        /// The whole board, as a [`Delta::Reset`].
        board: Box<Delta>,
    },
    /// To [`Question::Conflicts`].
    Conflicts {
        /// In the order of the board's parts and their ids; at most 500.
        conflicts: Vec<Conflict>,
    },
    /// To [`Question::Away`].
    Away {
        /// What they changed, and the heads that this person has seen now, to ask from next time.
        away: Box<Away>,
        /// See `away`.
        seen: Vec<ChangeId>,
    },
    /// To [`Question::CardAt`].
    CardAt {
        /// The card as it was.
        past: Box<PastCard>,
    },
}

fn as_base64<S: Serializer>(file: &Bytes, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&base64(file))
}

/// Why a question is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuestionError {
    /// The board has not been read from this device's storage yet.
    #[error("the board is still opening: ask again when it is there")]
    NotLoaded,
    /// More questions wait than a person can read answers.
    #[error("{count_max} questions wait already: ask again when they are answered")]
    TooMany {
        /// The limit.
        count_max: usize,
    },
    /// Longer than the limit.
    #[error("{units} characters: ask with at most {units_max}")]
    TooLong {
        /// UTF-16 units of the question.
        units: usize,
        /// The limit.
        units_max: usize,
    },
    /// The moment names a change that is not on this device.
    #[error("the moment names a change that is not here: ask again when it has come")]
    UnknownMoment,
    /// The room is larger than a file that could be imported again.
    #[error("the room is too large for one file: let its devices sync, or export JSON")]
    TooLarge,
    /// This build of the engine has JSON alone: the cargo feature `formats` is off.
    #[error("this build reads and writes JSON only: convert it (`formats`)")]
    NoFormats,
}

impl QuestionError {
    /// Every code that [`QuestionError::code`] gives, for callers that switch over them.
    pub const CODES: [&'static str; 6] =
        ["notLoaded", "tooMany", "tooLong", "unknownMoment", "tooLarge", "noFormats"];

    /// The stable name of the variant, for callers in other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotLoaded => "notLoaded",
            Self::TooMany { count_max: _ } => "tooMany",
            Self::TooLong { units: _, units_max: _ } => "tooLong",
            Self::UnknownMoment => "unknownMoment",
            Self::TooLarge => "tooLarge",
            Self::NoFormats => "noFormats",
        }
    }
}
