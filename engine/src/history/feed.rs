//! The list of what happened, a page at a time, newest first: of a board, or of one card with its body.

use std::collections::VecDeque;

use automerge::{Author, ChangeHash};

use super::activity::{Action, Activity, ActivityPage, Cursor};
use super::change_id::ChangeId;
use super::describe::{Did, Step, describe};
use super::grouping::Entries;
use super::moment::Dated;
use super::said::Said;
use super::timeline::{Node, Place};
use super::touched::{Reader, Touched};
use crate::board::schema::CARDS;
use crate::board::{BoardDocument, Source, read};
use crate::body::BodyDocument;
use crate::ids::{CardId, CommentId, UserId};
use crate::limits::{ACTIVITY_PAGE_MAX, ACTIVITY_SCAN_MAX};
use crate::talk::TalkDocument;

/// How many changes are read at once.
const WINDOW: usize = 64;

impl BoardDocument {
    /// What happened on the board before `before` (or until now), newest first: `limit` entries (1 to
    /// [`ACTIVITY_PAGE_MAX`]) where there are as many, and the rest of those that the last change is told as. What was
    /// typed in bodies is told by the board's trace of it.
    pub fn activity(&mut self, before: Option<Cursor>, limit: usize) -> ActivityPage {
        let board = self.document_mut().dated();
        page(&Sources { board, card: None, body: None, talk: None }, before, limit)
    }

    /// What happened to one card, as [`Self::activity`]; with what was typed in its body, where that is given.
    pub fn card_activity(
        &mut self,
        card: &CardId,
        body: Option<&mut BodyDocument>,
        before: Option<Cursor>,
        limit: usize,
    ) -> ActivityPage {
        let board = self.document_mut().dated();
        let body = body.map(|body| body.document_mut().dated());
        page(&Sources { board, card: Some(card), body, talk: None }, before, limit)
    }

    /// As [`Self::activity`], or [`Self::card_activity`] where a card is given, with what was said.
    pub(crate) fn activity_with_talk(
        &mut self,
        (card, body): (Option<&CardId>, Option<&mut BodyDocument>),
        talk: &mut TalkDocument,
        before: Option<Cursor>,
        limit: usize,
    ) -> ActivityPage {
        let board = self.document_mut().dated();
        let body = body.map(|body| body.document_mut().dated());
        let said = talk.said(card);
        page(&Sources { board, card, body, talk: Some(&said) }, before, limit)
    }
}

/// Where the entries come from.
struct Sources<'a> {
    board: Dated<'a>,
    /// Of this card alone.
    card: Option<&'a CardId>,
    body: Option<Dated<'a>>,
    /// What was said about the card, or about all.
    talk: Option<&'a Said<'a>>,
}

