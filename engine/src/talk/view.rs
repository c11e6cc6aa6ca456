//! The talk as plain values: what everyone reads, changed by deltas alone, so that whoever replays them has the same.

use warroom_protocol::sorted::{SortedMap, sort_by};

use super::comment::{Comment, Seen, Votes};
use crate::delta::Delta;
use crate::ids::{CardId, CommentId, UserId};

/// The materialised talk. Reading it never touches the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Talk {
    /// Each list by (moment, id).
    comments: SortedMap<CardId, Vec<Comment>>,
    /// Where each comment is in `comments`: on which card, and its moment.
    places: SortedMap<CommentId, (CardId, i64)>,
    votes: SortedMap<CardId, Vec<UserId>>,
    seen: SortedMap<(UserId, Option<CardId>), i64>,
    read_only: bool,
}

impl Talk {
    /// The comments on a card, newest last, deleted ones included.
    pub fn comments(&self, card: &CardId) -> &[Comment] {
        self.comments.get(card).map(Vec::as_slice).unwrap_or_default()
    }

    /// One comment, deleted or not.
    pub fn comment(&self, id: &CommentId) -> Option<&Comment> {
        let (card, at) = self.places.get(id)?;
        let list = self.comments.get(card)?;
        list.get(find(list, *at, id).ok()?)
    }

    /// Every comment, deleted ones included, in the order of their ids.
    pub fn all_comments(&self) -> impl Iterator<Item = &Comment> {
        self.places.keys().filter_map(|id| self.comment(id))
    }

    /// When the newest comment on a card was written, of those that were not written after `moment`.
    pub(crate) fn newest(&self, card: &CardId, moment: i64) -> Option<i64> {
        let mut moments = self.comments(card).iter().rev().map(|comment| comment.created.at);
        moments.find(|at| *at <= moment)
    }

    /// How many comments on a card are not deleted.
    pub fn comment_count(&self, card: &CardId) -> usize {
        self.comments(card).iter().filter(|comment| !comment.deleted).count()
    }

    /// Who voted for a card, in the order of their ids.
    pub fn votes(&self, card: &CardId) -> &[UserId] {
        self.votes.get(card).map(Vec::as_slice).unwrap_or_default()
    }

    /// How far a person has read on a card, or of the board ([`Seen::at`]).
    pub fn seen(&self, person: &UserId, card: Option<&CardId>) -> Option<i64> {
        self.seen.get(&(person.clone(), card.cloned())).copied()
    }

    /// How many comments of others on a card are not deleted and newer than the person's read marker.
    pub fn unread(&self, card: &CardId, person: &UserId) -> usize {
        let seen = self.seen(person, Some(card));
        let newer = self.comments(card).iter().rev();
        let newer = newer.take_while(|comment| seen.is_none_or(|seen| comment.created.at > seen));
        newer.filter(|comment| !comment.deleted && comment.created.by != *person).count()
    }

    /// The document is of a newer major schema and can only be read.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The whole talk as one delta.
    pub fn to_reset(&self) -> Delta {
        let votes = self.votes.iter();
        let seen = self.seen.iter();
        Delta::TalkReset {
            comments: self.all_comments().cloned().collect(),
            votes: votes.map(|(card, by)| Votes { card: card.clone(), by: by.clone() }).collect(),
            seen: seen
                .map(|((by, card), at)| Seen { by: by.clone(), card: card.clone(), at: *at })
                .collect(),
            read_only: self.read_only,
        }
    }

    /// Takes in one delta. Those of the board change nothing.
    pub fn apply(&mut self, delta: &Delta) {
        match delta {
            Delta::TalkReset { comments, votes, seen, read_only } => {
                *self = Self { read_only: *read_only, ..Self::default() };
                for comment in comments {
                    let place = (comment.card.clone(), comment.created.at);
                    self.places.insert(comment.id.clone(), place);
                    self.comments.get_or_default(comment.card.clone()).push(comment.clone());
                }
                for list in self.comments.values_mut() {
                    sort_by(list, |a, b| (a.created.at, &a.id).cmp(&(b.created.at, &b.id)));
                }
                for votes in votes {
                    self.put_votes(votes);
                }
                for seen in seen {
                    self.put_seen(seen);
                }
            }
            Delta::CommentPut { comment } => self.put_comment(comment),
            Delta::VotesPut { votes } => self.put_votes(votes),
            Delta::SeenPut { seen } => self.put_seen(seen),
            Delta::Reset { .. }
            | Delta::RoomRenamed { .. }
            | Delta::ColumnPut { .. }
            | Delta::CardPut { .. }
            | Delta::LabelPut { .. }
            | Delta::PersonPut { .. }
            | Delta::TextProjected { .. }
            | Delta::TextOpened { .. }
            | Delta::TextSpliced { .. }
            | Delta::RestoreSkipped { .. }
            | Delta::UndoSkipped { .. } => {}
        }
    }

    fn put_comment(&mut self, comment: &Comment) {
        let place = (comment.card.clone(), comment.created.at);
        if let Some((card, at)) = self.places.insert(comment.id.clone(), place)
            && let Some(list) = self.comments.get_mut(&card)
        {
            if let Ok(index) = find(list, at, &comment.id) {
                list.remove(index);
            }
            if list.is_empty() {
                self.comments.remove(&card);
            }
        }
        let list = self.comments.get_or_default(comment.card.clone());
        let index = find(list, comment.created.at, &comment.id).unwrap_or_else(|index| index);
        list.insert(index, comment.clone());
    }

    fn put_votes(&mut self, votes: &Votes) {
        if votes.by.is_empty() {
            self.votes.remove(&votes.card);
        } else {
            self.votes.insert(votes.card.clone(), votes.by.clone());
        }
    }

    fn put_seen(&mut self, seen: &Seen) {
        self.seen.insert((seen.by.clone(), seen.card.clone()), seen.at);
    }
}

/// Where a comment is in a list, or would be.
fn find(list: &[Comment], at: i64, id: &CommentId) -> Result<usize, usize> {
    list.binary_search_by(|other| (other.created.at, &other.id).cmp(&(at, id)))
}
