//! Time travel: a document as it was, read by the same code as it is now.

use automerge::{Automerge, ChangeHash, ROOT};
use serde::{Deserialize, Serialize};
use warroom_protocol::Timestamp;

use super::change_id::ChangeId;
use super::timeline::Timeline;
use crate::board::schema::{CARDS, TEXT};
use crate::board::{Board, BoardDocument, Card, Source, build, read};
use crate::body::BodyDocument;
use crate::ids::CardId;

/// A moment in the life of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Moment {
    /// A time by the clocks: with every change that was made by then and whose ancestors were too.
    Time {
        /// Milliseconds since 1970. Changes say their time in seconds.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        at: u64,
    },
    /// Just after these changes, with everything that they build on and nothing else: the id of an entry of the
    /// activity, or the heads that somebody saw last.
    Heads {
        /// Which changes.
        heads: Vec<ChangeId>,
    },
}

/// A card as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PastCard {
    /// Its face; none where it was not there yet.
    pub card: Option<Card>,
    /// What its body said.
    pub body: String,
}

/// A document and what is known of its changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dated<'a> {
    pub(crate) doc: &'a Automerge,
    pub(crate) timeline: &'a Timeline,
    /// The first change, which is the same on every replica and nobody's.
    pub(crate) first: ChangeHash,
}

impl Dated<'_> {
    /// The heads at a moment. Where it is named by changes of another document only, it is the time of those.
    pub(crate) fn heads_at(
        self,
        now: Timestamp,
        moment: &Moment,
        other: Option<Self>,
    ) -> Option<Vec<ChangeHash>> {
        match moment {
            Moment::Time { at } => Some(self.timeline.heads_at(seconds(now.0), seconds(*at))),
            Moment::Heads { heads } => {
                let heads: Vec<ChangeHash> = heads.iter().map(|head| ChangeHash(head.0)).collect();
                let (own, foreign): (Vec<ChangeHash>, Vec<ChangeHash>) =
                    heads.into_iter().partition(|head| self.timeline.has(head));
                if foreign.is_empty() {
                    return Some(own);
                }
                let other = other?;
                if !foreign.iter().all(|head| other.timeline.has(head)) {
                    return None;
                }
                if !own.is_empty() {
                    return Some(own);
                }
                let time = other.timeline.time_of(&foreign)?;
                Some(self.timeline.heads_at(seconds(now.0).max(time), time))
            }
        }
    }
}

/// Milliseconds as automerge counts: seconds.
fn seconds(ms: u64) -> i64 {
    i64::try_from(ms / 1_000).unwrap_or(i64::MAX)
}

/// The board with these heads.
pub(crate) fn board_with(doc: &Automerge, heads: &[ChangeHash]) -> Board {
    build(Source::at(doc, heads))
}

/// A card with these heads; none where it was not there.
pub(crate) fn card_with(doc: Source<'_>, id: &CardId) -> Option<Card> {
    let cards = read::map_at(doc, &ROOT, CARDS)?;
    let obj = read::map_at(doc, &cards, id.as_str())?;
    Some(read::card(doc, id, &obj))
}

/// What a body says.
pub(crate) fn body_with(doc: Source<'_>) -> Option<String> {
    doc.text(&read::text_at(doc, &ROOT, TEXT)?)
}

impl BoardDocument {
    /// The board as it was at a moment; what is typed and not written out yet is in none. None when the moment names a
    /// change that is not here.
    pub fn board_at(&mut self, now: Timestamp, moment: &Moment) -> Option<Board> {
        let dated = self.document_mut().dated();
        let heads = dated.heads_at(now, moment, None)?;
        Some(board_with(dated.doc, &heads))
    }

    /// A card as it was at a moment, with its body where that is given. None when the moment names a change that is in
    /// neither.
    pub fn card_at(
        &mut self,
        now: Timestamp,
        id: &CardId,
        moment: &Moment,
        body: Option<&mut BodyDocument>,
    ) -> Option<PastCard> {
        let (board, body) =
            (self.document_mut().dated(), body.map(|body| body.document_mut().dated()));
        let heads = board.heads_at(now, moment, body)?;
        let card = card_with(Source::at(board.doc, &heads), id);
        let body = match body {
            Some(body) => {
                let heads = body.heads_at(now, moment, Some(board))?;
                body_with(Source::at(body.doc, &heads)).unwrap_or_default()
            }
            None => String::new(),
        };
        Some(PastCard { card, body })
    }
}
