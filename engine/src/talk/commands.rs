//! What each command writes: planned against the view, refused before anything is changed, then one change.

use automerge::{ObjId, ROOT, ScalarValue};
use warroom_protocol::Timestamp;

use super::command::TalkCommand;
use super::comment::{Comment, Seen};
use super::document::TalkDocument;
use super::hints::TalkHints;
use super::read::seen_key;
use crate::board::schema::{
    COMMENTS, EDITED, PERSON_SEPARATOR, REACTIONS, SEEN, TEXT, VOTES, new_comment,
};
use crate::board::{Stamp, map_at};
use crate::error::CommandError;
use crate::ids::{CardId, CommentId};
use crate::limits::{
    CLOCKS_APART_MAX, COMMENT_UNITS_MAX, COMMENTS_MAX, REACTION_UNITS_MAX, VOICES_MAX,
};
use crate::plan::{self, Put, Step, check_units, create, deleted, text};
use crate::undo::Register;

type Plan = plan::Plan<TalkHints>;
type Planned = plan::Planned<TalkHints>;

impl TalkDocument {
    /// Plans a command; read markers are dealt with elsewhere.
    pub(super) fn plan(&self, now: Timestamp, command: TalkCommand) -> Planned {
        match command {
            TalkCommand::AddComment { id, card, text } => self.plan_comment(now, &id, &card, &text),
            TalkCommand::EditComment { id, text } => self.plan_text(&id, &text),
            TalkCommand::DeleteComment { id } => self.plan_deleted("deleteComment", &id, true),
            TalkCommand::RestoreComment { id } => self.plan_deleted("restoreComment", &id, false),
            TalkCommand::React { id, reaction } => self.plan_reaction(&id, Some(&reaction)),
            TalkCommand::Unreact { id } => self.plan_reaction(&id, None),
            TalkCommand::Vote { card } => self.plan_vote(&card, true),
            TalkCommand::Unvote { card } => self.plan_vote(&card, false),
            TalkCommand::MarkSeen { card: _ } => Ok(None),
        }
    }

    /// A container of the root.
    pub(super) fn container(&self, key: &str) -> Result<ObjId, CommandError> {
        map_at(self.source(), &ROOT, key)
            .ok_or_else(|| CommandError::Refused(format!("the talk has no {key}")))
    }

    fn comment(&self, id: &CommentId) -> Result<(ObjId, &Comment), CommandError> {
        let comments = self.container(COMMENTS)?;
        let obj = map_at(self.source(), &comments, id.as_str());
        obj.zip(self.talk().comment(id)).ok_or(CommandError::UnknownPart)
    }

    fn plan_comment(&self, now: Timestamp, id: &CommentId, card: &CardId, text: &str) -> Planned {
        check_units(text, COMMENT_UNITS_MAX)?;
        let comments = self.container(COMMENTS)?;
        if self.document().is_taken(&comments, id.as_str()) {
            return Err(CommandError::IdTaken);
        }
        if self.talk().comments(card).len() >= COMMENTS_MAX {
            return Err(CommandError::TooMany { count_max: COMMENTS_MAX });
        }
        let new = new_comment(card, text, &self.stamp_of_comment(now, card));
        Ok(Some(Plan {
            kind: "comment",
            card: Some(card.clone()),
            steps: vec![create(comments, id.as_str(), new)],
            hints: TalkHints::of_comment(id),
            is_undoable: true,
        }))
    }

    /// An answer is never dated before what it answers, and is newer than what its readers have seen: where a clock of
    /// somebody else is ahead, the moment is the next after theirs. A clock that is far ahead is wrong, and not followed.
    fn stamp_of_comment(&self, now: Timestamp, card: &CardId) -> Stamp {
        let mut stamp = Stamp::new(now, self.person());
        let newest = self.talk().newest(card, moment_ahead(now)).unwrap_or(0);
        stamp.at = stamp.at.max(newest + 1);
        stamp
    }

