//! A board held as a frontend holds it: by applying deltas in order, never by asking the engine.

use std::collections::BTreeMap;

use warroom_engine::{
    Card, CardId, Column, ColumnId, Comment, CommentId, Delta, Label, LabelId, Origin, Person,
    Seen, Splice, Talk, TextTarget, UserId, Votes,
};

use crate::client::Made;

/// An open text as a frontend holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct OpenText {
    /// UTF-16 units.
    pub(crate) units: Vec<u16>,
    /// Remote splices since it was opened.
    pub(crate) seen: u64,
}

/// A board as deltas say it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mirror {
    /// The room's title.
    pub(crate) title: String,
    /// Columns.
    pub(crate) columns: BTreeMap<ColumnId, Column>,
    /// Cards, archived and deleted ones included.
    pub(crate) cards: BTreeMap<CardId, Card>,
    /// Labels.
    pub(crate) labels: BTreeMap<LabelId, Label>,
    /// People.
    pub(crate) people: BTreeMap<UserId, Person>,
    /// Comments.
    pub(crate) comments: BTreeMap<CommentId, Comment>,
    /// Who voted for a card.
    pub(crate) votes: BTreeMap<CardId, Vec<UserId>>,
    /// How far people have read on cards.
    pub(crate) seen: BTreeMap<(UserId, Option<CardId>), i64>,
    /// Open texts.
    pub(crate) texts: BTreeMap<TextTarget, OpenText>,
}

impl Mirror {
    /// Applies one delta.
    pub(crate) fn apply(&mut self, delta: Delta) {
        match delta {
            Delta::Reset { title, columns, cards, labels, people, read_only: _ } => {
                self.title = title;
                self.columns =
                    columns.into_iter().map(|column| (column.id.clone(), column)).collect();
                self.cards = cards.into_iter().map(|card| (card.id.clone(), card)).collect();
                self.labels = labels.into_iter().map(|label| (label.id.clone(), label)).collect();
                self.people =
                    people.into_iter().map(|person| (person.id.clone(), person)).collect();
            }
            Delta::RoomRenamed { title } => self.title = title,
            Delta::ColumnPut { column } => drop(self.columns.insert(column.id.clone(), column)),
            Delta::CardPut { card } => drop(self.cards.insert(card.id.clone(), card)),
            Delta::LabelPut { label } => drop(self.labels.insert(label.id.clone(), label)),
            Delta::PersonPut { person } => drop(self.people.insert(person.id.clone(), person)),
            Delta::TextOpened { text, content } => {
                let units = content.encode_utf16().collect();
                self.texts.insert(text, OpenText { units, seen: 0 });
            }
            Delta::TextSpliced { text, origin, splice } => {
                if let Some(open) = self.texts.get_mut(&text) {
                    open.seen += u64::from(origin == Origin::Remote);
                    apply_splice(&mut open.units, &splice);
                }
            }
            Delta::TalkReset { comments, votes, seen, read_only: _ } => {
                self.comments =
                    comments.into_iter().map(|comment| (comment.id.clone(), comment)).collect();
                self.votes.clear();
                self.seen.clear();
                for votes in votes {
                    self.put_votes(votes);
                }
                for seen in seen {
                    self.put_seen(seen);
                }
            }
            Delta::CommentPut { comment } => {
                drop(self.comments.insert(comment.id.clone(), comment));
            }
            Delta::VotesPut { votes } => self.put_votes(votes),
            Delta::SeenPut { seen } => self.put_seen(seen),
            Delta::TextProjected { .. }
            | Delta::RestoreSkipped { card: _ }
            | Delta::UndoSkipped { card: _ } => {}
        }
    }

    /// Whether it shows this talk.
    pub(crate) fn shows(&self, talk: &Talk) -> bool {
        let mut said = Self::default();
        said.apply(talk.to_reset());
        (&self.comments, &self.votes, &self.seen) == (&said.comments, &said.votes, &said.seen)
    }

    /// Whether this is shown.
    pub(crate) fn has(&self, made: &Made) -> bool {
        match made {
            Made::Card(card) => self.cards.contains_key(card),
            Made::Comment(comment) => self.comments.contains_key(comment),
        }
    }

    fn put_votes(&mut self, votes: Votes) {
        if votes.by.is_empty() {
            self.votes.remove(&votes.card);
        } else {
            self.votes.insert(votes.card, votes.by);
        }
    }

    fn put_seen(&mut self, seen: Seen) {
        self.seen.insert((seen.by, seen.card), seen.at);
    }

    /// What has to be equal for everyone in the end: everything but which texts are open.
    pub(crate) fn shared(&self) -> Self {
        Self { texts: BTreeMap::new(), ..self.clone() }
    }
}

/// Replaces units; a splice outside the text is cut to it, and the comparison in the end shows the damage.
pub(crate) fn apply_splice(units: &mut Vec<u16>, splice: &Splice) {
    let at = usize::try_from(splice.at).unwrap_or(usize::MAX).min(units.len());
    let delete = usize::try_from(splice.delete).unwrap_or(usize::MAX);
    let end = at.saturating_add(delete).min(units.len());
    units.splice(at..end, splice.insert.encode_utf16());
}
