//! Writing what a room shows into a file, a card at a time: a body is asked for when it is its card's turn, so that one is
//! in memory at a time.

mod csv;
mod json;
mod markdown;

use std::collections::VecDeque;

use warroom_protocol::sorted::sort_by;

use crate::board::{Board, Card, Label};
use crate::ids::{CardId, ColumnId};
use crate::import::Import;
use crate::talk::Talk;

pub(crate) use csv::is_formula;
pub(crate) use json::{FORMAT as JSON_FORMAT, OWN_IDS, VERSION as JSON_VERSION};

/// The title of the lane of cards whose column is deleted or unknown, in formats that have no such lane.
const UNSORTED: &str = "Unsorted";

/// The formats in which a room is written as text; `docs/FORMATS.md` says what each holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(serde::Serialize, ts_rs::TS))]
#[cfg_attr(feature = "typescript", serde(rename_all = "camelCase"))]
pub enum TextFormat {
    /// Our own, with everything.
    Json,
    /// A row a card.
    Csv,
    /// The dialect of Obsidian's Kanban plugin.
    Markdown,
}

impl TextFormat {
    /// The format of this name, as JavaScript calls it.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }
}

impl Import {
    /// Writes as JSON what was read from a file; reading it gives an equal import.
    pub fn to_json(&self) -> String {
        json::whole(self)
    }
}

/// What is written next.
#[derive(Debug, Clone)]
enum Part {
    Column(ColumnId),
    Unsorted,
    Archive,
    Card(CardId),
}

/// A file in the making.
#[derive(Debug)]
pub struct TextExport {
    board: Board,
    talk: Talk,
    format: TextFormat,
    /// What is still to be written.
    next: VecDeque<Part>,
    out: String,
}

impl TextExport {
    /// Begins a file. It tells of the board and, in JSON, of the talk as they are now. Without the feature `formats` it is always JSON.
    pub fn new(board: &Board, talk: &Talk, format: TextFormat) -> Self {
        let (board, talk) = (board.clone(), talk.clone());
        let format = if cfg!(feature = "formats") { format } else { TextFormat::Json };
        let next = match format {
            TextFormat::Json => board.cards().map(|card| Part::Card(card.id.clone())).collect(),
            TextFormat::Csv | TextFormat::Markdown => as_shown(&board),
        };
        let mut export = Self { board, talk, format, next, out: String::new() };
        match format {
            TextFormat::Json => json::begin(&export.board, &mut export.out),
            TextFormat::Csv => csv::begin(&mut export.out),
            TextFormat::Markdown => markdown::begin(&export.board, &mut export.out),
        }
        export.write_to_next_body();
        export
    }

    /// The card whose body is wanted next; none when the file is complete.
    pub fn wants(&self) -> Option<&CardId> {
        match self.next.front()? {
            Part::Card(card) => Some(card),
            Part::Column(_) | Part::Unsorted | Part::Archive => None,
        }
    }

    /// Gives the body of the card that [`Self::wants`] named; none when it is not on this device.
    pub fn give(&mut self, body: Option<&str>) {
        if let Some(Part::Card(card)) = self.next.pop_front() {
            self.write_card(&card, body);
            self.write_to_next_body();
        }
    }

    /// Known when this is compiled where there is but one, so that the others are not in the WASM.
    fn format(&self) -> TextFormat {
        if cfg!(feature = "formats") { self.format } else { TextFormat::Json }
    }

    /// The whole file.
    pub fn finish(mut self) -> String {
        match self.format() {
            TextFormat::Json => json::end(&mut self.out),
            TextFormat::Csv => {}
            TextFormat::Markdown => markdown::end(&mut self.out),
        }
        self.out
    }

    /// Writes everything up to the next card that has a body.
    fn write_to_next_body(&mut self) {
        while let Some(part) = self.next.pop_front() {
            match &part {
                Part::Card(id) if self.board.card(id).is_some_and(|card| card.has_body) => {
                    self.next.push_front(part);
                    return;
                }
                Part::Card(id) => self.write_card(id, None),
                Part::Column(_) | Part::Unsorted | Part::Archive => self.write_head(&part),
            }
        }
    }

    fn write_head(&mut self, part: &Part) {
        if self.format() != TextFormat::Markdown {
            return;
        }
        match part {
            Part::Column(id) => {
                if let Some(column) = self.board.column(id) {
                    markdown::column(column, &mut self.out);
                }
            }
            Part::Unsorted => {
                markdown::heading(UNSORTED, &mut self.out);
                self.out.push_str("\n\n");
            }
            Part::Archive => markdown::archive(&mut self.out),
            Part::Card(_) => {}
        }
    }

    fn write_card(&mut self, card: &CardId, body: Option<&str>) {
        let Some(card) = self.board.card(card) else { return };
        let format = self.format();
        let (board, out) = (&self.board, &mut self.out);
        match format {
            TextFormat::Json => {
                let said = (self.talk.comments(&card.id), self.talk.votes(&card.id));
                json::card(card, body, said, out);
            }
            TextFormat::Csv => {
                let title = column_title(board, card);
                csv::card(board, card, (title, body.unwrap_or_default()), out);
            }
            TextFormat::Markdown => markdown::card(board, card, body.unwrap_or_default(), out),
        }
    }
}

/// The labels of a card that are there, by their names.
fn labels<'a>(board: &'a Board, card: &'a Card) -> Vec<&'a Label> {
    let labels = card.labels.iter().filter_map(|id| board.label(id));
    let mut labels: Vec<_> = labels.filter(|label| !label.deleted).collect();
    sort_by(&mut labels, |a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    labels
}

fn column_title<'a>(board: &'a Board, card: &Card) -> &'a str {
    let column = board.column(&card.column).filter(|column| column.deleted.is_none());
    column.map_or(UNSORTED, |column| column.title.as_str())
}

/// The columns with their cards in order, those that are in no column, and those that are archived. What is deleted is
/// left out.
fn as_shown(board: &Board) -> VecDeque<Part> {
    let mut parts = VecDeque::new();
    for column in board.columns() {
        parts.push_back(Part::Column(column.id.clone()));
        parts.extend(board.cards_in(&column.id).map(|card| Part::Card(card.id.clone())));
    }
    let unsorted = board.unsorted();
    if !unsorted.is_empty() {
        parts.push_back(Part::Unsorted);
        parts.extend(unsorted.into_iter().map(|card| Part::Card(card.id.clone())));
    }
    let archived = archived(board);
    if !archived.is_empty() {
        parts.push_back(Part::Archive);
        parts.extend(archived.into_iter().map(|card| Part::Card(card.id.clone())));
    }
    parts
}

/// In the order of their columns, and there in the order that they had: who reads them in again has them in the same.
fn archived(board: &Board) -> Vec<&Card> {
    let columns = board.all_columns();
    let place = |card: &Card| columns.iter().position(|column| column.id == card.column);
    let cards = board.cards().filter(|card| card.archived.is_some() && card.deleted.is_none());
    let mut cards: Vec<_> = cards.map(|card| (place(card).is_none(), place(card), card)).collect();
    sort_by(&mut cards, |a, b| {
        (a.0, a.1, &a.2.order, &a.2.id).cmp(&(b.0, b.1, &b.2.order, &b.2.id))
    });
    cards.into_iter().map(|(_, _, card)| card).collect()
}