/// A change that is looked at.
enum Looked<'a> {
    Board(&'a Node, Touched),
    Body(&'a Node),
    /// The comments that it made.
    Said(&'a [(Place, CommentId)]),
}

fn page(from: &Sources<'_>, before: Option<Cursor>, limit: usize) -> ActivityPage {
    let limit = limit.clamp(1, ACTIVITY_PAGE_MAX);
    let mut entries = Entries::default();
    let mut next = None;
    let mut changes = Changes::new(from, before.map(|before| before.0));
    for _ in 0..ACTIVITY_SCAN_MAX {
        let Some((place, looked)) = changes.next() else {
            return ActivityPage { entries: entries.take(), next: None };
        };
        let found = match looked {
            Looked::Body(node) => vec![of_body(from, node)],
            Looked::Board(node, touched) => of_board(from, node, &touched),
            Looked::Said(made) => from.talk.map(|talk| talk.told(made)).unwrap_or_default(),
        };
        let is_full = entries.len() >= limit;
        if is_full && !found.iter().all(|entry| entries.absorbs(entry)) {
            return ActivityPage { entries: entries.take(), next };
        }
        for entry in found {
            entries.add(entry);
        }
        next = Some(Cursor(place));
    }
    ActivityPage { entries: entries.take(), next }
}

/// The changes of a board and a body, with what those of the board touched, and what was said; newest first.
struct Changes<'a> {
    board: Box<dyn Iterator<Item = (Place, &'a Node)> + 'a>,
    body: Box<dyn Iterator<Item = (Place, &'a Node)> + 'a>,
    window: VecDeque<(Place, &'a Node, Touched)>,
    next_of_body: Option<(Place, &'a Node)>,
    /// Newest last.
    said: &'a [(Place, CommentId)],
    reader: Reader<'a>,
    card: Option<&'a CardId>,
}

impl<'a> Changes<'a> {
    fn new(from: &Sources<'a>, before: Option<Place>) -> Self {
        let Sources { board, card, body, talk } = *from;
        let first = board.first;
        // nothing happened to a card before it was made
        let made = card.and_then(|card| made_by(board, card));
        let made = made.and_then(|hash| board.timeline.place(&hash));
        let board_changes = board.timeline.newest_before(before);
        let board_changes = board_changes
            .take_while(move |(place, _)| made.is_none_or(|made| *place >= made))
            .filter(move |(_, node)| node.hash != first);
        let body_changes = body.into_iter().flat_map(move |body| {
            let changes = body.timeline.newest_before(before);
            changes.filter(move |(_, node)| node.hash != body.first)
        });
        let mut body: Box<dyn Iterator<Item = (Place, &'a Node)> + 'a> = Box::new(body_changes);
        let next_of_body = body.next();
        let (window, reader) = (VecDeque::new(), Reader::new(board.doc, card));
        let board = Box::new(board_changes);
        let said = talk.map(|talk| talk.before(before)).unwrap_or_default();
        Self { board, body, window, next_of_body, said, reader, card }
    }

    fn next(&mut self) -> Option<(Place, Looked<'a>)> {
        if self.window.is_empty() {
            self.read();
        }
        let of_board = self.window.front().map(|(place, ..)| *place);
        let of_body = self.next_of_body.map(|(place, _)| place);
        if let Some((place, _)) = self.said.last()
            && Some(*place) > of_board.max(of_body)
        {
            let older = self.said.partition_point(|(other, _)| other < place);
            let (older, made) = self.said.split_at_checked(older)?;
            self.said = older;
            return Some((*place, Looked::Said(made)));
        }
        if of_body > of_board {
            let (place, node) = self.next_of_body?;
            self.next_of_body = self.body.next();
            return Some((place, Looked::Body(node)));
        }
        let (place, node, touched) = self.window.pop_front()?;
        Some((place, Looked::Board(node, touched)))
    }

    fn read(&mut self) {
        let window: Vec<(Place, &Node)> = self.board.by_ref().take(WINDOW).collect();
        if window.is_empty() {
            return;
        }
        let hashes: Vec<ChangeHash> = window.iter().map(|(_, node)| node.hash).collect();
        let mut read = self.reader.read(&hashes);
        let is_wanted = |touched: &Touched| self.card.is_none_or(|card| touched.has_card(card));
        for (place, node) in window {
            let at = read.iter().position(|(hash, _)| *hash == node.hash);
            let touched = at.map(|at| read.swap_remove(at).1).unwrap_or_default();
            self.window.push_back((
                place,
                node,
                if is_wanted(&touched) { touched } else { Touched::default() },
            ));
        }
    }
}

/// The change that made a card.
fn made_by(board: Dated<'_>, card: &CardId) -> Option<ChangeHash> {
    let doc = Source::from(board.doc);
    let cards = read::map_at(doc, &automerge::ROOT, CARDS)?;
    board.doc.hash_for_opid(&read::map_at(doc, &cards, card.as_str())?)
}

fn of_body(from: &Sources<'_>, node: &Node) -> Activity {
    let meta = from.body.and_then(|body| body.doc.get_change_meta_by_hash(&node.hash));
    let by = meta.and_then(|meta| person(meta.author.as_ref()));
    let characters = u32::try_from(node.operations).unwrap_or(u32::MAX);
    let did =
        Did { card: from.card.cloned(), by, count: 1, what: Action::BodyTyped { characters } };
    entry(node, None, did)
}

fn of_board(from: &Sources<'_>, node: &Node, touched: &Touched) -> Vec<Activity> {
    let doc = from.board.doc;
    let Some(meta) = doc.get_change_meta_by_hash(&node.hash) else { return Vec::new() };
    let after = [node.hash];
    let step = Step { before: Source::at(doc, &meta.deps), after: Source::at(doc, &after) };
    let author = person(meta.author.as_ref());
    let did = describe(step, touched, from.card).into_iter();
    // the body tells it better
    let did = did.filter(|did| from.body.is_none() || did.what != Action::BodyEdited {});
    did.map(|did| entry(node, author.clone(), did)).collect()
}

fn entry(node: &Node, author: Option<UserId>, did: Did) -> Activity {
    let at = node.time.saturating_mul(1_000);
    let Did { card, by, count, what } = did;
    let by = author.or(by).unwrap_or_else(UserId::unknown);
    Activity { id: ChangeId::from(node.hash), at, since: at, by, card, count, what }
}

/// Who signed.
pub(crate) fn person(author: Option<&Author<'_>>) -> Option<UserId> {
    UserId::new(std::str::from_utf8(author?.as_bytes()).ok()?).ok()
}
