//! The room as one file: out with every document's history, and in again as if a peer had brought it.

use std::collections::VecDeque;

use bytes::Bytes;
use warroom_protocol::Timestamp;

use super::compaction::Compactor;
use super::opened::{Kind, Opened, Refusal};
use super::projections::Projector;
use super::questions::Step;
use super::{Replica, StorageState};
use crate::board::{Board, Imported};
use crate::body::{BodyDocument, body_id};
use crate::document::Stored;
use crate::error::CommandError;
use crate::ids::CardId;
use crate::import::{FilePlace, ImportError};
use crate::output::Chunk;
use crate::question::Answer;
use crate::room_file::{Part, RoomWriter, Section, base64, read};
use crate::talk::TalkDocument;

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
        Step::Done(file.map(|file| Answer::ExportedRoom { base64: base64(&file) }))
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
        let mut sections = VecDeque::from(read(bytes, &self.options.board)?);
        for section in &mut sections {
            section.changes.retain(|change| !self.suspects.is_harmful(&change.hash.0));
        }
        self.write_typing(now);
        // the bodies are ready before the board names them, and nothing is written before all of it was taken in
        let first = sections.pop_front().ok_or(CommandError::NotLoaded)?;
        let (mut bodies, mut talks) = (Vec::new(), Vec::new());
        for section in sections {
            let chunk = self.try_section(now, &section)?;
            match section.part {
                Part::Board => {}
                Part::Body(card) => {
                    bodies.extend(chunk.map(|chunk| (card, section.changes, chunk)));
                }
                Part::Talk => talks.push(section),
            }
        }
        let opened = self.opened.get_mut(&self.options.board).ok_or(CommandError::NotLoaded)?;
        let taken = opened.receive_changes(now, &first.changes);
        taken.map_err(|refusal| refused(first.at, &refusal))?;
        for Section { part: _, changes, at } in talks {
            let opened = self.opened.get_mut(&self.talk).ok_or(CommandError::NotLoaded)?;
            let taken = opened.receive_changes(now, &changes);
            taken.map_err(|refusal| refused(at, &refusal))?;
        }
        for (card, changes, chunk) in bodies {
            if !self.board().and_then(|board| board.card(&card)).is_some_and(|card| card.has_body) {
                continue;
            }
            let document = body_id(&self.options.board, &card);
            if let Some(here) = self.opened.get_mut(&document) {
                here.receive_changes(now, &changes).map_err(|refusal| refused(0, &refusal))?;
            } else if self.storage == StorageState::MemoryOnly {
                let (person, seed) = (self.options.person.id.clone(), self.dice.fork());
                let (body, _) = BodyDocument::open(card.clone(), person, seed, vec![chunk]);
                self.put_away(now, &card, body);
            } else {
                self.texts.forget(&document);
                self.store(&document, chunk);
                self.bodies.visit_again(&document);
            }
        }
        let cards = self.board().map_or(0, |board| board.cards().count()).saturating_sub(before);
        Ok(Imported { cards, ..Imported::default() })
    }

    /// Takes a body or the talk in on trial, into a document of its own, and looks whether what is in memory of it can take
    /// it too. What it holds is one chunk to store; none where it holds nothing.
    fn try_section(
        &mut self,
        now: Timestamp,
        section: &Section,
    ) -> Result<Option<Chunk>, ImportError> {
        let Section { part, changes, at } = section;
        let (person, seed) = (self.options.person.id.clone(), self.dice.fork());
        let (document, kind) = match part {
            Part::Board => return Ok(None),
            Part::Body(card) => {
                let (body, _) = BodyDocument::open(card.clone(), person, seed, Stored::default());
                (body_id(&self.options.board, card), Kind::Body(Box::new(body)))
            }
            Part::Talk => {
                // it is asked of storage right after the board
                self.opened.get(&self.talk).ok_or(CommandError::NotLoaded)?;
                let (talk, _) = TalkDocument::open(person, seed, Stored::default());
                (self.talk.clone(), Kind::Talk(Box::new(talk)))
            }
        };
        let (projector, compactor) = (Projector::new(Vec::new()), Compactor::new(Vec::new()));
        let mut trial = Opened::new(kind, Vec::new(), projector, compactor);
        let tried = trial.receive_changes(now, changes);
        tried.map_err(|refusal| refused(*at, &refusal))?;
        if let Some(here) = self.opened.get_mut(&document) {
            here.check_changes(changes).map_err(|refusal| refused(*at, &refusal))?;
        }
        Ok(trial.take_new_chunk())
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
