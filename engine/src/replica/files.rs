//! Files into a room: the board is written at once, and each body into its own document, which leaves memory again.

use warroom_protocol::sorted::SortedMap;
use warroom_protocol::{DocumentId, Timestamp};

use super::bodies::Stage;
use super::compaction::Compactor;
use super::opened::{Kind, Opened};
use super::projections::Projector;
use super::{Mark, Replica, StorageState};
use crate::board::{ImportPlan, Imported, Stamp};
use crate::body::{BodyDocument, body_id};
use crate::document::Stored;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::import::{Import, ImportError, ImportFormat, Importer};
use crate::output::Chunk;
use crate::talk::TalkPlan;
use crate::undo::Way;

/// What a file is going to write.
#[derive(Debug)]
pub(super) struct FilePlan {
    board: ImportPlan,
    bodies: Vec<(CardId, Chunk)>,
    pub(super) talk: Option<TalkPlan>,
}

impl Replica {
    /// Reads a file of text and writes what it says; the caller finishes.
    pub(super) fn import(
        &mut self,
        now: Timestamp,
        format: ImportFormat,
        text: &str,
    ) -> Result<Imported, ImportError> {
        let file = self.plan_import(now, format, text)?;
        Ok(self.carry_out(now, file)?)
    }

    /// Reads a file of text and works out what is going to be written.
    pub(super) fn plan_import(
        &mut self,
        now: Timestamp,
        format: ImportFormat,
        text: &str,
    ) -> Result<FilePlan, ImportError> {
        let board = self.board_document().ok_or(CommandError::NotLoaded)?;
        if board.board().is_read_only() {
            return Err(CommandError::ReadOnly.into());
        }
        let stamp = Stamp::new(now, &self.options.person.id);
        let import = Import::read(format, text, &mut Importer::new(stamp, self.dice.fork()))?;
        self.write_typing(now);
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        let mut plan = board.plan_import(now, import)?;
        let said = std::mem::take(&mut plan.imported.talk);
        let talk = if said.is_empty() { None } else { Some(self.talk_mut()?.plan_import(said)?) };
        // nothing is written before all of it could be; a body is ready before the board, which names it, is stored or told
        let mut bodies = Vec::new();
        for (card, text) in std::mem::take(&mut plan.imported.bodies) {
            let (person, seed) = (self.options.person.id.clone(), self.dice.fork());
            let (mut body, _) = BodyDocument::open(card.clone(), person, seed, Stored::default());
            body.import(now, &text)?;
            bodies.extend(body.take_new_chunk().map(|chunk| (card, chunk)));
        }
        Ok(FilePlan { board: plan, bodies, talk })
    }

    /// Writes what was worked out. Where the talk can't be written, the board's part is taken back.
    pub(super) fn carry_out(
        &mut self,
        now: Timestamp,
        FilePlan { board: plan, bodies, talk }: FilePlan,
    ) -> Result<Imported, CommandError> {
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        let (imported, belongs) = board.carry_out(now, plan)?;
        self.ledger.handle_made(&self.options.board);
        if let Some(talk) = talk {
            // both are taken back together
            self.learn_written(&self.options.board.clone());
            let said = self.talk_mut().and_then(|of_it| of_it.carry_out(now, talk, belongs));
            if let Err(error) = said {
                self.step_back(now, Way::Undo)?;
                return Err(error);
            }
            self.learn_written(&self.talk.clone());
            self.ledger.handle_part(&self.talk);
        }
        for (card, chunk) in bodies {
            self.put_away(now, &card, chunk);
        }
        Ok(imported)
    }

    /// Stores what came of a body that is not in memory, which is visited when the relay is there. Without storage it stays in
    /// memory.
    pub(super) fn put_away(&mut self, now: Timestamp, card: &CardId, chunk: Chunk) {
        let document = body_id(&self.options.board, card);
        if self.storage != StorageState::MemoryOnly {
            self.texts.forget(&document);
            self.store(&document, chunk);
            self.bodies.visit_again(&document);
            return;
        }
        self.bodies.learn(&document, card, Stamp::new(now, &self.options.person.id).at);
        self.keep(now, &document, vec![chunk]);
    }

    /// Nothing is going to be stored any more: what was only on its way there is kept in memory.
    pub(super) fn keep_unstored(&mut self, now: Timestamp) {
        let mut unstored: SortedMap<DocumentId, Vec<Chunk>> = SortedMap::new();
        for (document, chunk) in self.saves.give_up().values() {
            if !self.opened.contains_key(document) {
                unstored.get_or_default(document.clone()).push(chunk.clone());
            }
        }
        for (document, chunks) in unstored.iter() {
            let mut chunks = chunks.clone();
            Mark::OnRelay.take(&mut chunks);
            if !chunks.is_empty() {
                self.keep(now, document, chunks);
            }
        }
    }

    /// Keeps a body that is known in memory.
    fn keep(&mut self, now: Timestamp, document: &DocumentId, chunks: Vec<Chunk>) {
        let Some(known) = self.bodies.get_mut(document) else { return };
        known.stage = Stage::Here;
        let (card, is_wanted) = (known.card.clone(), known.is_wanted);
        let (person, seed) = (self.options.person.id.clone(), self.dice.fork());
        let (mut body, _) = BodyDocument::open(
            card,
            person,
            seed,
            Stored { chunks, suspects: self.suspects.clone() },
        );
        if is_wanted {
            self.refused += u64::from(body.open_text(now).is_err());
        }
        let (projector, compactor) = (Projector::new(Vec::new()), Compactor::new(Vec::new()));
        let opened = Opened::new(Kind::Body(Box::new(body)), Vec::new(), projector, compactor);
        self.opened.insert(document.clone(), opened);
        self.begin_everywhere(now, document);
    }
}