    fn plan_text(&self, id: &CommentId, content: &str) -> Planned {
        check_units(content, COMMENT_UNITS_MAX)?;
        let (obj, comment) = self.comment(id)?;
        if comment.created.by != *self.person() {
            return Err(CommandError::NotYours);
        }
        if comment.text == content {
            return Ok(None);
        }
        let mut plan =
            of_comment(comment, "editComment", Put::new(obj.clone(), TEXT, text(content)));
        let edited = Step::Put { obj, key: EDITED.to_owned(), value: Register::Now };
        plan.steps.push(edited);
        Ok(Some(plan))
    }

    fn plan_deleted(&self, kind: &'static str, id: &CommentId, gone: bool) -> Planned {
        let (obj, comment) = self.comment(id)?;
        let put = deleted(obj, comment.deleted, gone);
        Ok(put.map(|put| of_comment(comment, kind, put)))
    }

    fn plan_reaction(&self, id: &CommentId, reaction: Option<&str>) -> Planned {
        if reaction.is_some_and(str::is_empty) {
            return Err(CommandError::Refused("a reaction is at least one character".to_owned()));
        }
        check_units(reaction.unwrap_or_default(), REACTION_UNITS_MAX)?;
        let (obj, comment) = self.comment(id)?;
        let mine = comment.reactions.iter().find(|reaction| reaction.by == *self.person());
        if mine.map(|mine| mine.reaction.as_str()) == reaction {
            return Ok(None);
        }
        if mine.is_none() && comment.reactions.len() >= VOICES_MAX {
            return Err(CommandError::TooMany { count_max: VOICES_MAX });
        }
        let reactions = map_at(self.source(), &obj, REACTIONS)
            .ok_or_else(|| CommandError::Refused("the comment has no reactions".to_owned()))?;
        let value = reaction.map_or(Register::Absent, text);
        let put = Put::new(reactions, self.person().as_str(), value);
        let kind = if reaction.is_some() { "react" } else { "unreact" };
        Ok(Some(of_comment(comment, kind, put)))
    }

    /// As all sets: each vote is an operation of its own, and taking it back deletes those that were seen.
    fn plan_vote(&self, card: &CardId, wanted: bool) -> Planned {
        let votes = self.talk().votes(card);
        if votes.contains(self.person()) == wanted {
            return Ok(None);
        }
        if wanted && votes.len() >= VOICES_MAX {
            return Err(CommandError::TooMany { count_max: VOICES_MAX });
        }
        let key = format!("{card}{PERSON_SEPARATOR}{}", self.person());
        let value = if wanted { Register::Now } else { Register::Absent };
        let put = Put::new(self.container(VOTES)?, &key, value);
        let kind = if wanted { "vote" } else { "unvote" };
        Ok(Some(put.plan(kind, Some(card), TalkHints::of_votes(card))))
    }

    /// Plans the writing of read markers, without those that another device of the person has gone beyond.
    pub(super) fn plan_seen(&self, markers: &[Seen]) -> Planned {
        let seen = self.container(SEEN)?;
        let mut hints = TalkHints::default();
        let newest = markers
            .iter()
            .filter(|marker| self.talk().seen(&marker.by, marker.card.as_ref()) == Some(marker.at));
        let steps = newest.map(|marker| {
            let key = seen_key(&marker.by, marker.card.as_ref());
            hints.seen.insert(key.clone());
            let value = Register::Scalar(ScalarValue::Int(marker.at));
            Step::Put { obj: seen.clone(), key, value }
        });
        let steps: Vec<Step> = steps.collect();
        let is_any = !steps.is_empty();
        Ok(is_any.then_some(Plan { kind: "seen", card: None, steps, hints, is_undoable: false }))
    }
}

/// The last moment that the clock of somebody else may show.
pub(super) fn moment_ahead(now: Timestamp) -> i64 {
    i64::try_from((now + CLOCKS_APART_MAX).0).unwrap_or(i64::MAX)
}

fn of_comment(comment: &Comment, kind: &'static str, put: Put) -> Plan {
    put.plan(kind, Some(&comment.card), TalkHints::of_comment(&comment.id))
}
