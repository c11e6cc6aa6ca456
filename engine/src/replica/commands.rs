//! What a person does, given to the document that it is about.

use warroom_protocol::Timestamp;

use super::Replica;
use super::bodies::Stage;
use super::opened::Kind;
use crate::body::{BodyDocument, body_id};
use crate::command::{Command, Splice, TextTarget};
use crate::error::CommandError;
use crate::ids::CardId;
use crate::talk::TalkCommand;
use crate::transact::{Draft, Drafting as _, add_each, check_all};
use crate::undo::{Belongs, Way};

impl Replica {
    /// Does what a person wants; the caller finishes.
    pub(super) fn apply_command(
        &mut self,
        now: Timestamp,
        command: Command,
    ) -> Result<(), CommandError> {
        if self.board_document().is_none() {
            return Err(CommandError::NotLoaded);
        }
        if let Command::OpenText { text: TextTarget::Body { card } } = &command {
            self.open_text(now, card)
        } else if let Command::EditText { text: TextTarget::Body { card }, seen, splice } = &command
        {
            self.edit_text(now, card, *seen, splice)
        } else if let Command::FlushText { text: TextTarget::Body { card } } = &command {
            if let Some(body) = self.body_mut(card) {
                body.flush(now);
            }
            Ok(())
        } else if let Command::CloseText { text: TextTarget::Body { card } } = &command {
            self.close_text(now, card);
            Ok(())
        } else if let Command::Transact { commands } = command {
            self.transact(now, commands)
        } else if matches!(command, Command::Undo) {
            self.step_back(now, Way::Undo)
        } else if matches!(command, Command::Redo) {
            self.step_back(now, Way::Redo)
        } else if let Command::Talk { command } = command {
            self.apply_to_talk(now, command)
        } else if let Command::RestoreCardAt { id, moment, body } = command {
            self.restore_card(now, id, moment, body)
        } else {
            self.apply_to_board(now, command)
        }
    }

    /// Several commands or none: one change of the board, one of the talk where something is said, and one intent.
    fn transact(&mut self, now: Timestamp, commands: Vec<Command>) -> Result<(), CommandError> {
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        board.prepare(now)?;
        check_all(&commands)?;
        if commands.is_empty() {
            return Ok(());
        }
        let (mut draft, mut said) = (board.begin_draft(), None);
        let added = add_each(commands, |command| self.draft(now, (&mut draft, &mut said), command));
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        let change = board.end_draft(now, draft, added.is_ok().then_some(Belongs::Alone));
        let change = added.and(change);
        let is_written = matches!(change, Ok(Some(_)));
        if is_written {
            self.ledger.handle_made(&self.options.board);
            // both are taken back together
            self.learn_written(&self.options.board.clone());
        }
        if let Some(said) = said {
            let with = change.as_ref().ok().map(|with| with.map_or(Belongs::Alone, Belongs::With));
            match self.talk_mut()?.end_draft(now, said, with) {
                Ok(Some(_)) if is_written => self.ledger.handle_part(&self.talk),
                Ok(Some(_)) => {
                    self.ledger.handle_made(&self.talk);
                }
                Ok(None) => {}
                Err(error) => {
                    if is_written {
                        self.step_back(now, Way::Undo)?;
                    }
                    return Err(error);
                }
            }
        }
        change.map(drop)
    }

    /// Adds one of them to what is going to be written into the board and the talk.
    fn draft(
        &mut self,
        now: Timestamp,
        (draft, said): (&mut Draft, &mut Option<Draft>),
        command: Command,
    ) -> Result<(), CommandError> {
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        let Command::Talk { command } = command else {
            return board.draft(now, draft, command);
        };
        if command.card().is_some_and(|card| board.board().card(card).is_none()) {
            return Err(CommandError::UnknownCard);
        }
        let talk = self.talk_mut()?;
        talk.check_writable()?;
        let said = said.get_or_insert_with(|| talk.begin_draft());
        talk.draft(now, said, command)
    }

    /// What is said about cards.
    fn apply_to_talk(&mut self, now: Timestamp, command: TalkCommand) -> Result<(), CommandError> {
        let board = self.board().ok_or(CommandError::NotLoaded)?;
        if board.is_read_only() {
            return Err(CommandError::ReadOnly);
        }
        if command.card().is_some_and(|card| board.card(card).is_none()) {
            return Err(CommandError::UnknownCard);
        }
        if self.talk_mut()?.apply_command(now, command)?.wrote {
            self.ledger.handle_made(&self.talk);
        }
        Ok(())
    }

    /// Everything else is the board's; what a person is called shows to those who are here, too.
    pub(super) fn apply_to_board(
        &mut self,
        now: Timestamp,
        command: Command,
    ) -> Result<(), CommandError> {
        let mut shown = None;
        if let Command::SetPerson { person } = &command
            && person.id == self.options.person.id
        {
            shown = Some(person.clone());
        }
        let board = self.board_document_mut().ok_or(CommandError::NotLoaded)?;
        if board.apply_command(now, command)?.wrote {
            self.ledger.handle_made(&self.options.board);
        }
        if let Some(person) = shown {
            self.presence.set_person(now, person);
        }
        Ok(())
    }

    /// The text of a body is there at once, or when storage has answered; the relay is never waited for.
    fn open_text(&mut self, now: Timestamp, card: &CardId) -> Result<(), CommandError> {
        let known = self.board().and_then(|board| board.card(card));
        let known = known.ok_or(CommandError::UnknownCard)?;
        let newest = known.body_edited.as_ref().unwrap_or(&known.created).at;
        let document = body_id(&self.options.board, card);
        self.bodies.learn(&document, card, newest);
        self.bodies.touch(&document);
        if let Some(body) = self.bodies.get_mut(&document) {
            body.is_wanted = true;
        }
        if let Some(text) = self.body_mut(card) {
            text.open_text(now)?;
            if let Some(relay) = self.dialer.joined() {
                self.begin(relay, &document);
            }
        } else if self.bodies.load(&document) {
            self.load(document);
        } else {
            self.show_projected(&document);
        }
        Ok(())
    }

    fn edit_text(
        &mut self,
        now: Timestamp,
        card: &CardId,
        seen: u64,
        splice: &Splice,
    ) -> Result<(), CommandError> {
        if self.board().is_some_and(crate::board::Board::is_read_only) {
            return Err(CommandError::ReadOnly);
        }
        let document = body_id(&self.options.board, card);
        let text = self.body_mut(card).ok_or(CommandError::OutsideText)?;
        if !text.edit_text(now, seen, splice)?.wrote {
            return Ok(());
        }
        self.ledger.handle_made(&document);
        if let Some(board) = self.board_document_mut() {
            // The marker is a hint for people; the text is written whether or not it can be.
            drop(board.note_body_edit(now, card));
        }
        Ok(())
    }

    fn close_text(&mut self, now: Timestamp, card: &CardId) {
        let document = body_id(&self.options.board, card);
        if let Some(body) = self.bodies.get_mut(&document) {
            body.is_wanted = false;
        }
        if let Some(text) = self.body_mut(card) {
            text.close_text(now);
        }
    }

    /// The body of a card, where it is in memory.
    fn body_mut(&mut self, card: &CardId) -> Option<&mut BodyDocument> {
        let document = body_id(&self.options.board, card);
        if self.bodies.get_mut(&document)?.stage != Stage::Here {
            return None;
        }
        match &mut self.opened.get_mut(&document)?.kind {
            Kind::Body(body) => Some(body),
            Kind::Board(_) | Kind::Talk(_) => None,
        }
    }
}
