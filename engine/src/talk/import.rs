//! Writing what a file says about its cards: few changes, and a part of the import's one step to undo.

use warroom_protocol::Timestamp;

use super::comment::Comment;
use super::document::TalkDocument;
use super::hints::TalkHints;
use crate::board::schema::{COMMENTS, PERSON_SEPARATOR, VOTES, operations, whole_comment};
use crate::error::CommandError;
use crate::ids::{CardId, CommentId, UserId};
use crate::import::{FilePlace, ImportError};
use crate::limits::IMPORT_OPS_TOTAL_MAX;
use crate::plan::{Step, create};
use crate::undo::{Belongs, Register};
use crate::write::Writer as _;

/// What a file says about a card that it brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedTalk {
    /// The card, as it is called here.
    pub card: CardId,
    /// Comments, in any order. Which card they name counts for nothing.
    pub comments: Vec<Comment>,
    /// Who voted for it.
    pub votes: Vec<UserId>,
}

/// What an import is going to write into the talk.
#[derive(Debug)]
pub(crate) struct TalkPlan {
    /// Each with how many operations it is.
    steps: Vec<(usize, Step)>,
    hints: TalkHints,
    /// The cards that something is said about.
    cards: Vec<CardId>,
}

#[cfg(test)]
impl TalkPlan {
    /// As if automerge refused it.
    pub(crate) fn spoil(&mut self) {
        let obj = automerge::ObjId::Id(1, automerge::ActorId::from([7; 16]), 0);
        self.steps.push((1, Step::Put { obj, key: String::new(), value: Register::Now }));
    }
}

impl TalkDocument {
    /// Writes what a file says about cards that are new. Comments whose ids are taken get others; whoever imports has seen
    /// all of it.
    ///
    /// # Errors
    /// [`ImportError`]: nothing was changed.
    pub fn import(&mut self, now: Timestamp, said: Vec<ImportedTalk>) -> Result<(), ImportError> {
        let plan = self.plan_import(said)?;
        Ok(self.carry_out(now, plan, Belongs::Alone)?)
    }

    /// Works out what is going to be written.
    ///
    /// # Errors
    /// As [`Self::import`].
    pub(crate) fn plan_import(&mut self, said: Vec<ImportedTalk>) -> Result<TalkPlan, ImportError> {
        self.check_writable()?;
        let (comments, votes) = (self.container(COMMENTS)?, self.container(VOTES)?);
        let mut plan =
            TalkPlan { steps: Vec::new(), hints: TalkHints::default(), cards: Vec::new() };
        for ImportedTalk { card, comments: new, votes: by } in said {
            for mut comment in new {
                if self.document().is_taken(&comments, comment.id.as_str()) {
                    comment.id = CommentId::random(self.document_mut().dice());
                }
                let value = whole_comment(&card, &comment);
                let step =
                    (operations(&value), create(comments.clone(), comment.id.as_str(), value));
                plan.steps.push(step);
                plan.hints.comments.insert(comment.id);
            }
            for person in by {
                let (obj, key) = (votes.clone(), format!("{card}{PERSON_SEPARATOR}{person}"));
                plan.steps.push((1, Step::Put { obj, key, value: Register::Now }));
                plan.hints.votes.insert(card.clone());
            }
            plan.cards.push(card);
        }
        let operations: usize = plan.steps.iter().map(|(operations, _)| operations).sum();
        if operations > IMPORT_OPS_TOTAL_MAX {
            let what = "there are too many comments and reactions for one import".to_owned();
            return Err(ImportError::at(FilePlace::File, (what, "split the file")));
        }
        if plan.steps.len() > self.talk().all_comments().count() {
            plan.hints = TalkHints { all: true, ..TalkHints::default() };
        }
        Ok(plan)
    }

    /// Carries out a plan, with nothing written since it was made.
    ///
    /// # Errors
    /// [`CommandError`]: nothing was changed.
    pub(crate) fn carry_out(
        &mut self,
        now: Timestamp,
        plan: TalkPlan,
        belongs: Belongs,
    ) -> Result<(), CommandError> {
        let TalkPlan { steps, hints, cards } = plan;
        self.write_pieces(now, steps, &hints, belongs)?;
        for card in cards {
            self.mark_seen(now, Some(card));
        }
        Ok(())
    }
}
