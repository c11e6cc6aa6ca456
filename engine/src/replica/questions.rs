//! Questions that wait for their answers. They are worked on in the order in which they were asked.

use std::collections::VecDeque;

use warroom_protocol::{DocumentId, Timestamp};

use super::opened::{Kind, Opened};
use super::room::RoomExport;
use super::{Output, Replica};
use crate::board::{Board, BoardDocument};
use crate::body::{BodyDocument, body_id};
use crate::export::{TextExport, TextFormat};
use crate::history::{ChangeId, Cursor, Moment};
use crate::ids::CardId;
use crate::limits::{QUESTIONS_MAX, SEARCH_UNITS_MAX};
use crate::question::{Answer, Question, QuestionError};
use crate::search::{Query, Ranked, in_order};
use crate::talk::TalkDocument;

/// The questions that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Questions {
    waiting: VecDeque<Asked>,
}

#[derive(Debug)]
struct Asked {
    number: u64,
    work: Work,
}

/// How far the answer to a question is.
#[derive(Debug)]
pub(super) enum Work {
    /// Waits for the board.
    New(Question),
    /// Reads one card after the other.
    Search { query: Query, unread: VecDeque<CardId>, found: Vec<Ranked> },
    /// Writes one card after the other.
    Export(Box<TextExport>),
    /// Writes one body after the other.
    Room(RoomExport),
    /// Waits for the body of a card.
    Card(CardId, OfCard),
}

/// What is asked of a card and its body.
#[derive(Debug)]
pub(super) enum OfCard {
    Activity { before: Option<Cursor>, limit: usize },
    At(Moment),
}

/// What came of the work on a question.
pub(super) enum Step {
    /// It waits for a document that storage was asked for.
    Waits(Work),
    Done(Result<Answer, QuestionError>),
}

impl Step {
    pub(super) fn waits_for_room(room: RoomExport) -> Self {
        Self::Waits(Work::Room(room))
    }
}

/// Checks what does not need the board.
fn check(question: &Question) -> Result<(), QuestionError> {
    match question {
        Question::Search { text } => {
            let units = text.encode_utf16().count();
            let units_max = SEARCH_UNITS_MAX;
            if units > units_max {
                Err(QuestionError::TooLong { units, units_max })
            } else {
                Ok(())
            }
        }
        Question::Export { format } => {
            if cfg!(feature = "formats") || *format == TextFormat::Json {
                Ok(())
            } else {
                Err(QuestionError::NoFormats)
            }
        }
        Question::Activity { .. }
        | Question::BoardAt { .. }
        | Question::Away { .. }
        | Question::Conflicts
        | Question::ExportRoom
        | Question::CardAt { .. } => Ok(()),
    }
}

impl Replica {
    /// Takes a question in; the caller finishes.
    pub(super) fn ask(&mut self, number: u64, question: Question) {
        let checked = check(&question).and_then(|()| {
            let count_max = QUESTIONS_MAX;
            let has_room = self.questions.waiting.len() < count_max;
            if has_room { Ok(()) } else { Err(QuestionError::TooMany { count_max }) }
        });
        match checked {
            Ok(()) => self.questions.waiting.push_back(Asked { number, work: Work::New(question) }),
            Err(error) => self.outputs.push_back(Output::Answer { number, answer: Err(error) }),
        }
    }

    /// Answers what can be answered now; one question does not wait for another.
    pub(super) fn answer(&mut self, now: Timestamp) {
        if self.board_document().is_none() {
            return;
        }
        for Asked { number, work } in std::mem::take(&mut self.questions.waiting) {
            match self.work(now, work) {
                Step::Waits(work) => self.questions.waiting.push_back(Asked { number, work }),
                Step::Done(answer) => {
                    self.outputs.push_back(Output::Answer { number, answer });
                }
            }
        }
    }

