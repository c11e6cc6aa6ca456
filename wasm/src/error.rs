//! What JavaScript is thrown: an `Error` with a stable `code` beside its sentence.

use thiserror::Error;
use warroom_engine::{CommandError, ImportError, QuestionError};
use wasm_bindgen::JsValue;

/// Why a call did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallError {
    /// The engine refused.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The engine does not answer.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The file was not imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The JSON is not what this version knows.
    #[error("not understood: {0}; the SDK and the engine have to be of one version")]
    BadCall(String),
    /// The room is neither a name nor an `automerge:` address.
    #[error("not a room: {0}")]
    BadRoom(#[from] warroom_protocol::IdError),
    /// The board was closed.
    #[error("the board is closed: open it again")]
    Closed,
}

impl CallError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Command(error) => error.code(),
            Self::Question(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::BadCall(_) | Self::BadRoom(_) => "badCommand",
            Self::Closed => "closed",
        }
    }
}

impl From<CallError> for JsValue {
    fn from(error: CallError) -> Self {
        let thrown = js_sys::Error::new(&error.to_string());
        // setting a property of a fresh object does not fail
        let _set = js_sys::Reflect::set(&thrown, &"code".into(), &error.code().into());
        thrown.into()
    }
}
