//! A card that is made again as it was. Where its body has to be read first, its face is made at once, as far as the moment
//! is known without the body, and the rest when the body is here; undo and redo that were asked for since wait for it.

use warroom_protocol::Timestamp;

use super::undo::Asked;
use super::{Output, Replica};
use crate::board::Board;
use crate::body::body_id;
use crate::command::Command;
use crate::delta::Delta;
use crate::error::CommandError;
use crate::history::{ChangeId, Moment};
use crate::ids::CardId;
use crate::limits::UNDO_MAX;
use crate::undo::Belongs;

/// What of a restoration is still to be done.
#[derive(Debug)]
pub(super) struct Restoration {
    card: CardId,
    moment: Moment,
    with_body: bool,
    /// When the person asked for it.
    asked: Timestamp,
    /// Which edit of the body it is, where that has to be read first.
    edit: Option<u64>,
    /// The face is made, and what is written of the body belongs there.
    face: Option<Belongs>,
}

impl Replica {
    /// Makes a card again as it was, with its body where that is wanted: one change for each document, and one intent.
    pub(super) fn restore_card(
        &mut self,
        now: Timestamp,
        card: CardId,
        moment: Moment,
        with_body: bool,
    ) -> Result<(), CommandError> {
        self.write_typing(now);
        let document = body_id(&self.options.board, &card);
        let known = self.board().and_then(|board| board.card(&card));
        let has_body = known.ok_or(CommandError::UnknownCard)?.has_body;
        let with_body = with_body && has_body;
        let mut left = Restoration { card, moment, with_body, asked: now, edit: None, face: None };
        let (board, body) = self.board_and_body(&document);
        let waits = has_body && body.is_none();
        let board = board.ok_or(CommandError::NotLoaded)?.document_mut().dated();
        let is_known = board.heads_at(now, &left.moment, None).is_some();
        if !waits || (is_known && !with_body) {
            return self.restore_all(now, &mut left).map(|wrote| {
                if wrote {
                    self.ledger.handle_made(&document);
                }
            });
        }
        if self.steps_back.waiting.len() >= UNDO_MAX {
            return Err(CommandError::NotLoaded);
        }
        if is_known {
            self.restore_face(now, &mut left)?;
        } else if self.board().is_some_and(Board::is_read_only) {
            return Err(CommandError::ReadOnly);
        }
        // it is done when the body is
        left.edit = Some(self.ledger.handle_waiting());
        self.steps_back.waiting.push_back(Asked::Restore(left));
        Ok(())
    }

    /// Goes on with what is left; gives it back where it waits for the body.
    pub(super) fn go_on_restoring(
        &mut self,
        now: Timestamp,
        mut left: Restoration,
    ) -> Option<Restoration> {
        let document = body_id(&self.options.board, &left.card);
        if !self.opened.contains_key(&document) {
            if self.bodies.load(&document) {
                self.load(document);
            }
            return Some(left);
        }
        let restored = self.restore_all(now, &mut left);
        if let Some(edit) = left.edit {
            self.ledger.handle_waited(&document, edit, matches!(restored, Ok(true)));
        }
        if restored.is_err() {
            let told = Delta::RestoreSkipped { card: left.card };
            self.outputs.push_back(Output::Deltas(vec![told]));
        }
        None
    }

    /// Makes what is left, with what is in memory. Whether it wrote into the body.
    fn restore_all(
        &mut self,
        now: Timestamp,
        left: &mut Restoration,
    ) -> Result<bool, CommandError> {
        let document = body_id(&self.options.board, &left.card);
        let (_, body) = self.board_and_body(&document);
        if left.with_body && body.is_none_or(|body| body.is_read_only()) {
            return Err(CommandError::ReadOnly);
        }
        let belongs = match left.face {
            Some(belongs) => belongs,
            None => self.restore_face(now, left)?,
        };
        let (board, body) = self.board_and_body(&document);
        let (true, Some(board), Some(body)) = (left.with_body, board, body) else {
            return Ok(false);
        };
        let dated = board.document_mut().dated();
        let heads = body.document_mut().dated().heads_at(left.asked, &left.moment, Some(dated));
        let heads = heads.ok_or(CommandError::UnknownMoment)?;
        if !body.restore_at(now, &heads, (left.asked, belongs))?.wrote {
            return Ok(false);
        }
        // as when it is typed in
        drop(board.note_body_edit(now, &left.card));
        self.learn_written(&document);
        Ok(true)
    }

    /// Makes the face.
    fn restore_face(
        &mut self,
        now: Timestamp,
        left: &mut Restoration,
    ) -> Result<Belongs, CommandError> {
        let document = body_id(&self.options.board, &left.card);
        let (board, body) = self.board_and_body(&document);
        let board = board.ok_or(CommandError::NotLoaded)?.document_mut().dated();
        let body = body.map(|body| body.document_mut().dated());
        let heads = board.heads_at(left.asked, &left.moment, body);
        let heads = heads.ok_or(CommandError::UnknownMoment)?;
        let heads = heads.into_iter().map(ChangeId::from).collect();
        let (id, moment, made) = (left.card.clone(), Moment::Heads { heads }, self.ledger.made());
        self.apply_to_board(now, Command::RestoreCardAt { id, moment, body: false })?;
        let is_written = self.ledger.made() != made;
        let written = self.board_document().and_then(|board| board.heads().first().copied());
        let belongs = match written.filter(|_| is_written) {
            Some(change) => Belongs::With(change),
            None => Belongs::Alone,
        };
        let board = self.options.board.clone();
        self.learn_written(&board);
        left.face = Some(belongs);
        Ok(belongs)
    }
}
