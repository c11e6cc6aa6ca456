//! Formats of text into our JSON and back: with them an engine that reads and writes JSON alone, as the browser's, takes and
//! gives all of them (`wasm/formats`, loaded when somebody imports or exports).

use std::collections::BTreeMap;

use crate::board::Board;
use crate::delta::Delta;
use crate::export::{TextExport, TextFormat};
use crate::import::{Import, ImportError, ImportFormat, Importer};
use crate::talk::{Talk, Votes};

/// Reads a file and writes what it says as JSON.
///
/// # Errors
/// [`ImportError`] says where, what and what to do.
pub fn to_json(
    format: ImportFormat,
    text: &str,
    importer: &mut Importer,
) -> Result<String, ImportError> {
    Import::read(format, text, importer).map(|import| import.to_json())
}

/// Writes what a file of JSON says in another format, as [`crate::Question::Export`] would have written the room that the
/// file was exported from. The limits of an import do not hold: a board may have outgrown them.
///
/// # Errors
/// Where it is no export of the engine: [`ImportError`] says where, what and what to do.
pub fn from_json(
    json: &str,
    format: TextFormat,
    importer: &mut Importer,
) -> Result<String, ImportError> {
    let import = Import::read_own(json, importer)?;
    let cards = import.cards.iter().map(|new| new.card.clone()).collect();
    let bodies = import.cards.iter().map(|new| (&new.card.id, new.body.as_deref()));
    let bodies: BTreeMap<_, _> = bodies.collect();
    let votes = import.cards.iter().filter(|new| !new.votes.is_empty());
    let votes = votes.map(|new| Votes { card: new.card.id.clone(), by: new.votes.clone() });
    let mut talk = Talk::default();
    talk.apply(&Delta::TalkReset {
        comments: import.cards.iter().flat_map(|new| new.comments.iter().cloned()).collect(),
        votes: votes.collect(),
        seen: Vec::new(),
        read_only: false,
    });
    let mut board = Board::default();
    board.apply(&Delta::Reset {
        title: import.title,
        columns: import.columns,
        cards,
        labels: import.labels,
        people: import.people,
        read_only: false,
    });
    let mut export = TextExport::new(&board, &talk, format);
    while let Some(card) = export.wants().cloned() {
        export.give(bodies.get(&card).copied().flatten());
    }
    Ok(export.finish())
}
