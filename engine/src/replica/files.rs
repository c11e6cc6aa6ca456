//! Files into a room: the board is written at once, and each body into its own document, which leaves memory again.

use warroom_protocol::{DocumentId, Timestamp};

use super::bodies::Stage;
use super::compaction::Compactor;
use super::opened::{Kind, Opened};
use super::projections::Projector;
use super::{Replica, StorageState};
use crate::board::{Imported, Stamp};
use crate::body::{BodyDocument, body_id};
use crate::document::Stored;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::import::{Import, ImportError, ImportFormat, Importer};

impl Replica {
    /// Reads a file of text and writes what it says; the caller finishes.
    pub(super) fn import(
        &mut self,
        now: Timestamp,
        format: ImportFormat,
        text: &str,
    ) -> Result<Imported, ImportError> {
        let board = self.board_document().ok_or(CommandError::NotLoaded)?;
        if board.board().is_read_only() {
            return Err(CommandError::ReadOnly.into());
        }
        let stamp = Stamp::new(now, &self.options.person.id);
        let import = Import::read(format, text, &mut Importer::new(stamp, self.dice.fork()))?;
        self.write_typing(now);
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        let mut imported = board.import(now, import)?;
        // before the board, which names them, is stored or told
        for (card, text) in std::mem::take(&mut imported.bodies) {
            let person = self.options.person.id.clone();
            let seed = self.dice.fork();
            let (mut body, _) = BodyDocument::open(card.clone(), person, seed, Stored::default());
            body.import(now, &text)?;
            self.put_away(now, &card, body);
        }
        self.ledger.handle_made(&self.options.board);
        Ok(imported)
    }

    /// Stores a body that was just made, and lets it go: it is visited when the relay is there. Without storage it stays.
    pub(super) fn put_away(&mut self, now: Timestamp, card: &CardId, mut body: BodyDocument) {
        let document = body_id(&self.options.board, card);
        if self.storage != StorageState::MemoryOnly {
            if let Some(chunk) = body.take_new_chunk() {
                self.store(&document, chunk);
            }
            return;
        }
        self.bodies.learn(&document, card, Stamp::new(now, &self.options.person.id).at);
        if let Some(known) = self.bodies.get_mut(&document) {
            known.stage = Stage::Here;
        }
        self.keep(now, &document, body);
    }

    fn keep(&mut self, now: Timestamp, document: &DocumentId, body: BodyDocument) {
        let kind = Kind::Body(Box::new(body));
        let opened =
            Opened::new(kind, Vec::new(), Projector::new(Vec::new()), Compactor::new(Vec::new()));
        self.opened.insert(document.clone(), opened);
        self.begin_everywhere(now, document);
    }
}
