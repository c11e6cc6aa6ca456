//! Writing what a room shows into a file, a card at a time: a body is asked for when it is its card's turn, so that one is
//! in memory at a time.

mod json;

use std::collections::VecDeque;

use crate::board::Board;
use crate::ids::CardId;

pub(crate) use json::{FORMAT as JSON_FORMAT, VERSION as JSON_VERSION};

/// The formats in which a room is written as text; `docs/FORMATS.md` says what each holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// Our own, with everything.
    Json,
}

/// A file in the making.
#[derive(Debug)]
pub struct TextExport {
    board: Board,
    format: TextFormat,
    /// What is still to be written.
    next: VecDeque<CardId>,
    out: String,
}

impl TextExport {
    /// Begins a file. It tells of the board as it is now.
    pub fn new(board: &Board, format: TextFormat) -> Self {
        let board = board.clone();
        let next = match format {
            TextFormat::Json => board.cards().map(|card| card.id.clone()).collect(),
        };
        let mut export = Self { board, format, next, out: String::new() };
        match format {
            TextFormat::Json => json::begin(&export.board, &mut export.out),
        }
        export.write_cards_without_body();
        export
    }

    /// The card whose body is wanted next; none when the file is complete.
    pub fn wants(&self) -> Option<&CardId> {
        self.next.front()
    }

    /// Gives the body of the card that [`Self::wants`] named.
    pub fn give(&mut self, body: &str) {
        if let Some(card) = self.next.pop_front() {
            self.write(&card, Some(body));
            self.write_cards_without_body();
        }
    }

    /// The whole file.
    pub fn finish(mut self) -> String {
        match self.format {
            TextFormat::Json => json::end(&mut self.out),
        }
        self.out
    }

    fn write_cards_without_body(&mut self) {
        while let Some(card) = self.next.front().cloned()
            && !self.board.card(&card).is_some_and(|card| card.has_body)
        {
            self.next.pop_front();
            self.write(&card, None);
        }
    }

    fn write(&mut self, card: &CardId, body: Option<&str>) {
        let Some(card) = self.board.card(card) else { return };
        match self.format {
            TextFormat::Json => json::card(card, body, &mut self.out),
        }
    }
}
