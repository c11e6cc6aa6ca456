//! Formats of text into our JSON and back: with them an engine that reads and writes JSON alone, as the browser's, takes and
//! gives all of them (`wasm/formats`, loaded when somebody imports or exports).

use crate::board::Board;
use crate::delta::Delta;
use crate::export::{TextExport, TextFormat};
use crate::import::{Import, ImportError, ImportFormat, Importer};

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
/// file was exported from.
///
/// # Errors
/// [`ImportError`] says where, what and what to do.
pub fn from_json(
    json: &str,
    format: TextFormat,
    importer: &mut Importer,
) -> Result<String, ImportError> {
    let import = Import::read(ImportFormat::Json, json, importer)?;
    let (cards, bodies): (Vec<_>, Vec<_>) =
        import.cards.into_iter().map(|imported| (imported.card, imported.body)).unzip();
    let bodies: Vec<_> = cards.iter().map(|card| card.id.clone()).zip(bodies).collect();
    let mut board = Board::default();
    board.apply(&Delta::Reset {
        title: import.title,
        columns: import.columns,
        cards,
        labels: import.labels,
        people: import.people,
        read_only: false,
    });
    let bodies = bodies.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let mut export = TextExport::new(&board, format);
    while let Some(card) = export.wants().cloned() {
        export.give(bodies.get(&card).and_then(Option::as_deref));
    }
    Ok(export.finish())
}
