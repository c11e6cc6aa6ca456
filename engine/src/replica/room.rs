//! The room as one file: out with every document's history, and in again as if a peer had brought it.

use std::collections::VecDeque;

use bytes::Bytes;
use warroom_protocol::{DocumentId, Timestamp};

use super::Replica;
use super::compaction::Compactor;
use super::opened::{Kind, Opened, Refusal};
use super::projections::Projector;
use super::questions::Step;
use crate::board::{Board, Imported};
use crate::body::{BodyDocument, body_id};
use crate::document::Stored;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::import::{FilePlace, ImportError};
use crate::output::Chunk;
use crate::question::Answer;
use crate::room_file::{Part, RoomWriter, Section, read};

/// A file of the room in the making.
#[derive(Debug)]
pub(super) struct RoomExport {
    writer: RoomWriter,
    /// The cards whose bodies are still to be written.
    unread: VecDeque<CardId>,
}

impl Replica {
    /// Begins a file of the room; none before the board and the talk are here.
    pub(super) fn begin_room(&self) -> Option<RoomExport> {
        let board = self.board_document()?;
        let talk = self.opened.get(&self.talk)?;
        let changes = board.doc().save_after(&[]);
        let mut writer = RoomWriter::new(&self.options.board, changes);
        if !talk.is_pristine() {
            writer.talk(&self.talk, talk.doc().save_after(&[]));
        }
        let bodies = self.board().into_iter().flat_map(Board::cards).filter(|card| card.has_body);
        Some(RoomExport { writer, unread: bodies.map(|card| card.id.clone()).collect() })
    }

    /// Goes on with the file, as far as the bodies are in memory.
    pub(super) fn export_room(&mut self, mut room: RoomExport) -> Step {
        while let Some(card) = room.unread.pop_front()
            && !room.writer.is_too_large()
        {
            let document = body_id(&self.options.board, &card);
            if let Some(opened) = self.opened.get(&document) {
                if !opened.is_pristine() {
                    room.writer.body(&card, opened.doc().save_after(&[]));
                }
                continue;
            }
            if self.bodies.load(&document) {
                self.load(document);
            }
            room.unread.push_front(card);
            return Step::waits_for_room(room);
        }
        let file = room.writer.finish();
        Step::Done(file.map(|file| Answer::ExportedRoom { file: file.into() }))
    }

    /// Takes in the file of this room, as if a peer had brought it; the caller finishes.
    pub(super) fn import_room(
        &mut self,
        now: Timestamp,
        bytes: &Bytes,
    ) -> Result<Imported, ImportError> {
        let board = self.board_document().ok_or(CommandError::NotLoaded)?;
        if board.board().is_read_only() {
            return Err(CommandError::ReadOnly.into());
        }
        let before = board.board().cards().count();
        let mut sections = read(bytes, &self.options.board)?;
        for section in &mut sections {
            section.changes.retain(|change| !self.suspects.is_harmful(&change.hash.0));
        }
        self.write_typing(now);
        // nothing is written before all of it was taken in on trial
        let mut tried = Vec::with_capacity(sections.len());
        for section in sections {
            let chunk = self.try_section(now, &section)?;
            tried.push((section, chunk));
        }
        for (section, chunk) in tried {
            self.take_section(now, section, chunk)?;
        }
        let cards = self.board().map_or(0, |board| board.cards().count()).saturating_sub(before);
        Ok(Imported { cards, ..Imported::default() })
    }

    /// Where what a section holds belongs.
    fn document_of(&self, part: &Part) -> DocumentId {
        match part {
            Part::Board => self.options.board.clone(),
            Part::Talk => self.talk.clone(),
            Part::Body(card) => body_id(&self.options.board, card),
        }
    }

    /// Takes a section in on trial: into a copy of the document in memory, or, where a body is not, into one of its own,
    /// which gives a chunk to store.
    fn try_section(
        &mut self,
        now: Timestamp,
        section: &Section,
    ) -> Result<Option<Chunk>, ImportError> {
        let Section { part, changes, at } = section;
        let document = self.document_of(part);
        if let Some(here) = self.opened.get_mut(&document) {
            return here.try_changes(changes).map(|()| None).map_err(|why| refused(*at, &why));
        }
        let Part::Body(card) = part else {
            // the talk is asked of storage right after the board
            return Err(CommandError::NotLoaded.into());
        };
        let (person, seed) = (self.options.person.id.clone(), self.dice.fork());
        let (body, _) = BodyDocument::open(card.clone(), person, seed, Stored::default());
        let (projector, compactor) = (Projector::new(Vec::new()), Compactor::new(Vec::new()));
        let kind = Kind::Body(Box::new(body));
        let mut trial = Opened::new(kind, Vec::new(), projector, compactor);
        trial.receive_changes(now, changes).map_err(|why| refused(*at, &why))?;
        Ok(trial.take_new_chunk())
    }

    /// Takes a section in after its trial; the board's comes before the bodies of its cards.
    fn take_section(
        &mut self,
        now: Timestamp,
        section: Section,
        chunk: Option<Chunk>,
    ) -> Result<(), ImportError> {
        let document = self.document_of(&section.part);
        let Section { part, changes, at } = section;
        if let Part::Body(card) = &part
            && !self.board().and_then(|board| board.card(card)).is_some_and(|card| card.has_body)
        {
            return Ok(());
        }
        if let Some(here) = self.opened.get_mut(&document) {
            return here.receive_changes(now, &changes).map_err(|why| refused(at, &why));
        }
        if let (Part::Body(card), Some(chunk)) = (part, chunk) {
            self.put_away(now, &card, chunk);
        }
        Ok(())
    }
}

fn refused(at: usize, refusal: &Refusal) -> ImportError {
    let why = match refusal {
        Refusal::Message(refusal) => refusal.to_string(),
        Refusal::Document(error) => error.to_string(),
    };
    let to_do = "the file was made by something else, or tampered with: export it again";
    ImportError::at(FilePlace::Byte(at), (why, to_do))
}