    fn work(&mut self, now: Timestamp, work: Work) -> Step {
        match work {
            // the talk is being read
            Work::New(question @ (Question::Search { .. } | Question::Activity { .. }))
                if self.talk().is_none() =>
            {
                Step::Waits(Work::New(question))
            }
            Work::New(Question::Search { text }) => {
                let board = self.board().into_iter();
                let unread = board.flat_map(Board::cards).map(|card| card.id.clone()).collect();
                self.search(Query::new(&text), unread, Vec::new())
            }
            Work::Search { query, unread, found } => self.search(query, unread, found),
            Work::New(Question::Export { format }) => match (self.board(), self.talk()) {
                (Some(board), Some(talk)) => {
                    self.export(Box::new(TextExport::new(board, talk, format)))
                }
                (None, _) | (_, None) => Step::Waits(Work::New(Question::Export { format })),
            },
            Work::Export(export) => self.export(export),
            Work::New(Question::ExportRoom) => match self.begin_room() {
                Some(room) => self.export_room(room),
                None => Step::Waits(Work::New(Question::ExportRoom)),
            },
            Work::Room(room) => self.export_room(room),
            Work::New(Question::Activity { card, before, limit }) => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                match card {
                    Some(card) => self.ask_card(now, card, OfCard::Activity { before, limit }),
                    None => match self.documents(None) {
                        (Some(board), _, Some(talk)) => Step::Done(Ok(Answer::Activity {
                            page: board.activity_with_talk((None, None), talk, before, limit),
                        })),
                        (_, _, _) => Step::Done(Err(QuestionError::NotLoaded)),
                    },
                }
            }
            Work::New(Question::BoardAt { moment }) => self.ask_board(|board| {
                let board = board.board_at(now, &moment).ok_or(QuestionError::UnknownMoment)?;
                Ok(Answer::BoardAt { board: Box::new(board.to_reset()) })
            }),
            Work::New(Question::Conflicts) => {
                self.ask_board(|board| Ok(Answer::Conflicts { conflicts: board.conflicts() }))
            }
            Work::New(Question::Away { since }) => self.ask_board(|board| {
                let seen = board.heads().into_iter().map(ChangeId::from).collect();
                let away = board.away(now, &since).ok_or(QuestionError::UnknownMoment)?;
                Ok(Answer::Away { away: Box::new(away), seen })
            }),
            Work::New(Question::CardAt { card, moment }) => {
                self.ask_card(now, card, OfCard::At(moment))
            }
            Work::Card(card, question) => self.ask_card(now, card, question),
        }
    }

    fn ask_board(
        &mut self,
        ask: impl FnOnce(&mut BoardDocument) -> Result<Answer, QuestionError>,
    ) -> Step {
        Step::Done(self.board_document_mut().ok_or(QuestionError::NotLoaded).and_then(ask))
    }

    /// Answers what is asked of a card, once its body is here: that of storage, the relay is never waited for.
    fn ask_card(&mut self, now: Timestamp, card: CardId, question: OfCard) -> Step {
        let document = body_id(&self.options.board, &card);
        let has_body =
            self.board().and_then(|board| board.card(&card)).is_some_and(|card| card.has_body);
        // who looks back may want it back
        self.bodies.touch(&document);
        if has_body && !self.opened.contains_key(&document) {
            if self.bodies.load(&document) {
                self.load(document);
            }
            return Step::Waits(Work::Card(card, question));
        }
        let (Some(board), body, talk) = self.documents(Some(&document)) else {
            return Step::Done(Err(QuestionError::NotLoaded));
        };
        Step::Done(match question {
            OfCard::Activity { before, limit } => match talk {
                Some(talk) => {
                    let of = (Some(&card), body);
                    let page = board.activity_with_talk(of, talk, before, limit);
                    Ok(Answer::Activity { page })
                }
                None => Err(QuestionError::NotLoaded),
            },
            OfCard::At(moment) => board
                .card_at(now, &card, &moment, body)
                .map(|past| Answer::CardAt { past: Box::new(past) })
                .ok_or(QuestionError::UnknownMoment),
        })
    }

    /// The board and a body, as far as they are in memory.
    pub(super) fn board_and_body(
        &mut self,
        document: &DocumentId,
    ) -> (Option<&mut BoardDocument>, Option<&mut BodyDocument>) {
        let (board, body, _) = self.documents(Some(document));
        (board, body)
    }

    /// The board, a body and the talk, as far as they are in memory.
    fn documents(
        &mut self,
        document: Option<&DocumentId>,
    ) -> (Option<&mut BoardDocument>, Option<&mut BodyDocument>, Option<&mut TalkDocument>) {
        let (mut board, mut body, mut talk) = (None, None, None);
        let ids = [Some(&self.options.board), Some(&self.talk), document];
        let ids: Vec<&DocumentId> = ids.into_iter().flatten().collect();
        for (_, opened) in self.opened.several_mut(&ids) {
            match &mut opened.kind {
                Kind::Board(found) => board = Some(found.as_mut()),
                Kind::Body(found) => body = Some(found.as_mut()),
                Kind::Talk(found) => talk = Some(found.as_mut()),
            }
        }
        (board, body, talk)
    }

    /// Goes on with a search, as far as the bodies are here.
    fn search(
        &mut self,
        query: Query,
        mut unread: VecDeque<CardId>,
        mut found: Vec<Ranked>,
    ) -> Step {
        while let Some(id) = unread.pop_front() {
            if !self.read_text(&id) {
                unread.push_front(id);
                return Step::Waits(Work::Search { query, unread, found });
            }
            found.extend(self.find(&query, &id));
        }
        let (hits, more) = in_order(found);
        Step::Done(Ok(Answer::Found { hits, more }))
    }

    /// Goes on with a file, as far as the bodies are here.
    fn export(&mut self, mut export: Box<TextExport>) -> Step {
        while let Some(card) = export.wants().cloned() {
            let document = body_id(&self.options.board, &card);
            if self.texts.get(&document).is_some_and(str::is_empty) {
                // it is empty, or it has never come
                self.texts.forget(&document);
            }
            if !self.read_text(&card) {
                return Step::Waits(Work::Export(export));
            }
            if let Some(Opened { kind: Kind::Body(body), .. }) = self.opened.get(&document) {
                let text = body.text();
                let is_here = !text.is_empty() || !body.is_pristine();
                export.give(is_here.then_some(text.as_str()));
            } else {
                export.give(self.texts.get(&document));
            }
        }
        Step::Done(Ok(Answer::Exported { text: export.finish() }))
    }

    /// Whether the text of a card's body is known now. Where it is not, storage is asked for it.
    fn read_text(&mut self, card: &CardId) -> bool {
        if !self.board().and_then(|board| board.card(card)).is_some_and(|card| card.has_body) {
            return true;
        }
        let document = body_id(&self.options.board, card);
        if self.opened.contains_key(&document) || self.texts.get(&document).is_some() {
            return true;
        }
        if self.bodies.load(&document) {
            self.load(document);
        }
        false
    }

    fn find(&mut self, query: &Query, id: &CardId) -> Option<Ranked> {
        let document = body_id(&self.options.board, id);
        let mut text = None;
        if let Some(Opened { kind: Kind::Body(body), .. }) = self.opened.get(&document) {
            let now = body.text();
            if !body.has_unwritten() {
                // it may leave memory before the next search
                self.texts.keep(&document, &now);
            }
            text = Some(now);
        }
        let (board, talk) = (self.board()?, self.talk()?);
        let body = text.as_deref().or_else(|| self.texts.get(&document));
        query.find((board, talk), board.card(id)?, body.unwrap_or_default())
    }
}
