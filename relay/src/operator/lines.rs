//! What the router answers where it is not bytes: a JSON object a line, the last of which says how it ended.

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use crate::error::OperateError;
use crate::store::{Finding, Verified};

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Line {
    /// A document that is stored.
    Document(Listed),
    /// Something that does not fit.
    Finding(Finding),
    /// The end of a verification.
    Verified(Verified),
    /// How many of the changes that were brought are new.
    Brought(u64),
    /// The end of a list.
    End,
    /// The end of what could not be done, in a sentence.
    Failed(String),
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    /// Its id.
    pub(super) document: String,
    /// The id of the room that it counts to, where that is another document.
    pub(super) room: Option<String>,
    /// How many changes it has.
    pub(super) changes: u64,
    /// Bytes of their chunks.
    pub(super) bytes: u64,
    /// The changes that no other depends on, in hexadecimal digits.
    pub(super) heads: Vec<String>,
    /// Why it can't be compacted, in a sentence; empty where it can, or was not tried.
    #[serde(default)]
    pub(super) harm: String,
}

impl Line {
    /// The line with its end.
    pub(super) fn encode(&self) -> Bytes {
        // nothing in it can fail to be text
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line.into()
    }
}

/// The lines of an answer, one after the other.
pub(super) struct Lines {
    body: axum::body::BodyDataStream,
    waiting: Vec<u8>,
}

impl Lines {
    pub(super) fn of(body: Body) -> Self {
        Self { body: body.into_data_stream(), waiting: Vec::new() }
    }

    /// The next line.
    ///
    /// # Errors
    /// The answer ended, or says that it failed.
    pub(super) async fn next(&mut self) -> Result<Line, OperateError> {
        loop {
            if let Some(end) = self.waiting.iter().position(|byte| *byte == b'\n') {
                let rest = self.waiting.split_off(end.saturating_add(1));
                let line = std::mem::replace(&mut self.waiting, rest);
                return match serde_json::from_slice(&line) {
                    Ok(Line::Failed(sentence)) => Err(OperateError::Failed(sentence)),
                    Ok(line) => Ok(line),
                    Err(_) => Err(OperateError::Version),
                };
            }
            match self.body.next().await {
                Some(Ok(bytes)) => self.waiting.extend_from_slice(&bytes),
                Some(Err(_)) | None => return Err(OperateError::Left),
            }
        }
    }
}
