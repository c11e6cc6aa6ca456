//! What was said, among what happened in the room.

use std::borrow::Cow;

use automerge::{Automerge, ROOT};
use warroom_protocol::sorted::sort_by;

use super::activity::{Action, Activity};
use super::feed::person;
use super::moment::Dated;
use super::timeline::Place;
use crate::board::read;
use crate::board::schema::COMMENTS;
use crate::ids::{CardId, CommentId};
use crate::talk::Talk;

/// All comments with their places; about 100 bytes each. Brought up to date when it is asked: only those that are new are
/// looked for in the document.
#[derive(Debug, Default)]
pub(crate) struct Placed {
    /// Each at the place of the change that made it, in the order of these, then of the ids.
    list: Vec<(Place, CommentId)>,
    /// What is not in the list yet; none where that is everything.
    new: Option<Vec<CommentId>>,
}

impl Placed {
    /// A comment was made.
    pub(crate) fn handle_new(&mut self, comment: &CommentId) {
        if let Some(new) = &mut self.new {
            new.push(comment.clone());
        }
    }

    /// Everything may be another.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What was said about a card, or about all.
    pub(crate) fn said<'a>(
        &'a mut self,
        talk: &'a Talk,
        dated: Dated<'a>,
        card: Option<&CardId>,
    ) -> Said<'a> {
        let placed = if let Some(card) = card {
            let comments = talk.comments(card).iter().map(|comment| comment.id.clone());
            let mut placed = place(dated, comments.collect());
            sort_by(&mut placed, Ord::cmp);
            Cow::Owned(placed)
        } else {
            let all = || talk.all_comments().map(|comment| comment.id.clone()).collect();
            let new = self.new.take().unwrap_or_else(all);
            if !new.is_empty() {
                self.list.extend(place(dated, new));
                sort_by(&mut self.list, Ord::cmp);
            }
            self.new = Some(Vec::new());
            Cow::Borrowed(self.list.as_slice())
        };
        Said { talk, doc: dated.doc, placed }
    }
}

/// These comments with the places of the changes that made them.
fn place(dated: Dated<'_>, comments: Vec<CommentId>) -> Vec<(Place, CommentId)> {
    let Dated { doc, timeline, first: _ } = dated;
    let Some(map) = read::map_at(doc.into(), &ROOT, COMMENTS) else { return Vec::new() };
    let placed = comments.into_iter().filter_map(|comment| {
        let made = read::map_at(doc.into(), &map, comment.as_str())?;
        Some((timeline.place(&doc.hash_for_opid(&made)?)?, comment))
    });
    placed.collect()
}

/// Comments, in the order of the places of the changes that made them, and where they are read.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    talk: &'a Talk,
    doc: &'a Automerge,
    placed: Cow<'a, [(Place, CommentId)]>,
}

impl Said<'_> {
    /// Those that were made before `before`, newest last.
    pub(super) fn before(&self, before: Option<Place>) -> &[(Place, CommentId)] {
        let end = before.map_or(self.placed.len(), |before| {
            self.placed.partition_point(|(place, _)| *place < before)
        });
        self.placed.get(..end).unwrap_or_default()
    }

    /// What these comments are told as.
    pub(super) fn told(&self, comments: &[(Place, CommentId)]) -> Vec<Activity> {
        let told = comments.iter().filter_map(|(place, id)| {
            let comment = self.talk.comment(id)?;
            let meta = self.doc.get_change_meta_by_hash(&place.hash)?;
            let at = meta.timestamp.saturating_mul(1_000);
            let by = person(meta.author.as_ref()).unwrap_or_else(|| comment.created.by.clone());
            let (card, what) =
                (Some(comment.card.clone()), Action::Commented { comment: id.clone() });
            Some(Activity { id: place.hash.into(), at, since: at, by, card, count: 1, what })
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use warroom_protocol::{Seed, Timestamp};

    use super::*;
    use crate::ids::UserId;
    use crate::output::Chunk;
    use crate::talk::{TalkCommand, TalkDocument};

    fn open(chunks: Vec<Chunk>) -> TalkDocument {
        TalkDocument::open(UserId::new("adam").unwrap(), Seed([1; 32]), chunks).0
    }

    fn say(talk: &mut TalkDocument, id: &str) {
        let (id, card) = (CommentId::new(id).unwrap(), CardId::new("x").unwrap());
        let command = TalkCommand::AddComment { id, card, text: "hello".to_owned() };
        talk.apply_command(Timestamp(1_000), command).unwrap();
    }

    #[test]
    fn a_comment_is_placed_once_and_where_a_document_that_is_read_anew_places_it() {
        let mut talk = open(Vec::new());
        let mut chunks = Vec::new();
        for (ids, new) in [(&["d", "b"][..], None), (&["a", "c"], Some(2)), (&[], Some(0))] {
            for id in ids {
                say(&mut talk, id);
            }
            assert_eq!(talk.placed().new.as_ref().map(Vec::len), new, "only these are placed");
            chunks.extend(talk.take_new_chunk());
            let placed = talk.said(None).placed.to_vec();
            assert_eq!(placed, *open(chunks.clone()).said(None).placed);
            assert_eq!(placed, *talk.said(Some(&CardId::new("x").unwrap())).placed);
        }
        assert_eq!(talk.said(None).placed.len(), 4);
    }
}
